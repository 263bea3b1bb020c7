// SPDX-License-Identifier: GPL-2.0-only
/* Which changes a client sees by the slots that it maps, and when */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "core/prefix.h"
#include "core/slot.h"
#include "core/stream.h"
#include "fixture.h"

#define HOUR	(3600ULL * 1000 * 1000 * 1000)

static u64 read_slot(struct fixture *f, const char *key)
{
	u32 len = strlen(key);

	return kvc_slot_read(f->cache, kvc_cache_hash(f->cache, key, len), key,
			     len);
}

static struct fixture *begin(struct kunit *test, enum kvc_mode mode)
{
	struct fixture *f = fixture_cache(test, mode);

	f->now = HOUR;
	KUNIT_ASSERT_FALSE(test, IS_ERR(kvc_slot_open(f->cache)));
	return f;
}

/* Is it another even value than before?  It is taken for the next time. */
static bool changed(struct fixture *f, const char *key, u64 *before)
{
	u64 was = *before;

	*before = read_slot(f, key);
	return *before != was && !(KVC_SLOT_COUNT(*before) & 1) &&
	       KVC_SLOT_NUMBER(*before) == KVC_SLOT_NUMBER(was);
}

static void slots_are_made_when_they_are_asked_for(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);
	struct kvc_stats before, after;
	struct kvc_slots *slots;

	fixture_put(f, "key", "v");
	KUNIT_EXPECT_EQ(test, KVC_SLOT_COUNT(read_slot(f, "key")) & 1, 1);
	fixture_stats(f, &before);
	slots = kvc_slot_open(f->cache);
	KUNIT_ASSERT_FALSE(test, IS_ERR(slots));
	KUNIT_EXPECT_PTR_EQ(test, kvc_slot_open(f->cache), slots);
	KUNIT_EXPECT_EQ(test, KVC_SLOT_COUNT(read_slot(f, "key")) & 1, 0);
	KUNIT_EXPECT_EQ(test, slots->abi_level, KVC_ABI_LEVEL);
	KUNIT_EXPECT_EQ(test, slots->flags, 0);
	KUNIT_EXPECT_EQ(test, slots->cache, f->cache->id);
	KUNIT_EXPECT_EQ(test, slots->fence, 0);
	KUNIT_EXPECT_EQ(test, kvc_slot_bytes(f->cache),
			PAGE_ALIGN(slots->offset + 4 * slots->count));
	fixture_stats(f, &after);
	KUNIT_EXPECT_EQ(test, after.bytes_index - before.bytes_index,
			kvc_slot_bytes(f->cache));
}

static void slot_changes_with_what_a_get_returns(struct kunit *test)
{
	struct fixture *f = begin(test, KVC_MODE_CACHE);
	u64 slot = read_slot(f, "key");

	fixture_put(f, "key", "v");
	KUNIT_EXPECT_TRUE(test, changed(f, "key", &slot));
	fixture_put(f, "key", "v");
	KUNIT_EXPECT_TRUE(test, changed(f, "key", &slot));
	KUNIT_EXPECT_EQ(test, fixture_touch(f, "key", HOUR + 1), 0);
	KUNIT_EXPECT_TRUE(test, changed(f, "key", &slot));
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "w", 100), 0);
	KUNIT_EXPECT_TRUE(test, changed(f, "key", &slot));
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), 0);
	KUNIT_EXPECT_TRUE(test, changed(f, "key", &slot));
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "w", 200), 0);
	KUNIT_EXPECT_TRUE(test, changed(f, "key", &slot));
	KUNIT_EXPECT_EQ(test, fixture_purge(f, "key", 0), 0);
	KUNIT_EXPECT_TRUE(test, changed(f, "key", &slot));
}

/* Somebody may keep what was evicted. */
static void slot_changes_with_removals_of_absent_keys(struct kunit *test)
{
	struct kvc_prefix *p = kzalloc(sizeof(*p), GFP_KERNEL);
	struct fixture *f = begin(test, KVC_MODE_CACHE);
	u64 slot = read_slot(f, "key");
	u32 shard = 0;

	KUNIT_ASSERT_FALSE(test, !p);
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), -ENOENT);
	KUNIT_EXPECT_TRUE(test, changed(f, "key", &slot));
	KUNIT_EXPECT_EQ(test, fixture_purge(f, "key", 0), -ENOENT);
	KUNIT_EXPECT_TRUE(test, changed(f, "key", &slot));
	kvc_prefix_init(p, "k", 1);
	KUNIT_EXPECT_EQ(test, kvc_prefix_purge(p, f->cache), 0);
	KUNIT_EXPECT_TRUE(test, changed(f, "key", &slot));
	while (kvc_cache_clear_step(f->cache, &shard))
		;
	kvc_cache_clear_end(f->cache);
	KUNIT_EXPECT_TRUE(test, changed(f, "key", &slot));
	kfree(p);
}

