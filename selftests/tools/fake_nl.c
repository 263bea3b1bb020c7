// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <kvcache.h>

#include "fake.h"
#include "fake_nl.h"
#include "util.h"

#define SOCKS	16
#define MESSAGES 4096

/* A datagram that waits to be read. */
struct message {
	struct message *next;
	size_t len;
	char bytes[];
};

struct fake_sock {
	bool used;
	int fd;			/* readable when there are messages */
	bool overrun;
	bool congested;		/* takes no more until all has been read */
	bool all;		/* in the group */
	char cache[KVC_NAME_MAX];
	struct message *first;
	struct message **last;
};

static struct fake_sock socks[SOCKS];

struct mnl_socket *__wrap_mnl_socket_open2(int bus, int flags);
int __wrap_mnl_socket_bind(struct mnl_socket *nl, unsigned int groups,
			   pid_t pid);
int __wrap_mnl_socket_setsockopt(const struct mnl_socket *nl, int type,
				 void *buf, socklen_t len);
int __wrap_mnl_socket_get_fd(const struct mnl_socket *nl);
int __wrap_mnl_socket_close(struct mnl_socket *nl);
ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *req,
				 size_t len);
ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf,
				   size_t len);

static struct fake_sock *sock_of(const struct mnl_socket *nl)
{
	return (struct fake_sock *)(uintptr_t)nl;
}

static void mark_readable(struct fake_sock *sock)
{
	uint64_t one = 1;

	if (write(sock->fd, &one, sizeof(one)) != sizeof(one))
		abort();
}

static void queue(struct fake_sock *sock, const struct nlmsghdr *nlh)
{
	struct message *message = malloc(sizeof(*message) + nlh->nlmsg_len);

	if (!message)
		abort();
	message->next = NULL;
	message->len = nlh->nlmsg_len;
	memcpy(message->bytes, nlh, nlh->nlmsg_len);
	*sock->last = message;
	sock->last = &message->next;
	mark_readable(sock);
}

struct mnl_socket *__wrap_mnl_socket_open2(int bus, int flags)
{
	struct fake_sock *sock = socks;

	if (bus != NETLINK_GENERIC || !(flags & SOCK_CLOEXEC))
		abort();
	while (sock->used)
		sock++;
	*sock = (struct fake_sock){
		.used = true,
		.fd = eventfd(0, EFD_CLOEXEC),
	};
	sock->last = &sock->first;
	fake_calls.open_files++;
	return (struct mnl_socket *)sock;
}

int __wrap_mnl_socket_bind(struct mnl_socket *nl, unsigned int groups,
			   pid_t pid)
{
	(void)nl;
	return groups || pid ? -1 : 0;
}

int __wrap_mnl_socket_setsockopt(const struct mnl_socket *nl, int type,
				 void *buf, socklen_t len)
{
	if (type != NETLINK_ADD_MEMBERSHIP)
		return 0;
	if (len != sizeof(int) || *(int *)buf != FAKE_GROUP || fake.eperm) {
		errno = fake.eperm ? EPERM : EINVAL;
		return -1;
	}
	sock_of(nl)->all = true;
	return 0;
}

int __wrap_mnl_socket_get_fd(const struct mnl_socket *nl)
{
	return sock_of(nl)->fd;
}

int __wrap_mnl_socket_close(struct mnl_socket *nl)
{
	struct fake_sock *sock = sock_of(nl);
	struct message *message;

	while ((message = sock->first)) {
		sock->first = message->next;
		free(message);
	}
	__real_close(sock->fd);
	sock->used = false;
	fake_calls.open_files--;
	return 0;
}

ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *nl, void *buf,
				   size_t room)
{
	struct fake_sock *sock = sock_of(nl);
	struct message *message = sock->first;
	uint64_t count;
	size_t len;

	if (!message || !message->next)
		sock->congested = false;
	if (sock->overrun) {
		sock->overrun = false;
		sock->congested = message;
		errno = ENOBUFS;
		return -1;
	}
	if (!message) {
		/* A call that would wait for ever is a mistake. */
		if (!(fcntl(sock->fd, F_GETFL) & O_NONBLOCK))
			abort();
		errno = EAGAIN;
		return -1;
	}
	sock->first = message->next;
	if (!sock->first) {
		sock->last = &sock->first;
		if (read(sock->fd, &count, sizeof(count)) < 0)
			abort();
	}
	len = message->len;
	if (len > room)
		abort();
	memcpy(buf, message->bytes, len);
	free(message);
	return len;
}

static union {
	struct nlmsghdr header;
	char bytes[1 << 16];
} answer;

struct nlmsghdr *fake_begin(const struct request *req)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(answer.bytes);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = req->nlh->nlmsg_type;
	nlh->nlmsg_seq = req->nlh->nlmsg_seq;
	nlh->nlmsg_flags = req->dump ? NLM_F_MULTI : 0;
	if (req->dump && fake.dump_intr)
		nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = req->cmd;
	return nlh;
}

