/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_SHARD_H
#define _KVC_SHARD_H

#include <linux/cache.h>
#include <linux/lockdep.h>
#include <linux/spinlock.h>
#include <uapi/linux/kvcache.h>
#include "floor.h"
#include "index.h"
#include "limbo.h"
#include "memtable.h"
#include "observer.h"
#include "run.h"
#include "tier.h"

struct kvc_cache;

/* Entries that may be moved or evicted under one hold of the lock */
#define KVC_SHARD_BUDGET	64
/* Buckets that a step of the sweep looks at */
#define KVC_SHARD_SWEEP		64

/**
 * struct kvc_shard - a part of a cache: the keys of some hashes
 * @lock: covers everything here but lookups in @index, and the place, links
 *	and expiry of the shard's entries.  Only the log's lock is taken under
 *	it; nothing sleeps or allocates.
 * @index: every live entry
 * @tier: of these, the ones in the cache tier
 * @memtable: and the ones in the memtable
 * @limbo: entries that wait for a grace period
 * @reused: writers use again what is in it, since the last maintenance
 * @kept: and they did before that: it is left to them
 * @floor: which fills come too late
 * @cache: whose shard it is
 * @slots: of its keys, NULL while nobody has mapped them; read by GETs without
 *	the lock
 * @version: the shard's clock, at least 1: no entry and no floor is newer.
 *	Changed by kvc_shard_advance(), read by misses without the lock.
 * @sweep: where the search for expired entries goes on
 * @soonest: no entry expires before
 * @soonest_ahead: the same of what the search has met and what was added since
 *	it began
 * @expiring: entries that have an expiry
 * @scans: walks in progress, for which nothing moves up into the tier
 * @key_len_max: the longest key that there ever was
 * @cramped: there was no memory for a larger bucket array
 * @dead: the cache is being destroyed, nothing may be added
 * @dirty: entries that left the cache tier and are in no run; this and all
 *	that follows is of write-behind caches
 * @runs: &struct kvc_run_part, the newest first
 * @collecting: the first of these, while entries of the tier still have to be
 *	put into its list
 * @uncollected: how many these are
 * @unsealed: dirty entries that are newer than @sealed, those of @dirty among
 *	them
 * @unsealed_bytes: of these
 * @sealed: what the clock was when the newest run was sealed: a dirty entry
 *	that is not newer is in a run, or will be when @collecting is complete
 * @dirty_since: CLOCK_BOOTTIME in ns when @unsealed was 0 last
 * @dirty_entries: dirty entries that the index has
 * @dirty_bytes: of these
 * @run_bytes: of entries that are neither in the tier, nor in @memtable or
 *	@dirty, but in a run
 */
struct kvc_shard {
	spinlock_t lock;
	struct kvc_index index;
	struct kvc_tier tier;
	struct kvc_memtable memtable;
	struct kvc_limbo limbo;
	struct kvc_floor floor;
	struct kvc_cache *cache;
	u32 *slots;
	u64 version;
	u64 soonest;
	u64 soonest_ahead;
	u32 sweep;
	u32 expiring;
	u32 key_len_max;
	struct list_head scans;
	bool reused;
	bool kept;
	bool cramped;
	bool dead;
	struct kvc_memtable dirty;
	struct list_head runs;
	struct kvc_run_part *collecting;
	u32 uncollected;
	u32 unsealed;
	size_t unsealed_bytes;
	u64 sealed;
	u64 dirty_since;
	u32 dirty_entries;
	size_t dirty_bytes;
	size_t run_bytes;
} ____cacheline_aligned_in_smp;

/* What counts against the limit */
static inline size_t kvc_shard_bytes(const struct kvc_shard *s)
{
	return READ_ONCE(s->tier.bytes) + READ_ONCE(s->memtable.bytes) +
	       READ_ONCE(s->dirty.bytes) + READ_ONCE(s->run_bytes);
}

/* Clean entries, about when the lock is not held */
static inline u32 kvc_shard_clean(const struct kvc_shard *s)
{
	u32 all = READ_ONCE(s->index.count), dirty = READ_ONCE(s->dirty_entries);

	return all > dirty ? all - dirty : 0;
}

/* Does a run have the entry, or will it when the seal is complete? */
static inline bool kvc_shard_is_sealed(const struct kvc_shard *s,
				       const struct kvc_entry *e)
{
	return kvc_entry_is(e, KVC_ENTRY_DIRTY) &&
	       e->version <= READ_ONCE(s->sealed);
}

/**
 * kvc_shard_advance - let the shard's clock be no older than a version
 * @s: the shard, locked
 * @version: what was published, or refused, with it is visible to whoever
 *	reads this clock
 */
static inline void kvc_shard_advance(struct kvc_shard *s, u64 version)
{
	lockdep_assert_held(&s->lock);
	if (version <= s->version)
		return;
	/* Pairs with the acquire in get_again(). */
	smp_store_release(&s->version, version);
}

int kvc_shard_init(struct kvc_shard *s, struct kvc_cache *c, u32 ghosts,
		   u32 floors);
void kvc_shard_exit(struct kvc_shard *s);
void kvc_shard_leave(struct kvc_shard *s, struct kvc_entry *e);
void kvc_shard_unlink(struct kvc_shard *s, struct kvc_entry *e);
void kvc_shard_forget(struct kvc_shard *s, struct kvc_entry *e);
u64 kvc_shard_refuse(struct kvc_shard *s, const void *key, u32 key_len,
		     u64 version);
void kvc_shard_refuse_all(struct kvc_shard *s);
void kvc_shard_event(struct kvc_shard *s, enum kvc_event_reason reason,
		     const struct kvc_entry *e);
void kvc_shard_gone(struct kvc_shard *s, const struct kvc_entry *e,
		    enum kvc_reason reason);
void kvc_shard_discard(struct kvc_shard *s, struct kvc_entry *e,
		       enum kvc_reason reason);
void kvc_shard_publish(struct kvc_shard *s, struct kvc_entry __rcu **slot,
		       struct kvc_entry *e);
void kvc_shard_expires(struct kvc_shard *s, u64 expiry);
void kvc_shard_unlock_reap(struct kvc_shard *s)
	__releases(&s->lock);
void kvc_shard_wait_reaped(struct kvc_shard *s);

/* move.c */
void kvc_shard_sort_in(struct kvc_shard *s, struct kvc_entry *e);
bool kvc_shard_demote(struct kvc_shard *s);
void kvc_shard_trim_tier(struct kvc_shard *s, size_t size);
void kvc_shard_promote(struct kvc_shard *s, struct kvc_entry *e);
bool kvc_shard_touched(struct kvc_shard *s, struct kvc_entry *e);

/* room.c */
int kvc_shard_evict(struct kvc_shard *s, const struct kvc_entry *keep,
		    enum kvc_reason reason);
bool kvc_shard_sweep(struct kvc_shard *s, u64 now);
int kvc_shard_make_room(struct kvc_shard *s, const struct kvc_entry *old,
			size_t size, u64 *now);

/* dirty.c */
void kvc_shard_dirtied(struct kvc_shard *s, const struct kvc_entry *e);
void kvc_shard_cleaned(struct kvc_shard *s, const struct kvc_entry *e);
struct kvc_memtable *kvc_shard_tree_for(struct kvc_shard *s,
					const struct kvc_entry *e);
void kvc_shard_sorted(struct kvc_shard *s, const struct kvc_entry *e);
void kvc_shard_shadow(struct kvc_shard *s, struct kvc_entry *e);

#endif
