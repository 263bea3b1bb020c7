// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: what is told of, to whom, in order, and what becomes of those who
 * do not listen fast enough
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "control.h"
#include "evread.h"
#include "harness.h"

/* What a listener has heard. */
struct heard {
	unsigned int reason[KVC_EVENT_FENCED + 1];
	unsigned int keyless;
	unsigned int gaps;
	__u64 next;		/* expected, 0: any */
	__u64 lost;
	__u64 version;
	char key[64];
};

static void hear(void *arg, const struct event *ev)
{
	struct heard *h = arg;

	if (ev->lost) {
		h->gaps += h->next && ev->seq != h->next + ev->lost;
		h->lost += ev->lost;
		h->next = ev->seq;
		return;
	}
	h->gaps += h->next && ev->seq != h->next;
	h->next = ev->seq + 1;
	h->reason[ev->reason <= KVC_EVENT_FENCED ? ev->reason : 0]++;
	h->keyless += !ev->key_len;
	h->version = ev->version;
	snprintf(h->key, sizeof(h->key), "%.*s", (int)ev->key_len,
		 (const char *)ev->key);
}

FIXTURE(events) {
	struct kvc_config config;
	struct heard heard;
	struct kvcnl nl;	/* subscribed */
	struct kvcnl other;
	__u64 since;
	int fd;
};

FIXTURE_SETUP(events)
{
	kvc_config_init(&self->config, KVC_TEST_NAME, KVC_TEST_LIMIT);
	self->fd = kvc_setup(&self->config);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, kvcnl_open(&self->nl));
	ASSERT_EQ(0, kvcnl_open(&self->other));
	ASSERT_EQ(0, ev_subscribe(&self->nl, KVC_TEST_NAME, &self->since));
	EXPECT_EQ(1, self->since);
	self->heard.next = self->since;
}

FIXTURE_TEARDOWN(events)
{
	kvcnl_close(&self->nl);
	kvcnl_close(&self->other);
	close(self->fd);
}

/* Listens until so many events of a reason were heard. */
static int hear_of(struct kvcnl *nl, struct heard *h, int reason,
		   unsigned int count)
{
	int ret = 0;

	while (!ret && h->reason[reason] < count)
		ret = ev_wait(nl, hear, h);
	return ret;
}

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

/* Someone who writes until told not to. */
struct writer {
	pthread_t thread;
	atomic_bool stop;
	unsigned int first;	/* of its keys */
	unsigned int count;	/* operations; 0: until told */
	unsigned int wrong;
	int fd;
};

/* Its own keys, so that it knows what it did with each. */
#define WRITER_KEYS	500u

static void *write_on(void *arg)
{
	struct writer *w = arg;
	char key[KVC_TEST_KEY];
	unsigned int i;
	int ret;

	for (i = 0; w->count ? i < w->count : !atomic_load(&w->stop); i++) {
		kvc_key(key, w->first + i % WRITER_KEYS);
		ret = i % 7 == 3 ? kvc_del(w->fd, key) : kvc_put(w->fd, key, "v");
		w->wrong += ret && ret != -ENOENT;
	}
	return NULL;
}

TEST_F(events, replay_while_writers_go_on)
{
	struct writer w[2] = { { .fd = self->fd },
			       { .fd = self->fd, .first = 1000 } };
	unsigned int i;
	__u64 next;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&w[i].thread, NULL, write_on,
					    &w[i]));
	for (i = 0; i < 50; i++) {
		struct heard h = { .next = 1 };

		/* It ends, and where it said that it would. */
		ASSERT_EQ(0, ev_replay(&self->other, KVC_TEST_NAME, 1, hear, &h,
				       &next));
		ASSERT_EQ(0, h.gaps);
		ASSERT_LE(next, h.next);
	}
	for (i = 0; i < 2; i++) {
		atomic_store(&w[i].stop, true);
		ASSERT_EQ(0, pthread_join(w[i].thread, NULL));
		EXPECT_EQ(0, w[i].wrong);
	}
}

/* A reader that keeps what it knows of each key. */
struct model {
	struct kvcnl *replay;
	struct {
		__u64 version;
		bool deleted;
	} key[2 * WRITER_KEYS];
	__u64 next;		/* the first event not yet known */
	__u64 stream;		/* the last number of the stream */
	__u64 events;
	__u64 lost;
	__u64 wrong;
	unsigned int replays;
};

static unsigned int index_of(const struct event *ev)
{
	unsigned int n = strtoul((const char *)ev->key + 1, NULL, 10);

	return n >= 1000 ? n - 1000 + WRITER_KEYS : n;
}

