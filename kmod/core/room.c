// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a shard makes room: by what is worth the least, and by what has expired
 */
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include "cache.h"

/* Is there an entry that may be evicted, beside @keep? */
static bool may_evict(const struct kvc_shard *s, const struct kvc_entry *keep)
{
	return kvc_shard_clean(s) >
	       (keep && !kvc_entry_is(keep, KVC_ENTRY_DIRTY));
}

/* What is worth the least, if that is in the tier.  Its probes are left alone. */
static struct kvc_entry *cold_victim(struct kvc_shard *s,
				     const struct kvc_entry *keep)
{
	struct kvc_entry *e;

	if (READ_ONCE(s->cache->bypass))
		return NULL;
	e = kvc_tier_cold(&s->tier);
	return e && kvc_entry_may_go(e, keep) ? e : NULL;
}

/**
 * kvc_shard_evict - remove the entry that is worth the least
 * @s: the shard, locked
 * @keep: an entry that must stay in the cache, or NULL
 * @reason: why
 *
 * Return: 1; 0: nothing was evicted, but there are entries that may be: what
 * is dirty was passed over, the next call goes on; -ENOSPC: there are none.
 */
int kvc_shard_evict(struct kvc_shard *s, const struct kvc_entry *keep,
		    enum kvc_reason reason)
{
	/* What is demoted first may be @keep, or dirty. */
	unsigned int tries = KVC_SHARD_BUDGET;
	struct kvc_entry *e;

	lockdep_assert_held(&s->lock);
	if (!may_evict(s, keep))
		return -ENOSPC;
	e = cold_victim(s, keep) ?: kvc_memtable_victim(&s->memtable, keep);
	while (!e && tries-- && kvc_shard_demote(s))
		e = kvc_memtable_victim(&s->memtable, keep);
	if (!e)
		return 0;
	kvc_tier_evicted(&s->tier, e, s->index.count);
	kvc_shard_discard(s, e, reason);
	return 1;
}

struct sweep {
	struct kvc_shard *shard;
	u64 now;
};

static void sweep_entry(void *arg, struct kvc_entry *e)
{
	struct sweep *sweep = arg;
	struct kvc_shard *s = sweep->shard;

	/* A dirty one is looked for again when it is clean. */
	if (kvc_entry_is(e, KVC_ENTRY_DIRTY))
		return;
	if (kvc_entry_expired(e, &sweep->now))
		kvc_shard_discard(s, e, KVC_REASON_EXPIRED);
	else if (e->expiry)
		s->soonest_ahead = min(s->soonest_ahead, e->expiry);
}

/**
 * kvc_shard_sweep - search some buckets for expired entries, and remove them
 * @s: the shard, locked
 * @now: CLOCK_BOOTTIME in ns
 *
 * Return: false when nothing is due, or the search came to the end.
 */
bool kvc_shard_sweep(struct kvc_shard *s, u64 now)
{
	struct sweep sweep = { .shard = s, .now = now };

	lockdep_assert_held(&s->lock);
	if (!s->expiring || now < s->soonest)
		return false;
	if (!s->sweep)
		s->soonest_ahead = U64_MAX;
	s->sweep = kvc_index_walk(&s->index, s->sweep, KVC_SHARD_SWEEP,
				  sweep_entry, &sweep);
	if (!s->sweep)
		s->soonest = s->soonest_ahead;
	return s->sweep;
}

/* Nothing may be evicted, but what has expired does not count any more. */
static int fit_expired(struct kvc_shard *s, u64 *now)
{
	if (!s->expiring)
		return -ENOSPC;
	if (!*now)
		*now = ktime_get_boottime_ns();
	if (*now < s->soonest)
		return -ENOSPC;
	kvc_shard_sweep(s, *now);
	return -EAGAIN;
}

/**
 * kvc_shard_make_room - evict until an entry fits, before it is published
 * @s: the shard, locked
 * @old: the entry whose place it will take, or NULL
 * @size: its bytes
 * @now: see kvc_entry_expired()
 *
 * Return: 0; -ENOSPC: it cannot be made to fit; -EAGAIN: not yet, call again
 * after the lock was dropped; -EBUSY: not before a run was committed.
 */
int kvc_shard_make_room(struct kvc_shard *s, const struct kvc_entry *old,
			size_t size, u64 *now)
{
	unsigned int budget = KVC_SHARD_BUDGET;
	int done;

	lockdep_assert_held(&s->lock);
	if (size > READ_ONCE(s->cache->limit_share))
		return -ENOSPC;
	while (!kvc_shard_fits(s, old, size)) {
		if (READ_ONCE(s->cache->config.flags) & KVC_CACHE_F_NOEVICT)
			return fit_expired(s, now);
		if (!budget--)
			return -EAGAIN;
		done = kvc_shard_evict(s, old, KVC_REASON_LIMIT);
		if (done < 0)
			return s->dirty_entries ? -EBUSY : -ENOSPC;
		if (!done)
			return -EAGAIN;
	}
	return 0;
}
