/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SELFTESTS_FAKE_PAIRS_H
#define SELFTESTS_FAKE_PAIRS_H

#include <stdbool.h>
#include <kvcache.h>

struct pair {
	unsigned char *key;
	unsigned char *value;
	uint32_t key_len;
	uint32_t value_len;
	uint32_t client_flags;
	uint64_t version;
	uint64_t expiry;
	/* In a write-behind cache: */
	bool dirty;		/* the store has not seen it */
	bool gone;		/* deleted, or known not to be in the store */
};

struct cache {
	struct kvc_config config;
	struct kvc_stats stats;
	struct pair *pairs;	/* sorted */
	uint32_t count;
	uint64_t version;
	uint64_t events;	/* number of the last one */
	uint64_t fence;
	uint64_t floor;		/* no fill that is not newer */
	struct cache *store;	/* behind a write-behind cache, or NULL */
};

/* The cache of that name, or NULL. */
struct cache *fake_cache(const char *name);
void fake_caches_reset(void);

/* Carries an operation out that was checked; its result. */
int pairs_op(struct cache *cache, struct kvc_op *op);

/* Where the key is (*found) or would be. */
uint32_t pairs_place(const struct cache *cache, const void *key, uint32_t len,
		     bool *found);
void pairs_remove(struct cache *cache, uint32_t at);

/* Puts a copy of the pair at the place, in the place of one that is there. */
struct pair *pairs_set(struct cache *cache, uint32_t at, bool found,
		       const struct pair *pair);

/* The pair's expiry from what an operation says; 0 or -ERANGE. */
int pairs_expiry(uint64_t *out, const struct kvc_op *op);
bool pairs_expired(const struct pair *pair);
/* CLOCK_BOOTTIME */
uint64_t pairs_now(void);

/* Copies a pair to where a GET wants it. */
int pairs_give(const struct pair *pair, struct kvc_op *op);

/* What an opcode may come with. */
uint32_t pairs_flags(uint32_t opcode);
bool pairs_value(uint32_t opcode);

bool pairs_in_range(const struct pair *pair, const struct kvc_scan *scan);

/* Adds a record; false when there is no room. */
bool pairs_add_record(struct kvc_scan *scan, const struct pair *pair);

void pairs_clear(struct cache *cache);

/* Removes a key, or all that begin with it; how many. */
unsigned int pairs_purge(struct cache *cache, const void *key, size_t len,
			 bool prefix);

#endif /* SELFTESTS_FAKE_PAIRS_H */
