// SPDX-License-Identifier: GPL-2.0-only
/* Operations on a key of a write-behind cache, and what they must say */
#include <linux/errno.h>
#include <linux/minmax.h>
#include "behind.h"
#include "check.h"

/* Commits after which there must be room */
#define PATIENCE	20

static struct kvc_entry *make_entry(const struct behind *b, u32 number,
				    const struct value *v)
{
	u8 key[KEYS_LEN];
	u32 len, hash = behind_hash(b, number, key, &len);
	struct kvc_entry *e = kvc_entry_alloc(len, v->there ? v->len : 0);

	CHECK(e);
	memcpy(e->data, key, len);
	e->hash = hash;
	if (!v->there) {
		e->state = KVC_ENTRY_TOMBSTONE;
		return e;
	}
	behind_fill_value(kvc_entry_value(e), v);
	e->expiry = v->expiry;
	e->client_flags = v->flags;
	return e;
}

static size_t share_of(const struct behind *b)
{
	return b->config.limit >> b->cache->shard_bits;
}

/* Does the cache have anything of the key? */
static bool is_known(const struct behind *b, u32 number)
{
	u8 key[KEYS_LEN];
	u32 len, hash = behind_hash(b, number, key, &len);
	bool known;

	rcu_read_lock();
	known = kvc_index_find(&kvc_cache_shard(b->cache, hash)->index, hash,
			       key, len);
	rcu_read_unlock();
	return known;
}

static void wrote(struct behind *b, u32 number, const struct value *v)
{
	struct cell *cell = &b->cells[number];

	CHECK(v->version > cell->truth.version, "%llu after %llu", v->version,
	      cell->truth.version);
	/* A seal that goes on has what was there before. */
	if (cell->run == BEHIND_UNSEALED &&
	    cell->truth.version <= behind_shard(b, number)->sealed) {
		CHECK(b->inside && !cell->early);
		cell->early = true;
		cell->early_value = cell->truth;
		b->seen.early++;
	}
	cell->written = ++b->tick;
	if (behind_live(b, &cell->truth) != behind_live(b, v))
		cell->changed = b->tick;
	cell->truth = *v;
	cell->run = BEHIND_UNSEALED;
}

/* The version of what is there now: a tombstone's is not told. */
static u64 version_of(const struct behind *b, u32 number)
{
	u8 key[KEYS_LEN];
	u32 len, hash = behind_hash(b, number, key, &len);
	struct kvc_entry *e;
	u64 version;

	rcu_read_lock();
	e = kvc_index_find(&kvc_cache_shard(b->cache, hash)->index, hash, key,
			   len);
	CHECK(e);
	version = e->version;
	rcu_read_unlock();
	return version;
}

/* Stores what was read of the store; a miss that is late is no harm. */
static int fill(struct behind *b, u32 number, const struct value *read,
		u64 token)
{
	struct kvc_cond cond = { .flags = KVC_OP_F_FILL, .version = token };
	struct cell *cell = &b->cells[number];
	struct kvc_entry *e = make_entry(b, number, read);
	u64 now = 0, version = 0;
	int err;

	err = kvc_cache_put(b->cache, e, &cond, &now, &version);
	CHECK(!err || err == -ESTALE || err == -ENOSPC, "%d", err);
	if (err) {
		kvc_entry_free(e);
		return err;
	}
	/* P16, L9: nothing old comes back. */
	CHECK(behind_same(read, &cell->truth), "key %u: a stale fill", number);
	CHECK(!cell->run, "key %u: a fill of what is dirty", number);
	CHECK(version == token);
	CHECK(token >= cell->truth.version);
	cell->truth.version = token;
	b->seen.fills++;
	b->seen.negative += !read->there;
	return 0;
}

void behind_fill(struct behind *b, u32 number)
{
	struct cell *cell = &b->cells[number];
	u64 token = cell->token;

	if (!token)
		return;
	cell->token = 0;
	if (fill(b, number, &cell->read, token) == -ESTALE)
		b->seen.late++;
}

static void check_hit(struct behind *b, u32 number, struct kvc_entry *e)
{
	const struct value *v = &b->cells[number].truth;

	CHECK(behind_live(b, v), "key %u: absent, and found", number);
	CHECK(e->version == v->version, "%llu, not %llu", e->version,
	      v->version);
	CHECK(e->value_len == v->len && e->client_flags == v->flags);
	CHECK(e->expiry == v->expiry);
	CHECK(behind_is_value(kvc_entry_value(e), v));
	b->seen.hits++;
}

