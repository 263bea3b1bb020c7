// SPDX-License-Identifier: GPL-2.0-only
/* The log of events by itself */
#include <linux/errno.h>
#include <linux/slab.h>
#include "fixture.h"

#define LOG_BYTES	4096
/* A listener's: larger than any one event */
#define BUF_BYTES	(2 * KVC_EVENT_MAX)

/* What a case reads with */
struct reader {
	struct kvc_event_log *log;
	u64 seq;
	u64 lost;
	u64 events;	/* read up to now */
	u64 trouble;	/* of them, those not as they must be */
	long bytes;	/* of the last read */
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

/* Key number @n of @len bytes */
static void make_key(u8 *key, u32 len, u64 n)
{
	u32 i;

	for (i = 0; i < len; i++)
		key[i] = n + i * 3;
}

static void add(struct kvc_event_log *log, u64 n, u32 len)
{
	u8 *key = kzalloc(KVC_KEY_MAX, GFP_KERNEL);

	make_key(key, len, n);
	kvc_event_add(log, 1 + n % 6, n * 7, key, len);
	kfree(key);
}

static bool is_event(const struct kvc_event *ev, u64 n, u32 len)
{
	u32 i;

	if (ev->seq != n || ev->version != n * 7 || ev->reason != 1 + n % 6 ||
	    ev->key_len != len)
		return false;
	for (i = 0; i < len; i++)
		if (kvc_event_key(ev)[i] != (u8)(n + i * 3))
			return false;
	for (; sizeof(*ev) + i < kvc_event_bytes(len); i++)
		if (kvc_event_key(ev)[i])
			return false;
	return true;
}

/* Lengths of keys from 0 up, some that fit badly */
static u32 len_of(u64 n, u32 most)
{
	return n * 37 % (most + 1);
}

/* One read: each event must be the one with its number. */
static long read_on(struct reader *r, size_t size, u32 most)
{
	u64 seq = r->seq, at = 0;
	const struct kvc_event *ev;

	r->bytes = kvc_event_read(r->log, &r->seq, r->buf, size, &r->lost);
	for (seq += r->lost; (long)at < r->bytes; seq++) {
		ev = (const void *)(r->buf + at);
		r->trouble += !is_event(ev, seq, len_of(seq, most));
		r->events++;
		at += kvc_event_bytes(ev->key_len);
	}
	r->trouble += r->bytes >= 0 && (at != r->bytes || seq != r->seq);
	return r->bytes;
}

static void log_begin(struct kunit *test, struct kvc_event_log *log, u32 bytes)
{
	memset(log, 0, sizeof(*log));
	KUNIT_ASSERT_EQ(test, kvc_event_init(log, bytes), 0);
}

static void event_numbers_have_no_gap(struct kunit *test)
{
	struct kvc_event_log log;
	struct reader *r = reader_of(test, &log);
	u64 oldest, n;

	log_begin(test, &log, LOG_BYTES);
	KUNIT_EXPECT_EQ(test, kvc_event_range(&log, &oldest), 0);
	KUNIT_EXPECT_EQ(test, oldest, 1);
	KUNIT_EXPECT_EQ(test, read_on(r, BUF_BYTES, 9), 0);
	for (n = 1; n <= 1000; n++) {
		add(&log, n, len_of(n, 9));
		if (n % 50 == 0)
			read_on(r, BUF_BYTES, 9);
		KUNIT_EXPECT_EQ(test, r->lost, 0);
	}
	KUNIT_EXPECT_EQ(test, r->events, 1000);
	KUNIT_EXPECT_EQ(test, r->trouble, 0);
	KUNIT_EXPECT_EQ(test, r->seq, 1001);
	KUNIT_EXPECT_EQ(test, read_on(r, BUF_BYTES, 9), 0);
	KUNIT_EXPECT_EQ(test, kvc_event_range(&log, &oldest), 1000);
	KUNIT_EXPECT_GT(test, oldest, 1000 - 4096 / 24);
	kvc_event_exit(&log);
	kfree(r);
}

/* From each number that the log still has, with and without a mark before it */
static void event_replay_begins_anywhere(struct kunit *test)
{
	struct kvc_event_log log;
	struct reader *r = reader_of(test, &log);
	u64 oldest, newest, from, n;

	log_begin(test, &log, 40000);
	for (n = 1; n <= 5000; n++)
		add(&log, n, len_of(n, 90));
	newest = kvc_event_range(&log, &oldest);
	KUNIT_ASSERT_GT(test, newest - oldest, 400);
	for (from = oldest; from <= newest; from++) {
		r->seq = from;
		KUNIT_EXPECT_GT(test, read_on(r, KVC_EVENT_MAX, 90), 0);
		KUNIT_EXPECT_EQ(test, r->lost, 0);
	}
	KUNIT_EXPECT_EQ(test, r->trouble, 0);
	kvc_event_exit(&log);
	kfree(r);
}

static void event_loss_is_told_exactly(struct kunit *test)
{
	struct kvc_event_log log;
	struct reader *r = reader_of(test, &log);
	u64 lost = 0, oldest, n;

	log_begin(test, &log, LOG_BYTES);
	for (n = 1; n <= 3000; n++) {
		add(&log, n, len_of(n, 300));
		if (n * 7919 % 100 > 3)
			continue;
		kvc_event_range(&log, &oldest);
		lost += oldest > r->seq ? oldest - r->seq : 0;
		while (read_on(r, KVC_EVENT_MAX, 300) > 0)
			lost -= r->lost;
		KUNIT_ASSERT_EQ(test, lost, 0);
		KUNIT_ASSERT_EQ(test, r->seq, n + 1);
	}
	KUNIT_EXPECT_GT(test, r->events, 100);
	KUNIT_EXPECT_LT(test, r->events, 3000);
	KUNIT_EXPECT_EQ(test, r->trouble, 0);
	kvc_event_exit(&log);
	kfree(r);
}

/* One that cannot fit has a number all the same, and is lost. */
static void event_larger_than_the_log_is_lost(struct kunit *test)
{
	struct kvc_event_log log;
	struct reader *r = reader_of(test, &log);

	log_begin(test, &log, LOG_BYTES);
	add(&log, 1, len_of(1, 9));
	add(&log, 2, KVC_KEY_MAX);
	KUNIT_EXPECT_EQ(test, read_on(r, BUF_BYTES, 9), 0);
	KUNIT_EXPECT_EQ(test, r->lost, 2);
	KUNIT_EXPECT_EQ(test, r->seq, 3);
	add(&log, 3, len_of(3, 9));
	KUNIT_EXPECT_GT(test, read_on(r, BUF_BYTES, 9), 0);
	KUNIT_EXPECT_EQ(test, r->lost, 0);
	KUNIT_EXPECT_EQ(test, r->events, 1);
	KUNIT_EXPECT_EQ(test, r->trouble, 0);
	kvc_event_exit(&log);
	kfree(r);
}

/* A key as long as any, at every place of the ring */
static void event_may_lie_across_the_end(struct kunit *test)
{
	struct kvc_event_log log;
	struct reader *r = reader_of(test, &log);
	u64 n;

	log_begin(test, &log, KVC_EVENT_MAX + 24);
	for (n = 1; n <= 800; n++) {
		add(&log, n, len_of(n, KVC_KEY_MAX));
		while (read_on(r, KVC_EVENT_MAX, KVC_KEY_MAX) > 0)
			KUNIT_EXPECT_EQ(test, r->lost, 0);
	}
	KUNIT_EXPECT_EQ(test, r->events, 800);
	KUNIT_EXPECT_EQ(test, r->trouble, 0);
	kvc_event_exit(&log);
	kfree(r);
}

static void event_reader_is_checked(struct kunit *test)
{
	struct kvc_event_log log;
	struct reader *r = reader_of(test, &log);

	log_begin(test, &log, LOG_BYTES);
	add(&log, 1, 3);
	KUNIT_EXPECT_EQ(test, read_on(r, KVC_EVENT_MAX - 1, 9), -ERANGE);
	r->seq = 0;
	KUNIT_EXPECT_EQ(test, read_on(r, BUF_BYTES, 9), -EINVAL);
	r->seq = 3;
	KUNIT_EXPECT_EQ(test, read_on(r, BUF_BYTES, 9), -EINVAL);
	r->seq = 2;
	KUNIT_EXPECT_EQ(test, read_on(r, BUF_BYTES, 9), 0);
	kvc_event_exit(&log);
	log_begin(test, &log, 0);
	KUNIT_EXPECT_FALSE(test, kvc_event_add(&log, 1, 1, "key", 3));
	KUNIT_EXPECT_EQ(test, read_on(r, BUF_BYTES, 9), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, kvc_event_log_bytes(&log), 0);
	kvc_event_exit(&log);
	kfree(r);
}

static void event_tells_while_armed(struct kunit *test)
{
	struct kvc_event_log log;

	log_begin(test, &log, LOG_BYTES);
	/* Nobody listens: nobody is called. */
	KUNIT_EXPECT_FALSE(test, kvc_event_add(&log, 1, 1, "key", 3));
	/* What came before the reader armed is not waited for. */
	KUNIT_EXPECT_TRUE(test, kvc_event_arm(&log, 0));
	KUNIT_EXPECT_FALSE(test, kvc_event_add(&log, 1, 1, "key", 3));
	KUNIT_EXPECT_FALSE(test, kvc_event_arm(&log, 2));
	KUNIT_EXPECT_EQ(test, kvc_event_add(&log, 1, 1, "key", 3), 3);
	KUNIT_EXPECT_EQ(test, kvc_event_add(&log, 1, 1, "key", 3), 4);
	KUNIT_EXPECT_TRUE(test, kvc_event_disarm(&log));
	KUNIT_EXPECT_FALSE(test, kvc_event_disarm(&log));
	KUNIT_EXPECT_FALSE(test, kvc_event_add(&log, 1, 1, "key", 3));
	kvc_event_exit(&log);
}

static struct kunit_case event_cases[] = {
	KUNIT_CASE(event_numbers_have_no_gap),
	KUNIT_CASE(event_replay_begins_anywhere),
	KUNIT_CASE(event_loss_is_told_exactly),
	KUNIT_CASE(event_larger_than_the_log_is_lost),
	KUNIT_CASE(event_may_lie_across_the_end),
	KUNIT_CASE(event_reader_is_checked),
	KUNIT_CASE(event_tells_while_armed),
	{}
};

static struct kunit_suite event_suite = {
	.name = "kvc_event",
	.test_cases = event_cases,
};

kunit_test_suite(event_suite);
