/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_COUNT_H
#define _KVC_COUNT_H

#include "cache.h"

/* An operation on a key, which hit the tier or not: does it tell of the tier? */
static inline void kvc_count_probe(struct kvc_cache *c, u32 hash, bool hit)
{
	if (likely(!READ_ONCE(c->bypass)) || !kvc_adapt_probes(hash))
		return;
	kvc_counters_inc(c->counters, KVC_COUNT_PROBE);
	if (hit)
		kvc_counters_inc(c->counters, KVC_COUNT_PROBE_HIT);
}

/* This CPU's @n-th operation of a kind is done. */
static inline void kvc_count_tick(struct kvc_cache *c, u64 n)
{
	if (unlikely(!(n % KVC_ADAPT_TICK)))
		kvc_adapt_tick(c);
}

/**
 * kvc_count_hit - kvc_cache_count_get() of a pair, without a call if it can be
 * @c: the cache
 * @hash: of the key
 * @e: the entry
 *
 * Context: under rcu_read_lock().
 */
static inline void kvc_count_hit(struct kvc_cache *c, u32 hash,
				 struct kvc_entry *e)
{
	const struct kvc_policy_ops *policy = c->policy;

	if (unlikely(kvc_entry_place(e) != KVC_ENTRY_TIER || policy->hit)) {
		kvc_cache_count_get(c, hash, e);
		return;
	}
	kvc_entry_visit(e, policy->ref_max);
	kvc_count_probe(c, hash, true);
	kvc_count_tick(c, kvc_counters_next(c->counters, KVC_COUNT_HIT_TIER));
}

#endif
