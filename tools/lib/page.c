// SPDX-License-Identifier: LGPL-2.1-or-later
/* A page of records. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "page.h"

int kvc_page_resize(struct kvc_page *page, uint32_t size)
{
	unsigned char *bytes;

	bytes = malloc(size);
	if (!bytes)
		return -ENOMEM;
	free(page->bytes);
	*page = (struct kvc_page){ .bytes = bytes, .size = size };
	return 0;
}

int kvc_key_compare(const void *a, size_t a_len, const void *b, size_t b_len)
{
	size_t len = a_len < b_len ? a_len : b_len;
	int order = len ? memcmp(a, b, len) : 0;

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

const struct kvc_scan_rec *kvc_page_last(const struct kvc_page *page)
{
	const struct kvc_scan_rec *rec = NULL;
	uint32_t at;

	for (at = 0; at < page->used; at += rec->rec_len)
		rec = (const struct kvc_scan_rec *)(page->bytes + at);
	return rec;
}

static bool rec_valid(const struct kvc_scan_rec *rec, uint32_t room,
		      bool values)
{
	uint64_t need;

	if (room < sizeof(*rec))
		return false;
	need = sizeof(*rec) + (uint64_t)rec->key_len + rec->data_len;
	return rec->rec_len % 8 == 0 && rec->rec_len <= room &&
	       need <= rec->rec_len && rec->key_len &&
	       rec->key_len <= KVC_KEY_MAX && !rec->flags &&
	       rec->data_len == (values ? rec->value_len : 0);
}

bool kvc_page_valid(const struct kvc_page *page, uint32_t count, bool values,
		    const void *after, size_t after_len)
{
	const struct kvc_scan_rec *rec;
	uint32_t at, found = 0;

	for (at = 0; at < page->used; at += rec->rec_len) {
		rec = (const struct kvc_scan_rec *)(page->bytes + at);
		if (!rec_valid(rec, page->used - at, values) ||
		    kvc_key_compare(kvc_rec_key(rec), rec->key_len, after,
				    after_len) <= 0)
			return false;
		after = kvc_rec_key(rec);
		after_len = rec->key_len;
		found++;
	}
	return found == count;
}
