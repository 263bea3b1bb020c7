// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any number of sorted lists become one (L4)
 *
 * A heap of the lists has the one with the smallest key on top; of two with
 * the same key the one with the newer entry.
 *
 * Entries lie anywhere in memory, and waiting for one after the other is what a
 * merge would spend its time with.  So they are fetched in advance: of a list
 * the entries that come next; of a tree, when the walk enters a part of it, some
 * levels of that part, one after the other, so that it waits once for each
 * level and not once for each entry.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/prefetch.h>
#include <linux/slab.h>
#include "merge.h"

/* Bytes of an entry that are fetched in advance */
#define AHEAD		128
#define LINE		64
/* Levels of a tree likewise, and after how many the next ones are fetched */
#define LEVELS		5
#define LEVELS_STEP	4

/**
 * kvc_merge_init - make room for some lists
 * @m: the merge
 * @lists: how many
 *
 * Context: may sleep.  Return: 0 or -ENOMEM.
 */
int kvc_merge_init(struct kvc_merge *m, u32 lists)
{
	*m = (struct kvc_merge){};
	m->list = kvcalloc(lists, sizeof(*m->list) + sizeof(*m->heap),
			   GFP_KERNEL_ACCOUNT | __GFP_NOWARN |
			   __GFP_RETRY_MAYFAIL);
	if (!m->list)
		return -ENOMEM;
	m->heap = (struct kvc_merge_list **)(m->list + lists);
	m->room = lists;
	return 0;
}

void kvc_merge_exit(struct kvc_merge *m)
{
	kvfree(m->list);
	*m = (struct kvc_merge){};
}

/**
 * kvc_merge_restart - forget all lists
 * @m: the merge
 */
void kvc_merge_restart(struct kvc_merge *m)
{
	m->lists = 0;
	m->count = 0;
}

static u64 head_of(const struct kvc_merge *m, const struct kvc_entry *e)
{
	return kvc_entry_head(e, m->common);
}

static void fetch(const struct kvc_entry *e)
{
	u32 at;

	for (at = 0; e && at < AHEAD; at += LINE)
		prefetch((const u8 *)e + at);
}

static const struct rb_node *fetch_child(const struct rb_node *child)
{
	if (child)
		fetch(rb_entry(child, struct kvc_entry, node));
	return child;
}

/* Some levels below @node, which will be walked through next */
static void fetch_levels(const struct rb_node *node)
{
	const struct rb_node *queue[1 << LEVELS];
	u32 i = 0, end = 1;

	queue[0] = node;
	/* The last level's entries are fetched, but not looked at. */
	for (; i < end && end < ARRAY_SIZE(queue) - 1; i++) {
		queue[end] = fetch_child(queue[i]->rb_left);
		end += !!queue[end];
		queue[end] = fetch_child(queue[i]->rb_right);
		end += !!queue[end];
	}
}

/* As rb_next(), but it fetches what it is about to meet. */
static struct kvc_entry *next_in_tree(const struct kvc_entry *e)
{
	const struct rb_node *node = e->node.rb_right;
	u32 level;

	if (!node)
		return kvc_memtable_next((struct kvc_entry *)e);
	for (level = 0; ; level++, node = node->rb_left) {
		if (level % LEVELS_STEP == 0)
			fetch_levels(node);
		if (!node->rb_left)
			return rb_entry(node, struct kvc_entry, node);
	}
}

/* The next entry becomes the one that was fetched in advance. */
static void advance(struct kvc_merge *m, struct kvc_merge_list *l)
{
	l->e = l->ahead;
	if (!l->e)
		return;
	l->head = head_of(m, l->e);
	l->ahead = NULL;
	if (l->is_tree) {
		l->ahead = next_in_tree(l->e);
	} else if (l->left) {
		l->left--;
		l->ahead = l->at++->e;
	}
	fetch(l->ahead);
}

static int compare(const struct kvc_merge_list *a,
		   const struct kvc_merge_list *b)
{
	if (likely(a->head != b->head))
		return a->head < b->head ? -1 : 1;
	return kvc_entry_compare(a->e, b->e->data, b->e->key_len);
}

/* L4: of the same key the newer entry comes first. */
static bool is_before(const struct kvc_merge_list *a,
		      const struct kvc_merge_list *b)
{
	int order = compare(a, b);

	return order < 0 || (!order && a->e->version > b->e->version);
}

static void sift_up(struct kvc_merge *m, u32 i)
{
	for (; i && is_before(m->heap[i], m->heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(m->heap[i], m->heap[(i - 1) / 2]);
}

static void sift_down(struct kvc_merge *m)
{
	struct kvc_merge_list *top = m->heap[0];
	u32 i = 0, child;

	while ((child = 2 * i + 1) < m->count) {
		if (child + 1 < m->count &&
		    is_before(m->heap[child + 1], m->heap[child]))
			child++;
		if (!is_before(m->heap[child], top))
			break;
		m->heap[i] = m->heap[child];
		i = child;
	}
	m->heap[i] = top;
}

/**
 * kvc_merge_add_tree - add a list
 * @m: the merge, with room for it
 * @tree: has the entries
 */
void kvc_merge_add_tree(struct kvc_merge *m, const struct kvc_memtable *tree)
{
	m->list[m->lists++] = (struct kvc_merge_list){
		.ahead = kvc_memtable_first(tree),
		.last = kvc_memtable_last(tree),
		.is_tree = true,
	};
}

/**
 * kvc_merge_add_held - add a list
 * @m: the merge, with room for it
 * @held: has the entries, sorted
 */
void kvc_merge_add_held(struct kvc_merge *m, const struct kvc_held *held)
{
	struct kvc_merge_list *l = &m->list[m->lists++];

	*l = (struct kvc_merge_list){};
	if (!held->count)
		return;
	l->ahead = held->at[0].e;
	l->last = held->at[held->count - 1].e;
	l->at = held->at + 1;
	l->left = held->count - 1;
}

/* What the first and the last key of a sorted list have in common all have. */
static u32 common_bytes(const struct kvc_merge *m)
{
	const struct kvc_entry *any = NULL;
	u32 i, common = 0;

	for (i = 0; i < m->lists; i++) {
		if (!m->list[i].last)
			continue;
		if (!any) {
			any = m->list[i].last;
			common = any->key_len;
		}
		common = kvc_entry_common(any, m->list[i].ahead, common);
		common = kvc_entry_common(any, m->list[i].last, common);
	}
	return common;
}

/**
 * kvc_merge_begin - begin, when all lists were added
 * @m: the merge
 */
void kvc_merge_begin(struct kvc_merge *m)
{
	struct kvc_merge_list *l;

	m->common = common_bytes(m);
	for (l = m->list; l < m->list + m->lists; l++) {
		advance(m, l);
		if (!l->e)
			continue;
		m->heap[m->count] = l;
		sift_up(m, m->count++);
	}
}

static void step(struct kvc_merge *m)
{
	advance(m, m->heap[0]);
	if (!m->heap[0]->e)
		m->heap[0] = m->heap[--m->count];
	if (m->count)
		sift_down(m);
}

/**
 * kvc_merge_next - go past the smallest key, and older entries of it
 * @m: the merge, not at its end
 */
void kvc_merge_next(struct kvc_merge *m)
{
	const struct kvc_entry *e = m->heap[0]->e;

	do {
		step(m);
	} while (m->count && m->heap[0]->head == head_of(m, e) &&
		 !kvc_entry_compare(m->heap[0]->e, e->data, e->key_len));
}
