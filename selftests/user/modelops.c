// SPDX-License-Identifier: GPL-2.0-only
/* The operations on single keys, and what they must say */
#include <linux/errno.h>
#include "check.h"
#include "model.h"

static void fill_value(u8 *value, const struct pair *p)
{
	u32 i;

	for (i = 0; i < p->value_len; i++)
		value[i] = (p->seed + i * 7) >> (i % 3 * 8);
}

static bool is_value(const u8 *value, const struct pair *p)
{
	u32 i;

	for (i = 0; i < p->value_len; i++)
		if (value[i] != (u8)((p->seed + i * 7) >> (i % 3 * 8)))
			return false;
	return true;
}

static void check_entry(struct kvc_entry *e, const struct pair *p)
{
	CHECK(e->version == p->version, "%llu, not %llu", e->version,
	      p->version);
	CHECK(e->expiry == p->expiry);
	CHECK(e->client_flags == p->flags);
	CHECK(e->value_len == p->value_len);
	CHECK(is_value(kvc_entry_value(e), p));
}

static void count_hit(struct model *m, const struct kvc_entry *e)
{
	m->expect.gets++;
	if (!e)
		m->expect.misses++;
	else if (kvc_entry_place(e) == KVC_ENTRY_TIER)
		m->expect.hits_tier++;
	else
		m->expect.hits_memtable++;
}

void model_get(struct model *m, u32 number)
{
	struct pair *p = &m->pairs[number];
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);
	u32 hash = kvc_cache_hash(m->cache, key, len);
	struct kvc_entry *e;
	u64 now = 0;

	rcu_read_lock();
	e = kvc_cache_find(m->cache, hash, key, len, &now);
	/* L9 */
	CHECK(!e == !model_live(m, p), "key %u", number);
	if (e)
		check_entry(e, p);
	count_hit(m, e);
	kvc_cache_count_get(m->cache, hash, e);
	rcu_read_unlock();
}

/* What a PUT must say, from what the model knows before it */
static int put_result(const struct model *m, const struct pair *p,
		      const struct kvc_cond *cond)
{
	bool live = model_live(m, p);

	switch (cond->flags) {
	case KVC_OP_F_CREATE:
		return live ? -EEXIST : 0;
	case KVC_OP_F_REPLACE:
		return live ? 0 : -ENOENT;
	case KVC_OP_F_CAS:
		return !live ? -ENOENT :
			p->version != cond->version ? -ESTALE : 0;
	case KVC_OP_F_FILL:
		return p->present && p->version >= cond->version ? -ESTALE : 0;
	}
	return 0;
}

/* Can it be that there is no room, though others may be evicted? */
static bool has_no_room(const struct model *m, u32 hash, size_t size,
			size_t before)
{
	struct kvc_shard *s = kvc_cache_shard(m->cache, hash);
	size_t share = m->config.limit >> m->cache->shard_bits;

	if (size > share)
		return true;
	return m->config.flags & KVC_CACHE_F_NOEVICT &&
	       s->tier.bytes + s->memtable.bytes - before + size > share;
}

static size_t present_size(const struct model *m, const struct pair *p,
			   u32 hash, const u8 *key, u32 len)
{
	size_t size = 0;

	if (!p->present)
		return 0;
	rcu_read_lock();
	size = kvc_entry_size(kvc_index_find(&kvc_cache_shard(m->cache, hash)->index,
					     hash, key, len));
	rcu_read_unlock();
	return size;
}

static struct kvc_cond make_cond(struct model *m, const struct pair *p,
				 u32 flags)
{
	struct kvc_cond cond = { .flags = flags };

	if (flags & KVC_OP_F_CAS)
		cond.version = p->version + !random_below(&m->random, 3);
	if (flags & KVC_OP_F_FILL)
		cond.version = p->newest + random_below(&m->random, 3);
	return cond;
}

static struct kvc_entry *make_entry(struct model *m, const u8 *key, u32 len,
				    const struct pair *p)
{
	struct kvc_entry *e = kvc_entry_alloc(len, p->value_len);

	CHECK(e);
	memcpy(e->data, key, len);
	fill_value(kvc_entry_value(e), p);
	e->hash = kvc_cache_hash(m->cache, key, len);
	e->expiry = p->expiry;
	e->client_flags = p->flags;
	return e;
}

static void took_place(struct model *m, struct pair *p, struct pair *new,
		       const struct kvc_cond *cond)
{
	if (cond->flags & KVC_OP_F_FILL)
		CHECK(new->version == cond->version);
	else
		CHECK(new->version > p->newest, "%llu after %llu",
		      new->version, p->newest);
	new->newest = max(new->version, p->newest);
	*p = *new;
	m->expect.puts++;
}

void model_put(struct model *m, u32 number, u32 flags, u32 value_len,
	       u64 expiry)
{
	struct pair *p = &m->pairs[number];
	struct pair new = {
		.present = true,
		.expiry = expiry,
		.value_len = value_len,
		.seed = random_next(&m->random),
		.flags = random_next(&m->random),
	};
	struct kvc_cond cond = make_cond(m, p, flags);
	u64 expired = m->evicted[KVC_REASON_EXPIRED];
	bool live = model_live(m, p);
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);
	struct kvc_entry *e = make_entry(m, key, len, &new);
	size_t size = kvc_entry_size(e);
	size_t before = present_size(m, p, e->hash, key, len);
	int want = put_result(m, p, &cond), err;
	u64 now = 0;

	if (!want && has_no_room(m, e->hash, size, before))
		want = -ENOSPC;
	m->allow = 1 << KVC_REASON_LIMIT;
	m->allow |= p->present && !live ? 1 << KVC_REASON_EXPIRED : 0;
	err = kvc_cache_put(m->cache, e, &cond, &now, &new.version);
	CHECK(err == want, "%d, not %d", err, want);
	m->errors[-err]++;
	if (err) {
		kvc_entry_free(e);
		m->expect.refused += err != -ENOSPC;
		return;
	}
	/* A pair that makes room for its own update is no update. */
	CHECK(!live || p->present, "a pair was evicted for its own update");
	CHECK(live || m->evicted[KVC_REASON_EXPIRED] <= expired + 1);
	m->expect.updates_tier += live;
	took_place(m, p, &new, &cond);
}

void model_del(struct model *m, u32 number, bool cas)
{
	struct pair *p = &m->pairs[number];
	struct kvc_cond cond = make_cond(m, p, cas ? KVC_OP_F_CAS : 0);
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);
	int want = put_result(m, p, &cond), err;
	u64 version = 0, now = 0;

	if (!cas && !model_live(m, p))
		want = -ENOENT;
	m->allow = 0;
	err = kvc_cache_del(m->cache, kvc_cache_hash(m->cache, key, len), key,
			    len, &cond, &now, &version);
	CHECK(err == want, "%d, not %d", err, want);
	m->errors[-err]++;
	m->expect.refused += err == -ESTALE;
	if (err)
		return;
	CHECK(version == p->version);
	p->present = false;
	m->expect.deletes++;
}

void model_touch(struct model *m, u32 number, u64 expiry)
{
	struct pair *p = &m->pairs[number];
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);
	u64 version = 0, now = 0;
	int err;

	m->allow = 0;
	err = kvc_cache_touch(m->cache, kvc_cache_hash(m->cache, key, len), key,
			      len, expiry, &now, &version);
	CHECK(err == (model_live(m, p) ? 0 : -ENOENT), "%d", err);
	if (err)
		return;
	CHECK(version == p->version);
	p->expiry = expiry;
	m->expect.touches++;
}
