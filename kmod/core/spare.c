// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries that were retired, and that no reader can hold any more, for the next
 * pairs of their size
 *
 * An overwrite retires one entry and needs another: the allocator would be
 * asked for it on one side, and given it back on the other, later, and not
 * where it is the fastest.  An entry stays charged to the memory cgroup it was
 * allocated for.  So all this is done for a cache as long as one cgroup alone
 * stores in it, and never again after a second one did: then what is charged
 * is what it would be without.
 */
#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/lockdep.h>
#include <linux/percpu.h>
#include "spare.h"

/**
 * kvc_spare_init - begin with nothing
 * @c: the cache
 *
 * Context: may sleep.  Return: 0 or -ENOMEM; kvc_spare_exit() either way.
 */
int kvc_spare_init(struct kvc_cache *c)
{
	int cpu;

	c->spare = alloc_percpu_gfp(struct kvc_spare, GFP_KERNEL_ACCOUNT);
	if (!c->spare)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		spin_lock_init(&per_cpu_ptr(c->spare, cpu)->lock);
	/* DEL and TOUCH make entries, too, and do not tell who pays. */
	if (c->mode == KVC_MODE_WRITEBEHIND)
		c->payer = KVC_SPARE_PAYERS;
	return 0;
}

/* All that a CPU has, as one chain */
static struct kvc_entry *take_all(struct kvc_spare *spare)
{
	struct kvc_entry *chain = NULL, *e;
	unsigned int class;

	lockdep_assert_held(&spare->lock);
	for (class = 0; class < KVC_POOL_CLASSES; class++) {
		while ((e = spare->list[class])) {
			spare->list[class] = e->limbo;
			e->limbo = chain;
			chain = e;
		}
		WRITE_ONCE(spare->count[class], 0);
	}
	return chain;
}

/**
 * kvc_spare_exit - free all
 * @c: a cache that nobody uses any more
 */
void kvc_spare_exit(struct kvc_cache *c)
{
	kvc_spare_disuse(c);
	kvc_spare_tidy(c);
	free_percpu(c->spare);
}

/**
 * kvc_spare_pays - a task is about to store in the cache, or has allocated for it
 * @c: the cache
 * @payer: says to which memory cgroup its memory is charged; not 0 or
 *	%KVC_SPARE_PAYERS
 *
 * Return: whether this is, and always was, the only one.
 */
bool kvc_spare_pays(struct kvc_cache *c, u64 payer)
{
	u64 was = READ_ONCE(c->payer);

	if (likely(was == payer))
		return true;
	if (!was)
		was = cmpxchg(&c->payer, 0, payer);
	if (!was || was == payer)
		return true;
	/*
	 * An entry of the second one is retired, and a grace period over, after
	 * all CPUs see this: it is never kept.
	 */
	WRITE_ONCE(c->payer, KVC_SPARE_PAYERS);
	return false;
}

static struct kvc_entry *pop(struct kvc_spare *spare, unsigned int class)
{
	struct kvc_entry *e = spare->list[class];

	lockdep_assert_held(&spare->lock);
	if (likely(e)) {
		spare->list[class] = e->limbo;
		WRITE_ONCE(spare->count[class], spare->count[class] - 1);
		WRITE_ONCE(spare->used, true);
	}
	if (spare->count[class] < KVC_SPARE_LOW)
		WRITE_ONCE(spare->low, true);
	return e;
}

/**
 * kvc_spare_take - what kvc_entry_alloc() would give, if there is one already
 * @c: the cache
 * @payer: see kvc_spare_pays()
 * @key_len: see kvc_entry_alloc()
 * @value_len: likewise
 *
 * Return: the entry or NULL.
 */
struct kvc_entry *kvc_spare_take(struct kvc_cache *c, u64 payer, u32 key_len,
				 u32 value_len)
{
	size_t bytes = kvc_entry_bytes(key_len, value_len);
	struct kvc_spare *spare;
	struct kvc_entry *e;

	if (!kvc_spare_pays(c, payer) || bytes > KVC_POOL_MAX)
		return NULL;
	spare = raw_cpu_ptr(c->spare);
	spin_lock(&spare->lock);
	e = pop(spare, kvc_pool_class(bytes));
	spin_unlock(&spare->lock);
	if (likely(e))
		kvc_entry_init(e, key_len, value_len);
	return e;
}

static bool keep(struct kvc_spare *spare, struct kvc_entry *e)
{
	size_t bytes = kvc_entry_bytes(e->key_len, e->value_len);
	unsigned int class;

	lockdep_assert_held(&spare->lock);
	if (bytes > KVC_POOL_MAX)
		return false;
	class = kvc_pool_class(bytes);
	if (spare->count[class] >= KVC_SPARE_MOST)
		return false;
	e->limbo = spare->list[class];
	spare->list[class] = e;
	WRITE_ONCE(spare->count[class], spare->count[class] + 1);
	return true;
}

/**
 * kvc_spare_give - keep entries for the next pairs, or free them
 * @c: the cache
 * @chain: from kvc_limbo_reap()
 */
void kvc_spare_give(struct kvc_cache *c, struct kvc_entry *chain)
{
	struct kvc_entry *e, *surplus = NULL;
	struct kvc_spare *spare;

	if (!kvc_spare_wanted(c)) {
		kvc_limbo_free(chain);
		return;
	}
	spare = raw_cpu_ptr(c->spare);
	spin_lock(&spare->lock);
	WRITE_ONCE(spare->low, false);
	while ((e = chain)) {
		chain = e->limbo;
		if (unlikely(!keep(spare, e))) {
			e->limbo = surplus;
			surplus = e;
		}
	}
	spin_unlock(&spare->lock);
	kvc_limbo_free(surplus);
}

/**
 * kvc_spare_disuse - have kvc_spare_tidy() free all, used lately or not
 * @c: the cache
 *
 * Context: any.
 */
void kvc_spare_disuse(struct kvc_cache *c)
{
	int cpu;

	for_each_possible_cpu(cpu)
		WRITE_ONCE(per_cpu_ptr(c->spare, cpu)->used, false);
}

/**
 * kvc_spare_tidy - free what is kept for writers that are gone
 * @c: the cache
 */
void kvc_spare_tidy(struct kvc_cache *c)
{
	struct kvc_entry *chain;
	struct kvc_spare *spare;
	int cpu;

	for_each_possible_cpu(cpu) {
		spare = per_cpu_ptr(c->spare, cpu);
		spin_lock(&spare->lock);
		/* kvc_spare_disuse() takes no lock. */
		chain = READ_ONCE(spare->used) && kvc_spare_wanted(c) ?
			NULL : take_all(spare);
		WRITE_ONCE(spare->used, false);
		spin_unlock(&spare->lock);
		kvc_limbo_free(chain);
	}
}

/**
 * kvc_spare_bytes - what is kept
 * @c: the cache
 */
size_t kvc_spare_bytes(const struct kvc_cache *c)
{
	const struct kvc_spare *spare;
	unsigned int class;
	size_t bytes = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		spare = per_cpu_ptr(c->spare, cpu);
		for (class = 0; class < KVC_POOL_CLASSES; class++)
			bytes += READ_ONCE(spare->count[class]) *
				 kvc_pool_class_size(class);
	}
	return bytes;
}
