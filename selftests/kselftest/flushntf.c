// SPDX-License-Identifier: GPL-2.0-only
/*
 * The group flush: C3 for who watches write-behind caches
 */
#include <errno.h>
#include <sys/socket.h>

#include "flushing.h"
#include "harness.h"
#include "kvcnl.h"

/* What a message said */
struct state {
	__u64 sealed;
	__u64 committed;
	__u32 waiting;
	__u32 flusher;
	__u32 error;
	bool all;
};

FIXTURE(flushntf) {
	struct kvcnl nl;
	struct caller sync;
	int fd;
};

FIXTURE_SETUP(flushntf)
{
	ASSERT_EQ(0, kvc_fresh_netns());
	ASSERT_EQ(0, kvcnl_open(&self->nl));
	self->fd = flush_cache("f", FLUSH_NEVER);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(flushntf)
{
	close(self->fd);
	kvcnl_close(&self->nl);
}

static void read_state(struct state *s, const struct nlattr *stats)
{
	const struct nlattr *name = kvcnl_in(stats, KVC_A_STATS_NAME);
	const struct nlattr *sealed = kvcnl_in(stats, KVC_A_STATS_RUNS_SEALED);
	const struct nlattr *committed = kvcnl_in(stats,
						  KVC_A_STATS_RUNS_COMMITTED);
	const struct nlattr *waiting = kvcnl_in(stats,
						KVC_A_STATS_RUNS_WAITING);
	const struct nlattr *flusher = kvcnl_in(stats, KVC_A_STATS_FLUSHER);
	const struct nlattr *error = kvcnl_in(stats, KVC_A_STATS_FLUSH_ERROR);

	s->all = name && !strcmp("f", kvcnl_data(name)) && sealed &&
		 committed && waiting && flusher && error;
	if (!s->all)
		return;
	s->sealed = kvcnl_u64(sealed);
	s->committed = kvcnl_u64(committed);
	s->waiting = kvcnl_u32(waiting);
	s->flusher = kvcnl_u32(flusher);
	s->error = kvcnl_u32(error);
}

/* The next message: of @f, with all there should be; -errno */
static int hear(struct kvcnl *nl, struct state *s)
{
	const struct nlmsghdr *nlh;
	int err = 0;

	nlh = kvcnl_recv(nl, 0, &err);
	if (!nlh)
		return err;
	if (kvcnl_cmd(nlh) != KVC_CMD_FLUSH_NTF)
		return -ENOMSG;
	read_state(s, kvcnl_attr(nlh, KVC_A_STATS));
	return s->all ? 0 : -EPROTO;
}

#define EXPECT_STATE(sealed_, committed_, waiting_, flusher_, error_) do { \
	struct state s = { 0 };						\
									\
	ASSERT_EQ(0, hear(&self->nl, &s));				\
	EXPECT_EQ(sealed_, s.sealed);					\
	EXPECT_EQ(committed_, s.committed);				\
	EXPECT_EQ(waiting_, s.waiting);					\
	EXPECT_EQ(flusher_, s.flusher);					\
	EXPECT_EQ(error_, s.error);					\
} while (0)

TEST_F(flushntf, each_step_is_told)
{
	int stream;

	ASSERT_EQ(0, kvcnl_join(&self->nl, KVCNL_FLUSH));
	stream = flush_open(self->fd);
	ASSERT_LE(0, stream);
	EXPECT_STATE(0, 0, 0, 1, 0);
	ASSERT_EQ(0, kvc_put(self->fd, "a", "1"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	EXPECT_STATE(1, 0, 1, 1, 0);
	ASSERT_EQ(0, flush_fail(stream, 1, -ENOSPC));
	EXPECT_STATE(1, 0, 1, 1, ENOSPC);
	EXPECT_EQ(-ENOSPC, caller_join(&self->sync));
	/* Opened twice is told to nobody. */
	EXPECT_EQ(-EBUSY, flush_open(self->fd));
	ASSERT_EQ(1, flush_read_run(stream, NULL, NULL, NULL));
	ASSERT_EQ(0, flush_commit(stream, 1));
	EXPECT_STATE(1, 1, 0, 1, ENOSPC);
	EXPECT_STATE(1, 1, 0, 1, 0);
	close(stream);
	EXPECT_STATE(1, 1, 0, 0, 0);
}

/* Nothing more is there to be heard. */
static bool silent(struct kvcnl *nl)
{
	int err = 0;

	return !kvcnl_recv(nl, MSG_DONTWAIT, &err) && err == -EAGAIN;
}

/* What another namespace's caches do is not heard. */
TEST_F(flushntf, of_its_namespace_only)
{
	int stream;

	ASSERT_EQ(0, kvcnl_join(&self->nl, KVCNL_FLUSH));
	ASSERT_EQ(0, kvc_fresh_netns());
	close(self->fd);
	self->fd = flush_cache("f", FLUSH_NEVER);
	ASSERT_LE(0, self->fd);
	stream = flush_open(self->fd);
	ASSERT_LE(0, stream);
	close(stream);
	EXPECT_TRUE(silent(&self->nl));
}

/* Names of caches are not for everybody. */
TEST_F(flushntf, for_the_administrator)
{
	struct kvcnl nl;

	ASSERT_EQ(0, kvc_become(1000, 1000, 1000));
	ASSERT_EQ(0, kvcnl_open(&nl));
	EXPECT_EQ(-EPERM, kvcnl_join(&nl, KVCNL_FLUSH));
	kvcnl_close(&nl);
}

TEST_HARNESS_MAIN
