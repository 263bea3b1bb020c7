/* SPDX-License-Identifier: GPL-2.0-only */
/* The caches of the fake kernel; all under fake_lock() */
#ifndef SELFTESTS_FAKE_PAIRS_H
#define SELFTESTS_FAKE_PAIRS_H

#include "fake.h"

#define CACHES		16
#define RUNS		256

struct pair {
	struct pair *next;	/* in key order */
	bool dirty, gone;
	uint64_t version, expiry;
	uint32_t key_len, value_len, client_flags;
	unsigned char *key, *value;
};

struct run {
	uint64_t number;
	unsigned char *bytes;
	size_t len;
};

struct fake_cache {
	char name[KVC_NAME_MAX];
	uint64_t id;
	uint32_t flags;
	bool dead;
	uint64_t floor;		/* FILLs of older versions are refused */
	struct pair *pairs;
	uint64_t sealed[RUNS + 1];	/* version up to which a run goes */
	struct run runs[RUNS + 1];	/* by number, kept after the commit */
	uint64_t newest, committed;
	size_t at;		/* read of the oldest waiting run */
	int stream;		/* our end, -1: no flusher */
	int flusher;		/* the other one */
};

struct fake_cache *fake_find(const char *name);
struct fake_cache *fake_by_id(uint64_t id);
struct fake_cache *fake_by_stream(int stream);

/* Where the pair is or would be. */
struct pair **pair_at(struct fake_cache *c, const void *key, size_t len);
struct pair *pair_set(struct fake_cache *c, const void *key, size_t len,
		      const void *value, size_t value_len);
void pair_drop(struct pair **at);

/* The stream has something to read, or not. */
void stream_update(struct fake_cache *c);

void fake_changed(void);
void fake_sleep(void);	/* until something changed */
void fake_wait_while(const bool *held);

#endif /* SELFTESTS_FAKE_PAIRS_H */
