// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operations of a cache over all its tiers
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "cache.h"

/* A shard's limit holds at least this many of the largest pairs. */
#define KVC_CACHE_PAIRS		4
#define KVC_CACHE_SHARDS	4	/* per CPU */
/* s3fifo remembers one victim for this many bytes of the tier. */
#define KVC_CACHE_GHOST_BYTES	256
/*
 * A shard's retired entries may hold this much, but not more than its limit, or
 * a quarter of that.
 */
#define KVC_CACHE_LIMBO		SZ_1M
/* A cache has one floor against late fills for this many bytes, within bounds. */
#define KVC_CACHE_FLOOR_BYTES	SZ_16K
#define KVC_CACHE_FLOORS_MIN	256
#define KVC_CACHE_FLOORS_MAX	4096
#define KVC_SHARD_FLOORS_MIN	16u

static u32 shard_bits(const struct kvc_config *config, unsigned int cpus)
{
	u64 pair = KVC_CACHE_PAIRS * (u64)(config->value_max + config->key_max);
	u64 most = min(div64_u64(config->limit, pair), config->limit / SZ_64K);

	return ilog2(clamp_t(u64, KVC_CACHE_SHARDS * cpus, 1, max(most, 1ULL)));
}

static void set_shares(struct kvc_cache *c)
{
	WRITE_ONCE(c->limit_share, READ_ONCE(c->config.limit) >> c->shard_bits);
	WRITE_ONCE(c->tier_share, READ_ONCE(c->tier_target) >> c->shard_bits);
}

static u32 shard_floors(const struct kvc_cache *c)
{
	u64 floors = clamp_t(u64, div64_u64(c->config.limit,
					    KVC_CACHE_FLOOR_BYTES),
			     KVC_CACHE_FLOORS_MIN, KVC_CACHE_FLOORS_MAX);

	return max(rounddown_pow_of_two((u32)floors) >> c->shard_bits,
		   KVC_SHARD_FLOORS_MIN);
}

static int shards_init(struct kvc_cache *c)
{
	u32 ghosts = clamp_t(u64, c->config.tier_max / KVC_CACHE_GHOST_BYTES >>
			     c->shard_bits, 64, 1 << 20);
	u32 i;
	int err;

	c->shards = kvcalloc(kvc_cache_shards(c), sizeof(*c->shards),
			     GFP_KERNEL_ACCOUNT | __GFP_NOWARN |
			     __GFP_RETRY_MAYFAIL);
	if (!c->shards)
		return -ENOMEM;
	for (i = 0; i < kvc_cache_shards(c); i++) {
		err = kvc_shard_init(&c->shards[i], c, ghosts, shard_floors(c));
		if (err)
			return err;
	}
	return 0;
}

/**
 * kvc_cache_create - make an empty cache
 * @config: passed kvc_config_complete()
 * @mode: &enum kvc_mode
 * @cpus: how many will work on it
 * @observer: told what happens
 * @ctx: passed to it
 *
 * Context: may sleep.  Return: the cache or ERR_PTR(-ENOMEM).
 */
struct kvc_cache *kvc_cache_create(const struct kvc_config *config,
				   enum kvc_mode mode, unsigned int cpus,
				   const struct kvc_observer *observer,
				   void *ctx)
{
	struct kvc_cache *c = kzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);

	if (!c)
		return ERR_PTR(-ENOMEM);
	c->config = *config;
	c->policy = kvc_policy_lookup(config->policy);
	c->mode = mode;
	c->observer = observer;
	c->ctx = ctx;
	c->tier_target = config->tier;
	kvc_adapt_init(&c->adapt);
	kvc_fence_init(&c->fence);
	c->log.heard = config->flags & KVC_CACHE_F_LOG;
	c->shard_bits = shard_bits(config, cpus);
	get_random_bytes(&c->key, sizeof(c->key));
	get_random_bytes(&c->slot_seed, sizeof(c->slot_seed));
	set_shares(c);
	c->counters = alloc_percpu_gfp(struct kvc_counters, GFP_KERNEL_ACCOUNT);
	if (!c->counters)
		goto err_counters;
	if (kvc_event_init(&c->log, c->config.events))
		goto err_log;
	if (shards_init(c))
		goto err_shards;
	return c;

