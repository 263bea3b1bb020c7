// SPDX-License-Identifier: GPL-2.0-only
/* Which operation of a cache writes which event */
#include <linux/errno.h>
#include <linux/slab.h>
#include "core/prefix.h"
#include "fixture.h"

#define BUF_BYTES	(2 * KVC_EVENT_MAX)

/* Reads the cache's events one by one */
struct reader {
	struct kvc_event_log *log;
	u64 seq;
	u64 lost;
	u8 buf[BUF_BYTES] __aligned(8);
};

static struct reader *reader_of(struct kunit *test, struct kvc_event_log *log)
{
	struct reader *r = kzalloc(sizeof(*r), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->log = log;
	r->seq = 1;
	return r;
}

static struct fixture *begin(struct kunit *test)
{
	struct fixture *f = test->priv;

	f->config.flags |= KVC_CACHE_F_LOG;
	return fixture_cache(test, KVC_MODE_CACHE);
}

/* The next event of the cache is this one; @key NULL: one without a key. */
static void expect_next(struct kunit *test, struct reader *r, const char *key,
			enum kvc_event_reason reason, u64 version)
{
	const struct kvc_event *ev = (const void *)r->buf;
	u32 len = key ? strlen(key) : 0;
	u64 seq = r->seq;

	KUNIT_ASSERT_GT(test, kvc_event_read(r->log, &r->seq, r->buf, BUF_BYTES,
					     &r->lost), 0);
	r->seq = seq + 1;
	KUNIT_EXPECT_EQ(test, r->lost, 0);
	KUNIT_EXPECT_EQ(test, ev->seq, seq);
	KUNIT_EXPECT_EQ(test, ev->reason, reason);
	KUNIT_EXPECT_EQ(test, ev->version, version);
	KUNIT_ASSERT_EQ(test, ev->key_len, len);
	KUNIT_EXPECT_TRUE(test, !memcmp(kvc_event_key(ev), key, len));
}

static void expect_none(struct kunit *test, struct reader *r)
{
	KUNIT_EXPECT_EQ(test, kvc_event_read(r->log, &r->seq, r->buf, BUF_BYTES,
					     &r->lost), 0);
	KUNIT_EXPECT_EQ(test, r->lost, 0);
}

/* C3 */
static void events_of_what_was_changed(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct reader *r = reader_of(test, &f->cache->log);
	u64 version;

	fixture_put(f, "a", "new");
	fixture_fill(f, "b", "new", 50);
	fixture_touch(f, "a", 0);
	fixture_get(f, "a");
	fixture_del(f, "absent");
	fixture_put_if(f, "a", "x", 1, KVC_OP_F_CREATE, 0, 0);
	expect_none(test, r);
	fixture_put(f, "a", "newer");
	version = f->version;
	expect_next(test, r, "a", KVC_EVENT_UPDATED, version);
	fixture_fill(f, "b", "newer", 300);
	expect_next(test, r, "b", KVC_EVENT_UPDATED, 300);
	fixture_del(f, "a");
	expect_next(test, r, "a", KVC_EVENT_DELETED, version);
	expect_none(test, r);
	fixture_put(f, "a", "again");
	expect_none(test, r);
	kfree(r);
}

static void events_of_what_expired(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct reader *r = reader_of(test, &f->cache->log);
	u64 first, second;

	fixture_put_if(f, "swept", "v", 1, 0, 0, 1);
	first = f->version;
	fixture_put_if(f, "replaced", "v", 1, 0, 0, 1);
	second = f->version;
	fixture_get(f, "replaced");
	expect_none(test, r);
	fixture_put(f, "replaced", "new");
	expect_next(test, r, "replaced", KVC_EVENT_EXPIRED, second);
	kvc_cache_maintain(f->cache);
	expect_next(test, r, "swept", KVC_EVENT_EXPIRED, first);
	expect_none(test, r);
	kfree(r);
}

static void events_of_what_was_evicted(struct kunit *test)
{
	struct fixture *f = test->priv;
	char key[FIXTURE_KEY];
	struct kvc_config g;
	struct reader *r;
	struct kvc_stats st;
	unsigned int i;
	u32 shard = 0;

	f->config.limit *= 2;
	begin(test);
	r = reader_of(test, &f->cache->log);
	g = f->config;
	for (i = 0; i < 4000 && !f->evicted[KVC_REASON_LIMIT]; i++)
		fixture_put(f, fixture_key(key, i), "v");
	/* fifo, never visited: the first goes first. */
	expect_next(test, r, fixture_key(key, 0), KVC_EVENT_EVICTED, 2);
	kvc_cache_shrink(f->cache, 1);
	expect_next(test, r, fixture_key(key, 1), KVC_EVENT_EVICTED, 3);
	expect_none(test, r);
	g.limit = f->config.limit / 2;
	g.tier = g.tier_min = g.tier_max = 0;
	KUNIT_ASSERT_EQ(test, kvc_config_complete(&g), 0);
	kvc_cache_set_size(f->cache, &g);
	while (kvc_cache_fit_step(f->cache, &shard))
		;
	expect_next(test, r, fixture_key(key, 2), KVC_EVENT_EVICTED, 4);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.events, f->evicted[KVC_REASON_LIMIT] + 1 +
					 f->evicted[KVC_REASON_LOWERED]);
	KUNIT_EXPECT_EQ(test, st.cleared, f->evicted[KVC_REASON_LOWERED]);
	KUNIT_EXPECT_GT(test, st.bytes_events, f->config.events - 1);
	kfree(r);
}

