// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The events of a subscription, in order and each once
 *
 * Messages that come by themselves are given as long as none is missing.  When
 * one is, the rest of the message is dropped and all of it read from the
 * kernel's log, from the event on that is wanted next; what comes twice by that
 * is known by its number.  What the log has no more either is an overrun.
 */
#include <errno.h>
#include <string.h>

#include "sub.h"

static void parse(struct kvc_event *event, const struct nlattr *nest)
{
	const struct nlattr *attr;

	memset(event, 0, sizeof(*event));
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case KVC_A_EVENT_SEQ:
			event->seq = kvc_attr_u64(attr);
			break;
		case KVC_A_EVENT_REASON:
			if (mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
				event->reason = mnl_attr_get_u32(attr);
			break;
		case KVC_A_EVENT_KEY:
			event->key = kvc_attr_bytes(attr, &event->key_len);
			break;
		case KVC_A_EVENT_VERSION:
			event->version = kvc_attr_u64(attr);
			break;
		case KVC_A_EVENT_LOST:
			event->lost = kvc_attr_u64(attr);
			break;
		}
	}
}

static int tell(struct kvc_event *event, const struct kvc_place *place,
		uint32_t kind)
{
	memcpy(event->cache, place->name, sizeof(event->cache));
	event->kind = kind;
	return 1;
}

/* Goes on at @next, what is before it being lost. */
static int tell_overrun(struct kvc_event *event, struct kvc_place *place,
			uint64_t next)
{
	memset(event, 0, sizeof(*event));
	event->seq = next;
	event->lost = next - place->next;
	place->next = next;
	return tell(event, place, KVC_SUB_OVERRUN);
}

static int tell_renewed(struct kvc_event *event, struct kvc_place *place)
{
	memset(event, 0, sizeof(*event));
	place->next = 1;
	place->live = 0;
	place->want = 0;
	return tell(event, place, KVC_SUB_RENEWED);
}

static void next_attr(struct kvc_sub *sub)
{
	sub->attr = mnl_attr_next(sub->attr);
}

/* An event of the log: what is missing before it is lost. */
static int take_logged(struct kvc_sub *sub, struct kvc_event *event)
{
	struct kvc_place *place = &sub->place[sub->at];

	if (event->seq > place->next)
		return tell_overrun(event, place, event->seq);
	next_attr(sub);
	if (event->seq < place->next || event->lost)
		return 0;
	place->next++;
	return tell(event, place, KVC_SUB_EVENT);
}

/* An event that came by itself: what is missing before it is in the log. */
static int take_live(struct kvc_sub *sub, struct kvc_event *event)
{
	struct kvc_place *place = &sub->place[sub->at];

	/* Numbers of one cache only grow: this is another one. */
	if (!event->lost && event->seq <= place->live)
		return tell_renewed(event, place);
	if (event->seq > place->next) {
		place->behind = true;
		place->want = event->lost ? event->seq - 1 : event->seq;
		sub->open = NULL;
		return 0;
	}
	next_attr(sub);
	if (event->lost)
		return 0;
	place->live = event->seq;
	if (event->seq < place->next)
		return 0;
	place->next++;
	return tell(event, place, KVC_SUB_EVENT);
}

/* The rest of the message: 1: an event; 0: there is none. */
static int read_message(struct kvc_sub *sub, struct kvc_event *event)
{
	int ret = 0;

	while (!ret && sub->open) {
		if (!mnl_attr_ok(sub->attr, (const char *)
				 mnl_nlmsg_get_payload_tail(sub->open) -
				 (const char *)sub->attr)) {
			sub->open = NULL;
			break;
		}
		if (mnl_attr_get_type(sub->attr) != KVC_A_EVENT) {
			next_attr(sub);
			continue;
		}
		parse(event, sub->attr);
		ret = sub->from == sub->live ? take_live(sub, event) :
					       take_logged(sub, event);
	}
	return ret;
}

static const char *cache_of(const struct nlmsghdr *nlh)
{
	const struct nlattr *nest = kvc_ctl_attr(nlh, KVC_A_CACHE), *attr;

	if (!nest)
		return NULL;
	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == KVC_A_CACHE_NAME &&
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			return mnl_attr_get_str(attr);
	}
	return NULL;
}

static void open_message(struct kvc_sub *sub, const struct nlmsghdr *nlh)
{
	sub->open = nlh;
	sub->attr = mnl_nlmsg_get_payload_offset(nlh,
						 sizeof(struct genlmsghdr));
}

static int open_live(struct kvc_sub *sub, const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const char *name;

	if (nlh->nlmsg_type != sub->live->family ||
	    genl->cmd != KVC_CMD_EVENT_NTF)
		return 0;
	name = cache_of(nlh);
	if (!name)
		return -EBADMSG;
	if (sub->one && strcmp(name, sub->place->name))
		return 0;
	sub->at = kvc_sub_place(sub, name);
	if (sub->at == KVC_NO_PLACE)
		return -ENOMEM;
	open_message(sub, nlh);
	return 0;
}

