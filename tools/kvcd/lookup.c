// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who asks for a key while another one's look-up waits for a thread, gets what
 * that one finds: it is read later than it was asked for.  Who comes when the
 * store is being read may only have it if the kernel took it afterwards, which
 * says that nothing was written in between; else the key is looked up again.
 * Who comes later still begins a look-up.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <xxhash.h>

#include "lookup.h"
#include "readthrough.h"
#include "request.h"

struct lookup {
	struct job job;
	struct lookups *all;
	struct lookup *next;		/* in the bucket */
	struct readthrough rt;
	struct request *waiting;
	int result;
	unsigned char key[];
};

void lookups_init(struct lookups *lookups, struct pool *pool)
{
	memset(lookups, 0, sizeof(*lookups));
	lookups->pool = pool;
	if (getrandom(&lookups->seed, sizeof(lookups->seed), 0) < 0)
		lookups->seed = (uintptr_t)lookups;
}

static struct lookup **bucket_of(struct lookups *all, const void *key,
				 uint32_t len)
{
	return &all->buckets[XXH64(key, len, all->seed) % LOOKUP_BUCKETS];
}

static struct lookup *find(struct lookups *all, const struct front *front,
			   const void *key, uint32_t len)
{
	struct lookup *l = *bucket_of(all, key, len);

	for (; l; l = l->next) {
		if (l->rt.front == front && l->rt.key_len == len &&
		    !memcmp(l->key, key, len) && l->rt.phase != LOOK_FILLS)
			return l;
	}
	return NULL;
}

static void unlist(struct lookup *l)
{
	struct lookup **at = bucket_of(l->all, l->key, l->rt.key_len);

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
}

static void run(struct job *job)
{
	struct lookup *l = container_of(job, struct lookup, job);

	l->result = readthrough(&l->rt);
}

static void again(struct lookup *l, struct request *request)
{
	int ret = lookups_want(l->all, request, l->rt.front, l->key,
			       l->rt.key_len);

	if (ret)
		request_end(request, ret, NULL);
}

static void done(struct job *job)
{
	struct lookup *l = container_of(job, struct lookup, job);
	struct request *request;

	unlist(l);
	while ((request = l->waiting)) {
		l->waiting = request->next_waiting;
		if (request->late && !l->rt.sure && l->result != -ESHUTDOWN)
			again(l, request);
		else
			request_end(request, l->result, l->rt.body);
	}
	body_put(l->rt.body);
	front_put(l->rt.front);
	free(l);
}

static struct lookup *begin(struct lookups *all, struct front *front,
			    const void *key, uint32_t len)
{
	struct lookup **bucket = bucket_of(all, key, len);
	struct lookup *l = calloc(1, sizeof(*l) + len);

	if (!l)
		return NULL;
	l->job.run = run;
	l->job.done = done;
	l->all = all;
	memcpy(l->key, key, len);
	l->rt.front = front_get(front);
	l->rt.key = l->key;
	l->rt.key_len = len;
	/* Of those that no thread gets to any more. */
	l->result = -ESHUTDOWN;
	l->next = *bucket;
	*bucket = l;
	return l;
}

static void wait_for(struct lookup *l, struct request *request, bool late)
{
	request->late = late;
	request->next_waiting = l->waiting;
	l->waiting = request;
}

int lookups_want(struct lookups *all, struct request *request,
		 struct front *front, const void *key, uint32_t len)
{
	struct lookup *l = find(all, front, key, len);

	if (l) {
		/* It may have begun since it was found; then it is late, too. */
		wait_for(l, request, l->rt.phase != LOOK_WAITS);
		count(&front->cache->counts.joined, 1);
		return 0;
	}
	l = begin(all, front, key, len);
	if (!l)
		return -ENOMEM;
	wait_for(l, request, false);
	pool_add(all->pool, &l->job);
	return 0;
}