err_shards:
err_log:
	kvc_cache_free(c);
	return ERR_PTR(-ENOMEM);
err_counters:
	kfree(c);
	return ERR_PTR(-ENOMEM);
}

/**
 * kvc_cache_kill - remove all entries and refuse new ones
 * @c: the cache; operations on it may be in progress and will begin
 *
 * Context: may sleep.
 */
void kvc_cache_kill(struct kvc_cache *c)
{
	u32 i, shard = 0;

	/* The locks below order it before the removals. */
	WRITE_ONCE(c->dead, true);
	for (i = 0; i < kvc_cache_shards(c); i++) {
		spin_lock(&c->shards[i].lock);
		c->shards[i].dead = true;
		spin_unlock(&c->shards[i].lock);
	}
	while (kvc_cache_clear_step(c, &shard))
		cond_resched();
}

/**
 * kvc_cache_is_dead - was the cache killed before a lookup that found nothing?
 * @c: the cache
 *
 * Asked after the lookup, it tells a key that is absent from one that the end
 * of the cache took away.
 */
bool kvc_cache_is_dead(const struct kvc_cache *c)
{
	/* Pairs with the unlocks in kvc_cache_kill(). */
	smp_rmb();
	return READ_ONCE(c->dead);
}

/* Free some of what was retired; returns the bytes that are left. */
static size_t shard_reap(struct kvc_shard *s, unsigned int most)
{
	struct kvc_entry *chain;
	size_t left;

	spin_lock(&s->lock);
	chain = kvc_limbo_reap(&s->limbo, most);
	left = s->limbo.bytes;
	spin_unlock(&s->lock);
	kvc_limbo_free(chain);
	return left;
}

/**
 * kvc_cache_free - free a cache
 * @c: killed, or never published; nobody uses it, no maintenance runs, and a
 *	grace period has passed since the last use
 *
 * Context: may sleep.
 */
void kvc_cache_free(struct kvc_cache *c)
{
	u32 i;

	for (i = 0; c->shards && i < kvc_cache_shards(c); i++)
		kvc_shard_exit(&c->shards[i]);
	kvfree(c->shards);
	kvc_event_exit(&c->log);
	free_percpu(c->counters);
	kfree(c);
}

/**
 * kvc_cache_listen - have events written from now on
 * @c: the cache
 *
 * Whoever looks a key up after this is told of each change that comes after
 * what he saw.
 */
void kvc_cache_listen(struct kvc_cache *c)
{
	u32 i;

	WRITE_ONCE(c->log.heard, true);
	/* A change that began before has been published when its lock is free. */
	for (i = 0; i < kvc_cache_shards(c); i++) {
		spin_lock(&c->shards[i].lock);
		spin_unlock(&c->shards[i].lock);
	}
}

static bool is_heard(struct kvc_cache *c)
{
	const struct kvc_observer *o = c->observer;

	if (READ_ONCE(c->log.heard))
		return true;
	if (!c->log.size || !o->listened)
		return false;
	/*
	 * Who joins a group of listeners and then looks a key up is seen here,
	 * or sees the change.
	 */
	smp_mb();
	if (!o->listened(c->ctx))
		return false;
	WRITE_ONCE(c->log.heard, true);
	return true;
}

/**
 * kvc_cache_event - write an event, if anybody ever listened
 * @c: the cache
 * @reason: what happened
 * @version: see &struct kvc_event
 * @key: the key, or NULL
 * @key_len: its length, 0: of all keys
 *
 * Context: with a key under the lock of its shard, so that its events have the
 * order of its changes.
 */
void kvc_cache_event(struct kvc_cache *c, enum kvc_event_reason reason,
		     u64 version, const void *key, u32 key_len)
{
	u64 seq;

	if (!is_heard(c))
		return;
	seq = kvc_event_add(&c->log, reason, version, key, key_len);
	if (seq && c->observer->event)
		c->observer->event(c->ctx, seq);
}

