/* SPDX-License-Identifier: GPL-2.0-only */
/* The thread that brings a cache's runs into the store */
#ifndef KVCD_FLUSHER_H
#define KVCD_FLUSHER_H

#include <pthread.h>
#include <stdatomic.h>

#include "cache.h"

/**
 * struct flusher - a thread
 * @cache: whose runs it takes
 * @thread: it
 * @wake: an eventfd that ends its waiting
 * @stop: it is to end
 * @delay: ms until the next attempt, after a failure
 */
struct flusher {
	struct cache *cache;
	pthread_t thread;
	int wake;
	atomic_bool stop;
	unsigned int delay;
};

int flusher_start(struct flusher *flusher, struct cache *cache);

/* Ends the thread, which may be within a run: that one is offered again. */
void flusher_stop(struct flusher *flusher);

/* Tries again now, if it waits for the next attempt. */
void flusher_kick(struct flusher *flusher);

#endif /* KVCD_FLUSHER_H */
