// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include "cache.h"
#include "shard.h"

/* Retired entries that a writer frees while it is here anyway */
#define KVC_SHARD_REAP	8

/**
 * kvc_shard_init - make an empty shard
 * @s: zeroed
 * @c: its cache, whose policy is set
 * @ghosts: how many victims its tier should remember
 * @floors: how many floors it has against late fills, a power of two
 *
 * Context: may sleep.  Return: 0 or -ENOMEM; kvc_shard_exit() either way.
 */
int kvc_shard_init(struct kvc_shard *s, struct kvc_cache *c, u32 ghosts,
		   u32 floors)
{
	int err;

	spin_lock_init(&s->lock);
	s->cache = c;
	s->version = 1;
	s->soonest = U64_MAX;
	s->soonest_ahead = U64_MAX;
	err = kvc_index_init(&s->index, &s->lock) ?:
	      kvc_floor_init(&s->floor, floors);
	if (err)
		return err;
	return kvc_tier_init(&s->tier, c->policy, ghosts);
}

/**
 * kvc_shard_exit - free an empty shard that nobody uses any more
 * @s: the shard
 */
void kvc_shard_exit(struct kvc_shard *s)
{
	kvc_limbo_drain(&s->limbo);
	kvc_tier_exit(&s->tier);
	kvc_floor_exit(&s->floor);
	kvc_index_exit(&s->index);
}

static void count(struct kvc_shard *s, enum kvc_counter which)
{
	kvc_counters_inc(s->cache->counters, which);
}

static void leave_place(struct kvc_shard *s, struct kvc_entry *e)
{
	if (kvc_entry_place(e) == KVC_ENTRY_TIER)
		kvc_tier_remove(&s->tier, e);
	else
		kvc_memtable_remove(&s->memtable, e);
}

static void retire(struct kvc_shard *s, struct kvc_entry *e)
{
	s->expiring -= !!e->expiry;
	kvc_limbo_retire(&s->limbo, e);
}

/**
 * kvc_shard_unlink - take an entry out of everything
 * @s: the shard, locked
 * @e: its entry
 */
void kvc_shard_unlink(struct kvc_shard *s, struct kvc_entry *e)
{
	lockdep_assert_held(&s->lock);
	kvc_index_remove(&s->index, e);
	leave_place(s, e);
	retire(s, e);
}

static void observe_move(struct kvc_shard *s, struct kvc_entry *e, bool up)
{
	const struct kvc_observer *o = s->cache->observer;

	count(s, up ? KVC_COUNT_PROMOTED : KVC_COUNT_MIGRATED);
	if (o->migrate)
		o->migrate(s->cache->ctx, e, up);
}

/**
 * kvc_shard_demote - sort one entry of the tier into the memtable
 * @s: the shard, locked
 *
 * The entry stays in the index all the time, so no reader misses it.
 *
 * Return: false when there was none.
 */
bool kvc_shard_demote(struct kvc_shard *s)
{
	struct kvc_entry *e;

	lockdep_assert_held(&s->lock);
	if (!s->tier.entries)
		return false;
	e = kvc_tier_victim(&s->tier);
	kvc_memtable_insert(&s->memtable, e);
	observe_move(s, e, false);
	return true;
}

/**
 * kvc_shard_evict - remove the entry that is worth the least
 * @s: the shard, locked
 * @keep: an entry that must stay in the cache, or NULL
 * @reason: why
 *
 * Return: false when nothing can be evicted.
 */
bool kvc_shard_evict(struct kvc_shard *s, const struct kvc_entry *keep,
		     enum kvc_reason reason)
{
	struct kvc_entry *e = kvc_memtable_victim(&s->memtable, keep);
	unsigned int tries = 2;	/* the first may be @keep */

	lockdep_assert_held(&s->lock);
	while (!e && tries-- && kvc_shard_demote(s))
		e = kvc_memtable_victim(&s->memtable, keep);
	if (!e)
		return false;
	kvc_shard_discard(s, e, reason);
	return true;
}

static size_t tier_room(const struct kvc_shard *s)
{
	const struct kvc_cache *c = s->cache;
	size_t share = READ_ONCE(c->tier_share);

	return READ_ONCE(c->bypass) ? share / KVC_ADAPT_PROBES : share;
}

