/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_TIER_H
#define _KVC_TIER_H

#include <linux/list.h>
#include "entry.h"
#include "ghost.h"
#include "policy.h"

/**
 * struct kvc_tier_cursor - the position of a walk through a tier's queues
 * @on: list of the tier's cursors
 * @pos: what to visit next; the head of a queue when that queue is done
 *
 * Policies add and move entries at the front of a queue, and from the small
 * queue to the main one, never back.  A walk from the tail of the small queue
 * to the front of the main one therefore meets every entry that stays in the
 * tier, perhaps twice, if the cursor steps aside when its entry is unlinked.
 */
struct kvc_tier_cursor {
	struct list_head on;
	struct list_head *pos;
};

/**
 * struct kvc_balance - how large s3fifo's small queue should be
 * @share: 64ths of the tier's bytes; may be more than all of them
 * @left: evicted entries, those that never were in the main queue and the
 *	others
 * @back: of these, the ones that came back soon
 */
struct kvc_balance {
	u32 share;
	u32 left[2];
	u32 back[2];
};

/**
 * struct kvc_tier - one shard's part of the unsorted cache tier
 * @ops: the policy
 * @main: its queue, newest first
 * @small: s3fifo's second queue
 * @hand: sieve's position in @main
 * @ghost: s3fifo's memory of what was evicted
 * @balance: and what it learns from that
 * @cursors: of walks in progress
 * @small_bytes: of the entries in @small
 * @bytes: of all entries, by the allocator's real sizes
 * @entries: their number
 *
 * Under the shard lock.
 */
struct kvc_tier {
	const struct kvc_policy_ops *ops;
	struct list_head main;
	struct list_head small;
	struct list_head *hand;
	struct kvc_ghost ghost;
	struct kvc_balance balance;
	struct list_head cursors;
	size_t small_bytes;
	size_t bytes;
	u32 entries;
};

int kvc_tier_init(struct kvc_tier *t, const struct kvc_policy_ops *ops,
		  u32 ghosts);
void kvc_tier_exit(struct kvc_tier *t);
void kvc_tier_insert(struct kvc_tier *t, struct kvc_entry *e);
void kvc_tier_remove(struct kvc_tier *t, struct kvc_entry *e);
void kvc_tier_renew(struct kvc_tier *t, struct kvc_entry *old,
		    struct kvc_entry *e);
void kvc_tier_replace(struct kvc_tier *t, struct kvc_entry *old,
		      struct kvc_entry *e);
struct kvc_entry *kvc_tier_victim(struct kvc_tier *t);
void kvc_tier_hit(struct kvc_tier *t, struct kvc_entry *e);
struct kvc_entry *kvc_tier_cold(struct kvc_tier *t);
void kvc_tier_evicted(struct kvc_tier *t, const struct kvc_entry *e,
		      u32 entries);
struct kvc_entry *kvc_tier_any(struct kvc_tier *t);
void kvc_tier_walk_begin(struct kvc_tier *t, struct kvc_tier_cursor *cursor);
bool kvc_tier_walk(struct kvc_tier *t, struct kvc_tier_cursor *cursor,
		   unsigned int most,
		   void (*visit)(void *arg, struct kvc_entry *e),
		   void *arg);
void kvc_tier_walk_end(struct kvc_tier_cursor *cursor);

/* For policies: how an entry leaves a queue */
void kvc_tier_unlink(struct kvc_tier *t, struct kvc_entry *e);

#endif
