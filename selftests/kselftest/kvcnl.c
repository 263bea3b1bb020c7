// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generic netlink: sockets, messages out, messages in
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kvcnl.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

static void *body(const struct nlmsghdr *nlh)
{
	return (char *)nlh + NLMSG_HDRLEN;
}

/* The next attribute of that type in some bytes, or NULL */
static const struct nlattr *find(const void *attrs, size_t len, int type)
{
	const struct nlattr *a = attrs;
	size_t step;

	while (len >= NLA_HDRLEN && a->nla_len >= NLA_HDRLEN &&
	       a->nla_len <= len) {
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		step = NLA_ALIGN(a->nla_len);
		if (step >= len)
			break;
		len -= step;
		a = (const void *)((const char *)a + step);
	}
	return NULL;
}

const struct nlattr *kvcnl_next(const struct nlmsghdr *nlh,
				const struct nlattr *from, int type)
{
	const char *end = (const char *)nlh + nlh->nlmsg_len;
	const char *at = (const char *)body(nlh) + GENL_HDRLEN;

	if (from)
		at = (const char *)from + NLA_ALIGN(from->nla_len);
	return at < end ? find(at, end - at, type) : NULL;
}

const struct nlattr *kvcnl_attr(const struct nlmsghdr *nlh, int type)
{
	return kvcnl_next(nlh, NULL, type);
}

const struct nlattr *kvcnl_in(const struct nlattr *nest, int type)
{
	return nest ? find(kvcnl_data(nest), kvcnl_len(nest), type) : NULL;
}

__u8 kvcnl_cmd(const struct nlmsghdr *nlh)
{
	return ((const struct genlmsghdr *)body(nlh))->cmd;
}

__u32 kvcnl_u32(const struct nlattr *a)
{
	__u32 value = 0;

	if (a && kvcnl_len(a) == sizeof(value))
		memcpy(&value, kvcnl_data(a), sizeof(value));
	return value;
}

__u64 kvcnl_u64(const struct nlattr *a)
{
	__u64 value = 0;

	if (a && kvcnl_len(a) == sizeof(value))
		memcpy(&value, kvcnl_data(a), sizeof(value));
	return value;
}

/* Tests run out of memory only when they are wrong. */
static void make_room(struct kvcnl_msg *m, __u32 more)
{
	if (m->len + more <= m->room)
		return;
	m->room = 2 * (m->len + more);
	m->data = realloc(m->data, m->room);
	if (!m->data)
		abort();
}

void kvcnl_raw(struct kvcnl_msg *m, const void *data, __u32 len)
{
	__u32 padded = NLA_ALIGN(len);

	make_room(m, padded);
	if (len)
		memcpy(m->data + m->len, data, len);
	memset(m->data + m->len + len, 0, padded - len);
	m->len += padded;
}

static void begin(struct kvcnl_msg *m, struct kvcnl *nl, __u16 type, __u8 cmd,
		  __u16 flags)
{
	struct nlmsghdr nlh = {
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | flags,
		.nlmsg_seq = ++nl->seq,
	};
	struct genlmsghdr genl = { .cmd = cmd, .version = KVC_GENL_VERSION };

	memset(m, 0, sizeof(*m));
	kvcnl_raw(m, &nlh, sizeof(nlh));
	kvcnl_raw(m, &genl, sizeof(genl));
}

void kvcnl_begin(struct kvcnl_msg *m, struct kvcnl *nl, __u8 cmd)
{
	begin(m, nl, nl->family, cmd, NLM_F_ACK);
}

void kvcnl_dump(struct kvcnl_msg *m, struct kvcnl *nl, __u8 cmd)
{
	begin(m, nl, nl->family, cmd, NLM_F_DUMP);
}

void kvcnl_put(struct kvcnl_msg *m, int type, const void *data, __u32 len)
{
	struct nlattr a = { .nla_len = NLA_HDRLEN + len, .nla_type = type };

	kvcnl_raw(m, &a, sizeof(a));
	kvcnl_raw(m, data, len);
}

void kvcnl_put_u32(struct kvcnl_msg *m, int type, __u32 value)
{
	kvcnl_put(m, type, &value, sizeof(value));
}

void kvcnl_put_u64(struct kvcnl_msg *m, int type, __u64 value)
{
	kvcnl_put(m, type, &value, sizeof(value));
}

