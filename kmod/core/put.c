// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a pair, or a tombstone, gets into a cache
 */
#include <linux/errno.h>
#include <linux/sched.h>
#include "count.h"
#include "put.h"
#include "slot.h"

/*
 * Of a key of which it knows nothing a write-behind cache cannot say whether it
 * is there.  Only an unconditional delete does not ask.
 */
static int check_unknown(const struct kvc_shard *s, const struct kvc_entry *e,
			 const struct kvc_cond *cond)
{
	bool is_del = kvc_entry_is(e, KVC_ENTRY_TOMBSTONE);

	if (s->cache->mode != KVC_MODE_WRITEBEHIND)
		return cond->flags & KVC_OP_F_CREATE ? 0 : -ENOENT;
	return is_del && !(cond->flags & KVC_OP_F_CAS) ? 0 : -ENODATA;
}

static int check_cond(const struct kvc_shard *s, const struct kvc_entry *e,
		      const struct kvc_cond *cond, const struct kvc_entry *old,
		      bool live)
{
	if (!(cond->flags &
	      (KVC_OP_F_CREATE | KVC_OP_F_REPLACE | KVC_OP_F_CAS)))
		return 0;
	if (!old)
		return check_unknown(s, e, cond);
	if (cond->flags & KVC_OP_F_CREATE)
		return live ? -EEXIST : 0;
	if (!live)
		return -ENOENT;
	if (!(cond->flags & KVC_OP_F_CAS))
		return 0;
	return old->version == cond->version ? 0 : -ESTALE;
}

/*
 * A fill that is older than a pair, its tombstone or its expiry is late, and
 * so is one that is older than what was removed (P16).  What the store has not
 * seen yet is newer than all that it can tell.
 */
static int check_fill(struct kvc_shard *s, const struct kvc_entry *e,
		      const struct kvc_cond *cond, const struct kvc_entry *old)
{
	u64 slot;

	if (!(cond->flags & KVC_OP_F_FILL))
		return 0;
	if (old && (old->version >= cond->version ||
		    kvc_entry_is(old, KVC_ENTRY_DIRTY)))
		return -ESTALE;
	slot = kvc_cache_slot(s->cache, kvc_entry_key(e), e->key_len);
	return cond->version < kvc_floor_of(&s->floor, slot) ? -ESTALE : 0;
}

static void count_put(struct kvc_shard *s, const struct kvc_entry *old,
		      bool live, enum kvc_counter which,
		      const struct kvc_entry *e)
{
	struct kvc_cache *c = s->cache;
	bool in_tier = old && kvc_entry_place(old) == KVC_ENTRY_TIER;

	kvc_count_probe(c, e->hash, in_tier && live);
	if (live && which == KVC_COUNT_PUT)
		kvc_counters_inc(c->counters,
				 in_tier ? KVC_COUNT_UPDATE_TIER :
					   KVC_COUNT_UPDATE_MEMTABLE);
}

/* Tell what became of the entry whose place another one took. */
static void tell_replaced(struct kvc_shard *s, const struct kvc_entry *old,
			  bool live, const struct kvc_entry *e)
{
	if (!old || kvc_entry_is(old, KVC_ENTRY_TOMBSTONE))
		return;
	if (!live)
		kvc_shard_gone(s, old, KVC_REASON_EXPIRED);
	else if (kvc_entry_is(e, KVC_ENTRY_TOMBSTONE))
		kvc_shard_event(s, KVC_EVENT_DELETED, old);
	else
		kvc_shard_event(s, KVC_EVENT_UPDATED, e);
}

/* Is it a delete, rather than what a store said of the key? */
static bool is_delete(const struct kvc_entry *e, const struct kvc_cond *cond)
{
	return kvc_entry_is(e, KVC_ENTRY_TOMBSTONE) &&
	       !(cond->flags & KVC_OP_F_FILL);
}

/* The clock follows when the entry can be met, see get_again() in lookup.c. */
static void publish(struct kvc_shard *s, struct kvc_entry __rcu **slot,
		    struct kvc_entry *e, const struct kvc_cond *cond)
{
	u32 *seen = kvc_slot_begin(s, kvc_entry_key(e), e->key_len);

	e->version = cond->flags & KVC_OP_F_FILL ? cond->version :
						   s->version + 1;
	kvc_shard_publish(s, slot, e);
	kvc_slot_end(seen);
	if (is_delete(e, cond))
		kvc_shard_refuse(s, kvc_entry_key(e), e->key_len, e->version);
	kvc_shard_advance(s, e->version);
}

static int put_refused(struct kvc_shard *s, const struct kvc_entry *e,
		       const struct kvc_cond *cond, enum kvc_counter which,
		       int err)
{
	/* A fill may be on its way all the same. */
	if (err == -ENOENT && is_delete(e, cond) &&
	    !(cond->flags & KVC_OP_F_CAS))
		kvc_shard_refuse(s, kvc_entry_key(e), e->key_len, 0);
	if (which != KVC_COUNT_TOUCH)
		kvc_counters_inc(s->cache->counters, KVC_COUNT_REFUSED);
	return err;
}

/*
 * Nothing changes but the value: no size, no expiry, nothing is dirty, and the
 * pair is in a tier that is used and has no more than its share.  What is larger
 * than the pool's classes may get another size with the same length.
 */
