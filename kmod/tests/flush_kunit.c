// SPDX-License-Identifier: GPL-2.0-only
/* Runs: how they are sealed, read and committed */
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/xxhash.h>
#include "core/scan.h"
#include "core/stream.h"
#include "fixture.h"

#define TEXT	2000

/**
 * struct flusher - a reader of a cache's runs
 * @f: the cache
 * @st: its stream
 * @buf: to read into
 * @text: what the last run has: key=value or key! (deleted), with commas
 * @run: its number
 * @frames: its frames
 */
struct flusher {
	struct fixture *f;
	struct kvc_stream st;
	u8 buf[SZ_16K];
	char text[TEXT];
	u64 run;
	u32 frames;
};

static struct flusher *flusher_new(struct kunit *test, struct fixture *f)
{
	struct flusher *fl = kvzalloc(sizeof(*fl), GFP_KERNEL);

	KUNIT_ASSERT_FALSE(test, !fl);
	fl->f = f;
	KUNIT_ASSERT_EQ(test, kvc_stream_init(&fl->st, f->cache), 0);
	return fl;
}

static void flusher_free(struct flusher *fl)
{
	kvc_stream_exit(&fl->st);
	kvfree(fl);
}

/* The flusher ends, and another one begins. */
static void flusher_restart(struct kunit *test, struct flusher *fl)
{
	kvc_stream_exit(&fl->st);
	KUNIT_ASSERT_EQ(test, kvc_stream_init(&fl->st, fl->f->cache), 0);
}

static void take_record(struct flusher *fl, const struct kvc_flush_rec *rec)
{
	const u8 *key = (const u8 *)(rec + 1);
	size_t used = strlen(fl->text);

	snprintf(fl->text + used, TEXT - used, "%s%.*s%s%.*s", used ? "," : "",
		 (int)rec->key_len, key,
		 rec->flags & KVC_FLUSH_REC_GONE ? "!" : "=",
		 (int)rec->value_len, key + rec->key_len);
}

static void take_frame(struct kunit *test, struct flusher *fl,
		       struct kvc_flush_frame *frame)
{
	u64 checksum = frame->checksum;
	u8 *at = (u8 *)(frame + 1);
	u32 i;

	KUNIT_EXPECT_EQ(test, frame->magic, KVC_FLUSH_MAGIC);
	KUNIT_EXPECT_EQ(test, frame->cache, fl->f->cache->id);
	KUNIT_EXPECT_EQ(test, frame->seq, fl->frames++);
	frame->checksum = 0;
	KUNIT_EXPECT_EQ(test, checksum, xxh64(frame, frame->len, 0));
	fl->run = frame->run;
	for (i = 0; i < frame->count; i++) {
		take_record(fl, (struct kvc_flush_rec *)at);
		at += ((struct kvc_flush_rec *)at)->rec_len;
	}
	KUNIT_EXPECT_EQ(test, at - (u8 *)frame, frame->len);
}

/* The whole run, or what is left of it, @room bytes at a time */
static const char *flusher_read(struct kunit *test, struct flusher *fl,
				size_t room)
{
	long bytes, at;

	fl->text[0] = 0;
	fl->frames = fl->st.ended ? 0 : fl->st.seq;
	while ((bytes = kvc_stream_read(&fl->st, fl->buf, room)) > 0)
		for (at = 0; at < bytes;
		     at += ((struct kvc_flush_frame *)(fl->buf + at))->len)
			take_frame(test, fl, (struct kvc_flush_frame *)
					     (fl->buf + at));
	KUNIT_EXPECT_EQ(test, bytes, 0);
	return fl->text;
}

static u64 seal(struct kunit *test, struct fixture *f)
{
	u64 run = 0;

	KUNIT_EXPECT_EQ(test, kvc_flush_seal(f->cache, &run), 0);
	return run;
}

static struct fixture *begin(struct kunit *test)
{
	return fixture_cache(test, KVC_MODE_WRITEBEHIND);
}

