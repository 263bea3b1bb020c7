/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A write-behind cache that nothing but a test seals, and its flusher
 */
#ifndef BEHINDFIXTURE_H
#define BEHINDFIXTURE_H

#include "flushing.h"
#include "harness.h"

FIXTURE(behind) {
	struct kvc_config config;
	struct kvc_stats stats;
	struct kvc_info info;
	struct caller sync;
	struct kvc_op op;
	int fd;
	int stream;
};

FIXTURE_SETUP(behind)
{
	ASSERT_EQ(0, kvc_fresh_netns());
	self->fd = flush_cache("b", FLUSH_NEVER);
	ASSERT_LE(0, self->fd);
	self->stream = flush_open(self->fd);
	ASSERT_LE(0, self->stream);
}

FIXTURE_TEARDOWN(behind)
{
	close(self->stream);
	close(self->fd);
}

/* Everything that is dirty becomes a run, which is committed. */
static inline int flush_all(struct caller *sync, int fd, int stream)
{
	int ret = flush_seal(sync, fd), records;

	if (ret)
		return ret;
	records = flush_one(stream, NULL, NULL);
	ret = caller_join(sync);
	return ret ? ret : records;
}

#endif
