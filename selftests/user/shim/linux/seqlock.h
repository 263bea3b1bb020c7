/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_SEQLOCK_H
#define _SHIM_LINUX_SEQLOCK_H

#include <sched.h>
#include <linux/lockdep.h>
#include <linux/spinlock.h>
#include <asm/barrier.h>

/**
 * struct seqcount_spinlock - a sequence count whose writers hold a lock
 * @sequence: odd while something is written
 * @lock: the writers'
 */
typedef struct seqcount_spinlock {
	unsigned int sequence;
	spinlock_t *lock;
} seqcount_spinlock_t;

#define seqcount_spinlock_init(s, l)					\
do {									\
	(s)->sequence = 0;						\
	(s)->lock = (l);						\
} while (0)

static inline unsigned int read_seqcount_begin(const seqcount_spinlock_t *s)
{
	unsigned int seq;

	while ((seq = smp_load_acquire(&s->sequence)) & 1)
		sched_yield();
	return seq;
}

static inline int read_seqcount_retry(const seqcount_spinlock_t *s,
				      unsigned int seq)
{
	smp_rmb();
	return READ_ONCE(s->sequence) != seq;
}

static inline void write_seqcount_begin(seqcount_spinlock_t *s)
{
	lockdep_assert_held(s->lock);
	SHIM_CHECK(!(s->sequence & 1), "nested write_seqcount_begin()");
	WRITE_ONCE(s->sequence, s->sequence + 1);
	smp_wmb();
}

static inline void write_seqcount_end(seqcount_spinlock_t *s)
{
	lockdep_assert_held(s->lock);
	smp_store_release(&s->sequence, s->sequence + 1);
}

#endif
