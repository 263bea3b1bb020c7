// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: torture [ITERATIONS [SEED]]
 *
 * Readers, writers, deleters, scanners, maintenance and whoever clears,
 * shrinks and resizes, all on few keys at once.  In the manner of rcutorture
 * a reader keeps what it found for a while and looks at it again before its
 * read section ends.
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
#include "core/scan.h"
#include "check.h"
#include "selfcheck.h"

/* Keys by what is done to them: all of a kind in a row */
#define STABLE		24	/* overwritten, never deleted */
#define COUNTERS	4	/* incremented by compare and swap */
#define VOLATILE	100	/* come and go, expire */
#define FILLERS		1500	/* make the buckets grow and shrink */
#define COUNTER_0	STABLE
#define VOLATILE_0	(COUNTER_0 + COUNTERS)
#define FILLER_0	(VOLATILE_0 + VOLATILE)
#define KEYS		(FILLER_0 + FILLERS)

#define WORKERS		5
#define HELPERS		3

/**
 * struct arena - what all threads work on
 * @cache: the cache
 * @config: of it
 * @iterations: of each worker
 * @lossy: pairs may be evicted and cleared
 * @working: workers that are not done
 * @counted: by counter: how often an increment was accepted
 */
struct arena {
	struct kvc_cache *cache;
	struct kvc_config config;
	u64 iterations;
	bool lossy;
	int working;
	u64 counted[COUNTERS];
};

/**
 * struct worker - a thread
 * @arena: the common one
 * @random: its own
 * @newest: by key: the newest version that it has seen
 * @scans: that were completed
 */
struct worker {
	struct arena *arena;
	struct random random;
	u64 newest[KEYS];
	u64 scans;
};

static void see_kick(void *ctx, unsigned int delay_ms)
{
}

static void see_evict(void *ctx, const struct kvc_entry *e,
		      enum kvc_reason reason)
{
	const struct arena *a = ctx;

	selfcheck_verify(e);
	CHECK(a->lossy || reason == KVC_REASON_EXPIRED ||
	      reason == KVC_REASON_CLEARED, "reason %d", reason);
}

static void see_migrate(void *ctx, const struct kvc_entry *e, bool up)
{
	selfcheck_verify(e);
}

static const struct kvc_observer observer = {
	.kick = see_kick,
	.evict = see_evict,
	.migrate = see_migrate,
};

static u32 key_of(const struct arena *a, u32 number, u8 *key, u32 *len)
{
	*len = keys_make(key, number);
	return kvc_cache_hash(a->cache, key, *len);
}

static bool is_stable(u32 number)
{
	return number < VOLATILE_0;
}

static void see_version(struct worker *w, u32 number, u64 version)
{
	CHECK(version >= w->newest[number], "key %u: %llu after %llu", number,
	      (unsigned long long)version,
	      (unsigned long long)w->newest[number]);
	w->newest[number] = version;
}

static void linger(struct worker *w)
{
	u32 turns = random_below(&w->random, 64);

	for (turns = turns < 60 ? 0 : turns - 58; turns; turns--)
		sched_yield();
}

/* Returns the version, and the count of the value, or 0. */
static u64 get(struct worker *w, u32 number, u64 *count)
{
	struct arena *a = w->arena;
	u64 now = 0, version = 0;
	struct kvc_entry *e;
	u8 key[KEYS_LEN];
	u32 len, hash = key_of(a, number, key, &len);

	rcu_read_lock();
	e = kvc_cache_find(a->cache, hash, key, len, &now);
	/* L9 */
	CHECK(e || a->lossy || !is_stable(number), "key %u", number);
	if (e) {
		CHECK(selfcheck_verify(e) == number);
		see_version(w, number, e->version);
	}
	kvc_cache_count_get(a->cache, hash, e);
	if (e) {
		linger(w);
		/* C1: an aged entry is still what it was. */
		CHECK(selfcheck_verify(e) == number);
		version = e->version;
		*count = selfcheck_count(e);
	}
	rcu_read_unlock();
	return version;
}

static int put(struct worker *w, u32 number, u64 count,
	       const struct kvc_cond *cond, u64 expiry)
{
	struct arena *a = w->arena;
	struct kvc_entry *e;
	u64 now = 0, version = 0;
	int err;

	e = selfcheck_entry(a->cache, number, count, random_next(&w->random),
			    number < STABLE ? 40 : 300);
	CHECK(e);
	e->expiry = expiry;
	err = kvc_cache_put(a->cache, e, cond, &now, &version);
	if (err)
		kvc_entry_free(e);
	else
		see_version(w, number, version);
	CHECK(!err || err == -ESTALE || err == -EEXIST || err == -ENOENT,
	      "%d", err);
	return err;
}

static void increment(struct worker *w)
{
	u32 which = random_below(&w->random, COUNTERS);
	struct kvc_cond cond = { .flags = KVC_OP_F_CAS };
	u64 count = 0;

	cond.version = get(w, COUNTER_0 + which, &count);
	if (!cond.version)
		return;
	if (put(w, COUNTER_0 + which, count + 1, &cond, 0) == 0)
		__atomic_fetch_add(&w->arena->counted[which], 1,
				   __ATOMIC_RELAXED);
}

static u64 soon(struct worker *w)
{
	return ktime_get_boottime_ns() + random_below(&w->random, 2000000);
}

