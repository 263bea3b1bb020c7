// SPDX-License-Identifier: GPL-2.0-only
/* The two tiers of a cache: who lives where, and the limits */
#include <linux/errno.h>
#include <linux/sched.h>
#include "core/pool.h"
#include "fixture.h"

static struct fixture *begin(struct kunit *test, u32 flags)
{
	struct fixture *f = test->priv;

	f->config.flags = flags;
	return fixture_cache(test, KVC_MODE_CACHE);
}

static void tiers_new_pairs_land_in_the_tier(struct kunit *test)
{
	struct fixture *f = begin(test, 0);

	fixture_put(f, "key", "value");
	/* L1 */
	KUNIT_EXPECT_EQ(test, fixture_place(f, "key"), KVC_ENTRY_TIER);
}

static void tiers_absorb_updates(struct kunit *test)
{
	struct fixture *f = begin(test, 0);
	struct kvc_stats st;
	int i;

	for (i = 0; i < 1000; i++)
		fixture_put(f, "key", i % 2 ? "odd" : "even");
	fixture_stats(f, &st);
	/* L1: the sorted table saw none of them */
	KUNIT_EXPECT_EQ(test, st.updates_tier, 999);
	KUNIT_EXPECT_EQ(test, st.updates_memtable, 0);
	KUNIT_EXPECT_EQ(test, st.migrated, 0);
	KUNIT_EXPECT_EQ(test, fixture_place(f, "key"), KVC_ENTRY_TIER);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "odd"));
}

/* Puts pairs until the first one is in the memtable; returns how many. */
static unsigned int fill_tier(struct kunit *test, struct fixture *f)
{
	char key[FIXTURE_KEY];
	unsigned int i = 0;

	while (!f->demoted && i < 10000)
		KUNIT_ASSERT_EQ(test, fixture_put(f, fixture_key(key, i++),
						  "value"), 0);
	KUNIT_ASSERT_EQ(test, f->demoted, 1);
	return i;
}

static void tiers_full_tier_sorts_a_victim_in(struct kunit *test)
{
	struct fixture *f = begin(test, 0);
	struct kvc_stats st;
	char key[FIXTURE_KEY];
	unsigned int n;

	n = fill_tier(test, f);
	/* L2: of fifo the first one, for which the last one had no room */
	KUNIT_EXPECT_EQ(test, fixture_place(f, fixture_key(key, 0)),
			KVC_ENTRY_MEMTABLE);
	KUNIT_EXPECT_EQ(test, fixture_place(f, fixture_key(key, 1)),
			KVC_ENTRY_TIER);
	KUNIT_EXPECT_EQ(test, fixture_place(f, fixture_key(key, n - 1)),
			KVC_ENTRY_TIER);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.migrated, 1);
	KUNIT_EXPECT_EQ(test, st.entries_memtable, 1);
	KUNIT_EXPECT_LE(test, st.bytes_tier, f->cache->tier_target);
	/* L9 */
	KUNIT_EXPECT_TRUE(test, fixture_has(f, fixture_key(key, 0), "value"));
}

static void tiers_memtable_pair_is_updated_there(struct kunit *test)
{
	struct fixture *f = begin(test, 0);
	struct kvc_stats st;
	char key[FIXTURE_KEY];

	fill_tier(test, f);
	fixture_put(f, fixture_key(key, 0), "other");
	fixture_stats(f, &st);
	/* L1 */
	KUNIT_EXPECT_EQ(test, fixture_place(f, key), KVC_ENTRY_MEMTABLE);
	KUNIT_EXPECT_EQ(test, st.updates_memtable, 1);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, key, "other"));
}

