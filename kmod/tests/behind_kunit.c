// SPDX-License-Identifier: GPL-2.0-only
/* The operations of a write-behind cache, without its flusher */
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
	/* All are dirty: nothing may go before the store has it. */
	KUNIT_EXPECT_EQ(test, fixture_put(f, key, "value"), -EBUSY);
	KUNIT_EXPECT_EQ(test, fixture_put_bytes(f, key, 64 << 10), -ENOSPC);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, key, "value", 1 << 20), -ENOSPC);
	KUNIT_EXPECT_EQ(test, f->evicted[KVC_REASON_LIMIT], 0);
	for (j = 0; j < i; j++)
		KUNIT_ASSERT_TRUE(test, fixture_has(f, fixture_key(key, j),
						    "value"));
	KUNIT_EXPECT_EQ(test, kvc_cache_entries(f->cache), 0);
	KUNIT_EXPECT_EQ(test, kvc_cache_shrink(f->cache, 100), 0);
}

/* There are clean ones, but the coldest of the tier are dirty. */
static void behind_cold_dirty_pairs_are_not_evicted(struct kunit *test)
{
	struct fixture *f = test->priv;
	char key[FIXTURE_KEY];
	unsigned int i = 0, j;

	f->config.policy = KVC_POLICY_S3FIFO;
	begin(test);
	for (j = 0; j < 200; j++)
		fixture_fill(f, fixture_key(key, 10000 + j), "value", 1);
	while (i < 10000 && !fixture_put(f, fixture_key(key, i), "value"))
		i++;
	KUNIT_EXPECT_EQ(test, f->evicted[KVC_REASON_LIMIT], 200);
	for (j = 0; j < i; j++)
		KUNIT_EXPECT_TRUE(test, fixture_has(f, fixture_key(key, j),
						    "value"));
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
	/* L10: whatever the fill says it is newer than */
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "v", version), -ESTALE);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "v", version + 9), -ESTALE);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, f->version, 0);
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

/* What the store has of it is older, and not to be read. */
static void behind_expired_dirty_pairs_are_not_filled(struct kunit *test)
{
	struct fixture *f = begin(test);

	fixture_put_if(f, "key", "v", 1, 0, 0, 1);
	f->version = 9;
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, f->version, 0);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "old", 99), -ESTALE);
	/* As an absent key it can be made anew. */
	KUNIT_EXPECT_EQ(test, fixture_put_if(f, "key", "v", 1, KVC_OP_F_CREATE,
					     0, 0), 0);
}

static int gone(struct fixture *f, const char *key, u64 version)
{
	struct kvc_cond cond = { .flags = KVC_OP_F_FILL, .version = version };
	struct kvc_entry *e = fixture_entry(key, "");
	u64 now = 0;
	int err;

	if (!e)
		return -ENOMEM;
	e->hash = kvc_cache_hash(f->cache, key, e->key_len);
	e->state = KVC_ENTRY_TOMBSTONE;
	err = kvc_cache_put(f->cache, e, &cond, &now, &f->version);
	if (err)
		kvc_entry_free(e);
	return err;
}

static bool is_gone(struct fixture *f, const char *key)
{
	u64 now = 0;

	return kvc_cache_is_gone(f->cache,
				 kvc_cache_hash(f->cache, key, strlen(key)),
				 key, strlen(key), &now);
}

