// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plain model of a cache.  A cache may lose pairs, so the model believes an
 * eviction when the observer reports it, if there was a reason for it; and
 * nothing else.
 */
#include <stdlib.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <shim/alloc.h>
#include <shim/clock.h>
#include "core/prefix.h"
#include "check.h"
#include "model.h"

static void see_kick(void *ctx, unsigned int delay_ms)
{
}

/* Did it make way for a new one of its key, rather than leave by itself? */
static bool was_replaced(struct model *m, const struct kvc_entry *e)
{
	struct kvc_index *idx = &kvc_cache_shard(m->cache, e->hash)->index;

	return kvc_index_at(idx, kvc_index_slot(idx, e->hash, kvc_entry_key(e),
						e->key_len));
}

static void foretell(struct model *m, const struct kvc_entry *e, u32 number,
		     enum kvc_reason reason)
{
	if (!was_replaced(m, e)) {
		model_refuse(m, number, e->version);
		model_clock(m, number, e->version + 1);
	}
	if (reason == KVC_REASON_EXPIRED)
		model_event(m, KVC_EVENT_EXPIRED, number, e->version);
	else if (reason != KVC_REASON_CLEARED)
		model_event(m, KVC_EVENT_EVICTED, number, e->version);
}

static void see_evict(void *ctx, const struct kvc_entry *e,
		      enum kvc_reason reason)
{
	struct model *m = ctx;
	u32 number = keys_number(e->data, e->key_len);
	struct pair *p = &m->pairs[number];

	CHECK(m->allow & 1 << reason, "reason %d", reason);
	CHECK(p->present, "evicted, but was not there");
	CHECK(p->version == e->version, "another version left");
	if (reason == KVC_REASON_EXPIRED)
		CHECK(!model_live(m, p), "expired before its time");
	foretell(m, e, number, reason);
	p->present = false;
	m->evicted[reason]++;
}

static void see_migrate(void *ctx, const struct kvc_entry *e, bool up)
{
	struct model *m = ctx;

	if (up)
		m->expect.promoted++;
	else
		m->expect.migrated++;
}

static void see_bypass(void *ctx, bool off, unsigned int rate)
{
	struct model *m = ctx;

	CHECK(off != m->expect.bypass, "switched to where it was");
	m->expect.bypass = off;
	m->expect.bypass_switches++;
}

static void see_resize(void *ctx, bool tier, u64 from, u64 to)
{
	struct model *m = ctx;

	CHECK(from != to, "resized to the same size");
	if (!tier)
		m->expect.index_resizes++;
}

static const struct kvc_observer observer = {
	.kick = see_kick,
	.evict = see_evict,
	.migrate = see_migrate,
	.bypass = see_bypass,
	.resize = see_resize,
};

static int by_key(const void *a, const void *b)
{
	u8 ka[KEYS_LEN], kb[KEYS_LEN];
	u32 la = keys_make(ka, *(const u32 *)a);
	u32 lb = keys_make(kb, *(const u32 *)b);

	return keys_order(ka, la, kb, lb);
}

void model_begin(struct model *m, const struct kvc_config *config, u32 keys,
		 unsigned int cpus, u64 seed)
{
	struct kvc_stats st;
	u32 i;

	memset(m, 0, sizeof(*m));
	m->config = *config;
	m->keys = keys;
	m->pairs = calloc(keys, sizeof(*m->pairs));
	m->order = calloc(keys, sizeof(*m->order));
	m->random.state = seed;
	CHECK(m->pairs && m->order);
	for (i = 0; i < keys; i++)
		m->order[i] = i;
	qsort(m->order, keys, sizeof(*m->order), by_key);
	m->config.flags |= KVC_CACHE_F_LOG;
	CHECK(!kvc_config_complete(&m->config));
	m->cache = kvc_cache_create(&m->config, cpus, &observer,
				    m);
	CHECK(!IS_ERR(m->cache));
	model_floors_begin(m);
	model_events_begin(m);
	kvc_cache_stats(m->cache, &st);
	m->base_bytes = shim_live_bytes() - st.bytes_index;
	model_advance(m, 1000000);
}

void model_end(struct model *m)
{
	m->allow = 1 << KVC_REASON_CLEARED;
	kvc_cache_kill(m->cache);
	model_events_end(m);
	model_floors_end(m);
	synchronize_rcu();
	kvc_cache_free(m->cache);
	free(m->pairs);
	free(m->order);
}

void model_advance(struct model *m, u64 ns)
{
	m->now += ns;
	shim_clock_set(m->now);
}

void model_clear(struct model *m)
{
	u32 i, shard = 0;

	m->allow = 1 << KVC_REASON_CLEARED;
	while (kvc_cache_clear_step(m->cache, &shard))
		;
	model_refuse_all(m);
	kvc_cache_clear_end(m->cache);
	model_event(m, KVC_EVENT_PURGED, MODEL_NO_KEY, 0);
	for (i = 0; i < m->keys; i++) {
		CHECK(!m->pairs[i].present, "key %u", i);
		m->pairs[i].changes++;
	}
}

void model_shrink(struct model *m, unsigned int entries)
{
	u64 before = m->evicted[KVC_REASON_PRESSURE], gone;
	unsigned long done, there = kvc_cache_entries(m->cache);

	m->allow = 1 << KVC_REASON_PRESSURE;
	done = kvc_cache_shrink(m->cache, entries);
	gone = m->evicted[KVC_REASON_PRESSURE] - before;
	CHECK(done == gone, "%lu, not %llu", done, gone);
	CHECK(done == min_t(unsigned long, entries, there));
	CHECK(!done || !(m->config.flags & KVC_CACHE_F_NOEVICT));
}

