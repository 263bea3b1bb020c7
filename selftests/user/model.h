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
 * @token: of a GET that missed: the version for the fill, 0: none is on its way
 * @late: the key was changed or removed since
 * @changes: how often it was changed or removed, but for evictions
 */
struct pair {
	bool present;
	u64 version;
	u64 newest;
	u64 expiry;
	u64 seed;
	u32 value_len;
	u32 flags;
	u64 token;
	bool late;
	u64 changes;
};

/* Answers that a client keeps */
#define MODEL_KEPT	64

/**
 * struct kept - an answer that is kept
 * @used: it is, and its slot has not changed
 * @number: of the key
 * @slot: the key's slot, as it was before it was looked up
 * @changes: of the key, then
 */
struct kept {
	bool used;
	u32 number;
	u64 slot;
	u64 changes;
};

/**
 * struct floors - what fills a shard should refuse
 * @clock: the newest version that it gave or knows of
 * @all: a smaller version is refused
 * @slot: likewise, of the slot's keys
 */
struct floors {
	u64 clock;
	u64 all;
	u64 *slot;
};

struct told;

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
 * @fence: past which lookups should miss, 0: none
 * @bitten: and the cache should have told of it
 * @floors: of each shard
 * @told: what the cache should have told since the last read
 * @told_first: number of the first of these
 * @told_count: how many they are
 * @told_room: for how many there is room
 * @seq: of the event to be read next
 * @buf: to read them into
 * @read: events that were read
 * @lost: events that were lost
 * @fills: that were accepted with what a miss had said
 * @late: that were refused because the key had changed meanwhile
 * @kept: answers that a client keeps
 * @kept_at: where the next one goes
 * @kept_good: how often one was looked at and good
 * @kept_evicted: of these, when the cache did not have it any more
 * @kept_ended: how many were not good any more
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
	u64 fence;
	bool bitten;
	struct floors *floors;
	struct told *told;
	u64 told_first;
	u64 told_count;
	u64 told_room;
	u64 seq;
	void *buf;
	u64 read;
	u64 lost;
	u64 fills;
	u64 late;
	struct kept kept[MODEL_KEPT];
	u32 kept_at;
	u64 kept_good;
	u64 kept_evicted;
	u64 kept_ended;
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
void model_purge(struct model *m, u32 number);
/* What a GET missed before and was read from the source since */
void model_fill(struct model *m, u32 number);
/* On the whole cache */
void model_clear(struct model *m);
void model_shrink(struct model *m, unsigned int entries);
void model_maintain(struct model *m);
void model_set_size(struct model *m, u64 limit);
void model_advance(struct model *m, u64 ns);
void model_set_fence(struct model *m, u64 deadline);
void model_purge_prefix(struct model *m, u32 number);
void model_check_stats(struct model *m);

/* modelscan.c: reads a whole range, page by page */
void model_scan(struct model *m, u32 from, u32 to, bool prefix, u32 page);

/* modelfloor.c: the clocks and floors of the shards */
void model_floors_begin(struct model *m);
void model_floors_end(struct model *m);
u64 model_floor(const struct model *m, u32 number);
u64 model_clock(struct model *m, u32 number, u64 version);
u64 model_refuse(struct model *m, u32 number, u64 version);
void model_refuse_all(struct model *m);

/* modelevents.c: what the cache should tell, and reading what it tells */
#define MODEL_NO_KEY	(~0u)
void model_events_begin(struct model *m);
void model_events_end(struct model *m);
void model_event(struct model *m, enum kvc_event_reason reason, u32 number,
		 u64 version);
bool model_read_events(struct model *m);

/* modelnear.c: a client that keeps answers */
void model_open_slots(struct model *m);
u64 model_slot(const struct model *m, u32 number);
void model_keep(struct model *m, u32 number, u64 slot);
void model_check_kept(struct model *m);

/* A lookup comes: is the cache past its fence?  It tells of it once. */
static inline bool model_fenced(struct model *m)
{
	if (!m->fence || m->now < m->fence)
		return false;
	if (!m->bitten)
		model_event(m, KVC_EVENT_FENCED, MODEL_NO_KEY, 0);
	m->bitten = true;
	return true;
}

static inline bool model_live(const struct model *m, const struct pair *p)
{
	return p->present && (!p->expiry || p->expiry > m->now);
}

#endif
