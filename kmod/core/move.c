// SPDX-License-Identifier: GPL-2.0-only
/*
 * How entries move from the cache tier to the memtable, and up again
 */
#include <linux/lockdep.h>
#include "cache.h"

/**
 * kvc_shard_sort_in - put an entry into the tree where it belongs
 * @s: the shard, locked
 * @e: an entry that is in no place
 */
void kvc_shard_sort_in(struct kvc_shard *s, struct kvc_entry *e)
{
	lockdep_assert_held(&s->lock);
	if (likely(!kvc_entry_is(e, KVC_ENTRY_DIRTY))) {
		kvc_memtable_insert(&s->memtable, e);
		return;
	}
	kvc_memtable_insert(kvc_shard_tree_for(s, e), e);
	kvc_shard_sorted(s, e);
}

static void observe_move(struct kvc_shard *s, struct kvc_entry *e, bool up)
{
	const struct kvc_observer *o = s->cache->observer;

	kvc_counters_inc(s->cache->counters,
			 up ? KVC_COUNT_PROMOTED : KVC_COUNT_MIGRATED);
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
	kvc_shard_sort_in(s, e);
	observe_move(s, e, false);
	return true;
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
	size_t room = kvc_shard_tier_room(s);

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
	       READ_ONCE(s->tier.bytes) + kvc_entry_size(e) <= kvc_shard_tier_room(s);
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
		kvc_counters_inc(s->cache->counters,
				 KVC_COUNT_MEMTABLE_TOUCHED);
	}
	return ref && may_promote(s, e) && in_own_tree(s, e);
}
