// SPDX-License-Identifier: GPL-2.0-only
#include "core/scan.h"
#include "check.h"
#include "model.h"

static bool is_wanted(const struct kvc_range *r, const u8 *key, u32 len)
{
	if (r->prefix)
		return len >= r->start_len &&
		       !memcmp(key, r->start, r->start_len);
	if (keys_order(key, len, r->start, r->start_len) < 0)
		return false;
	return !r->end_len || keys_order(key, len, r->end, r->end_len) < 0;
}

/* The next live key of the range from place @i of the order on, or NULL */
static u32 *next_in_range(struct model *m, const struct kvc_range *r, u32 *i)
{
	u8 key[KEYS_LEN];
	u32 len;

	for (; *i < m->keys; ++*i) {
		len = keys_make(key, m->order[*i]);
		if (is_wanted(r, key, len) &&
		    model_live(m, &m->pairs[m->order[*i]]))
			return &m->order[(*i)++];
	}
	return NULL;
}

static void check_key(struct model *m, const struct kvc_page *p, u32 at,
		      const u32 *want)
{
	u8 key[KEYS_LEN];
	const u8 *got;
	u32 len, got_len;

	got = kvc_page_key(p, at, &got_len);
	CHECK(want, "a key too many: %u", keys_number(got, got_len));
	len = keys_make(key, *want);
	CHECK(got_len == len && !memcmp(got, key, len), "%u, not %u",
	      keys_number(got, got_len), *want);
}

/* Checks a page, and copies its last key to @last; returns if there is more. */
static bool check_page(struct model *m, struct kvc_range *r, u32 room, u32 *i,
		       u8 *last)
{
	struct kvc_page p;
	const u8 *key;
	bool more;
	u32 at;

	CHECK(!kvc_page_init(&p, m->cache, room));
	kvc_page_collect(&p, m->cache, r);
	for (at = 0; at < p.count; at++)
		check_key(m, &p, at, next_in_range(m, r, i));
	CHECK(!p.more || p.count, "no progress");
	if (p.count) {
		key = kvc_page_key(&p, p.count - 1, &r->after_len);
		memcpy(last, key, r->after_len);
		r->after = last;
	}
	more = p.more;
	kvc_page_exit(&p);
	return more;
}

void model_scan(struct model *m, u32 from, u32 to, bool prefix, u32 page)
{
	u8 start[KEYS_LEN], end[KEYS_LEN], last[KEYS_LEN];
	struct kvc_range r = {
		.start = start,
		.start_len = keys_make(start, from),
		.end = end,
		.end_len = keys_make(end, to),
		.prefix = prefix,
	};
	u32 i = 0;

	if (prefix)
		r.start_len = 1 + to % 2;
	m->allow = 0;
	i = model_fenced(m) ? m->keys : 0;
	while (check_page(m, &r, page, &i, last))
		;
	CHECK(!next_in_range(m, &r, &i), "a key was left out");
}
