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

/* This CPU's count of the operations of a kind has grown by @n, to @count. */
static inline void kvc_count_ticks(struct kvc_cache *c, u64 count, u32 n)
{
	if (unlikely(count % KVC_ADAPT_TICK < n))
		kvc_adapt_tick(c);
}

/* This CPU's @n-th operation of a kind is done. */
static inline void kvc_count_tick(struct kvc_cache *c, u64 n)
{
	kvc_count_ticks(c, n, 1);
}

/**
 * struct kvc_count - GETs that are counted together
 * @cache: of what
 * @policy: its
 * @hits: in the tier
 */
struct kvc_count {
	struct kvc_cache *cache;
	const struct kvc_policy_ops *policy;
	u32 hits;
};

/**
 * kvc_count_begin - GETs are to be counted
 * @c: of what
 *
 * Return: for kvc_count_hit() and kvc_count_end().
 */
static inline struct kvc_count kvc_count_begin(struct kvc_cache *c)
{
	return (struct kvc_count){ .cache = c, .policy = c->policy };
}

/**
 * kvc_count_hit - kvc_cache_count_get() of a pair, without a call if it can be
 * @count: from kvc_count_begin(); complete with kvc_count_end()
 * @hash: of the key
 * @e: the entry
 *
 * Context: under rcu_read_lock().
 */
static inline void kvc_count_hit(struct kvc_count *count, u32 hash,
				 struct kvc_entry *e)
{
	if (unlikely(kvc_entry_place(e) != KVC_ENTRY_TIER ||
		     count->policy->hit)) {
		kvc_cache_count_get(count->cache, hash, e);
		return;
	}
	kvc_entry_visit(e, count->policy->ref_max);
	kvc_count_probe(count->cache, hash, true);
	count->hits++;
}

/**
 * kvc_count_end - complete the count
 * @count: of GETs
 */
static inline void kvc_count_end(const struct kvc_count *count)
{
	struct kvc_cache *c = count->cache;

	if (likely(count->hits))
		kvc_count_ticks(c, kvc_counters_grow(c->counters,
						     KVC_COUNT_HIT_TIER,
						     count->hits), count->hits);
}

#endif
