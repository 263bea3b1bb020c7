/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the two halves of the daemon: its connections, and its answers. */
#ifndef SELFTESTS_FAKE_KVCD_IN_H
#define SELFTESTS_FAKE_KVCD_IN_H

#include <kvcache.h>
#include <kvcd_proto.h>

#include "fake_behind.h"
#include "fake_kvcd.h"

/* A connection. */
struct session {
	int file;		/* that came by SCM_RIGHTS */
	struct cache *cache;	/* attached to */
	int mode;
};

/* A request. */
struct wanted {
	struct kvcd_head head;
	unsigned char body[KVCD_REQUEST_MAX];
};

/* The body of an answer. */
struct made {
	int result;
	unsigned char *bytes;
	size_t len;
};

void kvcd_serve(struct session *session, const struct wanted *wanted,
		struct made *made);

/* Makes a mistake in the body. */
void kvcd_spoil(struct made *made, enum kvcd_fault fault);

#endif /* SELFTESTS_FAKE_KVCD_IN_H */
