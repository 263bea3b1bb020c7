/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_FLUSH_H
#define _KVC_FLUSH_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct kvc_cache;
struct kvc_run;

/**
 * struct kvc_flush - the runs of a write-behind cache
 * @sealing: held while a run is sealed; taken outside of the shard locks
 * @reader: held while the oldest run is read or committed, or all are dropped;
 *	taken outside of the shard locks and, by kvc_flush_kill(), inside
 *	@sealing
 * @lock: covers @runs, and the writes of what follows; innermost
 * @runs: &struct kvc_run that are complete, the oldest first
 * @waiting: their number
 * @sealed: id of the newest run
 * @committed: id of the newest one that is in the store
 * @oldest: id of the first of @runs, 0: there is none
 * @bytes: of the runs' own memory
 * @progress: changes with every commit, and when the cache is killed
 * @wanted: a run should be sealed as soon as that can be
 *
 * Nothing but the seal itself waits for @sealing, and writers take neither of
 * the two.
 */
struct kvc_flush {
	struct mutex sealing;
	struct mutex reader;
	spinlock_t lock;
	struct list_head runs;
	u32 waiting;
	u64 sealed;
	u64 committed;
	u64 oldest;
	size_t bytes;
	u32 progress;
	bool wanted;
};

void kvc_flush_init(struct kvc_flush *f);
void kvc_flush_kill(struct kvc_cache *c);
void kvc_flush_want(struct kvc_cache *c);
void kvc_flush_observe(struct kvc_cache *c);
unsigned int kvc_flush_maintain(struct kvc_cache *c);
struct kvc_run *kvc_flush_oldest(struct kvc_cache *c);

int kvc_flush_seal(struct kvc_cache *c, u64 *run);
int kvc_flush_commit(struct kvc_cache *c, u64 run);
u64 kvc_flush_committed(struct kvc_cache *c);
u32 kvc_flush_progress(struct kvc_cache *c);
u64 kvc_flush_dirty(struct kvc_cache *c);

#endif
