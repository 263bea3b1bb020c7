// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "page.h"
#include "readthrough.h"
#include "stats.h"
#include "task.h"

struct task {
	struct job job;
	struct server *server;
	struct request *request;
	struct front *front;	/* NULL of KVCD_STORE_STATS */
	uint32_t type;
	int result;
	struct body *body;
	uint32_t len;
	unsigned char data[];
};

static int scan(struct task *task)
{
	struct cache *cache = task->front->cache;
	struct kvcd_range range;
	struct why why;
	int ret;

	memcpy(&range, task->data, sizeof(range));
	ret = page_make(cache->store, cache->column, &range,
			task->data + sizeof(range), &task->body, &why);
	return !ret || ret == -ENOMEM ? ret : readthrough_failed(cache, &why);
}

static int do_task(struct task *task)
{
	switch (task->type) {
	case KVCD_STORE_GET:
		return readthrough_store(task->front, task->data, task->len,
					 &task->body);
	case KVCD_STORE_SCAN:
		return scan(task);
	case KVCD_STORE_STATS:
		return stats_make(task->server, &task->body);
	case KVCD_STORE_COMPACT:
		return store_compact(task->front->cache->store,
				     task->front->cache->column);
	}
	return -EOPNOTSUPP;
}

static void run(struct job *job)
{
	struct task *task = container_of(job, struct task, job);

	task->result = do_task(task);
}

static void done(struct job *job)
{
	struct task *task = container_of(job, struct task, job);

	request_end(task->request, task->result, task->body);
	body_put(task->body);
	if (task->front)
		front_put(task->front);
	free(task);
}

int task_begin(struct server *server, struct request *request,
	       struct front *front, const unsigned char *data, uint32_t len)
{
	struct task *task = calloc(1, sizeof(*task) + len);

	if (!task)
		return -ENOMEM;
	task->job.run = run;
	task->job.done = done;
	task->server = server;
	task->request = request;
	task->front = front ? front_get(front) : NULL;
	task->type = request->type;
	/* Of those that no thread gets to any more. */
	task->result = -ESHUTDOWN;
	task->len = len;
	memcpy(task->data, data, len);
	/* Compactions take long, and have a thread of their own. */
	pool_add(request->type == KVCD_STORE_COMPACT ? &server->upkeep :
		 &server->readers, &task->job);
	return 0;
}