static void take(struct model *m, const struct event *ev)
{
	char key[KVC_TEST_KEY] = "";
	struct event copy = *ev;
	unsigned int i;

	if (ev->lost) {
		m->wrong += ev->seq != m->next + ev->lost;
		m->lost += ev->lost;
		m->next = ev->seq;
		return;
	}
	m->wrong += ev->seq != m->next || ev->key_len != 8;
	m->next = ev->seq + 1;
	m->events++;
	memcpy(key, ev->key, ev->key_len < 8 ? ev->key_len : 8);
	copy.key = key;
	i = index_of(&copy);
	if (i >= ARRAY_SIZE(m->key) || ev->version < m->key[i].version) {
		m->wrong++;
		return;
	}
	m->key[i].version = ev->version;
	m->key[i].deleted = ev->reason == KVC_EVENT_DELETED;
}

static void take_replayed(void *arg, const struct event *ev)
{
	take(arg, ev);
}

static void catch_up(struct model *m)
{
	__u64 next;

	m->replays++;
	m->wrong += !!ev_replay(m->replay, KVC_TEST_NAME, m->next,
				take_replayed, m, &next);
}

static void take_streamed(void *arg, const struct event *ev)
{
	__u64 first = ev->lost ? ev->seq - ev->lost : ev->seq;
	struct event rest = *ev;
	struct model *m = arg;

	/* The stream itself goes forward only. */
	m->wrong += first <= m->stream;
	m->stream = ev->lost ? ev->seq - 1 : ev->seq;
	if (first > m->next)
		catch_up(m);
	/* Some of what the stream has lost may be known by a replay. */
	if (ev->lost)
		rest.lost = ev->seq - m->next;
	if (m->stream >= m->next)
		take(m, &rest);
}

/* A debug kernel takes many times as long. */
static unsigned int model_count(void)
{
	return access("/sys/kernel/debug/kmemleak", F_OK) ? 500000 : 40000;
}

TEST_F_TIMEOUT(events, model, 900)
{
	struct writer w[2] = { { .fd = self->fd },
			       { .fd = self->fd, .first = 1000 } };
	struct model *m = calloc(1, sizeof(*m));
	struct kvc_stats stats;
	unsigned int i, turn = 0;
	struct kvcnl slow;
	__u64 since;
	int ret;

	ASSERT_NE(NULL, m);
	m->next = 1;
	m->replay = &self->other;
	ASSERT_EQ(0, kvcnl_open(&slow));
	ASSERT_EQ(0, kvcnl_rcvbuf(&slow, 1));
	ASSERT_EQ(0, ev_subscribe(&slow, KVC_TEST_NAME, &since));
	for (i = 0; i < 2; i++) {
		w[i].count = model_count();
		ASSERT_EQ(0, pthread_create(&w[i].thread, NULL, write_on,
					    &w[i]));
	}
	/* Two in three operations or more make an event. */
	while (m->next <= model_count()) {
		ret = ev_wait(&self->nl, take_streamed, m);
		if (ret == -ENOBUFS)
			catch_up(m);
		else
			ASSERT_EQ(0, ret);
		ASSERT_EQ(0, m->wrong);
		/* The slow one reads now and then. */
		if (++turn % 1000 == 0)
			ret = ev_wait(&slow, NULL, NULL);
		ASSERT_TRUE(!ret || ret == -ENOBUFS);
	}
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_join(w[i].thread, NULL));
		EXPECT_EQ(0, w[i].wrong);
	}
	ASSERT_EQ(0, kvc_stats(self->fd, &stats));
	while (m->next <= stats.events) {
		ret = ev_wait(&self->nl, take_streamed, m);
		if (ret == -ENOBUFS || !ev_pending(&self->nl))
			catch_up(m);
	}
	EXPECT_EQ(0, m->wrong);
	EXPECT_EQ(stats.events, m->events + m->lost);
	TH_LOG("%llu events, %llu lost, %u replays", stats.events, m->lost,
	       m->replays);
	/* What is known of a key is what is so: its last event was heard. */
	for (i = 0; i < ARRAY_SIZE(m->key) && !m->lost; i++) {
		char key[KVC_TEST_KEY], value[8];
		struct kvc_op op;

		kvc_key(key, i < WRITER_KEYS ? i : i - WRITER_KEYS + 1000);
		kvc_op_value(&op, value, sizeof(value));
		ret = kvc_get(self->fd, key, &op);
		/* A key that is there again had no event for that. */
		if (!ret && !m->key[i].deleted)
			EXPECT_EQ(op.version, m->key[i].version);
		if (ret)
			EXPECT_TRUE(m->key[i].deleted);
	}
	kvcnl_close(&slow);
	free(m);
}

TEST_HARNESS_MAIN
