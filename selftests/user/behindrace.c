// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: behindrace [ITERATIONS [SEED]]
 *
 * A write-behind cache with writers, readers, a scanner, the background, whoever
 * evicts and resizes, and a flusher that comes and goes, all at once on few
 * keys.  Each key but the counters has one writer, who so knows what cache and
 * store must say of it.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/err.h>
#include <linux/sizes.h>
#include <shim/alloc.h>
#include "core/pool.h"
#include "core/scan.h"
#include "core/stream.h"
#include "check.h"
#include "selfcheck.h"

#define WRITERS		3
#define WORKERS		5	/* and two readers */
#define OWN		400	/* keys of each writer */
#define STABLE		20	/* of these, never deleted */
#define COUNTERS	4
#define COUNTER_0	(WRITERS * OWN)
#define KEYS		(COUNTER_0 + COUNTERS)
#define BUF		SZ_64K

/* What the store has of a key */
struct stored {
	u64 version;
	u64 count;	/* 0: no such key */
};

struct worker;

/**
 * struct field - what all threads work on
 * @cache: the cache
 * @config: of it
 * @iterations: of each worker
 * @working: workers that are not done
 * @lock: covers @store and @runs
 * @store: by key
 * @runs: the newest run that the store has
 * @counted: by counter: increments that were acknowledged
 * @again: runs that the store was offered though it had them
 * @crossed: pairs that the store had and the cache not
 * @busy: writes that had to wait
 * @synced: waits for a run, after which the store was looked at
 */
struct field {
	struct kvc_cache *cache;
	struct kvc_config config;
	u64 iterations;
	int working;
	pthread_mutex_t lock;
	struct stored store[KEYS];
	u64 runs;
	u64 counted[COUNTERS];
	u64 again;
	u64 crossed;
	u64 busy;
	u64 synced;
};

/**
 * struct worker - a thread
 * @field: the common one
 * @random: its own
 * @first: number of its first key
 * @last: what it wrote last of each: a count, 0: deleted
 * @count: of its last write
 * @newest: by key: the newest version that it has seen
 */
struct worker {
	struct field *field;
	struct random random;
	u32 first;
	u64 last[OWN];
	u64 count;
	u64 newest[KEYS];
};

static void see_kick(void *ctx, unsigned int delay_ms)
{
}

static const struct kvc_observer observer = { .kick = see_kick };

static bool goes_on(const struct field *f)
{
	return __atomic_load_n(&f->working, __ATOMIC_RELAXED) > 0;
}

static void add(u64 *to)
{
	__atomic_fetch_add(to, 1, __ATOMIC_RELAXED);
}

static struct stored read_store(struct field *f, u32 number)
{
	struct stored s;

	pthread_mutex_lock(&f->lock);
	s = f->store[number];
	pthread_mutex_unlock(&f->lock);
	return s;
}

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
static u64 get(struct worker *w, u32 number, u64 *version, u64 *token)
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

static struct kvc_entry *make_entry(struct worker *w, u32 number, u64 count)
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
	struct kvc_entry *e = make_entry(w, number, count);
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
static u64 read_through(struct worker *w, u32 number, u64 *version)
{
	u64 token = 0, count = get(w, number, version, &token);

	if (count || !token)
		return count;
	count = read_store(w->field, number).count;
	if (random_below(&w->random, 16) == 0)
		sched_yield();
	if (random_below(&w->random, 4))
		fill(w, number, count, token);
	add(&w->field->crossed);
	return count;
}

static void wait_for_progress(struct field *f, u32 progress)
{
	add(&f->busy);
	while (kvc_flush_progress(f->cache) == progress)
		sched_yield();
}

static int put(struct worker *w, u32 number, u64 count,
	       const struct kvc_cond *cond)
{
	struct kvc_entry *e = make_entry(w, number, count);
	struct field *f = w->field;
	u64 now, version = 0;
	u32 progress;
	int err;

	do {
		now = 0;
		progress = kvc_flush_progress(f->cache);
		err = kvc_cache_put(f->cache, e, cond, &now, &version);
		if (err == -EBUSY)
			wait_for_progress(f, progress);
	} while (err == -EBUSY);
	if (err)
		kvc_entry_free(e);
	else
		see_version(w, number, version);
	return err;
}

static int del(struct worker *w, u32 number)
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
			wait_for_progress(f, progress);
	} while (err == -EBUSY);
	return err;
}

static int touch(struct worker *w, u32 number)
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
			wait_for_progress(f, progress);
	} while (err == -EBUSY);
	if (!err)
		see_version(w, number, version);
	return err;
}