static void count_probe(struct kvc_cache *c, u32 hash, bool hit)
{
	if (likely(!READ_ONCE(c->bypass)) || !kvc_adapt_probes(hash))
		return;
	kvc_counters_inc(c->counters, KVC_COUNT_PROBE);
	if (hit)
		kvc_counters_inc(c->counters, KVC_COUNT_PROBE_HIT);
}

static void tick(struct kvc_cache *c, u64 n)
{
	if (unlikely(!(n % KVC_ADAPT_TICK)))
		kvc_adapt_tick(c);
}

static void hit_memtable(struct kvc_shard *s, struct kvc_entry *e)
{
	if (!kvc_shard_touched(s, e))
		return;
	spin_lock(&s->lock);
	kvc_shard_promote(s, e);
	spin_unlock(&s->lock);
}

static void hit_tier(struct kvc_shard *s, struct kvc_entry *e)
{
	const struct kvc_policy_ops *policy = s->cache->policy;

	if (likely(!policy->hit)) {
		kvc_entry_visit(e, policy->ref_max);
		return;
	}
	spin_lock(&s->lock);
	if (kvc_entry_place(e) == KVC_ENTRY_TIER)
		kvc_tier_hit(&s->tier, e);
	spin_unlock(&s->lock);
}

/**
 * kvc_cache_count_get - count a GET and tell the tiers of it
 * @c: the cache
 * @hash: of the key
 * @e: what kvc_cache_find() gave, in the same read section
 *
 * Context: under rcu_read_lock().
 */
void kvc_cache_count_get(struct kvc_cache *c, u32 hash, struct kvc_entry *e)
{
	struct kvc_shard *s = kvc_cache_shard(c, hash);
	enum kvc_counter which = KVC_COUNT_MISS;

	if (e && kvc_entry_place(e) == KVC_ENTRY_MEMTABLE) {
		which = KVC_COUNT_HIT_MEMTABLE;
		hit_memtable(s, e);
	} else if (e) {
		which = KVC_COUNT_HIT_TIER;
		hit_tier(s, e);
	}
	count_probe(c, hash, which == KVC_COUNT_HIT_TIER);
	tick(c, kvc_counters_next(c->counters, which));
}

static int check_cond(const struct kvc_cond *cond, const struct kvc_entry *live)
{
	if (cond->flags & KVC_OP_F_CREATE)
		return live ? -EEXIST : 0;
	if (!(cond->flags & (KVC_OP_F_REPLACE | KVC_OP_F_CAS)))
		return 0;
	if (!live)
		return -ENOENT;
	if (!(cond->flags & KVC_OP_F_CAS))
		return 0;
	return live->version == cond->version ? 0 : -ESTALE;
}

/*
 * A fill that is older than a pair, its tombstone or its expiry is late, and
 * so is one that is older than what was removed (P16).
 */
static int check_fill(struct kvc_shard *s, const struct kvc_entry *e,
		      const struct kvc_cond *cond, const struct kvc_entry *old)
{
	u64 slot;

	if (!(cond->flags & KVC_OP_F_FILL))
		return 0;
	if (old && old->version >= cond->version)
		return -ESTALE;
	slot = kvc_cache_slot(s->cache, kvc_entry_key(e), e->key_len);
	return cond->version < kvc_floor_of(&s->floor, slot) ? -ESTALE : 0;
}

