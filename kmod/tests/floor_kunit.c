// SPDX-License-Identifier: GPL-2.0-only
/* Late fills: what began before a removal does not bring the object back */
#include <linux/errno.h>
#include <linux/slab.h>
#include "core/prefix.h"
#include "fixture.h"

static struct fixture *begin(struct kunit *test)
{
	return fixture_cache(test, KVC_MODE_CACHE);
}

/* A GET that misses; returns the version for the fill. */
static u64 miss(struct kunit *test, struct fixture *f, const char *key)
{
	f->version = 0;
	KUNIT_EXPECT_EQ(test, fixture_get(f, key), -ENOENT);
	KUNIT_EXPECT_GE(test, f->version, 1);
	return f->version;
}

static void floor_is_never_lowered(struct kunit *test)
{
	struct kvc_floor f = {};

	KUNIT_ASSERT_EQ(test, kvc_floor_init(&f, 16), 0);
	KUNIT_EXPECT_EQ(test, kvc_floor_of(&f, 3), 0);
	kvc_floor_raise(&f, 3, 10);
	KUNIT_EXPECT_EQ(test, kvc_floor_of(&f, 3), 10);
	KUNIT_EXPECT_EQ(test, kvc_floor_of(&f, 4), 0);
	KUNIT_EXPECT_EQ(test, kvc_floor_of(&f, 3 + 16 * 5), 10);
	kvc_floor_raise(&f, 3, 9);
	KUNIT_EXPECT_EQ(test, kvc_floor_of(&f, 3), 10);
	kvc_floor_raise_all(&f, 8);
	KUNIT_EXPECT_EQ(test, kvc_floor_of(&f, 3), 10);
	KUNIT_EXPECT_EQ(test, kvc_floor_of(&f, 4), 8);
	kvc_floor_raise_all(&f, 7);
	KUNIT_EXPECT_EQ(test, kvc_floor_of(&f, 4), 8);
	kvc_floor_exit(&f);
}

static void floor_takes_a_fill_in_time(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 token = miss(test, f, "key");

	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "v", token), 0);
	KUNIT_EXPECT_EQ(test, f->version, token);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "v"));
	/* Another that missed at the same time comes second. */
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "w", token), -ESTALE);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "v"));
	/* A hit leaves the version alone. */
	f->version = 0;
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), 0);
	KUNIT_EXPECT_EQ(test, f->version, 0);
}

static void floor_refuses_a_fill_from_before_a_purge(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 token = miss(test, f, "key");

	KUNIT_EXPECT_EQ(test, fixture_purge(f, "key", 0), -ENOENT);
	/* P16 */
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "old", token), -ESTALE);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	token = miss(test, f, "key");
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "new", token), 0);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "new"));
}

static void floor_refuses_a_fill_from_before_a_delete(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 token = miss(test, f, "key");

	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), -ENOENT);
	/* P16 */
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "old", token), -ESTALE);
	token = miss(test, f, "key");
	fixture_put(f, "key", "v");
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), 0);
	/* P16 */
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "old", token), -ESTALE);
	token = miss(test, f, "key");
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "new", token), 0);
}

/* A delete whose condition did not hold has deleted nothing. */
static void floor_stays_when_a_delete_does_nothing(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 token = miss(test, f, "key");

	KUNIT_EXPECT_EQ(test, fixture_del_if(f, "key", 5), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "v", token), 0);
}

static void floor_refuses_a_fill_from_before_a_put(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 token = miss(test, f, "key");

	fixture_put(f, "key", "new");
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "old", token), -ESTALE);
	/* Nor when that pair is evicted. */
	KUNIT_EXPECT_EQ(test, kvc_cache_shrink(f->cache, 1), 1);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "old", token), -ESTALE);
	token = miss(test, f, "key");
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "new", token), 0);
}

static void floor_refuses_a_fill_from_before_an_expiry(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 token = miss(test, f, "key"), version;

	fixture_put_if(f, "key", "new", 3, 0, 0, 1);
	version = f->version;
	kvc_cache_maintain(f->cache);
	KUNIT_EXPECT_EQ(test, f->evicted[KVC_REASON_EXPIRED], 1);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "old", token), -ESTALE);
	token = miss(test, f, "key");
	KUNIT_EXPECT_GT(test, token, version);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "new", token), 0);
}

/* Of the one that is there and does not count, nothing hinders the fill. */
static void floor_lets_an_expired_pair_be_filled(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 token, version;

	fixture_put_if(f, "key", "old", 3, 0, 0, 1);
	version = f->version;
	token = miss(test, f, "key");
	KUNIT_EXPECT_GT(test, token, version);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "new", token), 0);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "new"));
}

