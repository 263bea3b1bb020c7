/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Write-behind caches of the fake: what is dirty, what is known to be gone, and
 * the store behind, which only kvcd may look into (fake_kvcd.h)
 */
#ifndef SELFTESTS_FAKE_BEHIND_H
#define SELFTESTS_FAKE_BEHIND_H

#include "fake_pairs.h"

static inline bool is_behind(const struct cache *cache)
{
	return cache->config.flags & KVC_CACHE_F_WRITEBEHIND;
}

void behind_init(struct cache *cache);
void behind_exit(struct cache *cache);

int behind_op(struct cache *cache, struct kvc_op *op);
uint32_t behind_flags(uint32_t opcode);

/* Does a SCAN with these flags show it? */
bool behind_shown(const struct pair *pair, uint32_t flags);

/* How many pairs and tombstones the store has not seen */
unsigned int behind_dirty(const struct cache *cache);

/* A flusher takes all that is dirty to the store, or one key. */
void behind_commit(struct cache *cache);
void behind_commit_key(struct cache *cache, const void *key, uint32_t len);

/* Forgets what is clean, or one key if it is. */
void behind_evict(struct cache *cache);
void behind_evict_key(struct cache *cache, const void *key, uint32_t len);

#endif /* SELFTESTS_FAKE_BEHIND_H */
