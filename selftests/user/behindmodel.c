// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plain model of a write-behind cache and of the store behind it.  Which
 * clean pairs the cache keeps is its own affair: the model only says what cache
 * and store must have together.
 */
#include <stdlib.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <shim/alloc.h>
#include <shim/clock.h>
#include <shim/context.h>
#include "behind.h"
#include "check.h"

static void see_kick(void *ctx, unsigned int delay_ms)
{
}

static void see_evict(void *ctx, const struct kvc_entry *e,
		      enum kvc_reason reason)
{
	struct behind *b = ctx;
	struct cell *cell = &b->cells[keys_number(e->data, e->key_len)];

	b->seen.evicted++;
	/* What was overwritten may be "gone" as expired. */
	CHECK(cell->run == 0 || reason == KVC_REASON_EXPIRED ||
	      b->cache->dead, "dirty, and gone: reason %d", reason);
}

static void see_flush(void *ctx)
{
	struct behind *b = ctx;

	b->wakes++;
	if (b->cache && b->cache->flush.sealed >
	    kvc_flush_committed(b->cache) + b->waiting)
		behind_sealed(b);
}

static const struct kvc_observer observer = {
	.kick = see_kick,
	.evict = see_evict,
	.flush = see_flush,
};

static int by_key(const void *a, const void *b)
{
	u8 ka[KEYS_LEN], kb[KEYS_LEN];
	u32 la = keys_make(ka, *(const u32 *)a);
	u32 lb = keys_make(kb, *(const u32 *)b);

	return keys_order(ka, la, kb, lb);
}

void behind_begin(struct behind *b, const struct kvc_config *config, u32 keys,
		  unsigned int cpus, u64 seed)
{
	struct kvc_stats st;
	u32 i;

	memset(b, 0, sizeof(*b));
	b->config = *config;
	b->keys = keys;
	b->cells = calloc(keys, sizeof(*b->cells));
	b->order = calloc(keys, sizeof(*b->order));
	b->random.state = seed;
	CHECK(b->cells && b->order);
	for (i = 0; i < keys; i++)
		b->order[i] = i;
	qsort(b->order, keys, sizeof(*b->order), by_key);
	CHECK(!kvc_config_complete(&b->config));
	b->cache = kvc_cache_create(&b->config, cpus, &observer, b);
	CHECK(!IS_ERR(b->cache));
	behind_flush_begin(b);
	kvc_cache_stats(b->cache, &st);
	b->base_bytes = shim_live_bytes() - st.bytes_index;
	behind_advance(b, 1000000);
}

void behind_end(struct behind *b)
{
	u64 run, wakes = b->wakes;
	u8 byte[64];

	kvc_cache_kill(b->cache);
	CHECK(b->wakes > wakes, "nobody was woken for the end");
	CHECK(kvc_stream_ready(&b->stream));
	CHECK(kvc_stream_read(&b->stream, byte, sizeof(byte)) == -ESHUTDOWN);
	CHECK(kvc_stream_commit(&b->stream, 1) == -ESHUTDOWN);
	CHECK(kvc_flush_seal(b->cache, &run) == -ESHUTDOWN);
	CHECK(kvc_flush_dirty(b->cache) == 0);
	behind_flush_end(b);
	synchronize_rcu();
	kvc_cache_free(b->cache);
	free(b->cells);
	free(b->order);
}

void behind_advance(struct behind *b, u64 ns)
{
	b->now += ns;
	shim_clock_set(b->now);
}

void behind_fill_value(u8 *bytes, const struct value *v)
{
	u32 i;

	for (i = 0; i < v->len; i++)
		bytes[i] = (v->seed + i * 7) >> (i % 3 * 8);
}

bool behind_is_value(const u8 *bytes, const struct value *v)
{
	u32 i;

	for (i = 0; i < v->len; i++)
		if (bytes[i] != (u8)((v->seed + i * 7) >> (i % 3 * 8)))
			return false;
	return true;
}

/* All but the version, which a fill may change */
bool behind_same(const struct value *a, const struct value *b)
{
	if (a->there != b->there || !a->there)
		return a->there == b->there;
	return a->seed == b->seed && a->len == b->len &&
	       a->flags == b->flags && a->expiry == b->expiry;
}

