// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes by io_uring for which there is no room: who waits, and what ends it
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "flushing.h"
#include "harness.h"
#include "iouring.h"

#define SMALL	(256u << 10)
#define TAG	7u

FIXTURE(uringwait) {
	struct iou ring;
	struct kvc_config config;
	struct kvc_stats stats;
	struct kvc_op op;
	struct kvc_op get;
	char value[500];
	int fd;
	int stream;
};

FIXTURE_SETUP(uringwait)
{
	flush_config(&self->config, "w", SMALL, FLUSH_NEVER);
	self->fd = kvc_setup(&self->config);
	ASSERT_LE(0, self->fd);
	self->stream = flush_open(self->fd);
	ASSERT_LE(0, self->stream);
	ASSERT_EQ(0, flush_fill(self->fd));
	/* What is in a run takes its room until the commit. */
	ASSERT_TRUE(flush_eventually_sealed(self->fd, 1));
	ASSERT_EQ(0, fcntl(self->stream, F_SETFL, O_NONBLOCK));
	ASSERT_EQ(0, iou_open(&self->ring, 16, 0));
	kvc_op_init(&self->op, KVC_OP_PUT, "new", 3);
	kvc_op_value(&self->op, "value", 5);
}

FIXTURE_TEARDOWN(uringwait)
{
	iou_close(&self->ring);
	close(self->stream);
	close(self->fd);
}

/*
 * Submits what was filled in, of which one write has no room, and returns when
 * a worker has found that, too.
 */
static int submit_and_wait(struct iou *ring, int fd)
{
	struct kvc_stats stats;
	int ret = kvc_stats(fd, &stats);

	if (ret)
		return ret;
	ret = iou_submit(ring);
	if (ret < 0)
		return ret;
	return flush_eventually_waits(fd, stats.flush_waits + 2) ? 0 :
								   -ETIMEDOUT;
}

static int start(struct iou *ring, int fd, struct kvc_op *op)
{
	iou_cmd(ring, fd, KVC_IOC_OP, op, TAG);
	return submit_and_wait(ring, fd);
}

static bool nothing_yet(struct iou *ring)
{
	__u64 tag;
	int res;

	return !iou_take(ring, &tag, &res);
}

/* Commits until there is an answer, but not forever: the answer */
static int commit_until(struct iou *ring, int stream, __u64 wanted)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	unsigned int tries = 60000;
	int ret, res = -ETIMEDOUT;
	__u64 tag;

	while (tries-- && !iou_take(ring, &tag, &res)) {
		ret = flush_one(stream, NULL, NULL);
		if (ret == -EAGAIN)
			nanosleep(&pause, NULL);
		else if (ret < 0)
			return ret;
		tag = wanted;
	}
	return tag == wanted ? res : -EPROTO;
}

TEST_F(uringwait, commit_makes_room)
{
	ASSERT_EQ(0, start(&self->ring, self->fd, &self->op));
	EXPECT_TRUE(nothing_yet(&self->ring));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "new", ""));
	EXPECT_EQ(0, commit_until(&self->ring, self->stream, TAG));
	EXPECT_EQ(0, self->op.result);
	EXPECT_NE(0, self->op.version);
	EXPECT_EQ(0, kvc_expect(self->fd, "new", "value"));
}

/* Who submits is not kept waiting, nor is what comes after. */
TEST_F(uringwait, others_go_on)
{
	ASSERT_EQ(0, start(&self->ring, self->fd, &self->op));
	kvc_op_init(&self->get, KVC_OP_GET, "k0000000", 8);
	kvc_op_value(&self->get, self->value, sizeof(self->value));
	EXPECT_EQ(0, iou_call(&self->ring, self->fd, KVC_IOC_OP, &self->get));
	EXPECT_EQ(0, commit_until(&self->ring, self->stream, TAG));
}

TEST_F(uringwait, every_write_waits)
{
	static const struct {
		__u32 opcode;
		const char *key;
	} cases[] = {
		{ KVC_OP_TOUCH, "k0000000" }, { KVC_OP_DEL, "unknown" },
		{ KVC_OP_PUT, "new" },
	};
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		kvc_op_init(&self->op, cases[i].opcode, cases[i].key,
			    strlen(cases[i].key));
		ASSERT_EQ(0, start(&self->ring, self->fd, &self->op));
		EXPECT_TRUE(nothing_yet(&self->ring));
		ret = commit_until(&self->ring, self->stream, TAG);
		/* What is to be touched may be the one that is evicted. */
		EXPECT_TRUE(!ret || (!i && ret == -ENODATA));
		ASSERT_EQ(0, flush_fill(self->fd));
	}
}

TEST_F(uringwait, file_that_does_not_wait)
{
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-EAGAIN, iou_call(&self->ring, self->fd, KVC_IOC_OP,
				    &self->op));
	EXPECT_EQ(-EAGAIN, self->op.result);
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "new", ""));
}

