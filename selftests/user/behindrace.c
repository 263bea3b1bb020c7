// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage: behindrace [ITERATIONS [SEED]]
 *
 * A write-behind cache with writers, readers, a scanner, the background, whoever
 * evicts and resizes, and a flusher that comes and goes, all at once on few
 * keys.  Each key but the counters has one writer, who so knows what cache and
 * store must say of it.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/err.h>
#include <shim/alloc.h>
#include "core/pool.h"
#include "core/stream.h"
#include "behindrace.h"
#include "check.h"

static void see_kick(void *ctx, unsigned int delay_ms)
{
}

static const struct kvc_observer observer = { .kick = see_kick };

static void prepare(struct worker *workers)
{
	static const struct kvc_cond always;
	struct worker *w;
	u32 i;

	for (w = workers; w < workers + WRITERS; w++)
		for (i = 0; i < STABLE; i++) {
			CHECK(!race_put(w, w->first + i, ++w->count, &always));
			w->last[i] = w->count;
		}
	for (i = 0; i < COUNTERS; i++)
		CHECK(!race_put(workers, COUNTER_0 + i, 1, &always));
}

/* All that was acknowledged is in the store, and nothing else. */
static void check_store(struct field *f, struct worker *workers)
{
	struct worker *w, all = { .field = f };
	u32 i;

	while (kvc_flush_dirty(f->cache)) {
		u64 run;

		kvc_flush_seal(f->cache, &run);
		race_flusher(&all);
	}
	for (w = workers; w < workers + WRITERS; w++)
		for (i = 0; i < OWN; i++)
			CHECK(f->store[w->first + i].count == w->last[i],
			      "key %u", w->first + i);
	for (i = 0; i < COUNTERS; i++)
		CHECK(f->store[COUNTER_0 + i].count == 1 + f->counted[i],
		      "counter %u", i);
}

/* @runs: 0: the default */
static void begin(struct field *f, u32 policy, u32 runs)
{
	memset(f, 0, sizeof(*f));
	f->config = (struct kvc_config){
		.name = "behindrace",
		.limit = SZ_256K,
		.value_max = 4096,
		.policy = policy,
		.window = 1024,
		.flags = KVC_CACHE_F_WRITEBEHIND,
		.runs = runs,
		.flush_ms = 10,
	};
	pthread_mutex_init(&f->lock, NULL);
	CHECK(!kvc_config_complete(&f->config));
	f->cache = kvc_cache_create(&f->config, 1, &observer, NULL);
	CHECK(!IS_ERR(f->cache));
}

/* Of a cache that was killed; @before: what there was then */
static void end(struct field *f, long before)
{
	synchronize_rcu();
	kvc_cache_free(f->cache);
	CHECK(shim_live_objects() == before, "%ld objects leaked",
	      shim_live_objects() - before);
}

static void run(u32 policy, u32 runs, u64 iterations, u64 seed)
{
	static void *(*const threads[])(void *arg) = {
		race_writer, race_writer, race_writer, race_reader, race_reader,
		race_scanner, race_maintainer, race_disturber, race_flusher,
	};
	static struct worker workers[ARRAY_SIZE(threads)];
	static struct field f;
	pthread_t ids[ARRAY_SIZE(threads)];
	long before = shim_live_objects();
	u32 i;

	check_doing("behindrace");
	memset(workers, 0, sizeof(workers));
	begin(&f, policy, runs);
	f.iterations = iterations;
	f.working = WORKERS;
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
	end(&f, before);
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
		e = race_entry(w, w->first + random_below(&w->random, OWN), 1);
		progress = kvc_flush_progress(w->field->cache);
		err = kvc_cache_put(w->field->cache, e, &always, &now,
				    &version);
		if (err)
			kvc_entry_free(e);
		if (err == -EBUSY)
			race_wait(w->field, progress);
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
		race_maintainer,
	};
	static struct worker workers[ARRAY_SIZE(threads)];
	static struct field f;
	struct random r = { .state = seed };
	pthread_t ids[ARRAY_SIZE(threads)];
	long before = shim_live_objects();
	u32 i;

	check_doing("behindrace: kill");
	memset(workers, 0, sizeof(workers));
	begin(&f, KVC_POLICY_DEFAULT, 0);
	f.working = 1;
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
	end(&f, before);
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
