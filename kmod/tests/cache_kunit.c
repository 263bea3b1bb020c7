// SPDX-License-Identifier: GPL-2.0-only
/* The operations of a cache, their conditions and what they leave behind */
#include <linux/errno.h>
#include <linux/ktime.h>
#include "core/lookup.h"
#include "core/pool.h"
#include "fixture.h"

#define HOUR	(3600ULL * 1000 * 1000 * 1000)

static struct fixture *begin(struct kunit *test)
{
	return fixture_cache(test, KVC_MODE_CACHE);
}

static void cache_gets_what_was_put(struct kunit *test)
{
	struct fixture *f = begin(test);

	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_put(f, "key", "value"), 0);
	/* L9 */
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "value"));
	KUNIT_EXPECT_EQ(test, fixture_get(f, "ke"), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key2"), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_put(f, "key", "other"), 0);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "other"));
	KUNIT_EXPECT_EQ(test, fixture_put(f, "key", ""), 0);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", ""));
}

static void cache_deletes(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 version;

	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_put(f, "key", "value"), 0);
	version = f->version;
	f->version = 0;
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), 0);
	KUNIT_EXPECT_EQ(test, f->version, version);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_bytes(f), 0);
}

static void cache_versions_only_grow(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 last = 0;
	int i;

	for (i = 0; i < 10; i++) {
		KUNIT_ASSERT_EQ(test, fixture_put(f, "key", "value"), 0);
		KUNIT_EXPECT_GT(test, f->version, last);
		last = f->version;
		KUNIT_EXPECT_EQ(test, fixture_version(f, "key"), last);
		if (i % 3 == 2)
			KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), 0);
	}
}

static int put_if(struct fixture *f, u32 flags, u64 version)
{
	return fixture_put_if(f, "key", "new", 3, flags, version, 0);
}

static void cache_creates_only_the_absent(struct kunit *test)
{
	struct fixture *f = begin(test);

	KUNIT_EXPECT_EQ(test, put_if(f, KVC_OP_F_CREATE, 0), 0);
	fixture_put(f, "key", "old");
	KUNIT_EXPECT_EQ(test, put_if(f, KVC_OP_F_CREATE, 0), -EEXIST);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "old"));
	fixture_touch(f, "key", 1);
	KUNIT_EXPECT_EQ(test, put_if(f, KVC_OP_F_CREATE, 0), 0);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "new"));
}

static void cache_replaces_only_the_present(struct kunit *test)
{
	struct fixture *f = begin(test);

	KUNIT_EXPECT_EQ(test, put_if(f, KVC_OP_F_REPLACE, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	fixture_put(f, "key", "old");
	KUNIT_EXPECT_EQ(test, put_if(f, KVC_OP_F_REPLACE, 0), 0);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "new"));
	fixture_touch(f, "key", 1);
	KUNIT_EXPECT_EQ(test, put_if(f, KVC_OP_F_REPLACE, 0), -ENOENT);
}

static void cache_compares_and_swaps(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 version;

	KUNIT_EXPECT_EQ(test, put_if(f, KVC_OP_F_CAS, 1), -ENOENT);
	fixture_put(f, "key", "old");
	version = f->version;
	KUNIT_EXPECT_EQ(test, put_if(f, KVC_OP_F_CAS, version + 1), -ESTALE);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "old"));
	KUNIT_EXPECT_EQ(test, put_if(f, KVC_OP_F_CAS, version), 0);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "new"));
	KUNIT_EXPECT_EQ(test, put_if(f, KVC_OP_F_CAS, version), -ESTALE);
	version = f->version;
	KUNIT_EXPECT_EQ(test, fixture_del_if(f, "key", version + 1), -ESTALE);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "new"));
	KUNIT_EXPECT_EQ(test, fixture_del_if(f, "key", version), 0);
	KUNIT_EXPECT_EQ(test, fixture_del_if(f, "key", version), -ENOENT);
}

