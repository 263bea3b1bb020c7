// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows store-a and store-f: YCSB's writing workloads through a write-behind
 * cache with kvcd and RocksDB behind it, and on RocksDB alone; both may use as
 * much memory, and both have their files on the guest's tmpfs. Row put-pause:
 * how long single writes take while runs are sealed and flushed.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "report.h"
#include "rocks.h"
#include "row.h"
#include "store.h"

#define NAME		"ycsb"
#define RECORD		1000	/* ten fields of 100 bytes */
#define RECORDS		20000
#define RECORDS_QUICK	5000
/* Each takes tens of times as long as one of another row. */
#define OPS(bench)	((bench)->ops / 8)
/* Less than the records take */
#define MEMORY(records)	((size_t)(records) * RECORD / 2)
#define CONFIG		"/tmp/bench-kvcd.conf"
#define SOCKET		"/tmp/bench-kvcd.sock"

struct front {
	struct kvc *kvc;
	pid_t kvcd;
};

static void write_config(void)
{
	FILE *file = fopen(CONFIG, "w");

	if (!file)
		err(1, CONFIG);
	fprintf(file, "[store]\npath = /tmp/bench-store\nblock-cache = 1M\n"
		"[socket]\npath = " SOCKET "\n[cache " NAME "]\ncompression = none\n");
	if (fclose(file))
		err(1, CONFIG);
}

/* Threads and processes that this one starts may run on all CPUs. */
static void unbind(cpu_set_t *before)
{
	cpu_set_t all;
	int cpu;

	sched_getaffinity(0, sizeof(*before), before);
	CPU_ZERO(&all);
	for (cpu = 0; cpu < sysconf(_SC_NPROCESSORS_ONLN); cpu++)
		CPU_SET(cpu, &all);
	if (sched_setaffinity(0, sizeof(all), &all))
		err(1, "sched_setaffinity");
}

static pid_t start_kvcd(void)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		execlp("kvcd", "kvcd", "-q", "-c", CONFIG, NULL);
		err(1, "kvcd");
	}
	return pid;
}

static void front_begin(struct front *front, size_t limit)
{
	struct kvc_stats stats;

	write_config();
	setenv("KVC_KVCD_SOCKET", SOCKET, 1);
	front->kvc = store_create_with(NAME, limit, KVC_CACHE_F_WRITEBEHIND);
	front->kvcd = start_kvcd();
	do {
		if (waitpid(front->kvcd, NULL, WNOHANG))
			errx(1, "kvcd ended by itself");
		usleep(10000);
		store_stats(front->kvc, &stats);
	} while (!stats.flusher);
}

static void front_end(struct front *front)
{
	int status;

	if (kvc_flush(front->kvc))
		errx(1, "kvc_flush failed");
	if (kill(front->kvcd, SIGTERM) ||
	    waitpid(front->kvcd, &status, 0) < 0 || status)
		errx(1, "kvcd did not end well");
	store_destroy(front->kvc, NAME);
}

static void record_make(char record[RECORD], uint64_t change)
{
	memset(record, 'a' + change % 26, RECORD);
}

/* F reads what it is about to change, A does not. */
static long run_front(const struct contender *c, size_t from, size_t to,
		      bool modify)
{
	struct kvc *kvc = ((struct front *)c->ctx)->kvc;
	char record[RECORD];
	long failed = 0;
	size_t i, len;
	bool update;

	for (i = from; i < to; i++) {
		const char *key = sequence_key(c->seq, i);

		update = c->seq->steps[i] & STEP_UPDATE;
		len = sizeof(record);
		if (!update || modify)
			failed |= kvc_get(kvc, key, KEY_LEN, record, &len, NULL);
		if (!update)
			continue;
		record_make(record, i);
		failed |= kvc_put(kvc, key, KEY_LEN, record, RECORD, NULL, NULL);
	}
	return failed;
}

static long run_rocks(const struct contender *c, size_t from, size_t to,
		      bool modify)
{
	char record[RECORD];
	long failed = 0;
	bool update;
	size_t i;

	for (i = from; i < to; i++) {
		const char *key = sequence_key(c->seq, i);

		update = c->seq->steps[i] & STEP_UPDATE;
		if (!update || modify)
			failed |= rocks_get(c->ctx, key);
		if (!update)
			continue;
		record_make(record, i);
		failed |= rocks_put(c->ctx, key, record, RECORD);
	}
	return failed;
}

static long front_a(const struct contender *c, size_t from, size_t to)
{
	return run_front(c, from, to, false);
}

static long front_f(const struct contender *c, size_t from, size_t to)
{
	return run_front(c, from, to, true);
}

static long rocks_a(const struct contender *c, size_t from, size_t to)
{
	return run_rocks(c, from, to, false);
}

static long rocks_f(const struct contender *c, size_t from, size_t to)
{
	return run_rocks(c, from, to, true);
}

