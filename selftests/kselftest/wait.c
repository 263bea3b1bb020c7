// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who waits for the flusher: fsync(), and writes for which there is no room
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "flushing.h"
#include "harness.h"

/* So small that a second's puts fill it */
#define SMALL	(256u << 10)
/* More than fit there */
#define MANY	3000u

FIXTURE(wait) {
	struct kvc_config config;
	struct kvc_stats stats;
	struct caller sync;
	struct caller writer;
	struct kvc_op op;
	int fd;
	int stream;
};

FIXTURE_SETUP(wait)
{
	flush_config(&self->config, "w", SMALL, FLUSH_NEVER);
	self->fd = kvc_setup(&self->config);
	ASSERT_LE(0, self->fd);
	self->stream = flush_open(self->fd);
	ASSERT_LE(0, self->stream);
}

FIXTURE_TEARDOWN(wait)
{
	close(self->stream);
	close(self->fd);
}

static int sync_of(int fd)
{
	return fsync(fd) ? -errno : 0;
}

TEST_F(wait, fsync_of_others)
{
	int fd = kvc_open(O_RDWR);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENOTCONN, sync_of(fd));
	kvc_config_init(&self->config, "plain", KVC_TEST_LIMIT);
	ASSERT_EQ(0, kvc_create(&self->config));
	ASSERT_EQ(0, kvc_attach(fd, "plain"));
	EXPECT_EQ(-EINVAL, sync_of(fd));
	ASSERT_EQ(0, kvc_destroy("plain"));
	EXPECT_EQ(-ESHUTDOWN, sync_of(fd));
	EXPECT_EQ(-EINVAL, sync_of(self->stream));
	close(fd);
}

TEST_F(wait, fsync_of_nothing)
{
	EXPECT_EQ(0, sync_of(self->fd));
	/* Without a flusher, too */
	close(self->stream);
	self->stream = -1;
	EXPECT_EQ(0, sync_of(self->fd));
	EXPECT_EQ(0, fdatasync(self->fd));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(0, self->stats.runs_sealed);
}

TEST_F(wait, fsync_waits_for_the_commit)
{
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_TRUE(caller_sleeps(&self->sync, 'S'));
	ASSERT_EQ(1, flush_read_run(self->stream, NULL, NULL, NULL));
	/* Read is not stored. */
	EXPECT_TRUE(caller_sleeps(&self->sync, 'S'));
	ASSERT_EQ(0, flush_commit(self->stream, 1));
	EXPECT_EQ(0, caller_join(&self->sync));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(0, self->stats.dirty_entries);
	/* Clean data needs nobody. */
	EXPECT_EQ(0, sync_of(self->fd));
}

TEST_F(wait, fsync_of_who_only_reads)
{
	int fd = kvc_open_bound(O_RDONLY, "w");

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, fd));
	ASSERT_EQ(1, flush_one(self->stream, NULL, NULL));
	EXPECT_EQ(0, caller_join(&self->sync));
	close(fd);
}

TEST_F(wait, fsync_waits_for_a_flusher)
{
	close(self->stream);
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_TRUE(caller_sleeps(&self->sync, 'S'));
	self->stream = flush_open(self->fd);
	ASSERT_LE(0, self->stream);
	ASSERT_EQ(1, flush_one(self->stream, NULL, NULL));
	EXPECT_EQ(0, caller_join(&self->sync));
}

TEST_F(wait, fsync_waits_for_runs_that_are_there)
{
	struct caller second = { 0 };

	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	/* Nothing is newer, but that is not stored yet. */
	ASSERT_EQ(0, caller_start(&second, caller_fsync, self->fd));
	ASSERT_TRUE(caller_sleeps(&second, 'S'));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(1, self->stats.runs_sealed);
	ASSERT_EQ(1, flush_one(self->stream, NULL, NULL));
	EXPECT_EQ(0, caller_join(&self->sync));
	EXPECT_EQ(0, caller_join(&second));
}

