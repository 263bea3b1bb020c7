// SPDX-License-Identifier: GPL-2.0-only
/* Ordered scans over both tiers and all shards */
#include <linux/errno.h>
#include "core/pool.h"
#include "core/scan.h"
#include "fixture.h"

#define PAIRS	600

/* Half of the pairs are in the memtable, put in no order. */
static struct fixture *begin(struct kunit *test, unsigned int shards)
{
	struct fixture *f = test->priv;
	char key[FIXTURE_KEY];
	unsigned int i;

	f->config.flags = KVC_CACHE_F_NOEVICT;
	f->config.value_max = 1024;
	f->config.limit = shards * (64 << 10);
	f->config.tier = shards * (20 << 10);
	fixture_cache(test, KVC_MODE_CACHE);
	KUNIT_ASSERT_EQ(test, kvc_cache_shards(f->cache), shards);
	for (i = 0; i < PAIRS; i++)
		KUNIT_ASSERT_EQ(test, fixture_put(f, fixture_key(key, i * 389 %
								 PAIRS),
						  "v"), 0);
	return f;
}

static void expect_key(struct kunit *test, const struct kvc_page *p, u32 i,
		       const char *key)
{
	const u8 *got;
	u32 len;

	got = kvc_page_key(p, i, &len);
	KUNIT_EXPECT_EQ(test, len, strlen(key));
	KUNIT_EXPECT_TRUE_MSG(test, len == strlen(key) &&
			      !memcmp(got, key, len), "%.*s, not %s", len,
			      (const char *)got, key);
}

/* Pages of @keys through the whole range, which must be @from to @to - 1 */
static void expect_scan(struct kunit *test, struct kvc_range *range, u32 keys,
			u32 from, u32 to)
{
	struct fixture *f = test->priv;
	struct kvc_page p;
	char key[FIXTURE_KEY], last[FIXTURE_KEY];
	u32 i, pages = 0;

	do {
		KUNIT_ASSERT_EQ(test, kvc_page_init(&p, f->cache, keys), 0);
		kvc_page_collect(&p, f->cache, range);
		for (i = 0; i < p.count; i++)
			expect_key(test, &p, i, fixture_key(key, from++));
		strcpy(last, key);
		range->after = (const u8 *)last;
		range->after_len = strlen(last);
		kvc_page_exit(&p);
	} while (p.more && p.count && ++pages < 2 * PAIRS);
	KUNIT_EXPECT_EQ(test, from, to);
	KUNIT_EXPECT_FALSE(test, p.more);
}

static void scan_meets_everything_in_order(struct kunit *test)
{
	struct kvc_range range = {};
	struct kvc_stats st;

	fixture_stats(begin(test, 1), &st);
	KUNIT_EXPECT_GT(test, st.entries_tier, 200);
	KUNIT_EXPECT_GT(test, st.entries_memtable, 200);
	/* C1: over both tiers, in one page */
	expect_scan(test, &range, PAIRS + 1, 0, PAIRS);
}

static void scan_pages_without_gaps(struct kunit *test)
{
	struct kvc_range range = {};

	begin(test, 1);
	expect_scan(test, &range, 16, 0, PAIRS);
	range.after_len = 0;
	expect_scan(test, &range, 37, 0, PAIRS);
}

static void scan_merges_shards(struct kunit *test)
{
	struct kvc_range range = {};

	begin(test, 4);
	expect_scan(test, &range, 16, 0, PAIRS);
	range.after_len = 0;
	expect_scan(test, &range, PAIRS, 0, PAIRS);
}

static void scan_keeps_to_the_range(struct kunit *test)
{
	struct kvc_range range = {
		.start = (const u8 *)"k0000100", .start_len = 8,
		.end = (const u8 *)"k0000300", .end_len = 8,
	};

	begin(test, 1);
	/* The start is included, the end is not. */
	expect_scan(test, &range, 50, 100, 300);
	range.start = (const u8 *)"k00000995";
	range.start_len = 9;
	range.after_len = 0;
	expect_scan(test, &range, 50, 100, 300);
}

static void scan_after_a_key(struct kunit *test)
{
	struct kvc_range range = {
		.start = (const u8 *)"k0000100", .start_len = 8,
		.after = (const u8 *)"k0000199", .after_len = 8,
	};

	begin(test, 1);
	expect_scan(test, &range, 50, 200, PAIRS);
	/* Before the start it is of no effect. */
	range.after = (const u8 *)"a";
	range.after_len = 1;
	expect_scan(test, &range, 50, 100, PAIRS);
}

