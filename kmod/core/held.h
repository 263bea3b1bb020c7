/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_HELD_H
#define _KVC_HELD_H

#include "entry.h"

/**
 * struct kvc_held_entry - an entry and what is compared first
 * @head: eight bytes of the key, from those on that differ
 * @e: the entry
 */
struct kvc_held_entry {
	u64 head;
	struct kvc_entry *e;
};

/**
 * struct kvc_held - a list of entries that are also elsewhere
 * @at: them, %NULL when there is no room for any
 * @count: their number
 * @room: for how many there is room
 */
struct kvc_held {
	struct kvc_held_entry *at;
	u32 count;
	u32 room;
};

int kvc_held_init(struct kvc_held *h, u32 room);
void kvc_held_exit(struct kvc_held *h);
bool kvc_held_add(struct kvc_held *h, struct kvc_entry *e);
void kvc_held_sort(struct kvc_held *h);
size_t kvc_held_bytes(const struct kvc_held *h);

#endif
