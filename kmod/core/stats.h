/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_STATS_H
#define _KVC_STATS_H

#include <linux/types.h>

/**
 * struct kvc_stats - figures of a cache
 * @gets: lookups by GET.
 * @hits_tier: of these, answered by a pair in the cache tier.
 * @hits_memtable: of these, answered by a pair in the memtable.
 * @misses: of these, not answered: @gets is the sum of the three.
 * @puts: pairs stored, new or replaced.
 * @updates_tier: of these, replaced in the cache tier.
 * @updates_memtable: of these, replaced in the memtable.
 * @deletes: pairs removed by DEL.
 * @touches: pairs given a new expiry.
 * @refused: puts and deletes refused by CREATE, REPLACE, CAS or FILL.
 * @migrated: pairs that moved from the cache tier to the memtable.
 * @promoted: pairs that moved from the memtable up to the cache tier.
 * @evicted_limit: pairs evicted to keep the limit.
 * @evicted_pressure: pairs evicted because the kernel was short of memory.
 * @expired: pairs removed because their time had come.
 * @cleared: pairs removed by CLEAR or a lower limit.
 * @purged: pairs removed by a purge.
 * @fenced: of @misses, those for the sake of the fence.
 * @bypass_switches: how often the cache tier was switched off or on.
 * @tier_resizes: how often it was given another size.
 * @index_resizes: how often a bucket array was given another size.
 * @entries_tier: pairs in the cache tier now.
 * @entries_memtable: pairs in the memtable now, those of waiting runs that are
 *	not in the cache tier among them.
 * @bytes_tier: their bytes, by the allocator's real sizes.
 * @bytes_memtable: likewise, with what newer pairs have replaced but waiting
 *	runs still have.
 * @bytes_index: bytes of bucket arrays, of the policy's own tables, of version
 *	slots, and of what waiting runs need beside their pairs.
 * @bytes_deferred: bytes that wait for a grace period, or after it for the next
 *	pair of their size, or to be freed.
 * @limit: the cache's limit now.
 * @tier_target: the cache tier's size now.
 * @events: number of the last event.
 * @bytes_events: bytes of the event log.
 * @dirty_entries: pairs and tombstones that the store has not seen, those in
 *	waiting runs among them.
 * @dirty_bytes: their bytes.
 * @runs_sealed: number of the newest run.
 * @runs_committed: number of the newest run that is in the store.
 * @records_flushed: records of all committed runs.
 * @flush_waits: how often a write had to wait for a commit.
 * @dirty_ms: age of the oldest dirty pair that is not in a run; 0: there is none.
 * @shards: into how many parts the cache is split.
 * @bypass: 1 when the cache tier is switched off.
 * @runs_waiting: sealed runs that are not committed.
 * @flusher: 1 when somebody has the stream file open.
 * @flush_error: errno that the flusher told of the oldest run; 0: none.
 */
struct kvc_stats {
	u64 gets;
	u64 hits_tier;
	u64 hits_memtable;
	u64 misses;
	u64 puts;
	u64 updates_tier;
	u64 updates_memtable;
	u64 deletes;
	u64 touches;
	u64 refused;
	u64 migrated;
	u64 promoted;
	u64 evicted_limit;
	u64 evicted_pressure;
	u64 expired;
	u64 cleared;
	u64 purged;
	u64 fenced;
	u64 bypass_switches;
	u64 tier_resizes;
	u64 index_resizes;
	u64 entries_tier;
	u64 entries_memtable;
	u64 bytes_tier;
	u64 bytes_memtable;
	u64 bytes_index;
	u64 bytes_deferred;
	u64 limit;
	u64 tier_target;
	u64 events;
	u64 bytes_events;
	u64 dirty_entries;
	u64 dirty_bytes;
	u64 runs_sealed;
	u64 runs_committed;
	u64 records_flushed;
	u64 flush_waits;
	u64 dirty_ms;
	u32 shards;
	u32 bypass;
	u32 runs_waiting;
	u32 flusher;
	u32 flush_error;
};

#endif