/* L9, L10: nobody else writes the key, so it is as it was left. */
static void check_own(struct worker *w, u32 i)
{
	u64 version, count = read_through(w, w->first + i, &version);

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
		err = del(w, w->first + i);
		CHECK(!err || (err == -ENOENT && !w->last[i]), "%d", err);
		w->last[i] = 0;
		break;
	case 1:
		err = touch(w, w->first + i);
		CHECK(err == -ENODATA || err == (w->last[i] ? 0 : -ENOENT),
		      "%d", err);
		break;
	default:
		CHECK(!put(w, w->first + i, ++w->count, &always));
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
			wait_for_progress(f, progress);
	} while (err);
	while (kvc_flush_committed(f->cache) < run)
		sched_yield();
	for (i = 0; i < OWN; i++)
		CHECK(read_store(f, w->first + i).count == w->last[i],
		      "key %u", w->first + i);
	add(&f->synced);
}

static void increment(struct worker *w)
{
	u32 which = random_below(&w->random, COUNTERS);
	u64 version = 0, token, count;
	struct kvc_cond cond = { .flags = KVC_OP_F_CAS };
	int err;

	count = get(w, COUNTER_0 + which, &version, &token);
	if (!count) {
		read_through(w, COUNTER_0 + which, &version);
		return;
	}
	cond.version = version;
	err = put(w, COUNTER_0 + which, count + 1, &cond);
	CHECK(!err || err == -ESTALE || err == -ENODATA, "%d", err);
	if (!err)
		add(&w->field->counted[which]);
}

static void *writer(void *arg)
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

static void *reader(void *arg)
{
	struct worker *w = arg;
	u64 i, version;

	check_doing("behindrace: reader");
	for (i = 0; i < w->field->iterations; i++)
		read_through(w, random_below(&w->random, KEYS), &version);
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

static void *scanner(void *arg)
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
			      read_store(w->field, i).count, "key %u", i);
	} while (goes_on(w->field));
	return NULL;
}

static void take_record(struct field *f, const struct kvc_flush_rec *rec)
{
	const u8 *key = (const u8 *)(rec + 1);
	struct stored *s = &f->store[keys_number(key, rec->key_len)];
	struct selfcheck v = {};

	CHECK(rec->version > s->version, "%llu after %llu",
	      (unsigned long long)rec->version,
	      (unsigned long long)s->version);
	if (!(rec->flags & KVC_FLUSH_REC_GONE))
		memcpy(&v, key + rec->key_len, sizeof(v));
	*s = (struct stored){ .version = rec->version, .count = v.count };
}

/* Keys of a run so far, to be stored as a whole */
struct batch {
	u8 *data;
	size_t used;
	size_t room;
	u32 records;
};

static void store_batch(struct field *f, const struct batch *b, u64 run)
{
	const struct kvc_flush_rec *rec;
	size_t at;

	pthread_mutex_lock(&f->lock);
	if (run <= f->runs)
		add(&f->again);
	for (at = 0; at < b->used && run > f->runs; at += rec->rec_len) {
		rec = (const void *)(b->data + at);
		take_record(f, rec);
	}
	f->runs = max(f->runs, run);
	pthread_mutex_unlock(&f->lock);
}

static void append(struct batch *b, const struct kvc_flush_frame *frame)
{
	size_t bytes = frame->len - sizeof(*frame);

	if (b->used + bytes > b->room) {
		b->room = 2 * (b->used + bytes);
		b->data = realloc(b->data, b->room);
		CHECK(b->data);
	}
	memcpy(b->data + b->used, frame + 1, bytes);
	b->used += bytes;
	b->records += frame->count;
	CHECK(b->records == frame->total);
}

/* One stream, until it ends by chance, or there is nothing left at the end */
static bool flush(struct worker *w, struct batch *b, u8 *buf)
{
	const struct kvc_flush_frame *frame;
	struct field *f = w->field;
	struct kvc_stream st;
	bool idle = false;
	long bytes, at;

	CHECK(!kvc_stream_init(&st, f->cache));
	b->used = 0;
	b->records = 0;
	while (random_below(&w->random, 60) && !idle) {
		bytes = kvc_stream_read(&st, buf, BUF);
		CHECK(bytes >= 0, "%ld", bytes);
		idle = !bytes && !goes_on(f);
		if (!bytes)
			sched_yield();
		for (at = 0; at < bytes; at += frame->len) {
			frame = (const void *)(buf + at);
			append(b, frame);
			if (!(frame->flags & KVC_FLUSH_LAST))
				continue;
			store_batch(f, b, frame->run);
			b->used = 0;
			b->records = 0;
			if (random_below(&w->random, 5) == 0)
				goto out;
			CHECK(!kvc_stream_commit(&st, frame->run));
		}
	}
out:
	kvc_stream_exit(&st);
	return !idle;
}

