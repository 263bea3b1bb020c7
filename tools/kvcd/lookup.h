/* SPDX-License-Identifier: GPL-2.0-only */
/* Keys that are being read through: one look-up for all who wait for it */
#ifndef KVCD_LOOKUP_H
#define KVCD_LOOKUP_H

#include "cache.h"
#include "pool.h"

#define LOOKUP_BUCKETS	1024

struct lookup;
struct request;

/**
 * struct lookups - those under way; the main loop's
 * @pool: whose threads do them
 * @seed: of the keys' hash, which clients are not to know
 * @buckets: chains of them
 */
struct lookups {
	struct pool *pool;
	uint64_t seed;
	struct lookup *buckets[LOOKUP_BUCKETS];
};

void lookups_init(struct lookups *lookups, struct pool *pool);

/* Answers the request when the key was read; -ENOMEM: it never will. */
int lookups_want(struct lookups *lookups, struct request *request,
		 struct front *front, const void *key, uint32_t len);

#endif /* KVCD_LOOKUP_H */
