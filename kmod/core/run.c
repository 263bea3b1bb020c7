// SPDX-License-Identifier: GPL-2.0-only
/*
 * A sealed run: how it is made, and what becomes of its entries
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "cache.h"

/**
 * kvc_run_alloc - make a run without entries
 * @parts: how many shards there are
 *
 * Context: may sleep.  Return: the run or NULL.
 */
struct kvc_run *kvc_run_alloc(u32 parts)
{
	struct kvc_run *run = kvzalloc(struct_size(run, part, parts),
				       GFP_KERNEL_ACCOUNT | __GFP_NOWARN |
				       __GFP_RETRY_MAYFAIL);
	u32 i;

	if (!run)
		return NULL;
	run->parts = parts;
	for (i = 0; i < parts; i++)
		INIT_LIST_HEAD(&run->part[i].on);
	return run;
}

/**
 * kvc_run_free - free a run
 * @run: all of its parts were committed or dropped, or were never sealed; may
 *	be NULL
 */
void kvc_run_free(struct kvc_run *run)
{
	u32 i;

	for (i = 0; run && i < run->parts; i++)
		kvc_held_exit(&run->part[i].held);
	kvfree(run);
}

/**
 * kvc_run_bytes - a run's own memory, beside its entries
 * @run: the run
 */
size_t kvc_run_bytes(const struct kvc_run *run)
{
	size_t bytes = struct_size(run, part, run->parts);
	u32 i;

	for (i = 0; i < run->parts; i++)
		bytes += kvc_held_bytes(&run->part[i].held);
	return bytes;
}

struct collect {
	struct kvc_shard *shard;
	struct kvc_run_part *part;
};

static void collect_entry(void *arg, struct kvc_entry *e)
{
	struct collect *w = arg;
	struct kvc_shard *s = w->shard;

	if (kvc_entry_is(e, KVC_ENTRY_HELD) || !kvc_shard_is_sealed(s, e))
		return;
	kvc_entry_set(e, KVC_ENTRY_HELD);
	WARN_ON_ONCE(!kvc_held_add(&w->part->held, e));
	s->uncollected--;
}

/*
 * Entries of the tier stay there (L11) and are put into the list, in bounded
 * steps.  What leaves the tier meanwhile is put into the run's tree by whoever
 * moves it, see kvc_shard_tree_for() and kvc_shard_shadow().
 */
static void collect_tier(struct kvc_run *run, struct kvc_shard *s,
			 struct kvc_run_part *part)
{
	struct collect w = { .shard = s, .part = part };
	struct kvc_tier_cursor cursor;

	spin_lock(&s->lock);
	kvc_tier_walk_begin(&s->tier, &cursor);
	while (s->uncollected && kvc_tier_walk(&s->tier, &cursor,
					       KVC_SHARD_BUDGET, collect_entry,
					       &w)) {
		spin_unlock(&s->lock);
		cond_resched();
		spin_lock(&s->lock);
	}
	kvc_tier_walk_end(&cursor);
	WARN_ON_ONCE(s->uncollected);
	s->collecting = NULL;
	run->entries += part->tree.entries + part->held.count;
	spin_unlock(&s->lock);
}

/* What is dirty now belongs to the run, and what comes from now on does not. */
static void seal_locked(struct kvc_shard *s, struct kvc_run_part *part)
{
	lockdep_assert_held(&s->lock);
	s->uncollected = s->unsealed - s->dirty.entries;
	s->collecting = part;
	kvc_memtable_seal(&s->dirty, &part->tree);
	WRITE_ONCE(s->run_bytes, s->run_bytes + part->tree.bytes);
	WRITE_ONCE(s->sealed, s->version);
	s->unsealed = 0;
	s->unsealed_bytes = 0;
	part->upto = s->sealed;
	list_add(&part->on, &s->runs);
}

/*
 * Returns for how many entries of the tier the list needs room; 0: the shard is
 * sealed, if there was anything to seal.
 */
static u32 try_seal(struct kvc_shard *s, struct kvc_run_part *part)
{
	u32 room;

	spin_lock(&s->lock);
	room = s->unsealed - s->dirty.entries;
	if (room <= part->held.room) {
		room = 0;
		if (s->unsealed)
			seal_locked(s, part);
	}
	spin_unlock(&s->lock);
	return room;
}

/**
 * kvc_run_seal - take the dirty entries of a shard over into a run
 * @run: the run
 * @c: the cache
 * @shard: which
 *
 * Context: may sleep, under &struct kvc_flush.sealing.  Return: 0; -ENOMEM:
 * nothing was done.
 */
int kvc_run_seal(struct kvc_run *run, struct kvc_cache *c, u32 shard)
{
	struct kvc_run_part *part = &run->part[shard];
	struct kvc_shard *s = &c->shards[shard];
	u32 room;

	/* Writers go on: by the time that there is room, more may be needed. */
	while ((room = try_seal(s, part))) {
		kvc_held_exit(&part->held);
		if (kvc_held_init(&part->held, room + room / 8 + 1))
			return -ENOMEM;
	}
	if (list_empty(&part->on))
		return 0;
	collect_tier(run, s, part);
	kvc_held_sort(&part->held);
	return 0;
}

