// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stream file: who gets it, and what it is not
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "flushfixture.h"

TEST_F(flush, open_needs_both)
{
	int fd;

	close(self->stream);
	self->stream = -1;
	fd = kvc_open(O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENOTCONN, flush_open(fd));
	close(fd);
	fd = kvc_open_bound(O_RDONLY, "f");
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBADF, flush_open(fd));
	close(fd);
	fd = kvc_open_bound(O_WRONLY, "f");
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBADF, flush_open(fd));
	close(fd);
	self->stream = flush_open(self->fd);
	EXPECT_LE(0, self->stream);
}

TEST_F(flush, open_of_others)
{
	int fd;

	kvc_config_init(&self->config, "plain", KVC_TEST_LIMIT);
	ASSERT_EQ(0, kvc_create(&self->config));
	fd = kvc_open_bound(O_RDWR, "plain");
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EOPNOTSUPP, flush_open(fd));
	ASSERT_EQ(0, kvc_destroy("plain"));
	EXPECT_EQ(-ESHUTDOWN, flush_open(fd));
	close(fd);
}

TEST_F(flush, open_flags)
{
	struct kvc_flush_open open = { .flags = 1 };

	close(self->stream);
	self->stream = -1;
	EXPECT_EQ(-EINVAL, kvc_call(self->fd, KVC_IOC_FLUSH_OPEN, &open));
	open.flags = 0;
	open.reserved = 1;
	EXPECT_EQ(-EINVAL, kvc_call(self->fd, KVC_IOC_FLUSH_OPEN, &open));
	open.reserved = 0;
	open.fd = -77;
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_FLUSH_OPEN, &open));
	self->stream = open.fd;
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->stream, F_GETFD));
}

TEST_F(flush, one_flusher)
{
	int fd = kvc_open_bound(O_RDWR, "f"), again;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBUSY, flush_open(self->fd));
	EXPECT_EQ(-EBUSY, flush_open(fd));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(1, self->stats.flusher);
	again = dup(self->stream);
	close(self->stream);
	EXPECT_EQ(-EBUSY, flush_open(fd));
	close(again);
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(0, self->stats.flusher);
	self->stream = flush_open(fd);
	EXPECT_LE(0, self->stream);
	close(fd);
}

static unsigned int open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

TEST_F(flush, open_that_cannot_be_told)
{
	void *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	unsigned int before;

	ASSERT_NE(MAP_FAILED, page);
	close(self->stream);
	self->stream = -1;
	before = open_files();
	EXPECT_EQ(-EFAULT, kvc_call(self->fd, KVC_IOC_FLUSH_OPEN, page));
	EXPECT_EQ(before, open_files());
	/* Nobody has it. */
	self->stream = flush_open(self->fd);
	EXPECT_LE(0, self->stream);
}

TEST_F(flush, no_other_file)
{
	struct kvc_info info = { 0 };
	char byte = 0;

	EXPECT_EQ(-1, lseek(self->stream, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pread(self->stream, self->buf, ROOM, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, write(self->stream, &byte, 1));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_SHARED,
				   self->stream, 0));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(-ENOTTY, kvc_call(self->stream, KVC_IOC_INFO, &info));
	EXPECT_EQ(-ENOTTY, flush_open(self->stream));
	EXPECT_EQ(-ENOTTY, kvc_call(self->stream, KVC_IOC_CLEAR, NULL));
	EXPECT_EQ(-ENOTTY, kvc_call(self->stream,
				    _IOWR(KVC_IOC_MAGIC, 0x0b, __u64), &info));
	/* Nor are its commands the device's. */
	EXPECT_EQ(-ENOTTY, flush_commit(self->fd, 1));
	EXPECT_EQ(-ENOTTY, flush_fail(self->fd, 1, -EIO));
	EXPECT_EQ(-1, read(self->fd, &byte, 1));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(flush, destroyed_while_open)
{
	struct caller reader = { 0 };

	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(1, flush_read_run(self->stream, NULL, NULL, NULL));
	ASSERT_EQ(0, caller_start(&reader, caller_read, self->stream));
	ASSERT_TRUE(caller_sleeps(&reader, 'S'));
	ASSERT_EQ(-EBUSY, kvc_destroy("f"));
	ASSERT_EQ(0, kvc_discard("f"));
	EXPECT_EQ(-ESHUTDOWN, caller_join(&reader));
	EXPECT_EQ(-ESHUTDOWN, caller_join(&self->sync));
	EXPECT_EQ(-ESHUTDOWN, flush_read(self->stream, self->buf, ROOM));
	EXPECT_EQ(-ESHUTDOWN, flush_commit(self->stream, 1));
	EXPECT_EQ(-ESHUTDOWN, flush_fail(self->stream, 1, -EIO));
	EXPECT_EQ(-ESHUTDOWN, flush_open(self->fd));
	EXPECT_EQ(POLLIN | POLLHUP | POLLERR, poll_of(self->stream));
	close(self->stream);
	self->stream = -1;
	EXPECT_EQ(-ESHUTDOWN, flush_open(self->fd));
}

/* The stream alone keeps the cache's namespace, and so the cache. */
TEST_F(flush, stream_keeps_the_namespace)
{
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	/* Ends the wait, so that nobody else is there. */
	ASSERT_EQ(0, flush_fail(self->stream, 1, -EIO));
	ASSERT_EQ(-EIO, caller_join(&self->sync));
	close(self->fd);
	self->fd = -1;
	ASSERT_EQ(0, kvc_fresh_netns());
	EXPECT_EQ(1, flush_one(self->stream, NULL, NULL));
}

TEST_HARNESS_MAIN
