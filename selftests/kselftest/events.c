// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: what is told of, to whom, and from when on
 */
#include <errno.h>
#include <fcntl.h>

#include "eventfixture.h"

TEST_F(events, update_and_delete)
{
	struct heard *h = &self->heard;
	struct kvc_op op;

	/* Nobody can know of a key that was never there. */
	ASSERT_EQ(0, kvc_put(self->fd, "a", "1"));
	kvc_op_init(&op, KVC_OP_PUT, "a", 1);
	kvc_op_value(&op, "2", 1);
	ASSERT_EQ(0, kvc_do(self->fd, &op));
	ASSERT_EQ(0, hear_of(&self->nl, h, KVC_EVENT_UPDATED, 1));
	EXPECT_STREQ("a", h->key);
	EXPECT_EQ(op.version, h->version);
	ASSERT_EQ(0, kvc_del(self->fd, "a"));
	ASSERT_EQ(0, hear_of(&self->nl, h, KVC_EVENT_DELETED, 1));
	EXPECT_STREQ("a", h->key);
	EXPECT_EQ(0, h->gaps);
	EXPECT_EQ(3, h->next);
}

static int put_ttl(int fd, const char *key, __u64 ttl)
{
	struct kvc_op op;

	kvc_op_init(&op, KVC_OP_PUT, key, strlen(key));
	op.flags = KVC_OP_F_TTL;
	op.expiry = ttl;
	return kvc_do(fd, &op);
}

TEST_F(events, expiry)
{
	struct heard *h = &self->heard;

	ASSERT_EQ(0, put_ttl(self->fd, "a", 1000000));
	ASSERT_EQ(0, hear_of(&self->nl, h, KVC_EVENT_EXPIRED, 1));
	EXPECT_STREQ("a", h->key);
	EXPECT_EQ(0, h->gaps);
}

TEST_F(events, eviction)
{
	struct heard *h = &self->heard;
	struct kvc_stats stats;
	char key[KVC_TEST_KEY];
	unsigned int i;

	self->config.limit = 64 << 10;
	ASSERT_EQ(0, kvc_set(KVC_SET_SIZE, &self->config));
	ASSERT_EQ(0, kvcnl_rcvbuf(&self->nl, 16 << 20));
	for (i = 0; i < 2000; i++)
		ASSERT_EQ(0, kvc_put(self->fd, kvc_key(key, i), "value"));
	ASSERT_EQ(0, kvc_stats(self->fd, &stats));
	ASSERT_LT(0, stats.evicted_limit);
	ASSERT_EQ(0, hear_of(&self->nl, h, KVC_EVENT_EVICTED,
			     stats.evicted_limit));
	EXPECT_EQ(0, h->gaps);
}

TEST_F(events, purges)
{
	struct heard *h = &self->heard;

	ASSERT_EQ(0, kvc_put(self->fd, "a1", "x"));
	ASSERT_EQ(0, kvc_put(self->fd, "a2", "x"));
	ASSERT_EQ(0, kvc_put(self->fd, "b", "x"));
	ASSERT_EQ(0, kvc_purge(KVC_TEST_NAME, "b", false));
	ASSERT_EQ(0, hear_of(&self->nl, h, KVC_EVENT_PURGED, 1));
	EXPECT_STREQ("b", h->key);
	/* Of a key that is not there, too: a fill of it may be on its way. */
	ASSERT_EQ(0, kvc_purge(KVC_TEST_NAME, "c", false));
	ASSERT_EQ(0, hear_of(&self->nl, h, KVC_EVENT_PURGED, 2));
	EXPECT_STREQ("c", h->key);
	ASSERT_EQ(0, kvc_purge(KVC_TEST_NAME, "a", true));
	ASSERT_EQ(0, hear_of(&self->nl, h, KVC_EVENT_PURGED, 4));
	EXPECT_EQ(0, h->keyless);
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "a1", "x"));
	ASSERT_EQ(0, kvc_clear(self->fd));
	ASSERT_EQ(0, hear_of(&self->nl, h, KVC_EVENT_PURGED, 5));
	EXPECT_EQ(1, h->keyless);
	EXPECT_EQ(0, h->gaps);
}

TEST_F(events, fence)
{
	struct heard *h = &self->heard;

	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, kvc_fence(KVC_TEST_NAME, 1));
	ASSERT_EQ(0, hear_of(&self->nl, h, KVC_EVENT_FENCED, 1));
	EXPECT_EQ(1, h->keyless);
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "a", "x"));
	ASSERT_EQ(0, kvc_fence(KVC_TEST_NAME, 0));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "x"));
	EXPECT_EQ(0, h->gaps);
}

static void read_name(void *arg, const struct nlmsghdr *nlh)
{
	const struct nlattr *name;

	name = kvcnl_in(kvcnl_attr(nlh, KVC_A_CACHE), KVC_A_CACHE_NAME);
	snprintf(arg, KVC_NAME_MAX, "%s",
		 name ? (const char *)kvcnl_data(name) : "");
}