/* One pair after another, the tier over its size at no moment */
static void tiers_memtable_is_the_larger(struct kunit *test)
{
	struct fixture *f = begin(test, KVC_CACHE_F_NOBYPASS);
	struct kvc_stats st;
	char key[FIXTURE_KEY];
	unsigned int i;

	for (i = 0; i < 3000; i++) {
		fixture_put_bytes(f, fixture_key(key, i), i * 7 % 300);
		fixture_stats(f, &st);
		KUNIT_ASSERT_LE(test, st.bytes_tier, st.tier_target);
		KUNIT_ASSERT_LE(test, st.bytes_tier + st.bytes_memtable,
				st.limit);
	}
	/* L3: larger, and full of what was in the tier before */
	KUNIT_EXPECT_GT(test, st.bytes_memtable, st.bytes_tier);
	KUNIT_EXPECT_EQ(test, st.entries_memtable,
			f->demoted - f->evicted[KVC_REASON_LIMIT]);
}

/* Whatever sizes are set, the memtable has room for more than the tier. */
static void tiers_config_keeps_the_order_of_sizes(struct kunit *test)
{
	struct kvc_config g = { .name = "x", .limit = 1 << 20 };

	/* L3 */
	g.tier = g.limit / 2;
	KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), -ERANGE);
	g.tier = 0;
	g.tier_max = g.limit / 2;
	KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), -ERANGE);
	g.tier_max = 0;
	KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), 0);
	KUNIT_EXPECT_EQ(test, g.tier, g.limit / 4);
	KUNIT_EXPECT_LT(test, g.tier_max, g.limit / 2);
}

/* Puts @n pairs and reads each one back at once and the last few again. */
static void expect_readable(struct kunit *test, struct fixture *f,
			    unsigned int n)
{
	char key[FIXTURE_KEY];
	unsigned int i, j;

	for (i = 0; i < n; i++) {
		fixture_put(f, fixture_key(key, i), "value");
		for (j = i < 200 ? 0 : i - 200; j <= i; j += 10)
			/* L9 */
			KUNIT_ASSERT_TRUE(test, fixture_has(f,
							    fixture_key(key, j),
							    "value"));
	}
}

static void tiers_every_pair_is_readable_throughout(struct kunit *test)
{
	struct fixture *f = begin(test, KVC_CACHE_F_NOEVICT);
	struct kvc_stats st;

	expect_readable(test, f, 700);
	fixture_stats(f, &st);
	KUNIT_EXPECT_GT(test, st.migrated, 100);
	KUNIT_EXPECT_EQ(test, st.misses, 0);
	KUNIT_EXPECT_EQ(test, st.evicted_limit, 0);
}

static void tiers_evict_from_the_memtable(struct kunit *test)
{
	struct fixture *f = begin(test, 0);
	char key[FIXTURE_KEY];
	unsigned int i = 0;

	while (!f->evicted[KVC_REASON_LIMIT] && i < 10000)
		fixture_put(f, fixture_key(key, i++), "value");
	KUNIT_EXPECT_EQ(test, f->evicted[KVC_REASON_LIMIT], 1);
	/* The clock takes the first key; the tier has lost none. */
	KUNIT_EXPECT_EQ(test, fixture_place(f, fixture_key(key, 0)), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_place(f, fixture_key(key, 1)),
			KVC_ENTRY_MEMTABLE);
	KUNIT_EXPECT_EQ(test, fixture_place(f, fixture_key(key, i - 1)),
			KVC_ENTRY_TIER);
}

/* A full cache of s3fifo, in which nothing was visited; returns the pairs. */
static unsigned int fill_unvisited(struct kunit *test, u32 flags)
{
	struct fixture *f = test->priv;
	char key[FIXTURE_KEY];
	unsigned int i = 0;

	f->config.policy = KVC_POLICY_S3FIFO;
	f->config.window = 1 << 24;
	begin(test, flags);
	while (!f->evicted[KVC_REASON_LIMIT] && i < 10000)
		fixture_put(f, fixture_key(key, i++), "value");
	KUNIT_ASSERT_EQ(test, f->evicted[KVC_REASON_LIMIT], 1);
	return i;
}

