// SPDX-License-Identifier: GPL-2.0-only
/* When the tier switches itself off and on, and which size it gives itself */
#include "core/pool.h"
#include "fixture.h"

#define WINDOW	1024

/* Once: what was stored is not asked for again. */
static void one_hit_writes(struct fixture *f, unsigned int windows)
{
	static unsigned int number;
	char key[FIXTURE_KEY];
	unsigned int i;

	for (i = 0; i < windows * WINDOW; i++)
		fixture_put(f, fixture_key(key, number++ % 9000000), "value");
}

/* Again and again the same few hundred keys, which fit the tier */
static void hot_reads(struct fixture *f, unsigned int windows)
{
	char key[FIXTURE_KEY];
	unsigned int i;

	for (i = 0; i < windows * WINDOW; i++) {
		fixture_key(key, 9000000 + i % 100);
		if (fixture_get(f, key))
			fixture_put(f, key, "value");
	}
}

static bool bypassed(struct fixture *f)
{
	struct kvc_stats st;

	fixture_stats(f, &st);
	return st.bypass;
}

static void adapt_one_hit_writes_switch_off(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);
	struct kvc_stats before, after;

	KUNIT_EXPECT_FALSE(test, bypassed(f));
	one_hit_writes(f, 10);
	/* L6 */
	KUNIT_EXPECT_TRUE(test, bypassed(f));
	KUNIT_EXPECT_EQ(test, f->switches, 1);
	fixture_stats(f, &before);
	one_hit_writes(f, 3);
	fixture_stats(f, &after);
	KUNIT_EXPECT_EQ(test, after.bypass_switches, 1);
	/* L6: straight to the memtable, but for the probes; L3 */
	KUNIT_EXPECT_LT(test, after.migrated - before.migrated, 3 * WINDOW / 8);
	KUNIT_EXPECT_LE(test, after.bytes_tier, after.tier_target / 8);
}

static void adapt_bypassed_pairs_are_readable(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);
	char key[FIXTURE_KEY];
	unsigned int i;
	bool memtable = false;

	one_hit_writes(f, 10);
	KUNIT_ASSERT_TRUE(test, bypassed(f));
	for (i = 0; i < 100; i++) {
		fixture_put(f, fixture_key(key, i), "value");
		memtable |= fixture_place(f, key) == KVC_ENTRY_MEMTABLE;
		/* L9 */
		KUNIT_EXPECT_TRUE(test, fixture_has(f, key, "value"));
	}
	/* L6 */
	KUNIT_EXPECT_TRUE(test, memtable);
}

static void adapt_hits_of_probes_switch_on(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);

	one_hit_writes(f, 10);
	KUNIT_ASSERT_TRUE(test, bypassed(f));
	hot_reads(f, 40);
	/* L6: probed, and back */
	KUNIT_EXPECT_FALSE(test, bypassed(f));
	KUNIT_EXPECT_EQ(test, f->switches, 2);
}

/* What goes straight to the memtable must not drive the probes out. */
static void adapt_cold_probes_stay(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct kvc_stats st;

	f->config.policy = KVC_POLICY_S3FIFO;
	fixture_cache(test, KVC_MODE_CACHE);
	one_hit_writes(f, 10);
	KUNIT_ASSERT_TRUE(test, bypassed(f));
	one_hit_writes(f, 2);
	fixture_stats(f, &st);
	/* L6: a sixteenth of the room, but for a pair */
	KUNIT_EXPECT_GT(test, st.bytes_tier, st.tier_target / 16 - 100);
}

/* So many of 1000 operations are hits of a few keys, the others miss. */
static void mixed(struct fixture *f, unsigned int windows, unsigned int hits)
{
	unsigned int i;
	char key[FIXTURE_KEY];
	static u32 state = 1;

	for (i = 0; i < windows * WINDOW; i++) {
		if (fixture_random(&state) % 1000 < hits) {
			fixture_key(key, 8000000 + i % 200);
			if (fixture_get(f, key))
				fixture_put(f, key, "value");
		} else {
			fixture_get(f, fixture_key(key, 7000000 + i));
		}
	}
}

