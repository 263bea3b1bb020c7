/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads for what may wait for the disk, so that the main loop does not */
#ifndef KVCD_POOL_H
#define KVCD_POOL_H

#include <pthread.h>
#include <stdbool.h>

#include "loop.h"

/**
 * struct job - something to do
 * @run: called on a thread of the pool
 * @done: called on the main loop after it
 * @next: in a queue
 */
struct job {
	void (*run)(struct job *job);
	void (*done)(struct job *job);
	struct job *next;
};

struct queue {
	struct job *first;
	struct job **last;
};

/**
 * struct pool - threads and what they have to do
 * @watch: an eventfd by which the main loop hears of what was done
 * @lock: of the rest
 * @work: there is a job, or they are to end
 * @todo: jobs
 * @done: jobs
 * @stop: they are to end
 * @threads: @count of them
 * @count: how many
 */
struct pool {
	struct watch watch;
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct queue todo;
	struct queue done;
	bool stop;
	pthread_t *threads;
	unsigned int count;
};

int pool_init(struct pool *pool, struct loop *loop, unsigned int threads);

/* Ends the threads; what they have not begun is dropped after @done. */
void pool_exit(struct pool *pool, struct loop *loop);

void pool_add(struct pool *pool, struct job *job);

#endif /* KVCD_POOL_H */
