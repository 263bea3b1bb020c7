/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_PURGE_H
#define _KVC_PURGE_H

#include <uapi/linux/kvcache_netlink.h>
#include "ring.h"

/**
 * struct kvc_purge_query - what is to be purged
 * @hash: of the key, as for routing (P4)
 * @now: the clock
 * @expiry: E: no copy is older than this, in ns
 * @known: the moment up to which the status table is complete
 * @all: do not stop at a node that has long been up
 */
struct kvc_purge_query {
	u32 hash;
	u64 now;
	u64 expiry;
	u64 known;
	bool all;
};

struct kvc_purge_step {
	u32 node;
	u32 action;
};

/**
 * struct kvc_purge_plan - what is to be done, in order
 * @generation: of the table that it was made of
 * @room: how many steps there is room for
 * @count: steps
 * @seen: for the walk: nodes by index
 * @step: the steps
 */
struct kvc_purge_plan {
	u64 generation;
	u32 room;
	u32 count;
	u8 *seen;
	struct kvc_purge_step step[];
};

int kvc_purge_walk(const struct kvc_ring_table *t,
		   const struct kvc_purge_query *q,
		   struct kvc_purge_plan *plan);
struct kvc_purge_plan *kvc_purge_make(struct kvc_ring *ring, u32 hash,
				      u64 expiry, u64 now);
void kvc_purge_free(struct kvc_purge_plan *plan);

#endif