void kvcnl_put_str(struct kvcnl_msg *m, int type, const char *text)
{
	kvcnl_put(m, type, text, strlen(text) + 1);
}

void kvcnl_put_flag(struct kvcnl_msg *m, int type)
{
	kvcnl_put(m, type, NULL, 0);
}

__u32 kvcnl_nest(struct kvcnl_msg *m, int type)
{
	__u32 at = m->len;

	kvcnl_put(m, type | NLA_F_NESTED, NULL, 0);
	return at;
}

void kvcnl_nest_end(struct kvcnl_msg *m, __u32 at)
{
	((struct nlattr *)(m->data + at))->nla_len = m->len - at;
}

void kvcnl_put_name(struct kvcnl_msg *m, int nest, int type, const char *name)
{
	__u32 at = kvcnl_nest(m, nest);

	kvcnl_put_str(m, type, name);
	kvcnl_nest_end(m, at);
}

int kvcnl_send(struct kvcnl *nl, struct kvcnl_msg *m)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)m->data;
	ssize_t sent;

	nlh->nlmsg_len = m->len;
	sent = send(nl->fd, m->data, m->len, 0);
	if (sent >= 0 && (__u32)sent != m->len) {
		sent = -1;
		errno = EPROTO;
	}
	free(m->data);
	m->data = NULL;
	return sent < 0 ? -errno : 0;
}

static int fill(struct kvcnl *nl, int flags)
{
	ssize_t got = recv(nl->fd, nl->buf, nl->room, flags | MSG_TRUNC);

	nl->at = 0;
	nl->got = 0;
	if (got < 0)
		return -errno;
	if ((size_t)got > nl->room)
		return -EMSGSIZE;
	nl->got = got;
	return 0;
}

const struct nlmsghdr *kvcnl_recv(struct kvcnl *nl, int flags, int *err)
{
	const struct nlmsghdr *nlh;

	*err = nl->at < nl->got ? 0 : fill(nl, flags);
	if (*err)
		return NULL;
	nlh = (const struct nlmsghdr *)(nl->buf + nl->at);
	if (nl->got - nl->at < NLMSG_HDRLEN ||
	    nlh->nlmsg_len < NLMSG_HDRLEN ||
	    nlh->nlmsg_len > nl->got - nl->at) {
		*err = -EPROTO;
		return NULL;
	}
	nl->at += NLMSG_ALIGN(nlh->nlmsg_len);
	return nlh;
}

/* The attributes of an acknowledgement, behind the request that it repeats */
static void read_extack(struct kvcnl *nl, const struct nlmsghdr *nlh,
			size_t skip)
{
	const char *at = (const char *)body(nlh) + NLMSG_ALIGN(skip);
	const char *end = (const char *)nlh + nlh->nlmsg_len;
	const struct nlattr *text;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || at >= end)
		return;
	text = find(at, end - at, NLMSGERR_ATTR_MSG);
	if (text)
		snprintf(nl->text, sizeof(nl->text), "%.*s",
			 (int)kvcnl_len(text), (const char *)kvcnl_data(text));
	nl->offset = kvcnl_u32(find(at, end - at, NLMSGERR_ATTR_OFFS));
	nl->miss_type = kvcnl_u32(find(at, end - at, NLMSGERR_ATTR_MISS_TYPE));
	nl->miss_nest = kvcnl_u32(find(at, end - at, NLMSGERR_ATTR_MISS_NEST));
}

static int read_error(struct kvcnl *nl, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = body(nlh);
	size_t skip = sizeof(*e);

	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - sizeof(e->msg);
	read_extack(nl, nlh, skip);
	return e->error;
}

static int read_done(struct kvcnl *nl, const struct nlmsghdr *nlh)
{
	int err = 0;

	if (nlh->nlmsg_len >= NLMSG_HDRLEN + sizeof(err))
		memcpy(&err, body(nlh), sizeof(err));
	read_extack(nl, nlh, sizeof(err));
	return err < 0 ? err : 0;
}

int kvcnl_answer(struct kvcnl *nl, kvcnl_each_t each, void *arg)
{
	const struct nlmsghdr *nlh;
	int err;

	nl->text[0] = '\0';
	nl->offset = 0;
	nl->miss_type = 0;
	nl->miss_nest = 0;
	nl->interrupted = false;
	while ((nlh = kvcnl_recv(nl, 0, &err))) {
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			nl->interrupted = true;
		if (nlh->nlmsg_seq != nl->seq)
			continue;
		if (nlh->nlmsg_type == NLMSG_ERROR)
			return read_error(nl, nlh);
		if (nlh->nlmsg_type == NLMSG_DONE)
			return read_done(nl, nlh);
		if (each)
			each(arg, nlh);
	}
	return err;
}

