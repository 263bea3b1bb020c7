// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: hits
 *
 * A repeated hit stores nothing in memory that CPUs share: not in the entry, the
 * buckets, the shard, the cache or the slots.  Stores are counted, also those that
 * change no bit, so this does not depend on how fast two CPUs are.  What each
 * CPU counts for itself is in memory of its own; once in KVC_ADAPT_TICK hits it
 * adds that to a count of the cache, by one store.
 */
#include <stdio.h>
#include <stdlib.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/sizes.h>
#include <shim/watch.h>
#include "core/count.h"
#include "core/lookup.h"
#include "core/pool.h"
#include "core/slot.h"
#include "check.h"
#include "selfcheck.h"

#define ROOM	SZ_32M
/* More than the tier has room for */
#define KEYS	4000
#define SMALL	SZ_64K
#define WARM	16
#define HITS	(4 * KVC_ADAPT_TICK)

static void see_kick(void *ctx, unsigned int delay_ms)
{
}

static const struct kvc_observer observer = { .kick = see_kick };

/**
 * struct way - how a GET goes through the core
 * @name: of the way
 * @get: does one
 */
struct way {
	const char *name;
	struct kvc_entry *(*get)(struct kvc_cache *c, u32 hash, const u8 *key,
				 u32 len, u64 *now);
};

static struct kvc_entry *get_any(struct kvc_cache *c, u32 hash, const u8 *key,
				 u32 len, u64 *now)
{
	struct kvc_entry *e;
	u64 token;

	e = kvc_cache_get(c, hash, key, len, now, &token);
	kvc_cache_count_get(c, hash, e);
	return e;
}

static struct kvc_entry *get_short(struct kvc_cache *c, u32 hash, const u8 *key,
				   u32 len, u64 *now)
{
	struct kvc_entry *e = kvc_cache_find(c, hash, key, len, now);
	struct kvc_count count = kvc_count_begin(c);

	if (e)
		kvc_count_hit(&count, hash, e);
	kvc_count_end(&count);
	return e;
}

static struct kvc_entry *get_in_batch(struct kvc_cache *c, u32 hash,
				      const u8 *key, u32 len, u64 *now)
{
	kvc_cache_prefetch(c, &hash, 1);
	return get_short(c, hash, key, len, now);
}

static struct kvc_entry *get_with_slot(struct kvc_cache *c, u32 hash,
				       const u8 *key, u32 len, u64 *now)
{
	kvc_slot_read(c, hash, key, len);
	return get_short(c, hash, key, len, now);
}

static const struct way ways[] = {
	{ "any", get_any },
	{ "short", get_short },
	{ "batch", get_in_batch },
	{ "slot", get_with_slot },
};

/* Returns where the pair is. */
static u8 hit(struct kvc_cache *c, const struct way *way, u32 number)
{
	struct kvc_entry *e;
	u8 key[KEYS_LEN], place;
	u64 now = 0;
	u32 len, hash;

	len = keys_make(key, number);
	hash = kvc_cache_hash(c, key, len);
	rcu_read_lock();
	e = way->get(c, hash, key, len, &now);
	CHECK(e, "key %u", number);
	place = kvc_entry_place(e);
	rcu_read_unlock();
	return place;
}

static unsigned long stores_of(struct kvc_cache *c, const struct way *way,
			       u32 number)
{
	unsigned int i;

	for (i = 0; i < WARM; i++)
		hit(c, way, number);
	shim_watch_begin();
	for (i = 0; i < HITS; i++)
		hit(c, way, number);
	return shim_watch_end();
}

static void put(struct kvc_cache *c, u32 number)
{
	static const struct kvc_cond always;
	struct kvc_entry *e = selfcheck_entry(c, number, 0, number, 0);
	u64 now = 0, version;

	CHECK(e);
	CHECK(!kvc_cache_put(c, e, &always, &now, &version));
}

/* With a few pairs in the tier and many in the memtable */
static struct kvc_cache *cache_of(u32 policy)
{
	struct kvc_config config = {
		.name = "hits", .limit = SZ_8M, .tier = SMALL, .policy = policy,
		.flags = KVC_CACHE_F_STATIC | KVC_CACHE_F_NOBYPASS,
		/* None ends, which would be a change. */
		.window = 1 << 24,
	};
	struct kvc_cache *c;
	u32 i;

	CHECK(!kvc_config_complete(&config));
	c = kvc_cache_create(&config, 2, &observer, NULL);
	CHECK(!IS_ERR(c));
	CHECK(!IS_ERR(kvc_slot_open(c)));
	for (i = 0; i < KEYS; i++)
		put(c, i);
	while (kvc_cache_maintain(c))
		synchronize_rcu();
	return c;
}

/* The newest pair that is there, or was a moment ago */
static u32 number_in(struct kvc_cache *c, u8 place)
{
	u32 i;

	for (i = KEYS; i--;)
		if (hit(c, &ways[0], i) == place)
			return i;
	check_failed(__FILE__, __LINE__, "no pair in place %u", place);
}

static void check_way(struct kvc_cache *c, const char *policy,
		      const struct way *way, u8 place)
{
	u32 number = number_in(c, place);
	unsigned long stores;

	check_doing("hits.%s %s, place %u", policy, way->name, place);
	stores = stores_of(c, way, number);
	CHECK(hit(c, way, number) == place, "it moved");
	CHECK(stores <= HITS / KVC_ADAPT_TICK, "%lu stores in %u hits", stores,
	      HITS);
}

static void cache_end(struct kvc_cache *c)
{
	kvc_cache_kill(c);
	synchronize_rcu();
	kvc_cache_free(c);
}

static void check_policy(u32 policy, const char *name)
{
	static const u8 places[] = { KVC_ENTRY_TIER, KVC_ENTRY_MEMTABLE };
	struct kvc_cache *c;
	unsigned int i, j;

	check_doing("hits.%s", name);
	shim_watch_alloc(ROOM);
	c = cache_of(policy);
	for (i = 0; i < ARRAY_SIZE(ways); i++)
		for (j = 0; j < ARRAY_SIZE(places); j++)
			check_way(c, name, &ways[i], places[j]);
	cache_end(c);
	shim_watch_free();
	check_passed("hits.%s_stores_nothing", name);
}

/* A queue in the order of use is written at each hit, and that is seen. */
static void check_lru(void)
{
	struct kvc_cache *c;
	unsigned long stores;

	check_doing("hits.lru");
	shim_watch_alloc(ROOM);
	c = cache_of(KVC_POLICY_LRU);
	stores = stores_of(c, &ways[0], number_in(c, KVC_ENTRY_TIER));
	CHECK(stores >= HITS, "%lu stores in %u hits", stores, HITS);
	cache_end(c);
	shim_watch_free();
	check_passed("hits.lru_is_seen_to_store");
}

int main(void)
{
	CHECK(!kvc_pool_init(sizeof(struct kvc_entry)));
	check_policy(KVC_POLICY_FIFO, "fifo");
	check_policy(KVC_POLICY_SIEVE, "sieve");
	check_policy(KVC_POLICY_S3FIFO, "s3fifo");
	check_lru();
	kvc_pool_exit();
	check_done();
	return EXIT_SUCCESS;
}
