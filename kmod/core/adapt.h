/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_ADAPT_H
#define _KVC_ADAPT_H

#include <linux/atomic.h>
#include "counters.h"

struct kvc_cache;

/* Operations that one CPU counts by itself between two looks at the window */
#define KVC_ADAPT_TICK		256
/* One key in this many goes on using a tier that is switched off. */
#define KVC_ADAPT_PROBES	16

/**
 * struct kvc_adapt - when to switch the tier off and on, and its size
 * @ops: operations since the window began
 * @busy: somebody looks at a full window
 * @last: the counts when the window began
 * @against: windows in a row that spoke against the present switch
 * @settle: windows that pass before the switch is looked at again
 * @settle_next: @settle of the next switch, longer when switches come often
 * @since: windows since the last switch
 * @quiet: windows in a row in which the memtable was hardly operated on
 * @switches: of the tier
 * @resizes: of the tier
 *
 * All but @ops and @busy belong to who has set @busy.
 */
struct kvc_adapt {
	atomic_t ops;
	atomic_t busy;
	struct kvc_counters last;
	u32 against;
	u32 settle;
	u32 settle_next;
	u32 since;
	u32 quiet;
	u32 switches;
	u32 resizes;
};

void kvc_adapt_tick(struct kvc_cache *c);
void kvc_adapt_pause(struct kvc_cache *c);
void kvc_adapt_resume(struct kvc_cache *c);

/* Does this key probe a tier that is switched off? */
static inline bool kvc_adapt_probes(u32 hash)
{
	/* Bits that select neither shard nor bucket alone: Fibonacci hashing */
	return (hash * 0x9e3779b1u) >> 28 == 0;
}

#endif