/* Nobody flushes for a while, or until somebody waits for it. */
static void be_away(struct worker *w)
{
	u64 busy = __atomic_load_n(&w->field->busy, __ATOMIC_RELAXED);
	u32 turns = random_below(&w->random, 2) ? 0 : 3000;

	for (; turns && goes_on(w->field) &&
	     __atomic_load_n(&w->field->busy, __ATOMIC_RELAXED) == busy; turns--)
		sched_yield();
}

static void *flusher(void *arg)
{
	struct worker *w = arg;
	struct batch b = {};
	u8 *buf = malloc(BUF);

	CHECK(buf);
	check_doing("behindrace: flusher");
	while (flush(w, &b, buf))
		be_away(w);
	free(buf);
	free(b.data);
	return NULL;
}

static void *maintainer(void *arg)
{
	struct worker *w = arg;

	check_doing("behindrace: maintainer");
	do {
		kvc_cache_maintain(w->field->cache);
		sched_yield();
	} while (goes_on(w->field));
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

static void *disturber(void *arg)
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
	} while (goes_on(f));
	return NULL;
}

static void prepare(struct worker *workers)
{
	static const struct kvc_cond always;
	struct worker *w;
	u32 i;

	for (w = workers; w < workers + WRITERS; w++)
		for (i = 0; i < STABLE; i++) {
			CHECK(!put(w, w->first + i, ++w->count, &always));
			w->last[i] = w->count;
		}
	for (i = 0; i < COUNTERS; i++)
		CHECK(!put(workers, COUNTER_0 + i, 1, &always));
}

/* All that was acknowledged is in the store, and nothing else. */
static void check_store(struct field *f, struct worker *workers)
{
	struct worker *w, all = { .field = f };
	u32 i;

	while (kvc_flush_dirty(f->cache)) {
		u64 run;

		kvc_flush_seal(f->cache, &run);
		flusher(&all);
	}
	for (w = workers; w < workers + WRITERS; w++)
		for (i = 0; i < OWN; i++)
			CHECK(f->store[w->first + i].count == w->last[i],
			      "key %u", w->first + i);
	for (i = 0; i < COUNTERS; i++)
		CHECK(f->store[COUNTER_0 + i].count == 1 + f->counted[i],
		      "counter %u", i);
}

static void run(u32 policy, u32 runs, u64 iterations, u64 seed)
{
	static void *(*const threads[])(void *arg) = {
		writer, writer, writer, reader, reader,
		scanner, maintainer, disturber, flusher,
	};
	static struct worker workers[ARRAY_SIZE(threads)];
	static struct field f;
	pthread_t ids[ARRAY_SIZE(threads)];
	long before = shim_live_objects();
	u32 i;

	check_doing("behindrace");
	memset(workers, 0, sizeof(workers));
	memset(&f, 0, sizeof(f));
	f.config = (struct kvc_config){
		.name = "behindrace",
		.limit = SZ_256K,
		.value_max = 4096,
		.policy = policy,
		.window = 1024,
		.flags = KVC_CACHE_F_WRITEBEHIND,
		.runs = runs,
		.flush_ms = 10,
	};
	f.iterations = iterations;
	f.working = WORKERS;
	pthread_mutex_init(&f.lock, NULL);
	CHECK(!kvc_config_complete(&f.config));
	f.cache = kvc_cache_create(&f.config, 1, &observer, NULL);
	CHECK(!IS_ERR(f.cache));
	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		workers[i].field = &f;
		workers[i].first = i * OWN;
		workers[i].random.state = seed * 100 + i;
	}
	prepare(workers);
	for (i = 0; i < ARRAY_SIZE(workers); i++)
		CHECK(!pthread_create(&ids[i], NULL, threads[i], &workers[i]));
	for (i = 0; i < ARRAY_SIZE(workers); i++)
		pthread_join(ids[i], NULL);
	check_store(&f, workers);
	CHECK(f.again && f.crossed && f.busy && f.synced);
	kvc_cache_kill(f.cache);
	synchronize_rcu();
	kvc_cache_free(f.cache);
	CHECK(shim_live_objects() == before, "%ld objects leaked",
	      shim_live_objects() - before);
	printf("# %llu runs, %llu again, %llu waits, %llu syncs\n",
	       (unsigned long long)f.runs, (unsigned long long)f.again,
	       (unsigned long long)f.busy, (unsigned long long)f.synced);
	check_passed("behindrace.%s_%u_runs",
		     kvc_policy_lookup(policy)->name, runs);
}