static void come_or_go(struct worker *w)
{
	u32 number = VOLATILE_0 + random_below(&w->random, VOLATILE);
	struct arena *a = w->arena;
	struct kvc_cond cond = {};
	u8 key[KEYS_LEN];
	u32 len, hash = key_of(a, number, key, &len);
	u64 now = 0, version;
	int err;

	switch (random_below(&w->random, 5)) {
	case 0:
		err = kvc_cache_del(a->cache, hash, key, len, &cond, &now,
				    &version);
		CHECK(!err || err == -ENOENT);
		break;
	case 1:
		err = kvc_cache_touch(a->cache, hash, key, len, soon(w), &now,
				      &version);
		CHECK(!err || err == -ENOENT);
		break;
	case 2:
		cond.flags = KVC_OP_F_CREATE;
		fallthrough;
	default:
		put(w, number, 0, &cond, soon(w));
	}
}

/* All in, then all out again */
static void fill_or_empty(struct worker *w, u64 i)
{
	u32 number = FILLER_0 + i % FILLERS;
	struct arena *a = w->arena;
	struct kvc_cond cond = {};
	u8 key[KEYS_LEN];
	u32 len, hash = key_of(a, number, key, &len);
	u64 now = 0, version;

	if (i / FILLERS % 2 == 0)
		put(w, number, 0, &cond, 0);
	else
		kvc_cache_del(a->cache, hash, key, len, &cond, &now, &version);
}

static void read_something(struct worker *w)
{
	static const u32 below[] = { STABLE, VOLATILE_0, FILLER_0, KEYS };
	u64 count;

	get(w, random_below(&w->random, below[random_next(&w->random) %
					      ARRAY_SIZE(below)]), &count);
}

static void write_something(struct worker *w, u64 i)
{
	static const struct kvc_cond always;

	switch (random_below(&w->random, 8)) {
	case 0 ... 1:
		put(w, random_below(&w->random, STABLE), i, &always, 0);
		break;
	case 2 ... 3:
		come_or_go(w);
		break;
	case 4:
		increment(w);
		break;
	default:
		read_something(w);
	}
}

static void worker_done(struct arena *a)
{
	__atomic_fetch_sub(&a->working, 1, __ATOMIC_RELAXED);
}

static bool goes_on(const struct arena *a)
{
	return __atomic_load_n(&a->working, __ATOMIC_RELAXED) > 0;
}

static void *reader(void *arg)
{
	struct worker *w = arg;
	u64 i;

	check_doing("torture: reader");
	for (i = 0; i < w->arena->iterations; i++)
		read_something(w);
	worker_done(w->arena);
	return NULL;
}

static void *writer(void *arg)
{
	struct worker *w = arg;
	u64 i;

	check_doing("torture: writer");
	for (i = 0; i < w->arena->iterations; i++)
		write_something(w, i);
	worker_done(w->arena);
	return NULL;
}

static void *filler(void *arg)
{
	struct worker *w = arg;
	u64 i;

	check_doing("torture: filler");
	for (i = 0; i < w->arena->iterations; i++)
		fill_or_empty(w, i);
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
			stable += is_stable(keys_number(key, len));
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

/* Clears, shrinks and gives other sizes; without loss, of the tier only. */
static void disturb(struct worker *w)
{
	struct arena *a = w->arena;
	u64 limit = a->config.limit;
	struct kvc_stats st;
	u32 shard = 0;

	switch (random_below(&w->random, 20)) {
	case 0:
		while (a->lossy && kvc_cache_clear_step(a->cache, &shard))
			;
		break;
	case 1 ... 8:
		kvc_cache_shrink(a->cache, random_below(&w->random, 200));
		break;
	case 9 ... 14:
		limit >>= a->lossy ? random_below(&w->random, 2) : 0;
		set_size(a, limit, limit / (3 + random_below(&w->random, 30)));
		break;
	default:
		kvc_cache_stats(a->cache, &st);
	}
}

static void *disturber(void *arg)
{
	struct worker *w = arg;

	check_doing("torture: disturber");
	do {
		disturb(w);
		sched_yield();
	} while (goes_on(w->arena));
	return NULL;
}

static void prepare(struct worker *w)
{
	static const struct kvc_cond always;
	u32 i;

	for (i = 0; i < VOLATILE_0; i++)
		CHECK(!put(w, i, 0, &always, 0));
}

static void check_counters(struct worker *w)
{
	u64 count;
	u32 i;

	for (i = 0; i < COUNTERS; i++) {
		count = 0;
		get(w, COUNTER_0 + i, &count);
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
	CHECK(st.migrated && st.promoted && st.index_resizes > 1 && st.expired);
	CHECK(!a->lossy == !st.evicted_limit);
	kvc_cache_kill(a->cache);
	kvc_cache_free(a->cache);
	CHECK(shim_live_objects() == before, "%ld objects leaked",
	      shim_live_objects() - before);
}

static void run(u32 policy, bool lossy, u64 iterations, u64 seed)
{
	static void *(*const threads[])(void *arg) = {
		reader, reader, writer, writer, filler,
		scanner, maintainer, disturber,
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
	CHECK(!kvc_config_complete(&a.config));
	a.cache = kvc_cache_create(&a.config, KVC_MODE_CACHE, 1, &observer, &a);
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
