// SPDX-License-Identifier: GPL-2.0-only
/* The operations on single keys, and what they must say */
#include <linux/errno.h>
#include "core/spare.h"
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

/* Now and then what was missed is read from the source, to be filled. */
static void check_token(struct model *m, struct pair *p, u32 number, u64 token)
{
	u64 clock = model_clock(m, number, p->present ? p->version + 1 : 0);

	CHECK(token == clock, "%llu, not %llu", token, clock);
	CHECK(token >= model_floor(m, number), "it would be refused at once");
	if (random_below(&m->random, 2))
		return;
	p->token = token;
	p->late = false;
}

void model_get(struct model *m, u32 number)
{
	struct pair *p = &m->pairs[number];
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);
	u32 hash = kvc_cache_hash(m->cache, key, len);
	bool fenced = model_fenced(m);
	u64 now = 0, token, slot = model_slot(m, number);
	struct kvc_entry *e;

	rcu_read_lock();
	e = kvc_cache_get(m->cache, hash, key, len, &now, &token);
	/* L9 */
	CHECK(!e == (fenced || !model_live(m, p)), "key %u", number);
	if (e)
		check_entry(e, p);
	else
		check_token(m, p, number, token);
	m->expect.fenced += fenced;
	count_hit(m, e);
	kvc_cache_count_get(m->cache, hash, e);
	rcu_read_unlock();
	if (e)
		model_keep(m, number, slot);
}

/* What a PUT must say, from what the model knows before it */
static int put_result(const struct model *m, u32 number,
		      const struct kvc_cond *cond)
{
	const struct pair *p = &m->pairs[number];
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
		if (p->present && p->version >= cond->version)
			return -ESTALE;
		return cond->version < model_floor(m, number) ? -ESTALE : 0;
	}
	return 0;
}

static size_t share_of(const struct model *m)
{
	return m->config.limit >> m->cache->shard_bits;
}

/*
 * Of a cache that evicts nothing only pairs whose time has come may go, and
 * they must before it refuses: what is there now leaves no room.
 */
static bool has_no_room(const struct model *m, u32 hash, size_t size,
			size_t before)
{
	struct kvc_shard *s = kvc_cache_shard(m->cache, hash);
	u8 key[KEYS_LEN];
	u32 i, len;

	for (i = 0; i < m->keys; i++) {
		if (!m->pairs[i].present || model_live(m, &m->pairs[i]))
			continue;
		len = keys_make(key, i);
		CHECK(kvc_cache_shard(m->cache, kvc_cache_hash(m->cache, key,
							       len)) != s,
		      "expired pairs are in the way");
	}
	return s->tier.bytes + s->memtable.bytes - before + size > share_of(m);
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
		cond.version = max_t(s64, p->newest +
				     random_below(&m->random, 4) - 1, 1);
	return cond;
}

static struct kvc_entry *make_entry(struct model *m, const u8 *key, u32 len,
				    const struct pair *p)
{
	struct kvc_entry *e = kvc_spare_take(m->cache, 1, len, p->value_len) ?:
			      kvc_entry_alloc(len, p->value_len);

	CHECK(e);
	memcpy(e->data, key, len);
	fill_value(kvc_entry_value(e), p);
	e->hash = kvc_cache_hash(m->cache, key, len);
	e->expiry = p->expiry;
	e->client_flags = p->flags;
	return e;
}

/* Versions do not go back, whatever became of the key in between. */
static void took_place(struct model *m, u32 number, struct pair *new, bool live,
		       const struct kvc_cond *cond)
{
	struct pair *p = &m->pairs[number];
	bool fill = cond->flags & KVC_OP_F_FILL;
	u64 version = fill ? cond->version : model_clock(m, number, 0) + 1;

	CHECK(new->version == version, "%llu, not %llu", new->version, version);
	CHECK(fill ? version >= p->newest : version > p->newest,
	      "%llu after %llu", version, p->newest);
	model_clock(m, number, version);
	if (live)
		model_event(m, KVC_EVENT_UPDATED, number, version);
	new->newest = version;
	new->token = p->token;
	new->late = p->late || !fill;
	new->changes = p->changes + 1;
	*p = *new;
	m->expect.puts++;
}

