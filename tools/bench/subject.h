/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_SUBJECT_H
#define BENCH_SUBJECT_H

#include <kvcache.h>
#include <linux/bpf.h>

#include "sample.h"

/**
 * struct subject - a cache of kvcache and a BPF map with the same pairs
 * @name: of the cache
 * @keys: whose pairs they hold
 * @kvc: the cache, attached
 * @map: the map's descriptor
 */
struct subject {
	char name[KVC_NAME_MAX];
	const struct keys *keys;
	struct kvc *kvc;
	int map;
};

/* Creates both and fills them; @type is the map's. */
void subject_make(struct subject *s, const struct keys *keys,
		  enum bpf_map_type type, uint32_t entries);
/* Both still hold every key with one and the same value; then removes them. */
void subject_end(struct subject *s);

/* Removes them; for rows after which the two may hold different values. */
void subject_close(struct subject *s);

/* A limit under which nothing is evicted, with room for updates. */
uint64_t subject_limit(const struct keys *keys);
void subject_fill_map(int map, const struct keys *keys);

/* The two contenders; steps with STEP_UPDATE update, the others read. */
struct contender subject_cache(struct subject *s, const struct sequence *seq,
			       struct sample *sample);
struct contender subject_map(struct subject *s, const struct sequence *seq,
			     struct sample *sample);

#endif
