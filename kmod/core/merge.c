// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any number of sorted lists become one (L4)
 *
 * A heap of the lists has the one with the smallest key on top; of two with
 * the same key the one with the newer entry.  Each list fetches the entry
 * after its next one in advance: by the time that it is needed it has come
 * from memory, while the other lists had their turn.
 */
#include <asm/byteorder.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/prefetch.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "merge.h"

/* Bytes of an entry that are fetched in advance */
#define AHEAD		128
#define LINE		64

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

static u64 head_of(const struct kvc_entry *e)
{
	__be64 head = 0;

	memcpy(&head, e->data, min_t(u32, e->key_len, sizeof(head)));
	return be64_to_cpu(head);
}

static void fetch(const struct kvc_entry *e)
{
	u32 at;

	for (at = 0; e && at < AHEAD; at += LINE)
		prefetch((const u8 *)e + at);
}

/* The next entry becomes the one that was fetched in advance. */
static void advance(struct kvc_merge_list *l)
{
	l->e = l->ahead;
	if (!l->e)
		return;
	l->head = head_of(l->e);
	l->ahead = NULL;
	if (l->is_tree) {
		l->ahead = kvc_memtable_next(l->e);
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

static void add(struct kvc_merge *m, struct kvc_merge_list *l)
{
	m->lists++;
	advance(l);
	if (!l->e)
		return;
	m->heap[m->count] = l;
	sift_up(m, m->count++);
}

/**
 * kvc_merge_add_tree - add a list
 * @m: the merge, with room for it
 * @tree: has the entries
 */
void kvc_merge_add_tree(struct kvc_merge *m, const struct kvc_memtable *tree)
{
	struct kvc_merge_list *l = &m->list[m->lists];

	*l = (struct kvc_merge_list){
		.ahead = kvc_memtable_first(tree),
		.is_tree = true,
	};
	add(m, l);
}

/**
 * kvc_merge_add_held - add a list
 * @m: the merge, with room for it
 * @held: has the entries, sorted
 */
void kvc_merge_add_held(struct kvc_merge *m, const struct kvc_held *held)
{
	struct kvc_merge_list *l = &m->list[m->lists];

	*l = (struct kvc_merge_list){ .at = held->at, .left = held->count };
	if (l->left) {
		l->left--;
		l->ahead = l->at++->e;
	}
	add(m, l);
}

static void step(struct kvc_merge *m)
{
	advance(m->heap[0]);
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
	} while (m->count && m->heap[0]->head == head_of(e) &&
		 !kvc_entry_compare(m->heap[0]->e, e->data, e->key_len));
}
