// SPDX-License-Identifier: LGPL-2.1-or-later
/* The control socket: requests and their answers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/genetlink.h>

#include "ctl.h"

/* How often a dump is made again before it is given up. */
#define DUMPS_MOST	100

static int set_options(struct mnl_socket *nl)
{
	static const int options[] = {
		NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK,
	};
	int one = 1;
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (mnl_socket_setsockopt(nl, options[i], &one, sizeof(one)))
			return -errno;
	}
	return 0;
}

static int open_socket(struct kvc_ctl *ctl)
{
	int ret;

	ctl->nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!ctl->nl)
		return -errno;
	ret = set_options(ctl->nl);
	if (!ret && mnl_socket_bind(ctl->nl, 0, MNL_SOCKET_AUTOPID))
		ret = -errno;
	if (ret)
		mnl_socket_close(ctl->nl);
	return ret;
}

int kvc_ctl_socket(struct kvc_ctl **out)
{
	int saved = errno, ret;
	struct kvc_ctl *ctl;

	ctl = calloc(1, sizeof(*ctl));
	if (!ctl) {
		errno = saved;
		return -ENOMEM;
	}
	ctl->family = GENL_ID_CTRL;
	ret = open_socket(ctl);
	if (ret)
		free(ctl);
	else
		*out = ctl;
	errno = saved;
	return ret;
}

KVC_API void kvc_ctl_close(struct kvc_ctl *ctl)
{
	int saved = errno;

	if (!ctl)
		return;
	mnl_socket_close(ctl->nl);
	free(ctl);
	errno = saved;
}

KVC_API const char *kvc_ctl_error(const struct kvc_ctl *ctl)
{
	return ctl->error;
}

struct nlmsghdr *kvc_ctl_begin(struct kvc_ctl *ctl, uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(ctl->request.bytes);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = ctl->family;
	nlh->nlmsg_seq = ++ctl->seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = KVC_GENL_VERSION;
	return nlh;
}

int kvc_ctl_send(struct kvc_ctl *ctl, struct nlmsghdr *nlh, uint16_t flags)
{
	int saved = errno, ret = 0;

	ctl->error[0] = '\0';
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	if (mnl_socket_sendto(ctl->nl, nlh, nlh->nlmsg_len) < 0)
		ret = -errno;
	errno = saved;
	return ret;
}

int kvc_ctl_receive(struct kvc_ctl *ctl)
{
	int saved = errno;
	ssize_t ret;

	do {
		ret = mnl_socket_recvfrom(ctl->nl, ctl->reply.bytes,
					  sizeof(ctl->reply.bytes));
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		ret = -errno;
	errno = saved;
	return ret;
}

/* A dump ends with NLMSG_DONE, whose number is an errno as an error's is. */
static int end_of(struct kvc_ctl *ctl, const struct nlmsghdr *nlh)
{
	int err;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(err))
		return nlh->nlmsg_type == NLMSG_DONE ? 0 : -EBADMSG;
	memcpy(&err, mnl_nlmsg_get_payload(nlh), sizeof(err));
	if (err < 0)
		kvc_extack_note(ctl, nlh);
	return err < 0 ? err : 0;
}

int kvc_ctl_look(struct kvc_ctl *ctl, const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR)
		return end_of(ctl, nlh);
	return 1;
}

/* The messages that were received at once: 1: there are more to come. */
static int take(struct kvc_ctl *ctl, int len, kvc_reply_fn fn, void *arg)
{
	const struct nlmsghdr *nlh = &ctl->reply.header;
	int ret = 1;

	for (; ret > 0 && mnl_nlmsg_ok(nlh, len);
	     nlh = mnl_nlmsg_next(nlh, &len)) {
		/* Of a call that was given up, or none: no answer of this one. */
		if (nlh->nlmsg_seq != ctl->seq)
			continue;
		ret = kvc_ctl_look(ctl, nlh);
		if (ret <= 0 || nlh->nlmsg_type != ctl->family || !fn)
			continue;
		ret = fn(nlh, arg);
		if (!ret)
			ret = 1;
	}
	return ret;
}

static int talk(struct kvc_ctl *ctl, struct nlmsghdr *nlh, uint16_t flags,
		kvc_reply_fn fn, void *arg)
{
	int ret = kvc_ctl_send(ctl, nlh, flags);

	if (ret)
		return ret;
	do {
		ret = kvc_ctl_receive(ctl);
		if (ret > 0)
			ret = take(ctl, ret, fn, arg);
		else if (!ret)
			ret = -EBADMSG;
	} while (ret > 0);
	return ret;
}

int kvc_ctl_do(struct kvc_ctl *ctl, struct nlmsghdr *nlh, kvc_reply_fn fn,
	       void *arg)
{
	return talk(ctl, nlh, NLM_F_ACK, fn, arg);
}

/* Answers that were kept, one after the other. */
struct answers {
	char *bytes;
	size_t len;
	size_t room;
	int changed;
};

static int keep(const struct nlmsghdr *nlh, void *arg)
{
	struct answers *answers = arg;
	size_t len = NLMSG_ALIGN(nlh->nlmsg_len);
	size_t room = answers->room ? answers->room : 16384;
	char *bytes;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		answers->changed = 1;
	while (room - answers->len < len)
		room *= 2;
	if (room != answers->room) {
		bytes = realloc(answers->bytes, room);
		if (!bytes)
			return -ENOMEM;
		answers->bytes = bytes;
		answers->room = room;
	}
	/* What stands behind the last one of a datagram is no part of it. */
	memcpy(answers->bytes + answers->len, nlh, nlh->nlmsg_len);
	memset(answers->bytes + answers->len + nlh->nlmsg_len, 0,
	       len - nlh->nlmsg_len);
	answers->len += len;
	return 0;
}

static int hand_over(const struct answers *answers, kvc_reply_fn fn, void *arg)
{
	const struct nlmsghdr *nlh;
	size_t at;
	int ret = 0;

	for (at = 0; !ret && at < answers->len;
	     at += NLMSG_ALIGN(nlh->nlmsg_len)) {
		nlh = (const struct nlmsghdr *)(answers->bytes + at);
		ret = fn(nlh, arg);
	}
	return ret;
}

int kvc_ctl_dump(struct kvc_ctl *ctl, struct nlmsghdr *nlh, kvc_reply_fn fn,
		 void *arg)
{
	struct answers answers = { 0 };
	int ret, left = DUMPS_MOST;

	do {
		answers.len = 0;
		answers.changed = 0;
		nlh->nlmsg_seq = ++ctl->seq;
		ret = talk(ctl, nlh, NLM_F_DUMP, keep, &answers);
	} while (!ret && answers.changed && --left);
	if (!ret && answers.changed)
		ret = -EINTR;
	if (!ret)
		ret = hand_over(&answers, fn, arg);
	free(answers.bytes);
	return ret;
}

const struct nlattr *kvc_ctl_attr(const struct nlmsghdr *nlh, uint16_t type)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == type)
			return attr;
	}
	return NULL;
}