TEST_F(events, group)
{
	char name[KVC_NAME_MAX] = "";
	const struct nlmsghdr *nlh;
	struct heard h = { 0 };
	int err;

	ASSERT_EQ(0, kvcnl_join(&self->other, KVCNL_INVALIDATE));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "1"));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "2"));
	nlh = kvcnl_recv(&self->other, 0, &err);
	ASSERT_NE(NULL, nlh);
	EXPECT_EQ(KVC_CMD_EVENT_NTF, kvcnl_cmd(nlh));
	EXPECT_EQ(1, ev_read(nlh, hear, &h));
	EXPECT_EQ(1, h.reason[KVC_EVENT_UPDATED]);
	read_name(name, nlh);
	EXPECT_STREQ(KVC_TEST_NAME, name);
	/* The subscriber got it, too. */
	ASSERT_EQ(0, hear_of(&self->nl, &self->heard, KVC_EVENT_UPDATED, 1));
}

static __u64 newest(const char *name)
{
	struct kvc_stats stats;

	return kvc_stats_of(name, &stats) ? -1ULL : stats.events;
}

/* Two events of a key */
static int change(int fd)
{
	return kvc_put(fd, "a", "1") ?: kvc_put(fd, "a", "2") ?:
	       kvc_del(fd, "a");
}

/* C3: nothing is written until somebody listens, of whatever kind. */
TEST_F(events, begin_with_the_first_listener)
{
	static const char *const names[] = { "joined", "replayed", "logged" };
	struct kvc_config config;
	struct heard h = { 0 };
	unsigned int i;
	int fd[3];

	for (i = 0; i < 3; i++) {
		kvc_config_init(&config, names[i], KVC_TEST_LIMIT);
		config.flags = i == 2 ? KVC_CACHE_F_LOG : 0;
		ASSERT_EQ(0, kvc_create(&config));
		fd[i] = kvc_open_bound(O_RDWR, names[i]);
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, change(fd[i]));
		EXPECT_EQ(i == 2 ? 2 : 0, newest(names[i]));
	}
	EXPECT_EQ(0, ev_replay(&self->other, "replayed", 1, hear, &h, NULL));
	ASSERT_EQ(0, change(fd[1]));
	EXPECT_EQ(2, newest("replayed"));
	EXPECT_EQ(0, newest("joined"));
	ASSERT_EQ(0, kvcnl_join(&self->other, KVCNL_INVALIDATE));
	ASSERT_EQ(0, change(fd[0]));
	ASSERT_EQ(0, hear_of(&self->other, &h, KVC_EVENT_DELETED, 1));
	EXPECT_EQ(2, newest("joined"));
	/* It goes on when nobody listens any more. */
	kvcnl_close(&self->other);
	ASSERT_EQ(0, change(fd[0]));
	EXPECT_EQ(4, newest("joined"));
	ASSERT_EQ(0, kvcnl_open(&self->other));
}

TEST_F(events, not_of_another_namespace)
{
	struct heard h = { 0 };
	struct kvcnl nl;
	__u64 since;
	int fd;

	ASSERT_EQ(0, kvc_fresh_netns());
	ASSERT_EQ(0, kvcnl_open(&nl));
	ASSERT_EQ(0, kvcnl_join(&nl, KVCNL_INVALIDATE));
	EXPECT_EQ(-ENOENT, ev_subscribe(&nl, KVC_TEST_NAME, &since));
	/* Heard outside, and so it would have been here. */
	ASSERT_EQ(0, kvc_put(self->fd, "a", "1"));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "2"));
	ASSERT_EQ(0, hear_of(&self->nl, &self->heard, KVC_EVENT_UPDATED, 1));
	ASSERT_EQ(0, kvc_create(&self->config));
	fd = kvc_open_bound(O_RDWR, KVC_TEST_NAME);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, kvc_put(fd, "inner", "1"));
	ASSERT_EQ(0, kvc_del(fd, "inner"));
	ASSERT_EQ(0, ev_wait(&nl, hear, &h));
	EXPECT_STREQ("inner", h.key);
	EXPECT_EQ(1, h.reason[KVC_EVENT_DELETED]);
	EXPECT_EQ(0, h.reason[KVC_EVENT_UPDATED]);
	close(fd);
	kvcnl_close(&nl);
}

TEST_F(events, cache_destroyed)
{
	struct heard *h = &self->heard;
	__u64 since;

	ASSERT_EQ(0, kvc_put(self->fd, "a", "1"));
	ASSERT_EQ(0, kvc_purge(KVC_TEST_NAME, "a", false));
	ASSERT_EQ(0, kvc_destroy(KVC_TEST_NAME));
	/* What was said before, and that there are no pairs any more */
	ASSERT_EQ(0, hear_of(&self->nl, h, KVC_EVENT_PURGED, 2));
	EXPECT_EQ(1, h->keyless);
	EXPECT_EQ(0, h->gaps);
	EXPECT_EQ(-ENOENT, ev_subscribe(&self->nl, KVC_TEST_NAME, &since));
	/* Another one of the same name wants another subscription. */
	ASSERT_EQ(0, kvc_create(&self->config));
	EXPECT_EQ(0, ev_subscribe(&self->nl, KVC_TEST_NAME, &since));
	EXPECT_EQ(1, since);
}

TEST_HARNESS_MAIN
