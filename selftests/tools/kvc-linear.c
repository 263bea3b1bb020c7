// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvc-linear CACHE OPERATIONS - is what is kept near as good as the cache?
 *
 * Threads write and delete, and read by a handle that keeps answers and by one
 * that does not.  All of their operations together must be such as if there
 * were one copy of each pair.  A miss says nothing, for pairs are evicted.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kvcache.h>

#include "../linear/history.h"

#define THREADS	4
#define KEYS	2
#define COLD	3000	/* further keys, for which those are evicted */

/**
 * struct client - a thread
 * @id: pthread's
 * @number: which
 * @seed: of its random numbers
 * @history: what it did
 */
struct client {
	pthread_t id;
	unsigned int number;
	uint64_t seed;
	struct history history;
};

/* What keeps answers, and what does not */
static struct kvc *near, *far;

static void check(const char *what, int ret)
{
	if (!ret)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-ret));
	exit(1);
}

static uint64_t random_below(struct client *c, uint64_t below)
{
	c->seed ^= c->seed << 13;
	c->seed ^= c->seed >> 7;
	c->seed ^= c->seed << 17;
	return (c->seed >> 20) % below;
}

static void do_read(struct client *c, uint32_t key, struct kvc *kvc)
{
	uint64_t inv = history_stamp(), value;
	size_t len = sizeof(value);
	int ret;

	ret = kvc_get(kvc, &key, sizeof(key), &value, &len, NULL);
	if (ret == -ENOENT)
		return;
	check("get", ret);
	history_add(&c->history, key, false, value, inv);
}

static void do_write(struct client *c, uint32_t key, bool del)
{
	uint64_t value = (c->history.count + 1) * THREADS + c->number;
	uint64_t inv = history_stamp();
	int ret;

	if (del)
		ret = kvc_del(far, &key, sizeof(key));
	else
		ret = kvc_put(far, &key, sizeof(key), &value, sizeof(value),
			      NULL, NULL);
	check("write", del && ret == -ENOENT ? 0 : ret);
	history_add(&c->history, key, true, value, inv);
}

static void put_cold(struct client *c)
{
	uint32_t key = KEYS + random_below(c, COLD);

	check("put", kvc_put(far, &key, sizeof(key), &key, sizeof(key), NULL,
			     NULL));
}

static void *client_run(void *arg)
{
	struct client *c = arg;
	unsigned int kind;
	uint32_t key;

	while (c->history.count + 2 < c->history.room) {
		key = random_below(c, KEYS);
		kind = random_below(c, 100);
		if (kind < 15)
			do_write(c, key, kind < 2);
		else if (kind < 20)
			put_cold(c);
		/* What is kept is not older than what the cache has just told. */
		if (kind < 60)
			do_read(c, key, far);
		do_read(c, key, near);
	}
	return NULL;
}

static void client_begin(struct client *c, unsigned int number, size_t room)
{
	c->number = number;
	c->seed = 88172645463325252ull + number;
	c->history.room = room;
	c->history.ops = calloc(room, sizeof(*c->history.ops));
	check("memory", c->history.ops ? 0 : -ENOMEM);
	check("thread", -pthread_create(&c->id, NULL, client_run, c));
}

static struct kvc *open_cache(const char *name)
{
	struct kvc *kvc;

	check("open", kvc_open(O_RDWR, &kvc));
	check("attach", kvc_attach(kvc, name));
	return kvc;
}

int main(int argc, char **argv)
{
	static const struct kvc_near_opts opts = { .bytes = 1 << 16 };
	struct client clients[THREADS] = { 0 };
	struct history all[THREADS];
	struct kvc_near_stats stats;
	unsigned long long count = 0;
	unsigned int i;
	bool ok;

	if (argc != 3)
		return 1;
	near = open_cache(argv[1]);
	far = open_cache(argv[1]);
	check("near", kvc_near_set(near, &opts));
	/* What was there before is in no history. */
	check("clear", kvc_clear(far));
	for (i = 0; i < THREADS; i++)
		client_begin(&clients[i], i,
			     strtoull(argv[2], NULL, 0) / THREADS + 1);
	for (i = 0; i < THREADS; i++) {
		check("join", -pthread_join(clients[i].id, NULL));
		all[i] = clients[i].history;
		count += all[i].count;
	}
	ok = history_ok(all, THREADS);
	check("stats", kvc_near_stats(near, &stats));
	printf("%llu operations, %llu of them without a system call\n", count,
	       (unsigned long long)stats.hits);
	for (i = 0; i < THREADS; i++)
		free(all[i].ops);
	kvc_close(near);
	kvc_close(far);
	return !ok || stats.hits < count / 10;
}
