// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: behind [OPERATIONS [SEED]]
 *
 * Random operations on write-behind caches so small that everything happens all
 * the time, with a flusher that comes and goes, against a plain model of cache
 * and store.
 */
#include <stdio.h>
#include <stdlib.h>
#include <linux/sizes.h>
#include <shim/alloc.h>
#include "core/pool.h"
#include "core/prefix.h"
#include "behind.h"
#include "check.h"

#define PHASE	5000	/* operations of one kind of load */
#define SECOND	1000000000ULL

/**
 * struct load - what the operations are like for a while
 * @name: for reports
 * @gets: of 100 operations
 * @puts: likewise
 * @hot: they go to so many keys; 0: to all
 * @flusher: it does something once in so many operations
 * @moody: and gives up once in so many times
 */
static const struct load {
	const char *name;
	u32 gets;
	u32 puts;
	u32 hot;
	u32 flusher;
	u32 moody;
} loads[] = {
	{ "mixed", 40, 40, 0, 20, 10 },
	{ "hot", 50, 45, 100, 30, 10 },
	{ "writes", 5, 85, 0, 10, 50 },
	{ "reads", 85, 10, 0, 40, 10 },
	{ "deletes", 10, 20, 200, 20, 10 },
	{ "lazy", 30, 40, 0, 2000, 3 },
	{ "eager", 30, 40, 0, 2, 30 },
	{ "moody", 40, 40, 150, 5, 2 },
};

static const struct run {
	u32 policy;
	u32 shards;
	u32 flags;
	u32 runs;
} runs[] = {
	{ KVC_POLICY_FIFO, 1, 0, 1 },
	{ KVC_POLICY_LRU, 1, 0, 2 },
	{ KVC_POLICY_SIEVE, 1, 0, 3 },
	{ KVC_POLICY_S3FIFO, 1, 0, 2 },
	{ KVC_POLICY_FIFO, 4, 0, 5 },
	{ KVC_POLICY_LRU, 8, 0, 2 },
	{ KVC_POLICY_SIEVE, 2, KVC_CACHE_F_NOBYPASS, 16 },
	{ KVC_POLICY_S3FIFO, 4, 0, 2 },
	{ KVC_POLICY_S3FIFO, 2, KVC_CACHE_F_STATIC, 1 },
	{ KVC_POLICY_S3FIFO, 8, KVC_CACHE_F_NOEVENTS, 4 },
};

static struct behind_seen total;
static u64 switches, promoted;

static u32 value_len(struct random *r)
{
	u32 kind = random_below(r, 1000);

	if (kind < 850)
		return random_below(r, 150);
	if (kind < 995)
		return random_below(r, 2000);
	return kind < 999 ? random_below(r, 12000) : 60000 +
						     random_below(r, 10000);
}

static u32 condition(struct random *r)
{
	static const u32 flags[] = {
		KVC_OP_F_CREATE, KVC_OP_F_REPLACE, KVC_OP_F_CAS,
	};
	u32 kind = random_below(r, 100);

	return kind < 30 ? flags[kind % ARRAY_SIZE(flags)] : 0;
}

static void set_size(struct behind *b, struct random *r)
{
	struct kvc_config g = b->config;
	u32 shard = 0;

	g.limit = (u64)SZ_64K * (1 + random_below(r, 3)) <<
		  b->cache->shard_bits;
	g.tier = g.limit / (3 + random_below(r, 20));
	g.tier_min = 0;
	g.tier_max = 0;
	g.memtable = 0;
	g.flush_ms = 10 + random_below(r, 5000);
	CHECK(!kvc_config_complete(&g));
	b->config = g;
	kvc_cache_set_size(b->cache, &g);
	while (kvc_cache_fit_step(b->cache, &shard))
		;
}

