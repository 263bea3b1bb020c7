// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the workers of the torture test do.  In the manner of rcutorture a
 * reader keeps what it found for a while and looks at it again before its read
 * section ends.
 */
#include <sched.h>
#include <linux/timekeeping.h>
#include "arena.h"
#include "check.h"
#include "selfcheck.h"

static void see_kick(void *ctx, unsigned int delay_ms)
{
}

static void see_evict(void *ctx, const struct kvc_entry *e,
		      enum kvc_reason reason)
{
	const struct arena *a = ctx;

	selfcheck_verify(e);
	CHECK(a->lossy || reason == KVC_REASON_EXPIRED ||
	      reason == KVC_REASON_CLEARED, "reason %d", reason);
}

static void see_migrate(void *ctx, const struct kvc_entry *e, bool up)
{
	selfcheck_verify(e);
}

const struct kvc_observer arena_observer = {
	.kick = see_kick,
	.evict = see_evict,
	.migrate = see_migrate,
	.event = arena_woken,
};

static u32 key_of(const struct arena *a, u32 number, u8 *key, u32 *len)
{
	*len = keys_make(key, number);
	return kvc_cache_hash(a->cache, key, *len);
}

void arena_see_version(struct worker *w, u32 number, u64 version)
{
	CHECK(version >= w->newest[number], "key %u: %llu after %llu", number,
	      (unsigned long long)version,
	      (unsigned long long)w->newest[number]);
	w->newest[number] = version;
}

static void linger(struct worker *w)
{
	u32 turns = random_below(&w->random, 64);

	for (turns = turns < 60 ? 0 : turns - 58; turns; turns--)
		sched_yield();
}

u64 arena_get_or_token(struct worker *w, u32 number, u64 *count, u64 *token)
{
	struct arena *a = w->arena;
	u64 now = 0, version = 0;
	struct kvc_entry *e;
	u8 key[KEYS_LEN];
	u32 len, hash = key_of(a, number, key, &len);

	rcu_read_lock();
	e = kvc_cache_get(a->cache, hash, key, len, &now, token);
	/* L9 */
	CHECK(e || a->lossy || !arena_is_stable(number), "key %u", number);
	if (e) {
		CHECK(selfcheck_verify(e) == number);
		arena_see_version(w, number, e->version);
	}
	kvc_cache_count_get(a->cache, hash, e);
	if (e) {
		linger(w);
		/* C1: an aged entry is still what it was. */
		CHECK(selfcheck_verify(e) == number);
		version = e->version;
		*count = selfcheck_count(e);
	}
	rcu_read_unlock();
	return version;
}

u64 arena_get(struct worker *w, u32 number, u64 *count)
{
	u64 token;

	return arena_get_or_token(w, number, count, &token);
}

int arena_put(struct worker *w, u32 number, u64 count, u32 flags, u64 version,
	      u64 expiry)
{
	struct kvc_cond cond = { .flags = flags, .version = version };
	struct arena *a = w->arena;
	struct kvc_entry *e;
	u64 now = 0;
	int err;

	version = 0;
	e = selfcheck_entry(a->cache, number, count, random_next(&w->random),
			    number < STABLE ? 40 : 300);
	CHECK(e);
	e->expiry = expiry;
	err = kvc_cache_put(a->cache, e, &cond, &now, &version);
	if (err)
		kvc_entry_free(e);
	else
		arena_see_version(w, number, version);
	CHECK(!err || err == -ESTALE || err == -EEXIST || err == -ENOENT,
	      "%d", err);
	return err;
}

static void increment(struct worker *w)
{
	u32 which = random_below(&w->random, COUNTERS);
	u64 count = 0, version;

	version = arena_get(w, COUNTER_0 + which, &count);
	if (!version)
		return;
	if (!arena_put(w, COUNTER_0 + which, count + 1, KVC_OP_F_CAS, version,
		       0))
		__atomic_fetch_add(&w->arena->counted[which], 1,
				   __ATOMIC_RELAXED);
}

static u64 soon(struct worker *w)
{
	return ktime_get_boottime_ns() + random_below(&w->random, 2000000);
}

static void come_or_go(struct worker *w)
{
	u32 number = VOLATILE_0 + random_below(&w->random, VOLATILE);
	struct arena *a = w->arena;
	struct kvc_cond cond = {};
	u8 key[KEYS_LEN];
	u32 len, hash = key_of(a, number, key, &len);
	u64 now = 0, version;
	int err;

	switch (random_below(&w->random, 5)) {
	case 0:
		err = kvc_cache_del(a->cache, hash, key, len, &cond, &now,
				    &version);
		CHECK(!err || err == -ENOENT);
		break;
	case 1:
		err = kvc_cache_touch(a->cache, hash, key, len, soon(w), &now,
				      &version);
		CHECK(!err || err == -ENOENT);
		break;
	case 2:
		arena_put(w, number, 0, KVC_OP_F_CREATE, 0, soon(w));
		break;
	default:
		arena_put(w, number, 0, 0, 0, soon(w));
	}
}

void arena_fill_or_empty(struct worker *w, u64 i)
{
	u32 number = FILLER_0 + i % FILLERS;
	struct arena *a = w->arena;
	struct kvc_cond cond = {};
	u8 key[KEYS_LEN];
	u32 len, hash = key_of(a, number, key, &len);
	u64 now = 0, version;

	if (i / FILLERS % 2 == 0)
		arena_put(w, number, 0, 0, 0, 0);
	else
		kvc_cache_del(a->cache, hash, key, len, &cond, &now, &version);
}

void arena_read_something(struct worker *w)
{
	static const u32 below[] = { STABLE, VOLATILE_0, FILLER_0, SOURCE_0 };
	u64 count;

	if (random_below(&w->random, 8) == 0)
		return arena_use_source(w);
	arena_get(w, random_below(&w->random, below[random_next(&w->random) %
					      ARRAY_SIZE(below)]), &count);
}

void arena_write_something(struct worker *w, u64 i)
{
	switch (random_below(&w->random, 8)) {
	case 0 ... 1:
		arena_put(w, random_below(&w->random, STABLE), i, 0, 0, 0);
		break;
	case 2 ... 3:
		come_or_go(w);
		break;
	case 4:
		increment(w);
		break;
	case 5:
		arena_use_source(w);
		break;
	default:
		arena_read_something(w);
	}
}
