// SPDX-License-Identifier: GPL-2.0-only
/*
 * A scan of cache and store, as a client does it: pages of the cache with what
 * is gone, and between their keys those of the store
 */
#include "core/lookup.h"
#include "core/scan.h"
#include "behind.h"
#include "check.h"

/* The first key of the model's order from @i on that is in the range */
static bool wants(const struct kvc_range *r, u32 number)
{
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);

	if (keys_order(key, len, r->start, r->start_len) < 0)
		return false;
	return !r->end_len || keys_order(key, len, r->end, r->end_len) < 0;
}

/*
 * The cache does not say a word of the key.  What came or went since the page
 * was begun, at @tick, may be on it or not.
 */
static void expect_of_store(struct behind *b, u32 number, u64 tick)
{
	const struct cell *cell = &b->cells[number];

	if (cell->changed > tick) {
		b->seen.crossed++;
		return;
	}
	/* It may have been in the store only, and written after the page. */
	if (cell->written > tick) {
		CHECK(behind_live(b, &cell->store) ||
		      !behind_live(b, &cell->truth), "key %u was missed",
		      number);
		return;
	}
	CHECK(behind_live(b, &cell->store) == behind_live(b, &cell->truth),
	      "key %u: the store has it otherwise", number);
	CHECK(!cell->run, "key %u is dirty, and was not met", number);
	b->seen.store_only += cell->store.there;
}

static void expect_of_cache(struct behind *b, u32 number, const u8 *key,
			    u32 len, u64 tick)
{
	const struct value *v = &b->cells[number].truth;
	u32 hash = kvc_cache_hash(b->cache, key, len);
	struct kvc_entry *e;
	u64 now = 0;
	bool gone;

	gone = kvc_cache_is_gone(b->cache, hash, key, len, &now);
	rcu_read_lock();
	e = kvc_cache_find(b->cache, hash, key, len, &now);
	CHECK(!gone || !e);
	CHECK(!gone || !behind_live(b, v), "key %u", number);
	if (e)
		CHECK(behind_live(b, v) &&
		      behind_is_value(kvc_entry_value(e), v));
	rcu_read_unlock();
	b->seen.scanned++;
	/* Then it has left since. */
	if (!e && !gone)
		expect_of_store(b, number, tick);
}

/* Returns if there is more; all keys of the order before @i were seen. */
static bool scan_page(struct behind *b, struct kvc_range *r, u32 room, u32 *i,
		      u8 *last)
{
	u64 tick = b->tick;
	struct kvc_page p;
	const u8 *key;
	u32 at, len;
	bool more;

	CHECK(!kvc_page_init(&p, b->cache, room));
	behind_open(b, true);
	kvc_page_collect(&p, b->cache, r);
	behind_close(b);
	CHECK(!p.more || p.count, "no progress");
	for (at = 0; at < p.count; at++) {
		key = kvc_page_key(&p, at, &len);
		for (; *i < b->keys &&
		     b->order[*i] != keys_number(key, len); ++*i)
			if (wants(r, b->order[*i]))
				expect_of_store(b, b->order[*i], tick);
		CHECK(*i < b->keys, "out of order, or twice");
		CHECK(wants(r, b->order[*i]));
		expect_of_cache(b, b->order[(*i)++], key, len, tick);
	}
	if (p.count) {
		key = kvc_page_key(&p, p.count - 1, &r->after_len);
		memcpy(last, key, r->after_len);
		r->after = last;
	}
	more = p.more;
	kvc_page_exit(&p);
	for (; !more && *i < b->keys; ++*i)
		if (wants(r, b->order[*i]))
			expect_of_store(b, b->order[*i], tick);
	return more;
}

/* L9 */
void behind_scan(struct behind *b, u32 from, u32 to, u32 page)
{
	u8 start[KEYS_LEN], end[KEYS_LEN], last[KEYS_LEN];
	struct kvc_range r = {
		.start = start,
		.start_len = keys_make(start, from),
		.end = end,
		.end_len = keys_make(end, to),
		.gone = true,
	};
	u32 i = 0;

	while (scan_page(b, &r, page, &i, last))
		;
}