/* What would be sorted in, and leave unvisited, leaves before that. */
static void tiers_full_cache_gives_cold_pairs_up(struct kunit *test)
{
	unsigned int n = fill_unvisited(test, 0), i;
	struct fixture *f = test->priv;
	unsigned int demoted = f->demoted;
	char key[FIXTURE_KEY];

	for (i = n; i < 3 * n; i++)
		fixture_put(f, fixture_key(key, i), "value");
	/* L2, L5: nothing was, and the memtable has what it had. */
	KUNIT_EXPECT_LE(test, f->demoted, demoted + 1);
	KUNIT_EXPECT_EQ(test, f->evicted[KVC_REASON_LIMIT], 1 + 2 * n);
	for (i = 0; i < demoted; i++)
		KUNIT_EXPECT_EQ(test, fixture_place(f, fixture_key(key, i)),
				KVC_ENTRY_MEMTABLE);
}

/* The coldest pair grows: others leave for that, of which it is not one. */
static void tiers_cold_pair_is_not_its_own_victim(struct kunit *test)
{
	struct kvc_stats before, after;
	struct fixture *f;
	char key[FIXTURE_KEY];
	unsigned int i = 0;

	fill_unvisited(test, 0);
	f = test->priv;
	while (fixture_place(f, fixture_key(key, i)) != KVC_ENTRY_TIER)
		KUNIT_ASSERT_LT(test, i++, 10000);
	fixture_stats(f, &before);
	KUNIT_EXPECT_EQ(test, fixture_put_bytes(f, key, 200), 0);
	fixture_stats(f, &after);
	/* L5 */
	KUNIT_EXPECT_LE(test, after.bytes_tier + after.bytes_memtable,
			after.limit);
	KUNIT_EXPECT_LT(test, after.entries_memtable, before.entries_memtable);
}

/* A key that comes back soon is not given up so soon again. */
static void tiers_cold_pair_comes_back_for_good(struct kunit *test)
{
	unsigned int n = fill_unvisited(test, 0), i;
	struct fixture *f = test->priv;
	char key[FIXTURE_KEY];

	fixture_put(f, "again", "value");
	for (i = n; i < 2 * n && fixture_place(f, "again") > 0; i++)
		fixture_put(f, fixture_key(key, i), "value");
	KUNIT_ASSERT_EQ(test, fixture_place(f, "again"), -ENOENT);
	fixture_put(f, "again", "value");
	for (; i < 4 * n; i++)
		fixture_put(f, fixture_key(key, i), "value");
	/* L5 */
	KUNIT_EXPECT_NE(test, fixture_place(f, "again"), -ENOENT);
}

static void tiers_refuse_what_can_never_fit(struct kunit *test)
{
	struct fixture *f = begin(test, 0);

	fixture_put(f, "key", "value");
	KUNIT_EXPECT_EQ(test, fixture_put_bytes(f, "key", 70000), -ENOSPC);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "value"));
	/* More than the tier, but not more than the limit */
	KUNIT_EXPECT_EQ(test, fixture_put_bytes(f, "large", 40000), 0);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "large"), 0);
}

static void tiers_noevict_refuses_when_full(struct kunit *test)
{
	struct fixture *f = begin(test, KVC_CACHE_F_NOEVICT);
	char key[FIXTURE_KEY];
	unsigned int i = 0, j;
	struct kvc_stats st;

	while (i < 10000 && !fixture_put(f, fixture_key(key, i), "value"))
		i++;
	KUNIT_EXPECT_EQ(test, fixture_put(f, key, "value"), -ENOSPC);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.entries_tier + st.entries_memtable, i);
	KUNIT_EXPECT_GE(test, st.bytes_tier + st.bytes_memtable,
			st.limit - 128);
	for (j = 0; j < i; j++)
		KUNIT_ASSERT_TRUE(test, fixture_has(f, fixture_key(key, j),
						    "value"));
	/* An update that is no larger fits, one that is does not. */
	KUNIT_EXPECT_EQ(test, fixture_put(f, key, "VALUE"), 0);
	KUNIT_EXPECT_EQ(test, fixture_put_bytes(f, key, 500), -ENOSPC);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, key, "VALUE"));
	KUNIT_EXPECT_EQ(test, kvc_cache_entries(f->cache), 0);
	KUNIT_EXPECT_EQ(test, fixture_del(f, fixture_key(key, 0)), 0);
	KUNIT_EXPECT_EQ(test, fixture_put(f, "new", "value"), 0);
}

