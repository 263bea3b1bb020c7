/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A cache that is served, and the kernel's cache of that name
 *
 * The latter can be destroyed and created anew, with another id: each of these
 * is a front.  It stays as long as somebody refers to it, and gives ESHUTDOWN
 * to all when the kernel's is gone.
 */
#ifndef KVCD_CACHE_H
#define KVCD_CACHE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "store.h"
#include "why.h"

struct cache;

/**
 * struct front - a cache of the kernel that kvcd is attached to
 * @refs: who refers to it
 * @gone: it was destroyed
 * @fd: the device, attached
 * @id: the cache's
 * @key_max: the longest key
 * @value_max: the longest value
 * @cache: what it is the front of
 */
struct front {
	atomic_int refs;
	atomic_bool gone;
	int fd;
	uint64_t id;
	uint32_t key_max;
	uint32_t value_max;
	struct cache *cache;
};

/**
 * struct counts - what was done since kvcd began
 * @runs: ingested
 * @repeats: runs that the store had already when they were offered
 * @records: in runs that were ingested
 * @tombstones: of these
 * @bytes: of keys and values in them
 * @failures: runs that could not be taken in
 * @gets: requests to read a key through
 * @joined: of these, those that waited for the look-up of another one
 * @lookups: keys looked for in the store
 * @found: of these, how many were there
 * @filled: what was then told to the kernel
 * @refused: what the kernel did not take
 * @errors: look-ups that the store failed in
 */
struct counts {
	_Atomic uint64_t runs;
	_Atomic uint64_t repeats;
	_Atomic uint64_t records;
	_Atomic uint64_t tombstones;
	_Atomic uint64_t bytes;
	_Atomic uint64_t failures;
	_Atomic uint64_t gets;
	_Atomic uint64_t joined;
	_Atomic uint64_t lookups;
	_Atomic uint64_t found;
	_Atomic uint64_t filled;
	_Atomic uint64_t refused;
	_Atomic uint64_t errors;
};

/**
 * struct cache - a cache that is served
 * @name: its name
 * @device: by which the kernel is reached
 * @store: where its pairs are
 * @column: its part of the store
 * @counts: what was done
 * @lock: of what follows
 * @front: what kvcd is attached to, NULL: nothing
 * @err: why the flusher does not get on, 0: it does
 * @why: the same in words
 */
struct cache {
	const char *name;
	const char *device;
	struct store *store;
	struct column *column;
	struct counts counts;
	pthread_mutex_t lock;
	struct front *front;
	int err;
	struct why why;
};

void cache_init(struct cache *cache, const char *name, const char *device,
		struct store *store);
void cache_exit(struct cache *cache);

/*
 * The front, attaching if there is none.  @id: another one than this will not
 * do, 0: any.  -ENOENT: no such cache, or one of another id; -EOPNOTSUPP: not a
 * write-behind cache; what opening and attaching give.  Then front_put().
 */
int cache_front(struct cache *cache, uint64_t id, struct front **out);

struct front *front_get(struct front *front);
void front_put(struct front *front);

/* Takes note of what the flusher failed by, and logs it when it is new. */
void cache_failed(struct cache *cache, int err, const struct why *why);
void cache_recovered(struct cache *cache);

static inline void count(_Atomic uint64_t *counter, uint64_t by)
{
	atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

#endif /* KVCD_CACHE_H */
