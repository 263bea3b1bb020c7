// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events as a subscriber gets them
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <string.h>

#include "evread.h"

static void read_since(void *arg, const struct nlmsghdr *nlh)
{
	const struct nlattr *since = kvcnl_attr(nlh, KVC_A_SINCE);

	if (since)
		*(__u64 *)arg = kvcnl_u64(since);
}

int ev_subscribe(struct kvcnl *nl, const char *cache, __u64 *since)
{
	struct kvcnl_msg m;

	*since = 0;
	kvcnl_begin(&m, nl, KVC_CMD_SUBSCRIBE);
	kvcnl_put_name(&m, KVC_A_CACHE, KVC_A_CACHE_NAME, cache);
	return kvcnl_call(nl, &m, read_since, since);
}

unsigned int ev_read(const struct nlmsghdr *nlh, event_t each, void *arg)
{
	const struct nlattr *a = NULL, *key;
	unsigned int count = 0;
	struct event ev;

	while ((a = kvcnl_next(nlh, a, KVC_A_EVENT))) {
		key = kvcnl_in(a, KVC_A_EVENT_KEY);
		ev.seq = kvcnl_u64(kvcnl_in(a, KVC_A_EVENT_SEQ));
		ev.version = kvcnl_u64(kvcnl_in(a, KVC_A_EVENT_VERSION));
		ev.lost = kvcnl_u64(kvcnl_in(a, KVC_A_EVENT_LOST));
		ev.reason = kvcnl_u32(kvcnl_in(a, KVC_A_EVENT_REASON));
		ev.key_len = key ? kvcnl_len(key) : 0;
		ev.key = key ? kvcnl_data(key) : "";
		if (each)
			each(arg, &ev);
		count++;
	}
	return count;
}

struct replay {
	event_t each;
	void *arg;
	__u64 next;
};

static void replay_message(void *arg, const struct nlmsghdr *nlh)
{
	struct replay *r = arg;

	read_since(&r->next, nlh);
	ev_read(nlh, r->each, r->arg);
}

int ev_replay(struct kvcnl *nl, const char *cache, __u64 since, event_t each,
	      void *arg, __u64 *next)
{
	struct replay r = { each, arg, 0 };
	struct kvcnl_msg m;
	int ret;

	kvcnl_dump(&m, nl, KVC_CMD_EVENT_GET);
	kvcnl_put_name(&m, KVC_A_CACHE, KVC_A_CACHE_NAME, cache);
	kvcnl_put_u64(&m, KVC_A_SINCE, since);
	ret = kvcnl_call(nl, &m, replay_message, &r);
	if (next)
		*next = r.next;
	return ret;
}

static bool ready(struct kvcnl *nl, int ms)
{
	struct pollfd p = { .fd = nl->fd, .events = POLLIN };

	return nl->at < nl->got || poll(&p, 1, ms) > 0;
}

bool ev_pending(struct kvcnl *nl)
{
	return ready(nl, 0);
}

int ev_wait(struct kvcnl *nl, event_t each, void *arg)
{
	const struct nlmsghdr *nlh;
	int err;

	do {
		if (!ready(nl, 90000))
			return -ETIMEDOUT;
		nlh = kvcnl_recv(nl, MSG_DONTWAIT, &err);
		if (!nlh)
			return err;
	} while (nlh->nlmsg_type != nl->family ||
		 kvcnl_cmd(nlh) != KVC_CMD_EVENT_NTF);
	ev_read(nlh, each, arg);
	return 0;
}