/* Refused while one pair is in time; what ended does not wait for the sweep. */
static void tiers_noevict_gives_the_room_of_what_expired(struct kunit *test)
{
	struct fixture *f = begin(test, KVC_CACHE_F_NOEVICT);
	char key[FIXTURE_KEY];
	unsigned int i = 0;

	f->now = 1000;
	while (i < 10000 && !fixture_put_if(f, fixture_key(key, i), "value", 5,
					    0, 0, 2000 + i % 2))
		i++;
	KUNIT_EXPECT_EQ(test, fixture_put(f, "new", "value"), -ENOSPC);
	KUNIT_EXPECT_EQ(test, f->evicted[KVC_REASON_EXPIRED], 0);
	f->now = 2000;
	KUNIT_EXPECT_EQ(test, fixture_put(f, "new", "value"), 0);
	KUNIT_EXPECT_GT(test, f->evicted[KVC_REASON_EXPIRED], 0);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, fixture_key(key, 1), "value"));
	KUNIT_EXPECT_EQ(test, f->evicted[KVC_REASON_LIMIT], 0);
}

/* A pair that grows is never the victim of its own update. */
static void tiers_growing_pair_stays(struct kunit *test)
{
	struct fixture *f = begin(test, 0);
	char key[FIXTURE_KEY];
	struct kvc_stats st;
	u32 i, len;

	for (i = 0; i < 700; i++)
		fixture_put(f, fixture_key(key, i), "value");
	for (len = 1000; len < 60000; len += 1000) {
		KUNIT_ASSERT_EQ(test, fixture_put_bytes(f, "grows", len), 0);
		KUNIT_ASSERT_EQ(test, fixture_get(f, "grows"), 0);
		fixture_stats(f, &st);
		KUNIT_ASSERT_LE(test, st.bytes_tier + st.bytes_memtable,
				st.limit);
	}
}

static void tiers_lower_limit_evicts(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct kvc_config g;
	struct kvc_stats st;
	char key[FIXTURE_KEY];
	u32 i, shard = 0;

	f->config.limit = 128 << 10;
	f->config.value_max = 1 << 20;
	fixture_cache(test, KVC_MODE_CACHE);
	for (i = 0; i < 1300; i++)
		fixture_put(f, fixture_key(key, i), "value");
	g = f->config;
	g.limit = 64 << 10;
	g.tier = 0;
	g.tier_min = 0;
	g.tier_max = 0;
	KUNIT_ASSERT_EQ(test, kvc_config_complete(&g), 0);
	kvc_cache_set_size(f->cache, &g);
	while (kvc_cache_fit_step(f->cache, &shard))
		cond_resched();
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.limit, 64 << 10);
	KUNIT_EXPECT_LE(test, st.bytes_tier + st.bytes_memtable, st.limit);
	KUNIT_EXPECT_EQ(test, st.tier_target, 16 << 10);
	KUNIT_EXPECT_GT(test, st.cleared, 400);
	KUNIT_EXPECT_EQ(test, st.cleared, f->evicted[KVC_REASON_LOWERED]);
	KUNIT_EXPECT_EQ(test, st.entries_tier + st.entries_memtable + st.cleared,
			1300);
}

