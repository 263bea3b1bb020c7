// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "kernel.h"
#include "request.h"
#include "task.h"

/* The cache that the file is attached to, if kvcd serves it. */
static int bind_client(struct client *client, int fd)
{
	struct kvc_info info;
	struct cache *cache;
	int ret;

	ret = kernel_info(fd, &info);
	if (ret)
		return -EBADF;
	if (!info.cache || !memchr(info.name, '\0', sizeof(info.name)))
		return -EBADF;
	cache = server_cache(client->server, info.name);
	if (!cache)
		return -ENOENT;
	/* By its id: the name may be that of another namespace's cache. */
	ret = cache_front(cache, info.cache, &client->front);
	if (!ret)
		client->rights = info.rights;
	return ret ? -ENOENT : 0;
}

static int attach(struct client *client)
{
	int fd = client->passed, ret;

	if (client->front)
		return -EISCONN;
	if (fd < 0)
		return -EBADF;
	client->passed = -1;
	ret = bind_client(client, fd);
	close(fd);
	return ret;
}

static int check_key(const struct client *client, uint32_t len)
{
	if (!len)
		return -EINVAL;
	return len > client->front->key_max ? -ENAMETOOLONG : 0;
}

static int check_range(const unsigned char *data, uint32_t len)
{
	struct kvcd_range range;

	if (len < sizeof(range))
		return -EINVAL;
	memcpy(&range, data, sizeof(range));
	if (range.flags & ~(KVCD_RANGE_PREFIX | KVCD_RANGE_KEYS) ||
	    range.reserved)
		return -EINVAL;
	if (range.start_len > KVC_KEY_MAX || range.end_len > KVC_KEY_MAX ||
	    range.after_len > KVC_KEY_MAX)
		return -ENAMETOOLONG;
	if (len != sizeof(range) + range.start_len + range.end_len +
	    range.after_len)
		return -EINVAL;
	return 0;
}

static int check_rights(const struct client *client, uint32_t right)
{
	if (!client->front)
		return -ENOTCONN;
	if (client->front->gone)
		return -ESHUTDOWN;
	return client->rights & right ? 0 : -EBADF;
}

static int check(const struct client *client, const struct kvcd_head *head,
		 const unsigned char *data)
{
	int ret;

	if (head->result)
		return -EINVAL;
	switch (head->type) {
	case KVCD_ATTACH:
	case KVCD_STORE_STATS:
		return head->len ? -EINVAL : 0;
	case KVCD_GET:
	case KVCD_STORE_GET:
		ret = check_rights(client, KVC_RIGHT_READ);
		return ret ? ret : check_key(client, head->len);
	case KVCD_STORE_SCAN:
		ret = check_rights(client, KVC_RIGHT_READ);
		return ret ? ret : check_range(data, head->len);
	case KVCD_STORE_COMPACT:
		ret = check_rights(client, KVC_RIGHT_WRITE);
		return ret ? ret : head->len ? -EINVAL : 0;
	}
	return -EOPNOTSUPP;
}

static struct request *new_request(struct client *client,
				   const struct kvcd_head *head)
{
	struct request *request = calloc(1, sizeof(*request));

	if (!request)
		return NULL;
	request->client = client;
	request->type = head->type;
	request->tag = head->tag;
	request->next = client->requests;
	request->prev = &client->requests;
	if (request->next)
		request->next->prev = &request->next;
	client->requests = request;
	return request;
}

static int begin(struct client *client, struct request *request,
		 const struct kvcd_head *head, const unsigned char *data)
{
	struct server *server = client->server;

	if (head->type != KVCD_GET)
		return task_begin(server, request,
				  head->type == KVCD_STORE_STATS ? NULL :
				  client->front, data, head->len);
	count(&client->front->cache->counts.gets, 1);
	return lookups_want(&server->lookups, request, client->front, data,
			    head->len);
}

int request_take(struct client *client, const struct kvcd_head *head,
		 const unsigned char *data)
{
	struct request *request;
	int ret;

	ret = check(client, head, data);
	if (!ret && head->type == KVCD_ATTACH) {
		client_answer(client, head->type, head->tag, attach(client),
			      NULL);
		return 0;
	}
	if (ret) {
		client_answer(client, head->type, head->tag, ret, NULL);
		return 0;
	}
	request = new_request(client, head);
	if (!request)
		return -ENOMEM;
	ret = begin(client, request, head, data);
	if (ret)
		request_end(request, ret, NULL);
	return 0;
}

void request_end(struct request *request, int result, struct body *body)
{
	struct client *client = request->client;

	if (client) {
		*request->prev = request->next;
		if (request->next)
			request->next->prev = request->prev;
		client_answer(client, request->type, request->tag, result,
			      body);
	}
	free(request);
}
