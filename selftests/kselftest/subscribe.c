// SPDX-License-Identifier: GPL-2.0-only
/*
 * Subscribing to events, replaying them, and what becomes of those who do not
 * listen fast enough, or no more
 */
#include <errno.h>
#include <fcntl.h>

#include "eventfixture.h"

TEST_F(events, subscribing)
{
	struct kvc_config config;
	__u64 since, next;

	EXPECT_EQ(-EEXIST, ev_subscribe(&self->nl, KVC_TEST_NAME, &since));
	EXPECT_EQ(-ENOENT, ev_subscribe(&self->nl, "nothing", &since));
	kvc_config_init(&config, "quiet", KVC_TEST_LIMIT);
	config.flags = KVC_CACHE_F_NOEVENTS;
	ASSERT_EQ(0, kvc_create(&config));
	EXPECT_EQ(-EOPNOTSUPP, ev_subscribe(&self->nl, "quiet", &since));
	EXPECT_NE(0, self->nl.text[0]);
	EXPECT_EQ(-EOPNOTSUPP,
		  ev_replay(&self->nl, "quiet", 1, NULL, NULL, &next));
}

struct role {
	unsigned int mode;
	unsigned int uid;
	unsigned int gid;
	int want;
};

static int subscribe_as(const struct role *role)
{
	struct kvcnl nl;
	__u64 since;
	int ret;

	if (kvc_become(role->uid, role->gid, role->gid) || kvcnl_open(&nl))
		return 1;
	ret = ev_subscribe(&nl, KVC_TEST_NAME, &since);
	if (ret != role->want)
		return 2;
	ret = ev_replay(&nl, KVC_TEST_NAME, 1, NULL, NULL, &since);
	return ret != role->want ? 3 : 0;
}

TEST_F(events, subscribing_needs_reading)
{
	static const struct role roles[] = {
		{ 0400, 1000, 3000, 0 },
		{ 0200, 1000, 3000, -EACCES },
		{ 0240, 3000, 2000, 0 },
		{ 0420, 3000, 2000, -EACCES },
		{ 0224, 3000, 3000, 0 },
		{ 0662, 3000, 3000, -EACCES },
	};
	unsigned int i;
	int pid;

	self->config.uid = 1000;
	self->config.gid = 2000;
	for (i = 0; i < ARRAY_SIZE(roles); i++) {
		self->config.mode = roles[i].mode;
		ASSERT_EQ(0, kvc_set(KVC_SET_MODE | KVC_SET_OWNER,
				     &self->config));
		pid = fork();
		if (!pid)
			_exit(subscribe_as(&roles[i]));
		EXPECT_EQ(0, kvc_wait(pid)) {
			TH_LOG("role %u", i);
		}
	}
}

TEST_F(events, replay)
{
	struct heard h = { .next = 1 };
	__u64 next = 0;

	EXPECT_EQ(0, ev_replay(&self->other, KVC_TEST_NAME, 1, hear, &h, &next));
	EXPECT_EQ(1, next);
	EXPECT_EQ(-EINVAL, ev_replay(&self->other, KVC_TEST_NAME, 2, hear, &h,
				     NULL));
	EXPECT_NE(NULL, strstr(self->other.text, "since"));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "1"));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "2"));
	ASSERT_EQ(0, kvc_del(self->fd, "a"));
	EXPECT_EQ(0, ev_replay(&self->other, KVC_TEST_NAME, 1, hear, &h, &next));
	EXPECT_EQ(3, next);
	EXPECT_EQ(3, h.next);
	EXPECT_EQ(1, h.reason[KVC_EVENT_UPDATED]);
	EXPECT_EQ(1, h.reason[KVC_EVENT_DELETED]);
	EXPECT_EQ(0, ev_replay(&self->other, KVC_TEST_NAME, 3, hear, &h, &next));
	EXPECT_EQ(3, h.next);
	EXPECT_EQ(0, h.gaps);
	EXPECT_EQ(-EINVAL, ev_replay(&self->other, KVC_TEST_NAME, 4, NULL, NULL,
				     NULL));
}

