// SPDX-License-Identifier: GPL-2.0-only
/* What the core keeps for a store behind it, which comes later */
#include <linux/errno.h>
#include "core/pool.h"
#include "core/scan.h"
#include "fixture.h"

static struct fixture *begin(struct kunit *test)
{
	return fixture_cache(test, KVC_MODE_WRITEBEHIND);
}

static struct kvc_entry *entry_of(struct fixture *f, const char *key)
{
	struct kvc_shard *s = &f->cache->shards[0];
	u32 hash = kvc_cache_hash(f->cache, key, strlen(key));
	struct kvc_entry *e;

	spin_lock(&s->lock);
	e = kvc_index_at(&s->index,
			 kvc_index_slot(&s->index, hash, key, strlen(key)));
	spin_unlock(&s->lock);
	return e;
}

static bool is(struct fixture *f, const char *key, u8 bits)
{
	struct kvc_entry *e = entry_of(f, key);

	return e && kvc_entry_is(e, bits);
}

static void behind_puts_are_dirty_fills_are_not(struct kunit *test)
{
	struct fixture *f = begin(test);

	fixture_put(f, "put", "value");
	fixture_put_if(f, "fill", "v", 1, KVC_OP_F_FILL, 7, 0);
	KUNIT_EXPECT_TRUE(test, is(f, "put", KVC_ENTRY_DIRTY));
	KUNIT_EXPECT_FALSE(test, is(f, "fill", KVC_ENTRY_DIRTY));
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "put", "value"));
	fixture_put(f, "fill", "value");
	KUNIT_EXPECT_TRUE(test, is(f, "fill", KVC_ENTRY_DIRTY));
}

static void behind_dirty_pairs_are_never_evicted(struct kunit *test)
{
	struct fixture *f = begin(test);
	char key[FIXTURE_KEY];
	unsigned int i = 0, j;

	while (i < 10000 && !fixture_put(f, fixture_key(key, i), "value"))
		i++;
	/* All are dirty: nothing may go. */
	KUNIT_EXPECT_EQ(test, fixture_put(f, key, "value"), -ENOSPC);
	KUNIT_EXPECT_EQ(test, f->evicted[KVC_REASON_LIMIT], 0);
	for (j = 0; j < i; j++)
		KUNIT_ASSERT_TRUE(test, fixture_has(f, fixture_key(key, j),
						    "value"));
	KUNIT_EXPECT_EQ(test, kvc_cache_shrink(f->cache, 100), 0);
}

static void behind_clean_pairs_make_room(struct kunit *test)
{
	struct fixture *f = begin(test);
	char key[FIXTURE_KEY];
	unsigned int i;

	for (i = 0; i < 1000; i++)
		KUNIT_ASSERT_EQ(test, fixture_put_if(f, fixture_key(key, i),
						     "value", 5, KVC_OP_F_FILL,
						     i + 1, 0), 0);
	KUNIT_EXPECT_GT(test, f->evicted[KVC_REASON_LIMIT], 0);
}

static void behind_delete_leaves_a_tombstone(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct kvc_range range = {};
	struct kvc_stats st;
	struct kvc_page p;
	u64 version;

	fixture_put(f, "a", "value");
	fixture_put(f, "key", "value");
	version = f->version;
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), 0);
	KUNIT_EXPECT_EQ(test, f->version, version);
	KUNIT_EXPECT_TRUE(test, is(f, "key", KVC_ENTRY_TOMBSTONE));
	KUNIT_EXPECT_TRUE(test, is(f, "key", KVC_ENTRY_DIRTY));
	/* It reads as absent, and scans leave it out. */
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_touch(f, "key", 0), -ENOENT);
	KUNIT_ASSERT_EQ(test, kvc_page_init(&p, f->cache, 10), 0);
	kvc_page_collect(&p, f->cache, &range);
	KUNIT_EXPECT_EQ(test, p.count, 1);
	kvc_page_exit(&p);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.deletes, 1);
	KUNIT_EXPECT_EQ(test, st.puts, 2);
	/* A new pair takes its place, with a later version. */
	KUNIT_EXPECT_EQ(test, fixture_put_if(f, "key", "v", 1, KVC_OP_F_CREATE,
					     0, 0), 0);
	KUNIT_EXPECT_GT(test, f->version, version + 1);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "v"));
}

static void behind_late_fill_hides_no_delete(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 version;

	fixture_put_if(f, "key", "v", 1, KVC_OP_F_FILL, 100, 0);
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), 0);
	version = entry_of(f, "key")->version;
	KUNIT_EXPECT_GT(test, version, 100);
	KUNIT_EXPECT_EQ(test, fixture_put_if(f, "key", "v", 1, KVC_OP_F_FILL,
					     version, 0), -ESTALE);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
}

static void behind_delete_compares_versions(struct kunit *test)
{
	struct fixture *f = begin(test);
	u64 version;

	fixture_put(f, "key", "value");
	version = f->version;
	KUNIT_EXPECT_EQ(test, fixture_del_if(f, "key", version + 1), -ESTALE);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "value"));
	KUNIT_EXPECT_EQ(test, fixture_del_if(f, "key", version), 0);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
}

/* What the store has not seen is not reclaimed either, only not read. */
static void behind_expired_dirty_pairs_stay(struct kunit *test)
{
	struct fixture *f = begin(test);

	fixture_put_if(f, "key", "v", 1, 0, 0, 1);
	kvc_cache_maintain(f->cache);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_TRUE(test, is(f, "key", KVC_ENTRY_DIRTY));
}

static struct kunit_case behind_cases[] = {
	KUNIT_CASE(behind_puts_are_dirty_fills_are_not),
	KUNIT_CASE(behind_dirty_pairs_are_never_evicted),
	KUNIT_CASE(behind_clean_pairs_make_room),
	KUNIT_CASE(behind_delete_leaves_a_tombstone),
	KUNIT_CASE(behind_late_fill_hides_no_delete),
	KUNIT_CASE(behind_delete_compares_versions),
	KUNIT_CASE(behind_expired_dirty_pairs_stay),
	{}
};

static struct kunit_suite behind_suite = {
	.name = "kvc_behind",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = behind_cases,
};

kunit_test_suite(behind_suite);