static bool is_plain(const struct kvc_shard *s, const struct kvc_entry *e,
		     const struct kvc_cond *cond, const struct kvc_entry *old)
{
	const struct kvc_cache *c = s->cache;

	return old && e->state == KVC_ENTRY_NEW && !cond->flags &&
	       (old->state & ~KVC_ENTRY_MAIN) == KVC_ENTRY_TIER &&
	       !(e->expiry | old->expiry) && e->value_len == old->value_len &&
	       kvc_entry_bytes(e->key_len, e->value_len) <= KVC_POOL_MAX &&
	       !READ_ONCE(c->bypass) &&
	       s->tier.bytes <= READ_ONCE(c->tier_share);
}

/*
 * What put_locked() does, as far as it does something for such a one.  A limit
 * that was lowered is kvc_cache_fit_step()'s: no bytes are added here.
 */
static void put_plain(struct kvc_shard *s, struct kvc_entry __rcu **slot,
		      struct kvc_entry *old, struct kvc_entry *e)
{
	u32 *seen = kvc_slot_begin(s, kvc_entry_key(e), e->key_len);

	e->version = s->version + 1;
	kvc_tier_renew(&s->tier, old, e);
	kvc_index_replace(&s->index, slot, e);
	kvc_limbo_retire(&s->limbo, old);
	kvc_slot_end(seen);
	kvc_shard_advance(s, e->version);
	kvc_counters_inc(s->cache->counters, KVC_COUNT_UPDATE_TIER);
	kvc_shard_event(s, KVC_EVENT_UPDATED, e);
}

static int put_locked(struct kvc_shard *s, struct kvc_entry *e,
		      const struct kvc_cond *cond, enum kvc_counter which,
		      u64 *now, u64 *version)
{
	const u8 *key = kvc_entry_key(e);
	struct kvc_entry __rcu **slot;
	struct kvc_entry *old;
	bool live;
	int err;

	if (s->dead)
		return -ESHUTDOWN;
	slot = kvc_index_slot(&s->index, e->hash, key, e->key_len);
	old = kvc_index_at(&s->index, slot);
	if (likely(is_plain(s, e, cond, old))) {
		put_plain(s, slot, old, e);
		*version = e->version;
		return 0;
	}
	live = kvc_entry_live(old, now);
	err = check_cond(s, e, cond, old, live) ?: check_fill(s, e, cond, old);
	if (err)
		return put_refused(s, e, cond, which, err);
	if (unlikely(!kvc_shard_fits(s, old, kvc_entry_size(e)))) {
		err = kvc_shard_make_room(s, old, kvc_entry_size(e), now);
		if (err)
			return err;
		/* What was evicted may have been what the slot is a part of. */
		slot = kvc_index_slot(&s->index, e->hash, key, e->key_len);
	}
	count_put(s, old, live, which, e);
	publish(s, slot, e, cond);
	*version = e->version;
	if (is_delete(e, cond))
		*version = old ? old->version : 0;
	tell_replaced(s, old, live, e);
	return 0;
}

/* There is no room before a commit: a fill is not worth the wait. */
static int put_busy(struct kvc_cache *c, const struct kvc_cond *cond)
{
	if (cond->flags & KVC_OP_F_FILL)
		return -ENOSPC;
	kvc_counters_inc(c->counters, KVC_COUNT_FLUSH_WAIT);
	kvc_flush_want(c);
	return -EBUSY;
}

int kvc_put_as(struct kvc_cache *c, struct kvc_entry *e,
	       const struct kvc_cond *cond, u64 *now, u64 *version,
	       enum kvc_counter which)
{
	struct kvc_shard *s = kvc_cache_shard(c, e->hash);
	int err;

	if (c->mode == KVC_MODE_WRITEBEHIND && !(cond->flags & KVC_OP_F_FILL))
		e->state |= KVC_ENTRY_DIRTY;
	do {
		spin_lock(&s->lock);
		err = put_locked(s, e, cond, which, now, version);
		kvc_shard_unlock_reap(s);
		if (err == -EAGAIN)
			cond_resched();
	} while (err == -EAGAIN);
	kvc_shard_throttle(s);
	if (!err)
		kvc_count_tick(c, kvc_counters_next(c->counters, which));
	return err == -EBUSY ? put_busy(c, cond) : err;
}

/**
 * kvc_cache_put - store a pair
 * @c: the cache
 * @e: complete but for the version; on success the cache's, else the caller's.
 *	A tombstone with %KVC_OP_F_FILL: the store has no such key.
 * @cond: under which condition
 * @now: see kvc_entry_expired()
 * @version: gets the pair's version
 *
 * Context: may sleep.  Return: 0; -EEXIST, -ENOENT, -ESTALE: the condition does
 * not hold; -ENOSPC: it does not fit; -ESHUTDOWN: the cache was killed; of a
 * write-behind cache also -ENODATA: the store has to be asked before the
 * condition can be judged; -EBUSY: nothing clean is left to make room, it may
 * be tried again when kvc_flush_progress() has changed.
 */
int kvc_cache_put(struct kvc_cache *c, struct kvc_entry *e,
		  const struct kvc_cond *cond, u64 *now, u64 *version)
{
	return kvc_put_as(c, e, cond, now, version, KVC_COUNT_PUT);
}