static void cache_fill_never_hides_a_later_write(struct kunit *test)
{
	struct fixture *f = begin(test);

	KUNIT_EXPECT_EQ(test, put_if(f, KVC_OP_F_FILL, 100), 0);
	KUNIT_EXPECT_EQ(test, fixture_version(f, "key"), 100);
	KUNIT_EXPECT_EQ(test, put_if(f, KVC_OP_F_FILL, 100), -ESTALE);
	KUNIT_EXPECT_EQ(test, put_if(f, KVC_OP_F_FILL, 99), -ESTALE);
	KUNIT_EXPECT_EQ(test, put_if(f, KVC_OP_F_FILL, 101), 0);
	fixture_put(f, "key", "written");
	KUNIT_EXPECT_GT(test, f->version, 101);
	KUNIT_EXPECT_EQ(test, put_if(f, KVC_OP_F_FILL, 101), -ESTALE);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "written"));
}

static void cache_touch_changes_the_expiry_only(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 version;

	KUNIT_EXPECT_EQ(test, fixture_touch(f, "key", 5), -ENOENT);
	fixture_put(f, "key", "value");
	version = f->version;
	f->now = HOUR;
	f->version = 0;
	KUNIT_EXPECT_EQ(test, fixture_touch(f, "key", HOUR + 2), 0);
	KUNIT_EXPECT_EQ(test, f->version, version);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "value"));
	f->now = HOUR + 2;
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_touch(f, "key", 0), -ENOENT);
	f->now = HOUR + 1;
	KUNIT_EXPECT_EQ(test, fixture_touch(f, "key", 0), 0);
	f->now = 2 * HOUR;
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "value"));
}

static void cache_expiry_is_exact_on_read(struct kunit *test)
{
	struct fixture *f = begin(test);

	f->now = HOUR;
	KUNIT_EXPECT_EQ(test, fixture_put_if(f, "key", "v", 1, 0, 0, HOUR + 10),
			0);
	f->now = HOUR + 9;
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "v"));
	f->now = HOUR + 10;
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), -ENOENT);
	/* A moment that has passed ends the pair at once. */
	KUNIT_EXPECT_EQ(test, fixture_put_if(f, "past", "v", 1, 0, 0, HOUR), 0);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "past"), -ENOENT);
}

static void cache_new_pair_takes_the_place_of_an_expired_one(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct kvc_stats st;
	u64 version;

	fixture_put_if(f, "key", "old", 3, 0, 0, 1);
	version = f->version;
	KUNIT_EXPECT_EQ(test, fixture_put(f, "key", "new"), 0);
	KUNIT_EXPECT_GT(test, f->version, version);
	KUNIT_EXPECT_EQ(test, f->evicted[KVC_REASON_EXPIRED], 1);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.expired, 1);
	KUNIT_EXPECT_EQ(test, st.updates_tier, 0);
	KUNIT_EXPECT_EQ(test, st.entries_tier, 1);
}

static void cache_maintenance_reclaims_the_expired(struct kunit *test)
{
	struct fixture *f = begin(test);
	char key[FIXTURE_KEY];
	struct kvc_stats st;
	unsigned int i;

	for (i = 0; i < 200; i++)
		fixture_put_if(f, fixture_key(key, i), "v", 1, 0, 0, i % 2);
	KUNIT_EXPECT_GT(test, f->kicks, 0);
	for (i = 0; i < 100 && kvc_cache_maintain(f->cache); i++)
		synchronize_rcu();
	KUNIT_EXPECT_LT(test, i, 100);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.expired, 100);
	KUNIT_EXPECT_EQ(test, st.entries_tier + st.entries_memtable, 100);
	KUNIT_EXPECT_EQ(test, st.bytes_deferred, 0);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, fixture_key(key, 0), "v"));
}

/* Nothing is done before the first pair expires. */
static void cache_maintenance_waits_for_the_soonest(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 far = ktime_get_boottime_ns() + 100 * HOUR;
	struct kvc_stats st;

	fixture_put(f, "never", "v");
	KUNIT_EXPECT_EQ(test, kvc_cache_maintain(f->cache), 0);
	fixture_put_if(f, "far", "v", 1, 0, 0, far);
	/* It is looked at again each hour. */
	KUNIT_EXPECT_EQ(test, kvc_cache_maintain(f->cache), 3600 * 1000);
	fixture_put_if(f, "past", "v", 1, 0, 0, 1);
	kvc_cache_maintain(f->cache);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.expired, 1);
	fixture_touch(f, "never", 1);
	kvc_cache_maintain(f->cache);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.expired, 2);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "far"), 0);
}

