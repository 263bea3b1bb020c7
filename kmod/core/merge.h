/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_MERGE_H
#define _KVC_MERGE_H

#include "held.h"
#include "memtable.h"

/**
 * struct kvc_merge_list - a sorted list of which some is merged already
 * @e: its next entry
 * @head: eight bytes of that one's key, from those on that differ
 * @ahead: the entry after @e, fetched from memory in advance, or NULL
 * @last: the last one
 * @at: of a &struct kvc_held, what comes after @ahead
 * @left: entries from @at on
 * @is_tree: it is a memtable
 */
struct kvc_merge_list {
	struct kvc_entry *e;
	u64 head;
	struct kvc_entry *ahead;
	struct kvc_entry *last;
	const struct kvc_held_entry *at;
	u32 left;
	bool is_tree;
};

/**
 * struct kvc_merge - sorted lists that are merged to one
 * @list: them
 * @heap: those that are not at their end, the one with the smallest key on top
 * @room: for how many lists there is room
 * @lists: their number
 * @count: of lists in @heap
 * @common: bytes that all keys begin with
 *
 * Nobody may change the lists meanwhile.
 */
struct kvc_merge {
	struct kvc_merge_list *list;
	struct kvc_merge_list **heap;
	u32 room;
	u32 lists;
	u32 count;
	u32 common;
};

int kvc_merge_init(struct kvc_merge *m, u32 lists);
void kvc_merge_exit(struct kvc_merge *m);
void kvc_merge_restart(struct kvc_merge *m);
void kvc_merge_add_tree(struct kvc_merge *m, const struct kvc_memtable *tree);
void kvc_merge_add_held(struct kvc_merge *m, const struct kvc_held *held);
void kvc_merge_begin(struct kvc_merge *m);
void kvc_merge_next(struct kvc_merge *m);

/* The smallest key's entry, the newest one of it; NULL: all lists are empty */
static inline struct kvc_entry *kvc_merge_peek(const struct kvc_merge *m)
{
	return m->count ? m->heap[0]->e : NULL;
}

#endif
