// SPDX-License-Identifier: GPL-2.0-only
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

static void add_new(struct kvc_shard *s, struct kvc_entry *e)
{
	if (READ_ONCE(s->cache->bypass) && !kvc_adapt_probes(e->hash)) {
		kvc_shard_trim_tier(s, 0);
		kvc_shard_sort_in(s, e);
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
		kvc_shard_sort_in(s, e);
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
		if (unlikely(s->tier.bytes > kvc_shard_tier_room(s)))
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
