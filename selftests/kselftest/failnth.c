// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation and every copy from and to the user fails once
 *
 * For a kernel with fault injection: fail-nth makes the 1st, 2nd, ... of them
 * in a system call fail until the call needs no more.  After each failure the
 * cache is as it was; only a copy of the answer that failed may come after the
 * operation was done.
 */
#include <errno.h>
#include <fcntl.h>

#include "control.h"
#include "flushing.h"
#include "harness.h"
#include "iouring.h"

#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define DEBUGFS		"/sys/kernel/debug/"
/* No call of ours has so many of them. */
#define MOST		500u
#define BIG		(300u << 10)

struct injector {
	int fd;
	unsigned int nth;
	unsigned int injected;
};

FIXTURE(failnth) {
	struct injector injector;
	struct kvc_config config;
	struct kvcnl nl;
	char *big;
	int fd;
};

/* Without these the allocations that may sleep are left alone. */
static int injection_setup(void)
{
	static const char *const files[][2] = {
		{ DEBUGFS "failslab/ignore-gfp-wait", "N" },
		{ DEBUGFS "failslab/verbose", "0" },
		{ DEBUGFS "fail_page_alloc/ignore-gfp-wait", "N" },
		{ DEBUGFS "fail_page_alloc/ignore-gfp-highmem", "N" },
		{ DEBUGFS "fail_page_alloc/min-order", "0" },
		{ DEBUGFS "fail_page_alloc/verbose", "0" },
		{ DEBUGFS "fail_usercopy/verbose", "0" },
	};
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(files) && !ret; i++)
		ret = kvc_write_file(files[i][0], files[i][1]);
	return ret;
}

FIXTURE_SETUP(failnth)
{
	ASSERT_EQ(0, injection_setup());
	self->injector.fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->injector.fd);
	kvc_config_init(&self->config, KVC_TEST_NAME, KVC_TEST_LIMIT);
	self->fd = kvc_setup(&self->config);
	ASSERT_LE(0, self->fd);
	self->big = malloc(2 * BIG);
	ASSERT_NE(NULL, self->big);
	ASSERT_EQ(0, kvcnl_open(&self->nl));
	kvc_pattern(self->big, BIG, 1);
	kvc_pattern(self->big + BIG, BIG, 2);
	/* A fault on memory of ours would be an allocation, too. */
	ASSERT_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE));
}

FIXTURE_TEARDOWN(failnth)
{
	close(self->fd);
	close(self->injector.fd);
	free(self->big);
	kvcnl_close(&self->nl);
}

static int arm(struct injector *in)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", ++in->nth);

	return pwrite(in->fd, text, len, 0) == len ? 0 : -errno;
}

/*
 * Did something fail?  What is left of the count is taken back, by calls that
 * copy and so may be what it hits: then nothing is left.
 */
static bool disarm(struct injector *in)
{
	char text[16] = "";
	bool hit;

	hit = pread(in->fd, text, sizeof(text) - 1, 0) > 0 && atoi(text) == 0;
	if (!hit && pwrite(in->fd, "0", 1, 0) != 1 &&
	    pwrite(in->fd, "0", 1, 0) != 1)
		in->nth = MOST;
	in->injected += hit;
	return hit;
}

/* Is the answer of a call right whose nth allocation or copy failed? */
static bool answer_ok(int ret, bool hit)
{
	return !ret || (hit && (ret == -ENOMEM || ret == -EFAULT ||
				ret == -ENOBUFS));
}

/* Over netlink it may be the acknowledgement that there was no memory for. */
static bool maybe_done(int ret)
{
	return ret == -EFAULT || ret == -ENOBUFS;
}

/* Does what is seen afterwards fit the answer of the call? */
static bool outcome_ok(int ret, int seen, int undone, int done)
{
	if (!ret)
		return seen == done;
	return seen == undone || (ret == -EFAULT && seen == done);
}

/*
 * A call with its nth allocation or copy failing.  False ends the series:
 * nothing failed any more.
 */
#define TRY(in, ret, call) ({						\
	bool hit;							\
									\
	ASSERT_EQ(0, arm(in));						\
	(ret) = (call);							\
	hit = disarm(in);						\
	ASSERT_TRUE(answer_ok(ret, hit)) {				\
		TH_LOG("failure %u: %d", (in)->nth, ret);		\
	}								\
	ASSERT_LT((in)->nth, MOST);					\
	hit;								\
})

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

/* A write-behind cache: what was acknowledged is in the stream, whatever fails. */
struct store {
	unsigned int records;
	bool gone;
	char value[8];
};

static void store(void *arg, const struct kvc_flush_rec *rec)
{
	struct store *s = arg;

	s->records++;
	s->gone = rec->flags & KVC_FLUSH_REC_GONE;
	memset(s->value, 0, sizeof(s->value));
	memcpy(s->value, flush_value(rec), rec->value_len);
}

