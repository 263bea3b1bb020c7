// SPDX-License-Identifier: GPL-2.0-only
/*
 * behindrace: operations on the cache, and through it to the store
 */
#include <sched.h>
#include "core/stream.h"
#include "behindrace.h"
#include "check.h"
#include "selfcheck.h"

static u32 hash_of(const struct field *f, u32 number, u8 *key, u32 *len)
{
	*len = keys_make(key, number);
	return kvc_cache_hash(f->cache, key, *len);
}

static void see_version(struct worker *w, u32 number, u64 version)
{
	CHECK(version >= w->newest[number], "key %u: %llu after %llu", number,
	      (unsigned long long)version,
	      (unsigned long long)w->newest[number]);
	w->newest[number] = version;
}

/* Is there something, and what?  Else the version for a fill, or 0. */
u64 race_get(struct worker *w, u32 number, u64 *version, u64 *token)
{
	struct field *f = w->field;
	u8 key[KEYS_LEN];
	u32 len, hash = hash_of(f, number, key, &len);
	u64 now = 0, count = 0;
	struct kvc_entry *e;

	rcu_read_lock();
	e = kvc_cache_get(f->cache, hash, key, len, &now, token);
	if (e) {
		CHECK(selfcheck_verify(e) == number);
		see_version(w, number, e->version);
	}
	kvc_cache_count_get(f->cache, hash, e);
	if (e) {
		if (random_below(&w->random, 16) == 0)
			sched_yield();
		/* An aged entry is still what it was. */
		CHECK(selfcheck_verify(e) == number);
		*version = e->version;
		count = selfcheck_count(e);
	}
	rcu_read_unlock();
	return count;
}

struct kvc_entry *race_entry(struct worker *w, u32 number, u64 count)
{
	struct kvc_entry *e;

	e = selfcheck_entry(w->field->cache, number, count,
			    random_next(&w->random),
			    random_below(&w->random, 50) ? 60 : 1000);
	CHECK(e);
	return e;
}

/* What the store said is kept, if it is not too late: a pair, or its absence */
static void fill(struct worker *w, u32 number, u64 count, u64 token)
{
	struct kvc_cond cond = { .flags = KVC_OP_F_FILL, .version = token };
	struct kvc_entry *e = race_entry(w, number, count);
	u64 now = 0, version;
	int err;

	if (!count)
		e->state = KVC_ENTRY_TOMBSTONE;
	err = kvc_cache_put(w->field->cache, e, &cond, &now, &version);
	CHECK(!err || err == -ESTALE || err == -ENOSPC, "%d", err);
	if (err)
		kvc_entry_free(e);
	else
		see_version(w, number, version);
}

/* Through the cache to the store; 0: there is no such key */
u64 race_read(struct worker *w, u32 number, u64 *version)
{
	u64 token = 0, count = race_get(w, number, version, &token);

	if (count || !token)
		return count;
	count = race_stored(w->field, number).count;
	if (random_below(&w->random, 16) == 0)
		sched_yield();
	if (random_below(&w->random, 4))
		fill(w, number, count, token);
	race_add(&w->field->crossed);
	return count;
}

void race_wait(struct field *f, u32 progress)
{
	race_add(&f->busy);
	while (kvc_flush_progress(f->cache) == progress)
		sched_yield();
}

int race_put(struct worker *w, u32 number, u64 count,
	     const struct kvc_cond *cond)
{
	struct kvc_entry *e = race_entry(w, number, count);
	struct field *f = w->field;
	u64 now, version = 0;
	u32 progress;
	int err;

	do {
		now = 0;
		progress = kvc_flush_progress(f->cache);
		err = kvc_cache_put(f->cache, e, cond, &now, &version);
		if (err == -EBUSY)
			race_wait(f, progress);
	} while (err == -EBUSY);
	if (err)
		kvc_entry_free(e);
	else
		see_version(w, number, version);
	return err;
}

int race_del(struct worker *w, u32 number)
{
	struct field *f = w->field;
	struct kvc_cond cond = {};
	u8 key[KEYS_LEN];
	u32 len, hash = hash_of(f, number, key, &len), progress;
	u64 now, version;
	int err;

	do {
		now = 0;
		progress = kvc_flush_progress(f->cache);
		err = kvc_cache_del(f->cache, hash, key, len, &cond, &now,
				    &version);
		if (err == -EBUSY)
			race_wait(f, progress);
	} while (err == -EBUSY);
	return err;
}

int race_touch(struct worker *w, u32 number)
{
	struct field *f = w->field;
	u8 key[KEYS_LEN];
	u32 len, hash = hash_of(f, number, key, &len), progress;
	u64 now, version = 0;
	int err;

	do {
		now = 0;
		progress = kvc_flush_progress(f->cache);
		err = kvc_cache_touch(f->cache, hash, key, len, 0, &now,
				      &version);
		if (err == -EBUSY)
			race_wait(f, progress);
	} while (err == -EBUSY);
	if (!err)
		see_version(w, number, version);
	return err;
}