static int put_cond(struct model *m, u32 number, const struct kvc_cond *cond,
		    u32 value_len, u64 expiry)
{
	struct pair *p = &m->pairs[number];
	struct pair new = {
		.present = true,
		.expiry = expiry,
		.value_len = value_len,
		.seed = random_next(&m->random),
		.flags = random_next(&m->random),
	};
	bool noevict = m->config.flags & KVC_CACHE_F_NOEVICT;
	u64 expired = m->evicted[KVC_REASON_EXPIRED];
	bool live = model_live(m, p);
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);
	struct kvc_entry *e = make_entry(m, key, len, &new);
	size_t size = kvc_entry_size(e);
	int want = put_result(m, number, cond), err;
	u64 now = 0;

	if (!want && size > share_of(m))
		want = -ENOSPC;
	m->allow = noevict ? 0 : 1 << KVC_REASON_LIMIT;
	if (noevict || (p->present && !live))
		m->allow |= 1 << KVC_REASON_EXPIRED;
	err = kvc_cache_put(m->cache, e, cond, &now, &new.version);
	if (!want && noevict && err == -ENOSPC &&
	    has_no_room(m, e->hash, size,
			present_size(m, p, e->hash, key, len)))
		want = -ENOSPC;
	/* What was evicted for it may share the key's floor. */
	if (!want && err == -ESTALE)
		want = put_result(m, number, cond);
	CHECK(err == want, "%d, not %d", err, want);
	m->errors[-err]++;
	if (err) {
		kvc_entry_free(e);
		m->expect.refused += err != -ENOSPC;
		return err;
	}
	/* A pair that makes room for its own update is no update. */
	CHECK(!live || p->present, "a pair was evicted for its own update");
	CHECK(noevict || m->evicted[KVC_REASON_EXPIRED] <= expired + !live);
	m->expect.updates_tier += live;
	took_place(m, number, &new, live, cond);
	return 0;
}

void model_put(struct model *m, u32 number, u32 flags, u32 value_len,
	       u64 expiry)
{
	struct kvc_cond cond = make_cond(m, &m->pairs[number], flags);

	put_cond(m, number, &cond, value_len, expiry);
}

void model_fill(struct model *m, u32 number)
{
	struct pair *p = &m->pairs[number];
	struct kvc_cond cond = { .flags = KVC_OP_F_FILL, .version = p->token };
	bool late = p->late;
	int err;

	if (!p->token)
		return;
	p->token = 0;
	err = put_cond(m, number, &cond, random_below(&m->random, 200), 0);
	/* P16 */
	CHECK(!late || err == -ESTALE, "a fill came back: %d", err);
	m->late += late;
	m->fills += !err;
}

void model_del(struct model *m, u32 number, bool cas)
{
	struct pair *p = &m->pairs[number];
	struct kvc_cond cond = make_cond(m, p, cas ? KVC_OP_F_CAS : 0);
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);
	int want = put_result(m, number, &cond), err;
	u64 version = 0, now = 0;

	if (!cas && !model_live(m, p))
		want = -ENOENT;
	m->allow = 0;
	err = kvc_cache_del(m->cache, kvc_cache_hash(m->cache, key, len), key,
			    len, &cond, &now, &version);
	CHECK(err == want, "%d, not %d", err, want);
	m->errors[-err]++;
	m->expect.refused += err == -ESTALE;
	if (cas && err)
		return;
	p->changes++;
	model_refuse(m, number, 0);
	p->late = true;
	if (err)
		return;
	CHECK(version == p->version);
	model_event(m, KVC_EVENT_DELETED, number, version);
	p->present = false;
	m->expect.deletes++;
}

/* Of a store's revision, or of whatever there is */
void model_purge(struct model *m, u32 number)
{
	struct pair *p = &m->pairs[number];
	u64 revision = random_below(&m->random, 3) ? 0 :
			p->newest + random_below(&m->random, 4);
	bool stays = p->present && revision && p->version >= revision;
	int want = stays ? -ESTALE : model_live(m, p) ? 0 : -ENOENT, err;
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);
	u64 version = 0, now = 0, floor;

	m->allow = 1 << KVC_REASON_EXPIRED;
	err = kvc_cache_purge(m->cache, kvc_cache_hash(m->cache, key, len), key,
			      len, revision, &now, &version);
	CHECK(err == want, "%d, not %d", err, want);
	floor = model_refuse(m, number, revision);
	CHECK(version == floor, "%llu, not %llu", version, floor);
	model_event(m, KVC_EVENT_PURGED, number, floor);
	p->late |= !revision;
	if (stays)
		return;
	p->changes++;
	p->present = false;
	m->expect.purged += !err;
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
	p->changes++;
	m->expect.touches++;
}
