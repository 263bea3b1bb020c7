/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A world in which the valid requests of requests.h succeed
 */
#ifndef GENLFIXTURE_H
#define GENLFIXTURE_H

#include "harness.h"
#include "requests.h"

FIXTURE(genl) {
	struct kvcnl nl;
};

FIXTURE_SETUP(genl)
{
	ASSERT_EQ(0, kvc_fresh_netns());
	ASSERT_EQ(0, kvcnl_open(&self->nl));
	ASSERT_EQ(0, request_world(&self->nl));
}

FIXTURE_TEARDOWN(genl)
{
	kvcnl_close(&self->nl);
}

/* Sends a request with a change; @at gets where that is in the message. */
static inline int try(struct kvcnl *nl, const struct request *r,
		      const struct change *change, __u32 *at)
{
	struct kvcnl_msg m;

	*at = request_build(&m, nl, r, change);
	return kvcnl_call(nl, &m, NULL, NULL);
}

static inline int try_valid(struct kvcnl *nl, const struct request *r)
{
	__u32 at;

	return try(nl, r, &change_none, &at);
}

/* The errors of a dump itself have a text only. */
static inline bool dump(const struct request *r)
{
	return r->dump;
}

#define FOR_EACH(r)	for (r = requests; r < requests + REQUESTS; r++)

#endif
