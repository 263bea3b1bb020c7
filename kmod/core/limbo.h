/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_LIMBO_H
#define _KVC_LIMBO_H

#include "entry.h"

/**
 * struct kvc_limbo - entries that wait for a grace period
 * @filling: retired since @waiting was closed
 * @waiting: their grace period was begun, @cookie tells which
 * @ready: their grace period is over
 * @cookie: of start_poll_synchronize_rcu()
 * @bytes: of all three
 *
 * Under the shard lock.  Entries are freed a few at a time by the writers
 * that retire others, so the backlog is bounded and no softirq frees a
 * mountain of them.
 */
struct kvc_limbo {
	struct kvc_entry *filling;
	struct kvc_entry *waiting;
	struct kvc_entry *ready;
	unsigned long cookie;
	size_t bytes;
};

struct kvc_entry *kvc_limbo_reap(struct kvc_limbo *l, unsigned int most);
void kvc_limbo_free(struct kvc_entry *chain);
void kvc_limbo_drain(struct kvc_limbo *l);

/**
 * kvc_limbo_retire - keep an unlinked entry until no reader can hold it
 * @l: limbo, whose lock is held
 * @e: no longer in index, tier or memtable
 */
static inline void kvc_limbo_retire(struct kvc_limbo *l, struct kvc_entry *e)
{
	kvc_entry_set_place(e, KVC_ENTRY_DEAD);
	WRITE_ONCE(l->bytes, l->bytes + kvc_entry_size(e));
	e->limbo = l->filling;
	l->filling = e;
}

#endif