/* Returns what a fill should be stored with, 0: the key is there, or absent. */
static u64 get(struct behind *b, u32 number)
{
	struct cell *cell = &b->cells[number];
	u8 key[KEYS_LEN];
	u32 len, hash = behind_hash(b, number, key, &len);
	u64 now = 0, token = 0;
	struct kvc_entry *e;

	rcu_read_lock();
	e = kvc_cache_get(b->cache, hash, key, len, &now, &token);
	if (e)
		check_hit(b, number, e);
	kvc_cache_count_get(b->cache, hash, e);
	rcu_read_unlock();
	if (e)
		return 0;
	if (!token) {
		/* L10: who is told not to ask the store is told the truth. */
		CHECK(!behind_live(b, &cell->truth), "key %u lost", number);
		b->seen.absent++;
		return 0;
	}
	/* L9: else the store has it. */
	CHECK(behind_live(b, &cell->truth) == behind_live(b, &cell->store) &&
	      (!behind_live(b, &cell->truth) ||
	       behind_same(&cell->truth, &cell->store)),
	      "key %u: neither here nor there", number);
	b->seen.misses++;
	return token;
}

void behind_get(struct behind *b, u32 number, bool fill_later)
{
	struct cell *cell = &b->cells[number];
	u64 token = get(b, number);

	if (!token)
		return;
	if (fill_later) {
		cell->read = cell->store;
		cell->token = token;
		return;
	}
	/* Nothing came between. */
	CHECK(fill(b, number, &cell->store, token) != -ESTALE);
}

static bool fits(const struct behind *b, u32 number, const struct value *v)
{
	struct kvc_entry *e = make_entry(b, number, v);
	bool fits = kvc_entry_size(e) <= share_of(b);

	kvc_entry_free(e);
	return fits;
}

/*
 * The cache has to be told of a key before it can judge a condition.  Returns
 * false when it cannot: the limit was lowered, and the pair is larger.
 */
static bool read_through(struct behind *b, u32 number)
{
	b->seen.asked++;
	if (!fits(b, number, &b->cells[number].store))
		return false;
	behind_get(b, number, false);
	while (!is_known(b, number)) {
		if (b->inside)
			return false;
		/* All is dirty: no fill has room before the next commit. */
		behind_flush_one(b);
		behind_get(b, number, false);
	}
	return true;
}

/* Returns false when nobody can, because the call is inside of another. */
static bool make_room(struct behind *b, u32 progress)
{
	b->seen.busy++;
	if (b->inside)
		return false;
	CHECK(b->cache->flush.wanted, "nobody is asked for a seal");
	behind_flush_one(b);
	CHECK(kvc_flush_progress(b->cache) != progress);
	return true;
}

static int put_result(const struct behind *b, u32 number,
		      const struct kvc_cond *cond)
{
	const struct value *v = &b->cells[number].truth;
	bool live = behind_live(b, v);

	if (!cond->flags)
		return 0;
	if (!is_known(b, number))
		return -ENODATA;
	if (cond->flags & KVC_OP_F_CREATE)
		return live ? -EEXIST : 0;
	if (!live)
		return -ENOENT;
	return cond->flags & KVC_OP_F_CAS && cond->version != v->version ?
	       -ESTALE : 0;
}

static int put_once(struct behind *b, u32 number, struct kvc_entry *e,
		    const struct kvc_cond *cond, u64 *version)
{
	int want = put_result(b, number, cond), err;
	u32 progress = kvc_flush_progress(b->cache);
	u64 now = 0;

	if (!want && kvc_entry_size(e) > share_of(b))
		want = -ENOSPC;
	err = kvc_cache_put(b->cache, e, cond, &now, version);
	if (err == -EBUSY && !want)
		return make_room(b, progress) ? -EAGAIN : err;
	CHECK(err == want, "%d, not %d", err, want);
	/* What runs have counts, too. */
	CHECK(err || kvc_shard_bytes(behind_shard(b, number)) <= share_of(b));
	return err;
}

static struct kvc_cond make_cond(struct behind *b, u32 number, u32 flags)
{
	struct kvc_cond cond = { .flags = flags };