/* The SQE and its file are the program's again while the write waits. */
TEST_F(uringwait, entry_and_file_are_taken)
{
	int fd = kvc_open_bound(O_RDWR, "w");
	struct io_uring_sqe *sqe;

	ASSERT_LE(0, fd);
	sqe = iou_cmd(&self->ring, fd, KVC_IOC_OP, &self->op, TAG);
	ASSERT_EQ(0, submit_and_wait(&self->ring, self->fd));
	memset(sqe, 0xff, sizeof(*sqe));
	close(fd);
	EXPECT_EQ(0, commit_until(&self->ring, self->stream, TAG));
	EXPECT_EQ(0, kvc_expect(self->fd, "new", "value"));
}

TEST_F(uringwait, chain_waits)
{
	struct io_uring_sqe *sqe;
	__u64 tag;
	int res;

	sqe = iou_cmd(&self->ring, self->fd, KVC_IOC_OP, &self->op, TAG);
	sqe->flags = IOSQE_IO_LINK;
	kvc_op_init(&self->get, KVC_OP_GET, "new", 3);
	kvc_op_value(&self->get, self->value, sizeof(self->value));
	iou_cmd(&self->ring, self->fd, KVC_IOC_OP, &self->get, TAG + 1);
	ASSERT_EQ(0, submit_and_wait(&self->ring, self->fd));
	EXPECT_TRUE(nothing_yet(&self->ring));
	EXPECT_EQ(0, commit_until(&self->ring, self->stream, TAG));
	ASSERT_EQ(0, iou_wait(&self->ring, &tag, &res));
	EXPECT_EQ(TAG + 1, tag);
	EXPECT_EQ(0, res);
	EXPECT_EQ(0, memcmp(self->value, "value", 5));
}

TEST_F(uringwait, kernel_thread)
{
	struct iou ring;

	ASSERT_EQ(0, iou_open(&ring, 4, IORING_SETUP_SQPOLL));
	ASSERT_EQ(0, start(&ring, self->fd, &self->op));
	EXPECT_TRUE(nothing_yet(&ring));
	EXPECT_EQ(0, commit_until(&ring, self->stream, TAG));
	iou_close(&ring);
}

/*
 * None of it is done before all of it can wait: what was done would be done
 * once more.  The first has room, the second one has not.
 */
TEST_F(uringwait, batch)
{
	char *large = calloc(1, 40 << 10);
	struct kvc_op ops[2];
	struct kvc_batch batch = {
		.ops = kvc_ptr(ops), .count = 2, .op_size = sizeof(ops[0]),
	};
	struct kvc_config config;
	char key[KVC_TEST_KEY];
	unsigned int i;
	int fd, stream;

	ASSERT_NE(NULL, large);
	flush_config(&config, "half", SMALL, FLUSH_NEVER);
	ASSERT_EQ(0, kvc_create(&config));
	fd = kvc_open_bound(O_RDWR, "half");
	stream = flush_open(fd);
	ASSERT_LE(0, stream);
	ASSERT_EQ(0, fcntl(stream, F_SETFL, O_NONBLOCK));
	for (i = 0; i < 240; i++)
		ASSERT_EQ(0, kvc_put_len(fd, kvc_key(key, i), large, 500));
	ASSERT_EQ(0, kvc_put(fd, "first", "x"));
	kvc_op_init(&ops[0], KVC_OP_DEL, "first", 5);
	kvc_op_init(&ops[1], KVC_OP_PUT, "second", 6);
	kvc_op_value(&ops[1], large, 40 << 10);
	iou_cmd(&self->ring, fd, KVC_IOC_BATCH, &batch, TAG);
	ASSERT_EQ(1, iou_submit(&self->ring));
	ASSERT_TRUE(flush_eventually_waits(fd, 1));
	EXPECT_TRUE(nothing_yet(&self->ring));
	EXPECT_EQ(0, commit_until(&self->ring, stream, TAG));
	EXPECT_EQ(2, batch.done);
	EXPECT_EQ(0, ops[0].result);
	EXPECT_EQ(0, ops[1].result);
	close(stream);
	close(fd);
	free(large);
}

TEST_F(uringwait, cancel)
{
	struct io_uring_sqe *sqe;
	unsigned int i;
	__u64 tag;
	int res;

	ASSERT_EQ(0, start(&self->ring, self->fd, &self->op));
	sqe = iou_sqe(&self->ring);
	sqe->opcode = IORING_OP_ASYNC_CANCEL;
	sqe->addr = TAG;
	sqe->user_data = TAG + 1;
	ASSERT_EQ(1, iou_submit(&self->ring));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, iou_wait(&self->ring, &tag, &res));
		/* EALREADY: it is being carried out, and is woken. */
		EXPECT_EQ(tag == TAG ? -EINTR : -EALREADY, res);
	}
	EXPECT_EQ(-EINTR, self->op.result);
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "new", ""));
	/* The worker goes on with the next. */
	ASSERT_EQ(0, start(&self->ring, self->fd, &self->op));
	EXPECT_EQ(0, commit_until(&self->ring, self->stream, TAG));
}

