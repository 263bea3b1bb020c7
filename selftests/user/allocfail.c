// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each operation with its first allocation failing, its second, and so on
 * until none fails.  After each failure the cache is as it was, or the
 * operation is complete, and nothing is leaked.
 */
#include <stdlib.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <shim/alloc.h>
#include "core/lookup.h"
#include "core/pool.h"
#include "core/prefix.h"
#include "core/scan.h"
#include "core/slot.h"
#include "core/stream.h"
#include "check.h"
#include "selfcheck.h"

#define PAIRS	300
/* Bytes: two pages and a bit, of which a power of two has more */
#define LARGE	9000

static struct kvc_cache *cache;
static const struct kvc_cond always;

static void see_kick(void *ctx, unsigned int delay_ms)
{
}

static const struct kvc_observer observer = { .kick = see_kick };

static struct kvc_config config_of(u32 policy, u32 flags)
{
	struct kvc_config config = {
		.name = "allocfail",
		.limit = SZ_2M,
		.value_max = SZ_64K,
		.policy = policy,
		.flags = flags,
	};

	CHECK(!kvc_config_complete(&config));
	return config;
}

static int create(enum kvc_mode mode)
{
	u32 flags = mode == KVC_MODE_WRITEBEHIND ? KVC_CACHE_F_WRITEBEHIND : 0;
	struct kvc_config config = config_of(KVC_POLICY_S3FIFO, flags);

	cache = kvc_cache_create(&config, 4, &observer, NULL);
	return PTR_ERR_OR_ZERO(cache);
}

static void destroy(void)
{
	kvc_cache_kill(cache);
	synchronize_rcu();
	kvc_cache_free(cache);
	cache = NULL;
}

static int put(u32 number, u64 count, u32 most)
{
	struct kvc_entry *e = selfcheck_entry(cache, number, count, most, most);
	u64 now = 0, version;
	int err;

	if (!e)
		return -ENOMEM;
	err = kvc_cache_put(cache, e, &always, &now, &version);
	if (err)
		kvc_entry_free(e);
	return err;
}

static int del(u32 number)
{
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);
	u64 now = 0, version;

	return kvc_cache_del(cache, kvc_cache_hash(cache, key, len), key, len,
			     &always, &now, &version);
}

/* The count of the pair's value, or -1 when there is no such pair */
static long count_of(u32 number)
{
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);
	struct kvc_entry *e;
	long count = -1;
	u64 now = 0;

	rcu_read_lock();
	e = kvc_cache_find(cache, kvc_cache_hash(cache, key, len), key, len,
			   &now);
	if (e) {
		CHECK(selfcheck_verify(e) == number);
		count = selfcheck_count(e);
	}
	rcu_read_unlock();
	return count;
}

static void check_pairs(u32 pairs)
{
	struct kvc_stats st;
	u32 i;

	for (i = 0; i < pairs; i++)
		CHECK(count_of(i) == i, "pair %u", i);
	kvc_cache_stats(cache, &st);
	CHECK(st.entries_tier + st.entries_memtable == pairs);
}

static void settle(void)
{
	struct kvc_stats st;

	do {
		kvc_cache_maintain(cache);
		synchronize_rcu();
		kvc_cache_stats(cache, &st);
	} while (st.bytes_deferred);
}

static int op_pool(void)
{
	int err;

	kvc_pool_exit();
	err = kvc_pool_init(sizeof(struct kvc_entry));
	return err;
}

/* What failed must leave a pool that can be made again. */
static void undo_pool(int err)
{
	if (err)
		CHECK(!kvc_pool_init(sizeof(struct kvc_entry)));
}

static int op_create(void)
{
	return create(KVC_MODE_CACHE);
}

static void undo_create(int err)
{
	if (!err)
		destroy();
	cache = NULL;
}

static int op_put_new(void)
{
	return put(PAIRS, PAIRS, 100);
}

/* Pages that hang together are not to be had, so others are taken. */
static int op_put_medium(void)
{
	return put(PAIRS, PAIRS, 4000);
}

static int op_put_large(void)
{
	return put(PAIRS, PAIRS, 40000);
}

static void undo_put_new(int err)
{
	CHECK(count_of(PAIRS) == (err ? -1 : PAIRS));
	if (!err)
		CHECK(!del(PAIRS));
	settle();
	check_pairs(PAIRS);
}

static int op_put_replace(void)
{
	return put(7, 1000000, 100);
}

static void undo_put_replace(int err)
{
	CHECK(count_of(7) == (err ? 7 : 1000000));
	if (!err)
		CHECK(!put(7, 7, 40));
	settle();
	check_pairs(PAIRS);
}

static int op_delete(void)
{
	return del(7);
}

static void undo_delete(int err)
{
	CHECK(count_of(7) == (err ? 7 : -1));
	if (!err)
		CHECK(!put(7, 7, 40));
	check_pairs(PAIRS);
}

