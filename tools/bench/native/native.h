/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_BENCH_NATIVE_H
#define _KVC_BENCH_NATIVE_H

#include <linux/types.h>

#define KEY_LEN		16u
#define VALUE_LEN	32u

/**
 * struct load - what is done
 * @memtable: pairs that are inserted, then read in another order
 * @flush: pairs that are flushed
 * @directory: where a store may be, in memory
 */
struct load {
	unsigned int memtable;
	unsigned int flush;
	const char *directory;
};

/**
 * struct result - ns an item; 0: not measured
 * @insert: into an empty memtable
 * @get: from it, with a copy of the value
 * @flush: from memtable to sorted output
 * @seal: part of @flush
 * @iterate: likewise
 * @commit: after @flush
 */
struct result {
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

void native_kvcache_init(void);
/* Nearly all pairs leave the tier for the tree of dirty ones, one by one. */
void native_kvcache_trees(const struct load *load, struct result *result);
/* None does: they are sorted when they are sealed. */
void native_kvcache_tier(const struct load *load, struct result *result);
void native_rocksdb(const struct load *load, struct result *result);

#endif
