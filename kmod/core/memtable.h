/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_MEMTABLE_H
#define _KVC_MEMTABLE_H

#include <linux/rbtree.h>
#include "entry.h"

/**
 * struct kvc_memtable - one shard's part of the sorted memtable
 * @root: entries in key order
 * @hand: where the search for a victim goes on
 * @bytes: of all entries, by the allocator's real sizes
 * @entries: their number
 * @sorted: its entries have the place KVC_ENTRY_SORTED
 *
 * Under the shard lock.
 */
struct kvc_memtable {
	struct rb_root root;
	struct rb_node *hand;
	size_t bytes;
	u32 entries;
	bool sorted;
};

void kvc_memtable_insert(struct kvc_memtable *m, struct kvc_entry *e);
void kvc_memtable_remove(struct kvc_memtable *m, struct kvc_entry *e);
void kvc_memtable_replace(struct kvc_memtable *m, struct kvc_entry *old,
			  struct kvc_entry *e);
struct kvc_entry *kvc_memtable_victim(struct kvc_memtable *m,
				      const struct kvc_entry *keep);
struct kvc_entry *kvc_memtable_seek(struct kvc_memtable *m, const void *key,
				    u32 key_len, bool after);
struct kvc_entry *kvc_memtable_first(const struct kvc_memtable *m);
struct kvc_entry *kvc_memtable_last(const struct kvc_memtable *m);
struct kvc_entry *kvc_memtable_next(struct kvc_entry *e);
void kvc_memtable_seal(struct kvc_memtable *m, struct kvc_memtable *sealed);

#endif