static void cache_maintenance_resizes_the_index(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct kvc_stats before, after;
	char key[FIXTURE_KEY];
	unsigned int i;

	fixture_stats(f, &before);
	for (i = 0; i < 500; i++)
		fixture_put(f, fixture_key(key, i), "v");
	kvc_cache_maintain(f->cache);
	fixture_stats(f, &after);
	KUNIT_EXPECT_EQ(test, f->index_resizes, 1);
	KUNIT_EXPECT_EQ(test, after.index_resizes, 1);
	KUNIT_EXPECT_EQ(test, after.bytes_index - before.bytes_index,
			(512 - 64) * sizeof(void *));
	for (i = 0; i < 500; i++)
		/* L9 */
		KUNIT_ASSERT_TRUE(test, fixture_has(f, fixture_key(key, i),
						    "v"));
}

static void cache_clears(struct kunit *test)
{
	struct fixture *f = begin(test);
	char key[FIXTURE_KEY];
	unsigned int i, steps = 0;
	struct kvc_stats st;
	u32 shard = 0;

	for (i = 0; i < 300; i++)
		fixture_put(f, fixture_key(key, i), "v");
	fixture_stats(f, &st);
	KUNIT_EXPECT_GT(test, st.entries_memtable, 0);
	KUNIT_EXPECT_GT(test, st.entries_tier, 0);
	while (kvc_cache_clear_step(f->cache, &shard) && steps < 1000)
		steps++;
	KUNIT_EXPECT_GE(test, steps, 300 / KVC_SHARD_BUDGET);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.cleared, 300);
	KUNIT_EXPECT_EQ(test, f->evicted[KVC_REASON_CLEARED], 300);
	KUNIT_EXPECT_EQ(test, st.entries_tier + st.entries_memtable, 0);
	KUNIT_EXPECT_EQ(test, st.bytes_tier + st.bytes_memtable, 0);
	KUNIT_EXPECT_EQ(test, fixture_get(f, key), -ENOENT);
}

static void cache_shrinks_under_pressure(struct kunit *test)
{
	struct fixture *f = begin(test);
	char key[FIXTURE_KEY];
	unsigned int i;

	for (i = 0; i < 200; i++)
		fixture_put(f, fixture_key(key, i), "v");
	KUNIT_EXPECT_EQ(test, kvc_cache_entries(f->cache), 200);
	KUNIT_EXPECT_EQ(test, kvc_cache_shrink(f->cache, 150), 150);
	KUNIT_EXPECT_EQ(test, f->evicted[KVC_REASON_PRESSURE], 150);
	KUNIT_EXPECT_EQ(test, kvc_cache_entries(f->cache), 50);
	KUNIT_EXPECT_EQ(test, kvc_cache_shrink(f->cache, 150), 50);
	KUNIT_EXPECT_EQ(test, kvc_cache_shrink(f->cache, 150), 0);
}

static void cache_that_was_killed_refuses(struct kunit *test)
{
	struct fixture *f = begin(test);

	fixture_put(f, "key", "value");
	KUNIT_EXPECT_FALSE(test, kvc_cache_is_dead(f->cache));
	kvc_cache_kill(f->cache);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_TRUE(test, kvc_cache_is_dead(f->cache));
	KUNIT_EXPECT_EQ(test, fixture_put(f, "key", "value"), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, fixture_touch(f, "key", 0), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, fixture_bytes(f), 0);
}

