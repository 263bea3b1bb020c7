// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include "cache.h"
#include "scan.h"
#include "shard.h"
#include "spare.h"

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
	INIT_LIST_HEAD(&s->scans);
	INIT_LIST_HEAD(&s->runs);
	s->dirty.sorted = true;
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

/**
 * kvc_shard_leave - take an entry out of its queue or tree
 * @s: the shard, locked
 * @e: its entry, not in the tree of a run
 */
void kvc_shard_leave(struct kvc_shard *s, struct kvc_entry *e)
{
	lockdep_assert_held(&s->lock);
	switch (kvc_entry_place(e)) {
	case KVC_ENTRY_TIER:
		kvc_tier_remove(&s->tier, e);
		break;
	case KVC_ENTRY_MEMTABLE:
		kvc_memtable_remove(&s->memtable, e);
		break;
	case KVC_ENTRY_SORTED:
		kvc_memtable_remove(&s->dirty, e);
		break;
	}
}

/* Put an entry that is in no place into the tree where it belongs. */
static void sort_in(struct kvc_shard *s, struct kvc_entry *e)
{
	if (likely(!kvc_entry_is(e, KVC_ENTRY_DIRTY))) {
		kvc_memtable_insert(&s->memtable, e);
		return;
	}
	kvc_memtable_insert(kvc_shard_tree_for(s, e), e);
	kvc_shard_sorted(s, e);
}

static void retire(struct kvc_shard *s, struct kvc_entry *e)
{
	s->expiring -= !!e->expiry;
	kvc_limbo_retire(&s->limbo, e);
}

/**
 * kvc_shard_forget - take an entry that has no place out of the index
 * @s: the shard, locked
 * @e: its entry
 */
void kvc_shard_forget(struct kvc_shard *s, struct kvc_entry *e)
{
	lockdep_assert_held(&s->lock);
	kvc_index_remove(&s->index, e);
	if (unlikely(kvc_entry_is(e, KVC_ENTRY_DIRTY)))
		kvc_shard_cleaned(s, e);
	retire(s, e);
}

/**
 * kvc_shard_unlink - take an entry out of everything
 * @s: the shard, locked
 * @e: its entry, which is in no run
 */
void kvc_shard_unlink(struct kvc_shard *s, struct kvc_entry *e)
{
	lockdep_assert_held(&s->lock);
	kvc_shard_leave(s, e);
	kvc_shard_forget(s, e);
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
 * The entry stays in the index all the time, so no reader misses it.  A dirty
 * one goes to a tree of its own, whose entries are not evicted.
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
	sort_in(s, e);
	observe_move(s, e, false);
	return true;
}

/* Is there an entry that may be evicted, beside @keep? */
static bool may_evict(const struct kvc_shard *s, const struct kvc_entry *keep)
{
	return kvc_shard_clean(s) >
	       (keep && !kvc_entry_is(keep, KVC_ENTRY_DIRTY));
}

/* What is worth the least, if that is in the tier.  Its probes are left alone. */
static struct kvc_entry *cold_victim(struct kvc_shard *s,
				     const struct kvc_entry *keep)
{
	struct kvc_entry *e;

	if (READ_ONCE(s->cache->bypass))
		return NULL;
	e = kvc_tier_cold(&s->tier);
	return e && kvc_entry_may_go(e, keep) ? e : NULL;
}

/**
 * kvc_shard_evict - remove the entry that is worth the least
 * @s: the shard, locked
 * @keep: an entry that must stay in the cache, or NULL
 * @reason: why
 *
 * Return: 1; 0: nothing was evicted, but there are entries that may be: what
 * is dirty was passed over, the next call goes on; -ENOSPC: there are none.
 */
int kvc_shard_evict(struct kvc_shard *s, const struct kvc_entry *keep,
		    enum kvc_reason reason)
{
	/* What is demoted first may be @keep, or dirty. */
	unsigned int tries = KVC_SHARD_BUDGET;
	struct kvc_entry *e;

