// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "log.h"
#include "receive.h"

#define IN_SIZE		(sizeof(struct kvcd_head) + KVCD_REQUEST_MAX)

/* An answer that waits for the socket. */
struct answer {
	struct answer *next;
	struct kvcd_head head;
	struct body *body;
};

/* How many answers may be under way: so many that they stay in CLIENT_BYTES. */
static unsigned int most_held(const struct client *client)
{
	uint32_t value = client->front ? client->front->value_max : 0;
	unsigned int most = value ? CLIENT_BYTES / value : CLIENT_REQUESTS;

	return most < 1 ? 1 : most > CLIENT_REQUESTS ? CLIENT_REQUESTS : most;
}

/* The bytes of a whole message at @at, 0: not all there, or nonsense. */
static int whole_message(const struct client *client, size_t at,
			 struct kvcd_head *head, size_t *size)
{
	size_t len = client->in_len - at;

	*size = 0;
	if (len < sizeof(*head))
		return 0;
	memcpy(head, client->in + at, sizeof(*head));
	if (head->magic != KVCD_MAGIC || head->len > KVCD_REQUEST_MAX)
		return -EPROTO;
	if (len >= sizeof(*head) + head->len)
		*size = sizeof(*head) + head->len;
	return 0;
}

/* Does what the messages say that are there: how many, or -errno. */
static int take_messages(struct client *client)
{
	struct kvcd_head head;
	size_t at = 0, size;
	int ret = 0, taken = 0;

	while (!ret && !client->dead && client->held < most_held(client)) {
		ret = whole_message(client, at, &head, &size);
		if (ret || !size)
			break;
		client->held++;
		taken++;
		ret = request_take(client, &head,
				   client->in + at + sizeof(head));
		at += size;
	}
	client->in_len -= at;
	memmove(client->in, client->in + at, client->in_len);
	return ret ? ret : taken;
}

static void answer_free(struct client *client)
{
	struct answer *answer = client->answers;

	client->answers = answer->next;
	if (!client->answers)
		client->last = &client->answers;
	client->written = 0;
	client->held--;
	body_put(answer->body);
	free(answer);
}

/* What of the first answer is not written yet. */
static size_t rest_of(const struct client *client, struct iovec io[2])
{
	struct answer *answer = client->answers;
	size_t head = sizeof(answer->head), at = client->written;
	size_t body = answer->body ? answer->body->len : 0;

	io[0].iov_base = (char *)&answer->head + (at < head ? at : head);
	io[0].iov_len = at < head ? head - at : 0;
	at = at < head ? 0 : at - head;
	io[1].iov_base = answer->body ? answer->body->data + at : NULL;
	io[1].iov_len = body - at;
	return io[0].iov_len + io[1].iov_len;
}

/* Writes what the socket takes. */
static int send_answers(struct client *client)
{
	struct iovec io[2];
	struct msghdr msg = { .msg_iov = io, .msg_iovlen = 2 };
	ssize_t sent;
	size_t rest;

	while (client->answers) {
		rest = rest_of(client, io);
		sent = sendmsg(client->watch.fd, &msg,
			       MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0)
			break;
		client->stalled = 0;
		client->written += sent;
		if ((size_t)sent == rest)
			answer_free(client);
	}
	if (!client->answers || errno == EINTR)
		return 0;
	if (errno != EAGAIN)
		return -errno;
	if (!client->stalled)
		client->stalled = clock_boot();
	return 0;
}

static int read_some(struct client *client)
{
	size_t room = IN_SIZE - client->in_len;
	ssize_t got;

	if (client->at_end || !room || client->held >= most_held(client))
		return 0;
	got = client_receive(client, room);
	if (got == -EAGAIN || got == -EINTR)
		return 0;
	if (got < 0)
		return got;
	client->at_end = !got;
	client->in_len += got;
	return 0;
}

static void set_events(struct client *client)
{
	uint32_t events = 0;

	if (!client->at_end && client->held < most_held(client))
		events |= EPOLLIN;
	if (client->answers)
		events |= EPOLLOUT;
	loop_change(client->server->loop, &client->watch, events);
}

/*
 * Reads, does and writes what can be.  A written answer makes place for one
 * more request, which may be here already.
 */
static void pump(struct client *client)
{
	int ret;

	client->busy = true;
	ret = read_some(client);
	do {
		if (ret >= 0)
			ret = send_answers(client);
		if (!ret)
			ret = take_messages(client);
	} while (ret > 0);
	client->busy = false;
	if (ret == -EPROTO)
		log_say(LOG_WARNING, "a client speaks another protocol");
	if (ret || client->dead || (client->at_end && !client->held))
		client_drop(client);
	else
		set_events(client);
}

static void ready(struct watch *watch, uint32_t events)
{
	struct client *client = container_of(watch, struct client, watch);

	if (events & EPOLLERR || (events & EPOLLHUP && !(events & EPOLLIN)))
		client_drop(client);
	else
		pump(client);
}

void client_answer(struct client *client, uint32_t type, uint64_t tag,
		   int result, struct body *body)
{
	struct answer *answer = calloc(1, sizeof(*answer));

	if (!answer) {
		/* Who waits for it is to learn that it does not come. */
		client->held--;
		client->dead = true;
	} else {
		answer->head.magic = KVCD_MAGIC;
		answer->head.type = type;
		answer->head.result = result;
		answer->head.tag = tag;
		answer->head.len = body && !result ? body->len : 0;
		answer->body = result ? NULL : body_get(body);
		*client->last = answer;
		client->last = &answer->next;
	}
	if (!client->busy)
		pump(client);
}

static void free_client(struct watch *watch)
{
	free(container_of(watch, struct client, watch));
}

void client_drop(struct client *client)
{
	struct request *request;

	for (request = client->requests; request; request = request->next)
		request->client = NULL;
	while (client->answers)
		answer_free(client);
	if (client->front)
		front_put(client->front);
	if (client->passed >= 0)
		close(client->passed);
	*client->prev = client->next;
	if (client->next)
		client->next->prev = client->prev;
	loop_forget(client->server->loop, &client->watch);
	close(client->watch.fd);
	free(client->in);
	server_count(client->server, -1);
}

void client_check(struct client *client, uint64_t now)
{
	if (!client->stalled ||
	    now - client->stalled < client->server->config->idle)
		return;
	log_say(LOG_WARNING, "a client takes no answers: dropped");
	client_drop(client);
}

static struct client *new_client(struct server *server, int fd)
{
	struct client *client = calloc(1, sizeof(*client));

	if (!client)
		return NULL;
	client->in = malloc(IN_SIZE);
	if (!client->in) {
		free(client);
		return NULL;
	}
	client->server = server;
	client->passed = -1;
	client->last = &client->answers;
	client->watch = (struct watch){ fd, ready, free_client, NULL };
	return client;
}

int client_start(struct server *server, int fd)
{
	struct client *client = new_client(server, fd);
	int ret;

	if (!client)
		return -ENOMEM;
	ret = loop_watch(server->loop, &client->watch, EPOLLIN);
	if (ret) {
		free(client->in);
		free(client);
		return ret;
	}
	client->next = server->clients;
	client->prev = &server->clients;
	if (client->next)
		client->next->prev = &client->next;
	server->clients = client;
	server_count(server, 1);
	return 0;
}
