/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_SCAN_H
#define _KVC_SCAN_H

#include "cache.h"

/**
 * struct kvc_range - the keys that a scan wants
 * @start: the first one, or with @prefix what they begin with
 * @end: before this one the range ends
 * @after: only keys after this one
 * @start_len: bytes of @start, may be 0
 * @end_len: bytes of @end, 0 for no end
 * @after_len: bytes of @after, 0 for none
 * @prefix: @end is unused
 * @fenced: also of a cache that is past its fence
 * @gone: also those that are known to be absent, whatever a store has
 */
struct kvc_range {
	const u8 *start;
	const u8 *end;
	const u8 *after;
	u32 start_len;
	u32 end_len;
	u32 after_len;
	bool prefix;
	bool fenced;
	bool gone;
};

/**
 * struct kvc_cell - room for a key
 * @len: of the key that is there
 * @key: its bytes
 */
struct kvc_cell {
	u32 len;
	u8 key[];
};

/**
 * struct kvc_page - the smallest keys of a range, sorted
 * @cells: &struct kvc_cell, of @cell bytes each
 * @order: numbers of the cells: a heap with the largest key on top while
 *	they are collected, then in key order
 * @pos: of the walk through a memtable
 * @cell: bytes of a cell
 * @room: number of cells
 * @count: keys that are there
 * @more: there are keys in the range after these
 */
struct kvc_page {
	u8 *cells;
	u32 *order;
	struct kvc_cell *pos;
	u32 cell;
	u32 room;
	u32 count;
	bool more;
};

int kvc_page_init(struct kvc_page *p, struct kvc_cache *c, u32 keys);
void kvc_page_exit(struct kvc_page *p);
void kvc_page_collect(struct kvc_page *p, struct kvc_cache *c,
		      const struct kvc_range *range);
void kvc_scan_meet(struct kvc_shard *s, const struct kvc_entry *e);
const u8 *kvc_page_key(const struct kvc_page *p, u32 i, u32 *key_len);

#endif