static void floor_refuses_a_fill_from_before_a_clear(struct kunit *test)
{
	struct fixture *f = begin(test);
	char key[FIXTURE_KEY];
	u64 tokens[20];
	unsigned int i;
	u32 shard = 0;

	for (i = 0; i < ARRAY_SIZE(tokens); i++)
		tokens[i] = miss(test, f, fixture_key(key, i));
	while (kvc_cache_clear_step(f->cache, &shard))
		;
	for (i = 0; i < ARRAY_SIZE(tokens); i++)
		/* P16 */
		KUNIT_EXPECT_EQ(test, fixture_fill(f, fixture_key(key, i), "v",
						   tokens[i]), -ESTALE);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, key, "v", miss(test, f, key)), 0);
}

static void floor_refuses_a_fill_from_before_a_prefix_purge(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct kvc_prefix *p = kzalloc(sizeof(*p), GFP_KERNEL);
	u64 token = miss(test, f, "prefix/key");

	KUNIT_ASSERT_NOT_NULL(test, p);
	kvc_prefix_init(p, "prefix/", 7);
	KUNIT_EXPECT_EQ(test, kvc_prefix_purge(p, f->cache), 0);
	/* P16 */
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "prefix/key", "v", token),
			-ESTALE);
	kfree(p);
}

/* With the revisions of a store instead of the cache's own versions */
static void floor_goes_by_the_revision_of_a_store(struct kunit *test)
{
	struct fixture *f = begin(test);

	KUNIT_EXPECT_EQ(test, fixture_purge(f, "key", 100), -ENOENT);
	KUNIT_EXPECT_EQ(test, f->version, 100);
	/* P16 */
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "old", 99), -ESTALE);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "new", 100), 0);
	/* The object did not change: it may be read again after an eviction. */
	KUNIT_EXPECT_EQ(test, kvc_cache_shrink(f->cache, 1), 1);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "old", 99), -ESTALE);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "new", 100), 0);
	/* A purge that comes late does not lower the floor. */
	KUNIT_EXPECT_EQ(test, fixture_purge(f, "key", 0), 0);
	KUNIT_EXPECT_EQ(test, fixture_purge(f, "key", 50), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "old", 100), -ESTALE);
	/* A miss is told what is accepted, whatever the floors are. */
	KUNIT_EXPECT_EQ(test, fixture_purge(f, "key", 5000), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "new",
					   miss(test, f, "key")), 0);
}

static void floor_counts_what_it_refuses(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 token = miss(test, f, "key");
	struct kvc_stats before, after;

	fixture_purge(f, "key", 0);
	fixture_stats(f, &before);
	fixture_fill(f, "key", "v", token);
	fixture_stats(f, &after);
	KUNIT_EXPECT_EQ(test, after.refused, before.refused + 1);
	KUNIT_EXPECT_EQ(test, after.puts, before.puts);
}

/* What only a tombstone says is not to be asked of the store. */
static void floor_of_a_tombstone(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_WRITEBEHIND);
	u64 token = miss(test, f, "key");

	/* The store may have what the cache does not know. */
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), 0);
	KUNIT_EXPECT_EQ(test, f->version, 0);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "old", token), -ESTALE);
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), -ENOENT);
	fixture_put(f, "key", "v");
	/* A purge does not lose what the store has not seen. */
	KUNIT_EXPECT_EQ(test, fixture_purge(f, "key", 0), -ESTALE);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "v"));
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), 0);
	fixture_put(f, "other", "v");
	f->version = 1;
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, f->version, 0);
	KUNIT_EXPECT_EQ(test, fixture_purge(f, "key", 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, f->version, 0);
}

static struct kunit_case floor_cases[] = {
	KUNIT_CASE(floor_is_never_lowered),
	KUNIT_CASE(floor_takes_a_fill_in_time),
	KUNIT_CASE(floor_refuses_a_fill_from_before_a_purge),
	KUNIT_CASE(floor_refuses_a_fill_from_before_a_delete),
	KUNIT_CASE(floor_stays_when_a_delete_does_nothing),
	KUNIT_CASE(floor_refuses_a_fill_from_before_a_put),
	KUNIT_CASE(floor_refuses_a_fill_from_before_an_expiry),
	KUNIT_CASE(floor_lets_an_expired_pair_be_filled),
	KUNIT_CASE(floor_refuses_a_fill_from_before_a_clear),
	KUNIT_CASE(floor_refuses_a_fill_from_before_a_prefix_purge),
	KUNIT_CASE(floor_goes_by_the_revision_of_a_store),
	KUNIT_CASE(floor_counts_what_it_refuses),
	KUNIT_CASE(floor_of_a_tombstone),
	{}
};

static struct kunit_suite floor_suite = {
	.name = "kvc_floor",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = floor_cases,
};

kunit_test_suite(floor_suite);