static void slot_stays_when_nothing_changes(struct kunit *test)
{
	struct fixture *f = begin(test, KVC_MODE_CACHE);
	u64 slot;

	fixture_put_if(f, "key", "v", 1, 0, 0, HOUR + 1);
	slot = read_slot(f, "key");
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "v"));
	KUNIT_EXPECT_EQ(test, fixture_put_if(f, "key", "w", 1, KVC_OP_F_CREATE,
					     0, 0), -EEXIST);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "w", 1), -ESTALE);
	KUNIT_EXPECT_EQ(test, fixture_del_if(f, "key", 12345), -ESTALE);
	KUNIT_EXPECT_EQ(test, fixture_touch(f, "other", 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "other"), -ENOENT);
	KUNIT_EXPECT_EQ(test, kvc_cache_shrink(f->cache, 10), 1);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, read_slot(f, "key"), slot);
	/* It ends by its own expiry where it is kept. */
	fixture_put_if(f, "key", "v", 1, 0, 0, 1);
	slot = read_slot(f, "key");
	kvc_cache_maintain(f->cache);
	KUNIT_EXPECT_EQ(test, f->evicted[KVC_REASON_EXPIRED], 1);
	KUNIT_EXPECT_EQ(test, read_slot(f, "key"), slot);
}

static void slot_of_a_write_behind_cache(struct kunit *test)
{
	struct fixture *f = begin(test, KVC_MODE_WRITEBEHIND);
	u64 slot = read_slot(f, "key"), run;
	u32 shard = 0;

	fixture_put(f, "key", "v");
	KUNIT_EXPECT_TRUE(test, changed(f, "key", &slot));
	KUNIT_EXPECT_EQ(test, fixture_touch(f, "key", 2 * HOUR), 0);
	KUNIT_EXPECT_TRUE(test, changed(f, "key", &slot));
	KUNIT_EXPECT_EQ(test, kvc_flush_seal(f->cache, &run), 0);
	mutex_lock(&f->cache->flush.reader);
	KUNIT_EXPECT_EQ(test, kvc_flush_commit(f->cache, run), 0);
	mutex_unlock(&f->cache->flush.reader);
	KUNIT_EXPECT_EQ(test, read_slot(f, "key"), slot);
	KUNIT_EXPECT_EQ(test, kvc_cache_shrink(f->cache, 1), 1);
	KUNIT_EXPECT_EQ(test, read_slot(f, "key"), slot);
	/* Of what it does not know either */
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), 0);
	KUNIT_EXPECT_TRUE(test, changed(f, "key", &slot));
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), -ENOENT);
	while (kvc_cache_clear_step(f->cache, &shard))
		;
	KUNIT_EXPECT_TRUE(test, changed(f, "key", &slot));
}

/**
 * struct watch - looks at a slot in the middle of a change
 * @f: the cache
 * @key: whose slot
 * @looks: how often it was
 * @even: how often it was even
 */
struct watch {
	struct fixture *f;
	const char *key;
	unsigned int looks;
	unsigned int even;
};

static void look(struct watch *w)
{
	w->looks++;
	w->even += !(KVC_SLOT_COUNT(read_slot(w->f, w->key)) & 1);
}

static void look_at_kick(void *ctx, unsigned int delay_ms)
{
}

static void look_at_migrate(void *ctx, const struct kvc_entry *e, bool up)
{
	look(ctx);
}

static void look_at_evict(void *ctx, const struct kvc_entry *e,
			  enum kvc_reason reason)
{
	look(ctx);
}

static const struct kvc_observer watcher = {
	.kick = look_at_kick,
	.migrate = look_at_migrate,
	.evict = look_at_evict,
};

