// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: torture [ITERATIONS [SEED]]
 *
 * Readers, writers, deleters, scanners, maintenance, whoever clears, purges,
 * fences, shrinks and resizes, and a reader of the events, all on few keys at
 * once.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/err.h>
#include <linux/sizes.h>
#include <linux/timekeeping.h>
#include <shim/alloc.h>
#include "core/pool.h"
#include "core/prefix.h"
#include "core/scan.h"
#include "arena.h"
#include "check.h"

#define WORKERS		5
#define HELPERS		4
/* Workers give up after so many times their iterations. */
#define PATIENCE	100

static void worker_done(struct arena *a)
{
	__atomic_fetch_sub(&a->working, 1, __ATOMIC_RELAXED);
}

static bool goes_on(const struct arena *a)
{
	return __atomic_load_n(&a->working, __ATOMIC_RELAXED) > 0;
}

/* So often, and on until everything happened; not for ever */
static bool more(const struct arena *a, u64 i)
{
	if (i < a->iterations)
		return true;
	CHECK(i < PATIENCE * (a->iterations + 1000), "something never happens");
	return !__atomic_load_n(&a->covered, __ATOMIC_RELAXED);
}

static void *reader(void *arg)
{
	struct worker *w = arg;
	u64 i;

	check_doing("torture: reader");
	for (i = 0; more(w->arena, i); i++)
		arena_read_something(w);
	worker_done(w->arena);
	return NULL;
}

static void *writer(void *arg)
{
	struct worker *w = arg;
	u64 i;

	check_doing("torture: writer");
	for (i = 0; more(w->arena, i); i++)
		arena_write_something(w, i);
	worker_done(w->arena);
	return NULL;
}

static void *filler(void *arg)
{
	struct worker *w = arg;
	u64 i;

	check_doing("torture: filler");
	for (i = 0; more(w->arena, i); i++)
		arena_fill_or_empty(w, i);
	worker_done(w->arena);
	return NULL;
}

static void check_order(const u8 *last, u32 last_len, const u8 *key, u32 len)
{
	CHECK(!last_len || keys_order(last, last_len, key, len) < 0,
	      "out of order, or twice");
}

static void scan(struct worker *w)
{
	struct arena *a = w->arena;
	struct kvc_range range = {};
	u8 last[KEYS_LEN];
	struct kvc_page p;
	u32 i, len, stable = 0;
	const u8 *key;
	bool more;

	do {
		CHECK(!kvc_page_init(&p, a->cache, 50));
		kvc_page_collect(&p, a->cache, &range);
		for (i = 0; i < p.count; i++) {
			key = kvc_page_key(&p, i, &len);
			check_order(last, range.after_len, key, len);
			stable += arena_is_stable(keys_number(key, len));
			memcpy(last, key, len);
			range.after = last;
			range.after_len = len;
		}
		more = p.more;
		CHECK(!more || p.count, "no progress");
		kvc_page_exit(&p);
	} while (more);
	/* What is there throughout is met, and only once. */
	CHECK(stable == VOLATILE_0 || a->lossy, "%u stable keys", stable);
	w->scans++;
}

static void *scanner(void *arg)
{
	struct worker *w = arg;

	check_doing("torture: scanner");
	do {
		scan(w);
	} while (goes_on(w->arena));
	return NULL;
}

static void *maintainer(void *arg)
{
	struct worker *w = arg;

	check_doing("torture: maintainer");
	do {
		kvc_cache_maintain(w->arena->cache);
		sched_yield();
	} while (goes_on(w->arena));
	return NULL;
}

static void set_size(struct arena *a, u64 limit, u64 tier)
{
	struct kvc_config g = a->config;
	u32 shard = 0;

	g.limit = limit;
	g.tier = tier;
	g.tier_min = 0;
	g.tier_max = 0;
	CHECK(!kvc_config_complete(&g));
	kvc_cache_set_size(a->cache, &g);
	while (kvc_cache_fit_step(a->cache, &shard))
		;
}

static void purge_prefix(struct worker *w)
{
	u8 key[KEYS_LEN], len = 1 + random_below(&w->random, 3);
	struct kvc_prefix *p = malloc(sizeof(*p));
	int ret;

	CHECK(p);
	keys_make(key, random_below(&w->random, KEYS));
	kvc_prefix_init(p, key, len);
	do {
		ret = kvc_prefix_purge(p, w->arena->cache);
	} while (ret == 1);
	CHECK(!ret, "%d", ret);
	free(p);
}

static void clear(struct arena *a)
{
	u32 shard = 0;

	while (kvc_cache_clear_step(a->cache, &shard))
		;
	kvc_cache_clear_end(a->cache);
}

/* Clears, shrinks and gives other sizes; without loss, of the tier only. */
static void disturb(struct worker *w)
{
	struct arena *a = w->arena;
	u64 limit = a->config.limit;

	switch (random_below(&w->random, a->lossy ? 24 : 20)) {
	case 0:
		if (a->lossy)
			clear(a);
		break;
	case 1 ... 8:
		kvc_cache_shrink(a->cache, random_below(&w->random, 200));
		break;
	case 9 ... 14:
		limit >>= a->lossy ? random_below(&w->random, 2) : 0;
		set_size(a, limit, limit / (3 + random_below(&w->random, 30)));
		break;
	case 20:
		purge_prefix(w);
		break;
	case 21:
		kvc_cache_set_fence(a->cache, ktime_get_boottime_ns() +
				    random_below(&w->random, 1000000));
		break;
	case 22 ... 23:
		kvc_cache_set_fence(a->cache, 0);
		break;
	}
}

