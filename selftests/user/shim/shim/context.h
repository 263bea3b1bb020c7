/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_CONTEXT_H
#define _SHIM_CONTEXT_H

#include <stdbool.h>

#define SHIM_CPUS	4
#define SHIM_LOCKS_MAX	8

struct spinlock;

/**
 * struct shim_task - what a thread is doing, as the kernel's debug options
 * would know it
 * @readers: nesting of its read sections
 * @held: the spinlocks that it holds
 * @locks: their number
 * @cpu: where it runs
 * @dice: of shim_maybe_yield()
 * @registered: RCU knows it
 */
struct shim_task {
	int readers;
	const struct spinlock *held[SHIM_LOCKS_MAX];
	int locks;
	int cpu;
	unsigned int dice;
	bool registered;
};

struct shim_task *shim_task(void);

/* With SHIM_UNCHECKED there is one thread, and so one CPU. */
static inline int shim_cpu(void)
{
#ifdef SHIM_UNCHECKED
	return 0;
#else
	return shim_task()->cpu;
#endif
}

/* Aborts in a context in which the kernel must not sleep. */
void shim_might_sleep(const char *file, int line);

/*
 * This thread's cond_resched() calls @fn from now on, which may do what another
 * task could do there; NULL: it only yields.
 */
void shim_on_resched(void (*fn)(void *arg), void *arg);
void shim_resched(void);

/* Yields once in @every times on average; 0: never, which is the default. */
void shim_yield_every(unsigned int every);
#ifdef SHIM_UNCHECKED
static inline void shim_maybe_yield(void) { }
#else
void shim_maybe_yield(void);
#endif

#endif