/* Without memory for a table the old one stays, and nobody is told. */
static int op_maintain(void)
{
	kvc_cache_maintain(cache);
	return 0;
}

static void undo_maintain(int err)
{
	struct kvc_stats st;

	check_pairs(PAIRS);
	kvc_cache_maintain(cache);
	kvc_cache_stats(cache, &st);
	CHECK(st.index_resizes >= 3, "%llu", (unsigned long long)st.index_resizes);
}

static int op_scan(void)
{
	struct kvc_range range = {};
	struct kvc_page p;
	int err = kvc_page_init(&p, cache, 2 * PAIRS);

	if (err)
		return err;
	kvc_page_collect(&p, cache, &range);
	CHECK(p.count == PAIRS && !p.more);
	kvc_page_exit(&p);
	return 0;
}

static struct kvc_prefix prefix;

static int op_prefix(void)
{
	kvc_prefix_init(&prefix, NULL, 0);
	return kvc_prefix_purge(&prefix, cache);
}

/* What had no memory for a step goes on when there is some. */
static void undo_prefix(int err)
{
	CHECK(prefix.purged == (err ? 0 : PAIRS));
	check_pairs(err ? PAIRS : 0);
	if (err)
		CHECK(!kvc_prefix_purge(&prefix, cache));
	CHECK(prefix.purged == PAIRS);
	check_pairs(0);
}

static int op_touch(void)
{
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, 7);
	u64 now = 0, version;

	return kvc_cache_touch(cache, kvc_cache_hash(cache, key, len), key, len,
			       1ULL << 60, &now, &version);
}

static void undo_touch(int err)
{
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, 7);
	struct kvc_entry *e;
	u64 now = 0;

	rcu_read_lock();
	e = kvc_cache_find(cache, kvc_cache_hash(cache, key, len), key, len,
			   &now);
	CHECK(e && e->expiry == (err ? 0 : 1ULL << 60));
	rcu_read_unlock();
	check_pairs(PAIRS);
}

static int op_seal(void)
{
	u64 run;

	return kvc_flush_seal(cache, &run);
}

/* Reads and commits a run; returns its records, 0: there is none. */
static u64 flush_run(void)
{
	static u8 buf[SZ_1M] __aligned(8);
	const struct kvc_flush_frame *frame = (void *)buf;
	struct kvc_stream st;
	u64 run, records;

	CHECK(!kvc_stream_init(&st, cache));
	if (kvc_stream_read(&st, buf, sizeof(buf)) <= 0) {
		kvc_stream_exit(&st);
		return 0;
	}
	CHECK(frame->flags & KVC_FLUSH_LAST);
	run = frame->run;
	records = frame->total;
	CHECK(!kvc_stream_commit(&st, run));
	kvc_stream_exit(&st);
	return records;
}

/*
 * What was not sealed for want of memory is when there is some: all pairs are
 * in one run or in two.
 */
static void undo_seal(int err)
{
	u64 records, run = 0;

	check_pairs(PAIRS);
	CHECK(kvc_flush_dirty(cache) == PAIRS);
	records = flush_run();
	CHECK(err ? records < PAIRS : records == PAIRS);
	CHECK(kvc_flush_dirty(cache) == PAIRS - records);
	CHECK(!kvc_flush_seal(cache, &run));
	if (run)
		records += flush_run();
	CHECK(records == PAIRS, "%llu", (unsigned long long)records);
	CHECK(!kvc_flush_dirty(cache));
	check_pairs(PAIRS);
}

static struct kvc_stream stream;

static int op_stream(void)
{
	return kvc_stream_init(&stream, cache);
}

static void undo_stream(int err)
{
	if (!err)
		kvc_stream_exit(&stream);
}

/* The background seals what is asked for, later if it has no memory now. */
static int op_maintain_behind(void)
{
	kvc_flush_want(cache);
	kvc_cache_maintain(cache);
	return 0;
}

static void undo_maintain_behind(int err)
{
	u64 records = 0, more;

	do {
		kvc_cache_maintain(cache);
		more = flush_run();
		records += more;
	} while (more);
	CHECK(records == PAIRS, "%llu", (unsigned long long)records);
	check_pairs(PAIRS);
}

static int op_slots(void)
{
	const struct kvc_slots *slots = kvc_slot_open(cache);

	return IS_ERR(slots) ? PTR_ERR(slots) : 0;
}

/* Nothing may be kept before there are slots; the next one makes them. */
static void undo_slots(int err)
{
	u64 slot = kvc_slot_read(cache, 0, "key", 3);

	CHECK(!err == !(KVC_SLOT_COUNT(slot) & 1));
	CHECK(!op_slots());
	slot = kvc_slot_read(cache, 0, "key", 3);
	CHECK(!(KVC_SLOT_COUNT(slot) & 1));
}

/**
 * struct case - an operation and how to get back to before it
 * @name: for the report
 * @op: returns 0 or a negative errno
 * @undo: checks what there is after @op gave @err, and takes it back
 * @mode: of the cache that @op needs; -1: none
 * @silent: @op carries on without the memory
 * @again: make a new cache for each round
 */
