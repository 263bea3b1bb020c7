// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading the stream file: room, faults, waiting
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/uio.h>

#include "flushfixture.h"

/* Frames are made for the room that there is. */
TEST_F(flush, room_of_any_size)
{
	static const size_t rooms[] = {
		420, 1000, 4096, 70001, 256 << 10, 300000, 3 << 20,
	};
	unsigned int i;

	ASSERT_EQ(10000, put_some(self->fd, 10000));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		ASSERT_EQ(10000, flush_read_in(self->stream, rooms[i],
					       &self->run));
		EXPECT_LE(i < 6 ? 2000000 / rooms[i] : 7, self->run.frames);
		EXPECT_EQ(1, self->run.run);
		close(self->stream);
		self->stream = flush_open(self->fd);
		ASSERT_LE(0, self->stream);
	}
	ASSERT_EQ(10000, flush_one(self->stream, NULL, NULL));
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, room_for_a_frame)
{
	static char value[300000];
	const struct kvc_flush_frame *frame = (const void *)self->buf;
	size_t pair = sizeof(struct kvc_flush_rec) + 1 + sizeof(value);
	long bytes;

	kvc_pattern(value, sizeof(value), 5);
	ASSERT_EQ(0, kvc_put_len(self->fd, "a", value, sizeof(value)));
	ASSERT_EQ(0, kvc_put_len(self->fd, "b", value, 10));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	EXPECT_EQ(-EMSGSIZE, flush_read(self->stream, self->buf, 0));
	EXPECT_EQ(-EMSGSIZE, flush_read(self->stream, self->buf, HEAD));
	EXPECT_EQ(-EMSGSIZE, flush_read(self->stream, self->buf,
					HEAD + pair - 1));
	/* As the header promises */
	bytes = flush_read(self->stream, self->buf, 64 + pair);
	ASSERT_LT(0, bytes);
	EXPECT_EQ(0, frame->seq);
	EXPECT_EQ(1, frame->count);
	EXPECT_EQ(frame->len, bytes);
	EXPECT_EQ(0, frame->flags);
	/* Its last frame was not read. */
	EXPECT_EQ(-EINVAL, flush_commit(self->stream, 1));
	bytes = flush_read(self->stream, self->buf, 64 + 40 + 1 + 10);
	ASSERT_LT(0, bytes);
	EXPECT_EQ(1, frame->seq);
	while (!frame->flags && bytes > 0)
		bytes = flush_read(self->stream, self->buf, 64);
	EXPECT_EQ(KVC_FLUSH_LAST, frame->flags);
	EXPECT_EQ(0, flush_commit(self->stream, 1));
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, pairs_larger_than_a_read)
{
	char *value = malloc(3u << 20);
	struct kvc_config config;
	int fd, stream;

	ASSERT_NE(NULL, value);
	/* A third of a shard's part takes one, or it would be sealed at once. */
	flush_config(&config, "large", 256 << 20, FLUSH_NEVER);
	config.value_max = 3u << 20;
	ASSERT_EQ(0, kvc_create(&config));
	fd = kvc_open_bound(O_RDWR, "large");
	stream = flush_open(fd);
	ASSERT_LE(0, stream);
	kvc_pattern(value, 3u << 20, 5);
	ASSERT_EQ(0, kvc_put_len(fd, "a", value, 3u << 20));
	ASSERT_EQ(0, kvc_put(fd, "b", "small"));
	ASSERT_EQ(0, kvc_put_len(fd, "c", value, (3u << 20) - 1));
	ASSERT_EQ(0, flush_seal(&self->sync, fd));
	EXPECT_EQ(3, flush_one(stream, NULL, NULL));
	ASSERT_EQ(0, caller_join(&self->sync));
	close(stream);
	close(fd);
	free(value);
}

TEST_F(flush, nothing_is_lost_by_a_fault)
{
	char *pages = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, munmap(pages + (4 << 20), 4 << 20));
	ASSERT_EQ(3000, put_some(self->fd, 3000));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(-EFAULT, flush_read(self->stream, NULL, ROOM));
		/* Only the end of it is not there. */
		EXPECT_EQ(-EFAULT, flush_read(self->stream,
					      pages + (4 << 20) - 10000, ROOM));
	}
	/* What was read in the kernel was not read by anybody. */
	EXPECT_EQ(-EINVAL, flush_commit(self->stream, 1));
	/* And it comes in smaller pieces, too. */
	EXPECT_EQ(-EMSGSIZE, flush_read(self->stream, self->buf, 100));
	EXPECT_EQ(3000, flush_one(self->stream, NULL, NULL));
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, vectors)
{
	struct iovec iov[2] = {
		{ .iov_base = self->buf, .iov_len = 100 },
		{ .iov_base = self->buf + 100, .iov_len = ROOM - 100 },
	};

	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	/* A frame is not cut. */
	EXPECT_EQ(-1, readv(self->stream, iov, 2));
	EXPECT_EQ(EMSGSIZE, errno);
	iov[0].iov_len = ROOM;
	EXPECT_LT(0, readv(self->stream, iov, 1));
	EXPECT_EQ(0, flush_commit(self->stream, 1));
	ASSERT_EQ(0, caller_join(&self->sync));
}