/* A hit rate between the thresholds changes nothing, from either side. */
static void adapt_between_the_thresholds_nothing_changes(struct kunit *test)
{
	struct fixture *f = test->priv;

	f->config.bypass_off = 100;
	f->config.bypass_on = 900;
	fixture_cache(test, KVC_MODE_CACHE);
	mixed(f, 40, 300);
	/* L6: hysteresis */
	KUNIT_EXPECT_EQ(test, f->switches, 0);
	one_hit_writes(f, 10);
	KUNIT_EXPECT_EQ(test, f->switches, 1);
	mixed(f, 40, 300);
	KUNIT_EXPECT_EQ(test, f->switches, 1);
	mixed(f, 40, 990);
	KUNIT_EXPECT_EQ(test, f->switches, 2);
}

/* Load that turns with every few windows must not turn the tier as often. */
static void adapt_does_not_flap(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);
	unsigned int turns;

	for (turns = 0; turns < 60; turns++) {
		one_hit_writes(f, 3);
		hot_reads(f, 3);
	}
	/* L6 */
	KUNIT_EXPECT_LE(test, f->switches, turns / 6);
}

static void adapt_nobypass_stays_on(struct kunit *test)
{
	struct fixture *f = test->priv;

	f->config.flags = KVC_CACHE_F_NOBYPASS;
	fixture_cache(test, KVC_MODE_CACHE);
	one_hit_writes(f, 30);
	KUNIT_EXPECT_FALSE(test, bypassed(f));
	KUNIT_EXPECT_EQ(test, f->switches, 0);
}

/* Reads of more pairs than the tier holds, all of which fit the memtable */
static void wide_reads(struct fixture *f, unsigned int windows,
		       unsigned int pairs)
{
	char key[FIXTURE_KEY];
	unsigned int i;

	for (i = 0; i < windows * WINDOW; i++) {
		fixture_key(key, i % pairs);
		if (fixture_get(f, key))
			fixture_put(f, key, "value");
	}
}

static u64 tier_target(struct fixture *f)
{
	struct kvc_stats st;

	fixture_stats(f, &st);
	return st.tier_target;
}

static struct fixture *begin_small(struct kunit *test, u32 flags)
{
	struct fixture *f = test->priv;

	f->config.tier = 8 << 10;
	f->config.tier_min = 4 << 10;
	f->config.tier_max = 30 << 10;
	f->config.flags = flags;
	return fixture_cache(test, KVC_MODE_CACHE);
}

static void adapt_tier_grows_for_what_is_used(struct kunit *test)
{
	struct fixture *f = begin_small(test, KVC_CACHE_F_NOBYPASS);
	struct kvc_stats st;

	wide_reads(f, 30, 300);
	fixture_stats(f, &st);
	/* L7: it could hold them, so they moved up as they were touched */
	KUNIT_EXPECT_GT(test, st.tier_target, 8 << 10);
	KUNIT_EXPECT_LE(test, st.tier_target, 30 << 10);
	KUNIT_EXPECT_GT(test, st.promoted, 100);
	KUNIT_EXPECT_EQ(test, st.promoted, f->promoted);
	KUNIT_EXPECT_GT(test, st.entries_tier, 250);
	KUNIT_EXPECT_EQ(test, st.tier_resizes, f->tier_resizes);
	KUNIT_EXPECT_GT(test, st.tier_resizes, 0);
}

/* A scan that has been through the tier must not miss what comes into it. */
static void adapt_nothing_moves_up_while_scanned(struct kunit *test)
{
	struct fixture *f = begin_small(test, KVC_CACHE_F_NOBYPASS);
	struct kvc_shard *s = &f->cache->shards[0];
	unsigned int promoted;
	struct list_head walk;

	wide_reads(f, 30, 300);
	spin_lock(&s->lock);
	list_add(&walk, &s->scans);
	spin_unlock(&s->lock);
	kvc_cache_set_size(f->cache, &f->config);
	one_hit_writes(f, 1);
	promoted = f->promoted;
	wide_reads(f, 30, 300);
	KUNIT_EXPECT_EQ(test, f->promoted, promoted);
	spin_lock(&s->lock);
	list_del(&walk);
	spin_unlock(&s->lock);
	wide_reads(f, 30, 300);
	KUNIT_EXPECT_GT(test, f->promoted, promoted);
}

