/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_USER_BEHIND_H
#define _KVC_USER_BEHIND_H

#include "core/cache.h"
#include "core/stream.h"
#include "keys.h"

/* The number of a run that is not sealed yet */
#define BEHIND_UNSEALED	(~0ULL)
/* More runs than may wait */
#define BEHIND_RUNS	20

/**
 * struct value - what there is of a key
 * @there: a pair; else the key is absent
 * @len: bytes of the value
 * @flags: the client's
 * @seed: of the value's bytes
 * @expiry: of the pair
 * @version: of the pair, or of its tombstone
 */
struct value {
	bool there;
	u32 len;
	u32 flags;
	u64 seed;
	u64 expiry;
	u64 version;
};

/**
 * struct cell - a key, in the cache and in the store
 * @truth: what was acknowledged last
 * @store: what the store has
 * @run: in which run @truth is, or will be; 0: the store has it for good
 * @read: what was read of the store for a fill that is under way
 * @token: what it is to be stored with, 0: there is none
 * @early: the run that is being sealed has another value than @truth already
 * @early_value: this one
 * @written: when it was written last, by @tick of &struct behind
 * @changed: when it came or went last
 */
struct cell {
	struct value truth;
	struct value store;
	u64 run;
	struct value read;
	u64 token;
	bool early;
	struct value early_value;
	u64 written;
	u64 changed;
};

/**
 * struct sealed - what a run should have
 * @run: its number
 * @count: records
 * @record: numbers of keys in key order, and what of them
 */
struct sealed {
	u64 run;
	u32 count;
	struct {
		u32 number;
		struct value value;
	} *record;
};

/**
 * struct behind - a write-behind cache, its flusher, and a model of both
 * @cache: the cache
 * @config: its settings
 * @cells: by number of the key
 * @order: numbers in the order of the keys
 * @keys: how many there are
 * @now: the moment
 * @random: of all decisions
 * @base_bytes: allocated beside what the figures tell of
 * @runs: sealed and not committed, the oldest first
 * @waiting: their number
 * @stream: the flusher's
 * @buf: it reads into it
 * @at: records of the oldest run that it has read
 * @seq: frames likewise
 * @stored: the newest run that the store has
 * @wakes: calls of the observer's flush()
 * @meanwhile: does something while a longer call goes on
 * @inside: it does just now; @may_flush: the flusher's calls are among it
 * @tick: counts changes
 * @seen: how often what happened, for the coverage
 */
struct behind {
	struct kvc_cache *cache;
	struct kvc_config config;
	struct cell *cells;
	u32 *order;
	u32 keys;
	u64 now;
	struct random random;
	long base_bytes;
	struct sealed runs[BEHIND_RUNS];
	u32 waiting;
	struct kvc_stream stream;
	u8 *buf;
	u32 at;
	u32 seq;
	u64 stored;
	u64 wakes;
	void (*meanwhile)(struct behind *b);
	bool inside;
	bool may_flush;
	u64 tick;
	struct behind_seen {
		u64 hits, misses, absent, fills, late, negative, asked, busy,
		    blind, records, tombstones, commits, abandons, again,
		    aged, replaced, scanned, store_only, evicted,
		    meanwhile, early, crossed;
	} seen;
};

void behind_begin(struct behind *b, const struct kvc_config *config, u32 keys,
		  unsigned int cpus, u64 seed);
void behind_end(struct behind *b);
void behind_advance(struct behind *b, u64 ns);
/* Cache and store against the model, key by key; and the figures */
void behind_check(struct behind *b);

static inline bool behind_live(const struct behind *b, const struct value *v)
{
	return v->there && (!v->expiry || v->expiry > b->now);
}

struct kvc_shard *behind_shard(const struct behind *b, u32 number);
bool behind_same(const struct value *a, const struct value *b);
/* Has the key's value these bytes? */
bool behind_is_value(const u8 *bytes, const struct value *v);
void behind_fill_value(u8 *bytes, const struct value *v);
u32 behind_hash(const struct behind *b, u32 number, u8 *key, u32 *len);

/*
 * Around a call during which others may work on the cache: wherever it drops
 * its locks, they do.
 */
void behind_open(struct behind *b, bool may_flush);
void behind_close(struct behind *b);

/* behindops.c: operations on a key, and what they must say */
void behind_get(struct behind *b, u32 number, bool fill_later);
void behind_fill(struct behind *b, u32 number);
void behind_put(struct behind *b, u32 number, u32 flags, u32 len, u64 expiry);
void behind_del(struct behind *b, u32 number, bool cas);
void behind_touch(struct behind *b, u32 number, u64 expiry);
void behind_purge(struct behind *b, u32 number);

/* behindflush.c: the flusher and its store */
void behind_flush_begin(struct behind *b);
void behind_flush_end(struct behind *b);
void behind_sealed(struct behind *b);
void behind_seal(struct behind *b);
void behind_read(struct behind *b, size_t room);
void behind_commit(struct behind *b);
void behind_abandon(struct behind *b);
/* A run at least is sealed, read to its end and committed. */
void behind_flush_one(struct behind *b);

/* behindscan.c: a range of cache and store together, page by page */
void behind_scan(struct behind *b, u32 from, u32 to, u32 page);

#endif
