/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_DEFER_H
#define _KVC_DEFER_H

#include "ring.h"

struct kvc_purge_plan;

/**
 * struct kvc_defer_item - a copy of a deferral
 * @seq: for kvc_defer_ack()
 * @expiry: see &struct kvc_deferral
 * @len: bytes of the key; where to go on; 0: from the start
 * @key: the key
 */
struct kvc_defer_item {
	u64 seq;
	u64 expiry;
	u32 len;
	u8 key[KVC_KEY_MAX];
};

/**
 * struct kvc_defer_state - what a node owes
 * @count: deferrals
 * @bytes: that they take
 * @flush: it has to forget everything
 * @flush_seq: for kvc_defer_flushed()
 */
struct kvc_defer_state {
	u32 count;
	u64 bytes;
	bool flush;
	u64 flush_seq;
};

int kvc_defer_add(struct kvc_ring *ring, u32 id, const void *key, u32 len,
		  u64 expiry, u64 now);
int kvc_defer_plan(struct kvc_ring *ring, struct kvc_purge_plan *plan,
		   const void *key, u32 len, u64 expiry, u64 now);
int kvc_defer_next(struct kvc_ring *ring, u32 id, u64 now,
		   struct kvc_defer_item *item);
int kvc_defer_ack(struct kvc_ring *ring, u32 id, const void *key, u32 len,
		  u64 seq);
int kvc_defer_flushed(struct kvc_ring *ring, u32 id, u64 seq);
int kvc_defer_read(struct kvc_ring *ring, u32 id, u64 now,
		   struct kvc_defer_state *state);
void kvc_defer_expire(struct kvc_ring *ring, u32 id, u64 now);

/* For the files of the ring */
bool kvc_defer_owes(const struct kvc_node *n, u64 now);
void kvc_defer_forget(struct kvc_ring *ring, struct kvc_node *n);

#endif
