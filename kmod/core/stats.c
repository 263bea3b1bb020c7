// SPDX-License-Identifier: GPL-2.0-only
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include "slot.h"
#include "spare.h"

static void add_shard(struct kvc_stats *st, struct kvc_shard *s, u64 *since)
{
	spin_lock(&s->lock);
	st->entries_tier += s->tier.entries;
	st->entries_memtable += s->index.count - s->tier.entries;
	st->bytes_tier += s->tier.bytes;
	st->bytes_memtable += kvc_shard_bytes(s) - s->tier.bytes;
	st->bytes_index += kvc_index_bytes(&s->index) +
			   kvc_ghost_bytes(&s->tier.ghost) +
			   kvc_floor_bytes(&s->floor);
	st->bytes_deferred += s->limbo.bytes;
	st->dirty_entries += s->dirty_entries;
	st->dirty_bytes += s->dirty_bytes;
	if (s->unsealed)
		*since = min(*since, s->dirty_since);
	spin_unlock(&s->lock);
}

static void add_counts(struct kvc_stats *st, const u64 *count)
{
	st->hits_tier = count[KVC_COUNT_HIT_TIER];
	st->hits_memtable = count[KVC_COUNT_HIT_MEMTABLE];
	st->misses = count[KVC_COUNT_MISS];
	st->gets = st->hits_tier + st->hits_memtable + st->misses;
	st->puts = count[KVC_COUNT_PUT];
	st->updates_tier = count[KVC_COUNT_UPDATE_TIER];
	st->updates_memtable = count[KVC_COUNT_UPDATE_MEMTABLE];
	st->deletes = count[KVC_COUNT_DELETE];
	st->touches = count[KVC_COUNT_TOUCH];
	st->refused = count[KVC_COUNT_REFUSED];
	st->migrated = count[KVC_COUNT_MIGRATED];
	st->promoted = count[KVC_COUNT_PROMOTED];
	st->evicted_limit = count[KVC_COUNT_EVICT_LIMIT];
	st->evicted_pressure = count[KVC_COUNT_EVICT_PRESSURE];
	st->expired = count[KVC_COUNT_EXPIRED];
	st->cleared = count[KVC_COUNT_CLEARED];
	st->index_resizes = count[KVC_COUNT_INDEX_RESIZE];
	st->purged = count[KVC_COUNT_PURGED];
	st->fenced = count[KVC_COUNT_FENCED];
	st->records_flushed = count[KVC_COUNT_FLUSHED];
	st->flush_waits = count[KVC_COUNT_FLUSH_WAIT];
}

static void add_runs(struct kvc_stats *st, struct kvc_cache *c, u64 since)
{
	u64 now = ktime_get_boottime_ns();

	st->runs_sealed = READ_ONCE(c->flush.sealed);
	st->runs_committed = kvc_flush_committed(c);
	st->runs_waiting = READ_ONCE(c->flush.waiting);
	st->bytes_index += READ_ONCE(c->flush.bytes);
	if (since < now)
		st->dirty_ms = div64_u64(now - since, NSEC_PER_MSEC);
}

/**
 * kvc_cache_stats - the figures of a cache
 * @c: the cache
 * @st: gets them, but for the name
 *
 * Exact when nothing else happens; else each figure is from some moment of the
 * call.
 */
void kvc_cache_stats(struct kvc_cache *c, struct kvc_stats *st)
{
	struct kvc_counters sum;
	u64 oldest, since = U64_MAX;
	u32 i;

	memset(st, 0, sizeof(*st));
	kvc_counters_sum(c->counters, &sum);
	add_counts(st, sum.count);
	for (i = 0; i < kvc_cache_shards(c); i++)
		add_shard(st, &c->shards[i], &since);
	add_runs(st, c, since);
	st->bypass_switches = READ_ONCE(c->adapt.switches);
	st->tier_resizes = READ_ONCE(c->adapt.resizes);
	st->bytes_deferred += kvc_spare_bytes(c);
	st->bytes_index += READ_ONCE(c->slots) ? kvc_slot_bytes(c) : 0;
	st->limit = READ_ONCE(c->config.limit);
	st->tier_target = READ_ONCE(c->tier_target);
	st->shards = kvc_cache_shards(c);
	st->bypass = READ_ONCE(c->bypass);
	st->events = kvc_event_range(&c->log, &oldest);
	st->bytes_events = kvc_event_log_bytes(&c->log);
}