int kvcnl_call(struct kvcnl *nl, struct kvcnl_msg *m, kvcnl_each_t each,
	       void *arg)
{
	int err = kvcnl_send(nl, m);

	return err ? err : kvcnl_answer(nl, each, arg);
}

static int set_option(struct kvcnl *nl, int option, int value)
{
	return setsockopt(nl->fd, SOL_NETLINK, option, &value, sizeof(value)) ?
	       -errno : 0;
}

int kvcnl_join(struct kvcnl *nl, enum kvcnl_group group)
{
	return set_option(nl, NETLINK_ADD_MEMBERSHIP, nl->group[group]);
}

int kvcnl_rcvbuf(struct kvcnl *nl, int bytes)
{
	return setsockopt(nl->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes,
			  sizeof(bytes)) ? -errno : 0;
}

static void read_group(struct kvcnl *nl, const struct nlattr *group)
{
	static const char *const names[KVCNL_GROUPS] = {
		[KVCNL_INVALIDATE] = KVCACHE_MCGRP_INVALIDATE,
		[KVCNL_RING] = KVCACHE_MCGRP_RING,
		[KVCNL_FLUSH] = KVCACHE_MCGRP_FLUSH,
	};
	const struct nlattr *name = kvcnl_in(group, CTRL_ATTR_MCAST_GRP_NAME);
	unsigned int i;

	for (i = 0; i < KVCNL_GROUPS && name; i++)
		if (!strcmp(kvcnl_data(name), names[i]))
			nl->group[i] = kvcnl_u32(kvcnl_in(group,
						 CTRL_ATTR_MCAST_GRP_ID));
}

static void read_family(void *arg, const struct nlmsghdr *nlh)
{
	const struct nlattr *id = kvcnl_attr(nlh, CTRL_ATTR_FAMILY_ID);
	const struct nlattr *groups = kvcnl_attr(nlh, CTRL_ATTR_MCAST_GROUPS);
	struct kvcnl *nl = arg;
	int i;

	if (id)
		memcpy(&nl->family, kvcnl_data(id), sizeof(nl->family));
	/* The groups are numbered from 1. */
	for (i = 1; i <= KVCNL_GROUPS; i++)
		read_group(nl, kvcnl_in(groups, i));
}

static int resolve(struct kvcnl *nl)
{
	struct kvcnl_msg m;
	int err;

	begin(&m, nl, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	kvcnl_put_str(&m, CTRL_ATTR_FAMILY_NAME, KVC_GENL_NAME);
	err = kvcnl_call(nl, &m, read_family, nl);
	if (err)
		return err;
	return nl->family ? 0 : -EPROTO;
}

static int bind_socket(struct kvcnl *nl)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(addr);

	if (bind(nl->fd, (struct sockaddr *)&addr, len) ||
	    getsockname(nl->fd, (struct sockaddr *)&addr, &len))
		return -errno;
	nl->port = addr.nl_pid;
	return 0;
}

static int prepare(struct kvcnl *nl)
{
	int err = bind_socket(nl);

	if (!err)
		err = set_option(nl, NETLINK_EXT_ACK, 1);
	if (!err)
		err = set_option(nl, NETLINK_CAP_ACK, 1);
	if (!err)
		err = set_option(nl, NETLINK_GET_STRICT_CHK, 1);
	return err ? err : resolve(nl);
}

int kvcnl_open_room(struct kvcnl *nl, size_t room)
{
	int err;

	memset(nl, 0, sizeof(*nl));
	nl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (nl->fd < 0)
		return -errno;
	nl->room = room;
	nl->buf = malloc(nl->room);
	err = nl->buf ? prepare(nl) : -ENOMEM;
	if (err)
		kvcnl_close(nl);
	return err;
}

int kvcnl_open(struct kvcnl *nl)
{
	return kvcnl_open_room(nl, KVCNL_ROOM);
}

void kvcnl_close(struct kvcnl *nl)
{
	close(nl->fd);
	free(nl->buf);
	nl->buf = NULL;
	nl->fd = -1;
}
