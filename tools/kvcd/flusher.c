// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "flusher.h"
#include "intake.h"
#include "kernel.h"
#include "log.h"

/* ms */
#define DELAY_FIRST	100
#define DELAY_MOST	10000
/* A cache that is not there costs little to look for. */
#define DELAY_ABSENT	1000

/* Waits until the stream, or -1: none, can be read, or it was woken. */
static void wait_for(struct flusher *f, int stream, int timeout)
{
	struct pollfd fds[] = {
		{ .fd = f->wake, .events = POLLIN },
		{ .fd = stream, .events = POLLIN },
	};
	uint64_t count;

	if (poll(fds, ARRAY_SIZE(fds), timeout) > 0 && fds[0].revents) {
		if (read(f->wake, &count, sizeof(count)) < 0)
			log_say(LOG_ERR, "eventfd: %s", strerror(errno));
	}
}

static void back_off(struct flusher *f, int most)
{
	f->delay = f->delay ? f->delay * 2 : DELAY_FIRST;
	if (f->delay > (unsigned int)most)
		f->delay = most;
	wait_for(f, -1, f->delay);
}

/* What is gone, what the kernel or the store cannot do now. */
static void report(struct flusher *f, struct intake *in, struct front *front,
		   int err, const struct why *why)
{
	if (err == -ESHUTDOWN) {
		log_say(LOG_NOTICE, "cache '%s' was destroyed", f->cache->name);
		front->gone = true;
		return;
	}
	count(&f->cache->counts.failures, 1);
	cache_failed(f->cache, err, why);
	store_heal(f->cache->store);
	if (in->run)
		kernel_flush_fail(in->stream, in->run, err);
}

/* Takes in runs until something goes wrong, or it is to end. */
static int drain(struct flusher *f, struct front *front, int stream)
{
	struct intake in;
	struct why why;
	uint64_t run;
	int ret;

	ret = intake_init(&in, front, stream);
	why_set(&why, "out of memory");
	while (!ret && !f->stop) {
		run = f->cache->counts.runs + f->cache->counts.repeats;
		ret = intake_step(&in, &why);
		if (f->cache->counts.runs + f->cache->counts.repeats != run)
			f->delay = 0;
		if (!ret) {
			wait_for(f, stream, -1);
		} else if (ret == -EAGAIN) {
			cache_failed(f->cache, ret, &why);
			back_off(f, DELAY_ABSENT);
			ret = 0;
		}
	}
	if (ret)
		report(f, &in, front, ret, &why);
	intake_exit(&in);
	return ret;
}

static void explain(struct flusher *f, int err, struct why *why)
{
	const char *name = f->cache->name;

	if (err == -ENOENT && access(f->cache->device, F_OK))
		why_set(why, "%s is not there: load the module: modprobe kvcache",
			f->cache->device);
	else if (err == -ENOENT)
		why_set(why, "does not exist yet: waiting for 'kvcctl cache create %s ...'",
			name);
	else if (err == -EOPNOTSUPP)
		why_set(why, "is no write-behind cache: create it as one, or take it out of the configuration");
	else if (err == -EBUSY)
		why_set(why, "has another flusher: is there a second kvcd?");
	else if (err == -EACCES)
		why_set(why, "kvcd may not read and write it: see the device's group and the cache's owner, group and mode");
	else
		why_set(why, "cannot be flushed: %s", strerror(-err));
}

/* One attempt: attaches, and flushes as long as all is well. */
static int serve(struct flusher *f)
{
	struct front *front;
	struct why why;
	int ret, stream;

	ret = cache_front(f->cache, 0, &front);
	if (ret) {
		explain(f, ret, &why);
		cache_failed(f->cache, ret, &why);
		return ret;
	}
	stream = kernel_flush_open(front->fd);
	if (stream >= 0) {
		log_say(LOG_INFO, "cache '%s' is being flushed", f->cache->name);
		ret = drain(f, front, stream);
		close(stream);
	} else if (stream == -ESHUTDOWN) {
		front->gone = true;
		ret = stream;
	} else {
		ret = stream;
		explain(f, ret, &why);
		cache_failed(f->cache, ret, &why);
	}
	front_put(front);
	return ret;
}

static void *run(void *arg)
{
	struct flusher *f = arg;
	int ret;

	while (!f->stop) {
		ret = serve(f);
		if (ret)
			back_off(f, ret == -ENOENT || ret == -ESHUTDOWN ?
				 DELAY_ABSENT : DELAY_MOST);
	}
	return NULL;
}

int flusher_start(struct flusher *f, struct cache *cache)
{
	int ret;

	memset(f, 0, sizeof(*f));
	f->cache = cache;
	f->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (f->wake < 0)
		return -errno;
	ret = pthread_create(&f->thread, NULL, run, f);
	if (ret)
		close(f->wake);
	return -ret;
}

void flusher_kick(struct flusher *f)
{
	uint64_t one = 1;

	if (write(f->wake, &one, sizeof(one)) < 0 && errno != EAGAIN)
		log_say(LOG_ERR, "eventfd: %s", strerror(errno));
}

void flusher_stop(struct flusher *f)
{
	f->stop = true;
	flusher_kick(f);
	pthread_join(f->thread, NULL);
	close(f->wake);
}
