/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_MUTEX_H
#define _SHIM_LINUX_MUTEX_H

#include <pthread.h>
#include <linux/bug.h>
#include <linux/kernel.h>
#include <shim/context.h>

/**
 * struct mutex - a sleeping lock that knows who holds it
 * @mutex: the lock itself
 * @owner: shim_task of the holder
 */
struct mutex {
	pthread_mutex_t mutex;
	const struct shim_task *owner;
};

#define DEFINE_MUTEX(m) struct mutex m = { .mutex = PTHREAD_MUTEX_INITIALIZER }

static inline void mutex_init(struct mutex *m)
{
	pthread_mutex_init(&m->mutex, NULL);
	m->owner = NULL;
}

static inline bool shim_mutex_is_mine(const struct mutex *m)
{
	return READ_ONCE(m->owner) == shim_task();
}

static inline void mutex_lock(struct mutex *m)
{
	might_sleep();
	SHIM_CHECK(!shim_mutex_is_mine(m), "mutex: recursion");
	pthread_mutex_lock(&m->mutex);
	WRITE_ONCE(m->owner, shim_task());
}

static inline void mutex_unlock(struct mutex *m)
{
	SHIM_CHECK(shim_mutex_is_mine(m), "mutex: unlocked by another");
	WRITE_ONCE(m->owner, NULL);
	pthread_mutex_unlock(&m->mutex);
}

#endif
