// SPDX-License-Identifier: GPL-2.0-only
/* What a plain overwrite must not leave out, though it has a way of its own */
#include <linux/stddef.h>
#include <linux/string.h>
#include "fixture.h"

/* Bytes of those that are sums */
#define FIGURES	offsetof(struct kvc_stats, shards)

/* What an overwrite adds to each figure.  When memory comes back is RCU's. */
static struct kvc_stats overwrite(struct fixture *f, const char *key, u32 flags)
{
	struct kvc_stats before, after;
	u64 *was = (u64 *)&before, *is = (u64 *)&after;
	size_t i;

	fixture_stats(f, &before);
	fixture_put_if(f, key, "new", 3, flags, 0, 0);
	fixture_stats(f, &after);
	before.bytes_deferred = 0;
	after.bytes_deferred = 0;
	for (i = 0; i < FIGURES / sizeof(u64); i++)
		is[i] -= was[i];
	return after;
}

static void put_plain_does_what_others_do(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);
	struct kvc_stats plain, other;
	u64 version;

	f->listens = true;
	fixture_put(f, "plain", "old");
	fixture_put(f, "other", "old");
	version = f->version;
	plain = overwrite(f, "plain", 0);
	KUNIT_EXPECT_EQ(test, f->version, version + 1);
	other = overwrite(f, "other", KVC_OP_F_REPLACE);
	KUNIT_EXPECT_EQ(test, f->version, version + 2);
	KUNIT_EXPECT_EQ(test, 0, memcmp(&plain, &other, FIGURES));
	KUNIT_EXPECT_EQ(test, plain.updates_tier, 1);
	KUNIT_EXPECT_EQ(test, plain.events, 1);
	KUNIT_EXPECT_EQ(test, fixture_version(f, "plain"), version + 1);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "plain", "new"));
}

static void put_probes_a_tier_that_is_off(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);
	struct kvc_counters sum;
	char key[FIXTURE_KEY];
	unsigned int i = 0;

	do {
		fixture_key(key, i++);
	} while (!kvc_adapt_probes(kvc_cache_hash(f->cache, key, strlen(key))));
	fixture_put(f, key, "old");
	f->cache->bypass = true;
	fixture_put(f, key, "new");
	kvc_counters_sum(f->cache->counters, &sum);
	/* L6 */
	KUNIT_EXPECT_EQ(test, sum.count[KVC_COUNT_PROBE], 1);
	KUNIT_EXPECT_EQ(test, sum.count[KVC_COUNT_PROBE_HIT], 1);
}

static void put_sorts_what_a_smaller_tier_cannot_hold(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);
	char key[FIXTURE_KEY];
	unsigned int i;

	for (i = 0; i < 10; i++)
		fixture_put(f, fixture_key(key, i), "old");
	KUNIT_EXPECT_EQ(test, f->demoted, 0);
	spin_lock(&f->cache->adapt.lock);
	kvc_cache_set_tier(f->cache, 0);
	spin_unlock(&f->cache->adapt.lock);
	fixture_put(f, key, "new");
	/* L7 */
	KUNIT_EXPECT_EQ(test, f->demoted, 10);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, key, "new"));
}

static struct kunit_case put_cases[] = {
	KUNIT_CASE(put_plain_does_what_others_do),
	KUNIT_CASE(put_probes_a_tier_that_is_off),
	KUNIT_CASE(put_sorts_what_a_smaller_tier_cannot_hold),
	{}
};

static struct kunit_suite put_suite = {
	.name = "kvc_put",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = put_cases,
};

kunit_test_suite(put_suite);
