// SPDX-License-Identifier: GPL-2.0-only
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/bug.h>
#include <shim/context.h>

static __thread struct shim_task current_task = { .cpu = -1 };
static unsigned int tasks;
static unsigned int yield_every;
static __thread void (*on_resched)(void *arg);
static __thread void *on_resched_arg;

void shim_bug(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

/* Threads are spread over the CPUs in the order in which they appear. */
static void task_begin(struct shim_task *task)
{
	unsigned int number;

	number = __atomic_fetch_add(&tasks, 1, __ATOMIC_RELAXED);
	task->cpu = number % SHIM_CPUS;
	task->dice = number * 2654435761u + 1;
}

struct shim_task *shim_task(void)
{
	struct shim_task *task = &current_task;

	if (unlikely(task->cpu < 0))
		task_begin(task);
	return task;
}

void shim_might_sleep(const char *file, int line)
{
	const struct shim_task *task = shim_task();

	if (task->locks)
		shim_bug(file, line, "sleeps under a spinlock");
	if (task->readers)
		shim_bug(file, line, "sleeps in an RCU read section");
}

void shim_on_resched(void (*fn)(void *arg), void *arg)
{
	on_resched = fn;
	on_resched_arg = arg;
}

void shim_resched(void)
{
	if (unlikely(on_resched))
		on_resched(on_resched_arg);
	else
		sched_yield();
}

void shim_yield_every(unsigned int every)
{
	__atomic_store_n(&yield_every, every, __ATOMIC_RELAXED);
}

#ifndef SHIM_UNCHECKED
void shim_maybe_yield(void)
{
	unsigned int every = __atomic_load_n(&yield_every, __ATOMIC_RELAXED);
	struct shim_task *task;

	if (likely(!every))
		return;
	task = shim_task();
	task->dice ^= task->dice << 13;
	task->dice ^= task->dice >> 17;
	task->dice ^= task->dice << 5;
	if (task->dice % every == 0)
		sched_yield();
}
#endif
