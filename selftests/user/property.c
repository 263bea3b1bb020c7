// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: property [OPERATIONS [SEED]]
 *
 * Random operations on caches so small that everything happens all the time,
 * against a plain model.
 */
#include <stdio.h>
#include <stdlib.h>
#include <linux/sizes.h>
#include <shim/alloc.h>
#include "core/pool.h"
#include "check.h"
#include "model.h"

#define PHASE	6000	/* operations of one kind of load */
#define SECOND	1000000000ULL

/**
 * struct load - what the operations are like for a while
 * @name: for reports
 * @gets: of 100 operations
 * @puts: likewise
 * @hot: they go to so many keys; 0: to all
 * @once: each key is used once, one after the other
 */
static const struct load {
	const char *name;
	u32 gets;
	u32 puts;
	u32 hot;
	bool once;
} loads[] = {
	{ "mixed", 40, 40, 0, false },
	{ "hot", 85, 10, 150, false },
	{ "once", 2, 96, 0, true },
	{ "wide", 90, 8, 700, false },
	{ "few", 30, 30, 20, false },
	{ "deletes", 10, 10, 300, false },
};

/**
 * struct run - one cache's share of the operations
 * @policy: of the cache
 * @shards: of it
 * @flags: likewise
 * @events: bytes of its log
 */
static const struct run {
	u32 policy;
	u32 shards;
	u32 flags;
	u32 events;
} runs[] = {
	{ KVC_POLICY_FIFO, 1, 0, 4096 },
	{ KVC_POLICY_LRU, 1, 0, 5000 },
	{ KVC_POLICY_SIEVE, 1, 0, 30001 },
	{ KVC_POLICY_S3FIFO, 1, 0, 8192 },
	{ KVC_POLICY_FIFO, 4, 0, 1 << 20 },
	{ KVC_POLICY_LRU, 8, 0, 4100 },
	{ KVC_POLICY_SIEVE, 2, KVC_CACHE_F_NOEVICT, 4096 },
	{ KVC_POLICY_S3FIFO, 4, 0, 65536 },
	{ KVC_POLICY_S3FIFO, 2, KVC_CACHE_F_STATIC, 7777 },
	{ KVC_POLICY_LRU, 2, KVC_CACHE_F_NOEVICT | KVC_CACHE_F_NOBYPASS, 4096 },
};

/* What happened over all runs */
static struct kvc_stats total;
static u64 errors[256];
static u64 read_events, lost_events, fills, late_fills;
static u64 kept_good, kept_evicted, kept_ended;

static u32 value_len(struct random *r)
{
	u32 kind = random_below(r, 100);

	if (kind < 80)
		return random_below(r, 150);
	if (kind < 98)
		return random_below(r, 2000);
	return kind < 99 ? random_below(r, 20000) : 60000 +
						    random_below(r, 10000);
}

static u32 condition(struct random *r)
{
	static const u32 flags[] = {
		KVC_OP_F_CREATE, KVC_OP_F_REPLACE, KVC_OP_F_CAS, KVC_OP_F_FILL,
	};
	u32 kind = random_below(r, 100);

	return kind < 40 ? flags[kind % ARRAY_SIZE(flags)] : 0;
}

static void seldom(struct model *m, struct random *r)
{
	switch (random_below(r, 400)) {
	case 0:
		return model_clear(m);
	case 1 ... 5:
		return model_shrink(m, random_below(r, 500));
	case 6 ... 9:
		return model_set_size(m, (u64)SZ_64K * (1 + random_below(r, 3))
				      << m->cache->shard_bits);
	case 10 ... 59:
		return model_advance(m, random_below(r, 5) * SECOND);
	case 60 ... 109:
		return model_maintain(m);
	case 110 ... 129:
		return model_scan(m, random_below(r, m->keys),
				  random_below(r, m->keys),
				  random_below(r, 4) == 0,
				  random_below(r, 100));
	case 130 ... 149:
		return model_check_stats(m);
	case 150 ... 169:
		return model_set_fence(m, random_below(r, 4) == 0 ? 0 : m->now +
				       random_below(r, 6) * SECOND);
	case 170 ... 172:
		return model_purge_prefix(m, random_below(r, m->keys));
	case 173:
		return model_open_slots(m);
	default:
		return model_get(m, random_below(r, m->keys));
	}
}

static u32 pick(struct model *m, struct random *r, const struct load *load,
		u64 number)
{
	if (load->once)
		return number % m->keys;
	return random_below(r, load->hot ?: m->keys);
}