	lockdep_assert_held(&s->lock);
	if (!may_evict(s, keep))
		return -ENOSPC;
	e = cold_victim(s, keep) ?: kvc_memtable_victim(&s->memtable, keep);
	while (!e && tries-- && kvc_shard_demote(s))
		e = kvc_memtable_victim(&s->memtable, keep);
	if (!e)
		return 0;
	kvc_tier_evicted(&s->tier, e, s->index.count);
	kvc_shard_discard(s, e, reason);
	return 1;
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

/* Is it in a tree that is not a run's? */
static bool in_own_tree(const struct kvc_shard *s, const struct kvc_entry *e)
{
	switch (kvc_entry_place(e)) {
	case KVC_ENTRY_MEMTABLE:
		return true;
	case KVC_ENTRY_SORTED:
		return !kvc_shard_is_sealed(s, e);
	default:
		return false;
	}
}

/**
 * kvc_shard_promote - move an entry up if that is called for
 * @s: the shard, locked
 * @e: an entry that was operated on; may have left the memtable meanwhile
 */
void kvc_shard_promote(struct kvc_shard *s, struct kvc_entry *e)
{
	lockdep_assert_held(&s->lock);
	if (!in_own_tree(s, e) || !list_empty(&s->scans) || !may_promote(s, e))
		return;
	kvc_shard_leave(s, e);
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
	return ref && may_promote(s, e) && in_own_tree(s, e);
}

struct sweep {
	struct kvc_shard *shard;
	u64 now;
};

static void sweep_entry(void *arg, struct kvc_entry *e)
{
	struct sweep *sweep = arg;
	struct kvc_shard *s = sweep->shard;

	/* A dirty one is looked for again when it is clean. */
	if (kvc_entry_is(e, KVC_ENTRY_DIRTY))
		return;
	if (kvc_entry_expired(e, &sweep->now))
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
 * kvc_shard_make_room - evict until an entry fits, before it is published
 * @s: the shard, locked
 * @old: the entry whose place it will take, or NULL
 * @size: its bytes
 * @now: see kvc_entry_expired()
 *
 * Return: 0; -ENOSPC: it cannot be made to fit; -EAGAIN: not yet, call again
 * after the lock was dropped; -EBUSY: not before a run was committed.
 */
int kvc_shard_make_room(struct kvc_shard *s, const struct kvc_entry *old,
			size_t size, u64 *now)
{
	unsigned int budget = KVC_SHARD_BUDGET;
	int done;

	lockdep_assert_held(&s->lock);
	if (size > READ_ONCE(s->cache->limit_share))
		return -ENOSPC;
	while (!kvc_shard_fits(s, old, size)) {
		if (READ_ONCE(s->cache->config.flags) & KVC_CACHE_F_NOEVICT)
			return fit_expired(s, now);
		if (!budget--)
			return -EAGAIN;
		done = kvc_shard_evict(s, old, KVC_REASON_LIMIT);
		if (done < 0)
			return s->dirty_entries ? -EBUSY : -ENOSPC;
		if (!done)
			return -EAGAIN;
	}
	return 0;
}

static void add_new(struct kvc_shard *s, struct kvc_entry *e)
{
	if (READ_ONCE(s->cache->bypass) && !kvc_adapt_probes(e->hash)) {
		kvc_shard_trim_tier(s, 0);
		sort_in(s, e);
	} else {
		kvc_shard_trim_tier(s, kvc_entry_size(e));
		kvc_tier_insert(&s->tier, e);
	}
}

/*
 * A key of the memtable is updated there.  What is dirty has another tree than
 * what is clean, and is met by walks before that.
 */
static void take_sorted_place(struct kvc_shard *s, struct kvc_entry *old,
			      struct kvc_entry *e)
{
	if (kvc_entry_is(old, KVC_ENTRY_DIRTY)) {
		kvc_memtable_replace(&s->dirty, old, e);
		kvc_shard_sorted(s, e);
	} else if (!kvc_entry_is(e, KVC_ENTRY_DIRTY)) {
		kvc_memtable_replace(&s->memtable, old, e);
	} else {
		kvc_memtable_remove(&s->memtable, old);
		kvc_entry_succeed(e, old);
		sort_in(s, e);
		kvc_scan_meet(s, e);
	}
	if (kvc_shard_touched(s, e))
		kvc_shard_promote(s, e);
}

/* The old entry of a run stays where it is, but for queue or tree. */
static void take_sealed_place(struct kvc_shard *s, struct kvc_entry *old,
			      struct kvc_entry *e)
{
	switch (kvc_entry_place(old)) {
	case KVC_ENTRY_TIER:
		kvc_tier_replace(&s->tier, old, e);
		kvc_shard_trim_tier(s, 0);
		break;
	case KVC_ENTRY_MEMTABLE:
		kvc_memtable_remove(&s->memtable, old);
		fallthrough;
	default:
		kvc_shard_touched(s, old);
		add_new(s, e);
		kvc_scan_meet(s, e);
	}
	kvc_shard_shadow(s, old);
}

static void take_place(struct kvc_shard *s, struct kvc_entry *old,
		       struct kvc_entry *e)
{
	if (unlikely(kvc_shard_is_sealed(s, old))) {
		take_sealed_place(s, old, e);
	} else if (kvc_entry_place(old) == KVC_ENTRY_TIER) {
		kvc_tier_replace(&s->tier, old, e);
		if (unlikely(s->tier.bytes > tier_room(s)))
			kvc_shard_trim_tier(s, 0);
	} else {
		take_sorted_place(s, old, e);
	}
}

/* An entry whose place was taken is retired, if no run has it. */
static void give_way(struct kvc_shard *s, struct kvc_entry *old)
{
	if (unlikely(kvc_entry_is(old, KVC_ENTRY_DIRTY)))
		kvc_shard_cleaned(s, old);
	if (unlikely(kvc_entry_is(old, KVC_ENTRY_SHADOWED)))
		s->expiring -= !!old->expiry;
	else
		retire(s, old);
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
	if (unlikely(kvc_entry_is(e, KVC_ENTRY_DIRTY)))
		kvc_shard_dirtied(s, e);
	if (!old) {
		add_new(s, e);
		kvc_index_insert(&s->index, e);
		return;
	}
	/* Readers meet it when it has its place: then only they change its count. */
	take_place(s, old, e);
	kvc_index_replace(&s->index, slot, e);
	give_way(s, old);
}

/*
 * What a writer takes out of the limbo.  If that is used again, it is left
 * there until some is needed, or it is too much.
 */
static struct kvc_entry *reap(struct kvc_shard *s)
{
	if (!kvc_spare_wanted(s->cache) ||
	    unlikely(s->limbo.bytes > READ_ONCE(s->cache->limbo_share) / 2))
		return kvc_limbo_reap(&s->limbo, KVC_SHARD_REAP);
	if (likely(!kvc_spare_is_low(s->cache)))
		return NULL;
	s->reused = true;
	return kvc_limbo_reap(&s->limbo, KVC_SPARE_REAP);
}

/**
 * kvc_shard_unlock_reap - unlock, keep or free some of what was retired, and ask
 * for maintenance if that is due
 * @s: the shard
 */
void kvc_shard_unlock_reap(struct kvc_shard *s)
	__releases(&s->lock)
{
	struct kvc_entry *chain = reap(s);
	bool later = chain || s->limbo.bytes || s->expiring;
	bool now = kvc_index_wanted(&s->index) && !s->cramped;

	spin_unlock(&s->lock);
	if (chain)
		kvc_spare_give(s->cache, chain);
	if (now || later)
		kvc_cache_kick(s->cache, !now);
}

/* Free some of what was retired; returns the bytes that are left. */
static size_t shard_reap(struct kvc_shard *s, unsigned int most)
{
	struct kvc_entry *chain;
	size_t left;

	spin_lock(&s->lock);
	chain = kvc_limbo_reap(&s->limbo, most);
	left = s->limbo.bytes;
	spin_unlock(&s->lock);
	kvc_limbo_free(chain);
	return left;
}

/* The rest of kvc_shard_throttle() */
void kvc_shard_wait_reaped(struct kvc_shard *s)
{
	while (READ_ONCE(s->limbo.bytes) > READ_ONCE(s->cache->limbo_share)) {
		if (!READ_ONCE(s->limbo.ready))
			synchronize_rcu();
		shard_reap(s, KVC_SHARD_BUDGET);
		cond_resched();
	}
}
