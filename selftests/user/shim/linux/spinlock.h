/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_SPINLOCK_H
#define _SHIM_LINUX_SPINLOCK_H

#include <pthread.h>
#include <linux/compiler.h>
#include <linux/types.h>
#include <shim/context.h>

/**
 * struct spinlock - a lock that knows who holds it
 * @mutex: the lock itself; a spinning thread would only keep the holder from
 *	its CPU
 * @owner: shim_task of the holder
 * @class: all locks of one spin_lock_init(), as lockdep has it
 */
typedef struct spinlock {
	pthread_mutex_t mutex;
	const struct shim_task *owner;
	const char *class;
} spinlock_t;

#define SHIM_STRINGIFY_(x) #x
#define SHIM_STRINGIFY(x) SHIM_STRINGIFY_(x)
#define SHIM_LOCK_CLASS(l) (#l " at " __FILE__ ":" SHIM_STRINGIFY(__LINE__))

#define DEFINE_SPINLOCK(l) spinlock_t l = {				\
	.mutex = PTHREAD_MUTEX_INITIALIZER,				\
	.class = SHIM_LOCK_CLASS(l),					\
}
#define spin_lock_init(l)	shim_spin_init(l, SHIM_LOCK_CLASS(l))

void shim_spin_init(spinlock_t *l, const char *class);
bool shim_spin_is_mine(const spinlock_t *l);
void spin_lock(spinlock_t *l);
int spin_trylock(spinlock_t *l);
void spin_unlock(spinlock_t *l);

#endif
