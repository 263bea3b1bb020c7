// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Scans: pages of records from the kernel, from the store, or from both, merged,
 * and handed out one by one
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cursor.h"

static int copy_key(struct kvc_key_copy *copy, const void *key, size_t len)
{
	if (len > sizeof(copy->bytes))
		return -ENAMETOOLONG;
	if (len)
		memcpy(copy->bytes, key, len);
	copy->len = len;
	return 0;
}

static int copy_range(struct kvc_cursor *cursor, const struct kvc_range *range)
{
	int ret;

	if (range->reserved || range->flags & KVC_SCAN_F_GONE)
		return -EINVAL;
	cursor->flags = range->flags;
	ret = copy_key(&cursor->start, range->start, range->start_len);
	if (!ret)
		ret = copy_key(&cursor->end, range->end, range->end_len);
	if (!ret)
		ret = copy_key(&cursor->after, range->after, range->after_len);
	cursor->store_after = cursor->after;
	return ret;
}

static int make_pages(struct kvc_cursor *cursor)
{
	int ret = 0;

	if (cursor->cache_side)
		ret = kvc_page_resize(&cursor->cache, KVC_PAGE_FIRST);
	if (!ret && cursor->store_side)
		ret = kvc_page_resize(&cursor->store, KVC_PAGE_FIRST);
	return ret;
}

static int open_scan(struct kvc *kvc, const struct kvc_range *range,
		     bool cache_side, bool store_side, struct kvc_cursor **out)
{
	static const struct kvc_range every;
	struct kvc_cursor *cursor;
	int ret;

	cursor = calloc(1, sizeof(*cursor));
	if (!cursor)
		return -ENOMEM;
	cursor->kvc = kvc;
	cursor->cache_side = cache_side;
	cursor->store_side = store_side;
	cursor->cache_more = cache_side;
	/* Beside the kernel's pages it is read after the first of these. */
	cursor->store_more = !cache_side;
	ret = copy_range(cursor, range ? range : &every);
	if (!ret)
		ret = make_pages(cursor);
	if (ret) {
		kvc_scan_close(cursor);
		return ret;
	}
	*out = cursor;
	return 0;
}

KVC_API int kvc_scan_open(struct kvc *kvc, const struct kvc_range *range,
			  struct kvc_cursor **out)
{
	return open_scan(kvc, range, true, kvc_asks_store(kvc), out);
}

KVC_API int kvc_store_scan_open(struct kvc *kvc, const struct kvc_range *range,
				struct kvc_cursor **out)
{
	return open_scan(kvc, range, false, true, out);
}

/* Asks the kernel for the next page; @needed is set with -ERANGE. */
static int read_page(struct kvc_cursor *cursor, uint32_t *needed)
{
	struct kvc_scan arg = {
		.start = kvc_u64(cursor->start.bytes),
		.end = kvc_u64(cursor->end.bytes),
		.after = kvc_u64(cursor->after.bytes),
		.start_len = cursor->start.len,
		.end_len = cursor->end.len,
		.after_len = cursor->after.len,
		.flags = cursor->flags |
			 (cursor->store_side ? KVC_SCAN_F_GONE : 0),
		.buf = kvc_u64(cursor->cache.bytes),
		.buf_len = cursor->cache.size,
	};
	int ret;

	ret = kvc_call(cursor->kvc, KVC_IOC_SCAN, &arg);
	*needed = arg.needed;
	if (ret)
		return ret;
	cursor->cache.used = arg.used;
	cursor->cache.at = 0;
	cursor->cache_more = arg.more;
	return 0;
}

/*
 * The next page, in a buffer that is enlarged until a record fits.  What the
 * last one covered has been handed out, on the store's side too, which goes on
 * from the same key.
 */
static int next_page(struct kvc_cursor *cursor)
{
	const struct kvc_scan_rec *last;
	uint32_t needed;
	int ret;

	while ((ret = read_page(cursor, &needed)) == -ERANGE) {
		ret = kvc_page_resize(&cursor->cache, needed);
		if (ret)
			return ret;
	}
	if (ret)
		return ret;
	cursor->store_after = cursor->after;
	cursor->store_more = cursor->store_side;
	/* The last key of a page is where the next one begins. */
	last = kvc_page_last(&cursor->cache);
	if (last)
		copy_key(&cursor->after, kvc_rec_key(last), last->key_len);
	return 0;
}

static void give(struct kvc_cursor *cursor, struct kvc_page *page,
		 struct kvc_pair *pair)
{
	const struct kvc_scan_rec *rec = kvc_page_peek(page);
	const unsigned char *key = kvc_rec_key(rec);

	*pair = (struct kvc_pair){
		.key = key,
		.value = cursor->flags & KVC_SCAN_F_KEYS ? NULL :
							   key + rec->key_len,
		.key_len = rec->key_len,
		.value_len = rec->value_len,
		.meta = {
			.version = rec->version,
			.expiry = rec->expiry,
			.client_flags = rec->client_flags,
		},
	};
	kvc_page_next(page);
}

/* The page with the smaller key; on one key the kernel's, which is newer. */
static struct kvc_page *choose(struct kvc_cursor *cursor)
{
	const struct kvc_scan_rec *mine = kvc_page_peek(&cursor->cache);
	const struct kvc_scan_rec *other = kvc_page_peek(&cursor->store);
	int order;

	if (!mine || !other)
		return mine ? &cursor->cache : &cursor->store;
	order = kvc_key_compare(kvc_rec_key(mine), mine->key_len,
				kvc_rec_key(other), other->key_len);
	if (!order)
		kvc_page_next(&cursor->store);
	return order <= 0 ? &cursor->cache : &cursor->store;
}

/* Reads until there is a record to choose; 1, or 0 at the end. */
static int fill_pages(struct kvc_cursor *cursor)
{
	int ret = 0;

	for (;;) {
		if (!kvc_page_peek(&cursor->store) && cursor->store_more)
			ret = kvc_storepage_read(cursor);
		else if (kvc_page_peek(&cursor->store) ||
			 kvc_page_peek(&cursor->cache))
			return 1;
		else if (cursor->cache_more)
			ret = next_page(cursor);
		else
			return 0;
		if (ret)
			return ret;
	}
}

KVC_API int kvc_scan_next(struct kvc_cursor *cursor, struct kvc_pair *pair)
{
	struct kvc_page *page;
	int ret;

	while ((ret = fill_pages(cursor)) > 0) {
		page = choose(cursor);
		if (!(kvc_page_peek(page)->flags & KVC_SCAN_REC_GONE)) {
			give(cursor, page, pair);
			break;
		}
		kvc_page_next(page);
	}
	return ret;
}

KVC_API void kvc_scan_close(struct kvc_cursor *cursor)
{
	if (!cursor)
		return;
	free(cursor->cache.bytes);
	free(cursor->store.bytes);
	free(cursor);
}
