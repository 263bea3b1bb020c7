// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/ktime.h>
#include "core/scan.h"
#include "fixture.h"

#define HOUR	(3600ULL * 1000 * 1000 * 1000)

static struct fixture *begin(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);

	kvc_cache_listen(f->cache);
	f->now = HOUR;
	return f;
}

static u64 events(struct fixture *f)
{
	u64 oldest;

	return kvc_event_range(&f->cache->log, &oldest);
}

static void fence_makes_lookups_miss(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct kvc_stats st;

	fixture_put(f, "key", "v");
	kvc_cache_set_fence(f->cache, HOUR + 10);
	f->now = HOUR + 9;
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "v"));
	f->now = HOUR + 10;
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "absent"), -ENOENT);
	KUNIT_EXPECT_FALSE(test, fixture_has(f, "key", "v"));
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.fenced, 2);
	KUNIT_EXPECT_EQ(test, st.misses, 3);
	kvc_cache_set_fence(f->cache, HOUR + 11);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "v"));
	f->now = 2 * HOUR;
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	kvc_cache_set_fence(f->cache, 0);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "v"));
	/* It may also be drawn nearer. */
	kvc_cache_set_fence(f->cache, 1);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
}

static void fence_tells_once_each_time(struct kunit *test)
{
	struct fixture *f = begin(test);

	fixture_put(f, "key", "v");
	kvc_cache_set_fence(f->cache, HOUR + 10);
	fixture_get(f, "key");
	KUNIT_EXPECT_EQ(test, events(f), 0);
	f->now = HOUR + 10;
	KUNIT_EXPECT_FALSE(test, kvc_event_arm(&f->cache->log, 0));
	fixture_get(f, "key");
	fixture_get(f, "key");
	KUNIT_EXPECT_EQ(test, events(f), 1);
	KUNIT_EXPECT_EQ(test, f->wakes, 1);
	kvc_cache_set_fence(f->cache, HOUR + 20);
	fixture_get(f, "key");
	KUNIT_EXPECT_EQ(test, events(f), 1);
	f->now = HOUR + 20;
	fixture_get(f, "key");
	fixture_get(f, "key");
	KUNIT_EXPECT_EQ(test, events(f), 2);
}

/* Nobody may look anything up for long; who has copies must be told. */
static void fence_is_told_of_by_maintenance(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 now = ktime_get_boottime_ns();
	unsigned int kicks = f->kicks;

	KUNIT_EXPECT_EQ(test, kvc_cache_maintain(f->cache), 0);
	kvc_cache_set_fence(f->cache, now + 100 * HOUR);
	KUNIT_EXPECT_EQ(test, f->kicks, kicks + 1);
	KUNIT_EXPECT_EQ(test, kvc_cache_maintain(f->cache), 3600 * 1000);
	/* The work is on its way already. */
	kvc_cache_set_fence(f->cache, now + 101 * HOUR);
	KUNIT_EXPECT_EQ(test, f->kicks, kicks + 1);
	kvc_cache_set_fence(f->cache, now - 1);
	KUNIT_EXPECT_EQ(test, f->kicks, kicks + 2);
	KUNIT_EXPECT_EQ(test, events(f), 0);
	KUNIT_EXPECT_EQ(test, kvc_cache_maintain(f->cache), 0);
	KUNIT_EXPECT_EQ(test, events(f), 1);
	KUNIT_EXPECT_EQ(test, kvc_cache_maintain(f->cache), 0);
	KUNIT_EXPECT_EQ(test, events(f), 1);
	kvc_cache_set_fence(f->cache, now + HOUR / 2);
	KUNIT_EXPECT_EQ(test, f->kicks, kicks + 3);
	KUNIT_EXPECT_GT(test, kvc_cache_maintain(f->cache), 1000);
}

static void fence_takes_writes(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 version;

	fixture_put(f, "key", "old");
	version = f->version;
	kvc_cache_set_fence(f->cache, HOUR);
	KUNIT_EXPECT_EQ(test, fixture_put(f, "put", "v"), 0);
	KUNIT_EXPECT_EQ(test, fixture_del(f, "put"), 0);
	KUNIT_EXPECT_EQ(test, fixture_touch(f, "key", 0), 0);
	/* The pair that is hidden does not hinder its own fill. */
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_GT(test, f->version, version);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "new", f->version), 0);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	/* Not even if it is the newest of all. */
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "newer", f->version), 0);
	kvc_cache_set_fence(f->cache, HOUR + 1);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "newer"));
}

static u32 scan(struct kunit *test, struct fixture *f, bool fenced)
{
	struct kvc_range range = { .fenced = fenced };
	struct kvc_page p;
	u32 count;

	KUNIT_ASSERT_EQ(test, kvc_page_init(&p, f->cache, 10), 0);
	kvc_page_collect(&p, f->cache, &range);
	count = p.count;
	KUNIT_EXPECT_FALSE(test, p.more);
	kvc_page_exit(&p);
	return count;
}

static void fence_makes_scans_empty(struct kunit *test)
{
	struct fixture *f = begin(test);

	fixture_put(f, "key", "v");
	KUNIT_EXPECT_EQ(test, scan(test, f, false), 1);
	kvc_cache_set_fence(f->cache, 1);
	KUNIT_EXPECT_EQ(test, scan(test, f, false), 0);
	/* A purge still finds what is there. */
	KUNIT_EXPECT_EQ(test, scan(test, f, true), 1);
}

static struct kunit_case fence_cases[] = {
	KUNIT_CASE(fence_makes_lookups_miss),
	KUNIT_CASE(fence_tells_once_each_time),
	KUNIT_CASE(fence_is_told_of_by_maintenance),
	KUNIT_CASE(fence_takes_writes),
	KUNIT_CASE(fence_makes_scans_empty),
	{}
};

static struct kunit_suite fence_suite = {
	.name = "kvc_fence",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = fence_cases,
};

kunit_test_suite(fence_suite);