static void behind_asks_the_store_before_it_judges(struct kunit *test)
{
	struct fixture *f = begin(test);

	KUNIT_EXPECT_EQ(test, fixture_put_if(f, "key", "v", 1, KVC_OP_F_CREATE,
					     0, 0), -ENODATA);
	KUNIT_EXPECT_EQ(test, fixture_put_if(f, "key", "v", 1, KVC_OP_F_REPLACE,
					     0, 0), -ENODATA);
	KUNIT_EXPECT_EQ(test, fixture_put_if(f, "key", "v", 1, KVC_OP_F_CAS, 1,
					     0), -ENODATA);
	KUNIT_EXPECT_EQ(test, fixture_del_if(f, "key", 1), -ENODATA);
	KUNIT_EXPECT_EQ(test, fixture_touch(f, "key", 0), -ENODATA);
	/* The store has no such key. */
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_FALSE(test, is_gone(f, "key"));
	KUNIT_EXPECT_EQ(test, gone(f, "key", f->version), 0);
	KUNIT_EXPECT_TRUE(test, is_gone(f, "key"));
	KUNIT_EXPECT_FALSE(test, is(f, "key", KVC_ENTRY_DIRTY));
	KUNIT_EXPECT_EQ(test, kvc_flush_dirty(f->cache), 0);
	KUNIT_EXPECT_EQ(test, fixture_put_if(f, "key", "v", 1, KVC_OP_F_REPLACE,
					     0, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_put_if(f, "key", "v", 1, KVC_OP_F_CAS, 1,
					     0), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_del_if(f, "key", 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_touch(f, "key", 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, f->version, 0);
	KUNIT_EXPECT_EQ(test, fixture_put_if(f, "key", "v", 1, KVC_OP_F_CREATE,
					     0, 0), 0);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "v"));
}

/* What a store said of a key is forgotten as any clean entry is. */
static void behind_absence_is_purged_and_evicted(struct kunit *test)
{
	struct fixture *f = begin(test);
	char key[FIXTURE_KEY];
	unsigned int i;

	KUNIT_EXPECT_EQ(test, gone(f, "key", 1), 0);
	KUNIT_EXPECT_EQ(test, fixture_purge(f, "key", 0), -ENOENT);
	KUNIT_EXPECT_FALSE(test, is_gone(f, "key"));
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_NE(test, f->version, 0);
	KUNIT_EXPECT_EQ(test, gone(f, "key", f->version), 0);
	for (i = 0; i < 1000; i++)
		KUNIT_ASSERT_EQ(test, gone(f, fixture_key(key, i), i + 9), 0);
	KUNIT_EXPECT_FALSE(test, is_gone(f, fixture_key(key, 0)));
	KUNIT_EXPECT_TRUE(test, is_gone(f, fixture_key(key, 999)));
	/* No pair was evicted. */
	KUNIT_EXPECT_EQ(test, f->evicted[KVC_REASON_LIMIT], 0);
}

/* TOUCH is a write: what a run has never changes. */
static void behind_touch_makes_a_new_version(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct kvc_stats st;
	u64 version;

	fixture_put(f, "key", "value");
	version = f->version;
	KUNIT_EXPECT_EQ(test, fixture_touch(f, "key", 1ULL << 60), 0);
	KUNIT_EXPECT_GT(test, f->version, version);
	KUNIT_EXPECT_EQ(test, fixture_version(f, "key"), f->version);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "value"));
	KUNIT_EXPECT_EQ(test, entry_of(f, "key")->expiry, 1ULL << 60);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.touches, 1);
	KUNIT_EXPECT_EQ(test, st.puts, 1);
	KUNIT_EXPECT_EQ(test, st.updates_tier, 0);
	KUNIT_EXPECT_EQ(test, st.dirty_entries, 1);
}

static void behind_clear_keeps_what_is_dirty(struct kunit *test)
{
	struct fixture *f = begin(test);
	char key[FIXTURE_KEY];
	unsigned int i;
	u32 shard = 0;

	for (i = 0; i < 100; i++)
		KUNIT_ASSERT_EQ(test, i % 2 ?
				fixture_put(f, fixture_key(key, i), "value") :
				fixture_fill(f, fixture_key(key, i), "v", i + 1),
				0);
	while (kvc_cache_clear_step(f->cache, &shard))
		;
	KUNIT_EXPECT_EQ(test, f->evicted[KVC_REASON_CLEARED], 50);
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_EQ(test, fixture_has(f, fixture_key(key, i),
						  "value"), i % 2);
}

static struct kunit_case behind_cases[] = {
	KUNIT_CASE(behind_puts_are_dirty_fills_are_not),
	KUNIT_CASE(behind_dirty_pairs_are_never_evicted),
	KUNIT_CASE(behind_cold_dirty_pairs_are_not_evicted),
	KUNIT_CASE(behind_clean_pairs_make_room),
	KUNIT_CASE(behind_delete_leaves_a_tombstone),
	KUNIT_CASE(behind_late_fill_hides_no_delete),
	KUNIT_CASE(behind_delete_compares_versions),
	KUNIT_CASE(behind_expired_dirty_pairs_stay),
	KUNIT_CASE(behind_expired_dirty_pairs_are_not_filled),
	KUNIT_CASE(behind_asks_the_store_before_it_judges),
	KUNIT_CASE(behind_absence_is_purged_and_evicted),
	KUNIT_CASE(behind_touch_makes_a_new_version),
	KUNIT_CASE(behind_clear_keeps_what_is_dirty),
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
