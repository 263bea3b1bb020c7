/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A write-behind cache that nothing but a test seals, and its stream file
 */
#ifndef FLUSHFIXTURE_H
#define FLUSHFIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "flushing.h"
#include "harness.h"

#define PAGE		4096
#define HEAD		sizeof(struct kvc_flush_frame)

FIXTURE(flush) {
	struct kvc_config config;
	struct kvc_stats stats;
	struct flush_run run;
	struct caller sync;
	struct kvc_op op;
	char *buf;
	int fd;
	int stream;
};

#define ROOM	(4u << 20)

FIXTURE_SETUP(flush)
{
	ASSERT_EQ(0, kvc_fresh_netns());
	self->fd = flush_cache("f", FLUSH_NEVER);
	ASSERT_LE(0, self->fd);
	self->stream = flush_open(self->fd);
	ASSERT_LE(0, self->stream);
	self->buf = malloc(ROOM);
	ASSERT_NE(NULL, self->buf);
}

FIXTURE_TEARDOWN(flush)
{
	free(self->buf);
	close(self->stream);
	close(self->fd);
}

static inline int nonblock(int fd)
{
	return fcntl(fd, F_SETFL, O_NONBLOCK) ? -errno : 0;
}

static inline int put_seeded(int fd, unsigned int n, unsigned int seed)
{
	char key[KVC_TEST_KEY], value[300];
	__u32 len = seed * 37 % sizeof(value);
	struct kvc_op op;

	kvc_pattern(value, len, seed);
	kvc_op_init(&op, KVC_OP_PUT, kvc_key(key, n), 8);
	kvc_op_value(&op, value, len);
	op.client_flags = seed;
	return kvc_do(fd, &op);
}

static inline unsigned int put_some(int fd, unsigned int count)
{
	unsigned int n, good = 0;

	for (n = 0; n < count; n++)
		good += !put_seeded(fd, n, 7 * n + 7);
	return good;
}

static inline int poll_of(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int ret = poll(&p, 1, 0);

	return ret < 0 ? -errno : p.revents;
}

#endif
