/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_USER_MODEL_H
#define _KVC_USER_MODEL_H

#include "core/cache.h"
#include "keys.h"

/**
 * struct pair - what the cache should hold for a key
 * @present: put, and neither deleted nor reported as gone
 * @version: of the pair
 * @newest: the newest version that the key ever had
 * @expiry: of the pair
 * @seed: of the value's bytes
 * @value_len: their number
 * @flags: the client's
 */
struct pair {
	bool present;
	u64 version;
	u64 newest;
	u64 expiry;
	u64 seed;
	u32 value_len;
	u32 flags;
};

/**
 * struct model - a cache, and what it should hold and count
 * @cache: the cache
 * @config: its settings
 * @pairs: by number of the key
 * @order: numbers in the order of the keys
 * @keys: how many there are
 * @now: the moment
 * @random: for values
 * @expect: what the cache should say of itself: those figures that it counts
 * @evicted: calls of the observer, by &enum kvc_reason
 * @allow: the reasons for which a pair may leave just now, a bit each
 * @errors: how often each errno was seen and right
 * @base_bytes: allocated beside pairs and tables
 */
struct model {
	struct kvc_cache *cache;
	struct kvc_config config;
	struct pair *pairs;
	u32 *order;
	u32 keys;
	u64 now;
	struct random random;
	struct kvc_stats expect;
	u64 evicted[KVC_REASONS];
	unsigned int allow;
	u64 errors[256];
	long base_bytes;
};

void model_begin(struct model *m, const struct kvc_config *config, u32 keys,
		 unsigned int cpus, u64 seed);
void model_end(struct model *m);

/*
 * Each does it to the cache and checks all that can be seen of it.
 * modelops.c: on one key
 */
void model_get(struct model *m, u32 number);
void model_put(struct model *m, u32 number, u32 flags, u32 value_len,
	       u64 expiry);
void model_del(struct model *m, u32 number, bool cas);
void model_touch(struct model *m, u32 number, u64 expiry);
/* On the whole cache */
void model_clear(struct model *m);
void model_shrink(struct model *m, unsigned int entries);
void model_maintain(struct model *m);
void model_set_size(struct model *m, u64 limit);
void model_advance(struct model *m, u64 ns);
void model_check_stats(struct model *m);

/* modelscan.c: reads a whole range, page by page */
void model_scan(struct model *m, u32 from, u32 to, bool prefix, u32 page);

static inline bool model_live(const struct model *m, const struct pair *p)
{
	return p->present && (!p->expiry || p->expiry > m->now);
}

#endif
