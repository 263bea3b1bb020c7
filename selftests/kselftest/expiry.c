// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of pairs by their time
 *
 * No test waits for a length of time: each compares an answer with the clock
 * read before and after it.
 */
#include <errno.h>
#include <fcntl.h>

#include "harness.h"
#include "kvctest.h"

#define CLOCK_END	(1ull << 63)
#define MSEC		1000000ull

FIXTURE(expiry) {
	struct kvc_op op;
	int fd;
};

FIXTURE_SETUP(expiry)
{
	self->fd = kvc_setup_default();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(expiry)
{
	close(self->fd);
}

static int put(int fd, struct kvc_op *op, __u32 flags, __u64 expiry)
{
	kvc_op_init(op, KVC_OP_PUT, "a", 1);
	kvc_op_value(op, "value", 5);
	op->flags = flags;
	op->expiry = expiry;
	return kvc_do(fd, op);
}

static int touch(int fd, struct kvc_op *op, __u32 flags, __u64 expiry)
{
	kvc_op_init(op, KVC_OP_TOUCH, "a", 1);
	op->flags = flags;
	op->expiry = expiry;
	return kvc_do(fd, op);
}

static int get(int fd, struct kvc_op *op)
{
	static char buf[64];

	kvc_op_value(op, buf, sizeof(buf));
	return kvc_get(fd, "a", op);
}

static __u64 expiry_of(int fd)
{
	struct kvc_op op;

	return get(fd, &op) ? ~0ull : op.expiry;
}

/*
 * Reads the key until its time has come: there before, gone after, whatever
 * the machine's pace.  Says how often the answer contradicted the clock.
 */
static int watch_end(int fd, __u64 expiry)
{
	__u64 before, after;
	struct kvc_op op;
	int ret, wrong = 0;

	do {
		before = kvc_now();
		ret = get(fd, &op);
		after = kvc_now();
		if (!ret && before >= expiry)
			wrong++;
		if (ret && (ret != -ENOENT || after < expiry))
			wrong++;
	} while (before < expiry);
	return wrong;
}

TEST_F(expiry, absolute_is_exact)
{
	__u64 expiry = kvc_now() + 300 * MSEC;

	ASSERT_EQ(0, put(self->fd, &self->op, 0, expiry));
	EXPECT_EQ(0, watch_end(self->fd, expiry));
	EXPECT_EQ(-ENOENT, get(self->fd, &self->op));
}

TEST_F(expiry, ttl_counts_from_the_call)
{
	__u64 before, after, expiry;

	before = kvc_now();
	ASSERT_EQ(0, put(self->fd, &self->op, KVC_OP_F_TTL, 3600 * KVC_NSEC));
	after = kvc_now();
	expiry = expiry_of(self->fd);
	EXPECT_LE(before + 3600 * KVC_NSEC, expiry);
	EXPECT_GE(after + 3600 * KVC_NSEC, expiry);
}

TEST_F(expiry, ttl_ends)
{
	__u64 after;

	ASSERT_EQ(0, put(self->fd, &self->op, KVC_OP_F_TTL, 100 * MSEC));
	after = kvc_now();
	while (kvc_now() < after + 100 * MSEC)
		get(self->fd, &self->op);
	EXPECT_EQ(-ENOENT, get(self->fd, &self->op));
}

TEST_F(expiry, passed_moment_ends_at_once)
{
	ASSERT_EQ(0, put(self->fd, &self->op, 0, 0));
	EXPECT_EQ(0, put(self->fd, &self->op, 0, 1));
	EXPECT_EQ(-ENOENT, get(self->fd, &self->op));
	ASSERT_EQ(0, put(self->fd, &self->op, 0, 0));
	EXPECT_EQ(0, touch(self->fd, &self->op, 0, kvc_now()));
	EXPECT_EQ(-ENOENT, get(self->fd, &self->op));
}

TEST_F(expiry, ended_pair_is_absent_for_all)
{
	ASSERT_EQ(0, put(self->fd, &self->op, 0, 1));
	EXPECT_EQ(-ENOENT, put(self->fd, &self->op, KVC_OP_F_REPLACE, 0));
	EXPECT_EQ(-ENOENT, touch(self->fd, &self->op, 0, 0));
	EXPECT_EQ(-ENOENT, kvc_del(self->fd, "a"));
	ASSERT_EQ(0, put(self->fd, &self->op, 0, 1));
	EXPECT_EQ(0, put(self->fd, &self->op, KVC_OP_F_CREATE, 0));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "value"));
}

