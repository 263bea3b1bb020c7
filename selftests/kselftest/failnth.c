// SPDX-License-Identifier: GPL-2.0-only
/*
 * Failures, see failinject.h, in what an ordinary cache does
 */
#include <errno.h>
#include <fcntl.h>

#include "control.h"
#include "failinject.h"
#include "iouring.h"

/* Over netlink it may be the acknowledgement that there was no memory for. */
static bool maybe_done(int ret)
{
	return ret == -EFAULT || ret == -ENOBUFS;
}

TEST_F(failnth, open)
{
	struct injector *in = &self->injector;
	bool hit;
	int fd;

	do {
		ASSERT_EQ(0, arm(in));
		fd = kvc_open(O_RDWR);
		hit = disarm(in);
		ASSERT_TRUE(fd == -ENFILE || answer_ok(fd < 0 ? fd : 0, hit));
		if (fd >= 0) {
			EXPECT_EQ(0, kvc_attach(fd, KVC_TEST_NAME));
			close(fd);
		}
		ASSERT_LT(in->nth, MOST);
	} while (hit);
	EXPECT_LT(0, in->injected);
}

TEST_F(failnth, attach)
{
	struct injector *in = &self->injector;
	int fd, ret;
	bool hit;

	do {
		fd = kvc_open(O_RDWR);
		ASSERT_LE(0, fd);
		hit = TRY(in, ret, kvc_attach(fd, KVC_TEST_NAME));
		EXPECT_EQ(ret ? 0 : -EISCONN, kvc_attach(fd, KVC_TEST_NAME));
		close(fd);
	} while (hit);
}

static int map_slots(int fd, size_t len)
{
	void *slots = mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0);

	if (slots == MAP_FAILED)
		return -errno;
	munmap(slots, len);
	return 0;
}

/* The slots of a new cache each time, for they are made once */
TEST_F_TIMEOUT(failnth, map, 600)
{
	struct injector *in = &self->injector;
	struct kvc_info info = { 0 };
	int fd, ret;
	bool hit;

	self->config.name[0] = 'm';
	do {
		ASSERT_EQ(0, kvc_create(&self->config));
		fd = kvc_open_bound(O_RDWR, self->config.name);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, kvc_call(fd, KVC_IOC_INFO, &info));
		hit = TRY(in, ret, map_slots(fd, info.slots));
		EXPECT_EQ(0, map_slots(fd, info.slots));
		close(fd);
		ASSERT_EQ(0, kvc_destroy(self->config.name));
	} while (hit);
	EXPECT_LT(0, in->injected);
}

static void create_and_destroy(struct __test_metadata *_metadata,
			       struct injector *in, struct kvcnl *nl,
			       const struct kvc_config *config)
{
	int ret, seen;
	bool hit;

	do {
		hit = TRY(in, ret, kvc_create_on(nl, config));
		/* It is all there or not at all. */
		seen = kvc_destroy("u");
		EXPECT_TRUE(seen == (ret ? -ENOENT : 0) ||
			    (maybe_done(ret) && !seen));
	} while (hit);
	EXPECT_LT(0, in->injected);
	in->nth = 0;
	do {
		ret = kvc_create(config);
		ASSERT_TRUE(!ret || ret == -EEXIST);
		hit = TRY(in, ret, kvc_destroy_on(nl, "u"));
	} while (hit);
}

TEST_F_TIMEOUT(failnth, create_and_destroy, 600)
{
	self->config.name[0] = 'u';
	create_and_destroy(_metadata, &self->injector, &self->nl,
			   &self->config);
}

TEST_F_TIMEOUT(failnth, create_and_destroy_behind, 600)
{
	self->config.name[0] = 'u';
	self->config.flags = KVC_CACHE_F_WRITEBEHIND;
	create_and_destroy(_metadata, &self->injector, &self->nl,
			   &self->config);
}

static int expect_bytes(int fd, const char *key, const void *value, __u32 len)
{
	static char room[BIG];
	struct kvc_op op;
	int ret;

	kvc_op_value(&op, room, BIG);
	ret = kvc_get(fd, key, &op);
	if (ret)
		return ret;
	return op.value_len == len && !memcmp(room, value, len) ? 0 : -EPROTO;
}

static void put_new(struct __test_metadata *_metadata, int fd,
		    struct injector *in, const char *value, __u32 len)
{
	int ret, seen;
	bool hit;