/* One that is larger than the log has a number, and is told of as lost. */
TEST_F(events, larger_than_the_log)
{
	static char key[KVC_KEY_MAX + 1];
	struct heard h = { .next = 1 };
	struct kvc_config config;
	struct kvcnl nl;
	__u64 since, next;
	int fd;

	kvc_config_init(&config, "small", KVC_TEST_LIMIT);
	config.events = 4096;
	ASSERT_EQ(0, kvc_create(&config));
	fd = kvc_open_bound(O_RDWR, "small");
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, kvcnl_open(&nl));
	ASSERT_EQ(0, ev_subscribe(&nl, "small", &since));
	memset(key, 'k', KVC_KEY_MAX);
	ASSERT_EQ(0, kvc_put(fd, key, "1"));
	ASSERT_EQ(0, kvc_put(fd, key, "2"));
	ASSERT_EQ(0, ev_wait(&nl, hear, &h));
	EXPECT_EQ(1, h.lost);
	EXPECT_EQ(2, h.next);
	memset(&h, 0, sizeof(h));
	h.next = 1;
	EXPECT_EQ(0, ev_replay(&self->other, "small", 1, hear, &h, &next));
	EXPECT_EQ(2, next);
	EXPECT_EQ(1, h.lost);
	/* The longest that the log takes. */
	key[4072] = '\0';
	ASSERT_EQ(0, kvc_put(fd, key, "1"));
	ASSERT_EQ(0, kvc_put(fd, key, "2"));
	ASSERT_EQ(0, hear_of(&nl, &h, KVC_EVENT_UPDATED, 1));
	EXPECT_EQ(3, h.next);
	EXPECT_EQ(0, h.gaps);
	kvcnl_close(&nl);
	close(fd);
}

TEST_F(events, slow_subscriber)
{
	struct heard h = { .next = 1 };
	struct kvc_stats stats;
	char key[KVC_TEST_KEY];
	struct kvcnl again;
	unsigned int i;
	__u64 next;
	int ret = 0;

	ASSERT_EQ(0, kvcnl_rcvbuf(&self->nl, 1));
	ASSERT_EQ(0, kvcnl_rcvbuf(&self->other, 16 << 20));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	/* Others are not kept waiting, nor do they miss anything. */
	ASSERT_EQ(0, ev_subscribe(&self->other, KVC_TEST_NAME, &next));
	for (i = 0; i < 20000; i++) {
		ASSERT_EQ(0, kvc_put(self->fd, kvc_key(key, i % 100), "x"));
		if (i % 1000 == 999)
			ASSERT_EQ(0, ev_wait(&self->other, NULL, NULL));
	}
	while (!ret)
		ret = ev_wait(&self->nl, hear, &self->heard);
	EXPECT_EQ(-ENOBUFS, ret);
	EXPECT_EQ(0, self->heard.gaps);
	ASSERT_EQ(0, kvc_stats(self->fd, &stats));
	/*
	 * The log has the rest, or says how much it has no more.  The old socket
	 * may be overrun again by what is still being sent.
	 */
	h.next = self->heard.next;
	ASSERT_EQ(0, kvcnl_open(&again));
	EXPECT_EQ(0, ev_replay(&again, KVC_TEST_NAME, h.next, hear, &h,
			       &next));
	kvcnl_close(&again);
	EXPECT_EQ(stats.events + 1, next);
	EXPECT_EQ(next, h.next);
	EXPECT_EQ(0, h.gaps);
}

static int subscribe_and_die(int fd)
{
	struct kvcnl nl;
	__u64 since;

	if (kvcnl_open(&nl) || ev_subscribe(&nl, KVC_TEST_NAME, &since))
		return 1;
	return kvc_put(fd, "a", "x") ? 2 : 0;
}

TEST_F(events, subscriber_that_dies)
{
	struct kvcnl nl[256];
	unsigned int i, round;
	__u64 since;
	int pid;

	for (i = 0; i < 50; i++) {
		pid = fork();
		if (!pid)
			_exit(subscribe_and_die(self->fd));
		ASSERT_EQ(0, kvc_wait(pid));
	}
	ASSERT_EQ(0, hear_of(&self->nl, &self->heard, KVC_EVENT_UPDATED, 49));
	EXPECT_EQ(0, self->heard.gaps);
	/* None of the dead takes the place of one who lives. */
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 255; i++) {
			ASSERT_EQ(0, kvcnl_open(&nl[i]));
			ASSERT_EQ(0, ev_subscribe(&nl[i], KVC_TEST_NAME,
						  &since));
		}
		EXPECT_EQ(-ENOSPC, ev_subscribe(&self->other, KVC_TEST_NAME,
						&since));
		for (i = 0; i < 255; i++)
			kvcnl_close(&nl[i]);
	}
}

TEST_HARNESS_MAIN
