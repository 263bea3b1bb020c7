/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A socket in a network namespace without rings
 */
#ifndef RINGFIXTURE_H
#define RINGFIXTURE_H

#include <stdlib.h>

#include "harness.h"
#include "ringctl.h"

#define RING	"r"
#define LONG	(1ull << 50)

FIXTURE(rings) {
	struct kvcnl nl;
	struct ring_steps *steps;
};

FIXTURE_SETUP(rings)
{
	ASSERT_EQ(0, kvc_fresh_netns());
	ASSERT_EQ(0, kvcnl_open(&self->nl));
	self->steps = calloc(1, sizeof(*self->steps));
	ASSERT_NE(NULL, self->steps);
}

FIXTURE_TEARDOWN(rings)
{
	kvcnl_close(&self->nl);
	free(self->steps);
}

static inline void read_ring(void *arg, const struct nlmsghdr *nlh)
{
	const struct nlattr *nest = kvcnl_attr(nlh, KVC_A_RING);
	__u64 *value = arg;
	const struct nlattr *a;
	int attr;

	for (attr = 0; attr <= KVC_A_RING_MAX; attr++) {
		a = kvcnl_in(nest, attr);
		value[attr] = a && kvcnl_len(a) == 8 ? kvcnl_u64(a) :
						       kvcnl_u32(a);
	}
}

/* A ring's numbers by KVC_A_RING_* */
static inline int get(struct kvcnl *nl, const char *ring, __u64 *value)
{
	struct kvcnl_msg m;

	ring_begin(&m, nl, KVC_CMD_RING_GET, ring);
	return kvcnl_call(nl, &m, read_ring, value);
}

#endif