TEST_F(wait, fsync_when_no_more_runs_may_wait)
{
	struct caller more[3] = { { 0 } };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
		ASSERT_EQ(0, flush_seal(&more[i], self->fd));
	}
	ASSERT_EQ(0, kvc_put(self->fd, "a", "y"));
	ASSERT_EQ(0, caller_start(&more[2], caller_fsync, self->fd));
	ASSERT_TRUE(caller_sleeps(&more[2], 'S'));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(2, self->stats.runs_waiting);
	/* Each commit lets one return, the first one also seals the third. */
	ASSERT_EQ(1, flush_one(self->stream, NULL, NULL));
	EXPECT_EQ(0, caller_join(&more[0]));
	EXPECT_TRUE(flush_eventually_sealed(self->fd, 3));
	EXPECT_TRUE(caller_sleeps(&more[1], 'S'));
	ASSERT_EQ(1, flush_one(self->stream, NULL, NULL));
	EXPECT_EQ(0, caller_join(&more[1]));
	EXPECT_TRUE(caller_sleeps(&more[2], 'S'));
	ASSERT_EQ(1, flush_one(self->stream, NULL, NULL));
	EXPECT_EQ(0, caller_join(&more[2]));
}

static void on_signal(int number)
{
	(void)number;
}

TEST_F(wait, signal_ends_fsync)
{
	struct sigaction action = { .sa_handler = on_signal };

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_TRUE(caller_sleeps(&self->sync, 'S'));
	ASSERT_EQ(0, pthread_kill(self->sync.thread, SIGUSR1));
	EXPECT_EQ(-EINTR, caller_join(&self->sync));
	/* The run is on its way all the same. */
	EXPECT_EQ(1, flush_one(self->stream, NULL, NULL));
}

TEST_F(wait, fsync_is_told_of_errors)
{
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_TRUE(caller_sleeps(&self->sync, 'S'));
	ASSERT_EQ(0, flush_fail(self->stream, 1, -ENOSPC));
	EXPECT_EQ(-ENOSPC, caller_join(&self->sync));
	/* That one is told; the next waits for what comes. */
	ASSERT_EQ(0, caller_start(&self->sync, caller_fsync, self->fd));
	ASSERT_TRUE(caller_sleeps(&self->sync, 'S'));
	ASSERT_EQ(0, flush_fail(self->stream, 1, -EIO));
	EXPECT_EQ(-EIO, caller_join(&self->sync));
	ASSERT_EQ(0, caller_start(&self->sync, caller_fsync, self->fd));
	ASSERT_TRUE(caller_sleeps(&self->sync, 'S'));
	ASSERT_EQ(1, flush_one(self->stream, NULL, NULL));
	EXPECT_EQ(0, caller_join(&self->sync));
}

TEST_F(wait, fsync_that_cannot_seal_is_told_of_errors)
{
	struct caller more[3] = { { 0 } };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
		ASSERT_EQ(0, flush_seal(&more[i], self->fd));
	}
	ASSERT_EQ(0, kvc_put(self->fd, "a", "y"));
	ASSERT_EQ(0, caller_start(&more[2], caller_fsync, self->fd));
	ASSERT_TRUE(caller_sleeps(&more[2], 'S'));
	ASSERT_EQ(0, flush_fail(self->stream, 1, -EROFS));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(-EROFS, caller_join(&more[i]));
}

TEST_F(wait, fsync_of_what_is_destroyed)
{
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_TRUE(caller_sleeps(&self->sync, 'S'));
	ASSERT_EQ(0, kvc_discard("w"));
	EXPECT_EQ(-ESHUTDOWN, caller_join(&self->sync));
	EXPECT_EQ(-ESHUTDOWN, sync_of(self->fd));
}

/* A thread that puts until there is no room, and then waits for some */
static bool writer_waits(struct caller *writer, int fd)
{
	writer->count = MANY;
	return !caller_start(writer, caller_put, fd) &&
	       flush_eventually_waits(fd, 1) && caller_sleeps(writer, 'D');
}

/* Flushes until the writer is done, but not forever. */
static int flush_until_done(struct caller *writer, int stream)
{
	struct timespec pause = { .tv_nsec = 1000000 };
	unsigned int tries = 60000;
	int ret = 0;

	if (fcntl(stream, F_SETFL, O_NONBLOCK))
		return -errno;
	while (!atomic_load(&writer->done) && tries--) {
		ret = flush_one(stream, NULL, NULL);
		if (ret == -EAGAIN)
			nanosleep(&pause, NULL);
		else if (ret < 0)
			return ret;
	}
	return caller_join(writer);
}

