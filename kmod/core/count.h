/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_COUNT_H
#define _KVC_COUNT_H

#include "cache.h"

/* An operation on a key, which hit the tier or not: does it tell of the tier? */
static inline void kvc_count_probe(struct kvc_cache *c, u32 hash, bool hit)
{
	if (likely(!READ_ONCE(c->bypass)) || !kvc_adapt_probes(hash))
		return;
	kvc_counters_inc(c->counters, KVC_COUNT_PROBE);
	if (hit)
		kvc_counters_inc(c->counters, KVC_COUNT_PROBE_HIT);
}

/* This CPU's @n-th operation of a kind is done. */
static inline void kvc_count_tick(struct kvc_cache *c, u64 n)
{
	if (unlikely(!(n % KVC_ADAPT_TICK)))
		kvc_adapt_tick(c);
}

#endif
