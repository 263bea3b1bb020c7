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
};

struct cache {
	struct kvc_config config;
	struct kvc_stats stats;
	struct pair *pairs;	/* sorted */
	uint32_t count;
	uint64_t version;
	uint64_t events;	/* number of the last one */
	uint64_t fence;
};

/* The cache of that name, or NULL. */
struct cache *fake_cache(const char *name);
void fake_caches_reset(void);

/* Carries an operation out that was checked; its result. */
int pairs_op(struct cache *cache, struct kvc_op *op);

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