/* Twice, for the sweep goes on where it was: nothing expired is left. */
void model_maintain(struct model *m)
{
	u32 i;

	m->allow = 1 << KVC_REASON_EXPIRED;
	model_fenced(m);
	kvc_cache_maintain(m->cache);
	kvc_cache_maintain(m->cache);
	for (i = 0; i < m->keys; i++)
		CHECK(!m->pairs[i].present || model_live(m, &m->pairs[i]),
		      "key %u", i);
}

void model_set_size(struct model *m, u64 limit)
{
	struct kvc_config g = m->config;
	u32 shard = 0;

	g.limit = limit;
	g.tier = 0;
	g.tier_min = 0;
	g.tier_max = 0;
	CHECK(!kvc_config_complete(&g));
	m->config = g;
	m->allow = 1 << KVC_REASON_LOWERED;
	kvc_cache_set_size(m->cache, &g);
	while (kvc_cache_fit_step(m->cache, &shard))
		;
}

void model_set_fence(struct model *m, u64 deadline)
{
	m->fence = deadline;
	m->bitten = false;
	kvc_cache_set_fence(m->cache, deadline);
}

static bool begins_with(u32 number, const u8 *prefix, u32 len)
{
	u8 key[KEYS_LEN];

	return keys_make(key, number) >= len && !memcmp(key, prefix, len);
}

/* In the order of keys, each as if it were purged by itself */
static u64 foretell_purges(struct model *m, const u8 *prefix, u32 len)
{
	u64 version, purged = 0;
	u32 i, number;

	model_refuse_all(m);
	for (i = 0; i < m->keys; i++) {
		number = m->order[i];
		if (!begins_with(number, prefix, len))
			continue;
		m->pairs[number].changes++;
		if (!model_live(m, &m->pairs[number]))
			continue;
		m->pairs[number].present = false;
		version = model_refuse(m, number, 0);
		model_event(m, KVC_EVENT_PURGED, number, version);
		purged++;
	}
	m->expect.purged += purged;
	return purged;
}

void model_purge_prefix(struct model *m, u32 number)
{
	struct kvc_prefix *purge = malloc(sizeof(*purge));
	u8 prefix[KEYS_LEN];
	u32 len = min(keys_make(prefix, number), 4u);
	u64 purged = foretell_purges(m, prefix, len);
	int ret;

	CHECK(purge);
	m->allow = 0;
	kvc_prefix_init(purge, prefix, len);
	do {
		ret = kvc_prefix_purge(purge, m->cache);
	} while (ret == 1);
	CHECK(!ret, "%d", ret);
	CHECK(purge->purged == purged, "%llu, not %llu", purge->purged, purged);
	free(purge);
}

/* Every byte that is allocated is one that the figures tell of. */
static void check_bytes(struct model *m, const struct kvc_stats *st)
{
	long bytes = m->base_bytes + st->bytes_tier + st->bytes_memtable +
		     st->bytes_deferred + st->bytes_index;

	CHECK(st->bytes_tier + st->bytes_memtable <= st->limit);
	CHECK(shim_live_bytes() == bytes, "%ld allocated, not %ld",
	      shim_live_bytes(), bytes);
}

/* Done-when 6 of the core: the figures agree with the model. */
void model_check_stats(struct model *m)
{
	struct kvc_stats st, want = m->expect;
	u64 present = 0;
	u32 i;

	kvc_cache_stats(m->cache, &st);
	for (i = 0; i < m->keys; i++)
		present += m->pairs[i].present;
	CHECK(st.entries_tier + st.entries_memtable == present,
	      "%llu + %llu, not %llu", st.entries_tier, st.entries_memtable,
	      present);
	CHECK(st.gets == want.gets && st.misses == want.misses);
	CHECK(st.hits_tier == want.hits_tier);
	CHECK(st.hits_memtable == want.hits_memtable);
	CHECK(st.puts == want.puts && st.deletes == want.deletes);
	CHECK(st.updates_tier + st.updates_memtable == want.updates_tier);
	CHECK(st.touches == want.touches && st.refused == want.refused);
	CHECK(st.migrated == want.migrated && st.promoted == want.promoted);
	CHECK(st.evicted_limit == m->evicted[KVC_REASON_LIMIT]);
	CHECK(st.evicted_pressure == m->evicted[KVC_REASON_PRESSURE]);
	CHECK(st.expired == m->evicted[KVC_REASON_EXPIRED]);
	CHECK(st.cleared == m->evicted[KVC_REASON_CLEARED] +
			    m->evicted[KVC_REASON_LOWERED]);
	CHECK(st.purged == want.purged && st.fenced == want.fenced);
	CHECK(st.index_resizes == want.index_resizes);
	CHECK(st.bypass == want.bypass);
	CHECK(st.bypass_switches == want.bypass_switches);
	CHECK(st.limit == m->config.limit);
	/* L7 */
	CHECK(st.tier_target >= m->config.tier_min);
	CHECK(st.tier_target <= m->config.tier_max);
	check_bytes(m, &st);
	m->expect.tier_resizes = st.tier_resizes;
}