static void remember(void *arg, const struct kvc_flush_rec *rec)
{
	unsigned char *seen = arg;
	char key[KVC_TEST_KEY] = { 0 };
	unsigned int n;

	memcpy(key, flush_key(rec), 8);
	n = strtoul(key + 1, NULL, 10);
	if (rec->key_len == 8 && n < MANY &&
	    kvc_pattern_ok(flush_value(rec), rec->value_len, n))
		seen[n]++;
}

/* L9: nothing that was acknowledged is dropped for want of room. */
TEST_F(wait, writer_waits_for_a_commit)
{
	static unsigned char seen[MANY];
	unsigned int i;
	int ret;

	ASSERT_TRUE(writer_waits(&self->writer, self->fd));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_LT(100, self->stats.dirty_entries);
	EXPECT_GE(SMALL, self->stats.dirty_bytes);
	EXPECT_EQ(0, self->stats.evicted_limit);
	ASSERT_EQ(0, fcntl(self->stream, F_SETFL, O_NONBLOCK));
	while (!atomic_load(&self->writer.done)) {
		ret = flush_one(self->stream, remember, seen);
		ASSERT_TRUE(ret >= 0 || ret == -EAGAIN);
	}
	ASSERT_EQ(0, caller_join(&self->writer));
	/* The rest of it */
	ASSERT_EQ(0, fcntl(self->stream, F_SETFL, 0));
	ASSERT_EQ(0, caller_start(&self->sync, caller_fsync, self->fd));
	ASSERT_EQ(0, fcntl(self->stream, F_SETFL, O_NONBLOCK));
	while (!atomic_load(&self->sync.done)) {
		ret = flush_one(self->stream, remember, seen);
		ASSERT_TRUE(ret >= 0 || ret == -EAGAIN);
	}
	ASSERT_EQ(0, caller_join(&self->sync));
	for (i = 0; i < MANY; i++)
		EXPECT_EQ(1, seen[i]);
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(MANY, self->stats.records_flushed);
	EXPECT_EQ(MANY, self->stats.puts);
}

TEST_F(wait, others_go_on)
{
	char value[500];
	struct kvc_op op;

	ASSERT_TRUE(writer_waits(&self->writer, self->fd));
	kvc_op_value(&op, value, sizeof(value));
	EXPECT_EQ(0, kvc_get(self->fd, "k0000000", &op));
	EXPECT_TRUE(kvc_pattern_ok(value, sizeof(value), 0));
	EXPECT_EQ(0, flush_until_done(&self->writer, self->stream));
}

TEST_F(wait, without_waiting)
{
	char key[KVC_TEST_KEY], value[500];
	struct kvc_batch batch = { 0 };
	struct kvc_op ops[2];
	unsigned int i;
	int ret = 0;

	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, O_NONBLOCK));
	for (i = 0; i < MANY && !ret; i++) {
		kvc_pattern(value, sizeof(value), i);
		ret = kvc_put_len(self->fd, kvc_key(key, i), value,
				  sizeof(value));
	}
	EXPECT_EQ(-EAGAIN, ret);
	EXPECT_LT(100, i);
	/* The key that was refused is not there, the others are. */
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, key, "x"));
	for (i = 0; i < 2; i++) {
		kvc_op_init(&ops[i], KVC_OP_PUT, i ? "yy" : "xx", 2);
		kvc_op_value(&ops[i], value, sizeof(value));
	}
	batch.ops = kvc_ptr(ops);
	batch.count = 2;
	batch.op_size = sizeof(ops[0]);
	EXPECT_EQ(0, kvc_call(self->fd, KVC_IOC_BATCH, &batch));
	EXPECT_EQ(2, batch.done);
	EXPECT_EQ(-EAGAIN, ops[0].result);
	EXPECT_EQ(-EAGAIN, ops[1].result);
	/* A pair that could never fit does not wait for anything. */
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, 0));
	kvc_op_init(&self->op, KVC_OP_PUT, "big", 3);
	self->op.value = kvc_ptr(malloc(SMALL));
	self->op.value_len = SMALL;
	EXPECT_EQ(-ENOSPC, kvc_do(self->fd, &self->op));
}

static int del_unknown(struct caller *c)
{
	return kvc_del(c->fd, c->key);
}

