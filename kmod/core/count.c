// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a lookup leaves behind: it is counted, and the tiers are told of it
 */
#include "count.h"

static void hit_memtable(struct kvc_shard *s, struct kvc_entry *e)
{
	if (!kvc_shard_touched(s, e))
		return;
	spin_lock(&s->lock);
	kvc_shard_promote(s, e);
	spin_unlock(&s->lock);
}

static void hit_tier(struct kvc_shard *s, struct kvc_entry *e)
{
	const struct kvc_policy_ops *policy = s->cache->policy;

	if (likely(!policy->hit)) {
		kvc_entry_visit(e, policy->ref_max);
		return;
	}
	spin_lock(&s->lock);
	if (kvc_entry_place(e) == KVC_ENTRY_TIER)
		kvc_tier_hit(&s->tier, e);
	spin_unlock(&s->lock);
}

static bool is_sorted(const struct kvc_entry *e)
{
	u8 place = kvc_entry_place(e);

	return place == KVC_ENTRY_MEMTABLE || place == KVC_ENTRY_SORTED;
}

/**
 * kvc_cache_count_get - count a GET and tell the tiers of it
 * @c: the cache
 * @hash: of the key
 * @e: what kvc_cache_find() gave, in the same read section
 *
 * Context: under rcu_read_lock().
 */
void kvc_cache_count_get(struct kvc_cache *c, u32 hash, struct kvc_entry *e)
{
	struct kvc_shard *s = kvc_cache_shard(c, hash);
	enum kvc_counter which = KVC_COUNT_MISS;

	if (e && is_sorted(e)) {
		which = KVC_COUNT_HIT_MEMTABLE;
		hit_memtable(s, e);
	} else if (e) {
		which = KVC_COUNT_HIT_TIER;
		hit_tier(s, e);
	}
	kvc_count_probe(c, hash, which == KVC_COUNT_HIT_TIER);
	kvc_count_tick(c, kvc_counters_next(c->counters, which));
}
