// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/kvcache.h>

#include "clock.h"
#include "page.h"
#include "rocks.h"

struct bytes {
	const unsigned char *data;
	size_t len;
};

/* What a page is made of. */
struct making {
	const struct kvcd_range *range;
	struct bytes start, end, after;
	rocksdb_iterator_t *it;
	uint64_t now;
	struct body *body;
	size_t used;		/* of the body's data */
	struct kvcd_page page;
};

static int compare(struct bytes a, struct bytes b)
{
	size_t least = a.len < b.len ? a.len : b.len;
	int cmp = least ? memcmp(a.data, b.data, least) : 0;

	return cmp ? cmp : (a.len > b.len) - (a.len < b.len);
}

/* The first key that the page may have: not the empty one, which is no pair's. */
static void seek(struct making *m)
{
	char next[KVC_KEY_MAX + 1] = { 0 };

	if (m->after.len && compare(m->after, m->start) >= 0) {
		/* The next key after a key is that with a NUL behind it. */
		memcpy(next, m->after.data, m->after.len);
		rocksdb_iter_seek(m->it, next, m->after.len + 1);
	} else if (m->start.len) {
		rocksdb_iter_seek(m->it, (const char *)m->start.data,
				  m->start.len);
	} else {
		rocksdb_iter_seek(m->it, next, 1);
	}
}

static bool in_range(const struct making *m, struct bytes key)
{
	if (m->range->flags & KVCD_RANGE_PREFIX)
		return key.len >= m->start.len &&
		       (!m->start.len ||
			!memcmp(key.data, m->start.data, m->start.len));
	return !m->end.len || compare(key, m->end) < 0;
}

static int make_room(struct making *m, size_t more)
{
	size_t size = m->body->len;

	while (size - m->used < more)
		size *= 2;
	if (size > m->body->len)
		m->body = body_resize(m->body, size);
	return m->body ? 0 : -ENOMEM;
}

/* 0; 1: the page is full; or -errno. */
static int add(struct making *m, struct bytes key, const struct record *r)
{
	bool keys = m->range->flags & KVCD_RANGE_KEYS;
	struct kvc_scan_rec rec = {
		.key_len = key.len,
		.value_len = r->value_len,
		.data_len = keys ? 0 : r->value_len,
		.client_flags = r->client_flags,
		.version = r->version,
		.expiry = expiry_from_store(r->expiry),
	};
	size_t size = sizeof(rec) + rec.key_len + (size_t)rec.data_len;
	size_t whole = (size + 7) & ~(size_t)7;
	size_t room = m->range->room < PAGE_MOST ? m->range->room : PAGE_MOST;
	unsigned char *at;

	if (m->page.count && m->used - sizeof(m->page) + whole > room)
		return 1;
	if (make_room(m, whole))
		return -ENOMEM;
	rec.rec_len = whole;
	at = m->body->data + m->used;
	memcpy(at, &rec, sizeof(rec));
	memcpy(at + sizeof(rec), key.data, key.len);
	memcpy(at + sizeof(rec) + key.len, r->value, rec.data_len);
	memset(at + size, 0, whole - size);
	m->used += whole;
	m->page.count++;
	return 0;
}

static int add_present(struct making *m, struct bytes key, struct why *why)
{
	struct record record;
	const char *value;
	size_t len;

	value = rocksdb_iter_value(m->it, &len);
	if (record_decode(value, len, &record)) {
		why_set(why, "a pair is not kvcd's");
		return -EBADMSG;
	}
	if (expiry_passed(record.expiry, m->now))
		return 0;
	return add(m, key, &record);
}

static int collect(struct making *m, struct why *why)
{
	struct bytes key;
	char *err = NULL;
	int ret = 0;

	for (seek(m); !ret && rocksdb_iter_valid(m->it);
	     rocksdb_iter_next(m->it)) {
		key.data = (const unsigned char *)rocksdb_iter_key(m->it,
								   &key.len);
		if (!in_range(m, key))
			return 0;
		ret = add_present(m, key, why);
	}
	if (ret == 1) {
		m->page.more = 1;
		return 0;
	}
	if (!ret) {
		rocksdb_iter_get_error(m->it, &err);
		ret = rocks_error(err, "scan", why);
	}
	return ret;
}

int page_make(struct store *store, struct column *column,
	      const struct kvcd_range *range, const unsigned char *keys,
	      struct body **out, struct why *why)
{
	rocksdb_readoptions_t *options = rocksdb_readoptions_create();
	struct making m = {
		.range = range,
		.start = { keys, range->start_len },
		.end = { keys + range->start_len, range->end_len },
		.after = { keys + range->start_len + range->end_len,
			   range->after_len },
		.it = store_iterate(store, column, options),
		.now = clock_real(),
		.body = body_new(4096),
		.used = sizeof(m.page),
	};
	int ret = -ENOMEM;

	why_set(why, m.it ? "out of memory" :
		     "the store cannot be opened again after an error");
	if (!m.it)
		ret = -EIO;
	else if (m.body)
		ret = collect(&m, why);
	if (!ret) {
		memcpy(m.body->data, &m.page, sizeof(m.page));
		m.body->len = m.used;
		*out = m.body;
	} else {
		body_put(m.body);
	}
	if (m.it)
		store_iterated(store, m.it);
	rocksdb_readoptions_destroy(options);
	return ret;
}
