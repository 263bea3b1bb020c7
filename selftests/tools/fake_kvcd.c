// SPDX-License-Identifier: GPL-2.0-only
/* The daemon: connections, frames, and what is wrong with them. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake.h"
#include "fake_kvcd.h"
#include "fake_kvcd_in.h"

#define CLIENTS	128
#define GATHER	64

struct fake_kvcd fake_kvcd;

static struct client {
	pthread_t thread;
	int fd;
	bool used;
	bool done;		/* its thread has only to be joined */
} clients[CLIENTS];

static int listener = -1;
static pthread_t acceptor;
static char path[64];

void fake_kvcd_reset(void)
{
	fake_lock();
	fake_kvcd = (struct fake_kvcd){
		.page_max = UINT32_MAX,
		.stats = "{}",
	};
	fake_unlock();
}

const char *fake_kvcd_path(void)
{
	return path;
}

static bool read_all(int fd, void *to, size_t len)
{
	return !len || recv(fd, to, len, MSG_WAITALL) == (ssize_t)len;
}

static void write_all(int fd, const unsigned char *bytes, size_t len)
{
	ssize_t put;

	while (len) {
		put = send(fd, bytes, len, MSG_NOSIGNAL);
		if (put < 0)
			return;
		bytes += put;
		len -= put;
	}
}

/* The head of a request, and the file beside it, if there is one. */
static bool read_head(int fd, struct kvcd_head *head, int *file)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { head, sizeof(*head) };
	struct msghdr msg = {
		.msg_iov = &part, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	ssize_t got;

	got = recvmsg(fd, &msg, MSG_WAITALL | MSG_CMSG_CLOEXEC);
	c = got > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(file, CMSG_DATA(c), sizeof(*file));
	return got == sizeof(*head);
}

/* The fault of the next answer. */
static enum kvcd_fault next_fault(uint32_t type)
{
	enum kvcd_fault fault;

	fake_lock();
	fault = type == KVCD_ATTACH ? FAULT_NONE : fake_kvcd.fault;
	if (fault && fake_kvcd.fault_after) {
		fake_kvcd.fault_after--;
		fault = FAULT_NONE;
	}
	if (fault && fake_kvcd.fault_count && !--fake_kvcd.fault_count)
		fake_kvcd.fault = FAULT_NONE;
	fake_unlock();
	return fault;
}

static void spoil_head(struct kvcd_head *head, enum kvcd_fault fault)
{
	switch (fault) {
	case FAULT_MAGIC:
		head->magic ^= 1;
		break;
	case FAULT_OVERSIZE:
		head->len = KVCD_ANSWER_MAX + 1;
		break;
	case FAULT_TAG:
		head->tag--;
		break;
	case FAULT_TYPE:
		head->type = KVCD_ATTACH;
		break;
	case FAULT_POSITIVE:
		head->result = 1;
		break;
	case FAULT_ERROR_BODY:
		head->result = -EIO;
		head->len = head->len ? head->len : 8;
		break;
	case FAULT_SHORT:
		head->len = 4;
		break;
	default:
		break;
	}
}

/* Serves nothing any more, until the client has closed the connection. */
static bool wait_for_end(int fd)
{
	char rest[512];

	while (recv(fd, rest, sizeof(rest), 0) > 0)
		;
	return false;
}

/* Sends an answer; false: the connection is to end. */
static bool answer(int fd, const struct wanted *wanted, struct made *made)
{
	enum kvcd_fault fault = next_fault(wanted->head.type);
	struct kvcd_head head = wanted->head;

	if (fault == FAULT_SLOW)
		return wait_for_end(fd);
	if (fault == FAULT_CLOSE)
		return false;
	if (fault)
		kvcd_spoil(made, fault);
	head.result = made->result;
	head.len = made->len;
	spoil_head(&head, fault);
	write_all(fd, (unsigned char *)&head, sizeof(head));
	write_all(fd, made->bytes, fault == FAULT_HALF ? made->len / 2 :
							 made->len);
	if (fault && fault != FAULT_HALF)
		return wait_for_end(fd);
	return !fault;
}

static bool serve_one(int fd, struct session *session, struct wanted *wanted)
{
	struct made made = { 0 };
	bool more;

	kvcd_serve(session, wanted, &made);
	more = answer(fd, wanted, &made);
	free(made.bytes);
	return more;
}

static bool read_one(int fd, struct session *session, struct wanted *wanted)
{
	if (!read_head(fd, &wanted->head, &session->file))
		return false;
	if (wanted->head.magic != KVCD_MAGIC || wanted->head.result ||
	    wanted->head.len > sizeof(wanted->body))
		abort();
	return read_all(fd, wanted->body, wanted->head.len);
}

static void *serve(void *arg)
{
	struct client *client = arg;
	struct wanted *wanted = malloc(GATHER * sizeof(*wanted));
	struct session session = { .file = -1 };
	unsigned int n = 0, least;
	bool more = true;

	while (more && read_one(client->fd, &session, &wanted[n])) {
		fake_lock();
		least = wanted[n].head.type == KVCD_GET ? fake_kvcd.gather : 0;
		fake_unlock();
		if (++n < least)
			continue;
		while (n && more)
			more = serve_one(client->fd, &session, &wanted[--n]);
		n = 0;
	}
	shutdown(client->fd, SHUT_RDWR);
	if (session.file >= 0)
		close(session.file);
	free(wanted);
	fake_lock();
	client->done = true;
	fake_unlock();
	return NULL;
}

static void join(struct client *client)
{
	pthread_join(client->thread, NULL);
	close(client->fd);
	client->used = false;
}

/* A place for a client: a free one, or that of one who has gone. */
static struct client *place(void)
{
	struct client *client = clients;

	while (client < clients + CLIENTS && client->used && !client->done)
		client++;
	if (client == clients + CLIENTS)
		abort();
	if (client->used)
		join(client);
	*client = (struct client){ .used = true };
	return client;
}

static void *accept_all(void *arg)
{
	struct client *client;
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		fake_lock();
		fake_kvcd.connections++;
		client = place();
		client->fd = fd;
		if (pthread_create(&client->thread, NULL, serve, client))
			abort();
		fake_unlock();
	}
	return arg;
}

void fake_kvcd_start(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int saved = errno;

	snprintf(path, sizeof(path), "/tmp/kvcd-test.%d", getpid());
	memcpy(at.sun_path, path, sizeof(path));
	setenv(KVCD_SOCKET_ENV, path, 1);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unlink(path);
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) ||
	    listen(listener, CLIENTS) ||
	    pthread_create(&acceptor, NULL, accept_all, NULL))
		abort();
	errno = saved;
}

void fake_kvcd_stop(void)
{
	int saved = errno;
	unsigned int i;

	if (listener < 0)
		return;
	unlink(path);
	shutdown(listener, SHUT_RDWR);
	pthread_join(acceptor, NULL);
	close(listener);
	listener = -1;
	for (i = 0; i < CLIENTS; i++) {
		if (!clients[i].used)
			continue;
		shutdown(clients[i].fd, SHUT_RDWR);
		join(&clients[i]);
	}
	errno = saved;
}
