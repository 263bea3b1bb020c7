// SPDX-License-Identifier: GPL-2.0-only
/*
 * The freshness fence: whoever keeps a cache coherent extends a deadline, and
 * when it does so no more, the cache stops answering instead of serving what
 * may be stale
 */
#include <asm/barrier.h>
#include "fence.h"

void kvc_fence_init(struct kvc_fence *f)
{
	spin_lock_init(&f->lock);
}

/**
 * kvc_fence_show - let clients see the deadline
 * @f: the fence
 * @at: where; it is kept right from now on
 */
void kvc_fence_show(struct kvc_fence *f, u64 *at)
{
	spin_lock(&f->lock);
	WRITE_ONCE(*at, f->deadline);
	f->shown = at;
	spin_unlock(&f->lock);
}

/**
 * kvc_fence_set - set the deadline
 * @f: the fence
 * @deadline: CLOCK_BOOTTIME in ns, 0: none
 *
 * Return: true when nobody waits for a deadline as early as this one, so that
 * the maintenance should look at it.
 */
bool kvc_fence_set(struct kvc_fence *f, u64 deadline)
{
	bool look;

	spin_lock(&f->lock);
	look = deadline && (!f->deadline || f->told || deadline < f->deadline);
	WRITE_ONCE(f->told, false);
	/* First there: nobody takes what he kept when a lookup misses already. */
	if (f->shown)
		WRITE_ONCE(*f->shown, deadline);
	/* Pairs with the acquire of clients. */
	smp_store_release(&f->deadline, deadline);
	spin_unlock(&f->lock);
	return look;
}

/**
 * kvc_fence_bites - should it be told that the deadline has passed?
 * @f: the fence
 * @now: CLOCK_BOOTTIME in ns
 *
 * Return: true for one caller after each passing.
 */
bool kvc_fence_bites(struct kvc_fence *f, u64 now)
{
	bool bites;

	if (READ_ONCE(f->told))
		return false;
	spin_lock(&f->lock);
	bites = !f->told && f->deadline && now >= f->deadline;
	if (bites)
		WRITE_ONCE(f->told, true);
	spin_unlock(&f->lock);
	return bites;
}

/**
 * kvc_fence_due - the deadline that nobody was told of yet, 0: none
 * @f: the fence
 */
u64 kvc_fence_due(struct kvc_fence *f)
{
	u64 due;

	spin_lock(&f->lock);
	due = f->told ? 0 : f->deadline;
	spin_unlock(&f->lock);
	return due;
}