static void adapt_tier_grows_no_further_than_allowed(struct kunit *test)
{
	struct fixture *f = begin_small(test, KVC_CACHE_F_NOBYPASS);
	struct kvc_stats st;
	u64 promoted;

	wide_reads(f, 100, 700);
	fixture_stats(f, &st);
	/* L7, L3 */
	KUNIT_EXPECT_LE(test, st.tier_target, 30 << 10);
	KUNIT_EXPECT_LE(test, st.bytes_tier, 30 << 10);
	/* L7: no pair moves up at the cost of another. */
	promoted = st.promoted;
	wide_reads(f, 10, 700);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.promoted, promoted);
}

static void adapt_tier_shrinks_again(struct kunit *test)
{
	struct fixture *f = begin_small(test, KVC_CACHE_F_NOBYPASS);
	u64 grown;

	wide_reads(f, 30, 300);
	grown = tier_target(f);
	KUNIT_ASSERT_GT(test, grown, 8 << 10);
	hot_reads(f, 10);
	hot_reads(f, 200);
	/* L7: back, within bounds */
	KUNIT_EXPECT_LT(test, tier_target(f), grown);
	KUNIT_EXPECT_EQ(test, tier_target(f), 4 << 10);
	hot_reads(f, 1);
	KUNIT_EXPECT_FALSE(test, bypassed(f));
}

static u64 touched(struct fixture *f)
{
	struct kvc_counters sum;

	kvc_counters_sum(f->cache->counters, &sum);
	return sum.count[KVC_COUNT_MEMTABLE_TOUCHED];
}

/* L7 counts pairs, not operations, and does so anew in each window. */
static void adapt_pair_is_touched_once_a_window(struct kunit *test)
{
	struct fixture *f = begin_small(test, KVC_CACHE_F_NOBYPASS);
	char key[FIXTURE_KEY];
	unsigned int i, j;

	for (i = 0; i < 300; i++)
		fixture_put(f, fixture_key(key, i), "value");
	fixture_key(key, 0);
	KUNIT_ASSERT_EQ(test, fixture_place(f, key), KVC_ENTRY_MEMTABLE);
	for (i = 1; i <= 3; i++) {
		for (j = 0; j < 5; j++)
			fixture_get(f, key);
		/* L7 */
		KUNIT_EXPECT_EQ(test, touched(f), i);
		for (j = 0; j < 2 * WINDOW; j++)
			fixture_get(f, "absent");
	}
	KUNIT_EXPECT_EQ(test, fixture_place(f, key), KVC_ENTRY_MEMTABLE);
}

static void adapt_static_tier_keeps_its_size(struct kunit *test)
{
	struct fixture *f = test->priv;

	f->config.tier = 8 << 10;
	f->config.flags = KVC_CACHE_F_STATIC;
	fixture_cache(test, KVC_MODE_CACHE);
	wide_reads(f, 30, 300);
	hot_reads(f, 30);
	one_hit_writes(f, 30);
	/* L8 */
	KUNIT_EXPECT_EQ(test, tier_target(f), 8 << 10);
	KUNIT_EXPECT_EQ(test, f->tier_resizes, 0);
}

static struct kunit_case adapt_cases[] = {
	KUNIT_CASE(adapt_one_hit_writes_switch_off),
	KUNIT_CASE(adapt_bypassed_pairs_are_readable),
	KUNIT_CASE(adapt_hits_of_probes_switch_on),
	KUNIT_CASE(adapt_cold_probes_stay),
	KUNIT_CASE(adapt_between_the_thresholds_nothing_changes),
	KUNIT_CASE(adapt_does_not_flap),
	KUNIT_CASE(adapt_nobypass_stays_on),
	KUNIT_CASE(adapt_tier_grows_for_what_is_used),
	KUNIT_CASE(adapt_nothing_moves_up_while_scanned),
	KUNIT_CASE(adapt_tier_grows_no_further_than_allowed),
	KUNIT_CASE(adapt_tier_shrinks_again),
	KUNIT_CASE(adapt_pair_is_touched_once_a_window),
	KUNIT_CASE(adapt_static_tier_keeps_its_size),
	{}
};

static struct kunit_suite adapt_suite = {
	.name = "kvc_adapt",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = adapt_cases,
};

kunit_test_suite(adapt_suite);
