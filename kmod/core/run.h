/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_RUN_H
#define _KVC_RUN_H

#include <linux/list.h>
#include "held.h"
#include "memtable.h"

struct kvc_cache;
struct kvc_shard;

/**
 * struct kvc_run_part - what one shard has in a run
 * @on: the shard's list of them, the newest first
 * @tree: entries that were sorted already when the run was sealed (L4: the
 *	second list), and those that left the cache tier before they were in
 *	@held
 * @held: entries that were in the cache tier, and mostly still are (the first
 *	list), sorted
 * @done: of @held, how many a commit is done with
 * @upto: none of its entries is newer
 *
 * Under the shard's lock until the run is complete, see &struct kvc_run.
 */
struct kvc_run_part {
	struct list_head on;
	struct kvc_memtable tree;
	struct kvc_held held;
	u32 done;
	u64 upto;
};

/**
 * struct kvc_run - a sealed run: the dirty entries of one moment in each shard
 * @on: the cache's list of complete runs, the oldest first
 * @id: 1 and up in the order of seals, 0 until it is complete
 * @entries: in all parts
 * @parts: their number, that of the shards
 * @part: them
 *
 * An entry belongs to a run when it is dirty and its version is not newer than
 * what its shard's clock was at the seal (&struct kvc_shard.sealed).  It is in
 * the tree of its part, or it is %KVC_ENTRY_HELD, in the part's list, and
 * beside that in the cache tier or, when it was demoted, in the memtable.  Its
 * key is found by the index all the time (L9), until a newer entry takes its
 * place: then it is %KVC_ENTRY_SHADOWED and only the run has it.
 *
 * A complete run is read without the shard locks, while other tasks do
 * whatever they like.  That is safe because
 *
 * - no tree or list of it is changed any more but by kvc_run_commit_step() and
 *   kvc_run_drop_step(); whoever calls these, and whoever reads, holds
 *   &struct kvc_flush.reader;
 * - none of its entries is freed by others: eviction, expiry, purge and clear
 *   leave dirty entries alone, and one that is replaced is shadowed instead of
 *   retired;
 * - key, value, version, expiry and lengths of a published entry never change
 *   (a TOUCH in a write-behind cache makes a new entry), and neither does
 *   %KVC_ENTRY_TOMBSTONE.  What changes is which queue or tree a held entry is
 *   in, and the reader follows neither: it finds it by the list.
 */
struct kvc_run {
	struct list_head on;
	u64 id;
	u64 entries;
	u32 parts;
	struct kvc_run_part part[];
};

struct kvc_run *kvc_run_alloc(u32 parts);
void kvc_run_free(struct kvc_run *run);
size_t kvc_run_bytes(const struct kvc_run *run);
int kvc_run_seal(struct kvc_run *run, struct kvc_cache *c, u32 shard);
bool kvc_run_commit_step(struct kvc_run *run, struct kvc_cache *c, u32 *shard);
bool kvc_run_drop_step(struct kvc_run *run, struct kvc_cache *c, u32 *shard);

#endif