	in->nth = 0;
	in->injected = 0;
	do {
		hit = TRY(in, ret, kvc_put_len(fd, "new", value, len));
		seen = expect_bytes(fd, "new", value, len);
		ASSERT_TRUE(outcome_ok(ret, seen, -ENOENT, 0));
		ASSERT_EQ(seen, kvc_del(fd, "new"));
	} while (hit);
	EXPECT_LT(0, in->injected);
}

TEST_F_TIMEOUT(failnth, put_new, 600)
{
	put_new(_metadata, self->fd, &self->injector, self->big, 10);
	put_new(_metadata, self->fd, &self->injector, self->big, 3000);
	put_new(_metadata, self->fd, &self->injector, self->big, BIG);
}

static void put_over(struct __test_metadata *_metadata, int fd,
		     struct injector *in, const char *big, __u32 len)
{
	const char *old = big, *new = big + BIG;
	int ret, seen;
	bool hit;

	in->nth = 0;
	in->injected = 0;
	do {
		ASSERT_EQ(0, kvc_put_len(fd, "present", old, len));
		hit = TRY(in, ret, kvc_put_len(fd, "present", new, len));
		seen = expect_bytes(fd, "present", new, len);
		ASSERT_TRUE(outcome_ok(ret, seen, -EPROTO, 0));
		if (seen)
			ASSERT_EQ(0, expect_bytes(fd, "present", old, len));
	} while (hit);
	EXPECT_LT(0, in->injected);
}

TEST_F_TIMEOUT(failnth, put_over_a_present_pair, 600)
{
	put_over(_metadata, self->fd, &self->injector, self->big, 10);
	put_over(_metadata, self->fd, &self->injector, self->big, 3000);
	put_over(_metadata, self->fd, &self->injector, self->big, BIG);
}

TEST_F(failnth, get_touch_del)
{
	struct injector *in = &self->injector;
	struct kvc_op op;
	int ret, seen;
	bool hit;

	ASSERT_EQ(0, kvc_put_len(self->fd, "a", self->big, BIG));
	do {
		hit = TRY(in, ret, expect_bytes(self->fd, "a", self->big, BIG));
	} while (hit);
	in->nth = 0;
	do {
		kvc_op_init(&op, KVC_OP_TOUCH, "a", 1);
		hit = TRY(in, ret, kvc_do(self->fd, &op));
	} while (hit);
	in->nth = 0;
	do {
		ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
		hit = TRY(in, ret, kvc_del(self->fd, "a"));
		seen = kvc_expect(self->fd, "a", "x");
		ASSERT_TRUE(outcome_ok(ret, seen, 0, -ENOENT));
	} while (hit);
}

/* In a ring of its own, for what could not be submitted stays in one. */
static int put_by_uring(struct injector *in, int fd, struct kvc_op *op,
			bool *hit)
{
	struct iou ring;
	int ret = iou_open(&ring, 4, 0);

	if (ret)
		return ret;
	iou_cmd(&ring, fd, KVC_IOC_OP, op, 1);
	ret = arm(in);
	if (!ret)
		ret = iou_answer(&ring, 1);
	*hit = disarm(in);
	iou_close(&ring);
	return ret;
}

TEST_F(failnth, put_by_uring)
{
	struct injector *in = &self->injector;
	struct kvc_op op;
	int ret, seen;
	bool hit;

	do {
		kvc_op_init(&op, KVC_OP_PUT, "a", 1);
		kvc_op_value(&op, "x", 1);
		ret = put_by_uring(in, self->fd, &op, &hit);
		ASSERT_LT(in->nth, MOST);
		/* EAGAIN: io_uring's own request */
		ASSERT_TRUE(answer_ok(ret, hit) || (hit && ret == -EAGAIN));
		seen = kvc_expect(self->fd, "a", "x");
		ASSERT_TRUE(outcome_ok(ret, seen, -ENOENT, 0));
		ASSERT_EQ(seen, kvc_del(self->fd, "a"));
	} while (hit);
	EXPECT_LT(0, in->injected);
}

#define OPS	40u

/*
 * Each op is done or has its errno; a batch that fails says how far it came.
 * Of the op there, the answer may be what failed.  OPS + 1 is what it said
 * before, when that could not be written.
 */
