// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "util.h"

#define TICK	1000	/* ms */

int loop_init(struct loop *loop)
{
	memset(loop, 0, sizeof(*loop));
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	return loop->epoll < 0 ? -errno : 0;
}

static void free_forgotten(struct loop *loop)
{
	struct watch *watch;

	while ((watch = loop->forgotten)) {
		loop->forgotten = watch->next;
		if (watch->free)
			watch->free(watch);
	}
}

void loop_exit(struct loop *loop)
{
	free_forgotten(loop);
	close(loop->epoll);
}

int loop_watch(struct loop *loop, struct watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, watch->fd, &event) ?
	       -errno : 0;
}

void loop_change(struct loop *loop, struct watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (epoll_ctl(loop->epoll, EPOLL_CTL_MOD, watch->fd, &event))
		log_say(LOG_ERR, "epoll: %s", strerror(errno));
}

void loop_forget(struct loop *loop, struct watch *watch)
{
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	/* What this round has still got of it is not to be delivered. */
	watch->ready = NULL;
	watch->next = loop->forgotten;
	loop->forgotten = watch;
}

void loop_run(struct loop *loop)
{
	struct epoll_event events[64];
	struct watch *watch;
	int count, i;

	while (!loop->stop) {
		count = epoll_wait(loop->epoll, events, ARRAY_SIZE(events),
				   loop->tick ? TICK : -1);
		for (i = 0; i < count; i++) {
			watch = events[i].data.ptr;
			if (watch->ready)
				watch->ready(watch, events[i].events);
		}
		if (loop->tick)
			loop->tick(loop->arg);
		free_forgotten(loop);
	}
}
