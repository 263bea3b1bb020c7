/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_ADAPT_H
#define _KVC_ADAPT_H

#include <linux/atomic.h>
#include <linux/spinlock.h>
#include "counters.h"

struct kvc_cache;

/* Operations that one CPU counts by itself between two looks at the window */
#define KVC_ADAPT_TICK		256
/* One key in this many goes on using a tier that is switched off. */
#define KVC_ADAPT_PROBES	16

/**
 * struct kvc_adapt - when to switch the tier off and on, and its size
 * @ops: operations since the window began
 * @lock: held by who looks at a full window or changes sizes; taken outside of
 *	the shard locks
 * @last: the counts when the window began
 * @against: windows in a row that spoke against the present switch
 * @settle: windows that pass before the switch is looked at again
 * @settle_next: @settle of the next switch, longer when switches come often
 * @since: windows since the last switch
 * @quiet: windows in a row in which the memtable was hardly operated on
 * @switches: of the tier
 * @resizes: of the tier
 * @epoch: of the window, 1 to 255: what a pair of the memtable has as its @ref
 *	when it was operated on in this window
 *
 * All but @ops and @epoch under @lock.
 */
struct kvc_adapt {
	atomic_t ops;
	spinlock_t lock;
	struct kvc_counters last;
	u32 against;
	u32 settle;
	u32 settle_next;
	u32 since;
	u32 quiet;
	u32 switches;
	u32 resizes;
	u8 epoch;
};

void kvc_adapt_init(struct kvc_adapt *a);
void kvc_adapt_tick(struct kvc_cache *c);

/* Does this key probe a tier that is switched off? */
static inline bool kvc_adapt_probes(u32 hash)
{
	/* Bits that select neither shard nor bucket alone: Fibonacci hashing */
	return (hash * 0x9e3779b1u) >> 28 == 0;
}

#endif