static void events_of_every_purge(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct reader *r = reader_of(test, &f->cache->log);
	struct kvc_stats st;
	u64 version;

	fixture_put(f, "key", "v");
	version = f->version;
	KUNIT_EXPECT_EQ(test, fixture_purge(f, "key", 0), 0);
	KUNIT_EXPECT_GT(test, f->version, version);
	expect_next(test, r, "key", KVC_EVENT_PURGED, f->version);
	/* Others may still have read it. */
	KUNIT_EXPECT_EQ(test, fixture_purge(f, "key", 0), -ENOENT);
	expect_next(test, r, "key", KVC_EVENT_PURGED, f->version);
	KUNIT_EXPECT_EQ(test, fixture_purge(f, "absent", 70), -ENOENT);
	expect_next(test, r, "absent", KVC_EVENT_PURGED, 70);
	fixture_fill(f, "key", "v", 80);
	KUNIT_EXPECT_EQ(test, fixture_purge(f, "key", 80), -ESTALE);
	expect_next(test, r, "key", KVC_EVENT_PURGED, 80);
	KUNIT_EXPECT_TRUE(test, fixture_has(f, "key", "v"));
	KUNIT_EXPECT_EQ(test, fixture_purge(f, "key", 81), 0);
	KUNIT_EXPECT_EQ(test, fixture_get(f, "key"), -ENOENT);
	fixture_put_if(f, "old", "v", 1, 0, 0, 1);
	version = f->version;
	r->seq++;
	KUNIT_EXPECT_EQ(test, fixture_purge(f, "old", 0), -ENOENT);
	expect_next(test, r, "old", KVC_EVENT_EXPIRED, version);
	expect_next(test, r, "old", KVC_EVENT_PURGED, f->version);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.purged, 2);
	KUNIT_EXPECT_EQ(test, st.expired, 1);
	KUNIT_EXPECT_EQ(test, st.entries_tier + st.entries_memtable, 0);
	kfree(r);
}

static void events_of_a_clear_is_one(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct reader *r = reader_of(test, &f->cache->log);
	char key[FIXTURE_KEY];
	unsigned int i;
	u32 shard = 0;

	for (i = 0; i < 300; i++)
		fixture_put(f, fixture_key(key, i), "v");
	while (kvc_cache_clear_step(f->cache, &shard))
		;
	expect_none(test, r);
	kvc_cache_clear_end(f->cache);
	expect_next(test, r, NULL, KVC_EVENT_PURGED, 0);
	expect_none(test, r);
	kfree(r);
}

static void events_of_every_key_of_a_prefix(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct reader *r = reader_of(test, &f->cache->log);
	struct kvc_prefix *p = kzalloc(sizeof(*p), GFP_KERNEL);
	char key[FIXTURE_KEY];
	unsigned int i;
	u64 oldest;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, p);
	for (i = 0; i < 300; i++)
		fixture_put(f, fixture_key(key, i), "v");
	kvc_prefix_init(p, "k00001", 6);
	do {
		ret = kvc_prefix_purge(p, f->cache);
	} while (ret == 1);
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, p->purged, 100);
	KUNIT_EXPECT_EQ(test, kvc_event_range(&f->cache->log, &oldest), 100);
	for (i = 0; i < 300; i++)
		KUNIT_EXPECT_EQ(test, fixture_get(f, fixture_key(key, i)),
				i / 100 == 1 ? -ENOENT : 0);
	for (i = 100; i < 110; i++)
		expect_next(test, r, fixture_key(key, i), KVC_EVENT_PURGED,
			    302 + i - 99);
	kfree(p);
	kfree(r);
}