static void fill(struct front *front, struct rocks *rocks,
		 const struct keys *keys)
{
	char record[RECORD];
	uint32_t i;

	record_make(record, 0);
	for (i = 0; i < keys->count; i++)
		if (kvc_put(front->kvc, keys->bytes[i], KEY_LEN, record, RECORD,
			    NULL, NULL) ||
		    rocks_put(rocks, keys->bytes[i], record, RECORD))
			errx(1, "a record could not be stored");
}

static void contest(const struct bench *bench, const struct keys *keys,
		    struct contender front, struct contender rocks,
		    const char *row, const char *what)
{
	struct sample ours = { .name = "kvcache, kvcd, RocksDB" };
	struct sample other = { .name = "RocksDB alone" };
	struct kvc_stats stats;
	struct sequence seq;

	sequence_zipf(&seq, keys, OPS(bench), bench->seed);
	sequence_update(&seq, 50, bench->seed + 1);
	front.seq = rocks.seq = &seq;
	front.sample = &ours;
	rocks.sample = &other;
	sample_contest((struct contender[]){ front, rocks }, 2, &bench->rounds);
	report_row(&(struct result){
		.row = row, .what = what, .unit = "ns",
		.ours = &ours, .other = &other,
	});
	store_stats(((struct front *)front.ctx)->kvc, &stats);
	report_note("hits %" PRIu64 " of %" PRIu64 ", runs %" PRIu64 ", records in them %" PRIu64 ", writes that waited %" PRIu64,
		    stats.hits_tier + stats.hits_memtable, stats.gets,
		    stats.runs_committed, stats.records_flushed,
		    stats.flush_waits);
	sequence_free(&seq);
}

void row_behind(const struct bench *bench)
{
	uint32_t records = bench->quick ? RECORDS_QUICK : RECORDS;
	struct rocks *rocks;
	struct front front;
	struct keys keys;
	cpu_set_t cpus;

	keys_make(&keys, records);
	unbind(&cpus);
	rocks = rocks_open("/tmp/bench-rocks", MEMORY(records));
	front_begin(&front, MEMORY(records));
	fill(&front, rocks, &keys);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	contest(bench, &keys,
		(struct contender){ .run = front_a, .ctx = &front },
		(struct contender){ .run = rocks_a, .ctx = rocks }, "store-a",
		"YCSB-A: 50 % reads, 50 % updates, Zipf .99, records of 1000 B, memory for half of them");
	contest(bench, &keys,
		(struct contender){ .run = front_f, .ctx = &front },
		(struct contender){ .run = rocks_f, .ctx = rocks }, "store-f",
		"YCSB-F: 50 % reads, 50 % read-modify-write, the same records");
	front_end(&front);
	rocks_close(rocks);
	keys_free(&keys);
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Times each of so many writes, and says what the slow ones took. */
static void time_puts(struct kvc *kvc, const struct sequence *seq,
		      uint64_t *took, const char *what)
{
	uint64_t before, after = nanoseconds();
	char record[RECORD];
	size_t i;

	for (i = 0; i < seq->count; i++) {
		record_make(record, i);
		before = nanoseconds();
		if (kvc_put(kvc, sequence_key(seq, i), KEY_LEN, record, RECORD,
			    NULL, NULL))
			errx(1, "put failed");
		after = nanoseconds();
		took[i] = after - before;
	}
	qsort(took, seq->count, sizeof(*took), by_value);
	report_note("%s: median %.1f us, 99 %% %.1f, 99.9 %% %.1f, 99.99 %% %.1f, worst %.1f us",
		    what, took[seq->count / 2] / 1e3,
		    took[seq->count * 99 / 100] / 1e3,
		    took[seq->count * 999 / 1000] / 1e3,
		    took[seq->count * 9999 / 10000] / 1e3,
		    took[seq->count - 1] / 1e3);
}

/* The same writes to a volatile cache are the measure. */
void row_pause(const struct bench *bench)
{
	size_t ops = bench->ops;
	uint64_t *took = calloc(ops, sizeof(*took));
	struct kvc_stats stats;
	struct sequence seq;
	struct front front;
	struct keys keys;
	struct kvc *plain;
	cpu_set_t cpus;
	int turn;

	if (!took)
		err(1, "no memory");
	keys_make(&keys, RECORDS);
	sequence_zipf(&seq, &keys, ops, bench->seed);
	plain = store_create("plain", 2 * MEMORY(RECORDS));
	unbind(&cpus);
	front_begin(&front, 2 * MEMORY(RECORDS));
	sched_setaffinity(0, sizeof(cpus), &cpus);
	for (turn = 0; turn < 3; turn++) {
		time_puts(plain, &seq, took, "volatile");
		time_puts(front.kvc, &seq, took, "write-behind");
	}
	store_stats(front.kvc, &stats);
	report_note("of it: runs %" PRIu64 ", records in them %" PRIu64 ", writes that waited %" PRIu64,
		    stats.runs_committed, stats.records_flushed,
		    stats.flush_waits);
	front_end(&front);
	store_destroy(plain, "plain");
	sequence_free(&seq);
	keys_free(&keys);
	free(took);
}