TEST_F(expiry, ended_pair_is_not_scanned)
{
	__aligned_u64 buf[32];
	struct kvc_scan scan;

	ASSERT_EQ(0, put(self->fd, &self->op, 0, 1));
	kvc_scan_init(&scan, buf, sizeof(buf));
	EXPECT_EQ(0, kvc_scan_all(self->fd, &scan, NULL, NULL));
}

TEST_F(expiry, touch_changes_only_the_expiry)
{
	__u64 version;

	ASSERT_EQ(0, put(self->fd, &self->op, 0, 0));
	version = self->op.version;
	EXPECT_EQ(0, touch(self->fd, &self->op, 0, CLOCK_END - 1));
	EXPECT_EQ(version, self->op.version);
	EXPECT_EQ(CLOCK_END - 1, expiry_of(self->fd));
	ASSERT_EQ(0, get(self->fd, &self->op));
	EXPECT_EQ(version, self->op.version);
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "value"));
}

TEST_F(expiry, touch_to_never)
{
	__u64 expiry = kvc_now() + 100 * MSEC;

	ASSERT_EQ(0, put(self->fd, &self->op, 0, expiry));
	if (touch(self->fd, &self->op, 0, 0) == -ENOENT) {
		/* A machine so slow that the pair ended first. */
		EXPECT_LE(expiry, kvc_now());
		ASSERT_EQ(0, put(self->fd, &self->op, 0, 0));
	}
	while (kvc_now() < expiry)
		ASSERT_EQ(0, get(self->fd, &self->op));
	EXPECT_EQ(0, get(self->fd, &self->op));
	EXPECT_EQ(0, self->op.expiry);
}

TEST_F(expiry, touch_of_nothing)
{
	EXPECT_EQ(-ENOENT, touch(self->fd, &self->op, 0, 0));
	EXPECT_EQ(-ENOENT, get(self->fd, &self->op));
}

TEST_F(expiry, past_the_clocks_range)
{
	EXPECT_EQ(0, put(self->fd, &self->op, 0, CLOCK_END - 1));
	EXPECT_EQ(-ERANGE, put(self->fd, &self->op, 0, CLOCK_END));
	EXPECT_EQ(-ERANGE, put(self->fd, &self->op, 0, ~0ull));
	EXPECT_EQ(-ERANGE, put(self->fd, &self->op, KVC_OP_F_TTL,
			       CLOCK_END - 1));
	EXPECT_EQ(-ERANGE, put(self->fd, &self->op, KVC_OP_F_TTL, CLOCK_END));
	EXPECT_EQ(-ERANGE, put(self->fd, &self->op, KVC_OP_F_TTL, ~0ull));
	EXPECT_EQ(-ERANGE, touch(self->fd, &self->op, 0, CLOCK_END));
	EXPECT_EQ(-ERANGE, touch(self->fd, &self->op, KVC_OP_F_TTL, ~0ull));
	/* The pair of the first call is as it was. */
	EXPECT_EQ(CLOCK_END - 1, expiry_of(self->fd));
}

static bool nothing_left(void *arg)
{
	struct kvc_stats stats;

	return !kvc_stats(*(int *)arg, &stats) && stats.expired == 2000 &&
	       !stats.entries_tier && !stats.entries_memtable &&
	       !stats.bytes_tier && !stats.bytes_memtable;
}

TEST_F(expiry, reclaimed_in_the_background)
{
	char key[KVC_TEST_KEY];
	unsigned int i;

	for (i = 0; i < 2000; i++) {
		kvc_op_init(&self->op, KVC_OP_PUT, kvc_key(key, i), 8);
		self->op.flags = KVC_OP_F_TTL;
		self->op.expiry = (1 + i % 500) * MSEC;
		ASSERT_EQ(0, kvc_do(self->fd, &self->op));
	}
	EXPECT_TRUE(kvc_eventually(nothing_left, &self->fd));
}

TEST_HARNESS_MAIN
