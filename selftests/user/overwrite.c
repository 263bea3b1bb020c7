// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: overwrite [OVERWRITES]
 *
 * Overwrites of a thousand keys, by two writers, leave memory flat: what waits
 * for grace periods is bounded, and is gone soon after.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/err.h>
#include <linux/sizes.h>
#include <shim/alloc.h>
#include "core/pool.h"
#include "check.h"
#include "selfcheck.h"

#define KEYS	1000
#define WRITERS	2

static struct kvc_cache *cache;

static void see_kick(void *ctx, unsigned int delay_ms)
{
}

static const struct kvc_observer observer = { .kick = see_kick };

static void put(u32 number, u64 seed)
{
	static const struct kvc_cond always;
	struct kvc_entry *e = selfcheck_entry(cache, number, 0, seed, 0);
	u64 now = 0, version;

	CHECK(e);
	CHECK(!kvc_cache_put(cache, e, &always, &now, &version));
}

static void *writer(void *arg)
{
	u64 i, overwrites = *(u64 *)arg;

	check_doing("overwrite");
	for (i = 0; i < overwrites; i++)
		put(i % KEYS, i);
	return NULL;
}

/* Some passes: each ends a grace period and frees a part. */
static void settle(void)
{
	struct kvc_stats st;

	do {
		kvc_cache_maintain(cache);
		synchronize_rcu();
		kvc_cache_stats(cache, &st);
	} while (st.bytes_deferred);
}

static void overwrite(u64 overwrites)
{
	u64 each = overwrites / WRITERS;
	pthread_t ids[WRITERS];
	int i;

	for (i = 0; i < WRITERS; i++)
		CHECK(!pthread_create(&ids[i], NULL, writer, &each));
	for (i = 0; i < WRITERS; i++)
		pthread_join(ids[i], NULL);
}

static long check_flat(u64 overwrites)
{
	struct kvc_stats before, after;
	long start, peak, bound;

	kvc_cache_stats(cache, &before);
	start = shim_live_bytes();
	/* Of each shard a megabyte, and what the writers have in hand */
	bound = start + before.shards * SZ_1M + WRITERS * SZ_32K;
	shim_reset_peak();
	overwrite(overwrites);
	peak = shim_peak_bytes();
	CHECK(peak <= bound, "%ld bytes, more than %ld", peak, bound);
	settle();
	CHECK(shim_live_bytes() == start, "%ld bytes, not %ld",
	      shim_live_bytes(), start);
	kvc_cache_stats(cache, &after);
	CHECK(after.entries_tier + after.entries_memtable == KEYS);
	CHECK(after.puts - before.puts == overwrites);
	return peak - start;
}

int main(int argc, char **argv)
{
	u64 overwrites = argc > 1 ? strtoull(argv[1], NULL, 0) : 10000000;
	struct kvc_config config = {
		.name = "overwrite",
		.limit = SZ_4M,
		.value_max = SZ_4K,
	};
	long before, peak;
	u32 i;

	check_doing("overwrite");
	before = shim_live_objects();
	CHECK(!kvc_pool_init(sizeof(struct kvc_entry)));
	CHECK(!kvc_config_complete(&config));
	cache = kvc_cache_create(&config, 1, &observer, NULL);
	CHECK(!IS_ERR(cache));
	for (i = 0; i < KEYS; i++)
		put(i, i);
	settle();
	peak = check_flat(overwrites);
	kvc_cache_kill(cache);
	synchronize_rcu();
	kvc_cache_free(cache);
	kvc_pool_exit();
	CHECK(shim_live_objects() == before, "leak");
	printf("# %llu overwrites, at most %ld bytes more than at the start\n",
	       (unsigned long long)overwrites, peak);
	check_passed("overwrite.memory_stays_flat");
	check_done();
	return EXIT_SUCCESS;
}
