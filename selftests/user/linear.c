// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: linear [OPERATIONS [SEED]]
 *
 * Threads that write, and threads that read from the cache or from what they
 * keep while its slot stays as it was: all of them together do as if there were
 * one copy of each pair.  A miss says nothing, for pairs are evicted.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/err.h>
#include <linux/sizes.h>
#include <shim/context.h>
#include "core/pool.h"
#include "core/slot.h"
#include "core/spare.h"
#include "../linear/history.h"
#include "check.h"
#include "keys.h"

#define THREADS	4
#define KEYS	2
#define COLD	3000	/* further keys, for which those are evicted */

/**
 * struct client - a thread
 * @id: pthread's
 * @number: which
 * @random: its own
 * @history: what it did
 * @kept: the answers that it keeps, with the slots that came with them
 * @hits: how often one was good
 */
struct client {
	pthread_t id;
	u32 number;
	struct random random;
	struct history history;
	struct {
		u64 slot;
		u64 value;
	} kept[KEYS];
	u64 hits;
};

static struct kvc_cache *cache;
static u64 operations;

static void see_kick(void *ctx, unsigned int delay_ms)
{
}

static const struct kvc_observer observer = { .kick = see_kick };

static u32 hash_of(u32 key)
{
	return kvc_cache_hash(cache, &key, sizeof(key));
}

static void put(u32 key, u64 value)
{
	struct kvc_entry *e;
	struct kvc_cond cond = { 0 };
	u64 now = 0, version;

	e = kvc_spare_take(cache, 1, sizeof(key), sizeof(value)) ?:
	    kvc_entry_alloc(sizeof(key), sizeof(value));
	CHECK(e);
	memcpy(e->data, &key, sizeof(key));
	memcpy(kvc_entry_value(e), &value, sizeof(value));
	e->hash = hash_of(key);
	CHECK(!kvc_cache_put(cache, e, &cond, &now, &version));
}

static void remove_key(u32 key)
{
	struct kvc_cond cond = { 0 };
	u64 now = 0, version;

	kvc_cache_del(cache, hash_of(key), &key, sizeof(key), &cond, &now,
		      &version);
}

/* Returns 0 when the key is not there. */
static u64 get(u32 key, u64 *slot)
{
	u64 now = 0, token, value = 0;
	struct kvc_entry *e;

	*slot = kvc_slot_read(cache, hash_of(key), &key, sizeof(key));
	rcu_read_lock();
	e = kvc_cache_get(cache, hash_of(key), &key, sizeof(key), &now, &token);
	if (e)
		memcpy(&value, kvc_entry_value(e), sizeof(value));
	kvc_cache_count_get(cache, hash_of(key), e);
	rcu_read_unlock();
	return value;
}

/* As who has mapped them does */
static bool is_good(u64 slot)
{
	const u32 *slots = (const void *)cache->slots + cache->slots->offset;

	return !(KVC_SLOT_COUNT(slot) & 1) &&
	       smp_load_acquire(&slots[KVC_SLOT_NUMBER(slot)]) ==
		       KVC_SLOT_COUNT(slot);
}

static u64 get_near(struct client *c, u32 key)
{
	u64 value, slot;

	if (c->kept[key].value && is_good(c->kept[key].slot)) {
		c->hits++;
		return c->kept[key].value;
	}
	value = get(key, &slot);
	c->kept[key].value = value;
	c->kept[key].slot = slot;
	return value;
}

static void do_read(struct client *c, u32 key, bool near)
{
	u64 inv = history_stamp(), value, slot;

	value = near ? get_near(c, key) : get(key, &slot);
	if (value)
		history_add(&c->history, key, false, value, inv);
}

static void do_write(struct client *c, u32 key, bool del)
{
	u64 value = (c->history.count + 1) * THREADS + c->number;
	u64 inv = history_stamp();

	if (del)
		remove_key(key);
	else
		put(key, value);
	history_add(&c->history, key, true, value, inv);
}

static void *client_run(void *arg)
{
	struct client *c = arg;
	u32 key, kind;

	check_doing("linear: client %u", c->number);
	while (c->history.count + 2 < c->history.room) {
		key = random_below(&c->random, KEYS);
		kind = random_below(&c->random, 100);
		if (kind < 15)
			do_write(c, key, kind < 2);
		else if (kind < 20)
			put(KEYS + random_below(&c->random, COLD), 1);
		/* What is read here is not older than what was read there. */
		if (kind < 60)
			do_read(c, key, false);
		do_read(c, key, true);
	}
	return NULL;
}

static void begin(struct client *c, u32 number, u64 seed)
{
	c->number = number;
	c->random.state = seed;
	c->history.room = operations / THREADS;
	c->history.ops = calloc(c->history.room, sizeof(*c->history.ops));
	CHECK(c->history.ops);
	CHECK(!pthread_create(&c->id, NULL, client_run, c));
}

static void run(struct client *clients, u64 seed)
{
	struct history all[THREADS];
	u64 hits = 0, count = 0;
	u32 i;

	for (i = 0; i < THREADS; i++)
		begin(&clients[i], i, seed * 100 + i);
	for (i = 0; i < THREADS; i++) {
		pthread_join(clients[i].id, NULL);
		all[i] = clients[i].history;
		hits += clients[i].hits;
		count += all[i].count;
	}
	check_doing("linear: seed %llu", (unsigned long long)seed);
	CHECK(history_ok(all, THREADS));
	CHECK(hits > count / 10, "%llu hits", (unsigned long long)hits);
	printf("# %llu operations, %llu of them answered by what was kept\n",
	       (unsigned long long)count, (unsigned long long)hits);
	for (i = 0; i < THREADS; i++)
		free(clients[i].history.ops);
}

int main(int argc, char **argv)
{
	struct kvc_config config = {
		.name = "linear", .limit = SZ_128K, .value_max = 8,
		.key_max = 4,
	};
	static struct client clients[THREADS];
	u64 seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	struct kvc_stats stats;

	operations = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000000;
	check_doing("linear");
	shim_yield_every(50);
	CHECK(!kvc_pool_init(sizeof(struct kvc_entry)));
	CHECK(!kvc_config_complete(&config));
	cache = kvc_cache_create(&config, 1, &observer, NULL);
	CHECK(!IS_ERR(cache) && !IS_ERR(kvc_slot_open(cache)));
	run(clients, seed);
	kvc_cache_stats(cache, &stats);
	CHECK(stats.evicted_limit && stats.misses);
	kvc_cache_kill(cache);
	synchronize_rcu();
	kvc_cache_free(cache);
	kvc_pool_exit();
	check_passed("linear.one_copy_of_each_pair");
	check_done();
	return EXIT_SUCCESS;
}