static void events_tells_the_observer_when_armed(struct kunit *test)
{
	struct fixture *f = begin(test);
	struct kvc_event_log *log = &f->cache->log;

	fixture_put(f, "key", "v");
	fixture_put(f, "key", "v");
	KUNIT_EXPECT_EQ(test, f->wakes, 0);
	KUNIT_EXPECT_FALSE(test, kvc_event_arm(log, 1));
	fixture_touch(f, "key", 0);
	KUNIT_EXPECT_EQ(test, f->wakes, 0);
	fixture_put(f, "key", "v");
	fixture_put(f, "key", "v");
	KUNIT_EXPECT_EQ(test, f->wakes, 2);
	KUNIT_EXPECT_EQ(test, f->woken_by, 3);
	kvc_event_disarm(log);
	fixture_del(f, "key");
	KUNIT_EXPECT_EQ(test, f->wakes, 2);
	KUNIT_EXPECT_TRUE(test, kvc_event_arm(log, 3));
	KUNIT_EXPECT_FALSE(test, kvc_event_arm(log, 4));
}

static u64 newest(struct fixture *f)
{
	u64 oldest;

	return kvc_event_range(&f->cache->log, &oldest);
}

/* C3: no listener, no event, but from the first one on */
static void events_begin_with_a_call(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);

	fixture_put(f, "key", "v");
	fixture_put(f, "key", "v");
	kvc_cache_clear_end(f->cache);
	KUNIT_EXPECT_EQ(test, newest(f), 0);
	kvc_cache_listen(f->cache);
	fixture_put(f, "key", "v");
	fixture_del(f, "key");
	KUNIT_EXPECT_EQ(test, newest(f), 2);
}

static void events_begin_with_a_listener(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);

	fixture_put(f, "key", "v");
	fixture_put(f, "key", "v");
	KUNIT_EXPECT_EQ(test, newest(f), 0);
	f->listens = true;
	fixture_put(f, "key", "v");
	KUNIT_EXPECT_EQ(test, newest(f), 1);
	/* Who comes back can read what he missed. */
	f->listens = false;
	fixture_put(f, "key", "v");
	KUNIT_EXPECT_EQ(test, newest(f), 2);
}

static void events_cache_may_have_none(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct reader *r;
	struct kvc_stats st;

	f->config.flags = KVC_CACHE_F_NOEVENTS;
	f->listens = true;
	fixture_cache(test, KVC_MODE_CACHE);
	r = reader_of(test, &f->cache->log);
	fixture_put(f, "key", "v");
	fixture_put(f, "key", "v");
	fixture_purge(f, "key", 0);
	KUNIT_EXPECT_EQ(test, kvc_event_read(r->log, &r->seq, r->buf, BUF_BYTES,
					     &r->lost), -EOPNOTSUPP);
	fixture_stats(f, &st);
	KUNIT_EXPECT_EQ(test, st.events, 0);
	KUNIT_EXPECT_EQ(test, st.bytes_events, 0);
	kfree(r);
}

static void events_of_a_tombstone(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_WRITEBEHIND);
	struct reader *r = reader_of(test, &f->cache->log);
	u64 version;

	kvc_cache_listen(f->cache);
	fixture_put(f, "key", "v");
	version = f->version;
	fixture_del(f, "key");
	expect_next(test, r, "key", KVC_EVENT_DELETED, version);
	/* What a tombstone gives way to is a new pair. */
	fixture_put(f, "key", "v");
	expect_none(test, r);
	kfree(r);
}

static struct kunit_case events_cases[] = {
	KUNIT_CASE(events_of_what_was_changed),
	KUNIT_CASE(events_of_what_expired),
	KUNIT_CASE(events_of_what_was_evicted),
	KUNIT_CASE(events_of_every_purge),
	KUNIT_CASE(events_of_a_clear_is_one),
	KUNIT_CASE(events_of_every_key_of_a_prefix),
	KUNIT_CASE(events_tells_the_observer_when_armed),
	KUNIT_CASE(events_begin_with_a_call),
	KUNIT_CASE(events_begin_with_a_listener),
	KUNIT_CASE(events_cache_may_have_none),
	KUNIT_CASE(events_of_a_tombstone),
	{}
};

static struct kunit_suite events_suite = {
	.name = "kvc_events",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = events_cases,
};

kunit_test_suite(events_suite);
