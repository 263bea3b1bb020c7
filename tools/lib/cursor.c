// SPDX-License-Identifier: LGPL-2.1-or-later
/* Scans: pages of records from the kernel, handed out one by one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define FIRST_PAGE	(64u << 10)

/* A key that the cursor keeps: the caller's may go away between pages. */
struct key_copy {
	uint32_t len;
	unsigned char bytes[KVC_KEY_MAX];
};

struct kvc_cursor {
	struct kvc *kvc;
	unsigned char *page;
	uint32_t page_size;
	uint32_t used;		/* bytes of records in the page */
	uint32_t at;		/* bytes of these that were handed out */
	uint32_t flags;
	int more;		/* there may be pages after this one */
	struct key_copy start;
	struct key_copy end;
	struct key_copy after;
};

static int copy_key(struct key_copy *copy, const void *key, size_t len)
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

	if (range->reserved)
		return -EINVAL;
	cursor->flags = range->flags;
	ret = copy_key(&cursor->start, range->start, range->start_len);
	if (!ret)
		ret = copy_key(&cursor->end, range->end, range->end_len);
	if (!ret)
		ret = copy_key(&cursor->after, range->after, range->after_len);
	return ret;
}

static int resize_page(struct kvc_cursor *cursor, uint32_t size)
{
	unsigned char *page;

	page = malloc(size);
	if (!page)
		return -ENOMEM;
	free(cursor->page);
	cursor->page = page;
	cursor->page_size = size;
	return 0;
}

KVC_API int kvc_scan_open(struct kvc *kvc, const struct kvc_range *range,
			  struct kvc_cursor **out)
{
	static const struct kvc_range every;
	struct kvc_cursor *cursor;
	int ret;

	cursor = calloc(1, sizeof(*cursor));
	if (!cursor)
		return -ENOMEM;
	cursor->kvc = kvc;
	cursor->more = 1;
	ret = copy_range(cursor, range ? range : &every);
	if (!ret)
		ret = resize_page(cursor, FIRST_PAGE);
	if (ret) {
		kvc_scan_close(cursor);
		return ret;
	}
	*out = cursor;
	return 0;
}

/* Asks for the next page; @needed is set with -ERANGE. */
static int read_page(struct kvc_cursor *cursor, uint32_t *needed)
{
	struct kvc_scan arg = {
		.start = kvc_u64(cursor->start.bytes),
		.end = kvc_u64(cursor->end.bytes),
		.after = kvc_u64(cursor->after.bytes),
		.start_len = cursor->start.len,
		.end_len = cursor->end.len,
		.after_len = cursor->after.len,
		.flags = cursor->flags,
		.buf = kvc_u64(cursor->page),
		.buf_len = cursor->page_size,
	};
	int ret;

	ret = kvc_call(cursor->kvc, KVC_IOC_SCAN, &arg);
	*needed = arg.needed;
	if (ret)
		return ret;
	cursor->used = arg.used;
	cursor->at = 0;
	cursor->more = arg.more;
	return 0;
}

/* The next page, in a buffer that is enlarged until a record fits. */
static int next_page(struct kvc_cursor *cursor)
{
	uint32_t needed;
	int ret;

	while ((ret = read_page(cursor, &needed)) == -ERANGE) {
		ret = resize_page(cursor, needed);
		if (ret)
			return ret;
	}
	return ret;
}

static void take_pair(struct kvc_pair *pair, const struct kvc_scan_rec *rec,
		      uint32_t flags)
{
	const unsigned char *key = (const unsigned char *)(rec + 1);

	*pair = (struct kvc_pair){
		.key = key,
		.value = flags & KVC_SCAN_F_KEYS ? NULL : key + rec->key_len,
		.key_len = rec->key_len,
		.value_len = rec->value_len,
		.meta = {
			.version = rec->version,
			.expiry = rec->expiry,
			.client_flags = rec->client_flags,
		},
	};
}

KVC_API int kvc_scan_next(struct kvc_cursor *cursor, struct kvc_pair *pair)
{
	const struct kvc_scan_rec *rec;
	int ret;

	while (cursor->at == cursor->used) {
		if (!cursor->more)
			return 0;
		ret = next_page(cursor);
		if (ret)
			return ret;
	}
	rec = (const struct kvc_scan_rec *)(cursor->page + cursor->at);
	take_pair(pair, rec, cursor->flags);
	cursor->at += rec->rec_len;
	/* The last key of a page is where the next one begins. */
	if (cursor->at == cursor->used)
		copy_key(&cursor->after, pair->key, pair->key_len);
	return 1;
}

KVC_API void kvc_scan_close(struct kvc_cursor *cursor)
{
	if (!cursor)
		return;
	free(cursor->page);
	free(cursor);
}
