// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <core/count.h>
#include <core/lookup.h>
#include <core/pool.h>
#include "bench.h"

/* As for the rows that go through system calls: nothing is evicted. */
#define PAIR_LIMIT	352
#define CPUS		2

static void see_kick(void *ctx, unsigned int delay_ms)
{
}

static const struct kvc_observer observer = { .kick = see_kick };

static const struct kvc_cond always;

int bench_kvcache_init(void)
{
	return kvc_pool_init(sizeof(struct kvc_entry));
}

void bench_kvcache_exit(void)
{
	kvc_pool_exit();
}

static void *make(u32 pairs)
{
	struct kvc_config config = {
		.name = "bench",
		.limit = max_t(u64, (u64)pairs * PAIR_LIMIT, SZ_64M),
	};

	if (kvc_config_complete(&config))
		return ERR_PTR(-EINVAL);
	return kvc_cache_create(&config, CPUS, &observer, NULL);
}

static int put(void *table, const u8 *key, const u8 *value)
{
	struct kvc_entry *e = kvc_entry_alloc(KEY_LEN, VALUE_LEN);
	u64 now = 0, version;

	if (!e)
		return -ENOMEM;
	memcpy(e->data, key, KEY_LEN);
	memcpy(kvc_entry_value(e), value, VALUE_LEN);
	e->hash = kvc_cache_hash(table, key, KEY_LEN);
	return kvc_cache_put(table, e, &always, &now, &version);
}

static void ready(void *table)
{
	while (kvc_cache_maintain(table))
		;
}

/* As kmod/hit.h does those that hit */
static long get(void *table, const u8 *key, u8 *value)
{
	u32 hash = kvc_cache_hash(table, key, KEY_LEN);
	struct kvc_count count = kvc_count_begin(table);
	struct kvc_entry *e;
	u64 now = 0;

	rcu_read_lock();
	e = kvc_cache_find(table, hash, key, KEY_LEN, &now);
	if (e) {
		memcpy(value, kvc_entry_value(e), VALUE_LEN);
		kvc_count_hit(&count, hash, e);
	}
	kvc_count_end(&count);
	rcu_read_unlock();
	return !e;
}

static void end(void *table)
{
	kvc_cache_kill(table);
	synchronize_rcu();
	kvc_cache_free(table);
}

const struct table bench_kvcache = {
	.name = "kvcache",
	.make = make,
	.put = put,
	.ready = ready,
	.get = get,
	.free = end,
};