/* The log has been read: 1: it did not have what must have been. */
static int end_replay(struct kvc_sub *sub, struct kvc_event *event)
{
	struct kvc_place *place = &sub->place[sub->replay];
	uint64_t want = place->want;

	sub->replay = KVC_NO_PLACE;
	place->behind = false;
	place->want = 0;
	return want >= place->next ? tell_overrun(event, place, want + 1) : 0;
}

/* The cache is not what it was: gone, or another of the same name. */
static int fail_replay(struct kvc_sub *sub, struct kvc_event *event, int err)
{
	struct kvc_place *place = &sub->place[sub->replay];
	size_t at = sub->replay;

	sub->replay = KVC_NO_PLACE;
	if (err == -EINVAL && place->next > 1)
		return tell_renewed(event, place);
	if (sub->one)
		return err == -ENOENT ? -ESHUTDOWN : err;
	if (err != -ENOENT && err != -EOPNOTSUPP && err != -ESHUTDOWN)
		return err;
	kvc_sub_forget(sub, at);
	return 0;
}

static int open_logged(struct kvc_sub *sub, const struct nlmsghdr *nlh,
		       struct kvc_event *event)
{
	int ret;

	if (nlh->nlmsg_seq != sub->log->seq)
		return 0;
	ret = kvc_ctl_look(sub->log, nlh);
	if (!ret)
		return end_replay(sub, event);
	if (ret < 0)
		return fail_replay(sub, event, ret);
	if (nlh->nlmsg_type == sub->log->family) {
		sub->at = sub->replay;
		open_message(sub, nlh);
	}
	return 0;
}

/* The next message of the datagram: as read_message(). */
static int next_message(struct kvc_sub *sub, struct kvc_event *event)
{
	const struct nlmsghdr *nlh = sub->nlh;

	sub->nlh = mnl_nlmsg_next(nlh, &sub->left);
	return sub->from == sub->live ? open_live(sub, nlh) :
					open_logged(sub, nlh, event);
}

static int begin_replay(struct kvc_sub *sub, size_t at)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(sub->log, KVC_CMD_EVENT_GET);
	int ret = kvc_put_cache(nlh, sub->place[at].name);

	if (ret)
		return ret;
	mnl_attr_put_u64(nlh, KVC_A_SINCE, sub->place[at].next);
	ret = kvc_ctl_send(sub->log, nlh, NLM_F_DUMP);
	if (!ret)
		sub->replay = at;
	return ret;
}

static int receive(struct kvc_sub *sub, struct kvc_ctl *from)
{
	int ret = kvc_ctl_receive(from);

	if (ret <= 0)
		return ret;
	sub->from = from;
	sub->nlh = &from->reply.header;
	sub->left = ret;
	return ret;
}

static size_t find_behind(const struct kvc_sub *sub)
{
	size_t i;

	for (i = 0; i < sub->places; i++) {
		if (sub->place[i].behind)
			return i;
	}
	return KVC_NO_PLACE;
}

/* The socket said something else than that there is a message. */
static int look_behind(struct kvc_sub *sub, int err)
{
	int ret;

	if (err == -ENOBUFS) {
		sub->overrun = true;
		return 1;
	}
	if (err != -EAGAIN)
		return err;
	if (!sub->overrun)
		return 0;
	sub->overrun = false;
	ret = kvc_sub_all_behind(sub);
	return ret ? ret : 1;
}

/* More to read: 1: there is; 0: not now. */
static int more(struct kvc_sub *sub)
{
	size_t behind = find_behind(sub);
	int ret;

	if (sub->replay != KVC_NO_PLACE) {
		ret = receive(sub, sub->log);
		return ret ? ret : -EBADMSG;
	}
	if (behind != KVC_NO_PLACE) {
		ret = begin_replay(sub, behind);
		return ret ? ret : 1;
	}
	if (!sub->live)
		return 0;
	ret = receive(sub, sub->live);
	return ret > 0 ? ret : look_behind(sub, ret);
}

KVC_API int kvc_sub_next(struct kvc_sub *sub, struct kvc_event *event)
{
	int ret;

	do {
		ret = read_message(sub, event);
		if (ret)
			return ret;
		if (sub->from && mnl_nlmsg_ok(sub->nlh, sub->left))
			ret = next_message(sub, event);
		if (ret)
			return ret;
		if (sub->open ||
		    (sub->from && mnl_nlmsg_ok(sub->nlh, sub->left)))
			ret = 1;
		else
			ret = more(sub);
	} while (ret > 0);
	return ret;
}
