// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each event once and in order, or told of as lost, beside those who write
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "eventfixture.h"

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

TEST_F_TIMEOUT(events, model, 900)
{
	const unsigned int count = kvc_effort(500000);
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
		w[i].count = count;
		ASSERT_EQ(0, pthread_create(&w[i].thread, NULL, write_on,
					    &w[i]));
	}
	/* Two in three operations or more make an event. */
	while (m->next <= count) {
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