static void flush_offers_what_is_dirty_in_order(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct flusher *fl = flusher_new(test, f);
	struct kvc_stats st;

	KUNIT_EXPECT_EQ(test, seal(test, f), 0);
	KUNIT_EXPECT_FALSE(test, kvc_stream_ready(&fl->st));
	fixture_put(f, "b", "1");
	fixture_put(f, "c", "1");
	fixture_fill(f, "d", "clean", 9);
	fixture_put(f, "a", "1");
	fixture_put(f, "b", "2");
	fixture_del(f, "c");
	KUNIT_EXPECT_EQ(test, kvc_flush_dirty(f->cache), 3);
	KUNIT_EXPECT_EQ(test, seal(test, f), 1);
	KUNIT_EXPECT_TRUE(test, kvc_stream_ready(&fl->st));
	/* Nothing was written since: the run is what there is to wait for. */
	KUNIT_EXPECT_EQ(test, seal(test, f), 1);
	KUNIT_EXPECT_STREQ(test, flusher_read(test, fl, SZ_16K), "a=1,b=2,c!");
	KUNIT_EXPECT_FALSE(test, kvc_stream_ready(&fl->st));
	KUNIT_EXPECT_EQ(test, kvc_stream_commit(&fl->st, 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, kvc_stream_commit(&fl->st, 1), 0);
	KUNIT_EXPECT_EQ(test, kvc_flush_committed(f->cache), 1);
	KUNIT_EXPECT_EQ(test, kvc_flush_dirty(f->cache), 0);
	KUNIT_EXPECT_EQ(test, kvc_stream_commit(&fl->st, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, seal(test, f), 0);
	/* L11: the pairs are still there; the tombstone is not. */
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "a", "1"));
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "b", "2"));
	KUNIT_EXPECT_EQ(test, fixture_get(f, "c"), -ENOENT);
	KUNIT_EXPECT_NE(test, f->version, 0);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.records_flushed, 3);
	KUNIT_EXPECT_EQ(test, st.runs_committed, 1);
	KUNIT_EXPECT_EQ(test, st.runs_waiting, 0);
	KUNIT_EXPECT_EQ(test, st.entries_tier, 3);
	flusher_free(fl);
}

/* A run that was not committed comes again, as it was, from its start. */
static void flush_offers_again_what_was_not_committed(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct flusher *fl = flusher_new(test, f);

	fixture_put(f, "a", "1");
	fixture_put(f, "b", "1");
	fixture_put(f, "c", "1");
	KUNIT_EXPECT_EQ(test, seal(test, f), 1);
	KUNIT_EXPECT_EQ(test, kvc_stream_read(&fl->st, fl->buf, 64), -EMSGSIZE);
	KUNIT_EXPECT_GT(test, fl->st.needed, 64);
	KUNIT_EXPECT_GT(test, kvc_stream_read(&fl->st, fl->buf, fl->st.needed),
			0);
	/* Its last frame was not read. */
	KUNIT_EXPECT_EQ(test, kvc_stream_commit(&fl->st, 1), -EINVAL);
	flusher_restart(test, fl);
	/* What is written meanwhile is in the next run. */
	fixture_put(f, "b", "2");
	fixture_del(f, "c");
	fixture_put(f, "d", "2");
	KUNIT_EXPECT_STREQ(test, flusher_read(test, fl, 128), "a=1,b=1,c=1");
	KUNIT_EXPECT_EQ(test, fl->frames, 3);
	KUNIT_EXPECT_EQ(test, seal(test, f), 2);
	flusher_restart(test, fl);
	KUNIT_EXPECT_STREQ(test, flusher_read(test, fl, SZ_16K), "a=1,b=1,c=1");
	KUNIT_EXPECT_EQ(test, kvc_stream_commit(&fl->st, 1), 0);
	KUNIT_EXPECT_EQ(test, kvc_flush_dirty(f->cache), 3);
	/* L10 */
	KUNIT_EXPECT_EQ(test, fixture_get(f, "c"), -ENOENT);
	KUNIT_EXPECT_EQ(test, f->version, 0);
	KUNIT_EXPECT_STREQ(test, flusher_read(test, fl, SZ_16K), "b=2,c!,d=2");
	KUNIT_EXPECT_EQ(test, kvc_stream_commit(&fl->st, 2), 0);
	KUNIT_EXPECT_EQ(test, kvc_flush_dirty(f->cache), 0);
	flusher_free(fl);
}

static void put_many(struct kunit *test, struct fixture *f, unsigned int from,
		     unsigned int to)
{
	char key[FIXTURE_KEY];

	for (; from < to; from++)
		KUNIT_ASSERT_EQ(test, fixture_put(f, fixture_key(key, from),
						  "value"), 0);
}

static void read_and_commit(struct kunit *test, struct flusher *fl)
{
	u64 run = 0;

	flusher_read(test, fl, SZ_16K);
	run = fl->run;
	KUNIT_EXPECT_EQ(test, kvc_stream_commit(&fl->st, run), 0);
	KUNIT_EXPECT_EQ(test, kvc_flush_committed(fl->f->cache), run);
}