static int touch(struct caller *c)
{
	struct kvc_op op;

	kvc_op_init(&op, KVC_OP_TOUCH, c->key, strlen(c->key));
	op.flags = KVC_OP_F_TTL;
	op.expiry = 1ull << 40;
	return kvc_do(c->fd, &op);
}

static int put_ending(struct caller *c)
{
	struct kvc_op op;

	kvc_op_init(&op, KVC_OP_PUT, c->key, strlen(c->key));
	kvc_op_value(&op, "value", 5);
	return kvc_do(c->fd, &op);
}

static int put_in_batch(struct caller *c)
{
	struct kvc_batch batch = { .count = 1 };
	struct kvc_op op;
	int ret;

	kvc_op_init(&op, KVC_OP_PUT, c->key, strlen(c->key));
	kvc_op_value(&op, "value", 5);
	batch.ops = kvc_ptr(&op);
	batch.op_size = sizeof(op);
	ret = kvc_call(c->fd, KVC_IOC_BATCH, &batch);
	return ret ? ret : op.result;
}

TEST_F(wait, every_write_waits)
{
	static int (*const calls[])(struct caller *c) = {
		del_unknown, touch, put_ending, put_in_batch,
	};
	static const char *const keys[] = {
		"unknown", "k0000000", "new", "newer",
	};
	struct caller callers[4] = { { 0 } };
	unsigned int i;
	int ret;

	ASSERT_EQ(0, flush_fill(self->fd));
	/* What is in a run takes its room until the commit. */
	ASSERT_TRUE(flush_eventually_sealed(self->fd, 1));
	for (i = 0; i < 4; i++) {
		callers[i].key = keys[i];
		ASSERT_EQ(0, caller_start(&callers[i], calls[i], self->fd));
	}
	for (i = 0; i < 4; i++)
		EXPECT_TRUE(caller_sleeps(&callers[i], 'D'));
	for (i = 0; i < 4; i++) {
		ret = flush_until_done(&callers[i], self->stream);
		/* What is to be touched may be the one that is evicted. */
		EXPECT_TRUE(!ret || (i == 1 && ret == -ENODATA));
	}
	EXPECT_EQ(0, kvc_expect(self->fd, "new", "value"));
	EXPECT_EQ(0, kvc_expect(self->fd, "newer", "value"));
}

TEST_F(wait, only_death_ends_a_wait)
{
	struct sigaction action = { .sa_handler = on_signal };

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	ASSERT_TRUE(writer_waits(&self->writer, self->fd));
	ASSERT_EQ(0, pthread_kill(self->writer.thread, SIGUSR1));
	EXPECT_TRUE(caller_sleeps(&self->writer, 'D'));
	EXPECT_EQ(0, flush_until_done(&self->writer, self->stream));
}

TEST_F(wait, killed_while_waiting)
{
	int pid, status;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		self->writer.fd = self->fd;
		self->writer.count = MANY;
		_exit(caller_put(&self->writer) != 0);
	}
	ASSERT_TRUE(flush_eventually_waits(self->fd, 1));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	/* What it was told is stored is there. */
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(self->stats.puts, self->stats.dirty_entries);
	ASSERT_EQ(0, caller_start(&self->sync, caller_fsync, self->fd));
	EXPECT_EQ(0, flush_until_done(&self->sync, self->stream));
}

TEST_F(wait, writer_of_what_is_destroyed)
{
	ASSERT_TRUE(writer_waits(&self->writer, self->fd));
	EXPECT_EQ(-EBUSY, kvc_destroy("w"));
	EXPECT_TRUE(caller_sleeps(&self->writer, 'D'));
	ASSERT_EQ(0, kvc_discard("w"));
	EXPECT_EQ(-ESHUTDOWN, caller_join(&self->writer));
}

TEST_F(wait, larger_limit_makes_room)
{
	ASSERT_TRUE(writer_waits(&self->writer, self->fd));
	self->config.limit = 64 << 20;
	self->config.memtable = 0;
	ASSERT_EQ(0, kvc_set(KVC_GIVEN(LIMIT) | KVC_GIVEN(MEMTABLE),
			     &self->config));
	EXPECT_EQ(0, caller_join(&self->writer));
	ASSERT_EQ(0, kvc_discard("w"));
}

TEST_HARNESS_MAIN
