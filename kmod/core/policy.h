/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_POLICY_H
#define _KVC_POLICY_H

#include <linux/types.h>

struct kvc_entry;
struct kvc_tier;

/* A policy looks at no more entries than this for one victim. */
#define KVC_POLICY_STEPS	128

/**
 * struct kvc_policy_ops - how a cache tier orders its entries
 * @name: as users write it
 * @ref_max: how far readers count visits of an entry
 * @init: allocate what the policy remembers of that many evicted entries; may
 *	sleep, not under the lock; NULL when it remembers nothing
 * @insert: put a new entry into the queues
 * @remove: take an entry out of them
 * @replaced: an entry has taken the place of an older one in its queue; NULL when
 *	the policy does not care
 * @resized: and had another size than that one; likewise
 * @victim: take the entry out that should leave; the tier is not empty.
 *	Bounded by %KVC_POLICY_STEPS.
 * @hit: a reader met the entry; NULL when counting visits is enough.  Costs
 *	every hit the shard lock.
 * @cold: when something has to leave the cache: an entry, still in the tier,
 *	that is not worth being sorted; or NULL.  Bounded likewise.  NULL when
 *	the policy has no opinion.
 * @evicted: an entry of the tier or the memtable is about to leave the cache,
 *	which has so many; NULL when the policy does not care.
 *
 * All others are called under the shard lock, with the tier's counts right before
 * the change.
 */
struct kvc_policy_ops {
	const char *name;
	u8 ref_max;
	int (*init)(struct kvc_tier *t, u32 ghosts);
	void (*insert)(struct kvc_tier *t, struct kvc_entry *e);
	void (*remove)(struct kvc_tier *t, struct kvc_entry *e);
	void (*replaced)(struct kvc_tier *t, struct kvc_entry *old,
			 struct kvc_entry *e);
	void (*resized)(struct kvc_tier *t, const struct kvc_entry *old,
			const struct kvc_entry *e);
	struct kvc_entry *(*victim)(struct kvc_tier *t);
	void (*hit)(struct kvc_tier *t, struct kvc_entry *e);
	struct kvc_entry *(*cold)(struct kvc_tier *t);
	void (*evicted)(struct kvc_tier *t, const struct kvc_entry *e,
			u32 entries);
};

extern const struct kvc_policy_ops kvc_policy_fifo;
extern const struct kvc_policy_ops kvc_policy_lru;
extern const struct kvc_policy_ops kvc_policy_sieve;
extern const struct kvc_policy_ops kvc_policy_s3fifo;

const struct kvc_policy_ops *kvc_policy_lookup(u32 policy);

#endif
