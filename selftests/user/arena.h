/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_USER_ARENA_H
#define _KVC_USER_ARENA_H

#include "core/cache.h"
#include "keys.h"

/* Keys by what is done to them: all of a kind in a row */
#define STABLE		24	/* overwritten, never deleted */
#define COUNTERS	4	/* incremented by compare and swap */
#define VOLATILE	100	/* come and go, expire */
#define FILLERS		1500	/* make the buckets grow and shrink */
#define COUNTER_0	STABLE
#define VOLATILE_0	(COUNTER_0 + COUNTERS)
#define FILLER_0	(VOLATILE_0 + VOLATILE)
#define SOURCES		6	/* read from a source, purged when that changes */
#define SOURCE_0	(FILLER_0 + FILLERS)
#define KEYS		(SOURCE_0 + SOURCES)

/**
 * struct arena - what all threads work on
 * @cache: the cache
 * @config: of it
 * @iterations: of each worker
 * @lossy: pairs may be evicted and cleared
 * @working: workers that are not done
 * @covered: all that is to happen has happened
 * @counted: by counter: how often an increment was accepted
 * @source: by key: the source's state
 * @purged: by key: what is older was purged
 * @source_hits: keys of the source that were met
 * @late: fills of them that came too late
 * @listening: the listener waits for new events
 * @wakes: times that it was woken
 * @heard: events that it read
 * @lost: events that it came too late for
 */
struct arena {
	struct kvc_cache *cache;
	struct kvc_config config;
	u64 iterations;
	bool lossy;
	int working;
	bool covered;
	u64 counted[COUNTERS];
	u64 source[SOURCES];
	u64 purged[SOURCES];
	u64 source_hits;
	u64 late;
	bool listening;
	u64 wakes;
	u64 heard;
	u64 lost;
};

/**
 * struct worker - a thread
 * @arena: the common one
 * @random: its own
 * @newest: by key: the newest version that it has seen
 * @scans: that were completed
 */
struct worker {
	struct arena *arena;
	struct random random;
	u64 newest[KEYS];
	u64 scans;
};

extern const struct kvc_observer arena_observer;

/* Is it one of the keys that are never deleted? */
static inline bool arena_is_stable(u32 number)
{
	return number < VOLATILE_0;
}

/* Returns the version, and the count of the value, or 0. */
u64 arena_get(struct worker *w, u32 number, u64 *count);
/* As well, or what a fill should be stored with */
u64 arena_get_or_token(struct worker *w, u32 number, u64 *count, u64 *token);
void arena_see_version(struct worker *w, u32 number, u64 version);
int arena_put(struct worker *w, u32 number, u64 count, u32 flags, u64 version,
	      u64 expiry);

/* arenasource.c: one step of a program that fills and purges */
void arena_use_source(struct worker *w);

/* arenalisten.c: reads some events from number @next on */
bool arena_listen(struct worker *w, u64 *next);
void arena_doze(struct worker *w, u64 next);
void arena_woken(void *ctx, u64 seq);

void arena_read_something(struct worker *w);
void arena_write_something(struct worker *w, u64 i);
/* The @i's step of putting all fillers, then deleting all, and so on */
void arena_fill_or_empty(struct worker *w, u64 i);

#endif
