// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/kvcache_netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "nl.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

static __u32 nl_seq;
static __u16 nl_family_known;

static int set_options(int nl)
{
	static const int options[] = {
		NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK,
	};
	/* An answer that never comes is a failure, not the end of the run. */
	struct timeval wait = { .tv_sec = 120 };
	unsigned int i;
	int one = 1;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (setsockopt(nl, SOL_NETLINK, options[i], &one, sizeof(one)))
			return -errno;
	return setsockopt(nl, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) ?
	       -errno : 0;
}

int nl_open(void)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int nl, ret;

	nl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (nl < 0)
		return -errno;
	ret = set_options(nl);
	if (!ret && bind(nl, (struct sockaddr *)&any, sizeof(any)))
		ret = -errno;
	if (!ret && !nl_family(nl))
		ret = -ENODEV;
	if (!ret)
		return nl;
	close(nl);
	return ret;
}

void nl_begin(struct nl_msg *msg, __u16 type, __u16 flags, __u8 cmd)
{
	struct genlmsghdr genl = { .cmd = cmd, .version = 1 };

	memset(msg, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	msg->header.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	msg->header.nlmsg_type = type;
	msg->header.nlmsg_flags = NLM_F_REQUEST | flags;
	msg->header.nlmsg_seq = ++nl_seq;
	memcpy(msg->bytes + NLMSG_HDRLEN, &genl, sizeof(genl));
}

void nl_put(struct nl_msg *msg, __u16 type, const void *data, size_t len)
{
	struct nlattr attr = {
		.nla_len = NLA_HDRLEN + len, .nla_type = type,
	};
	char *to = msg->bytes + msg->header.nlmsg_len;

	memset(to, 0, NLA_ALIGN(attr.nla_len));
	memcpy(to, &attr, sizeof(attr));
	if (len)
		memcpy(to + NLA_HDRLEN, data, len);
	msg->header.nlmsg_len += NLA_ALIGN(attr.nla_len);
}

void nl_put_u32(struct nl_msg *msg, __u16 type, __u32 value)
{
	nl_put(msg, type, &value, sizeof(value));
}

void nl_put_u64(struct nl_msg *msg, __u16 type, __u64 value)
{
	nl_put(msg, type, &value, sizeof(value));
}

size_t nl_nest(struct nl_msg *msg, __u16 type)
{
	size_t nest = msg->header.nlmsg_len;

	nl_put(msg, type | NLA_F_NESTED, NULL, 0);
	return nest;
}

void nl_nest_end(struct nl_msg *msg, size_t nest)
{
	struct nlattr *attr = (struct nlattr *)(msg->bytes + nest);

	attr->nla_len = msg->header.nlmsg_len - nest;
}

int nl_send(int nl, struct nl_msg *msg)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	return sendto(nl, msg, msg->header.nlmsg_len, 0,
		      (struct sockaddr *)&kernel, sizeof(kernel)) < 0 ?
	       -errno : 0;
}

/* 1: more answers come; else the end, with the kernel's errno. */
static int take(struct nl_msg *in, ssize_t len, __u32 seq,
		void (*each)(void *arg, const struct nlmsghdr *answer),
		void *arg)
{
	const struct nlmsghdr *answer = &in->header;
	int err = 0;

	for (; NLMSG_OK(answer, len); answer = NLMSG_NEXT(answer, len)) {
		if (answer->nlmsg_seq != seq)
			continue;
		if (answer->nlmsg_type == NLMSG_ERROR ||
		    answer->nlmsg_type == NLMSG_DONE) {
			if (NLMSG_PAYLOAD(answer, 0) >= sizeof(err))
				memcpy(&err, NLMSG_DATA(answer), sizeof(err));
			return err;
		}
		if (each)
			each(arg, answer);
	}
	return 1;
}

int nl_talk(int nl, struct nl_msg *msg,
	    void (*each)(void *arg, const struct nlmsghdr *answer), void *arg)
{
	static struct nl_msg in;
	ssize_t len;
	int ret;

	if (!(msg->header.nlmsg_flags & NLM_F_DUMP))
		msg->header.nlmsg_flags |= NLM_F_ACK;
	ret = nl_send(nl, msg);
	if (ret)
		return ret;
	do {
		len = recv(nl, &in, sizeof(in), 0);
		if (len < 0 && errno == EINTR)
			ret = 1;
		else
			ret = len < 0 ? -errno :
			      take(&in, len, msg->header.nlmsg_seq, each, arg);
	} while (ret > 0);
	return ret;
}

const struct nlattr *nl_find(const void *attrs, size_t len, __u16 type)
{
	const struct nlattr *attr = attrs;
	size_t step;

	while (len >= NLA_HDRLEN && attr->nla_len >= NLA_HDRLEN &&
	       attr->nla_len <= len) {
		if ((attr->nla_type & NLA_TYPE_MASK) == type)
			return attr;
		step = NLA_ALIGN(attr->nla_len);
		if (step > len)
			break;
		len -= step;
		attr = (const void *)((const char *)attr + step);
	}
	return NULL;
}

const struct nlattr *nl_attr(const struct nlmsghdr *answer, __u16 type)
{
	return nl_find((const char *)NLMSG_DATA(answer) + GENL_HDRLEN,
		       answer->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, type);
}

const struct nlattr *nl_inner(const struct nlattr *nest, __u16 type)
{
	return nl_find(nl_data(nest), nl_len(nest), type);
}

__u64 nl_number(const struct nlattr *attr)
{
	__u64 large = 0;
	__u32 small = 0;

	if (attr && nl_len(attr) == sizeof(small)) {
		memcpy(&small, nl_data(attr), sizeof(small));
		return small;
	}
	if (attr && nl_len(attr) == sizeof(large))
		memcpy(&large, nl_data(attr), sizeof(large));
	return large;
}

static void take_family(void *arg, const struct nlmsghdr *answer)
{
	const struct nlattr *id = nl_attr(answer, CTRL_ATTR_FAMILY_ID);

	if (id && nl_len(id) == sizeof(__u16))
		memcpy(arg, nl_data(id), sizeof(__u16));
}

__u16 nl_family(int nl)
{
	struct nl_msg msg;

	if (nl_family_known)
		return nl_family_known;
	nl_begin(&msg, GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY);
	nl_put(&msg, CTRL_ATTR_FAMILY_NAME, KVC_GENL_NAME,
	       sizeof(KVC_GENL_NAME));
	nl_talk(nl, &msg, take_family, &nl_family_known);
	return nl_family_known;
}