/* The cache goes while all use it; who waits is told. */
static void *late_writer(void *arg)
{
	static const struct kvc_cond always;
	struct worker *w = arg;
	struct kvc_entry *e;
	u64 now, version;
	u32 progress;
	int err;

	do {
		now = 0;
		e = make_entry(w, w->first + random_below(&w->random, OWN), 1);
		progress = kvc_flush_progress(w->field->cache);
		err = kvc_cache_put(w->field->cache, e, &always, &now,
				    &version);
		if (err)
			kvc_entry_free(e);
		if (err == -EBUSY)
			wait_for_progress(w->field, progress);
	} while (!err || err == -EBUSY);
	CHECK(err == -ESHUTDOWN, "%d", err);
	return NULL;
}

static void *late_flusher(void *arg)
{
	struct worker *w = arg;
	struct field *f = w->field;
	u8 *buf = malloc(BUF);
	struct kvc_stream st;
	long bytes;
	u64 run;
	int err;

	CHECK(buf);
	CHECK(!kvc_stream_init(&st, f->cache));
	do {
		err = kvc_flush_seal(f->cache, &run);
		CHECK(!err || err == -EAGAIN || err == -ESHUTDOWN, "%d", err);
		bytes = kvc_stream_read(&st, buf, BUF);
		if (st.ended)
			err = kvc_stream_commit(&st, st.run);
		CHECK(!err || err == -EAGAIN || err == -EINVAL ||
		      err == -ESHUTDOWN, "%d", err);
	} while (bytes >= 0);
	CHECK(bytes == -ESHUTDOWN, "%ld", bytes);
	kvc_stream_exit(&st);
	free(buf);
	return NULL;
}

static void run_kill(u64 seed)
{
	static void *(*const threads[])(void *arg) = {
		late_writer, late_writer, late_writer, late_flusher,
		maintainer,
	};
	static struct worker workers[ARRAY_SIZE(threads)];
	static struct field f;
	struct random r = { .state = seed };
	pthread_t ids[ARRAY_SIZE(threads)];
	long before = shim_live_objects();
	u32 i;

	check_doing("behindrace: kill");
	memset(workers, 0, sizeof(workers));
	memset(&f, 0, sizeof(f));
	f.config = (struct kvc_config){
		.name = "behindrace",
		.limit = SZ_256K,
		.value_max = 4096,
		.flags = KVC_CACHE_F_WRITEBEHIND,
		.flush_ms = 10,
	};
	f.working = 1;
	CHECK(!kvc_config_complete(&f.config));
	f.cache = kvc_cache_create(&f.config, 1, &observer, NULL);
	CHECK(!IS_ERR(f.cache));
	for (i = 0; i < ARRAY_SIZE(workers); i++) {
		workers[i].field = &f;
		workers[i].first = i * OWN % COUNTER_0;
		workers[i].random.state = seed * 100 + i;
		CHECK(!pthread_create(&ids[i], NULL, threads[i], &workers[i]));
	}
	for (i = random_below(&r, 2000); i; i--)
		sched_yield();
	kvc_cache_kill(f.cache);
	__atomic_store_n(&f.working, 0, __ATOMIC_RELAXED);
	for (i = 0; i < ARRAY_SIZE(workers); i++)
		pthread_join(ids[i], NULL);
	CHECK(kvc_flush_dirty(f.cache) == 0);
	synchronize_rcu();
	kvc_cache_free(f.cache);
	CHECK(shim_live_objects() == before, "%ld objects leaked",
	      shim_live_objects() - before);
}

int main(int argc, char **argv)
{
	u64 iterations = argc > 1 ? strtoull(argv[1], NULL, 0) : 100000;
	u64 seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	u32 i;

	printf("# %llu iterations of each worker, seed %llu\n",
	       (unsigned long long)iterations, (unsigned long long)seed);
	shim_yield_every(200);
	CHECK(!kvc_pool_init(sizeof(struct kvc_entry)));
	run(KVC_POLICY_S3FIFO, 2, iterations, seed);
	run(KVC_POLICY_LRU, 1, iterations, seed);
	run(KVC_POLICY_SIEVE, 6, iterations, seed);
	for (i = 0; i < 50; i++)
		run_kill(seed + i);
	check_passed("behindrace.kill");
	kvc_pool_exit();
	check_done();
	return EXIT_SUCCESS;
}