TEST_F(uringwait, cache_is_destroyed)
{
	ASSERT_EQ(0, start(&self->ring, self->fd, &self->op));
	EXPECT_EQ(-EBUSY, kvc_destroy("w"));
	EXPECT_TRUE(nothing_yet(&self->ring));
	ASSERT_EQ(0, kvc_discard("w"));
	EXPECT_EQ(-ESHUTDOWN, iou_answer(&self->ring, TAG));
}

/* What the ring held is given back, though nobody commits. */
TEST_F(uringwait, ring_is_closed)
{
	long before = kvc_references();
	int fd = kvc_open_bound(O_RDWR, "w");
	unsigned int i;

	ASSERT_LE(0, fd);
	/* More of them than there may be workers */
	ASSERT_EQ(0, iou_workers(&self->ring, 2));
	for (i = 0; i < 8; i++)
		iou_cmd(&self->ring, fd, KVC_IOC_OP, &self->op, TAG);
	ASSERT_EQ(0, submit_and_wait(&self->ring, self->fd));
	close(fd);
	iou_close(&self->ring);
	EXPECT_TRUE(kvc_eventually_referenced(before));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "new", ""));
	ASSERT_EQ(0, iou_open(&self->ring, 4, 0));
}

static void *leave_waiting(void *arg)
{
	struct kvc_op op;
	int fd = *(int *)arg;
	struct iou ring;
	int ret;

	kvc_op_init(&op, KVC_OP_PUT, "new", 3);
	ret = iou_open(&ring, 4, 0);
	if (!ret)
		ret = start(&ring, fd, &op);
	return (void *)(intptr_t)ret;
}

/* The others of its process go on. */
TEST_F(uringwait, thread_ends)
{
	pthread_t thread;
	void *ret;

	ASSERT_EQ(0, pthread_create(&thread, NULL, leave_waiting, &self->fd));
	ASSERT_EQ(0, pthread_join(thread, &ret));
	EXPECT_EQ(NULL, ret);
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "new", ""));
}

/* A child with a write that waits, of which @then is to be the end */
static int child(int fd, void (*then)(void))
{
	int pid = fork();

	if (pid)
		return pid;
	if (!leave_waiting(&fd))
		then();
	_exit(1);
}

static void end(void)
{
	_exit(0);
}

static void execute(void)
{
	execl("/bin/true", "true", NULL);
}

static void sleep_on(void)
{
	for (;;)
		pause();
}

TEST_F(uringwait, process_ends)
{
	void (*const then[])(void) = { end, execute };
	long before = kvc_references();
	unsigned int i;
	int pid;

	for (i = 0; i < ARRAY_SIZE(then); i++) {
		pid = child(self->fd, then[i]);
		ASSERT_LE(0, pid);
		EXPECT_EQ(0, kvc_wait(pid));
		EXPECT_TRUE(kvc_eventually_referenced(before));
	}
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "new", ""));
}

TEST_F(uringwait, process_is_killed)
{
	long before = kvc_references();
	int pid, status;

	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	pid = child(self->fd, sleep_on);
	ASSERT_LE(0, pid);
	ASSERT_TRUE(flush_eventually_waits(self->fd,
					   self->stats.flush_waits + 2));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_TRUE(kvc_eventually_referenced(before));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "new", ""));
}

static void expect_interrupted(int fd)
{
	struct kvc_op op;
	struct iou ring;
	__u64 tag;
	int res;

	kvc_op_init(&op, KVC_OP_PUT, "new", 3);
	if (iou_open(&ring, 4, 0) || start(&ring, fd, &op) ||
	    iou_wait(&ring, &tag, &res))
		_exit(1);
	_exit(res == -EINTR ? 0 : 2);
}

/* Stopping is not put off until there is a commit. */
TEST_F(uringwait, process_is_stopped)
{
	int pid, status;

	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		expect_interrupted(self->fd);
	ASSERT_TRUE(flush_eventually_waits(self->fd,
					   self->stats.flush_waits + 2));
	ASSERT_EQ(0, kill(pid, SIGSTOP));
	ASSERT_EQ(pid, waitpid(pid, &status, WUNTRACED));
	EXPECT_TRUE(WIFSTOPPED(status));
	ASSERT_EQ(0, kill(pid, SIGCONT));
	EXPECT_EQ(0, kvc_wait(pid));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "new", ""));
}

/* fsync() by io_uring is what it is by itself. */
TEST_F(uringwait, fsync)
{
	struct io_uring_sqe *sqe = iou_sqe(&self->ring);

	sqe->opcode = IORING_OP_FSYNC;
	sqe->fd = self->fd;
	sqe->user_data = TAG;
	ASSERT_EQ(1, iou_submit(&self->ring));
	EXPECT_EQ(0, commit_until(&self->ring, self->stream, TAG));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(0, self->stats.dirty_entries);
}

TEST_HARNESS_MAIN