	if (flags & KVC_OP_F_CAS)
		cond.version = b->cells[number].truth.version +
			       !random_below(&b->random, 3);
	return cond;
}

void behind_put(struct behind *b, u32 number, u32 flags, u32 len, u64 expiry)
{
	struct value v = {
		.there = true,
		.len = len,
		.flags = random_next(&b->random),
		.seed = random_next(&b->random),
		.expiry = expiry,
	};
	struct kvc_cond cond = make_cond(b, number, flags);
	struct kvc_entry *e = make_entry(b, number, &v);
	u32 patience = PATIENCE;
	int err;

	for (;;) {
		err = put_once(b, number, e, &cond, &v.version);
		if (err == -ENODATA) {
			if (!read_through(b, number))
				break;
			/* It may have another version now. */
			if (flags & KVC_OP_F_CAS)
				cond = make_cond(b, number, flags);
		} else if (err != -EAGAIN) {
			break;
		}
		CHECK(patience--, "no room for ever");
	}
	if (err)
		kvc_entry_free(e);
	else
		wrote(b, number, &v);
}

static int del_result(struct behind *b, u32 number,
		      const struct kvc_cond *cond)
{
	if (cond->flags & KVC_OP_F_CAS)
		return put_result(b, number, cond);
	if (!is_known(b, number))
		return 0;
	return behind_live(b, &b->cells[number].truth) ? 0 : -ENOENT;
}

static void deleted(struct behind *b, u32 number, bool known, u64 version)
{
	struct value gone = { .version = version_of(b, number) };

	CHECK(version == (known ? b->cells[number].truth.version : 0),
	      "%llu", version);
	b->seen.blind += !known;
	wrote(b, number, &gone);
}

void behind_del(struct behind *b, u32 number, bool cas)
{
	struct kvc_cond cond = make_cond(b, number, cas ? KVC_OP_F_CAS : 0);
	u8 key[KEYS_LEN];
	u32 len, hash = behind_hash(b, number, key, &len), progress;
	u32 patience = PATIENCE;
	u64 now, version;
	bool known;
	int err, want;

	do {
		now = 0;
		version = 0;
		known = is_known(b, number);
		progress = kvc_flush_progress(b->cache);
		want = del_result(b, number, &cond);
		err = kvc_cache_del(b->cache, hash, key, len, &cond, &now,
				    &version);
		CHECK(err == want || (err == -EBUSY && !want), "%d, not %d",
		      err, want);
		CHECK(patience--, "no room for ever");
	} while (err == -EBUSY && make_room(b, progress));
	if (!err)
		deleted(b, number, known, version);
}

void behind_touch(struct behind *b, u32 number, u64 expiry)
{
	struct kvc_cond present = { .flags = KVC_OP_F_REPLACE };
	u8 key[KEYS_LEN];
	u32 len, hash = behind_hash(b, number, key, &len), progress;
	u32 patience = PATIENCE;
	struct value v;
	int err, want;
	u64 now;

	do {
		now = 0;
		v = b->cells[number].truth;
		progress = kvc_flush_progress(b->cache);
		want = put_result(b, number, &present);
		err = kvc_cache_touch(b->cache, hash, key, len, expiry, &now,
				      &v.version);
		CHECK(err == want || (err == -EBUSY && !want), "%d, not %d",
		      err, want);
		if (err == -EBUSY && !make_room(b, progress))
			break;
		if (err == -ENODATA && !read_through(b, number))
			break;
		CHECK(patience--, "no room for ever");
	} while (err == -EBUSY || err == -ENODATA);
	if (err)
		return;
	v.expiry = expiry;
	wrote(b, number, &v);
}

/* The cache forgets what is clean; what the store has is as it was. */
void behind_purge(struct behind *b, u32 number)
{
	struct cell *cell = &b->cells[number];
	bool known = is_known(b, number);
	u8 key[KEYS_LEN];
	u32 len, hash = behind_hash(b, number, key, &len);
	u64 now = 0, version = 0;
	int err, want = 0;

	if (!known || !cell->truth.there ||
	    (!cell->run && !behind_live(b, &cell->truth)))
		want = -ENOENT;
	else if (cell->run)
		want = -ESTALE;
	err = kvc_cache_purge(b->cache, hash, key, len, 0, &now, &version);
	CHECK(err == want, "%d, not %d", err, want);
	CHECK(is_known(b, number) == (cell->run != 0));
}
