// SPDX-License-Identifier: GPL-2.0-only
#include <linux/prefetch.h>
#include "memtable.h"

/* How many entries one search for a victim may look at. */
#define KVC_MEMTABLE_STEPS	128

static struct kvc_entry *to_entry(struct rb_node *node)
{
	return rb_entry_safe(node, struct kvc_entry, node);
}

static void memtable_count(struct kvc_memtable *m, struct kvc_entry *e)
{
	kvc_entry_set_place(e, m->sorted ? KVC_ENTRY_SORTED :
					   KVC_ENTRY_MEMTABLE);
	WRITE_ONCE(m->bytes, m->bytes + kvc_entry_size(e));
	m->entries++;
}

static void memtable_uncount(struct kvc_memtable *m, struct kvc_entry *e)
{
	WRITE_ONCE(m->bytes, m->bytes - kvc_entry_size(e));
	m->entries--;
}

/* One of two will be looked at next: both come while the keys are compared. */
static void fetch_key(const struct rb_node *node)
{
	const struct kvc_entry *e = rb_entry_safe(node, struct kvc_entry, node);

	if (!e)
		return;
	prefetch(e);
	prefetch(e->data);
}

/**
 * kvc_memtable_insert - sort an entry in
 * @m: the memtable, which has none of its key
 * @e: the entry
 */
void kvc_memtable_insert(struct kvc_memtable *m, struct kvc_entry *e)
{
	struct rb_node **link = &m->root.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		fetch_key(parent->rb_left);
		fetch_key(parent->rb_right);
		if (kvc_entry_compare(to_entry(parent), kvc_entry_key(e),
				      e->key_len) > 0)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&e->node, parent, link);
	rb_insert_color(&e->node, &m->root);
	memtable_count(m, e);
}

void kvc_memtable_remove(struct kvc_memtable *m, struct kvc_entry *e)
{
	if (m->hand == &e->node)
		m->hand = rb_next(&e->node);
	rb_erase(&e->node, &m->root);
	memtable_uncount(m, e);
}

/**
 * kvc_memtable_replace - a pair gets a new value; its place needs no descent
 * @m: the memtable
 * @old: the entry that holds the place
 * @e: the entry that takes it, of the same key
 */
void kvc_memtable_replace(struct kvc_memtable *m, struct kvc_entry *old,
			  struct kvc_entry *e)
{
	if (m->hand == &old->node)
		m->hand = &e->node;
	rb_replace_node(&old->node, &e->node, &m->root);
	kvc_entry_succeed(e, old);
	memtable_uncount(m, old);
	memtable_count(m, e);
}

/**
 * kvc_memtable_victim - find the entry that should be evicted
 * @m: the memtable
 * @keep: an entry that must stay, or NULL
 *
 * A clock: the hand moves in key order and passes over each visited entry
 * once.  Dirty entries are not evicted.
 *
 * Return: an entry, still in the memtable, or NULL.
 */
struct kvc_entry *kvc_memtable_victim(struct kvc_memtable *m,
				      const struct kvc_entry *keep)
{
	struct kvc_entry *e, *fallback = NULL;
	unsigned int steps;

	for (steps = 0; steps < KVC_MEMTABLE_STEPS; steps++) {
		e = to_entry(m->hand ?: rb_first(&m->root));
		if (!e)
			return NULL;
		m->hand = rb_next(&e->node);
		if (!kvc_entry_may_go(e, keep))
			continue;
		if (!READ_ONCE(e->ref))
			return e;
		WRITE_ONCE(e->ref, 0);
		fallback = e;
	}
	return fallback;
}

/**
 * kvc_memtable_seek - find the first entry from a key on
 * @m: the memtable
 * @key: the key, may be empty
 * @key_len: its length
 * @after: leave the key itself out
 */
struct kvc_entry *kvc_memtable_seek(struct kvc_memtable *m, const void *key,
				    u32 key_len, bool after)
{
	struct rb_node *node = m->root.rb_node;
	struct kvc_entry *e, *best = NULL;
	int order;

	while (node) {
		e = to_entry(node);
		order = kvc_entry_compare(e, key, key_len);
		if (order > 0 || (!order && !after)) {
			best = e;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return best;
}

struct kvc_entry *kvc_memtable_first(const struct kvc_memtable *m)
{
	return to_entry(rb_first(&m->root));
}

struct kvc_entry *kvc_memtable_last(const struct kvc_memtable *m)
{
	return to_entry(rb_last(&m->root));
}

struct kvc_entry *kvc_memtable_next(struct kvc_entry *e)
{
	return to_entry(rb_next(&e->node));
}

/**
 * kvc_memtable_seal - hand all entries over, sorted, and begin a new memtable
 * @m: the memtable, empty afterwards
 * @sealed: gets them
 */
void kvc_memtable_seal(struct kvc_memtable *m, struct kvc_memtable *sealed)
{
	*sealed = *m;
	sealed->hand = NULL;
	m->root = RB_ROOT;
	m->hand = NULL;
	WRITE_ONCE(m->bytes, 0);
	m->entries = 0;
}