/* L11: what is hot stays in the tier, clean; what is not may be evicted. */
static void flush_does_not_empty_the_tier(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct flusher *fl = flusher_new(test, f);
	struct kvc_stats before, after;

	/* More than the tier has room for */
	put_many(test, f, 0, 400);
	fixture_stats(f, &before);
	KUNIT_EXPECT_GT(test, before.entries_tier, 50);
	KUNIT_EXPECT_GT(test, before.entries_memtable, 50);
	KUNIT_EXPECT_EQ(test, kvc_cache_entries(f->cache), 0);
	seal(test, f);
	fixture_stats(f, &after);
	KUNIT_EXPECT_EQ(test, after.entries_tier, before.entries_tier);
	KUNIT_EXPECT_EQ(test, after.entries_memtable, before.entries_memtable);
	KUNIT_EXPECT_EQ(test, after.bytes_memtable, before.bytes_memtable);
	KUNIT_EXPECT_EQ(test, kvc_cache_entries(f->cache), 0);
	read_and_commit(test, fl);
	fixture_stats(f, &after);
	KUNIT_EXPECT_EQ(test, after.entries_tier, before.entries_tier);
	KUNIT_EXPECT_EQ(test, after.entries_memtable, before.entries_memtable);
	KUNIT_EXPECT_EQ(test, after.bytes_memtable, before.bytes_memtable);
	KUNIT_EXPECT_EQ(test, kvc_cache_entries(f->cache), 400);
	KUNIT_EXPECT_EQ(test, kvc_cache_shrink(f->cache, 10), 10);
	fixture_stats(f, &after);
	KUNIT_EXPECT_EQ(test, after.entries_tier, before.entries_tier);
	flusher_free(fl);
}

/* L10: whatever is evicted meanwhile, a deleted key does not come back. */
static void flush_keeps_a_tombstone_until_the_store_has_it(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct flusher *fl = flusher_new(test, f);
	u64 token;

	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	token = f->version;
	KUNIT_EXPECT_EQ(test, fixture_del(f, "key"), 0);
	put_many(test, f, 0, 300);
	kvc_cache_shrink(f->cache, 1000);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, f->version, 0);
	seal(test, f);
	kvc_cache_shrink(f->cache, 1000);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, f->version, 0);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "old", token), -ESTALE);
	flusher_read(test, fl, SZ_16K);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_EQ(test, f->version, 0);
	KUNIT_EXPECT_EQ(test, kvc_stream_commit(&fl->st, 1), 0);
	/* Now the store can be asked; what it said before is late. */
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	KUNIT_EXPECT_NE(test, f->version, 0);
	KUNIT_EXPECT_EQ(test, fixture_fill(f, "key", "old", token), -ESTALE);
	flusher_free(fl);
}

/* A put that finds no room says so, asks for a seal, and a commit ends it. */
static void flush_makes_room_for_who_waits(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct flusher *fl = flusher_new(test, f);
	char key[FIXTURE_KEY];
	struct kvc_stats st;
	unsigned int i = 0;
	u32 progress;
	int err;

	do {
		progress = kvc_flush_progress(f->cache);
		err = fixture_put(f, fixture_key(key, i), "value");
	} while (!err && i++ < 10000);
	KUNIT_EXPECT_EQ(test, err, -EBUSY);
	KUNIT_EXPECT_EQ(test, fixture_del(f, "other"), -EBUSY);
	KUNIT_EXPECT_EQ(test, fixture_touch(f, key, 1), -ENODATA);
	KUNIT_EXPECT_EQ(test, kvc_flush_progress(f->cache), progress);
	/* The background does what was asked for. */
	KUNIT_EXPECT_FALSE(test, kvc_stream_ready(&fl->st));
	kvc_cache_maintain(f->cache);
	KUNIT_EXPECT_TRUE(test, kvc_stream_ready(&fl->st));
	KUNIT_EXPECT_EQ(test, fixture_put(f, key, "value"), -EBUSY);
	read_and_commit(test, fl);
	KUNIT_EXPECT_NE(test, kvc_flush_progress(f->cache), progress);
	KUNIT_EXPECT_EQ(test, fixture_put(f, key, "value"), 0);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.flush_waits, 3);
	KUNIT_EXPECT_EQ(test, f->evicted[KVC_REASON_LIMIT] > 0, 1);
	flusher_free(fl);
}

