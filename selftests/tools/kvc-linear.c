// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvc-linear CACHE OPERATIONS - is what is kept near as good as the cache?
 *
 * Threads write and delete, and read by a handle that keeps answers and by one
 * that does not.  All of their operations together must be such as if there
 * were one copy of each pair.  A miss says nothing, for pairs are evicted.
 *
 * What a wrong cache lets others see it does in the moment between a change and
 * the count of it.  So some readers have a writer's CPU and a higher priority:
 * they wake up at any moment, and look at what was being written.  Where locks
 * keep threads from being preempted (all but PREEMPT_RT), that moment is to be
 * made long, see lengthen() in guest.sh, for the readers of other CPUs.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <kvcache.h>

#include "../linear/history.h"

#define CPUS	2	/* of which each has a writer and an intruder */
#define READERS	2	/* others, anywhere */
#define THREADS	(2 * CPUS + READERS)
#define KEYS	32
#define COLD	3000	/* further keys, for which those are evicted */
#define PAUSE	500000	/* the longest time between two intrusions, in ns */

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
/* Operations that are still to be done; what each writer is about to write */
static int64_t left;
static uint32_t writing[CPUS];

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

/* The calling thread is bound to a CPU, the first being number 0. */
static void bind_to(unsigned int number)
{
	cpu_set_t cpus, one;
	int cpu;

	check("affinity", sched_getaffinity(0, sizeof(cpus), &cpus) ? -errno : 0);
	check("CPUs", CPU_COUNT(&cpus) < CPUS ? -ENODEV : 0);
	for (cpu = 0; !CPU_ISSET(cpu, &cpus) || number--; cpu++)
		;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	check("affinity", sched_setaffinity(0, sizeof(one), &one) ? -errno : 0);
}

static bool is_enough(void)
{
	return __atomic_load_n(&left, __ATOMIC_RELAXED) <= 0;
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

static void *write_all(void *arg)
{
	struct client *c = arg;
	unsigned int kind;
	uint32_t key = 0;

	bind_to(c->number);
	while (!is_enough()) {
		key = (key + 1) % KEYS;
		__atomic_store_n(&writing[c->number], key, __ATOMIC_RELAXED);
		kind = random_below(c, 100);
		if (kind < 80)
			do_write(c, key, kind < 5);
		else if (kind < 90)
			put_cold(c);
		else
			do_read(c, key, near);
	}
	return NULL;
}

/* What is kept is not older than what the cache has just told. */
static void read_both(struct client *c, uint32_t key)
{
	do_read(c, key, far);
	do_read(c, key, near);
}

static void *intrude_all(void *arg)
{
	static const struct sched_param param = { .sched_priority = 1 };
	struct timespec pause = { 0 };
	struct client *c = arg;
	size_t before;
	uint32_t key;

	bind_to(c->number % CPUS);
	check("priority", sched_setscheduler(0, SCHED_FIFO, &param) ? -errno : 0);
	while (!is_enough()) {
		pause.tv_nsec = random_below(c, PAUSE);
		nanosleep(&pause, NULL);
		before = c->history.count;
		read_both(c, __atomic_load_n(&writing[c->number % CPUS],
					     __ATOMIC_RELAXED));
		/* So that it has each when it is changed */
		for (key = 0; key < KEYS; key++)
			do_read(c, key, near);
		__atomic_sub_fetch(&left, c->history.count - before,
				   __ATOMIC_RELAXED);
	}
	return NULL;
}

static void *read_all(void *arg)
{
	struct client *c = arg;
	size_t before;
	uint32_t key;

	while (!is_enough()) {
		before = c->history.count;
		key = random_below(c, KEYS);
		if (!random_below(c, 50))
			do_write(c, key, false);
		read_both(c, key);
		__atomic_sub_fetch(&left, c->history.count - before,
				   __ATOMIC_RELAXED);
	}
	return NULL;
}

static void begin(struct client *c, unsigned int number, void *(*run)(void *))
{
	c->number = number;
	c->seed = 88172645463325252ull + number;
	check("thread", -pthread_create(&c->id, NULL, run, c));
}

/* Memory that is not used costs nothing. */
static void make_history(struct history *h, size_t room)
{
	h->room = room;
	h->ops = calloc(room, sizeof(*h->ops));
	check("memory", h->ops ? 0 : -ENOMEM);
}

static struct kvc *open_cache(const char *name)
{
	struct kvc *kvc;

	check("open", kvc_open(O_RDWR, &kvc));
	check("attach", kvc_attach(kvc, name));
	return kvc;
}

static void run(struct client *clients, size_t operations)
{
	unsigned int i;

	left = operations;
	for (i = 0; i < THREADS; i++) {
		make_history(&clients[i].history, 2 * operations);
		begin(&clients[i], i, i < CPUS ? write_all :
				      i < 2 * CPUS ? intrude_all : read_all);
	}
	for (i = 0; i < THREADS; i++)
		check("join", -pthread_join(clients[i].id, NULL));
}

int main(int argc, char **argv)
{
	static const struct kvc_near_opts opts = { .bytes = 1 << 16 };
	struct client clients[THREADS] = { 0 };
	struct history all[THREADS];
	struct kvc_near_stats stats;
	size_t count = 0, written = 0;
	unsigned int i;
	bool ok;

	if (argc != 3)
		return 1;
	near = open_cache(argv[1]);
	far = open_cache(argv[1]);
	check("near", kvc_near_set(near, &opts));
	/* What was there before is in no history. */
	check("clear", kvc_clear(far));
	run(clients, strtoull(argv[2], NULL, 0));
	for (i = 0; i < THREADS; i++) {
		all[i] = clients[i].history;
		count += all[i].count;
		written += i < CPUS ? all[i].count : 0;
	}
	ok = history_ok(all, THREADS);
	check("stats", kvc_near_stats(near, &stats));
	printf("%zu operations, %zu of writers, %llu without a system call\n",
	       count, written, (unsigned long long)stats.hits);
	for (i = 0; i < THREADS; i++)
		free(all[i].ops);
	kvc_close(near);
	kvc_close(far);
	return !ok || stats.hits < count / 10 || written < count / 1000;
}