/* What is sealed by itself, because it is old or because it was asked for */
static void maintain(struct behind *b)
{
	bool room = b->waiting < b->config.runs;
	u32 i, waiting = b->waiting;
	struct kvc_stats st;

	kvc_cache_maintain(b->cache);
	b->seen.aged += b->waiting - waiting;
	if (!room)
		return;
	for (i = 0; i < kvc_cache_shards(b->cache); i++) {
		CHECK(b->cache->shards[i].dirty.bytes <
		      b->cache->memtable_share, "a full memtable stays");
		CHECK(b->cache->shards[i].unsealed_bytes <
		      b->cache->unsealed_share, "too much for one run");
	}
	kvc_cache_stats(b->cache, &st);
	CHECK(st.dirty_ms < b->config.flush_ms, "%llu ms", st.dirty_ms);
}

static void clear(struct behind *b)
{
	u32 shard = 0;

	while (kvc_cache_clear_step(b->cache, &shard))
		;
	kvc_cache_clear_end(b->cache);
	CHECK(!kvc_cache_entries(b->cache), "something clean is left");
}

static void purge_prefix(struct behind *b, u32 number)
{
	struct kvc_prefix *p = malloc(sizeof(*p));
	u8 key[KEYS_LEN];

	CHECK(p);
	keys_make(key, number);
	kvc_prefix_init(p, key, 2);
	while (kvc_prefix_purge(p, b->cache) == 1)
		;
	free(p);
}

static void seldom(struct behind *b, struct random *r)
{
	switch (random_below(r, 400)) {
	case 0 ... 1:
		return clear(b);
	case 2 ... 9: {
		unsigned long there = kvc_cache_entries(b->cache), most, done;

		most = random_below(r, 300);
		done = kvc_cache_shrink(b->cache, most);
		CHECK(done <= most && done <= there);
		return;
	}
	case 10 ... 13:
		return set_size(b, r);
	case 14 ... 63:
		return behind_advance(b, random_below(r, 5) * SECOND);
	case 64 ... 140:
		return maintain(b);
	case 141 ... 220:
		return behind_scan(b, random_below(r, b->keys),
				   random_below(r, b->keys),
				   random_below(r, 100));
	case 221 ... 260:
		return behind_check(b);
	case 261 ... 263:
		return purge_prefix(b, random_below(r, b->keys));
	default:
		return behind_purge(b, random_below(r, b->keys));
	}
}

static void use_flusher(struct behind *b, struct random *r, u32 moody)
{
	if (random_below(r, moody) == 0)
		return behind_abandon(b);
	switch (random_below(r, 8)) {
	case 0:
		return behind_seal(b);
	case 1 ... 5:
		return behind_read(b, 64 + random_below(r, random_below(r, 2) ?
							SZ_4K : SZ_512K));
	default:
		return behind_commit(b);
	}
}

/* Few keys, so that they are those that the longer call works on */
static void meanwhile(struct behind *b)
{
	struct random *r = &b->random;
	u32 i, key;

	for (i = random_below(r, 12); i; i--) {
		key = random_below(r, random_below(r, 2) ? 100 : b->keys);
		switch (random_below(r, b->may_flush ? 14 : 10)) {
		case 0 ... 3:
			behind_put(b, key, condition(r), value_len(r), 0);
			break;
		case 4:
			behind_del(b, key, false);
			break;
		case 5:
			behind_touch(b, key, 0);
			break;
		case 6:
			behind_fill(b, key);
			break;
		case 7:
			if (random_below(r, 20) == 0)
				clear(b);
			else
				kvc_cache_shrink(b->cache, random_below(r, 9));
			break;
		case 10:
			behind_seal(b);
			break;
		case 11 ... 12:
			behind_read(b, SZ_512K);
			break;
		case 13:
			behind_commit(b);
			break;
		default:
			behind_get(b, key, random_below(r, 2));
		}
	}
}

static void operation(struct behind *b, struct random *r,
		      const struct load *load)
{
	u32 kind = random_below(r, 100);
	u32 key = random_below(r, load->hot ?: b->keys);

	if (random_below(r, load->flusher) == 0)
		use_flusher(b, r, load->moody);
	if (random_below(r, 100) == 0)
		seldom(b, r);
	else if (random_below(r, 6) == 0)
		behind_fill(b, key);
	else if (kind < load->gets)
		behind_get(b, key, random_below(r, 2));
	else if (kind < load->gets + load->puts)
		behind_put(b, key, condition(r), value_len(r), random_expiry(r, b->now));
	else if (kind % 3 == 0)
		behind_touch(b, key, random_expiry(r, b->now));
	else
		behind_del(b, key, kind % 3 == 1);
}