/* Policy by configuration, seen from outside */
static char first_victim(struct kunit *test, u32 policy)
{
	struct fixture *f = test->priv;
	char key[FIXTURE_KEY];
	unsigned int i = 0;

	f->config.policy = policy;
	fixture_cache(test, KVC_MODE_CACHE);
	fixture_put(f, "a", "value");
	fixture_put(f, "b", "value");
	fixture_get(f, "a");
	while (!f->demoted && i < 10000)
		fixture_put(f, fixture_key(key, i++), "value");
	return fixture_place(f, "a") == KVC_ENTRY_MEMTABLE ? 'a' :
	       fixture_place(f, "b") == KVC_ENTRY_MEMTABLE ? 'b' : '?';
}

static void tiers_fifo_by_configuration(struct kunit *test)
{
	/* L5: least recently added */
	KUNIT_EXPECT_EQ(test, first_victim(test, KVC_POLICY_FIFO), 'a');
}

static void tiers_lru_by_configuration(struct kunit *test)
{
	/* L5 */
	KUNIT_EXPECT_EQ(test, first_victim(test, KVC_POLICY_LRU), 'b');
}

static void tiers_sieve_by_configuration(struct kunit *test)
{
	/* L5 */
	KUNIT_EXPECT_EQ(test, first_victim(test, KVC_POLICY_SIEVE), 'b');
}

static void tiers_s3fifo_by_configuration(struct kunit *test)
{
	/* L5 */
	KUNIT_EXPECT_EQ(test, first_victim(test, KVC_POLICY_S3FIFO), 'b');
}

/* L5: an update is no addition, also when it needs room for itself */
static void tiers_update_keeps_the_fifo_place(struct kunit *test)
{
	struct fixture *f = begin(test, 0);
	char key[FIXTURE_KEY];
	unsigned int i;

	fixture_put(f, "first", "value");
	for (i = 0; !f->demoted; i++) {
		KUNIT_ASSERT_LT(test, i, 10000);
		fixture_put(f, fixture_key(key, i), "value");
		if (!f->demoted)
			fixture_put_bytes(f, "first", 10 + i % 3);
	}
	/* L5 */
	KUNIT_EXPECT_EQ(test, fixture_place(f, "first"), KVC_ENTRY_MEMTABLE);
}

static struct kunit_case tiers_cases[] = {
	KUNIT_CASE(tiers_new_pairs_land_in_the_tier),
	KUNIT_CASE(tiers_absorb_updates),
	KUNIT_CASE(tiers_full_tier_sorts_a_victim_in),
	KUNIT_CASE(tiers_memtable_pair_is_updated_there),
	KUNIT_CASE(tiers_memtable_is_the_larger),
	KUNIT_CASE(tiers_config_keeps_the_order_of_sizes),
	KUNIT_CASE(tiers_every_pair_is_readable_throughout),
	KUNIT_CASE(tiers_evict_from_the_memtable),
	KUNIT_CASE(tiers_full_cache_gives_cold_pairs_up),
	KUNIT_CASE(tiers_cold_pair_is_not_its_own_victim),
	KUNIT_CASE(tiers_cold_pair_comes_back_for_good),
	KUNIT_CASE(tiers_refuse_what_can_never_fit),
	KUNIT_CASE(tiers_noevict_refuses_when_full),
	KUNIT_CASE(tiers_noevict_gives_the_room_of_what_expired),
	KUNIT_CASE(tiers_growing_pair_stays),
	KUNIT_CASE(tiers_lower_limit_evicts),
	KUNIT_CASE(tiers_fifo_by_configuration),
	KUNIT_CASE(tiers_lru_by_configuration),
	KUNIT_CASE(tiers_sieve_by_configuration),
	KUNIT_CASE(tiers_s3fifo_by_configuration),
	KUNIT_CASE(tiers_update_keeps_the_fifo_place),
	{}
};

static struct kunit_suite tiers_suite = {
	.name = "kvc_tiers",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = tiers_cases,
};

kunit_test_suite(tiers_suite);
