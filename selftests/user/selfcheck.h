/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_USER_SELFCHECK_H
#define _KVC_USER_SELFCHECK_H

#include "core/cache.h"
#include "keys.h"

/**
 * struct selfcheck - what a value begins with; the rest follows from it
 * @key: number of the key
 * @count: of the writer's choice
 * @seed: of the bytes that follow
 * @sum: of all of this
 */
struct selfcheck {
	u64 key;
	u64 count;
	u64 seed;
	u64 sum;
};

/* A complete entry for the key, with up to @most further bytes */
struct kvc_entry *selfcheck_entry(struct kvc_cache *c, u32 key, u64 count,
				  u64 seed, u32 most);
/* Ends the program when the entry is not whole; returns its key. */
u32 selfcheck_verify(const struct kvc_entry *e);
u64 selfcheck_count(const struct kvc_entry *e);

#endif