/* An entry that only the run had any more */
static void retire_shadowed(struct kvc_shard *s, struct kvc_entry *e)
{
	WRITE_ONCE(s->run_bytes, s->run_bytes - kvc_entry_size(e));
	kvc_limbo_retire(&s->limbo, e);
}

/* The store has what it said.  Whoever misses the key gets a new version. */
static void forget_tombstone(struct kvc_shard *s, struct kvc_entry *e)
{
	u64 version = e->version;

	kvc_shard_forget(s, e);
	kvc_shard_advance(s, version + 1);
}

static void make_clean(struct kvc_shard *s, struct kvc_entry *e)
{
	kvc_shard_cleaned(s, e);
	kvc_entry_clear(e, KVC_ENTRY_DIRTY | KVC_ENTRY_HELD);
	kvc_shard_expires(s, e->expiry);
}

/* L11: it stays where it is. */
static void commit_held(struct kvc_shard *s, struct kvc_entry *e)
{
	if (kvc_entry_is(e, KVC_ENTRY_SHADOWED)) {
		retire_shadowed(s, e);
	} else if (kvc_entry_is(e, KVC_ENTRY_TOMBSTONE)) {
		kvc_shard_leave(s, e);
		forget_tombstone(s, e);
	} else {
		make_clean(s, e);
	}
}

/* It stays too, and is the first to be evicted. */
static void commit_sorted(struct kvc_shard *s, struct kvc_memtable *tree,
			  struct kvc_entry *e)
{
	kvc_memtable_remove(tree, e);
	if (kvc_entry_is(e, KVC_ENTRY_SHADOWED)) {
		retire_shadowed(s, e);
		return;
	}
	WRITE_ONCE(s->run_bytes, s->run_bytes - kvc_entry_size(e));
	if (kvc_entry_is(e, KVC_ENTRY_TOMBSTONE)) {
		forget_tombstone(s, e);
		return;
	}
	make_clean(s, e);
	WRITE_ONCE(e->ref, 0);
	kvc_memtable_insert(&s->memtable, e);
}

static bool commit_some(struct kvc_shard *s, struct kvc_run_part *part)
{
	unsigned int budget = KVC_SHARD_BUDGET;
	struct kvc_entry *e;

	while (budget--) {
		if (part->done < part->held.count) {
			commit_held(s, part->held.at[part->done++].e);
			continue;
		}
		e = kvc_memtable_first(&part->tree);
		if (!e)
			return false;
		commit_sorted(s, &part->tree, e);
	}
	return true;
}

/* Killed: entries of the list are also elsewhere, where they will be found. */
static bool drop_some(struct kvc_shard *s, struct kvc_run_part *part)
{
	unsigned int budget = KVC_SHARD_BUDGET;
	struct kvc_entry *e;

	while (budget--) {
		if (part->done < part->held.count) {
			e = part->held.at[part->done++].e;
			if (kvc_entry_is(e, KVC_ENTRY_SHADOWED))
				retire_shadowed(s, e);
			continue;
		}
		e = kvc_memtable_first(&part->tree);
		if (!e)
			return false;
		kvc_memtable_remove(&part->tree, e);
		if (kvc_entry_is(e, KVC_ENTRY_SHADOWED)) {
			retire_shadowed(s, e);
			continue;
		}
		WRITE_ONCE(s->run_bytes, s->run_bytes - kvc_entry_size(e));
		kvc_shard_forget(s, e);
		kvc_shard_gone(s, e, KVC_REASON_CLEARED);
	}
	return true;
}

static bool step(struct kvc_run *run, struct kvc_cache *c, u32 *shard,
		 bool (*some)(struct kvc_shard *s, struct kvc_run_part *part))
{
	struct kvc_run_part *part = &run->part[*shard];
	struct kvc_shard *s = &c->shards[*shard];

	lockdep_assert_held(&c->flush.reader);
	spin_lock(&s->lock);
	if (!some(s, part)) {
		list_del_init(&part->on);
		++*shard;
	}
	kvc_shard_unlock_reap(s);
	kvc_shard_throttle(s);
	return *shard < run->parts;
}

/**
 * kvc_run_commit_step - some entries of a run are in the store
 * @run: the oldest run
 * @c: the cache
 * @shard: 0 at first; the position
 *
 * What is still the newest of its key becomes clean; a tombstone goes, for the
 * store has no such key any more; what is shadowed is retired.
 *
 * Context: may sleep.  Return: false when that was the last step.
 */
bool kvc_run_commit_step(struct kvc_run *run, struct kvc_cache *c, u32 *shard)
{
	return step(run, c, shard, commit_some);
}

/**
 * kvc_run_drop_step - forget some entries of a run
 * @run: any
 * @c: the cache, which was killed
 * @shard: 0 at first; the position
 *
 * Context: may sleep.  Return: false when that was the last step.
 */
bool kvc_run_drop_step(struct kvc_run *run, struct kvc_cache *c, u32 *shard)
{
	return step(run, c, shard, drop_some);
}
