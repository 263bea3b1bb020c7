// SPDX-License-Identifier: GPL-2.0-only
/*
 * A cache over all its tiers: how it begins and ends
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "slot.h"
#include "spare.h"

/* A shard's limit holds at least this many of the largest pairs. */
#define KVC_CACHE_PAIRS		4
#define KVC_CACHE_SHARDS	4	/* per CPU */
/* s3fifo remembers at most one victim for this many bytes of the limit. */
#define KVC_CACHE_GHOST_BYTES	256
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
	u32 ghosts = clamp_t(u64, c->config.limit / KVC_CACHE_GHOST_BYTES >>
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

/* Whoever has the id of a cache has no other cache's, not even of its name. */
static u64 random_id(void)
{
	u64 id;

	do {
		get_random_bytes(&id, sizeof(id));
	} while (!id);
	return id;
}

/**
 * kvc_cache_create - make an empty cache
 * @config: passed kvc_config_complete()
 * @cpus: how many will work on it
 * @observer: told what happens
 * @ctx: passed to it
 *
 * Context: may sleep.  Return: the cache or ERR_PTR(-ENOMEM).
 */
struct kvc_cache *kvc_cache_create(const struct kvc_config *config,
				   unsigned int cpus,
				   const struct kvc_observer *observer,
				   void *ctx)
{
	struct kvc_cache *c = kzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);

	if (!c)
		return ERR_PTR(-ENOMEM);
	c->config = *config;
	c->policy = kvc_policy_lookup(config->policy);
	c->mode = config->flags & KVC_CACHE_F_WRITEBEHIND ?
		  KVC_MODE_WRITEBEHIND : KVC_MODE_CACHE;
	c->observer = observer;
	c->ctx = ctx;
	c->tier_target = config->tier;
	kvc_adapt_init(&c->adapt);
	kvc_fence_init(&c->fence);
	mutex_init(&c->slot_lock);
	c->log.heard = config->flags & KVC_CACHE_F_LOG;
	kvc_flush_init(&c->flush);
	c->shard_bits = shard_bits(config, cpus);
	c->id = random_id();
	get_random_bytes(&c->key, sizeof(c->key));
	get_random_bytes(&c->slot_seed, sizeof(c->slot_seed));
	kvc_cache_set_shares(c);
	c->counters = alloc_percpu_gfp(struct kvc_counters, GFP_KERNEL_ACCOUNT);
	if (!c->counters)
		goto err_counters;
	if (kvc_event_init(&c->log, c->config.events))
		goto err_log;
	if (kvc_spare_init(c))
		goto err_spare;
	if (shards_init(c))
		goto err_shards;
	return c;

err_shards:
err_spare:
err_log:
	kvc_cache_free(c);
	return ERR_PTR(-ENOMEM);
err_counters:
	kfree(c);
	return ERR_PTR(-ENOMEM);
}

/* Remove some entries, whatever they are; returns false when there are none. */
static bool empty_some(struct kvc_shard *s)
{
	unsigned int budget = KVC_SHARD_BUDGET;
	struct kvc_entry *e;

	while (budget--) {
		e = kvc_memtable_first(&s->memtable) ?:
		    kvc_memtable_first(&s->dirty) ?: kvc_tier_any(&s->tier);
		if (!e)
			return false;
		kvc_shard_discard(s, e, KVC_REASON_CLEARED);
	}
	return true;
}

static void empty_shard(struct kvc_shard *s)
{
	bool more;

	do {
		spin_lock(&s->lock);
		more = empty_some(s);
		kvc_shard_unlock_reap(s);
		kvc_shard_throttle(s);
		cond_resched();
	} while (more);
}

/**
 * kvc_cache_kill - remove all entries and refuse new ones
 * @c: the cache; operations on it may be in progress and will begin
 *
 * What is dirty is lost.
 *
 * Context: may sleep.
 */
void kvc_cache_kill(struct kvc_cache *c)
{
	u32 i;

	/* The locks below order it before the removals. */
	WRITE_ONCE(c->dead, true);
	kvc_slot_kill(c);
	for (i = 0; i < kvc_cache_shards(c); i++) {
		spin_lock(&c->shards[i].lock);
		c->shards[i].dead = true;
		spin_unlock(&c->shards[i].lock);
	}
	kvc_flush_kill(c);
	for (i = 0; i < kvc_cache_shards(c); i++)
		empty_shard(&c->shards[i]);
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
	if (c->spare)
		kvc_spare_exit(c);
	kvfree(c->slots);
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

static bool is_listened(struct kvc_cache *c)
{
	const struct kvc_observer *o = c->observer;

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
 * kvc_cache_is_heard - did anybody ever listen to the cache's events?
 * @c: the cache
 */
bool kvc_cache_is_heard(struct kvc_cache *c)
{
	return READ_ONCE(c->log.heard) || is_listened(c);
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

	if (!kvc_cache_is_heard(c))
		return;
	seq = kvc_event_add(&c->log, reason, version, key, key_len);
	if (seq && c->observer->event)
		c->observer->event(c->ctx, seq);
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
