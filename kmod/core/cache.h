/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_CACHE_H
#define _KVC_CACHE_H

#include <linux/cache.h>
#include <linux/mutex.h>
#include <linux/siphash.h>
#include <linux/xxhash.h>
#include "adapt.h"
#include "config.h"
#include "counters.h"
#include "entry.h"
#include "event.h"
#include "fence.h"
#include "flush.h"
#include "observer.h"
#include "shard.h"
#include "stats.h"

/* Maintenance that is no hurry is done after this many milliseconds. */
#define KVC_MAINTAIN_MS	20

/* Modes of a cache */
enum kvc_mode {
	KVC_MODE_CACHE,		/* volatile: what does not fit is evicted */
	KVC_MODE_WRITEBEHIND,	/* pairs are dirty until a store has them */
};

/**
 * struct kvc_cache - a cache over all its tiers
 * @config: as created, with defaults filled in; sizes follow kvc_cache_set_size()
 * @policy: of the tier
 * @id: random, never 0
 * @key: of the bucket hash
 * @mode: see there
 * @shards: its parts
 * @shard_bits: their number is two to the power of this
 * @fence: past it lookups miss
 * @slot_seed: of kvc_cache_slot()
 * @slots: what clients map, NULL until one does; made and ended under
 *	@slot_lock
 * @slot_lock: taken outside of the shard locks
 * @limit_share: bytes that each shard's pairs may take
 * @tier_share: bytes of these for its tier
 * @limbo_share: bytes that may wait for readers in each
 * @memtable_share: dirty bytes of a shard's memtable from which on a run is
 *	sealed
 * @unsealed_share: and all its dirty bytes that are in no run: with so many,
 *	as many runs as may wait leave room for the next one
 * @tier_target: bytes of the tier over all shards
 * @bypass: the tier is switched off
 * @promote: memtable pairs that are touched again move up while there is room
 * @dead: killed; set before the first entry is removed for it
 * @shrink_at: the shard that gives entries back next; a lost count is no harm
 * @kicked: maintenance was asked for and has not begun
 * @counters: what happened so far
 * @spare: retired entries to be used again
 * @payer: whose memory cgroup all entries are charged to, see there
 * @adapt: decides on @bypass and @tier_target
 * @flush: the sealed runs of a write-behind cache
 * @observer: who wants to know
 * @ctx: whose
 * @log: the events; last, since writers of all shards meet there
 */
struct kvc_cache {
	struct kvc_config config;
	const struct kvc_policy_ops *policy;
	u64 id;
	hsiphash_key_t key;
	enum kvc_mode mode;
	struct kvc_shard *shards;
	u32 shard_bits;
	struct kvc_fence fence;
	u64 slot_seed;
	struct kvc_slots *slots;
	struct mutex slot_lock;
	size_t limit_share;
	size_t tier_share;
	size_t limbo_share;
	size_t memtable_share;
	size_t unsealed_share;
	u64 tier_target;
	bool bypass;
	bool promote;
	bool dead;
	u32 shrink_at;
	atomic_t kicked;
	struct kvc_counters __percpu *counters;
	struct kvc_spare __percpu *spare;
	u64 payer;
	struct kvc_adapt adapt;
	struct kvc_flush flush;
	const struct kvc_observer *observer;
	void *ctx;
	struct kvc_event_log log ____cacheline_aligned_in_smp;
};

/**
 * struct kvc_cond - under which condition an operation is done
 * @flags: KVC_OP_F_CREATE, _REPLACE, _CAS, _FILL
 * @version: for the latter two
 */
struct kvc_cond {
	u32 flags;
	u64 version;
};

/* Bytes that the shard's tier may take */
static inline size_t kvc_shard_tier_room(const struct kvc_shard *s)
{
	const struct kvc_cache *c = s->cache;
	size_t share = READ_ONCE(c->tier_share);

	return READ_ONCE(c->bypass) ? share / KVC_ADAPT_PROBES : share;
}

/* Bytes that come free when another entry takes the place of @old */
static inline size_t kvc_shard_gain(const struct kvc_shard *s,
				    const struct kvc_entry *old)
{
	return old && !kvc_shard_is_sealed(s, old) ? kvc_entry_size(old) : 0;
}