/* No more runs wait than may; what is dirty then is sealed after a commit. */
static void flush_bounds_the_runs(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct flusher *fl = flusher_new(test, f);
	u64 run = 9;

	fixture_put(f, "a", "1");
	KUNIT_EXPECT_EQ(test, seal(test, f), 1);
	fixture_put(f, "a", "2");
	KUNIT_EXPECT_EQ(test, seal(test, f), 2);
	fixture_put(f, "a", "3");
	KUNIT_EXPECT_EQ(test, kvc_flush_seal(f->cache, &run), -EAGAIN);
	KUNIT_EXPECT_STREQ(test, flusher_read(test, fl, SZ_16K), "a=1");
	KUNIT_EXPECT_EQ(test, kvc_stream_commit(&fl->st, 1), 0);
	KUNIT_EXPECT_EQ(test, kvc_flush_dirty(f->cache), 1);
	kvc_cache_maintain(f->cache);
	KUNIT_EXPECT_EQ(test, kvc_flush_seal(f->cache, &run), 0);
	KUNIT_EXPECT_EQ(test, run, 3);
	KUNIT_EXPECT_STREQ(test, flusher_read(test, fl, SZ_16K), "a=2");
	KUNIT_EXPECT_EQ(test, kvc_stream_commit(&fl->st, 2), 0);
	KUNIT_EXPECT_EQ(test, kvc_flush_dirty(f->cache), 1);
	KUNIT_EXPECT_STREQ(test, flusher_read(test, fl, SZ_16K), "a=3");
	KUNIT_EXPECT_EQ(test, kvc_stream_commit(&fl->st, 3), 0);
	KUNIT_EXPECT_EQ(test, kvc_flush_dirty(f->cache), 0);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "a", "3"));
	flusher_free(fl);
}

/* A full memtable is sealed without being asked for (L4). */
static void flush_seals_a_full_memtable(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct flusher *fl;
	unsigned int i;

	f->config.flush_ms = 3600000;
	f->config.tier = SZ_4K;
	f->config.memtable = SZ_8K;
	fl = flusher_new(test, begin(test));
	for (i = 0; i < 4 && !kvc_stream_ready(&fl->st); i++) {
		KUNIT_EXPECT_LT(test, f->cache->shards[0].dirty.bytes, SZ_8K);
		put_many(test, f, i * 50, i * 50 + 50);
		kvc_cache_maintain(f->cache);
	}
	KUNIT_EXPECT_TRUE(test, kvc_stream_ready(&fl->st));
	KUNIT_EXPECT_GT(test, i, 2);
	flusher_free(fl);
}

/* No writer waits before as many runs wait as may. */
static void flush_bound_comes_before_the_limit(struct kunit *test)
{
	struct fixture *f = test->priv;
	char key[FIXTURE_KEY];
	unsigned int i;
	int err = 0;

	f->config.flush_ms = 3600000;
	/* As much as can be, so that it is never full. */
	f->config.tier = f->config.limit / 4;
	f->config.memtable = f->config.limit - f->config.tier;
	begin(test);
	for (i = 0; i < 10000 && !err; i++) {
		err = fixture_put(f, fixture_key(key, i), "value");
		kvc_cache_maintain(f->cache);
	}
	KUNIT_EXPECT_EQ(test, err, -EBUSY);
	KUNIT_EXPECT_EQ(test, f->cache->flush.waiting, f->config.runs);
}

static void flush_seals_what_is_old(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct kvc_stats st;
	unsigned int due;
	u64 run;

	f->config.flush_ms = 3600000;
	begin(test);
	KUNIT_EXPECT_EQ(test, kvc_cache_maintain(f->cache), 0);
	fixture_put(f, "a", "1");
	/* The background is asked to look, and told when to look again. */
	KUNIT_EXPECT_GT(test, f->kicks, 0);
	due = kvc_cache_maintain(f->cache);
	KUNIT_EXPECT_GT(test, due, 3000000);
	KUNIT_EXPECT_LE(test, due, 3600000);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.runs_sealed, 0);
	/* The machine may have booted a moment ago. */
	spin_lock(&f->cache->shards[0].lock);
	f->cache->shards[0].dirty_since -= 20ULL * 1000000;
	spin_unlock(&f->cache->shards[0].lock);
	WRITE_ONCE(f->cache->config.flush_ms, 10);
	fixture_stats(f, &st);
	KUNIT_EXPECT_GE(test, st.dirty_ms, 20);
	kvc_cache_maintain(f->cache);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.runs_sealed, 1);
	KUNIT_EXPECT_EQ(test, st.dirty_ms, 0);
	KUNIT_EXPECT_EQ(test, kvc_flush_seal(f->cache, &run), 0);
	KUNIT_EXPECT_EQ(test, run, 1);
}

