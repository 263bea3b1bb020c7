// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bug.h>
#include <linux/spinlock.h>

void shim_spin_init(spinlock_t *l, const char *class)
{
	pthread_mutex_init(&l->mutex, NULL);
	l->owner = NULL;
	l->class = class;
}

bool shim_spin_is_mine(const spinlock_t *l)
{
	return READ_ONCE(l->owner) == shim_task();
}

/* No two locks of one class are ever nested here. */
static void check_nesting(const struct shim_task *task, const spinlock_t *l)
{
	int i;

	SHIM_CHECK(l->class, "lock is not initialised");
	SHIM_CHECK(task->locks < SHIM_LOCKS_MAX, "too many locks");
	for (i = 0; i < task->locks; i++) {
		SHIM_CHECK(task->held[i] != l, "%s: recursion", l->class);
		SHIM_CHECK(task->held[i]->class != l->class,
			   "%s: nested in another of its class", l->class);
	}
}

static void acquired(struct shim_task *task, spinlock_t *l)
{
	WRITE_ONCE(l->owner, task);
	task->held[task->locks++] = l;
}

void spin_lock(spinlock_t *l)
{
	struct shim_task *task = shim_task();

	check_nesting(task, l);
	shim_maybe_yield();
	pthread_mutex_lock(&l->mutex);
	acquired(task, l);
}

int spin_trylock(spinlock_t *l)
{
	struct shim_task *task = shim_task();

	check_nesting(task, l);
	if (pthread_mutex_trylock(&l->mutex))
		return 0;
	acquired(task, l);
	return 1;
}

void spin_unlock(spinlock_t *l)
{
	struct shim_task *task = shim_task();
	int i;

	SHIM_CHECK(shim_spin_is_mine(l), "%s: unlocked by another", l->class);
	for (i = task->locks - 1; task->held[i] != l; i--)
		;
	task->held[i] = task->held[--task->locks];
	WRITE_ONCE(l->owner, NULL);
	pthread_mutex_unlock(&l->mutex);
	shim_maybe_yield();
}
