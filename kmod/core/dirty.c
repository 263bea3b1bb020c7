// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a shard of a write-behind cache keeps of its dirty entries
 */
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include "cache.h"

/**
 * kvc_shard_dirtied - a dirty entry comes
 * @s: the shard, locked
 * @e: the entry, with its version
 */
void kvc_shard_dirtied(struct kvc_shard *s, const struct kvc_entry *e)
{
	size_t size = kvc_entry_size(e);

	lockdep_assert_held(&s->lock);
	WRITE_ONCE(s->dirty_entries, s->dirty_entries + 1);
	WRITE_ONCE(s->dirty_bytes, s->dirty_bytes + size);
	s->unsealed_bytes += size;
	if (unlikely(s->unsealed_bytes >= READ_ONCE(s->cache->unsealed_share)))
		kvc_flush_want(s->cache);
	if (s->unsealed++)
		return;
	/* Its age counts from now on. */
	s->dirty_since = ktime_get_boottime_ns();
	kvc_cache_kick(s->cache, true);
}

/**
 * kvc_shard_cleaned - a dirty entry is committed, or not the newest any more
 * @s: the shard, locked
 * @e: the entry
 */
void kvc_shard_cleaned(struct kvc_shard *s, const struct kvc_entry *e)
{
	size_t size = kvc_entry_size(e);

	lockdep_assert_held(&s->lock);
	WRITE_ONCE(s->dirty_entries, s->dirty_entries - 1);
	WRITE_ONCE(s->dirty_bytes, s->dirty_bytes - size);
	if (kvc_shard_is_sealed(s, e))
		return;
	s->unsealed--;
	s->unsealed_bytes -= size;
}

/**
 * kvc_shard_tree_for - the tree for a dirty entry that leaves the tier
 * @s: the shard, locked
 * @e: the entry
 *
 * One that a run's list has will be clean, or shadowed, after the commit, so it
 * waits where the clean ones are.  One that has not been put into that list yet
 * goes to the run's tree.
 */
struct kvc_memtable *kvc_shard_tree_for(struct kvc_shard *s,
					const struct kvc_entry *e)
{
	lockdep_assert_held(&s->lock);
	if (!kvc_shard_is_sealed(s, e))
		return &s->dirty;
	return kvc_entry_is(e, KVC_ENTRY_HELD) ? &s->memtable :
						 &s->collecting->tree;
}

/**
 * kvc_shard_sorted - a dirty entry was put into its tree
 * @s: the shard, locked
 * @e: the entry
 */
void kvc_shard_sorted(struct kvc_shard *s, const struct kvc_entry *e)
{
	struct kvc_cache *c = s->cache;

	lockdep_assert_held(&s->lock);
	if (!kvc_shard_is_sealed(s, e)) {
		if (unlikely(s->dirty.bytes >= READ_ONCE(c->memtable_share)))
			kvc_flush_want(c);
	} else if (!kvc_entry_is(e, KVC_ENTRY_HELD)) {
		WRITE_ONCE(s->run_bytes, s->run_bytes + kvc_entry_size(e));
		s->uncollected--;
	}
}

/**
 * kvc_shard_shadow - a newer entry takes the place of one of a run
 * @s: the shard, locked
 * @e: the older one; if it was in the tier, or in the memtable, it is there no
 *	more
 */
void kvc_shard_shadow(struct kvc_shard *s, struct kvc_entry *e)
{
	bool in_tree = kvc_entry_place(e) == KVC_ENTRY_SORTED;

	lockdep_assert_held(&s->lock);
	if (!in_tree && !kvc_entry_is(e, KVC_ENTRY_HELD)) {
		kvc_memtable_insert(&s->collecting->tree, e);
		s->uncollected--;
	}
	if (!in_tree)
		WRITE_ONCE(s->run_bytes, s->run_bytes + kvc_entry_size(e));
	kvc_entry_set_place(e, KVC_ENTRY_SORTED);
	kvc_entry_set(e, KVC_ENTRY_SHADOWED);
}
