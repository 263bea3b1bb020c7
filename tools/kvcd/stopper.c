// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "kernel.h"
#include "log.h"
#include "stopper.h"

struct sync {
	struct stopper *stopper;
	struct front *front;
};

static void end(struct stopper *stopper)
{
	uint64_t one = 1;

	if (atomic_fetch_sub(&stopper->left, 1) == 1 &&
	    write(stopper->done.fd, &one, sizeof(one)) < 0)
		log_say(LOG_ERR, "eventfd: %s", strerror(errno));
}

static void *sync_cache(void *arg)
{
	struct sync *sync = arg;
	int ret = kernel_sync(sync->front->fd);

	if (ret && ret != -ESHUTDOWN) {
		sync->stopper->failed++;
		log_say(LOG_ERR, "cache '%s': the store has not got all of it: %s; the kernel keeps the rest",
			sync->front->cache->name, strerror(-ret));
	}
	front_put(sync->front);
	end(sync->stopper);
	free(sync);
	return NULL;
}

static int begin_cache(struct stopper *stopper, struct front *front)
{
	struct sync *sync = malloc(sizeof(*sync));
	pthread_t thread;
	int ret;

	if (!sync)
		return -ENOMEM;
	sync->stopper = stopper;
	sync->front = front_get(front);
	ret = pthread_create(&thread, NULL, sync_cache, sync);
	if (ret) {
		front_put(front);
		free(sync);
		return -ret;
	}
	pthread_detach(thread);
	return 0;
}

static void begin(struct stopper *stopper, struct cache *cache)
{
	struct front *front = NULL;
	int ret = 0;

	pthread_mutex_lock(&cache->lock);
	if (cache->front && !cache->front->gone)
		front = front_get(cache->front);
	pthread_mutex_unlock(&cache->lock);
	if (front) {
		stopper->left++;
		ret = begin_cache(stopper, front);
		front_put(front);
	}
	if (ret) {
		stopper->failed++;
		stopper->left--;
		log_say(LOG_ERR, "cache '%s' is not flushed: %s", cache->name,
			strerror(-ret));
	}
}

static void all_done(struct watch *watch, uint32_t events)
{
	struct stopper *stopper = container_of(watch, struct stopper, done);

	(void)events;
	stopper->loop->stop = true;
}

static void time_up(struct watch *watch, uint32_t events)
{
	struct stopper *stopper = container_of(watch, struct stopper, timer);

	(void)events;
	stopper->late = true;
	stopper->loop->stop = true;
}

static int watch_both(struct stopper *stopper, uint64_t timeout)
{
	struct itimerspec when = {
		.it_value = { timeout / 1000000000, timeout % 1000000000 },
	};
	int ret;

	stopper->done.ready = all_done;
	stopper->done.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	stopper->timer.ready = time_up;
	stopper->timer.fd = timerfd_create(CLOCK_BOOTTIME,
					   TFD_CLOEXEC | TFD_NONBLOCK);
	if (timerfd_settime(stopper->timer.fd, 0, &when, NULL))
		return -errno;
	ret = loop_watch(stopper->loop, &stopper->done, EPOLLIN);
	return ret ? ret : loop_watch(stopper->loop, &stopper->timer, EPOLLIN);
}

void stopper_begin(struct stopper *stopper, struct loop *loop,
		   struct cache *caches, size_t count, uint64_t timeout)
{
	size_t i;

	memset(stopper, 0, sizeof(*stopper));
	stopper->loop = loop;
	stopper->caches = caches;
	stopper->count = count;
	/* One for this function, so that the end comes when all have begun. */
	stopper->left = 1;
	if (watch_both(stopper, timeout ? timeout : 1)) {
		stopper->failed++;
		loop->stop = true;
		return;
	}
	for (i = 0; i < count; i++)
		begin(stopper, &caches[i]);
	end(stopper);
}