static void slot_is_odd_while_a_pair_changes(struct kunit *test)
{
	struct fixture *f = begin(test, KVC_MODE_CACHE);
	struct watch w = { .f = f, .key = "key" };
	char key[FIXTURE_KEY];
	unsigned int i;
	u32 shard = 0;

	f->cache->ctx = &w;
	f->cache->observer = &watcher;
	/* Those that move make room for it, after it began and before it ends. */
	for (i = 0; !w.looks && i < 10000; i++) {
		w.key = fixture_key(key, i);
		KUNIT_ASSERT_EQ(test, fixture_put(f, w.key, "value"), 0);
		KUNIT_EXPECT_EQ(test, KVC_SLOT_COUNT(read_slot(f, w.key)) & 1,
				0);
	}
	KUNIT_EXPECT_GT(test, w.looks, 0);
	KUNIT_EXPECT_EQ(test, w.even, 0);
	w.looks = 0;
	while (kvc_cache_clear_step(f->cache, &shard))
		;
	KUNIT_EXPECT_EQ(test, w.looks, i);
	KUNIT_EXPECT_LT(test, w.even, i);
	f->cache->ctx = f;
}

static void slots_show_the_fence(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);
	struct kvc_slots *slots;

	kvc_cache_set_fence(f->cache, HOUR);
	slots = kvc_slot_open(f->cache);
	KUNIT_ASSERT_FALSE(test, IS_ERR(slots));
	KUNIT_EXPECT_EQ(test, slots->fence, HOUR);
	kvc_cache_set_fence(f->cache, HOUR + 1);
	KUNIT_EXPECT_EQ(test, slots->fence, HOUR + 1);
	kvc_cache_set_fence(f->cache, 0);
	KUNIT_EXPECT_EQ(test, slots->fence, 0);
}

static void slots_end_with_the_cache(struct kunit *test)
{
	struct fixture *f = begin(test, KVC_MODE_CACHE);
	struct kvc_slots *slots = kvc_slot_open(f->cache);
	const u32 *slot = (const void *)slots + slots->offset;
	u32 i, odd = 0;

	fixture_put(f, "key", "v");
	kvc_cache_kill(f->cache);
	for (i = 0; i < slots->count; i++)
		odd += slot[i] & 1;
	KUNIT_EXPECT_EQ(test, odd, slots->count);
	KUNIT_EXPECT_EQ(test, slots->flags, KVC_SLOTS_F_DEAD);
	KUNIT_EXPECT_EQ(test, KVC_SLOT_COUNT(read_slot(f, "key")) & 1, 1);
	KUNIT_EXPECT_EQ(test, PTR_ERR(kvc_slot_open(f->cache)), -ESHUTDOWN);
}

static void slots_are_of_one_shard_and_spread(struct kunit *test)
{
	struct fixture *f = test->priv;
	unsigned int i, distinct = 0;
	u32 of_shard, number;
	char key[FIXTURE_KEY];
	u8 *seen;

	f->config.limit = SZ_64M;
	begin(test, KVC_MODE_CACHE);
	KUNIT_ASSERT_GT(test, kvc_cache_shards(f->cache), 1);
	of_shard = f->cache->slots->count / kvc_cache_shards(f->cache);
	seen = kzalloc(f->cache->slots->count, GFP_KERNEL);
	KUNIT_ASSERT_FALSE(test, !seen);
	for (i = 0; i < 1000; i++) {
		fixture_key(key, i);
		number = KVC_SLOT_NUMBER(read_slot(f, key));
		if (number / of_shard !=
		    kvc_cache_shard(f->cache, kvc_cache_hash(f->cache, key,
							     strlen(key))) -
		    f->cache->shards)
			break;
		distinct += !seen[number]++;
	}
	KUNIT_EXPECT_EQ(test, i, 1000);
	KUNIT_EXPECT_GT(test, distinct, 900);
	kfree(seen);
}

static struct kunit_case slot_cases[] = {
	KUNIT_CASE(slots_are_made_when_they_are_asked_for),
	KUNIT_CASE(slot_changes_with_what_a_get_returns),
	KUNIT_CASE(slot_changes_with_removals_of_absent_keys),
	KUNIT_CASE(slot_stays_when_nothing_changes),
	KUNIT_CASE(slot_of_a_write_behind_cache),
	KUNIT_CASE(slot_is_odd_while_a_pair_changes),
	KUNIT_CASE(slots_show_the_fence),
	KUNIT_CASE(slots_end_with_the_cache),
	KUNIT_CASE(slots_are_of_one_shard_and_spread),
	{}
};

static struct kunit_suite slot_suite = {
	.name = "kvc_slot",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = slot_cases,
};

kunit_test_suite(slot_suite);