/**
 * kvc_shard_fits - is there room for an entry?
 * @s: the shard, locked
 * @old: the entry whose place it will take, or NULL
 * @size: its bytes
 */
static inline bool kvc_shard_fits(const struct kvc_shard *s,
				  const struct kvc_entry *old, size_t size)
{
	return kvc_shard_bytes(s) - kvc_shard_gain(s, old) + size <=
	       READ_ONCE(s->cache->limit_share);
}

/**
 * kvc_shard_throttle - wait until no more than a bounded number of bytes waits
 * for readers
 * @s: the shard
 *
 * Context: may sleep.
 */
static inline void kvc_shard_throttle(struct kvc_shard *s)
{
	if (unlikely(READ_ONCE(s->limbo.bytes) >
		     READ_ONCE(s->cache->limbo_share)))
		kvc_shard_wait_reaped(s);
}

static inline u32 kvc_cache_shards(const struct kvc_cache *c)
{
	return 1u << c->shard_bits;
}

/* The top bits of a hash select the shard, the low ones the bucket. */
static inline struct kvc_shard *kvc_cache_shard(struct kvc_cache *c, u32 hash)
{
	return &c->shards[(u64)hash >> (32 - c->shard_bits)];
}

static inline u32 kvc_cache_hash(const struct kvc_cache *c, const void *key,
				 u32 key_len)
{
	return hsiphash(key, key_len, &c->key);
}

/*
 * To which slot a key belongs, for the floors and what else is kept of many
 * keys together.  With a seed of its own, so that a slot's number, were it
 * known, tells nothing about buckets.
 */
static inline u64 kvc_cache_slot(const struct kvc_cache *c, const void *key,
				 u32 key_len)
{
	return xxh64(key, key_len, c->slot_seed);
}

struct kvc_cache *kvc_cache_create(const struct kvc_config *config,
				   unsigned int cpus,
				   const struct kvc_observer *observer,
				   void *ctx);
void kvc_cache_kill(struct kvc_cache *c);
void kvc_cache_free(struct kvc_cache *c);
bool kvc_cache_is_dead(const struct kvc_cache *c);

struct kvc_entry *kvc_cache_get(struct kvc_cache *c, u32 hash, const void *key,
				u32 key_len, u64 *now, u64 *token);
bool kvc_cache_is_gone(struct kvc_cache *c, u32 hash, const void *key,
		       u32 key_len, u64 *now);
void kvc_cache_count_get(struct kvc_cache *c, u32 hash, struct kvc_entry *e);
int kvc_cache_put(struct kvc_cache *c, struct kvc_entry *e,
		  const struct kvc_cond *cond, u64 *now, u64 *version);
int kvc_cache_del(struct kvc_cache *c, u32 hash, const void *key, u32 key_len,
		  const struct kvc_cond *cond, u64 *now, u64 *version);
int kvc_cache_touch(struct kvc_cache *c, u32 hash, const void *key, u32 key_len,
		    u64 expiry, u64 *now, u64 *version);

int kvc_cache_purge(struct kvc_cache *c, u32 hash, const void *key, u32 key_len,
		    u64 revision, u64 *now, u64 *version);
void kvc_cache_set_fence(struct kvc_cache *c, u64 deadline);
void kvc_cache_listen(struct kvc_cache *c);
bool kvc_cache_is_heard(struct kvc_cache *c);
void kvc_cache_event(struct kvc_cache *c, enum kvc_event_reason reason,
		     u64 version, const void *key, u32 key_len);

bool kvc_cache_clear_step(struct kvc_cache *c, u32 *shard);
void kvc_cache_clear_end(struct kvc_cache *c);
bool kvc_cache_fit_step(struct kvc_cache *c, u32 *shard);
unsigned long kvc_cache_shrink(struct kvc_cache *c, unsigned long entries);
unsigned long kvc_cache_entries(struct kvc_cache *c);
void kvc_cache_kick(struct kvc_cache *c, bool later);
unsigned int kvc_cache_maintain(struct kvc_cache *c);
void kvc_cache_set_size(struct kvc_cache *c, const struct kvc_config *config);
void kvc_cache_set_tier(struct kvc_cache *c, u64 target);
void kvc_cache_set_shares(struct kvc_cache *c);
void kvc_cache_stats(struct kvc_cache *c, struct kvc_stats *stats);

#endif
