// SPDX-License-Identifier: LGPL-2.1-or-later
/* Figures of caches. */
#include <errno.h>
#include <string.h>

#include "fields.h"

static const struct kvc_field stats_field[] = {
	KVC_FIELD(KVC_A_STATS_NAME, struct kvc_stats, name),
	KVC_FIELD(KVC_A_STATS_GETS, struct kvc_stats, gets),
	KVC_FIELD(KVC_A_STATS_HITS_TIER, struct kvc_stats, hits_tier),
	KVC_FIELD(KVC_A_STATS_HITS_MEMTABLE, struct kvc_stats, hits_memtable),
	KVC_FIELD(KVC_A_STATS_MISSES, struct kvc_stats, misses),
	KVC_FIELD(KVC_A_STATS_PUTS, struct kvc_stats, puts),
	KVC_FIELD(KVC_A_STATS_UPDATES_TIER, struct kvc_stats, updates_tier),
	KVC_FIELD(KVC_A_STATS_UPDATES_MEMTABLE, struct kvc_stats, updates_memtable),
	KVC_FIELD(KVC_A_STATS_DELETES, struct kvc_stats, deletes),
	KVC_FIELD(KVC_A_STATS_TOUCHES, struct kvc_stats, touches),
	KVC_FIELD(KVC_A_STATS_REFUSED, struct kvc_stats, refused),
	KVC_FIELD(KVC_A_STATS_MIGRATED, struct kvc_stats, migrated),
	KVC_FIELD(KVC_A_STATS_PROMOTED, struct kvc_stats, promoted),
	KVC_FIELD(KVC_A_STATS_EVICTED_LIMIT, struct kvc_stats, evicted_limit),
	KVC_FIELD(KVC_A_STATS_EVICTED_PRESSURE, struct kvc_stats, evicted_pressure),
	KVC_FIELD(KVC_A_STATS_EXPIRED, struct kvc_stats, expired),
	KVC_FIELD(KVC_A_STATS_CLEARED, struct kvc_stats, cleared),
	KVC_FIELD(KVC_A_STATS_PURGED, struct kvc_stats, purged),
	KVC_FIELD(KVC_A_STATS_FENCED, struct kvc_stats, fenced),
	KVC_FIELD(KVC_A_STATS_BYPASS_SWITCHES, struct kvc_stats, bypass_switches),
	KVC_FIELD(KVC_A_STATS_TIER_RESIZES, struct kvc_stats, tier_resizes),
	KVC_FIELD(KVC_A_STATS_INDEX_RESIZES, struct kvc_stats, index_resizes),
	KVC_FIELD(KVC_A_STATS_ENTRIES_TIER, struct kvc_stats, entries_tier),
	KVC_FIELD(KVC_A_STATS_ENTRIES_MEMTABLE, struct kvc_stats, entries_memtable),
	KVC_FIELD(KVC_A_STATS_BYTES_TIER, struct kvc_stats, bytes_tier),
	KVC_FIELD(KVC_A_STATS_BYTES_MEMTABLE, struct kvc_stats, bytes_memtable),
	KVC_FIELD(KVC_A_STATS_BYTES_INDEX, struct kvc_stats, bytes_index),
	KVC_FIELD(KVC_A_STATS_BYTES_DEFERRED, struct kvc_stats, bytes_deferred),
	KVC_FIELD(KVC_A_STATS_LIMIT, struct kvc_stats, limit),
	KVC_FIELD(KVC_A_STATS_TIER_TARGET, struct kvc_stats, tier_target),
	KVC_FIELD(KVC_A_STATS_EVENTS, struct kvc_stats, events),
	KVC_FIELD(KVC_A_STATS_BYTES_EVENTS, struct kvc_stats, bytes_events),
	KVC_FIELD(KVC_A_STATS_DIRTY_ENTRIES, struct kvc_stats, dirty_entries),
	KVC_FIELD(KVC_A_STATS_DIRTY_BYTES, struct kvc_stats, dirty_bytes),
	KVC_FIELD(KVC_A_STATS_RUNS_SEALED, struct kvc_stats, runs_sealed),
	KVC_FIELD(KVC_A_STATS_RUNS_COMMITTED, struct kvc_stats, runs_committed),
	KVC_FIELD(KVC_A_STATS_RECORDS_FLUSHED, struct kvc_stats, records_flushed),
	KVC_FIELD(KVC_A_STATS_FLUSH_WAITS, struct kvc_stats, flush_waits),
	KVC_FIELD(KVC_A_STATS_DIRTY_MS, struct kvc_stats, dirty_ms),
	KVC_FIELD(KVC_A_STATS_SHARDS, struct kvc_stats, shards),
	KVC_FIELD(KVC_A_STATS_BYPASS, struct kvc_stats, bypass),
	KVC_FIELD(KVC_A_STATS_RUNS_WAITING, struct kvc_stats, runs_waiting),
	KVC_FIELD(KVC_A_STATS_FLUSHER, struct kvc_stats, flusher),
	KVC_FIELD(KVC_A_STATS_FLUSH_ERROR, struct kvc_stats, flush_error),
};

static const struct kvc_fields stats_fields =
	KVC_FIELDS(KVC_A_STATS, stats_field);

static int read_stats(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nest = kvc_ctl_attr(nlh, KVC_A_STATS);

	if (!nest)
		return -EBADMSG;
	kvc_fields_read(nest, &stats_fields, arg);
	return 0;
}

KVC_API int kvc_stats(struct kvc_ctl *ctl, const char *name,
		      struct kvc_stats *stats)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_STATS_GET);
	int ret = kvc_put_cache(nlh, name);

	memset(stats, 0, sizeof(*stats));
	return ret ? ret : kvc_ctl_do(ctl, nlh, read_stats, stats);
}
