/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_STORE_H
#define BENCH_STORE_H

#include <kvcache.h>
#include <stdint.h>

#include "sequence.h"

/* A cache of kvcache for this program; all these end it when they fail. */

struct kvc *store_create(const char *name, uint64_t limit);
struct kvc *store_create_with(const char *name, uint64_t limit, uint32_t flags);
/* With other settings than the default ones; name, owner and mode are set. */
struct kvc *store_create_as(const char *name, struct kvc_config config);
/* Puts a pair for each key, many to a system call. */
void store_fill(struct kvc *kvc, const struct keys *keys);
/* Every key is there and none was ever evicted. */
void store_check(struct kvc *kvc, const struct keys *keys);
void store_stats(struct kvc *kvc, struct kvc_stats *stats);
void store_destroy(struct kvc *kvc, const char *name);

#endif