/* A moment is read once: nothing expires in the middle of a batch. */
static void cache_keeps_one_moment(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct kvc_entry *e;
	u32 hash = kvc_cache_hash(f->cache, "key", 3);
	u64 now = 0, first;

	fixture_put_if(f, "key", "v", 1, 0, 0, 1);
	rcu_read_lock();
	e = kvc_cache_find(f->cache, hash, "key", 3, &now);
	KUNIT_EXPECT_NULL(test, e);
	first = now;
	kvc_cache_find(f->cache, hash, "key", 3, &now);
	rcu_read_unlock();
	KUNIT_EXPECT_GT(test, first, 1);
	KUNIT_EXPECT_EQ(test, now, first);
}

static void cache_stats_agree_with_what_was_done(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct kvc_stats st;
	char key[FIXTURE_KEY];
	unsigned int i, there = 0;

	for (i = 0; i < 2000; i++)
		fixture_put(f, fixture_key(key, i % 1500), "value");
	for (i = 0; i < 1500; i += 3)
		there += !fixture_del(f, fixture_key(key, i));
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.puts, 2000);
	KUNIT_EXPECT_EQ(test, st.deletes, there);
	KUNIT_EXPECT_EQ(test, st.evicted_limit,
			f->evicted[KVC_REASON_LIMIT]);
	KUNIT_EXPECT_GT(test, st.evicted_limit, 0);
	KUNIT_EXPECT_EQ(test, st.migrated, f->demoted);
	KUNIT_EXPECT_EQ(test, st.promoted, f->promoted);
	KUNIT_EXPECT_EQ(test, st.entries_tier + st.entries_memtable,
			st.puts - st.updates_tier - st.updates_memtable -
			st.deletes - st.evicted_limit);
	for (i = 0, there = 0; i < 1500; i++)
		there += !fixture_get(f, fixture_key(key, i));
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.gets, 1500);
	KUNIT_EXPECT_EQ(test, st.hits_tier + st.hits_memtable, there);
	KUNIT_EXPECT_EQ(test, st.misses, 1500 - there);
	KUNIT_EXPECT_EQ(test, st.entries_tier + st.entries_memtable, there);
}

static void cache_counts_what_it_refused(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct kvc_stats st;

	put_if(f, KVC_OP_F_REPLACE, 0);
	put_if(f, 0, 0);
	put_if(f, KVC_OP_F_CREATE, 0);
	put_if(f, KVC_OP_F_CAS, f->version + 1);
	fixture_del_if(f, "key", f->version + 1);
	put_if(f, KVC_OP_F_FILL, 1);
	fixture_touch(f, "key", 0);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.refused, 5);
	KUNIT_EXPECT_EQ(test, st.puts, 1);
	KUNIT_EXPECT_EQ(test, st.touches, 1);
	KUNIT_EXPECT_EQ(test, st.shards, 1);
	KUNIT_EXPECT_EQ(test, st.limit, f->config.limit);
}

static struct kunit_case cache_cases[] = {
	KUNIT_CASE(cache_gets_what_was_put),
	KUNIT_CASE(cache_deletes),
	KUNIT_CASE(cache_versions_only_grow),
	KUNIT_CASE(cache_creates_only_the_absent),
	KUNIT_CASE(cache_replaces_only_the_present),
	KUNIT_CASE(cache_compares_and_swaps),
	KUNIT_CASE(cache_fill_never_hides_a_later_write),
	KUNIT_CASE(cache_touch_changes_the_expiry_only),
	KUNIT_CASE(cache_expiry_is_exact_on_read),
	KUNIT_CASE(cache_new_pair_takes_the_place_of_an_expired_one),
	KUNIT_CASE(cache_maintenance_reclaims_the_expired),
	KUNIT_CASE(cache_maintenance_waits_for_the_soonest),
	KUNIT_CASE(cache_maintenance_resizes_the_index),
	KUNIT_CASE(cache_clears),
	KUNIT_CASE(cache_shrinks_under_pressure),
	KUNIT_CASE(cache_that_was_killed_refuses),
	KUNIT_CASE(cache_keeps_one_moment),
	KUNIT_CASE(cache_stats_agree_with_what_was_done),
	KUNIT_CASE(cache_counts_what_it_refused),
	{}
};

static struct kunit_suite cache_suite = {
	.name = "kvc_cache",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = cache_cases,
};

kunit_test_suite(cache_suite);
