/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_FENCE_H
#define _KVC_FENCE_H

#include <linux/compiler.h>
#include <linux/ktime.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/**
 * struct kvc_fence - until when what a cache holds is known to be fresh
 * @deadline: CLOCK_BOOTTIME in ns, 0: for ever.  Read by every lookup, written
 *	under @lock.
 * @shown: where clients see it, or NULL
 * @told: that it has passed was told of
 * @lock: of all three.  Nothing sleeps, allocates or is called under it.
 */
struct kvc_fence {
	u64 deadline;
	u64 *shown;
	bool told;
	spinlock_t lock;
};

/**
 * kvc_fence_past - has the deadline passed?
 * @f: the fence
 * @now: see kvc_entry_expired(); the clock is read only when there is a fence
 */
static inline bool kvc_fence_past(const struct kvc_fence *f, u64 *now)
{
	u64 deadline = READ_ONCE(f->deadline);

	if (likely(!deadline))
		return false;
	if (!*now)
		*now = ktime_get_boottime_ns();
	return *now >= deadline;
}

void kvc_fence_init(struct kvc_fence *f);
void kvc_fence_show(struct kvc_fence *f, u64 *at);
bool kvc_fence_set(struct kvc_fence *f, u64 deadline);
bool kvc_fence_bites(struct kvc_fence *f, u64 now);
u64 kvc_fence_due(struct kvc_fence *f);

#endif
