// SPDX-License-Identifier: LGPL-2.1-or-later
/* Pages of what the store has. */
#include <errno.h>
#include <string.h>

#include "cursor.h"

static void add(unsigned char **at, const void *bytes, size_t len)
{
	memcpy(*at, bytes, len);
	*at += len;
}

/*
 * What lies behind the kernel's page is of no use yet: the smallest key behind
 * its last one ends the page, unless it is too long for a key.
 */
static bool ends_with_cache(const struct kvc_cursor *cursor)
{
	return cursor->cache_side && cursor->cache_more &&
	       cursor->after.len < KVC_KEY_MAX;
}

static uint32_t make_request(struct kvc_cursor *cursor)
{
	struct kvcd_range range = {
		.start_len = cursor->start.len,
		.end_len = cursor->end.len,
		.after_len = cursor->store_after.len,
		.room = KVC_PAGE_FIRST,
	};
	unsigned char *at = cursor->request + sizeof(range);
	bool cut = ends_with_cache(cursor);

	add(&at, cursor->start.bytes, cursor->start.len);
	if (cut) {
		add(&at, cursor->after.bytes, cursor->after.len);
		*at++ = '\0';
		range.end_len = cursor->after.len + 1;
	} else if (cursor->flags & KVC_SCAN_F_PREFIX) {
		range.flags |= KVCD_RANGE_PREFIX;
		range.end_len = 0;
	} else {
		add(&at, cursor->end.bytes, cursor->end.len);
	}
	add(&at, cursor->store_after.bytes, cursor->store_after.len);
	if (cursor->flags & KVC_SCAN_F_KEYS)
		range.flags |= KVCD_RANGE_KEYS;
	memcpy(cursor->request, &range, sizeof(range));
	return at - cursor->request;
}

/* An answer, before its records. */
struct answer {
	struct kvc_page *page;
	struct kvcd_page head;
};

static int take_page(struct kvc_conn *conn, struct kvc_ask *ask, uint32_t len)
{
	struct answer *answer = ask->arg;
	struct kvc_page *page = answer->page;
	int ret;

	if (len < sizeof(answer->head))
		return -EPROTO;
	len -= sizeof(answer->head);
	page->used = 0;
	page->at = 0;
	ret = kvc_conn_read(conn, &answer->head, sizeof(answer->head));
	if (!ret && len > page->size)
		ret = kvc_page_resize(page, len);
	if (!ret)
		ret = kvc_conn_read(conn, page->bytes, len);
	if (!ret)
		page->used = len;
	return ret;
}

/* Leaves out what the kernel's page does not cover. */
static void cut(struct kvc_cursor *cursor)
{
	struct kvc_page *page = &cursor->store;
	const struct kvc_scan_rec *rec;
	uint32_t at;

	for (at = 0; at < page->used; at += rec->rec_len) {
		rec = (const struct kvc_scan_rec *)(page->bytes + at);
		if (kvc_key_compare(kvc_rec_key(rec), rec->key_len,
				    cursor->after.bytes,
				    cursor->after.len) <= 0)
			continue;
		page->used = at;
		cursor->store_more = false;
		break;
	}
}

static void keep_last(struct kvc_cursor *cursor)
{
	const struct kvc_scan_rec *last = kvc_page_last(&cursor->store);

	if (!last)
		return;
	memcpy(cursor->store_after.bytes, kvc_rec_key(last), last->key_len);
	cursor->store_after.len = last->key_len;
}

static bool is_valid(const struct kvc_cursor *cursor,
		     const struct kvcd_page *head)
{
	const struct kvc_key_copy *after = &cursor->store_after;

	/* A page without a record that has more after it would never end. */
	return head->more <= 1 && head->more <= head->count &&
	       kvc_page_valid(&cursor->store, head->count,
			      !(cursor->flags & KVC_SCAN_F_KEYS),
			      after->bytes, after->len);
}

int kvc_storepage_read(struct kvc_cursor *cursor)
{
	struct answer answer = { .page = &cursor->store };
	struct kvc_ask ask = {
		.type = KVCD_STORE_SCAN,
		.len = make_request(cursor),
		.body = cursor->request,
		.take = take_page,
		.arg = &answer,
	};
	int ret;

	ret = kvc_store_ask(cursor->kvc, &ask, 1);
	if (!ret)
		ret = ask.result;
	if (!ret && !is_valid(cursor, &answer.head))
		ret = kvc_store_nonsense(cursor->kvc);
	if (ret) {
		cursor->store.used = 0;
		cursor->store.at = 0;
		return ret;
	}
	cursor->store_more = answer.head.more;
	if (cursor->cache_side && cursor->cache_more)
		cut(cursor);
	keep_last(cursor);
	return 0;
}
