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

static struct kunit_case flush_cases[] = {
	KUNIT_CASE(flush_offers_what_is_dirty_in_order),
	KUNIT_CASE(flush_offers_again_what_was_not_committed),
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