/**
 * kvc_shard_trim_tier - demote entries until the tier has room
 * @s: the shard, locked
 * @size: bytes that are about to be added to it
 *
 * No more than %KVC_SHARD_BUDGET; the next operation goes on.
 */
void kvc_shard_trim_tier(struct kvc_shard *s, size_t size)
{
	unsigned int budget = KVC_SHARD_BUDGET;
	size_t room = tier_room(s);

	while (s->tier.entries && s->tier.bytes + size > room && budget--)
		kvc_shard_demote(s);
}

/*
 * L7: a pair of the memtable that is operated on again moves up while the tier
 * has room for it.  A tier that is switched off takes its probes in any case.
 */
static bool may_promote(const struct kvc_shard *s, const struct kvc_entry *e)
{
	const struct kvc_cache *c = s->cache;

	if (READ_ONCE(c->bypass))
		return kvc_adapt_probes(e->hash);
	return READ_ONCE(c->promote) &&
	       READ_ONCE(s->tier.bytes) + kvc_entry_size(e) <= tier_room(s);
}

/**
 * kvc_shard_promote - move an entry up if that is called for
 * @s: the shard, locked
 * @e: an entry that was operated on; may have left the memtable meanwhile
 */
void kvc_shard_promote(struct kvc_shard *s, struct kvc_entry *e)
{
	lockdep_assert_held(&s->lock);
	if (kvc_entry_place(e) != KVC_ENTRY_MEMTABLE || s->scans ||
	    !may_promote(s, e))
		return;
	kvc_memtable_remove(&s->memtable, e);
	WRITE_ONCE(e->ref, 1);
	kvc_shard_trim_tier(s, kvc_entry_size(e));
	kvc_tier_insert(&s->tier, e);
	observe_move(s, e, true);
}

/**
 * kvc_shard_touched - a pair of the memtable was operated on
 * @s: the shard
 * @e: the entry
 *
 * Counted once a window.  Return: true when it was so before, since the hand
 * last passed it, and should move up by kvc_shard_promote().
 */
bool kvc_shard_touched(struct kvc_shard *s, struct kvc_entry *e)
{
	u8 epoch = READ_ONCE(s->cache->adapt.epoch);
	u8 ref = READ_ONCE(e->ref);

	if (ref != epoch) {
		WRITE_ONCE(e->ref, epoch);
		count(s, KVC_COUNT_MEMTABLE_TOUCHED);
	}
	return ref && may_promote(s, e);
}

struct sweep {
	struct kvc_shard *shard;
	u64 now;
};

static void sweep_entry(void *arg, struct kvc_entry *e)
{
	struct sweep *sweep = arg;
	struct kvc_shard *s = sweep->shard;

	if (kvc_entry_expired(e, &sweep->now) &&
	    !kvc_entry_is(e, KVC_ENTRY_DIRTY))
		kvc_shard_discard(s, e, KVC_REASON_EXPIRED);
	else if (e->expiry)
		s->soonest_ahead = min(s->soonest_ahead, e->expiry);
}

/**
 * kvc_shard_sweep - search some buckets for expired entries, and remove them
 * @s: the shard, locked
 * @now: CLOCK_BOOTTIME in ns
 *
 * Return: false when nothing is due, or the search came to the end.
 */
bool kvc_shard_sweep(struct kvc_shard *s, u64 now)
{
	struct sweep sweep = { .shard = s, .now = now };

	lockdep_assert_held(&s->lock);
	if (!s->expiring || now < s->soonest)
		return false;
	if (!s->sweep)
		s->soonest_ahead = U64_MAX;
	s->sweep = kvc_index_walk(&s->index, s->sweep, KVC_SHARD_SWEEP,
				  sweep_entry, &sweep);
	if (!s->sweep)
		s->soonest = s->soonest_ahead;
	return s->sweep;
}

/* Nothing may be evicted, but what has expired does not count any more. */
static int fit_expired(struct kvc_shard *s, u64 *now)
{
	if (!s->expiring)
		return -ENOSPC;
	if (!*now)
		*now = ktime_get_boottime_ns();
	if (*now < s->soonest)
		return -ENOSPC;
	kvc_shard_sweep(s, *now);
	return -EAGAIN;
}