static void count_put(struct kvc_shard *s, const struct kvc_entry *old,
		      bool live, const struct kvc_entry *e)
{
	struct kvc_cache *c = s->cache;
	bool in_tier = old && kvc_entry_place(old) == KVC_ENTRY_TIER;

	count_probe(c, e->hash, in_tier && live);
	if (live && !kvc_entry_is(e, KVC_ENTRY_TOMBSTONE))
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

/* The clock follows when the entry can be met, see get_again() in lookup.c. */
static void publish(struct kvc_shard *s, struct kvc_entry __rcu **slot,
		    struct kvc_entry *e, const struct kvc_cond *cond)
{
	e->version = cond->flags & KVC_OP_F_FILL ? cond->version :
						   s->version + 1;
	kvc_shard_publish(s, slot, e);
	if (kvc_entry_is(e, KVC_ENTRY_TOMBSTONE))
		kvc_shard_refuse(s, kvc_entry_key(e), e->key_len, e->version);
	kvc_shard_advance(s, e->version);
}

/* A delete of what is not there: a fill may be on its way all the same. */
static int refuse_absent(struct kvc_shard *s, const void *key, u32 key_len,
			 const struct kvc_cond *cond)
{
	if (!(cond->flags & KVC_OP_F_CAS))
		kvc_shard_refuse(s, key, key_len, 0);
	return -ENOENT;
}

static int put_locked(struct kvc_shard *s, struct kvc_entry *e,
		      const struct kvc_cond *cond, u64 *now, u64 *version)
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
	live = kvc_entry_live(old, now);
	err = check_cond(cond, live ? old : NULL) ?:
	      check_fill(s, e, cond, old);
	if (err == -ENOENT && kvc_entry_is(e, KVC_ENTRY_TOMBSTONE))
		refuse_absent(s, key, e->key_len, cond);
	if (err) {
		kvc_counters_inc(s->cache->counters, KVC_COUNT_REFUSED);
		return err;
	}
	err = kvc_shard_fit(s, old, kvc_entry_size(e), now);
	if (err)
		return err;
	/* What was evicted may have been what the slot is a part of. */
	slot = kvc_index_slot(&s->index, e->hash, key, e->key_len);
	count_put(s, old, live, e);
	publish(s, slot, e, cond);
	*version = kvc_entry_is(e, KVC_ENTRY_TOMBSTONE) ? old->version :
							  e->version;
	tell_replaced(s, old, live, e);
	return 0;
}

/* Wait until no more than a bounded number of bytes waits for readers. */
static void throttle(struct kvc_shard *s)
{
	size_t share = READ_ONCE(s->cache->limit_share);
	size_t most = max(min_t(size_t, KVC_CACHE_LIMBO, share), share / 4);

	while (unlikely(READ_ONCE(s->limbo.bytes) > most)) {
		if (!READ_ONCE(s->limbo.ready))
			synchronize_rcu();
		shard_reap(s, KVC_SHARD_BUDGET);
		cond_resched();
	}
}

/**
 * kvc_cache_put - store a pair
 * @c: the cache
 * @e: complete but for the version; on success the cache's, else the caller's
 * @cond: under which condition
 * @now: see kvc_entry_expired()
 * @version: gets the pair's version
 *
 * Context: may sleep.  Return: 0; -EEXIST, -ENOENT, -ESTALE: the condition does
 * not hold; -ENOSPC: it does not fit; -ESHUTDOWN: the cache was killed.
 */
int kvc_cache_put(struct kvc_cache *c, struct kvc_entry *e,
		  const struct kvc_cond *cond, u64 *now, u64 *version)
{
	struct kvc_shard *s = kvc_cache_shard(c, e->hash);
	enum kvc_counter which = kvc_entry_is(e, KVC_ENTRY_TOMBSTONE) ?
				 KVC_COUNT_DELETE : KVC_COUNT_PUT;
	int err;

	if (c->mode == KVC_MODE_WRITEBEHIND && !(cond->flags & KVC_OP_F_FILL))
		e->state |= KVC_ENTRY_DIRTY;
	do {
		spin_lock(&s->lock);
		err = put_locked(s, e, cond, now, version);
		kvc_shard_unlock_reap(s);
		if (err == -EAGAIN)
			cond_resched();
	} while (err == -EAGAIN);
	throttle(s);
	if (!err)
		tick(c, kvc_counters_next(c->counters, which));
	return err;
}

static int del_locked(struct kvc_shard *s, u32 hash, const void *key,
		      u32 key_len, const struct kvc_cond *cond, u64 *now,
		      u64 *version)
{
	struct kvc_entry *e;

	if (s->dead)
		return -ESHUTDOWN;
	e = kvc_index_at(&s->index,
			 kvc_index_slot(&s->index, hash, key, key_len));
	if (!kvc_entry_live(e, now))
		return refuse_absent(s, key, key_len, cond);
	if (check_cond(cond, e)) {
		kvc_counters_inc(s->cache->counters, KVC_COUNT_REFUSED);
		return -ESTALE;
	}
	*version = e->version;
	kvc_counters_inc(s->cache->counters, KVC_COUNT_DELETE);
	kvc_shard_unlink(s, e);
	kvc_shard_refuse(s, key, key_len, 0);
	kvc_shard_event(s, KVC_EVENT_DELETED, e);
	return 0;
}