static void *poll_for_input(void *arg)
{
	struct pollfd p = { .fd = *(int *)arg, .events = POLLIN };

	return poll(&p, 1, 60000) == 1 ? arg : NULL;
}

TEST_F(flush, without_waiting)
{
	pthread_t thread;
	void *woken;

	ASSERT_EQ(0, nonblock(self->stream));
	EXPECT_EQ(-EAGAIN, flush_read(self->stream, self->buf, ROOM));
	EXPECT_EQ(0, poll_of(self->stream));
	ASSERT_EQ(0, pthread_create(&thread, NULL, poll_for_input,
				    &self->stream));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	EXPECT_EQ(-EAGAIN, flush_read(self->stream, self->buf, ROOM));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(0, pthread_join(thread, &woken));
	EXPECT_NE(NULL, woken);
	EXPECT_EQ(POLLIN, poll_of(self->stream));
	EXPECT_EQ(-EMSGSIZE, flush_read(self->stream, self->buf, 10));
	EXPECT_EQ(POLLIN, poll_of(self->stream));
	EXPECT_LT(0, flush_read(self->stream, self->buf, ROOM));
	EXPECT_EQ(0, poll_of(self->stream));
	EXPECT_EQ(-EAGAIN, flush_read(self->stream, self->buf, ROOM));
	EXPECT_EQ(0, flush_commit(self->stream, 1));
	EXPECT_EQ(0, poll_of(self->stream));
	EXPECT_EQ(-EAGAIN, flush_read(self->stream, self->buf, ROOM));
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, input_after_a_fault)
{
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	EXPECT_EQ(-EFAULT, flush_read(self->stream, NULL, ROOM));
	EXPECT_EQ(POLLIN, poll_of(self->stream));
	EXPECT_EQ(1, flush_one(self->stream, NULL, NULL));
	EXPECT_EQ(0, poll_of(self->stream));
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, read_waits_for_a_run)
{
	struct caller reader = { 0 };

	ASSERT_EQ(0, caller_start(&reader, caller_read, self->stream));
	ASSERT_TRUE(caller_sleeps(&reader, 'S'));
	/* Others may use the file meanwhile. */
	EXPECT_EQ(-EINVAL, flush_commit(self->stream, 1));
	EXPECT_EQ(0, poll_of(self->stream));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	EXPECT_LT(0, caller_join(&reader));
	EXPECT_EQ(0, flush_commit(self->stream, 1));
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, read_waits_for_the_commit)
{
	struct caller reader = { 0 }, second = { 0 };

	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "y"));
	ASSERT_EQ(0, flush_seal(&second, self->fd));
	ASSERT_EQ(1, flush_read_run(self->stream, NULL, NULL, NULL));
	ASSERT_EQ(0, caller_start(&reader, caller_read, self->stream));
	ASSERT_TRUE(caller_sleeps(&reader, 'S'));
	EXPECT_EQ(0, flush_commit(self->stream, 1));
	/* That was the other one's first and last frame. */
	EXPECT_LT(0, caller_join(&reader));
	EXPECT_EQ(0, flush_commit(self->stream, 2));
	ASSERT_EQ(0, caller_join(&self->sync));
	ASSERT_EQ(0, caller_join(&second));
}

static void on_signal(int number)
{
	(void)number;
}

TEST_F(flush, signal_ends_a_read)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct caller reader = { 0 };

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	ASSERT_EQ(0, caller_start(&reader, caller_read, self->stream));
	ASSERT_TRUE(caller_sleeps(&reader, 'S'));
	ASSERT_EQ(0, pthread_kill(reader.thread, SIGUSR1));
	EXPECT_EQ(-EINTR, caller_join(&reader));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	EXPECT_EQ(1, flush_one(self->stream, NULL, NULL));
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_HARNESS_MAIN
