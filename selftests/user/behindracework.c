// SPDX-License-Identifier: GPL-2.0-only
/*
 * behindrace: the threads on the side of the cache
 */
#include <sched.h>
#include "core/scan.h"
#include "core/stream.h"
#include "behindrace.h"
#include "check.h"

/* L9, L10: nobody else writes the key, so it is as it was left. */
static void check_own(struct worker *w, u32 i)
{
	u64 version, count = race_read(w, w->first + i, &version);

	CHECK(count == w->last[i], "key %u: %llu, not %llu", w->first + i,
	      (unsigned long long)count, (unsigned long long)w->last[i]);
}

static void change_own(struct worker *w, u32 i)
{
	static const struct kvc_cond always;
	int err;

	switch (random_below(&w->random, 6)) {
	case 0:
		if (i < STABLE)
			break;
		err = race_del(w, w->first + i);
		CHECK(!err || (err == -ENOENT && !w->last[i]), "%d", err);
		w->last[i] = 0;
		break;
	case 1:
		err = race_touch(w, w->first + i);
		CHECK(err == -ENODATA || err == (w->last[i] ? 0 : -ENOENT),
		      "%d", err);
		break;
	default:
		CHECK(!race_put(w, w->first + i, ++w->count, &always));
		w->last[i] = w->count;
	}
}

/* What was acknowledged before the seal is in the store after the commit. */
static void sync_own(struct worker *w)
{
	struct field *f = w->field;
	u32 i, progress;
	u64 run = 0;
	int err;

	do {
		progress = kvc_flush_progress(f->cache);
		err = kvc_flush_seal(f->cache, &run);
		CHECK(!err || err == -EAGAIN, "%d", err);
		if (err)
			race_wait(f, progress);
	} while (err);
	while (kvc_flush_committed(f->cache) < run)
		sched_yield();
	for (i = 0; i < OWN; i++)
		CHECK(race_stored(f, w->first + i).count == w->last[i],
		      "key %u", w->first + i);
	race_add(&f->synced);
}

static void increment(struct worker *w)
{
	u32 which = random_below(&w->random, COUNTERS);
	u64 version = 0, token, count;
	struct kvc_cond cond = { .flags = KVC_OP_F_CAS };
	int err;

	count = race_get(w, COUNTER_0 + which, &version, &token);
	if (!count) {
		race_read(w, COUNTER_0 + which, &version);
		return;
	}
	cond.version = version;
	err = race_put(w, COUNTER_0 + which, count + 1, &cond);
	CHECK(!err || err == -ESTALE || err == -ENODATA, "%d", err);
	if (!err)
		race_add(&w->field->counted[which]);
}

void *race_writer(void *arg)
{
	struct worker *w = arg;
	u64 i;

	check_doing("behindrace: writer");
	for (i = 0; i < w->field->iterations; i++) {
		switch (random_below(&w->random, 8)) {
		case 0:
			increment(w);
			break;
		case 1 ... 3:
			check_own(w, random_below(&w->random, OWN));
			break;
		default:
			change_own(w, random_below(&w->random,
						   i / 2000 % 2 ? OWN : 50));
		}
		if (random_below(&w->random, 3000) == 0)
			sync_own(w);
	}
	__atomic_fetch_sub(&w->field->working, 1, __ATOMIC_RELAXED);
	return NULL;
}

void *race_reader(void *arg)
{
	struct worker *w = arg;
	u64 i, version;

	check_doing("behindrace: reader");
	for (i = 0; i < w->field->iterations; i++)
		race_read(w, random_below(&w->random, KEYS), &version);
	__atomic_fetch_sub(&w->field->working, 1, __ATOMIC_RELAXED);
	return NULL;
}

/* Keys that are never deleted: on a page, or in the store */
static void scan(struct worker *w, bool *met)
{
	struct kvc_range range = { .gone = true };
	u8 last[KEYS_LEN];
	struct kvc_page p;
	const u8 *key;
	u32 i, len;
	bool more;

	do {
		CHECK(!kvc_page_init(&p, w->field->cache, 60));
		kvc_page_collect(&p, w->field->cache, &range);
		for (i = 0; i < p.count; i++) {
			key = kvc_page_key(&p, i, &len);
			CHECK(!range.after_len ||
			      keys_order(last, range.after_len, key, len) < 0);
			met[keys_number(key, len)] = true;
			memcpy(last, key, len);
			range.after = last;
			range.after_len = len;
		}
		more = p.more;
		kvc_page_exit(&p);
	} while (more);
}

static bool is_stable(u32 number)
{
	return number >= COUNTER_0 || number % OWN < STABLE;
}

void *race_scanner(void *arg)
{
	struct worker *w = arg;
	bool met[KEYS];
	u32 i;

	check_doing("behindrace: scanner");
	do {
		memset(met, 0, sizeof(met));
		scan(w, met);
		/* L9 */
		for (i = 0; i < KEYS; i++)
			CHECK(met[i] || !is_stable(i) ||
			      race_stored(w->field, i).count, "key %u", i);
	} while (race_goes_on(w->field));
	return NULL;
}

void *race_maintainer(void *arg)
{
	struct worker *w = arg;

	check_doing("behindrace: maintainer");
	do {
		kvc_cache_maintain(w->field->cache);
		sched_yield();
	} while (race_goes_on(w->field));
	return NULL;
}

static void set_size(struct field *f, u64 limit, u64 tier)
{
	struct kvc_config g = f->config;
	u32 shard = 0;

	g.limit = limit;
	g.tier = tier;
	g.tier_min = 0;
	g.tier_max = 0;
	g.memtable = 0;
	CHECK(!kvc_config_complete(&g));
	kvc_cache_set_size(f->cache, &g);
	while (kvc_cache_fit_step(f->cache, &shard))
		;
}

void *race_disturber(void *arg)
{
	struct worker *w = arg;
	struct field *f = w->field;
	u64 limit;
	u32 shard;

	check_doing("behindrace: disturber");
	do {
		limit = f->config.limit >> random_below(&w->random, 2);
		shard = 0;
		switch (random_below(&w->random, 20)) {
		case 0:
			while (kvc_cache_clear_step(f->cache, &shard))
				;
			break;
		case 1 ... 8:
			kvc_cache_shrink(f->cache, random_below(&w->random, 99));
			break;
		case 9 ... 10:
			set_size(f, limit, limit / (3 + random_below(&w->random,
								     30)));
			break;
		}
		sched_yield();
	} while (race_goes_on(f));
	return NULL;
}