/* A delete that a store has yet to see is an entry of its own (L10). */
static int put_tombstone(struct kvc_cache *c, u32 hash, const void *key,
			 u32 key_len, const struct kvc_cond *cond, u64 *now,
			 u64 *version)
{
	struct kvc_cond present = *cond;
	struct kvc_entry *e = kvc_entry_alloc(key_len, 0);
	int err;

	if (!e)
		return -ENOMEM;
	memcpy(e->data, key, key_len);
	e->hash = hash;
	e->state = KVC_ENTRY_TOMBSTONE;
	present.flags |= KVC_OP_F_REPLACE;
	err = kvc_cache_put(c, e, &present, now, version);
	if (err)
		kvc_entry_free(e);
	return err;
}

/**
 * kvc_cache_del - remove a key
 * @c: the cache
 * @hash: of the key
 * @key: its bytes
 * @key_len: their number
 * @cond: KVC_OP_F_CAS or nothing
 * @now: see kvc_entry_expired()
 * @version: gets the version that the pair had
 *
 * Without a condition, fills that began before are refused, whether the key
 * was there or not (P16).
 *
 * Context: may sleep.  Return: 0; -ENOENT: no such key; -ESTALE: it has another
 * version; -ESHUTDOWN: the cache was killed; behind a store also -ENOMEM and
 * -ENOSPC.
 */
int kvc_cache_del(struct kvc_cache *c, u32 hash, const void *key, u32 key_len,
		  const struct kvc_cond *cond, u64 *now, u64 *version)
{
	struct kvc_shard *s = kvc_cache_shard(c, hash);
	int err;

	if (c->mode == KVC_MODE_WRITEBEHIND)
		return put_tombstone(c, hash, key, key_len, cond, now, version);
	spin_lock(&s->lock);
	err = del_locked(s, hash, key, key_len, cond, now, version);
	kvc_shard_unlock_reap(s);
	throttle(s);
	return err;
}

/* Removes the pair, but not one that is newer than what is purged. */
static int purge_entry(struct kvc_shard *s, struct kvc_entry *e, u64 revision,
		       u64 *now)
{
	if (!e || kvc_entry_is(e, KVC_ENTRY_TOMBSTONE))
		return -ENOENT;
	if (kvc_entry_is(e, KVC_ENTRY_DIRTY) ||
	    (revision && e->version >= revision))
		return -ESTALE;
	if (kvc_entry_expired(e, now)) {
		kvc_shard_discard(s, e, KVC_REASON_EXPIRED);
		return -ENOENT;
	}
	kvc_counters_inc(s->cache->counters, KVC_COUNT_PURGED);
	kvc_shard_unlink(s, e);
	return 0;
}

static int purge_locked(struct kvc_shard *s, u32 hash, const void *key,
			u32 key_len, u64 revision, u64 *now, u64 *version)
{
	struct kvc_entry *e;
	int err;

	if (s->dead)
		return -ESHUTDOWN;
	e = kvc_index_at(&s->index,
			 kvc_index_slot(&s->index, hash, key, key_len));
	err = purge_entry(s, e, revision, now);
	*version = kvc_shard_refuse(s, key, key_len, revision);
	kvc_cache_event(s->cache, KVC_EVENT_PURGED, *version, key, key_len);
	return err;
}

/**
 * kvc_cache_purge - remove a key, and refuse fills that began before (P16)
 * @c: the cache
 * @hash: of the key
 * @key: its bytes
 * @key_len: their number
 * @revision: of the store: what is older is removed and refused, a newer pair
 *	stays; 0: the pair goes whatever its version.  Up to 2^63 - 1.
 * @now: see kvc_entry_expired()
 * @version: gets the smallest version that may be filled from now on
 *
 * An event tells of it in any case: others may have read the key where it is
 * not any more.  A dirty pair, which the store has not seen, stays.
 *
 * Context: may sleep.  Return: 0; -ENOENT: there was no such pair; -ESTALE: the
 * pair is newer and stays; -ESHUTDOWN: the cache was killed, nothing was done.
 */