void fake_send(const struct request *req, struct nlmsghdr *nlh)
{
	queue(req->sock, nlh);
}

/* The end of an answer, or an error with what there is to say about it. */
static void finish(struct request *req, int err)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(answer.bytes);
	struct nlmsgerr *body;
	int *number;

	nlh->nlmsg_seq = req->nlh->nlmsg_seq;
	if (req->dump) {
		nlh->nlmsg_type = NLMSG_DONE;
		number = mnl_nlmsg_put_extra_header(nlh, sizeof(*number));
		*number = err;
	} else {
		nlh->nlmsg_type = NLMSG_ERROR;
		nlh->nlmsg_flags = NLM_F_CAPPED;
		body = mnl_nlmsg_put_extra_header(nlh, sizeof(*body));
		body->error = err;
		body->msg = *req->nlh;
	}
	if (err && (req->text || req->bad))
		nlh->nlmsg_flags |= NLM_F_ACK_TLVS;
	if (err && req->text)
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, req->text);
	if (err && req->bad)
		mnl_attr_put_u32(nlh, NLMSGERR_ATTR_OFFS,
				 (const char *)req->bad -
				 (const char *)req->nlh);
	queue(req->sock, nlh);
}

static int get_family(struct request *req)
{
	struct nlattr *groups, *group;
	struct nlmsghdr *nlh;

	if (fake.absent)
		return -ENOENT;
	nlh = fake_begin(req);
	mnl_attr_put_u16(nlh, CTRL_ATTR_FAMILY_ID, FAKE_FAMILY);
	groups = mnl_attr_nest_start(nlh, CTRL_ATTR_MCAST_GROUPS);
	group = mnl_attr_nest_start(nlh, 1);
	mnl_attr_put_strz(nlh, CTRL_ATTR_MCAST_GRP_NAME, "ring");
	mnl_attr_put_u32(nlh, CTRL_ATTR_MCAST_GRP_ID, FAKE_GROUP + 1);
	mnl_attr_nest_end(nlh, group);
	group = mnl_attr_nest_start(nlh, 2);
	mnl_attr_put_strz(nlh, CTRL_ATTR_MCAST_GRP_NAME,
			  KVCACHE_MCGRP_INVALIDATE);
	mnl_attr_put_u32(nlh, CTRL_ATTR_MCAST_GRP_ID, FAKE_GROUP);
	mnl_attr_nest_end(nlh, group);
	mnl_attr_nest_end(nlh, groups);
	fake_send(req, nlh);
	return 0;
}

const struct nlattr *fake_inner(const struct nlattr *nest, int type)
{
	const struct nlattr *attr;

	if (!nest)
		return NULL;
	mnl_attr_for_each_nested(attr, nest) {
		if (mnl_attr_get_type(attr) == type)
			return attr;
	}
	return NULL;
}

const char *fake_text(const struct nlattr *nest, int type)
{
	const struct nlattr *attr = fake_inner(nest, type);

	return attr ? mnl_attr_get_str(attr) : "";
}

static int dispatch(struct request *req)
{
	const struct nlattr *attr;

	if (req->nlh->nlmsg_type == GENL_ID_CTRL)
		return get_family(req);
	if (req->nlh->nlmsg_type != FAKE_FAMILY)
		return -ENOENT;
	mnl_attr_for_each(attr, req->nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) <= KVC_A_MAX)
			req->attr[mnl_attr_get_type(attr)] = attr;
	}
	if (req->cmd <= KVC_CMD_PURGE)
		return fake_cache_request(req);
	if (req->cmd <= KVC_CMD_EVENT_NTF)
		return fake_event_request(req);
	return fake_ring_request(req);
}

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *data,
				 size_t len)
{
	const struct nlmsghdr *nlh = data;
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	struct request req = {
		.sock = sock_of(nl),
		.nlh = nlh,
		.cmd = genl->cmd,
		.dump = (nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP,
	};

	if (!(nlh->nlmsg_flags & NLM_F_REQUEST) || nlh->nlmsg_len != len)
		abort();
	finish(&req, dispatch(&req));
	if (req.dump && fake.dump_intr)
		fake.dump_intr--;
	return len;
}

void fake_subscribe(struct fake_sock *sock, const char *cache)
{
	strcpy(sock->cache, cache);
}

void fake_deliver(const char *cache, const struct nlmsghdr *nlh)
{
	struct fake_sock *sock;

	for (sock = socks; sock < socks + SOCKS; sock++) {
		if (!sock->used || (!sock->all && strcmp(sock->cache, cache)))
			continue;
		if (fake.lossy == 1 || sock->congested)
			continue;
		if (fake.lossy == 2) {
			sock->overrun = true;
			sock->congested = true;
			mark_readable(sock);
			continue;
		}
		queue(sock, nlh);
	}
}
