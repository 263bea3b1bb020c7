/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A cache, and a socket that is subscribed to its events
 */
#ifndef EVENTFIXTURE_H
#define EVENTFIXTURE_H

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

static inline void hear(void *arg, const struct event *ev)
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
static inline int hear_of(struct kvcnl *nl, struct heard *h, int reason,
			  unsigned int count)
{
	int ret = 0;

	while (!ret && h->reason[reason] < count)
		ret = ev_wait(nl, hear, h);
	return ret;
}

#endif
