// SPDX-License-Identifier: GPL-2.0-only
/*
 * RCU over liburcu.  Grace periods are real and run by a thread of their own,
 * as the kernel has one.
 *
 * TSan does not see the barriers inside liburcu.  What they order is told to
 * it here: everything in a read section comes before the end of a grace
 * period that waited for it.
 */
#include <pthread.h>
#include <semaphore.h>
#include <urcu/urcu-mb.h>
#undef rcu_assign_pointer
#undef rcu_dereference
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/rcupdate.h>

#ifdef SHIM_TSAN
void __tsan_acquire(void *addr);
void __tsan_release(void *addr);
#else
#define __tsan_acquire(addr)	((void)(addr))
#define __tsan_release(addr)	((void)(addr))
#endif

static char sections_end;

/* Odd while a polled grace period goes on; and how far it should get */
static unsigned long gp_seq;
static unsigned long gp_needed;
static sem_t gp_wanted;
static pthread_mutex_t gp_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gp_ended = PTHREAD_COND_INITIALIZER;
static pthread_once_t gp_once = PTHREAD_ONCE_INIT;
static pthread_key_t reader_key;

static void reader_end(void *task)
{
	((struct shim_task *)task)->registered = false;
	urcu_mb_unregister_thread();
}

static void grace_period(void)
{
	WRITE_ONCE(gp_seq, gp_seq + 1);
	smp_mb();
	urcu_mb_synchronize_rcu();
	__tsan_acquire(&sections_end);
	pthread_mutex_lock(&gp_mutex);
	smp_store_release(&gp_seq, gp_seq + 1);
	pthread_cond_broadcast(&gp_ended);
	pthread_mutex_unlock(&gp_mutex);
}

static void *gp_thread(void *unused)
{
	for (;;) {
		while (sem_wait(&gp_wanted))
			;
		while ((long)(READ_ONCE(gp_needed) - gp_seq) > 0)
			grace_period();
	}
	return NULL;
}

static void rcu_begin(void)
{
	pthread_t thread;

	if (pthread_key_create(&reader_key, reader_end) ||
	    sem_init(&gp_wanted, 0, 0) ||
	    pthread_create(&thread, NULL, gp_thread, NULL))
		shim_bug(__FILE__, __LINE__, "no grace period thread");
	pthread_detach(thread);
}

static void reader_begin(struct shim_task *task)
{
	pthread_once(&gp_once, rcu_begin);
	urcu_mb_register_thread();
	pthread_setspecific(reader_key, task);
	task->registered = true;
}

void rcu_read_lock(void)
{
	struct shim_task *task = shim_task();

	if (unlikely(!task->registered))
		reader_begin(task);
	urcu_mb_read_lock();
	task->readers++;
}

void rcu_read_unlock(void)
{
	struct shim_task *task = shim_task();

	SHIM_CHECK(task->readers > 0, "rcu_read_unlock() without lock");
	shim_maybe_yield();
	if (!--task->readers)
		__tsan_release(&sections_end);
	urcu_mb_read_unlock();
}

/* The cookie is the count after the first grace period that begins later. */
unsigned long start_poll_synchronize_rcu(void)
{
	unsigned long cookie, needed;

	pthread_once(&gp_once, rcu_begin);
	smp_mb();
	cookie = (READ_ONCE(gp_seq) + 3) & ~1UL;
	needed = READ_ONCE(gp_needed);
	while ((long)(cookie - needed) > 0 &&
	       !__atomic_compare_exchange_n(&gp_needed, &needed, cookie, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	sem_post(&gp_wanted);
	return cookie;
}

bool poll_state_synchronize_rcu(unsigned long cookie)
{
	return (long)(smp_load_acquire(&gp_seq) - cookie) >= 0;
}

void synchronize_rcu(void)
{
	unsigned long cookie;

	might_sleep();
	cookie = start_poll_synchronize_rcu();
	pthread_mutex_lock(&gp_mutex);
	while (!poll_state_synchronize_rcu(cookie))
		pthread_cond_wait(&gp_ended, &gp_mutex);
	pthread_mutex_unlock(&gp_mutex);
}