static void check_batch(struct __test_metadata *_metadata, int fd, int ret,
			const struct kvc_batch *batch,
			const struct kvc_op *ops)
{
	char key[KVC_TEST_KEY];
	int result, seen;
	unsigned int i;

	ASSERT_TRUE(batch->done == OPS || ret);
	for (i = 0; i < OPS; i++) {
		result = i == batch->done ? -EFAULT : ops[i].result;
		seen = kvc_expect(fd, kvc_key(key, i), "v");
		ASSERT_TRUE(answer_ok(result, true));
		ASSERT_TRUE(outcome_ok(result, seen, -ENOENT, 0));
		if (i > batch->done)
			ASSERT_EQ(-ENOENT, seen);
	}
}

TEST_F_TIMEOUT(failnth, batch, 600)
{
	struct injector *in = &self->injector;
	char keys[OPS][KVC_TEST_KEY];
	struct kvc_op ops[OPS];
	struct kvc_batch batch = {
		.ops = kvc_ptr(ops), .count = OPS, .op_size = sizeof(ops[0]),
	};
	unsigned int i;
	bool hit;
	int ret;

	do {
		for (i = 0; i < OPS; i++) {
			kvc_op_init(&ops[i], KVC_OP_PUT, kvc_key(keys[i], i),
				    8);
			kvc_op_value(&ops[i], "v", 1);
			ops[i].result = -EFAULT;
		}
		batch.done = OPS + 1;
		hit = TRY(in, ret, kvc_call(self->fd, KVC_IOC_BATCH, &batch));
		check_batch(_metadata, self->fd, ret, &batch, ops);
		ASSERT_EQ(0, kvc_clear(self->fd));
	} while (hit);
	EXPECT_LT(0, in->injected);
}

TEST_F_TIMEOUT(failnth, scan, 600)
{
	static __aligned_u64 buf[4096];
	struct injector *in = &self->injector;
	char key[KVC_TEST_KEY];
	struct kvc_scan scan;
	unsigned int i;
	bool hit;
	int ret;

	for (i = 0; i < 300; i++)
		ASSERT_EQ(0, kvc_put(self->fd, kvc_key(key, i), "v"));
	do {
		kvc_scan_init(&scan, buf, sizeof(buf));
		hit = TRY(in, ret, kvc_call(self->fd, KVC_IOC_SCAN, &scan));
		/* What was found before the failure counts. */
		if (!ret)
			ASSERT_TRUE(scan.count == 300 || scan.more);
	} while (hit);
	EXPECT_LT(0, in->injected);
	kvc_scan_init(&scan, buf, sizeof(buf));
	EXPECT_EQ(300, kvc_scan_all(self->fd, &scan, NULL, NULL));
}

TEST_F_TIMEOUT(failnth, set_clear_stats, 600)
{
	struct injector *in = &self->injector;
	__u64 limit = KVC_TEST_LIMIT;
	struct kvc_stats stats;
	bool hit;
	int ret;

	self->config.limit = KVC_TEST_LIMIT / 2;
	do {
		hit = TRY(in, ret, kvc_set_on(&self->nl, KVC_SET_SIZE,
					      &self->config));
		ASSERT_EQ(0, kvc_stats(self->fd, &stats));
		EXPECT_TRUE(stats.limit == self->config.limit ||
			    (ret && stats.limit == limit));
		EXPECT_TRUE(!ret || maybe_done(ret) || stats.limit == limit);
		/* Another one, so that the next call has something to do. */
		limit = stats.limit;
		self->config.limit = limit == KVC_TEST_LIMIT ?
				     KVC_TEST_LIMIT / 2 : KVC_TEST_LIMIT;
	} while (hit);
	in->nth = 0;
	do {
		hit = TRY(in, ret, kvc_stats_on(&self->nl, KVC_TEST_NAME,
						&stats));
	} while (hit);
	in->nth = 0;
	do {
		ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
		hit = TRY(in, ret, kvc_clear(self->fd));
	} while (hit);
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "a", "x"));
}

TEST_F_TIMEOUT(failnth, fill_while_the_index_grows, 600)
{
	struct injector *in = &self->injector;
	char key[KVC_TEST_KEY];
	unsigned int i;
	int ret, seen;

	/* Each put of a growing cache, with one of its first failing. */
	for (i = 0; i < 3000; i++) {
		in->nth = i % 8;
		TRY(in, ret, kvc_put(self->fd, kvc_key(key, i), "v"));
		seen = kvc_expect(self->fd, kvc_key(key, i), "v");
		ASSERT_TRUE(outcome_ok(ret, seen, -ENOENT, 0));
	}
	EXPECT_LT(0, in->injected);
}

TEST_HARNESS_MAIN
