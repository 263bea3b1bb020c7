// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <linux/err.h>
#include <linux/sizes.h>
#include "core/cache.h"
#include "core/pool.h"
#include "core/stream.h"
#include "native.h"

#define CPUS	2
#define BUF	SZ_1M

static void see_kick(void *ctx, unsigned int delay_ms)
{
}

static const struct kvc_observer observer = { .kick = see_kick };

static const struct kvc_cond always;

void native_kvcache_init(void)
{
	if (kvc_pool_init(sizeof(struct kvc_entry)))
		native_fail("pool", "no memory");
}

struct kvc_cache *native_cache_new(u64 limit, u64 tier, u32 flags)
{
	struct kvc_config config = {
		.name = "native",
		.limit = limit,
		.tier = tier,
		.flags = flags,
	};
	struct kvc_cache *c;

	if (flags & KVC_CACHE_F_WRITEBEHIND)
		config.flush_ms = 3600000;
	if (kvc_config_complete(&config))
		native_fail("settings", kvc_config_why(&config));
	c = kvc_cache_create(&config, CPUS, &observer, NULL);
	if (IS_ERR(c))
		native_fail("cache", "no memory");
	return c;
}

void native_cache_end(struct kvc_cache *c)
{
	kvc_cache_kill(c);
	synchronize_rcu();
	kvc_cache_free(c);
}

static struct kvc_cache *cache_new(u64 tier)
{
	return native_cache_new(SZ_1G, tier, KVC_CACHE_F_WRITEBEHIND |
				KVC_CACHE_F_STATIC | KVC_CACHE_F_NOBYPASS);
}

static void put(struct kvc_cache *c, u64 number)
{
	struct kvc_entry *e = kvc_entry_alloc(KEY_LEN, VALUE_LEN);
	u64 now = 0, version;

	if (!e)
		native_fail("entry", "no memory");
	native_key(e->data, number);
	memset(kvc_entry_value(e), (u8)number, VALUE_LEN);
	e->hash = kvc_cache_hash(c, e->data, KEY_LEN);
	if (kvc_cache_put(c, e, &always, &now, &version))
		native_fail("put", "refused");
}

static void get(struct kvc_cache *c, u64 number, u8 *value)
{
	u64 now = 0, token;
	struct kvc_entry *e;
	u8 key[KEY_LEN];
	u32 hash;

	native_key(key, number);
	hash = kvc_cache_hash(c, key, KEY_LEN);
	rcu_read_lock();
	e = kvc_cache_get(c, hash, key, KEY_LEN, &now, &token);
	if (e)
		memcpy(value, kvc_entry_value(e), VALUE_LEN);
	kvc_cache_count_get(c, hash, e);
	rcu_read_unlock();
	if (!e || value[0] != (u8)number)
		native_fail("get", "not what was put");
}

/* As the module's worker does it, but it is part of the time here */
static void put_many(struct kvc_cache *c, u32 pairs)
{
	u32 i;

	for (i = 0; i < pairs; i++) {
		put(c, i);
		if (i % 4096 == 0)
			kvc_cache_maintain(c);
	}
}

static void run_memtable(struct kvc_cache *c, u32 pairs, struct figures *figures)
{
	u8 value[VALUE_LEN];
	u64 begin = native_now(), middle;
	u32 i;

	put_many(c, pairs);
	middle = native_now();
	for (i = 0; i < pairs; i++)
		get(c, native_mix(i) % pairs, value);
	figures->insert = (double)(middle - begin) / pairs;
	figures->get = (double)(native_now() - middle) / pairs;
}

/* Returns the run, all of which was read. */
static u64 read_stream(struct kvc_stream *st, u8 *buf, u32 pairs)
{
	const struct kvc_flush_frame *last = NULL;
	long bytes, at;

	while ((bytes = kvc_stream_read(st, buf, BUF)) > 0)
		for (at = 0; at < bytes; at += last->len)
			last = (const void *)(buf + at);
	if (bytes || !last || last->total != pairs)
		native_fail("stream", "not what was put");
	return last->run;
}

static void run_flush(struct kvc_cache *c, u32 pairs, struct figures *figures)
{
	u8 *buf = malloc(BUF);
	u64 run, begin, sealed, read;
	struct kvc_stream st;

	put_many(c, pairs);
	if (!buf || kvc_stream_init(&st, c))
		native_fail("stream", "no memory");
	begin = native_now();
	if (kvc_flush_seal(c, &run))
		native_fail("seal", "refused");
	sealed = native_now();
	run = read_stream(&st, buf, pairs);
	read = native_now();
	if (kvc_stream_commit(&st, run))
		native_fail("commit", "refused");
	figures->commit = (double)(native_now() - read) / pairs;
	figures->seal = (double)(sealed - begin) / pairs;
	figures->flush = (double)(read - begin) / pairs;
	kvc_stream_exit(&st);
	free(buf);
}

static void run(const struct load *load, u64 tier, struct figures *figures)
{
	struct kvc_cache *c = cache_new(tier);

	run_memtable(c, load->memtable, figures);
	native_cache_end(c);
	c = cache_new(tier);
	run_flush(c, load->flush, figures);
	native_cache_end(c);
}

void native_kvcache_trees(const struct load *load, struct figures *figures)
{
	run(load, SZ_64K, figures);
}

void native_kvcache_tier(const struct load *load, struct figures *figures)
{
	run(load, SZ_512M - 1, figures);
}