static void scan_keeps_to_the_prefix(struct kunit *test)
{
	struct kvc_range range = {
		.start = (const u8 *)"k00002", .start_len = 6, .prefix = true,
	};

	begin(test, 2);
	expect_scan(test, &range, 16, 200, 300);
	range.start = (const u8 *)"k0000599";
	range.start_len = 8;
	range.after_len = 0;
	expect_scan(test, &range, 16, 599, 600);
	range.start = (const u8 *)"l";
	range.start_len = 1;
	range.after_len = 0;
	expect_scan(test, &range, 16, 0, 0);
}

static void scan_leaves_the_expired_out(struct kunit *test)
{
	struct fixture *f = begin(test, 1);
	struct kvc_range range = {};
	char key[FIXTURE_KEY];
	u32 i;

	for (i = 100; i < PAIRS; i++)
		KUNIT_ASSERT_EQ(test, fixture_touch(f, fixture_key(key, i), 1),
				0);
	expect_scan(test, &range, 16, 0, 100);
}

static void scan_of_long_keys(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct kvc_range range = {};
	struct kvc_page p;
	char *key;
	u32 i;

	f->config.value_max = 1024;
	f->config.limit = 1 << 20;
	fixture_cache(test, KVC_MODE_CACHE);
	key = kzalloc(KVC_KEY_MAX + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, key);
	memset(key, 'x', KVC_KEY_MAX);
	for (i = 1; i <= KVC_KEY_MAX; i *= 4) {
		key[i] = 0;
		KUNIT_EXPECT_EQ(test, fixture_put(f, key, "v"), 0);
		key[i] = 'x';
	}
	key[KVC_KEY_MAX] = 0;
	KUNIT_EXPECT_EQ(test, kvc_page_init(&p, f->cache, 1000), 0);
	kvc_page_collect(&p, f->cache, &range);
	KUNIT_EXPECT_EQ(test, p.count, 7);
	for (i = 0; i < p.count; i++) {
		u32 len;

		kvc_page_key(&p, i, &len);
		KUNIT_EXPECT_EQ(test, len, 1 << 2 * i);
	}
	kvc_page_exit(&p);
	kfree(key);
}

static void scan_of_an_empty_cache(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);
	struct kvc_range range = {};
	struct kvc_page p;

	KUNIT_ASSERT_EQ(test, kvc_page_init(&p, f->cache, 1), 0);
	kvc_page_collect(&p, f->cache, &range);
	KUNIT_EXPECT_EQ(test, p.count, 0);
	KUNIT_EXPECT_FALSE(test, p.more);
	kvc_page_exit(&p);
}

/* The page is bounded, whatever is asked for; the rest is in the next. */
static void scan_page_is_bounded(struct kunit *test)
{
	struct fixture *f = begin(test, 1);
	struct kvc_range range = {};
	struct kvc_page p;

	KUNIT_ASSERT_EQ(test, kvc_page_init(&p, f->cache, ~0u), 0);
	KUNIT_EXPECT_LE(test, (size_t)p.room * p.cell, 1 << 20);
	kvc_page_exit(&p);
	KUNIT_ASSERT_EQ(test, kvc_page_init(&p, f->cache, 0), 0);
	kvc_page_collect(&p, f->cache, &range);
	KUNIT_EXPECT_GT(test, p.count, 0);
	KUNIT_EXPECT_TRUE(test, p.more);
	kvc_page_exit(&p);
}

static struct kunit_case scan_cases[] = {
	KUNIT_CASE(scan_meets_everything_in_order),
	KUNIT_CASE(scan_pages_without_gaps),
	KUNIT_CASE(scan_merges_shards),
	KUNIT_CASE(scan_keeps_to_the_range),
	KUNIT_CASE(scan_after_a_key),
	KUNIT_CASE(scan_keeps_to_the_prefix),
	KUNIT_CASE(scan_leaves_the_expired_out),
	KUNIT_CASE(scan_of_long_keys),
	KUNIT_CASE(scan_of_an_empty_cache),
	KUNIT_CASE(scan_page_is_bounded),
	{}
};

static struct kunit_suite scan_suite = {
	.name = "kvc_scan",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = scan_cases,
};

kunit_test_suite(scan_suite);
