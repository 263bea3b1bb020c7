// SPDX-License-Identifier: LGPL-2.1-or-later
/* A connection to kvcd: requests and their answers, many on their way. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "conn.h"
#include "kvcd_proto.h"

#define NSEC_PER_SEC	1000000000ull

/* Requests that are on their way. */
struct flight {
	struct kvc_ask *asks;
	size_t count;
	size_t sent;		/* those before are sent, this one in part */
	size_t offset;		/* bytes of it that are */
	size_t answered;
	uint64_t tag;		/* of the first */
};

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

/* Each answer has the whole time, counted from the one before. */
static void start_clock(struct kvc_conn *conn, const struct flight *flight)
{
	uint64_t at = now();

	if (flight->asks->patient || conn->timeout > UINT64_MAX - at)
		conn->until = UINT64_MAX;
	else
		conn->until = at + conn->timeout;
}

/* Waits until the socket is ready; what poll() found, or a negative errno. */
static int wait_for(struct kvc_conn *conn, short events)
{
	struct pollfd file = { .fd = conn->fd, .events = events };
	struct timespec ts, *left = NULL;
	uint64_t at;
	int ret;

	do {
		if (conn->until != UINT64_MAX) {
			at = now();
			at = conn->until > at ? conn->until - at : 0;
			ts.tv_sec = at / NSEC_PER_SEC;
			ts.tv_nsec = at % NSEC_PER_SEC;
			left = &ts;
		}
		ret = ppoll(&file, 1, left, NULL);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return -errno;
	return ret ? file.revents : -ETIMEDOUT;
}

/* All that is not a lack of memory is a connection that is gone. */
static int lost(int err)
{
	return err == ENOMEM || err == ENOBUFS ? -ENOMEM : -EPIPE;
}

int kvc_conn_read(struct kvc_conn *conn, void *to, size_t len)
{
	ssize_t got;
	int ret;

	while (len) {
		got = recv(conn->fd, to, len, MSG_DONTWAIT);
		if (!got)
			return -EPIPE;
		if (got > 0) {
			to = (char *)to + got;
			len -= got;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return lost(errno);
		ret = wait_for(conn, POLLIN);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int kvc_conn_skip(struct kvc_conn *conn, size_t len)
{
	char rest[4096];
	size_t part;
	int ret = 0;

	while (len && !ret) {
		part = len < sizeof(rest) ? len : sizeof(rest);
		ret = kvc_conn_read(conn, rest, part);
		len -= part;
	}
	return ret;
}

int kvc_conn_ignore(struct kvc_conn *conn, struct kvc_ask *ask, uint32_t len)
{
	(void)ask;
	return kvc_conn_skip(conn, len);
}

/* What is left of a request, head and body, as far as the socket takes it. */
static ssize_t send_part(int fd, const struct kvcd_head *head,
			 const struct kvc_ask *ask, size_t offset)
{
	struct iovec parts[2] = {
		{ (void *)head, sizeof(*head) },
		{ (void *)ask->body, ask->len },
	};
	struct msghdr msg = { .msg_iov = parts, .msg_iovlen = 2 };
	size_t past = offset > sizeof(*head) ? offset - sizeof(*head) : 0;

	offset -= past;
	parts[0].iov_base = (char *)parts[0].iov_base + offset;
	parts[0].iov_len -= offset;
	if (past) {
		parts[1].iov_base = (char *)parts[1].iov_base + past;
		parts[1].iov_len -= past;
	}
	return sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Never waits: who does not read the answers may be waited for in turn. */
static int send_some(struct kvc_conn *conn, struct flight *flight)
{
	struct kvcd_head head = { .magic = KVCD_MAGIC };
	const struct kvc_ask *ask;
	ssize_t put;

	while (flight->sent < flight->count) {
		ask = &flight->asks[flight->sent];
		if (ask->answered) {
			flight->sent++;
			continue;
		}
		head.type = ask->type;
		head.len = ask->len;
		head.tag = flight->tag + flight->sent;
		put = send_part(conn->fd, &head, ask, flight->offset);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return errno == EAGAIN ? 0 : lost(errno);
		flight->offset += put;
		if (flight->offset < sizeof(head) + ask->len)
			continue;
		flight->offset = 0;
		flight->sent++;
	}
	return 0;
}

/* The request that a head answers, or NULL: none that was sent. */
static struct kvc_ask *asked(const struct flight *flight,
			     const struct kvcd_head *head)
{
	uint64_t at = head->tag - flight->tag;
	struct kvc_ask *ask;

	if (head->magic != KVCD_MAGIC || head->len > KVCD_ANSWER_MAX ||
	    head->result > 0 || head->result < -4095 ||
	    (head->result && head->len) || at >= flight->sent)
		return NULL;
	ask = &flight->asks[at];
	return ask->answered || ask->type != head->type ? NULL : ask;
}

static int receive_one(struct kvc_conn *conn, struct flight *flight)
{
	struct kvcd_head head;
	struct kvc_ask *ask;
	int ret;

	ret = kvc_conn_read(conn, &head, sizeof(head));
	if (ret)
		return ret;
	ask = asked(flight, &head);
	if (!ask)
		return -EPROTO;
	ask->result = head.result;
	if (!head.result && ask->take)
		ret = ask->take(conn, ask, head.len);
	else if (head.len)
		ret = -EPROTO;
	if (ret)
		return ret;
	ask->answered = 1;
	flight->answered++;
	start_clock(conn, flight);
	return 0;
}

static int fly(struct kvc_conn *conn, struct flight *flight)
{
	int ret;

	start_clock(conn, flight);
	while (flight->answered < flight->count) {
		ret = send_some(conn, flight);
		if (ret)
			return ret;
		ret = wait_for(conn, flight->sent < flight->count ?
				     POLLIN | POLLOUT : POLLIN);
		if (ret < 0)
			return ret;
		ret = ret & ~POLLOUT ? receive_one(conn, flight) : 0;
		if (ret)
			return ret;
	}
	return 0;
}

int kvc_conn_ask(struct kvc_conn *conn, struct kvc_ask *asks, size_t count)
{
	struct flight flight = {
		.asks = asks, .count = count, .tag = conn->tag,
	};
	int saved = errno, ret;
	size_t i;

	for (i = 0; i < count; i++)
		flight.answered += asks[i].answered;
	conn->tag += count;
	ret = fly(conn, &flight);
	errno = saved;
	return ret;
}

/* A head with the file beside it. */
static int send_file(struct kvc_conn *conn, int file)
{
	struct kvcd_head head = {
		.magic = KVCD_MAGIC, .type = KVCD_ATTACH, .tag = conn->tag,
	};
	struct iovec part = { &head, sizeof(head) };
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr msg = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	ssize_t put;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(file));
	memcpy(CMSG_DATA(c), &file, sizeof(file));
	put = sendmsg(conn->fd, &msg, MSG_NOSIGNAL);
	if (put < 0)
		return lost(errno);
	return put == sizeof(head) ? 0 : -EPIPE;
}

int kvc_conn_attach(struct kvc_conn *conn, int file, int *result)
{
	struct kvc_ask ask = { .type = KVCD_ATTACH };
	struct flight flight = {
		.asks = &ask, .count = 1, .sent = 1, .tag = conn->tag,
	};
	int saved = errno, ret;

	ret = send_file(conn, file);
	conn->tag++;
	if (!ret)
		ret = fly(conn, &flight);
	*result = ask.result;
	errno = saved;
	return ret;
}

/* connect() to a socket whose queue is full waits: no longer than an answer. */
static int bound_connect(int fd, uint64_t timeout)
{
	struct timeval tv = {
		.tv_sec = timeout / NSEC_PER_SEC,
		.tv_usec = timeout % NSEC_PER_SEC / 1000,
	};

	if (timeout == UINT64_MAX)
		return 0;
	/* 0 would be for ever. */
	if (!tv.tv_sec && !tv.tv_usec)
		tv.tv_usec = 1;
	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

static int connect_to(int fd, const struct sockaddr_un *to, uint64_t timeout)
{
	int ret;

	if (bound_connect(fd, timeout))
		return -errno;
	do {
		ret = connect(fd, (const struct sockaddr *)to, sizeof(*to));
	} while (ret && errno == EINTR);
	if (ret)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return 0;
}

int kvc_conn_open(struct kvc_conn *conn, const char *path, uint64_t timeout)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int saved = errno, ret;

	if (len >= sizeof(to.sun_path))
		return -ENAMETOOLONG;
	memcpy(to.sun_path, path, len);
	*conn = (struct kvc_conn){
		.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
		.pid = getpid(),
		.timeout = timeout,
		.tag = 1,
	};
	ret = conn->fd < 0 ? -errno : connect_to(conn->fd, &to, timeout);
	if (ret && conn->fd >= 0)
		close(conn->fd);
	errno = saved;
	return ret;
}

void kvc_conn_close(struct kvc_conn *conn)
{
	int saved = errno;

	close(conn->fd);
	errno = saved;
}