int kvc_cache_purge(struct kvc_cache *c, u32 hash, const void *key, u32 key_len,
		    u64 revision, u64 *now, u64 *version)
{
	struct kvc_shard *s = kvc_cache_shard(c, hash);
	int err;

	spin_lock(&s->lock);
	err = purge_locked(s, hash, key, key_len, revision, now, version);
	kvc_shard_unlock_reap(s);
	throttle(s);
	return err;
}

static int touch_locked(struct kvc_shard *s, u32 hash, const void *key,
			u32 key_len, u64 expiry, u64 *now, u64 *version)
{
	struct kvc_entry *e;

	if (s->dead)
		return -ESHUTDOWN;
	e = kvc_index_at(&s->index,
			 kvc_index_slot(&s->index, hash, key, key_len));
	if (!kvc_entry_live(e, now))
		return -ENOENT;
	s->expiring += !!expiry - !!e->expiry;
	WRITE_ONCE(e->expiry, expiry);
	kvc_shard_expires(s, expiry);
	*version = e->version;
	kvc_counters_inc(s->cache->counters, KVC_COUNT_TOUCH);
	return 0;
}

/**
 * kvc_cache_touch - give a pair another expiry
 * @c: the cache
 * @hash: of the key
 * @key: its bytes
 * @key_len: their number
 * @expiry: CLOCK_BOOTTIME in ns, 0 for never
 * @now: see kvc_entry_expired()
 * @version: gets the pair's version, which stays
 *
 * Return: 0; -ENOENT: no such key; -ESHUTDOWN: the cache was killed.
 */
int kvc_cache_touch(struct kvc_cache *c, u32 hash, const void *key, u32 key_len,
		    u64 expiry, u64 *now, u64 *version)
{
	struct kvc_shard *s = kvc_cache_shard(c, hash);
	int err;

	spin_lock(&s->lock);
	err = touch_locked(s, hash, key, key_len, expiry, now, version);
	kvc_shard_unlock_reap(s);
	return err;
}

static bool clear_some(struct kvc_shard *s)
{
	unsigned int budget = KVC_SHARD_BUDGET;
	struct kvc_entry *e;

	while (budget--) {
		e = kvc_memtable_seek(&s->memtable, NULL, 0, false);
		if (!e)
			e = kvc_tier_any(&s->tier);
		if (!e)
			return false;
		kvc_shard_discard(s, e, KVC_REASON_CLEARED);
	}
	return true;
}

/**
 * kvc_cache_clear_step - remove some entries
 * @c: the cache
 * @shard: 0 at first; the position
 *
 * A shard that is empty refuses from then on fills that began before (P16).
 * Whoever gives up, or is done, calls kvc_cache_clear_end().
 *
 * Context: may sleep.  Return: false when there is nothing left to do.
 */
bool kvc_cache_clear_step(struct kvc_cache *c, u32 *shard)
{
	struct kvc_shard *s = &c->shards[*shard];

	spin_lock(&s->lock);
	if (!clear_some(s)) {
		kvc_shard_refuse_all(s);
		++*shard;
	}
	kvc_shard_unlock_reap(s);
	throttle(s);
	return *shard < kvc_cache_shards(c);
}

/**
 * kvc_cache_clear_end - tell of a clear
 * @c: the cache
 *
 * One event for all pairs.  It comes after the last removal: who drops what he
 * read and reads again before it would meet pairs that are about to go.
 */
void kvc_cache_clear_end(struct kvc_cache *c)
{
	kvc_cache_event(c, KVC_EVENT_PURGED, 0, NULL, 0);
}

static bool fit_some(struct kvc_shard *s)
{
	unsigned int budget = KVC_SHARD_BUDGET;

	kvc_shard_trim_tier(s, 0);
	while (s->tier.bytes + s->memtable.bytes > READ_ONCE(s->cache->limit_share))
		if (!budget-- || !kvc_shard_evict(s, NULL, KVC_REASON_LOWERED))
			return budget != -1U;
	return true;
}