/**
 * kvc_shard_fit - make room for an entry before it is published
 * @s: the shard, locked
 * @old: the entry whose place it will take, or NULL
 * @size: its bytes
 * @now: see kvc_entry_expired()
 *
 * Return: 0; -ENOSPC: it cannot be made to fit; -EAGAIN: not yet, call again
 * after the lock was dropped.
 */
int kvc_shard_fit(struct kvc_shard *s, const struct kvc_entry *old, size_t size,
		  u64 *now)
{
	size_t limit = READ_ONCE(s->cache->limit_share);
	size_t gain = old ? kvc_entry_size(old) : 0;
	unsigned int budget = KVC_SHARD_BUDGET;

	lockdep_assert_held(&s->lock);
	if (size > limit)
		return -ENOSPC;
	while (s->tier.bytes + s->memtable.bytes - gain + size > limit) {
		if (READ_ONCE(s->cache->config.flags) & KVC_CACHE_F_NOEVICT)
			return fit_expired(s, now);
		if (!budget--)
			return -EAGAIN;
		if (!kvc_shard_evict(s, old, KVC_REASON_LIMIT))
			return -ENOSPC;
	}
	return 0;
}

static void add_new(struct kvc_shard *s, struct kvc_entry *e)
{
	if (READ_ONCE(s->cache->bypass) && !kvc_adapt_probes(e->hash)) {
		kvc_shard_trim_tier(s, 0);
		kvc_memtable_insert(&s->memtable, e);
	} else {
		kvc_shard_trim_tier(s, kvc_entry_size(e));
		kvc_tier_insert(&s->tier, e);
	}
	kvc_index_insert(&s->index, e);
}

static void take_place(struct kvc_shard *s, struct kvc_entry *old,
		       struct kvc_entry *e)
{
	if (kvc_entry_place(old) == KVC_ENTRY_TIER) {
		kvc_tier_replace(&s->tier, old, e);
		kvc_shard_trim_tier(s, 0);
		return;
	}
	kvc_memtable_replace(&s->memtable, old, e);
	if (kvc_shard_touched(s, e))
		kvc_shard_promote(s, e);
}

/**
 * kvc_shard_expires - an entry got an expiry
 * @s: the shard, locked
 * @expiry: when, 0: never
 */
void kvc_shard_expires(struct kvc_shard *s, u64 expiry)
{
	lockdep_assert_held(&s->lock);
	if (!expiry)
		return;
	s->soonest = min(s->soonest, expiry);
	s->soonest_ahead = min(s->soonest_ahead, expiry);
}

/**
 * kvc_shard_publish - make an entry visible, in the place of an older one
 * @s: the shard, locked, with room for the entry
 * @slot: of the older one, or NULL
 * @e: the entry
 */
void kvc_shard_publish(struct kvc_shard *s, struct kvc_entry __rcu **slot,
		       struct kvc_entry *e)
{
	struct kvc_entry *old = kvc_index_at(&s->index, slot);

	s->expiring += !!e->expiry;
	kvc_shard_expires(s, e->expiry);
	if (e->key_len > s->key_len_max)
		WRITE_ONCE(s->key_len_max, e->key_len);
	if (!old) {
		add_new(s, e);
		return;
	}
	/* Readers meet it when it has its place: then only they change its count. */
	take_place(s, old, e);
	kvc_index_replace(&s->index, slot, e);
	retire(s, old);
}

/**
 * kvc_shard_unlock_reap - unlock, free some of what was retired, and ask for
 * maintenance if that is due
 * @s: the shard
 */
void kvc_shard_unlock_reap(struct kvc_shard *s)
	__releases(&s->lock)
{
	struct kvc_entry *chain = kvc_limbo_reap(&s->limbo, KVC_SHARD_REAP);
	bool later = s->limbo.bytes || s->expiring;
	bool now = kvc_index_wanted(&s->index) && !s->cramped;

	spin_unlock(&s->lock);
	kvc_limbo_free(chain);
	if (now || later)
		kvc_cache_kick(s->cache, !now);
}