/* After the last flush the store is the model. */
static void finish(struct behind *b)
{
	struct kvc_stats st;
	u32 i;

	while (kvc_flush_dirty(b->cache))
		behind_flush_one(b);
	behind_check(b);
	for (i = 0; i < b->keys; i++)
		CHECK(behind_same(&b->cells[i].truth, &b->cells[i].store),
		      "key %u", i);
	kvc_cache_stats(b->cache, &st);
	switches += st.bypass_switches;
	promoted += st.promoted;
	CHECK(!st.dirty_bytes && !st.dirty_ms);
}

static void add_up(const struct behind_seen *seen)
{
	u64 *sum = (u64 *)&total;
	const u64 *one = (const u64 *)seen;
	size_t i;

	for (i = 0; i < sizeof(total) / sizeof(*sum); i++)
		sum[i] += one[i];
}

static void run(const struct run *run, u64 operations, u64 seed)
{
	struct kvc_config config = {
		.name = "behind",
		.limit = (u64)SZ_64K * run->shards,
		.policy = run->policy,
		.flags = run->flags | KVC_CACHE_F_WRITEBEHIND,
		.key_max = 2 * KEYS_LEN,
		.value_max = SZ_16K - 2 * KEYS_LEN,
		.window = 1024,
		.runs = run->runs,
	};
	const char *policy = kvc_policy_lookup(run->policy)->name;
	struct random r = { .state = seed };
	const struct load *load = loads;
	long before = shim_live_objects();
	struct behind *b = malloc(sizeof(*b));
	u64 i;

	CHECK(b);
	behind_begin(b, &config, 600 * run->shards, run->shards, seed);
	b->meanwhile = meanwhile;
	for (i = 0; i < operations; i++) {
		if (i % PHASE == 0)
			load = &loads[random_below(&r, ARRAY_SIZE(loads))];
		check_doing("behind: %s, %u shards, flags %x, seed %llu, operation %llu, %s",
			    policy, kvc_cache_shards(b->cache), run->flags,
			    (unsigned long long)seed, (unsigned long long)i,
			    load->name);
		operation(b, &r, load);
	}
	/* Half of them end with all that is dirty lost, and nothing leaked. */
	if (seed % 2)
		finish(b);
	add_up(&b->seen);
	behind_end(b);
	free(b);
	CHECK(shim_live_objects() == before, "leak");
	check_passed("behind.%s_%u_shards_%u_runs", policy, run->shards,
		     run->runs);
}

/* A run in which something never happened has not tested it. */
static void check_coverage(void)
{
	const u64 *seen = (const u64 *)&total;
	size_t i;

	check_doing("behind: everything happened");
	for (i = 0; i < sizeof(total) / sizeof(*seen); i++)
		CHECK(seen[i], "figure %zu of struct behind_seen", i);
	CHECK(switches && promoted);
	check_passed("behind.everything_happened");
}

int main(int argc, char **argv)
{
	u64 operations = argc > 1 ? strtoull(argv[1], NULL, 0) : 100000;
	u64 seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	u32 i;

	printf("# seed %llu, %llu operations in each of %zu runs\n",
	       (unsigned long long)seed, (unsigned long long)operations,
	       ARRAY_SIZE(runs));
	CHECK(!kvc_pool_init(sizeof(struct kvc_entry)));
	for (i = 0; i < ARRAY_SIZE(runs); i++)
		run(&runs[i], operations, seed + i);
	check_coverage();
	printf("# %llu runs committed, %llu records, %llu of tombstones; %llu waits; %llu fills, %llu too late\n",
	       (unsigned long long)total.commits,
	       (unsigned long long)total.records,
	       (unsigned long long)total.tombstones,
	       (unsigned long long)total.busy, (unsigned long long)total.fills,
	       (unsigned long long)total.late);
	kvc_pool_exit();
	check_done();
	return EXIT_SUCCESS;
}
