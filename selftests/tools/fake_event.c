// SPDX-License-Identifier: GPL-2.0-only
/* The event logs of the fake's caches. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <kvcache.h>

#include "fake.h"
#include "fake_nl.h"
#include "fake_pairs.h"

#define EVENTS	256

static struct logged {
	char cache[KVC_NAME_MAX];
	uint64_t seq;
	uint32_t reason;
	char key[32];
} events[EVENTS];
static unsigned int count;

void fake_events_reset(void)
{
	count = 0;
}

static void put_name(struct nlmsghdr *nlh, const char *cache)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, KVC_A_CACHE);

	mnl_attr_put_strz(nlh, KVC_A_CACHE_NAME, cache);
	mnl_attr_nest_end(nlh, nest);
}

static void put_event(struct nlmsghdr *nlh, const struct logged *event)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, KVC_A_EVENT);

	mnl_attr_put_u64(nlh, KVC_A_EVENT_SEQ, event->seq);
	mnl_attr_put_u32(nlh, KVC_A_EVENT_REASON, event->reason);
	mnl_attr_put_u64(nlh, KVC_A_EVENT_VERSION, 100 + event->seq);
	if (event->key[0])
		mnl_attr_put(nlh, KVC_A_EVENT_KEY, strlen(event->key),
			     event->key);
	mnl_attr_nest_end(nlh, nest);
}

static void put_lost(struct nlmsghdr *nlh, uint64_t seq, uint64_t lost)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, KVC_A_EVENT);

	mnl_attr_put_u64(nlh, KVC_A_EVENT_SEQ, seq);
	mnl_attr_put_u64(nlh, KVC_A_EVENT_LOST, lost);
	mnl_attr_nest_end(nlh, nest);
}

void fake_event(const char *name, uint32_t reason, const char *key)
{
	struct cache *cache = fake_cache(name);
	struct logged *event = &events[count++];
	char bytes[1024];
	struct nlmsghdr *nlh;
	struct genlmsghdr *genl;

	if (count > EVENTS || !cache)
		abort();
	*event = (struct logged){ .seq = ++cache->events, .reason = reason };
	strcpy(event->cache, name);
	strcpy(event->key, key);
	nlh = mnl_nlmsg_put_header(bytes);
	nlh->nlmsg_type = FAKE_FAMILY;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = KVC_CMD_EVENT_NTF;
	put_name(nlh, name);
	put_event(nlh, event);
	fake_deliver(name, nlh);
}

/* The events of a cache that are to go leave a gap in the array. */
static void forget(const char *cache, uint64_t below)
{
	unsigned int from, to = 0;

	for (from = 0; from < count; from++) {
		if (strcmp(events[from].cache, cache) ||
		    events[from].seq >= below)
			events[to++] = events[from];
	}
	count = to;
}

void fake_log_trim(const char *cache, uint32_t keep)
{
	forget(cache, fake_cache(cache)->events + 1 - keep);
}

void fake_log_renew(const char *cache)
{
	forget(cache, UINT64_MAX);
	fake_cache(cache)->events = 0;
}

/* Two to a message, so that there are several of both. */
static int replay(struct request *req, const struct cache *cache)
{
	uint64_t seq = mnl_attr_get_u64(req->attr[KVC_A_SINCE]);
	struct nlmsghdr *nlh = NULL;
	unsigned int i, in = 0;

	if (seq > cache->events + 1)
		return -EINVAL;
	for (i = 0; i < count; i++) {
		if (strcmp(events[i].cache, cache->config.name) ||
		    events[i].seq < seq)
			continue;
		if (!nlh) {
			nlh = fake_begin(req);
			put_name(nlh, cache->config.name);
		}
		if (events[i].seq > seq)
			put_lost(nlh, events[i].seq, events[i].seq - seq);
		put_event(nlh, &events[i]);
		seq = events[i].seq + 1;
		if (++in % 2 == 0) {
			fake_send(req, nlh);
			nlh = NULL;
		}
	}
	if (nlh)
		fake_send(req, nlh);
	fake_calls.replay++;
	return 0;
}

static int subscribe(struct request *req, const struct cache *cache)
{
	struct nlmsghdr *nlh = fake_begin(req);

	mnl_attr_put_u64(nlh, KVC_A_SINCE, cache->events + 1);
	fake_send(req, nlh);
	fake_subscribe(req->sock, cache->config.name);
	return 0;
}

int fake_event_request(struct request *req)
{
	struct cache *cache = fake_cache(fake_text(req->attr[KVC_A_CACHE],
						   KVC_A_CACHE_NAME));

	if (!cache)
		return -ENOENT;
	if (cache->config.flags & KVC_CACHE_F_NOEVENTS)
		return -EOPNOTSUPP;
	if (req->cmd == KVC_CMD_EVENT_GET && req->dump &&
	    req->attr[KVC_A_SINCE])
		return replay(req, cache);
	if (req->cmd == KVC_CMD_SUBSCRIBE)
		return subscribe(req, cache);
	return -EOPNOTSUPP;
}
