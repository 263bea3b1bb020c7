// SPDX-License-Identifier: GPL-2.0-only
/* The module's own core, over liburcu */
#include <err.h>
#include <stdlib.h>
#include <linux/err.h>
#include "core/cache.h"
#include "core/pool.h"
#include "contender.h"
#include "stream.h"

#define CPUS		2
/* As often as the module's worker would have a look, about */
#define MAINTAIN_EVERY	4096
#define KEY_DIGITS	12

/**
 * struct core - a cache that is used
 * @c: the cache
 * @st: whose requests
 * @done: how many
 */
struct core {
	struct kvc_cache *c;
	const struct stream *st;
	unsigned long done;
};

static void see_kick(void *ctx, unsigned int delay_ms)
{
}

static const struct kvc_observer observer = { .kick = see_kick };

static const struct kvc_cond always;

void core_init(void)
{
	if (kvc_pool_init(sizeof(struct kvc_entry)))
		errx(1, "no memory for the pool");
}

static struct kvc_config config_of(u64 limit, u32 policy)
{
	struct kvc_config config = {
		.name = "sim",
		.limit = limit,
		.policy = policy,
		.flags = KVC_CACHE_F_NOEVENTS,
	};

	if (kvc_config_complete(&config))
		errx(1, "%llu bytes: %s", limit, kvc_config_why(&config));
	return config;
}

u32 core_default(void)
{
	return config_of(1 << 20, 0).policy;
}

u32 core_bytes(u32 key_len, u32 value_len)
{
	struct kvc_entry *e = kvc_entry_alloc(key_len, value_len);
	u32 bytes;

	if (!e)
		errx(1, "no memory for a pair");
	bytes = kvc_entry_size(e);
	kvc_entry_free(e);
	return bytes;
}

static void *core_begin(const struct stream *st, u64 bytes, u32 policy)
{
	struct kvc_config config = config_of(bytes, policy);
	struct core *core = calloc(1, sizeof(*core));

	if (!core)
		err(1, "no memory");
	core->st = st;
	core->c = kvc_cache_create(&config, CPUS, &observer, NULL);
	if (IS_ERR(core->c))
		errx(1, "no memory for a cache");
	return core;
}

static void core_end(void *ctx)
{
	struct core *core = ctx;

	kvc_cache_kill(core->c);
	synchronize_rcu();
	kvc_cache_free(core->c);
	free(core);
}

/* In the order of their numbers, whatever their length */
static void make_key(u8 *key, u32 len, u32 number)
{
	int i, least = max(0, (int)len - KEY_DIGITS);

	for (i = len - 1; i >= least; i--, number /= 10)
		key[i] = '0' + number % 10;
	memset(key, 'k', least);
}

static void put(struct kvc_cache *c, u32 hash, const u8 *key,
		const struct pair *pair)
{
	struct kvc_entry *e = kvc_entry_alloc(pair->key_len, pair->value_len);
	u64 now = 0, version;

	if (!e)
		errx(1, "no memory for a pair");
	memcpy(e->data, key, pair->key_len);
	e->hash = hash;
	if (kvc_cache_put(c, e, &always, &now, &version))
		errx(1, "a put was refused");
}

static bool get(struct kvc_cache *c, u32 hash, const u8 *key, u32 key_len)
{
	struct kvc_entry *e;
	u64 now = 0, token;

	rcu_read_lock();
	e = kvc_cache_get(c, hash, key, key_len, &now, &token);
	kvc_cache_count_get(c, hash, e);
	rcu_read_unlock();
	return e;
}

static bool core_request(void *ctx, u32 request)
{
	struct core *core = ctx;
	u32 number = request_key(request);
	struct pair pair = stream_pair(core->st, number);
	struct kvc_cache *c = core->c;
	u64 now = 0, version;
	u8 key[KVC_KEY_MAX];
	bool hit = false;
	u32 hash;

	if (++core->done % MAINTAIN_EVERY == 0)
		kvc_cache_maintain(c);
	make_key(key, pair.key_len, number);
	hash = kvc_cache_hash(c, key, pair.key_len);
	if ((request & REQUEST_OP) == REQUEST_DEL)
		return !kvc_cache_del(c, hash, key, pair.key_len, &always, &now,
				      &version);
	if ((request & REQUEST_OP) == REQUEST_GET)
		hit = get(c, hash, key, pair.key_len);
	if (!hit)
		put(c, hash, key, &pair);
	return hit;
}

bool core_contender(struct contender *c, u32 policy)
{
	const struct kvc_policy_ops *ops = kvc_policy_lookup(policy);

	if (!ops)
		return false;
	*c = (struct contender){
		.name = ops->name, .core = true, .begin = core_begin,
		.request = core_request, .end = core_end, .which = policy,
	};
	return true;
}
