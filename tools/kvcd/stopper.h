/* SPDX-License-Identifier: GPL-2.0-only */
/* The last flush: what is dirty goes into the store before kvcd ends */
#ifndef KVCD_STOPPER_H
#define KVCD_STOPPER_H

#include <stdatomic.h>

#include "cache.h"
#include "loop.h"

/**
 * struct stopper - the last flush
 * @loop: ends when it is done
 * @done: an eventfd
 * @timer: a timerfd: it takes too long
 * @caches: @count of them
 * @left: caches that are not done
 * @failed: caches of which the store has not got everything
 * @late: the time was up
 */
struct stopper {
	struct loop *loop;
	struct watch done;
	struct watch timer;
	struct cache *caches;
	size_t count;
	atomic_size_t left;
	atomic_size_t failed;
	bool late;
};

/* Begins it; ends the loop when it is over, after @timeout ns at the latest. */
void stopper_begin(struct stopper *stopper, struct loop *loop,
		   struct cache *caches, size_t count, uint64_t timeout);

#endif /* KVCD_STOPPER_H */
