/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_COUNTERS_H
#define _KVC_COUNTERS_H

#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/types.h>

/* What a cache counts; struct kvc_stats explains most of them. */
enum kvc_counter {
	KVC_COUNT_HIT_TIER,
	KVC_COUNT_HIT_MEMTABLE,
	KVC_COUNT_MISS,
	KVC_COUNT_PUT,
	KVC_COUNT_UPDATE_TIER,
	KVC_COUNT_UPDATE_MEMTABLE,
	KVC_COUNT_DELETE,
	KVC_COUNT_TOUCH,
	KVC_COUNT_REFUSED,
	KVC_COUNT_MIGRATED,
	KVC_COUNT_PROMOTED,
	KVC_COUNT_EVICT_LIMIT,
	KVC_COUNT_EVICT_PRESSURE,
	KVC_COUNT_EXPIRED,
	KVC_COUNT_CLEARED,
	KVC_COUNT_PURGED,
	KVC_COUNT_FENCED,
	KVC_COUNT_INDEX_RESIZE,
	KVC_COUNT_FLUSHED,
	KVC_COUNT_FLUSH_WAIT,
	/* memtable pairs that were operated on for the first time in a while */
	KVC_COUNT_MEMTABLE_TOUCHED,
	/* operations on the keys that probe a tier which is switched off */
	KVC_COUNT_PROBE,
	KVC_COUNT_PROBE_HIT,
	KVC_COUNTERS
};

/**
 * struct kvc_counters - one CPU's counts, which only ever grow
 * @count: by &enum kvc_counter
 */
struct kvc_counters {
	u64 count[KVC_COUNTERS];
};

static inline void kvc_counters_add(struct kvc_counters __percpu *counters,
				    enum kvc_counter which, u64 n)
{
	this_cpu_add(counters->count[which], n);
}

static inline void kvc_counters_inc(struct kvc_counters __percpu *counters,
				    enum kvc_counter which)
{
	this_cpu_inc(counters->count[which]);
}

/* Returns this CPU's new count. */
static inline u64 kvc_counters_next(struct kvc_counters __percpu *counters,
				    enum kvc_counter which)
{
	return this_cpu_inc_return(counters->count[which]);
}

/* Returns this CPU's new count, which has grown by @n. */
static inline u64 kvc_counters_grow(struct kvc_counters __percpu *counters,
				    enum kvc_counter which, u64 n)
{
	return this_cpu_add_return(counters->count[which], n);
}

void kvc_counters_sum(struct kvc_counters __percpu *counters,
		      struct kvc_counters *sum);

#endif
