/* SPDX-License-Identifier: GPL-2.0-only */
/* The main loop: who waits for what, on one thread */
#ifndef KVCD_LOOP_H
#define KVCD_LOOP_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct watch - a file that is waited for
 * @fd: it
 * @ready: called with the EPOLL* that are there
 * @free: called when nobody can call @ready any more, after loop_forget(); may
 *	be NULL
 * @next: of those that were forgotten
 */
struct watch {
	int fd;
	void (*ready)(struct watch *watch, uint32_t events);
	void (*free)(struct watch *watch);
	struct watch *next;
};

/**
 * struct loop - the loop
 * @epoll: its file
 * @stop: it is to end
 * @forgotten: watches that may be freed after this round
 * @tick: called about once a second, when not NULL
 * @arg: for @tick
 */
struct loop {
	int epoll;
	bool stop;
	struct watch *forgotten;
	void (*tick)(void *arg);
	void *arg;
};

int loop_init(struct loop *loop);
void loop_exit(struct loop *loop);

/* @watch->fd and the functions are set.  0 or -errno. */
int loop_watch(struct loop *loop, struct watch *watch, uint32_t events);
void loop_change(struct loop *loop, struct watch *watch, uint32_t events);

/* Before its file is closed. */
void loop_forget(struct loop *loop, struct watch *watch);

/* Until @stop is set. */
void loop_run(struct loop *loop);

#endif /* KVCD_LOOP_H */