TEST_F(failnth, flush_open)
{
	int fd = flush_cache("behind", FLUSH_NEVER), stream;
	struct injector *in = &self->injector;
	bool hit;

	ASSERT_LE(0, fd);
	do {
		ASSERT_EQ(0, arm(in));
		stream = flush_open(fd);
		hit = disarm(in);
		ASSERT_TRUE(stream == -ENFILE || stream == -EMFILE ||
			    answer_ok(stream < 0 ? stream : 0, hit));
		if (stream >= 0)
			close(stream);
		ASSERT_LT(in->nth, MOST);
	} while (hit);
	/* Nobody was left as the flusher. */
	stream = flush_open(fd);
	EXPECT_LE(0, stream);
	EXPECT_LT(0, in->injected);
	close(stream);
	close(fd);
}

static int del_and_put(int fd, unsigned int i)
{
	return i % 2 ? kvc_del(fd, "a") : kvc_put(fd, "a", "x");
}

TEST_F_TIMEOUT(failnth, writes_behind, 600)
{
	int fd = flush_cache("behind", FLUSH_NEVER), ret, seen;
	struct injector *in = &self->injector;
	unsigned int round;
	struct kvc_op op;
	bool hit;

	ASSERT_LE(0, fd);
	/* Tombstones and copies for TOUCH need memory, too. */
	for (round = 0; round < 2; round++) {
		in->nth = 0;
		do {
			ASSERT_EQ(0, kvc_put(fd, "a", "x"));
			if (round) {
				kvc_op_init(&op, KVC_OP_TOUCH, "a", 1);
				hit = TRY(in, ret, kvc_do(fd, &op));
				ASSERT_EQ(0, kvc_expect(fd, "a", "x"));
			} else {
				hit = TRY(in, ret, kvc_del(fd, "a"));
				seen = kvc_expect(fd, "a", "x");
				ASSERT_TRUE(outcome_ok(ret, seen, 0, -ENOENT));
			}
		} while (hit);
	}
	EXPECT_LT(0, in->injected);
	close(fd);
}

/* Another process flushes, in which nothing fails. */
static int flush_beside(int stream)
{
	int pid = fork();

	if (pid)
		return pid;
	while (flush_one(stream, NULL, NULL) > 0)
		;
	_exit(1);
}

/* What fsync() promises it keeps; what it cannot seal is sealed later. */
TEST_F_TIMEOUT(failnth, fsync, 600)
{
	int fd = flush_cache("behind", FLUSH_NEVER), stream, pid, ret;
	struct injector *in = &self->injector;
	char key[KVC_TEST_KEY];
	struct kvc_stats stats;
	unsigned int i;
	bool hit;

	ASSERT_LE(0, fd);
	stream = flush_open(fd);
	ASSERT_LE(0, stream);
	pid = flush_beside(stream);
	ASSERT_LE(0, pid);
	do {
		for (i = 0; i < 100; i++)
			ASSERT_EQ(0, kvc_put(fd, kvc_key(key, i), "x"));
		hit = TRY(in, ret, fsync(fd) ? -errno : 0);
		ASSERT_TRUE(!ret || ret == -ENOMEM);
		if (ret)
			ASSERT_EQ(0, fsync(fd));
		ASSERT_EQ(0, kvc_stats(fd, &stats));
		ASSERT_EQ(0, stats.dirty_entries);
	} while (hit);
	EXPECT_LT(0, in->injected);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(-EPROTO, kvc_wait(pid));
	close(stream);
	close(fd);
}

/* Reading and committing, each with one failure */
TEST_F_TIMEOUT(failnth, flush, 900)
{
	int fd = flush_cache("behind", FLUSH_NEVER), stream, ret;
	struct injector *in = &self->injector;
	struct flush_run run;
	struct store s;
	bool hit;
	unsigned int i = 0;

	ASSERT_LE(0, fd);
	stream = flush_open(fd);
	ASSERT_LE(0, stream);
	do {
		memset(&s, 0, sizeof(s));
		ret = del_and_put(fd, i);
		ASSERT_TRUE(!ret || ret == -ENOENT);
		ASSERT_EQ(0, kvc_set(KVC_SET_BEHIND, &(struct kvc_config){
			.name = "behind", .flush_ms = 10 }));
		/* What fails is asked for again: the stream begins anew. */
		ASSERT_EQ(0, arm(in));
		ret = flush_read_run(stream, &run, store, &s);
		hit = disarm(in);
		ASSERT_TRUE(answer_ok(ret < 0 ? ret : 0, hit) || ret == -EPROTO);
		if (ret < 0) {
			close(stream);
			stream = flush_open(fd);
			ASSERT_LE(0, stream);
			memset(&s, 0, sizeof(s));
			ret = flush_read_run(stream, &run, store, &s);
		}
		ASSERT_EQ(1, ret);
		ASSERT_EQ(i % 2, s.gone);
		ASSERT_STREQ(i % 2 ? "" : "x", s.value);
		ASSERT_EQ(0, arm(in));
		ret = flush_commit(stream, run.run);
		disarm(in);
		if (ret)
			ASSERT_EQ(0, flush_commit(stream, run.run));
		in->nth--;
		i++;
	} while (hit);
	EXPECT_LT(0, in->injected);
	close(stream);
	close(fd);
}

TEST_HARNESS_MAIN
