// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shim itself: what a debug kernel would report must end the program
 * here, and grace periods must wait.  Each violation happens in a child.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/cpumask.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>
#include <shim/alloc.h>
#include <shim/clock.h>
#include "check.h"

static DEFINE_SPINLOCK(lock);

static void held_by_nobody(void)
{
	lockdep_assert_held(&lock);
}

static void *take(void *unused)
{
	spin_lock(&lock);
	return NULL;
}

static void let_another_take(void)
{
	pthread_t id;

	pthread_create(&id, NULL, take, NULL);
	pthread_join(id, NULL);
}

static void held_by_another(void)
{
	let_another_take();
	lockdep_assert_held(&lock);
}

static void recursion(void)
{
	spin_lock(&lock);
	spin_lock(&lock);
}

static void nesting_of_a_class(void)
{
	static spinlock_t locks[2];
	int i;

	for (i = 0; i < 2; i++)
		spin_lock_init(&locks[i]);
	spin_lock(&locks[0]);
	spin_lock(&locks[1]);
}

static void unlock_of_anothers(void)
{
	let_another_take();
	spin_unlock(&lock);
}

static void never_initialised(void)
{
	static spinlock_t zero;

	spin_lock(&zero);
}

static DEFINE_MUTEX(mutex);

static void mutex_held_by_nobody(void)
{
	lockdep_assert_held(&mutex);
}

static void mutex_recursion(void)
{
	mutex_lock(&mutex);
	mutex_lock(&mutex);
}

static void mutex_under_lock(void)
{
	spin_lock(&lock);
	mutex_lock(&mutex);
}

static void allocation_under_lock(void)
{
	spin_lock(&lock);
	kfree(kmalloc(8, GFP_KERNEL));
}

static void allocation_in_section(void)
{
	rcu_read_lock();
	kfree(kmalloc(8, GFP_KERNEL));
}

static void wait_in_section(void)
{
	rcu_read_lock();
	synchronize_rcu();
}

static void resched_under_lock(void)
{
	spin_lock(&lock);
	cond_resched();
}

static void dereference_outside(void)
{
	static int *pointer;

	CHECK(!rcu_dereference(pointer));
}

static void dereference_unprotected(void)
{
	static int *pointer;

	CHECK(!rcu_dereference_protected(pointer, lockdep_is_held(&lock)));
}

static void unlock_without_lock(void)
{
	rcu_read_unlock();
}

static void seqcount_without_lock(void)
{
	seqcount_spinlock_t seq;

	seqcount_spinlock_init(&seq, &lock);
	write_seqcount_begin(&seq);
}

static void warning(void)
{
	WARN_ON_ONCE(1 > 0);
}

static struct kmem_cache *slab(void)
{
	return kmem_cache_create_usercopy("test", 64, 8, 0, 0, 64, NULL);
}

static void free_to_another_slab(void)
{
	kmem_cache_free(slab(), kmem_cache_alloc(slab(), GFP_KERNEL));
}

static void destroy_with_objects(void)
{
	struct kmem_cache *s = slab();

	kmem_cache_alloc(s, GFP_KERNEL);
	kmem_cache_destroy(s);
}

static void kfree_of_vmalloced(void)
{
	kfree(kvmalloc(1 << 20, GFP_KERNEL));
}

#define VIOLATION(f) { f, #f }
static const struct violation {
	void (*commit)(void);
	const char *name;
} violations[] = {
	VIOLATION(held_by_nobody),
	VIOLATION(held_by_another),
	VIOLATION(recursion),
	VIOLATION(nesting_of_a_class),
	VIOLATION(unlock_of_anothers),
	VIOLATION(never_initialised),
	VIOLATION(mutex_held_by_nobody),
	VIOLATION(mutex_recursion),
	VIOLATION(mutex_under_lock),
	VIOLATION(allocation_under_lock),
	VIOLATION(allocation_in_section),
	VIOLATION(wait_in_section),
	VIOLATION(resched_under_lock),
	VIOLATION(dereference_outside),
	VIOLATION(dereference_unprotected),
	VIOLATION(unlock_without_lock),
	VIOLATION(seqcount_without_lock),
	VIOLATION(warning),
	VIOLATION(free_to_another_slab),
	VIOLATION(destroy_with_objects),
	VIOLATION(kfree_of_vmalloced),
};

