// SPDX-License-Identifier: GPL-2.0-only
/* A disk that is really full; KVCD_TMP has to be one of some 16 MiB */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "lib.h"

#define VALUE	(64 << 10)
#define KEYS	40
#define ROUNDS	8

static char *values[KEYS];
static uint64_t seed = 4711;

static void put_random(void)
{
	int i = random_next(&seed) % KEYS, at;
	char key[16];

	free(values[i]);
	values[i] = malloc(VALUE);
	for (at = 0; at < VALUE - 1; at++)
		values[i][at] = 'a' + random_next(&seed) % 26;
	values[i][VALUE - 1] = '\0';
	sprintf(key, "k%05d", i);
	fake_put("a", key, strlen(key), values[i], VALUE - 1, 0);
}

static void assert_all(void)
{
	char key[16];
	int i;

	for (i = 0; i < KEYS; i++) {
		sprintf(key, "k%05d", i);
		if (values[i])
			assert_stored(key, values[i]);
	}
}

/* All but so much, in KiB. */
static void fill_disk(int left)
{
	char line[256];

	snprintf(line, sizeof(line),
		 "cd %s; head -c 64M /dev/zero >ballast 2>/dev/null; truncate -s -%dK ballast",
		 bench.dir, left);
	assert_int_equal(system(line), 0);
}

/* Runs until the disk is full, a few more than would be needed. */
static uint64_t run_until_full(void)
{
	uint64_t failures = fake.failures, run = 0;
	int left;

	for (left = 20; left && fake.failures == failures; left--) {
		put_random();
		put_random();
		run = fake_seal("a");
		wait_until(fake.failures > failures ||
			   fake_committed("a") == run);
	}
	return run;
}

/* Fills the disk by runs, with and without room that is left for the store. */
static void fill_and_go_on(uint64_t reserve)
{
	uint64_t run;
	int round;

	bench.config.reserve = reserve;
	fake_create("a", KVC_INFO_F_WRITEBEHIND);
	bench_open();
	bench_flush();
	for (round = 0; round < ROUNDS; round++) {
		fill_disk(round * 300 + 4);
		run = run_until_full();
		shell("rm %s/ballast");
		flusher_kick(&bench.flushers[0]);
		assert_true(fake_wait("a", run));
		assert_all();
		/* Room for the next round: RocksDB keeps old files a while. */
		store_compact(bench.store, bench.caches[0].column);
	}
	assert_true(fake.failures >= ROUNDS / 2);
	bench_unflush();
	bench_close();
	bench_open();
	assert_all();
}

static int small_teardown(void **state)
{
	int i;

	for (i = 0; i < KEYS; i++) {
		free(values[i]);
		values[i] = NULL;
	}
	return bench_teardown(state);
}

static void test_reserve(void **state)
{
	(void)state;
	fill_and_go_on(1 << 20);
}

static void test_no_reserve(void **state)
{
	(void)state;
	fill_and_go_on(0);
}

static int small_setup(void **state)
{
	struct statvfs fs;

	if (bench_setup(state) || statvfs(bench.dir, &fs))
		return -1;
	/* Else it would fill somebody's disk. */
	return (uint64_t)fs.f_blocks * fs.f_frsize > 64 << 20 ? -1 : 0;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, small_setup, small_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_reserve), CASE(test_no_reserve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