/**
 * kvc_cache_fit_step - evict some of what a lower limit has no room for
 * @c: the cache
 * @shard: 0 at first; the position
 *
 * Context: may sleep.  Return: false when there is nothing left to do.
 */
bool kvc_cache_fit_step(struct kvc_cache *c, u32 *shard)
{
	struct kvc_shard *s = &c->shards[*shard];

	spin_lock(&s->lock);
	if (fit_some(s))
		++*shard;
	kvc_shard_unlock_reap(s);
	throttle(s);
	return *shard < kvc_cache_shards(c);
}

/**
 * kvc_cache_entries - how many entries could be evicted, about
 * @c: the cache
 */
unsigned long kvc_cache_entries(struct kvc_cache *c)
{
	unsigned long entries = 0;
	u32 i;

	if (READ_ONCE(c->config.flags) & KVC_CACHE_F_NOEVICT)
		return 0;
	for (i = 0; i < kvc_cache_shards(c); i++)
		entries += READ_ONCE(c->shards[i].index.count);
	return entries;
}

static unsigned long shrink_shard(struct kvc_shard *s, unsigned long most)
{
	unsigned long done = 0;

	most = min_t(unsigned long, most, KVC_SHARD_BUDGET);
	spin_lock(&s->lock);
	while (done < most && kvc_shard_evict(s, NULL, KVC_REASON_PRESSURE))
		done++;
	spin_unlock(&s->lock);
	return done;
}

/**
 * kvc_cache_shrink - evict because the kernel is short of memory
 * @c: the cache
 * @entries: how many
 *
 * Context: does not sleep, allocates and frees nothing.  Return: how many it
 * were; their memory comes free after a grace period.
 */
unsigned long kvc_cache_shrink(struct kvc_cache *c, unsigned long entries)
{
	u32 mask = kvc_cache_shards(c) - 1, i;
	unsigned long done = 0, before;

	if (!kvc_cache_entries(c))
		return 0;
	do {
		before = done;
		for (i = 0; i <= mask && done < entries; i++)
			done += shrink_shard(&c->shards[c->shrink_at++ & mask],
					     entries - done);
	} while (done < entries && done > before);
	/* Freeing may sleep, so the worker does it. */
	kvc_cache_kick(c, true);
	return done;
}

/**
 * kvc_cache_kick - ask for maintenance
 * @c: the cache
 * @later: it is no hurry
 */
void kvc_cache_kick(struct kvc_cache *c, bool later)
{
	int urgency = later ? 1 : 2;

	if (atomic_read(&c->kicked) >= urgency)
		return;
	atomic_set(&c->kicked, urgency);
	c->observer->kick(c->ctx, later ? KVC_MAINTAIN_MS : 0);
}

/**
 * kvc_cache_set_tier - give the cache tier another size
 * @c: the cache
 * @target: bytes over all shards; entries above it leave as others arrive
 *
 * Context: under the lock of @c->adapt.
 */
void kvc_cache_set_tier(struct kvc_cache *c, u64 target)
{
	lockdep_assert_held(&c->adapt.lock);
	if (target != c->tier_target && c->observer->resize)
		c->observer->resize(c->ctx, true, c->tier_target, target);
	WRITE_ONCE(c->tier_target, target);
	set_shares(c);
}

/**
 * kvc_cache_set_size - take over limit and tier sizes
 * @c: the cache; calls are serialised by the caller
 * @config: passed kvc_config_complete()
 *
 * kvc_cache_fit_step() then evicts what has no room any more.
 */
void kvc_cache_set_size(struct kvc_cache *c, const struct kvc_config *config)
{
	spin_lock(&c->adapt.lock);
	WRITE_ONCE(c->config.limit, config->limit);
	WRITE_ONCE(c->config.tier, config->tier);
	WRITE_ONCE(c->config.tier_min, config->tier_min);
	WRITE_ONCE(c->config.tier_max, config->tier_max);
	kvc_cache_set_tier(c, config->tier);
	spin_unlock(&c->adapt.lock);
}
