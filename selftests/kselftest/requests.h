/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A valid request of every command of the family, in parts that can be left
 * out or changed one at a time
 */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "kvcnl.h"
#include "kvctest.h"

enum part_kind {
	PART_U32,
	PART_U64,
	PART_STR,
	PART_BIN,
	PART_FLAG,
};

struct part {
	int nest;		/* 0: not in one */
	int type;
	enum part_kind kind;
	bool needed;
	__u64 value;
	const char *text;
};

#define REQUEST_PARTS	5

struct request {
	const char *name;
	__u8 cmd;
	bool dump;
	bool admin;		/* needs the capability */
	bool owner;		/* or to be the cache's owner */
	struct part part[REQUEST_PARTS];
};

#define REQUESTS	23

extern const struct request requests[REQUESTS];

/* One part to be written otherwise; -1: none. */
struct change {
	int leave_out;		/* a part */
	int leave_out_nest;	/* and all others of its nest */
	int other;		/* a part that gets these bytes */
	int add_nest;		/* or an attribute that does, */
	int add_type;		/* instead of a part of its type */
	const void *data;
	__u32 len;
	bool extra_in_nest;	/* an attribute of an unknown type */
	bool extra_at_end;
};

extern const struct change change_none;

int request_parts(const struct request *r);
bool request_has_nest(const struct request *r);
/*
 * Begins, writes and gives back where the changed or extra attribute is in the
 * message.
 */
__u32 request_build(struct kvcnl_msg *m, struct kvcnl *nl,
		    const struct request *r, const struct change *change);
/* What the requests are about: a cache, a ring with nodes; -errno. */
int request_world(struct kvcnl *nl);

#endif /* REQUESTS_H */
