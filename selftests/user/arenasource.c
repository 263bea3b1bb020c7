// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys that are read from a source when they miss, and purged when the source
 * changes: what was read before a purge is never met after it.
 */
#include <sched.h>
#include <linux/errno.h>
#include "arena.h"
#include "check.h"

static u32 key_of(const struct arena *a, u32 which, u8 *key, u32 *len)
{
	*len = keys_make(key, SOURCE_0 + which);
	return kvc_cache_hash(a->cache, key, *len);
}

static void raise_to(u64 *to, u64 value)
{
	u64 old = __atomic_load_n(to, __ATOMIC_RELAXED);

	while (old < value && !__atomic_compare_exchange_n(to, &old, value, true,
							   __ATOMIC_RELEASE,
							   __ATOMIC_RELAXED))
		;
}

/* The source changes first, then the cache is told (P5). */
static void change(struct worker *w, u32 which)
{
	struct arena *a = w->arena;
	u64 state = __atomic_add_fetch(&a->source[which], 1, __ATOMIC_SEQ_CST);
	struct kvc_cond always = {};
	u8 key[KEYS_LEN];
	u32 len, hash = key_of(a, which, key, &len);
	u64 now = 0, version;
	int err;

	if (random_below(&w->random, 2))
		err = kvc_cache_purge(a->cache, hash, key, len, 0, &now,
				      &version);
	else
		err = kvc_cache_del(a->cache, hash, key, len, &always, &now,
				    &version);
	CHECK(!err || err == -ENOENT, "%d", err);
	raise_to(&a->purged[which], state);
}

void arena_use_source(struct worker *w)
{
	u32 which = random_below(&w->random, SOURCES);
	struct arena *a = w->arena;
	u64 purged, count, token;

	if (random_below(&w->random, 4) == 0)
		return change(w, which);
	purged = __atomic_load_n(&a->purged[which], __ATOMIC_ACQUIRE);
	if (arena_get_or_token(w, SOURCE_0 + which, &count, &token)) {
		/* P16 */
		CHECK(count >= purged, "%llu is back, purged up to %llu",
		      (unsigned long long)count, (unsigned long long)purged);
		__atomic_fetch_add(&a->source_hits, 1, __ATOMIC_RELAXED);
		return;
	}
	count = __atomic_load_n(&a->source[which], __ATOMIC_SEQ_CST);
	if (random_below(&w->random, 8) == 0)
		sched_yield();
	if (arena_put(w, SOURCE_0 + which, count, KVC_OP_F_FILL, token, 0))
		__atomic_fetch_add(&a->late, 1, __ATOMIC_RELAXED);
}
