/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of behindrace share: a cache, a store in memory, and threads
 * that work on both
 */
#ifndef SELFTESTS_USER_BEHINDRACE_H
#define SELFTESTS_USER_BEHINDRACE_H

#include <pthread.h>
#include <linux/sizes.h>
#include "core/cache.h"
#include "keys.h"

#define WRITERS		3
#define WORKERS		5	/* and two readers */
#define OWN		400	/* keys of each writer */
#define STABLE		20	/* of these, never deleted */
#define COUNTERS	4
#define COUNTER_0	(WRITERS * OWN)
#define KEYS		(COUNTER_0 + COUNTERS)
#define BUF		SZ_64K

/* What the store has of a key */
struct stored {
	u64 version;
	u64 count;	/* 0: no such key */
};

/**
 * struct field - what all threads work on
 * @cache: the cache
 * @config: of it
 * @iterations: of each worker
 * @working: workers that are not done
 * @lock: covers @store and @runs
 * @store: by key
 * @runs: the newest run that the store has
 * @counted: by counter: increments that were acknowledged
 * @again: runs that the store was offered though it had them
 * @crossed: pairs that the store had and the cache not
 * @busy: writes that had to wait
 * @synced: waits for a run, after which the store was looked at
 */
struct field {
	struct kvc_cache *cache;
	struct kvc_config config;
	u64 iterations;
	int working;
	pthread_mutex_t lock;
	struct stored store[KEYS];
	u64 runs;
	u64 counted[COUNTERS];
	u64 again;
	u64 crossed;
	u64 busy;
	u64 synced;
};

/**
 * struct worker - a thread
 * @field: the common one
 * @random: its own
 * @first: number of its first key
 * @last: what it wrote last of each: a count, 0: deleted
 * @count: of its last write
 * @newest: by key: the newest version that it has seen
 */
struct worker {
	struct field *field;
	struct random random;
	u32 first;
	u64 last[OWN];
	u64 count;
	u64 newest[KEYS];
};

struct kvc_cond;

static inline bool race_goes_on(const struct field *f)
{
	return __atomic_load_n(&f->working, __ATOMIC_RELAXED) > 0;
}

static inline void race_add(u64 *to)
{
	__atomic_fetch_add(to, 1, __ATOMIC_RELAXED);
}

/* What the store has of a key */
struct stored race_stored(struct field *f, u32 number);

/*
 * Operations, which look at versions and contents.  Those that write wait as
 * long as there is no room; they give what the cache says otherwise.
 */
/* The count of the pair, and its version; 0: a miss, and the token of a fill */
u64 race_get(struct worker *w, u32 number, u64 *version, u64 *token);
/* Through the cache to the store; 0: there is no such key */
u64 race_read(struct worker *w, u32 number, u64 *version);
int race_put(struct worker *w, u32 number, u64 count,
	     const struct kvc_cond *cond);
int race_del(struct worker *w, u32 number);
int race_touch(struct worker *w, u32 number);
struct kvc_entry *race_entry(struct worker *w, u32 number, u64 count);
/* Until the flusher has got on since @progress */
void race_wait(struct field *f, u32 progress);

/* The threads; @arg: struct worker */
void *race_writer(void *arg);
void *race_reader(void *arg);
void *race_scanner(void *arg);
void *race_maintainer(void *arg);
void *race_disturber(void *arg);
void *race_flusher(void *arg);

#endif