u32 behind_hash(const struct behind *b, u32 number, u8 *key, u32 *len)
{
	*len = keys_make(key, number);
	return kvc_cache_hash(b->cache, key, *len);
}

struct kvc_shard *behind_shard(const struct behind *b, u32 number)
{
	u8 key[KEYS_LEN];
	u32 len;

	return kvc_cache_shard(b->cache, behind_hash(b, number, key, &len));
}

static void work_meanwhile(void *arg)
{
	struct behind *b = arg;

	if (b->inside)
		return;
	b->inside = true;
	b->seen.meanwhile++;
	b->meanwhile(b);
	b->inside = false;
}

void behind_open(struct behind *b, bool may_flush)
{
	if (b->inside)
		return;
	b->may_flush = may_flush;
	shim_on_resched(work_meanwhile, b);
}

void behind_close(struct behind *b)
{
	if (!b->inside)
		shim_on_resched(NULL, NULL);
}

static void check_entry(struct kvc_entry *e, const struct cell *cell)
{
	const struct value *v = &cell->truth;

	CHECK(kvc_entry_is(e, KVC_ENTRY_DIRTY) == (cell->run != 0));
	CHECK(kvc_entry_is(e, KVC_ENTRY_TOMBSTONE) == !v->there);
	CHECK(!kvc_entry_is(e, KVC_ENTRY_SHADOWED));
	if (v->there || cell->run)
		CHECK(e->version == v->version, "%llu, not %llu", e->version,
		      v->version);
	if (!v->there)
		return;
	CHECK(e->value_len == v->len && e->client_flags == v->flags);
	CHECK(e->expiry == v->expiry);
	CHECK(behind_is_value(kvc_entry_value(e), v));
}

/* L9, L10: what the cache does not have the store has, and as it was last. */
static void check_cell(struct behind *b, u32 number)
{
	struct cell *cell = &b->cells[number];
	u8 key[KEYS_LEN];
	u32 len, hash = behind_hash(b, number, key, &len);
	struct kvc_entry *e;

	rcu_read_lock();
	e = kvc_index_find(&kvc_cache_shard(b->cache, hash)->index, hash, key,
			   len);
	if (e)
		check_entry(e, cell);
	rcu_read_unlock();
	CHECK(e || !cell->run, "key %u: dirty, and not there", number);
	CHECK(cell->run || behind_same(&cell->truth, &cell->store),
	      "key %u: clean, and not what the store has", number);
}

/* What the allocator rounds up of the runs' own memory is in no figure. */
static void check_bytes(struct behind *b, const struct kvc_stats *st)
{
	long bytes = b->base_bytes + st->bytes_tier + st->bytes_memtable +
		     st->bytes_deferred + st->bytes_index;

	CHECK(shim_live_bytes() >= bytes &&
	      shim_live_bytes() <= bytes + (long)b->cache->flush.bytes,
	      "%ld allocated, not %ld", shim_live_bytes(), bytes);
}

static void check_stats(struct behind *b, u64 dirty, u64 unsealed)
{
	struct kvc_stats st;
	u64 count = 0;
	u32 i;

	kvc_cache_stats(b->cache, &st);
	CHECK(st.dirty_entries == dirty, "%llu, not %llu", st.dirty_entries,
	      dirty);
	CHECK(kvc_flush_dirty(b->cache) == dirty);
	for (i = 0; i < kvc_cache_shards(b->cache); i++)
		count += b->cache->shards[i].unsealed;
	CHECK(count == unsealed, "%llu, not %llu", count, unsealed);
	CHECK(st.runs_waiting == b->waiting);
	CHECK(st.runs_waiting <= b->config.runs);
	CHECK(st.runs_sealed == st.runs_committed + b->waiting);
	CHECK(st.records_flushed == b->seen.records);
	CHECK(!unsealed == !st.dirty_ms || unsealed);
	check_bytes(b, &st);
}

void behind_check(struct behind *b)
{
	u64 dirty = 0, unsealed = 0;
	u32 i;

	for (i = 0; i < b->keys; i++) {
		check_cell(b, i);
		dirty += b->cells[i].run != 0;
		unsealed += b->cells[i].run == BEHIND_UNSEALED;
	}
	check_stats(b, dirty, unsealed);
}