static const struct fail_case {
	const char *name;
	int (*op)(void);
	void (*undo)(int err);
	int mode;
	bool silent;
	bool again;
} cases[] = {
	{ "pool", op_pool, undo_pool, -1, false, false },
	{ "create", op_create, undo_create, -1, false, false },
	{ "put_new", op_put_new, undo_put_new, KVC_MODE_CACHE, false, false },
	{ "put_medium", op_put_medium, undo_put_new, KVC_MODE_CACHE, true,
	  false },
	{ "put_large", op_put_large, undo_put_new, KVC_MODE_CACHE, false,
	  false },
	{ "put_replace", op_put_replace, undo_put_replace, KVC_MODE_CACHE,
	  false, false },
	{ "tombstone", op_delete, undo_delete, KVC_MODE_WRITEBEHIND, false,
	  true },
	{ "maintain", op_maintain, undo_maintain, KVC_MODE_CACHE, true, true },
	{ "slots", op_slots, undo_slots, KVC_MODE_CACHE, false, true },
	{ "scan", op_scan, NULL, KVC_MODE_CACHE, false, false },
	{ "prefix", op_prefix, undo_prefix, KVC_MODE_CACHE, false, true },
	{ "touch", op_touch, undo_touch, KVC_MODE_WRITEBEHIND, false, true },
	{ "seal", op_seal, undo_seal, KVC_MODE_WRITEBEHIND, false, true },
	{ "stream", op_stream, undo_stream, KVC_MODE_WRITEBEHIND, false,
	  false },
	{ "maintain_behind", op_maintain_behind, undo_maintain_behind,
	  KVC_MODE_WRITEBEHIND, true, true },
};

static void begin(const struct fail_case *c)
{
	u32 i;

	if (c->mode < 0)
		return;
	CHECK(!create(c->mode));
	for (i = 0; i < PAIRS; i++)
		CHECK(!put(i, i, 40));
	if (!c->again)
		settle();
}

static void end(const struct fail_case *c)
{
	if (c->mode >= 0)
		destroy();
}

/* Returns false when nothing failed: the operation asks for less. */
static bool fail_nth(const struct fail_case *c, long nth)
{
	long before = shim_live_objects();
	bool failed;
	int err;

	check_doing("allocfail.%s, %ld", c->name, nth);
	if (c->again)
		begin(c);
	shim_fail_nth(nth);
	err = c->op();
	failed = shim_failed();
	shim_fail_nth(0);
	CHECK(err == (failed && !c->silent ? -ENOMEM : 0), "%d", err);
	if (c->undo)
		c->undo(err);
	if (c->again)
		end(c);
	CHECK(shim_live_objects() == before, "%ld objects leaked",
	      shim_live_objects() - before);
	return failed;
}

static void run(const struct fail_case *c)
{
	long nth = 1;

	if (!c->again)
		begin(c);
	while (fail_nth(c, nth))
		nth++;
	CHECK(nth > 1, "%s allocates nothing", c->name);
	if (!c->again)
		end(c);
	check_passed("allocfail.%s, %ld points", c->name, nth - 1);
}

static int put_large(u32 number)
{
	struct kvc_entry *e;
	u8 key[KEYS_LEN];
	u32 len = keys_make(key, number);
	u64 now = 0, version;
	int err;

	e = kvc_entry_alloc(len, LARGE);
	if (!e)
		return -ENOMEM;
	memcpy(e->data, key, len);
	memset(kvc_entry_value(e), 'v', LARGE);
	e->hash = kvc_cache_hash(cache, key, len);
	err = kvc_cache_put(cache, e, &always, &now, &version);
	if (err)
		kvc_entry_free(e);
	return err;
}

static u64 bytes_tier(void)
{
	struct kvc_stats st;

	kvc_cache_stats(cache, &st);
	return st.bytes_tier;
}

/*
 * A large value that could not have pages which hang together has another size
 * than the one of the same length that it replaces.
 */
static void check_overwrite_of_another_size(void)
{
	u64 together;

	check_doing("allocfail: an overwrite of another size");
	CHECK(!create(KVC_MODE_CACHE));
	CHECK(!put_large(1));
	together = bytes_tier();
	shim_fail_nth(1);
	CHECK(!put_large(1) && shim_failed());
	shim_fail_nth(0);
	CHECK(bytes_tier() < together);
	CHECK(!del(1));
	CHECK(!bytes_tier(), "%llu bytes", (unsigned long long)bytes_tier());
	destroy();
	check_passed("allocfail.overwrite_of_another_size_is_counted");
}

int main(void)
{
	u32 i;

	CHECK(!kvc_pool_init(sizeof(struct kvc_entry)));
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		run(&cases[i]);
	check_overwrite_of_another_size();
	kvc_pool_exit();
	CHECK(!shim_live_objects(), "leak");
	check_done();
	return EXIT_SUCCESS;
}
