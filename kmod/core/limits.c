// SPDX-License-Identifier: GPL-2.0-only
/*
 * How large a cache may be, and what is evicted for it
 */
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include "spare.h"

/*
 * A shard's retired entries may hold this much, but not more than its limit, or
 * a quarter of that.
 */
#define KVC_SHARD_LIMBO	SZ_1M

/**
 * kvc_cache_set_shares - let the shards follow the sizes of the cache
 * @c: the cache
 */
void kvc_cache_set_shares(struct kvc_cache *c)
{
	size_t limit = READ_ONCE(c->config.limit) >> c->shard_bits;

	WRITE_ONCE(c->limit_share, limit);
	WRITE_ONCE(c->limbo_share,
		   max(min_t(size_t, KVC_SHARD_LIMBO, limit), limit / 4));
	WRITE_ONCE(c->tier_share, READ_ONCE(c->tier_target) >> c->shard_bits);
	WRITE_ONCE(c->memtable_share,
		   READ_ONCE(c->config.memtable) >> c->shard_bits);
	WRITE_ONCE(c->unsealed_share,
		   READ_ONCE(c->limit_share) /
		   (READ_ONCE(c->config.runs) + 1));
}

/* Returns false when there is more to do.  What is dirty has to stay. */
static bool fit_some(struct kvc_shard *s)
{
	unsigned int budget = KVC_SHARD_BUDGET;
	int done;

	kvc_shard_trim_tier(s, 0);
	while (kvc_shard_bytes(s) > READ_ONCE(s->cache->limit_share)) {
		if (!budget--)
			return false;
		done = kvc_shard_evict(s, NULL, KVC_REASON_LOWERED);
		if (done <= 0)
			return done;
	}
	return true;
}

/**
 * kvc_cache_fit_step - evict some of what a lower limit has no room for
 * @c: the cache
 * @shard: 0 at first; the position
 *
 * Context: may sleep.  Return: false when there is nothing left to do.
 */
bool kvc_cache_fit_step(struct kvc_cache *c, u32 *shard)
{
	struct kvc_shard *s = &c->shards[*shard];

	spin_lock(&s->lock);
	if (fit_some(s))
		++*shard;
	kvc_shard_unlock_reap(s);
	kvc_shard_throttle(s);
	return *shard < kvc_cache_shards(c);
}

/**
 * kvc_cache_entries - how many entries could be evicted, about
 * @c: the cache
 */
unsigned long kvc_cache_entries(struct kvc_cache *c)
{
	unsigned long entries = 0;
	u32 i;

	if (READ_ONCE(c->config.flags) & KVC_CACHE_F_NOEVICT)
		return 0;
	for (i = 0; i < kvc_cache_shards(c); i++)
		entries += kvc_shard_clean(&c->shards[i]);
	return entries;
}

static unsigned long shrink_shard(struct kvc_shard *s, unsigned long most)
{
	unsigned long done = 0;

	most = min_t(unsigned long, most, KVC_SHARD_BUDGET);
	spin_lock(&s->lock);
	while (done < most && kvc_shard_evict(s, NULL, KVC_REASON_PRESSURE) > 0)
		done++;
	s->reused = false;
	spin_unlock(&s->lock);
	return done;
}

/**
 * kvc_cache_shrink - evict because the kernel is short of memory
 * @c: the cache
 * @entries: how many
 *
 * Context: does not sleep, allocates and frees nothing.  Return: how many it
 * were; their memory comes free after a grace period.
 */
unsigned long kvc_cache_shrink(struct kvc_cache *c, unsigned long entries)
{
	u32 mask = kvc_cache_shards(c) - 1, i;
	unsigned long done = 0, before;

	if (!kvc_cache_entries(c))
		return 0;
	do {
		before = done;
		for (i = 0; i <= mask && done < entries; i++)
			done += shrink_shard(&c->shards[c->shrink_at++ & mask],
					     entries - done);
	} while (done < entries && done > before);
	kvc_spare_disuse(c);
	/* Freeing may sleep, so the worker does it. */
	kvc_cache_kick(c, true);
	return done;
}

/**
 * kvc_cache_set_tier - give the cache tier another size
 * @c: the cache
 * @target: bytes over all shards; entries above it leave as others arrive
 *
 * Context: under the lock of @c->adapt.
 */
void kvc_cache_set_tier(struct kvc_cache *c, u64 target)
{
	lockdep_assert_held(&c->adapt.lock);
	if (target != c->tier_target && c->observer->resize)
		c->observer->resize(c->ctx, true, c->tier_target, target);
	WRITE_ONCE(c->tier_target, target);
	kvc_cache_set_shares(c);
}

/**
 * kvc_cache_set_size - take over limit and sizes, and when to flush
 * @c: the cache; calls are serialised by the caller
 * @config: passed kvc_config_complete()
 *
 * kvc_cache_fit_step() then evicts what has no room any more.
 */
void kvc_cache_set_size(struct kvc_cache *c, const struct kvc_config *config)
{
	spin_lock(&c->adapt.lock);
	WRITE_ONCE(c->config.limit, config->limit);
	WRITE_ONCE(c->config.tier, config->tier);
	WRITE_ONCE(c->config.tier_min, config->tier_min);
	WRITE_ONCE(c->config.tier_max, config->tier_max);
	WRITE_ONCE(c->config.memtable, config->memtable);
	WRITE_ONCE(c->config.runs, config->runs);
	WRITE_ONCE(c->config.flush_ms, config->flush_ms);
	kvc_cache_set_tier(c, config->tier);
	spin_unlock(&c->adapt.lock);
	/* A seal may be due earlier now. */
	if (c->mode == KVC_MODE_WRITEBEHIND)
		kvc_flush_want(c);
}
