// SPDX-License-Identifier: GPL-2.0-only
#include "tier.h"

/**
 * kvc_tier_init - make an empty tier
 * @t: the tier
 * @ops: its policy
 * @ghosts: how many victims the policy should remember, if it does
 *
 * Context: may sleep.  Return: 0 or -ENOMEM.
 */
int kvc_tier_init(struct kvc_tier *t, const struct kvc_policy_ops *ops,
		  u32 ghosts)
{
	t->ops = ops;
	INIT_LIST_HEAD(&t->main);
	INIT_LIST_HEAD(&t->small);
	INIT_LIST_HEAD(&t->cursors);
	return ops->init ? ops->init(t, ghosts) : 0;
}

void kvc_tier_exit(struct kvc_tier *t)
{
	kvc_ghost_exit(&t->ghost);
}

static void tier_count(struct kvc_tier *t, struct kvc_entry *e)
{
	kvc_entry_set_place(e, KVC_ENTRY_TIER);
	WRITE_ONCE(t->bytes, t->bytes + kvc_entry_size(e));
	WRITE_ONCE(t->entries, t->entries + 1);
}

static void tier_uncount(struct kvc_tier *t, struct kvc_entry *e)
{
	WRITE_ONCE(t->bytes, t->bytes - kvc_entry_size(e));
	WRITE_ONCE(t->entries, t->entries - 1);
}

void kvc_tier_insert(struct kvc_tier *t, struct kvc_entry *e)
{
	t->ops->insert(t, e);
	tier_count(t, e);
}

void kvc_tier_remove(struct kvc_tier *t, struct kvc_entry *e)
{
	t->ops->remove(t, e);
	tier_uncount(t, e);
}

static bool is_newest(const struct kvc_tier *t, const struct kvc_entry *e)
{
	return t->main.next == &e->link || t->small.next == &e->link;
}

/* Cursors at @from go to @to. */
static void move_cursors(struct kvc_tier *t, struct list_head *from,
			 struct list_head *to)
{
	struct kvc_tier_cursor *cursor;

	list_for_each_entry(cursor, &t->cursors, on)
		if (cursor->pos == from)
			cursor->pos = to;
}

static void relink(struct kvc_tier *t, struct kvc_entry *old,
		   struct kvc_entry *e)
{
	move_cursors(t, &old->link, &e->link);
	list_replace(&old->link, &e->link);
}

/**
 * kvc_tier_renew - a pair gets a new value, whose size is the caller's concern
 * @t: the tier
 * @old: the entry that holds its place
 * @e: the entry that takes it, and the visits
 *
 * A pair that nothing came after is not visited once more: who reads what is
 * not there, stores it, changes it and stores it again used it once.
 */
void kvc_tier_renew(struct kvc_tier *t, struct kvc_entry *old,
		    struct kvc_entry *e)
{
	bool again = !is_newest(t, old);

	kvc_entry_succeed(e, old);
	kvc_entry_set_place(e, KVC_ENTRY_TIER);
	relink(t, old, e);
	if (t->ops->replaced)
		t->ops->replaced(t, old, e);
	if (again)
		kvc_entry_visit(e, t->ops->ref_max);
}

/**
 * kvc_tier_replace - a pair gets a new value
 * @t: the tier
 * @old: the entry that holds its place
 * @e: the entry that takes it, and the visits
 */
void kvc_tier_replace(struct kvc_tier *t, struct kvc_entry *old,
		      struct kvc_entry *e)
{
	size_t before = kvc_entry_size(old), size = kvc_entry_size(e);

	kvc_tier_renew(t, old, e);
	if (size == before)
		return;
	if (t->ops->resized)
		t->ops->resized(t, old, e);
	WRITE_ONCE(t->bytes, t->bytes - before + size);
}

/**
 * kvc_tier_victim - take out the entry that the policy gives up
 * @t: the tier, not empty
 */
struct kvc_entry *kvc_tier_victim(struct kvc_tier *t)
{
	struct kvc_entry *e = t->ops->victim(t);

	tier_uncount(t, e);
	WRITE_ONCE(e->ref, 0);
	return e;
}

/**
 * kvc_tier_hit - tell a policy that asked for it of a hit
 * @t: the tier, whose policy has a hit operation
 * @e: an entry in it
 */
void kvc_tier_hit(struct kvc_tier *t, struct kvc_entry *e)
{
	t->ops->hit(t, e);
}

/**
 * kvc_tier_cold - an entry to evict rather than one of the memtable, or NULL
 * @t: the tier
 *
 * It is still in the tier.
 */
struct kvc_entry *kvc_tier_cold(struct kvc_tier *t)
{
	return t->ops->cold ? t->ops->cold(t) : NULL;
}

/**
 * kvc_tier_evicted - tell a policy of what will leave the cache for want of room
 * @t: the tier
 * @e: an entry that is in it, or in the memtable
 * @entries: how many the cache, or its shard, has
 */
void kvc_tier_evicted(struct kvc_tier *t, const struct kvc_entry *e,
		      u32 entries)
{
	if (t->ops->evicted)
		t->ops->evicted(t, e, entries);
}

/**
 * kvc_tier_any - some entry of the tier, still in it, or NULL
 * @t: the tier
 */
struct kvc_entry *kvc_tier_any(struct kvc_tier *t)
{
	struct kvc_entry *e;

	e = list_first_entry_or_null(&t->main, struct kvc_entry, link);
	return e ?: list_first_entry_or_null(&t->small, struct kvc_entry, link);
}

/**
 * kvc_tier_unlink - take an entry out of its queue
 * @t: the tier
 * @e: the entry
 */
void kvc_tier_unlink(struct kvc_tier *t, struct kvc_entry *e)
{
	move_cursors(t, &e->link, e->link.prev);
	list_del(&e->link);
}

/**
 * kvc_tier_walk_begin - begin to visit every entry of the tier
 * @t: the tier
 * @cursor: the position, on the caller's stack
 */
void kvc_tier_walk_begin(struct kvc_tier *t, struct kvc_tier_cursor *cursor)
{
	cursor->pos = t->small.prev;
	list_add(&cursor->on, &t->cursors);
}

/**
 * kvc_tier_walk - visit some entries; the lock may be dropped between calls
 * @t: the tier
 * @cursor: the position
 * @most: how many
 * @visit: called for each; may take it out of the tier
 * @arg: passed on
 *
 * Return: false when all were visited.
 */
bool kvc_tier_walk(struct kvc_tier *t, struct kvc_tier_cursor *cursor,
		   unsigned int most,
		   void (*visit)(void *arg, struct kvc_entry *e),
		   void *arg)
{
	struct kvc_entry *e;

	while (most--) {
		if (cursor->pos == &t->small)
			cursor->pos = t->main.prev;
		if (cursor->pos == &t->main)
			return false;
		e = list_entry(cursor->pos, struct kvc_entry, link);
		cursor->pos = cursor->pos->prev;
		visit(arg, e);
	}
	return true;
}

void kvc_tier_walk_end(struct kvc_tier_cursor *cursor)
{
	list_del(&cursor->on);
}
