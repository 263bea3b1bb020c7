/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_BENCH_H
#define _KVC_BENCH_H

#include <linux/types.h>

#define KEY_LEN		16
#define VALUE_LEN	32

/**
 * struct table - a kind of hash table
 * @name: of it
 * @make: an empty one with room for so many pairs, or ERR_PTR()
 * @put: stores a pair.  Returns 0 or a negative errno.
 * @ready: all are stored, let it finish what it does in the background
 * @get: copies a key's value.  Returns 0, or not 0: it is not there.  Takes its
 *	own read section.
 * @free: the table and all pairs
 */
struct table {
	const char *name;
	void *(*make)(u32 pairs);
	int (*put)(void *table, const u8 *key, const u8 *value);
	void (*ready)(void *table);
	long (*get)(void *table, const u8 *key, u8 *value);
	void (*free)(void *table);
};

extern const struct table bench_kvcache;
extern const struct table bench_rhashtable;
extern const struct table bench_bpfmap;

int bench_kvcache_init(void);
void bench_kvcache_exit(void);

#endif