static void see_coverage(struct arena *a)
{
	struct kvc_stats st;

	kvc_cache_stats(a->cache, &st);
	if (!__atomic_load_n(&a->source_hits, __ATOMIC_RELAXED) ||
	    !__atomic_load_n(&a->late, __ATOMIC_RELAXED) ||
	    !__atomic_load_n(&a->wakes, __ATOMIC_RELAXED))
		return;
	if (st.migrated && st.promoted && st.expired && st.index_resizes > 1 &&
	    (!a->lossy || (st.evicted_limit && st.evicted_pressure &&
			   st.fenced && st.purged)))
		__atomic_store_n(&a->covered, true, __ATOMIC_RELAXED);
}

static void *listener(void *arg)
{
	struct worker *w = arg;
	u64 next = 1;

	check_doing("torture: listener");
	do {
		while (arena_listen(w, &next))
			;
		arena_doze(w, next);
	} while (goes_on(w->arena));
	return NULL;
}

static void *disturber(void *arg)
{
	struct worker *w = arg;

	check_doing("torture: disturber");
	do {
		disturb(w);
		see_coverage(w->arena);
		sched_yield();
	} while (goes_on(w->arena));
	return NULL;
}

static void prepare(struct worker *w)
{
	u32 i;

	for (i = 0; i < VOLATILE_0; i++)
		CHECK(!arena_put(w, i, 0, 0, 0, 0));
}

static void check_counters(struct worker *w)
{
	u64 count;
	u32 i;

	for (i = 0; i < COUNTERS; i++) {
		count = 0;
		arena_get(w, COUNTER_0 + i, &count);
		CHECK(count == w->arena->counted[i], "counter %u: %llu, not %llu",
		      i, (unsigned long long)count,
		      (unsigned long long)w->arena->counted[i]);
	}
}

/* All is quiet: the figures are exact, and nothing is left when it is gone. */
static void finish(struct arena *a, struct worker *w, long before)
{
	struct kvc_stats st;

	if (!a->lossy)
		check_counters(w);
	kvc_cache_stats(a->cache, &st);
	CHECK(a->lossy || !st.evicted_limit);
	CHECK(a->heard && a->heard + a->lost <= st.events);
	kvc_cache_kill(a->cache);
	synchronize_rcu();
	kvc_cache_free(a->cache);
	CHECK(shim_live_objects() == before, "%ld objects leaked",
	      shim_live_objects() - before);
}

static void run(u32 policy, bool lossy, u64 iterations, u64 seed)
{
	static void *(*const threads[])(void *arg) = {
		reader, reader, writer, writer, filler,
		scanner, maintainer, disturber, listener,
	};
	static struct worker workers[WORKERS + HELPERS];
	pthread_t ids[WORKERS + HELPERS];
	struct arena a = {
		.config = {
			.name = "torture",
			.limit = lossy ? SZ_256K : SZ_2M,
			.value_max = 4096,
			.policy = policy,
			.window = 1024,
			.events = SZ_16K,
			.flags = lossy ? 0 : KVC_CACHE_F_NOEVICT,
		},
		.iterations = iterations,
		.lossy = lossy,
		.working = WORKERS,
	};
	long before = shim_live_objects();
	u32 i;

	check_doing("torture");
	memset(workers, 0, sizeof(workers));
	a.config.flags |= KVC_CACHE_F_LOG;
	CHECK(!kvc_config_complete(&a.config));
	a.cache = kvc_cache_create(&a.config, 1, &arena_observer, &a);
	CHECK(!IS_ERR(a.cache));
	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		workers[i].arena = &a;
		workers[i].random.state = seed * 100 + i;
	}
	prepare(&workers[0]);
	for (i = 0; i < ARRAY_SIZE(workers); i++)
		CHECK(!pthread_create(&ids[i], NULL, threads[i], &workers[i]));
	for (i = 0; i < ARRAY_SIZE(workers); i++)
		pthread_join(ids[i], NULL);
	kvc_cache_set_fence(a.cache, 0);
	finish(&a, &workers[0], before);
	check_passed("torture.%s_%s", kvc_policy_lookup(policy)->name,
		     lossy ? "evicting" : "keeping");
}

int main(int argc, char **argv)
{
	u64 iterations = argc > 1 ? strtoull(argv[1], NULL, 0) : 100000;
	u64 seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;

	printf("# %llu iterations of each worker, seed %llu\n",
	       (unsigned long long)iterations, (unsigned long long)seed);
	shim_yield_every(200);
	CHECK(!kvc_pool_init(sizeof(struct kvc_entry)));
	run(KVC_POLICY_S3FIFO, false, iterations, seed);
	run(KVC_POLICY_S3FIFO, true, iterations, seed);
	run(KVC_POLICY_LRU, false, iterations, seed);
	run(KVC_POLICY_SIEVE, true, iterations, seed);
	kvc_pool_exit();
	check_done();
	return EXIT_SUCCESS;
}
