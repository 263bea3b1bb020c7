/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_BENCH_NATIVE_H
#define _KVC_BENCH_NATIVE_H

#include <linux/types.h>
#include "../sample.h"

struct kvc_cache;

/**
 * struct load - what is done
 * @memtable: pairs that are inserted, then read in another order
 * @flush: pairs that are flushed
 * @rounds: how often
 * @directory: where a store may be, in memory
 */
struct load {
	unsigned int memtable;
	unsigned int flush;
	unsigned int rounds;
	const char *directory;
};

/**
 * struct figures - ns an item; 0: not measured
 * @insert: into an empty memtable
 * @get: from it, with a copy of the value
 * @flush: from memtable to sorted output
 * @seal: part of @flush
 * @iterate: likewise
 * @commit: after @flush
 */
struct figures {
	double insert;
	double get;
	double flush;
	double seal;
	double iterate;
	double commit;
};

u64 native_now(void);
u64 native_mix(u64 z);
void native_key(u8 *key, u64 number);
__attribute__((noreturn))
void native_fail(const char *what, const char *why);

/* Rows memtable and flush */
void native_stores(const struct load *load);
/* Rows core-get, with up to so many pairs if there is memory for them */
void native_gets(const struct rounds *rounds, u32 most);
/* For a profiler: so often what is named so; false: there is no such thing */
bool native_repeat(const char *what, unsigned int count);

void native_kvcache_init(void);
struct kvc_cache *native_cache_new(u64 limit, u64 tier, u32 flags);
void native_cache_end(struct kvc_cache *c);
/* Nearly all pairs leave the tier for the tree of dirty ones, one by one. */
void native_kvcache_trees(const struct load *load, struct figures *figures);
/* None does: they are sorted when they are sealed. */
void native_kvcache_tier(const struct load *load, struct figures *figures);
void native_rocksdb(const struct load *load, struct figures *figures);

#endif