static unsigned int scanned(struct kunit *test, struct fixture *f, bool gone)
{
	struct kvc_range range = { .gone = gone };
	unsigned int keys;
	struct kvc_page p;

	KUNIT_ASSERT_EQ(test, kvc_page_init(&p, f->cache, 1000), 0);
	kvc_page_collect(&p, f->cache, &range);
	KUNIT_EXPECT_FALSE(test, p.more);
	keys = p.count;
	kvc_page_exit(&p);
	return keys;
}

/* L9: a key is met once, wherever it is. */
static void flush_scans_meet_runs(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct flusher *fl;
	struct kvc_stats st;

	f->config.limit = 256 << 10;
	f->config.tier = 8 << 10;
	fl = flusher_new(test, begin(test));
	put_many(test, f, 0, 400);
	seal(test, f);
	put_many(test, f, 200, 500);
	KUNIT_EXPECT_EQ(test, scanned(test, f, false), 500);
	seal(test, f);
	put_many(test, f, 480, 600);
	fixture_del(f, "k0000000");
	fixture_del(f, "k0000599");
	fixture_put_if(f, "k0000001", "v", 1, 0, 0, 1);
	fixture_stats(f, &st);
	KUNIT_EXPECT_LT(test, st.entries_tier, 200);
	KUNIT_EXPECT_EQ(test, scanned(test, f, false), 597);
	KUNIT_EXPECT_EQ(test, scanned(test, f, true), 600);
	read_and_commit(test, fl);
	KUNIT_EXPECT_EQ(test, scanned(test, f, true), 600);
	read_and_commit(test, fl);
	seal(test, f);
	KUNIT_EXPECT_EQ(test, scanned(test, f, true), 600);
	read_and_commit(test, fl);
	KUNIT_EXPECT_EQ(test, scanned(test, f, false), 597);
	/* The store knows of those; the one that expired is clean now. */
	KUNIT_EXPECT_EQ(test, scanned(test, f, true), 597);
	flusher_free(fl);
}

/* What is dirty is lost with the cache, and who waits for it is told. */
static void flush_ends_with_the_cache(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct flusher *fl = flusher_new(test, f);
	u32 progress = kvc_flush_progress(f->cache);
	u64 run;

	put_many(test, f, 0, 300);
	seal(test, f);
	put_many(test, f, 200, 350);
	KUNIT_EXPECT_GT(test, kvc_stream_read(&fl->st, fl->buf, 1024), 0);
	kvc_cache_kill(f->cache);
	KUNIT_EXPECT_TRUE(test, kvc_stream_ready(&fl->st));
	KUNIT_EXPECT_EQ(test, kvc_stream_read(&fl->st, fl->buf, 1024),
			-ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, kvc_stream_commit(&fl->st, 1), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, kvc_flush_seal(f->cache, &run), -ESHUTDOWN);
	KUNIT_EXPECT_NE(test, kvc_flush_progress(f->cache), progress);
	KUNIT_EXPECT_EQ(test, kvc_flush_dirty(f->cache), 0);
	KUNIT_EXPECT_EQ(test, fixture_put(f, "a", "1"), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, fixture_bytes(f), 0);
	flusher_free(fl);
}

static struct kunit_case flush_cases[] = {
	KUNIT_CASE(flush_offers_what_is_dirty_in_order),
	KUNIT_CASE(flush_offers_again_what_was_not_committed),
	KUNIT_CASE(flush_does_not_empty_the_tier),
	KUNIT_CASE(flush_keeps_a_tombstone_until_the_store_has_it),
	KUNIT_CASE(flush_makes_room_for_who_waits),
	KUNIT_CASE(flush_bounds_the_runs),
	KUNIT_CASE(flush_seals_a_full_memtable),
	KUNIT_CASE(flush_bound_comes_before_the_limit),
	KUNIT_CASE(flush_seals_what_is_old),
	KUNIT_CASE(flush_scans_meet_runs),
	KUNIT_CASE(flush_ends_with_the_cache),
	{}
};

static struct kunit_suite flush_suite = {
	.name = "kvc_flush",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = flush_cases,
};

kunit_test_suite(flush_suite);