static void operation(struct model *m, struct random *r,
		      const struct load *load, u64 number)
{
	u32 kind = random_below(r, 100), key = pick(m, r, load, number);

	/* A reader that is in no hurry, or asleep */
	if (random_below(r, m->seq / 5000 % 3 ? 50 : 1000) == 0)
		model_read_events(m);
	if (random_below(r, 50) == 0)
		seldom(m, r);
	else if (random_below(r, 20) == 0)
		model_purge(m, key);
	else if (random_below(r, 4) == 0)
		model_fill(m, pick(m, r, load, number));
	else if (kind < load->gets)
		model_get(m, key);
	else if (kind < load->gets + load->puts)
		model_put(m, key, load->once ? 0 : condition(r), value_len(r),
			  random_expiry(r, m->now));
	else if (kind % 3 == 0)
		model_touch(m, key, random_expiry(r, m->now));
	else
		model_del(m, key, kind % 3 == 1);
	model_check_kept(m);
}

static void add_up(const struct model *m)
{
	u32 i;

	total.hits_tier += m->expect.hits_tier;
	total.hits_memtable += m->expect.hits_memtable;
	total.migrated += m->expect.migrated;
	total.promoted += m->expect.promoted;
	total.bypass_switches += m->expect.bypass_switches;
	total.tier_resizes += m->expect.tier_resizes;
	total.index_resizes += m->expect.index_resizes;
	total.evicted_limit += m->evicted[KVC_REASON_LIMIT];
	total.evicted_pressure += m->evicted[KVC_REASON_PRESSURE];
	total.expired += m->evicted[KVC_REASON_EXPIRED];
	total.cleared += m->evicted[KVC_REASON_CLEARED] +
			 m->evicted[KVC_REASON_LOWERED];
	total.purged += m->expect.purged;
	total.fenced += m->expect.fenced;
	read_events += m->read;
	lost_events += m->lost;
	fills += m->fills;
	late_fills += m->late;
	kept_good += m->kept_good;
	kept_evicted += m->kept_evicted;
	kept_ended += m->kept_ended;
	for (i = 0; i < ARRAY_SIZE(errors); i++)
		errors[i] += m->errors[i];
}

static void run(const struct run *run, u64 operations, u64 seed)
{
	struct kvc_config config = {
		.name = "property",
		.limit = (u64)SZ_64K * 2 * run->shards,
		.policy = run->policy,
		.flags = run->flags,
		.key_max = 2 * KEYS_LEN,
		.value_max = SZ_16K - 2 * KEYS_LEN,
		.window = 1024,
		.events = run->events,
	};
	const char *policy = kvc_policy_lookup(run->policy)->name;
	struct random r = { .state = seed };
	const struct load *load = loads;
	long before = shim_live_objects();
	struct model m;
	u64 i;

	model_begin(&m, &config, 3000 * run->shards, run->shards, seed);
	CHECK(kvc_cache_shards(m.cache) <= 2 * run->shards);
	for (i = 0; i < operations; i++) {
		if (i % PHASE == 0)
			load = &loads[random_below(&r, ARRAY_SIZE(loads))];
		check_doing("property: %s, %u shards, flags %x, seed %llu, operation %llu, %s",
			    policy, kvc_cache_shards(m.cache), run->flags,
			    seed, i, load->name);
		operation(&m, &r, load, i);
	}
	model_check_stats(&m);
	model_end(&m);
	add_up(&m);
	CHECK(shim_live_objects() == before, "leak");
	check_passed("property.%s_%u_shards_flags_%x", policy, run->shards,
		     run->flags);
}

/* A run in which something never happened has not tested it. */
static void check_coverage(void)
{
	check_doing("property: everything happened");
	CHECK(total.hits_tier && total.hits_memtable);
	CHECK(total.migrated && total.promoted);
	CHECK(total.evicted_limit && total.evicted_pressure);
	CHECK(total.expired && total.cleared);
	CHECK(total.bypass_switches > 1 && total.tier_resizes > 1);
	CHECK(total.index_resizes > 1);
	CHECK(total.purged && total.fenced);
	CHECK(read_events && lost_events);
	CHECK(fills && late_fills);
	CHECK(kept_good && kept_evicted && kept_ended);
	CHECK(errors[EEXIST] && errors[ENOENT] && errors[ESTALE] &&
	      errors[ENOSPC]);
	check_passed("property.everything_happened");
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
	printf("# %llu events read, %llu lost; %llu fills, %llu too late\n",
	       (unsigned long long)read_events,
	       (unsigned long long)lost_events, (unsigned long long)fills,
	       (unsigned long long)late_fills);
	printf("# kept answers: %llu looks, %llu at evicted pairs; %llu ended\n",
	       (unsigned long long)kept_good, (unsigned long long)kept_evicted,
	       (unsigned long long)kept_ended);
	kvc_pool_exit();
	check_done();
	return EXIT_SUCCESS;
}