static void in_child(const struct violation *v)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDERR_FILENO);
	v->commit();
	_exit(EXIT_SUCCESS);
}

static void check_violation(const struct violation *v)
{
	int status;
	pid_t pid;

	check_doing("shim.%s", v->name);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		in_child(v);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
	      "status %x", status);
	check_passed("shim.%s", v->name);
}

/* A grace period that began inside of the section cannot end there. */
static void check_grace_periods(void)
{
	unsigned long cookie;
	int i;

	check_doing("shim.grace_periods_wait");
	rcu_read_lock();
	cookie = start_poll_synchronize_rcu();
	for (i = 0; i < 1000; i++) {
		CHECK(!poll_state_synchronize_rcu(cookie));
		sched_yield();
	}
	rcu_read_unlock();
	synchronize_rcu();
	CHECK(poll_state_synchronize_rcu(cookie));
	check_passed("shim.grace_periods_wait");
}

static void check_allocations(void)
{
	long objects = shim_live_objects(), bytes = shim_live_bytes();
	void *p;

	check_doing("shim.allocations_are_counted");
	p = kmalloc(65, GFP_KERNEL);
	CHECK(p && shim_live_objects() == objects + 1);
	CHECK(shim_live_bytes() == bytes + 96);
	shim_fail_nth(2);
	kfree(p);
	p = kmalloc(65, GFP_KERNEL);
	CHECK(p && !shim_failed());
	CHECK(!kmalloc(8, GFP_KERNEL) && shim_failed());
	shim_fail_nth(0);
	CHECK(!shim_failed());
	kfree(p);
	p = kvmalloc(100000, GFP_KERNEL);
	CHECK(is_vmalloc_addr(p));
	CHECK(shim_live_bytes() == bytes + PAGE_ALIGN(100000));
	kvfree(p);
	CHECK(shim_live_objects() == objects && shim_live_bytes() == bytes);
	check_passed("shim.allocations_are_counted");
}

#define COUNTS	200000
static u64 __percpu *counter;

static void *count(void *unused)
{
	int i;

	for (i = 0; i < COUNTS; i++)
		this_cpu_inc(*counter);
	return NULL;
}

static void check_percpu(void)
{
	pthread_t ids[2 * SHIM_CPUS];
	u64 sum = 0;
	int i;

	check_doing("shim.percpu_counts_are_exact");
	counter = alloc_percpu(u64);
	for (i = 0; i < 2 * SHIM_CPUS; i++)
		CHECK(!pthread_create(&ids[i], NULL, count, NULL));
	for (i = 0; i < 2 * SHIM_CPUS; i++)
		pthread_join(ids[i], NULL);
	for_each_possible_cpu(i) {
		CHECK(*per_cpu_ptr(counter, i), "CPU %d is unused", i);
		sum += *per_cpu_ptr(counter, i);
	}
	CHECK(sum == 2 * SHIM_CPUS * COUNTS);
	free_percpu(counter);
	check_passed("shim.percpu_counts_are_exact");
}

static void check_clock(void)
{
	check_doing("shim.clock_can_be_set");
	shim_clock_set(1000);
	CHECK(ktime_get_boottime_ns() == 1000);
	shim_clock_set(0);
	CHECK(ktime_get_boottime_ns() > 1000000);
	check_passed("shim.clock_can_be_set");
}

int main(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(violations) / sizeof(violations[0]); i++)
		check_violation(&violations[i]);
	check_grace_periods();
	check_allocations();
	check_percpu();
	check_clock();
	check_done();
	return EXIT_SUCCESS;
}
