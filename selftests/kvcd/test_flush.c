// SPDX-License-Identifier: GPL-2.0-only
/* Runs on their way from the kernel's stream into the store */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../tools/kvcd/clock.h"
#include "../../tools/kvcd/kernel.h"
#include "../../tools/kvcd/storage.h"
#include "lib.h"

static struct cache *a(void)
{
	return &bench.caches[0];
}

static void put(const char *key, const char *value)
{
	fake_put("a", key, strlen(key), value, strlen(value), 0);
}

static void del(const char *key)
{
	fake_del("a", key, strlen(key));
}

/* L4, L10: what was put is there, what was deleted is not; then it is clean */
static void test_runs(void **state)
{
	bool dirty = true;

	(void)state;
	bench_flush();
	put("k", "1");
	put("l", "1");
	flush_now();
	assert_stored("k", "1");
	assert_int_equal(fake_peek("a", "k", 1, &dirty), 0);
	assert_false(dirty);
	put("k", "2");
	del("l");
	flush_now();
	assert_stored("k", "2");
	assert_not_stored("l");
	wait_until(a()->counts.runs == 2);
	wait_until(a()->counts.records == 4);
	wait_until(a()->counts.tombstones == 1);
	/* Nothing is left behind where runs are written. */
	shell("cd %s/store/staging && test -z \"$(ls)\"");
}

/* Any bytes, any length, over several frames. */
static void test_bytes(void **state)
{
	const size_t lengths[] = { 0, 1, 7, 8, 9, 4095, 1 << 20, 3 << 20 };
	unsigned char key[KVC_KEY_MAX], *value = malloc(3 << 20);
	struct found found;
	struct why why;
	size_t i, len;

	(void)state;
	fake.frame = 4096;
	for (i = 0; i < 3 << 20; i++)
		value[i] = i * 7 >> 3;
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		memset(key, i % 2 ? 0xff : 0, sizeof(key));
		len = i < 6 ? i + 1 : KVC_KEY_MAX;
		key[len - 1] = i;
		fake_put("a", key, len, value, lengths[i],
			 i == 1 ? clock_boot() + 3600000000000 : 0);
	}
	bench_flush();
	flush_now();
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		memset(key, i % 2 ? 0xff : 0, sizeof(key));
		len = i < 6 ? i + 1 : KVC_KEY_MAX;
		key[len - 1] = i;
		assert_int_equal(store_get(bench.store, a()->column, key, len,
					   &found, &why), 0);
		assert_int_equal(found.record.value_len, lengths[i]);
		assert_memory_equal(found.record.value, value, lengths[i]);
		assert_int_equal(!!found.record.expiry, i == 1);
		assert_int_equal(found.record.client_flags,
				 (uint32_t)found.record.version * 7);
		store_release(&found);
	}
	free(value);
}

/* A run that comes again is committed, and changes nothing. */
static void test_offered_again(void **state)
{
	(void)state;
	bench_flush();
	put("k", "1");
	put("l", "1");
	flush_now();
	put("k", "2");
	del("l");
	flush_now();
	fake_offer_again("a", 1);
	assert_true(fake_wait("a", 2));
	assert_stored("k", "2");
	assert_not_stored("l");
	wait_until(a()->counts.runs == 2);
	wait_until(a()->counts.repeats == 2);
	/* The next new one is taken in all the same. */
	put("l", "3");
	flush_now();
	assert_stored("l", "3");
	wait_until(a()->counts.runs == 3);
}

/* The cache was created anew: its runs have the numbers of the old one's. */
static void test_created_anew(void **state)
{
	struct mark mark;
	struct why why;
	uint64_t id;

	(void)state;
	bench_flush();
	put("k", "1");
	flush_now();
	id = fake_create("a", KVC_INFO_F_WRITEBEHIND);
	put("k", "2");
	put("m", "2");
	flush_now();
	assert_stored("k", "2");
	assert_stored("m", "2");
	wait_until(a()->counts.runs == 2);
	assert_int_equal(store_mark(bench.store, a()->column, &mark, &why), 0);
	assert_int_equal(mark.cache, id);
	assert_int_equal(mark.run, 1);
}

static void test_comes_late(void **state)
{
	(void)state;
	fake_destroy("a");
	bench_flush();
	wait_until(a()->err == -ENOENT);
	fake_create("a", 0);
	wait_until(a()->err == -EOPNOTSUPP);
	fake_create("a", KVC_INFO_F_WRITEBEHIND);
	put("k", "1");
	flush_now();
	assert_stored("k", "1");
	wait_until(!a()->err);
}

/* A second flusher waits for the first one's end. */
static void test_busy(void **state)
{
	struct flusher second;

	(void)state;
	put("k", "1");
	bench_flush();
	flush_now();
	assert_int_equal(flusher_start(&second, a()), 0);
	wait_until(a()->err == -EBUSY);
	bench_unflush();
	put("k", "2");
	flusher_kick(&second);
	flush_now();
	assert_stored("k", "2");
	flusher_stop(&second);
}

static unsigned int breaks;

static void flip(unsigned char *bytes, size_t len)
{
	if (breaks) {
		breaks--;
		bytes[len / 2] ^= 1;
	}
}

/* What is damaged is refused as a whole; the kernel hears of it. */
static void test_damaged(void **state)
{
	(void)state;
	fake.change = flip;
	breaks = 1;
	fake.frame = 64;
	put("k", "1");
	put("l", "1");
	bench_flush();
	assert_int_equal(fake_seal("a"), 1);
	assert_true(fake_reaches(&fake.failures, 2));
	assert_int_equal(fake.fail_err, -EBADMSG);
	assert_not_stored("k");
	assert_int_equal(fake.commits, 0);
	assert_true(a()->counts.failures);
}

/* The second frame is: the first one's records do not stay. */
static void flip_second(unsigned char *bytes, size_t len)
{
	if (!breaks--)
		bytes[len - 1] ^= 1;
}

static void test_damaged_later(void **state)
{
	(void)state;
	fake.change = flip_second;
	breaks = 1;
	fake.frame = 64;
	put("k", "1");
	put("l", "1");
	bench_flush();
	assert_int_equal(fake_seal("a"), 1);
	assert_true(fake_reaches(&fake.failures, 2));
	assert_int_equal(fake.fail_run, 1);
	assert_not_stored("k");
	bench_unflush();
	shell("cd %s/store/staging && test -z \"$(ls)\"");
}

/* It fails and fails, and then it does not; nothing is lost or done twice. */
static void test_disk_full(void **state)
{
	bool dirty = false;

	(void)state;
	bench.store->reserve = UINT64_MAX;
	put("k", "1");
	bench_flush();
	assert_int_equal(fake_seal("a"), 1);
	assert_true(fake_reaches(&fake.failures, 3));
	assert_int_equal(fake.fail_err, -ENOSPC);
	assert_int_equal(fake.fail_run, 1);
	assert_int_equal(a()->err, -ENOSPC);
	assert_int_equal(fake_peek("a", "k", 1, &dirty), 0);
	assert_true(dirty);
	bench.store->reserve = 0;
	flusher_kick(&bench.flushers[0]);
	assert_true(fake_wait("a", 1));
	assert_stored("k", "1");
	wait_until(a()->counts.runs == 1);
	wait_until(!a()->err);
}

/* The commit does not get through: the store has the run, and keeps it once. */
static void test_commit_fails(void **state)
{
	(void)state;
	fake.commit_err = -EIO;
	put("k", "1");
	bench_flush();
	assert_int_equal(fake_seal("a"), 1);
	assert_true(fake_reaches(&fake.failures, 2));
	assert_stored("k", "1");
	put("k", "2");
	assert_int_equal(fake_seal("a"), 2);
	fake_lock();
	fake.commit_err = 0;
	fake_unlock();
	flusher_kick(&bench.flushers[0]);
	assert_true(fake_wait("a", 2));
	assert_stored("k", "2");
	wait_until(a()->counts.runs == 1);
	wait_until(a()->counts.repeats == 1);
}

/* Destroyed within a run: the flusher goes on with the next cache. */
static void destroy(uint64_t run)
{
	if (run == 2)
		fake_destroy("a");
}

static void test_destroyed(void **state)
{
	(void)state;
	fake.at_commit = destroy;
	bench_flush();
	put("k", "1");
	flush_now();
	put("k", "2");
	assert_int_equal(fake_seal("a"), 2);
	/* Its file is closed, so that the module could be removed. */
	wait_until(!a()->front);
	fake.at_commit = NULL;
	fake_create("a", KVC_INFO_F_WRITEBEHIND);
	put("l", "3");
	flush_now();
	assert_stored("l", "3");
}

/* Many runs, in order, with restarts of the flusher and the store between. */
static void test_model(void **state)
{
	char model[64][32] = { "" }, key[16], value[32];
	uint64_t seed = 99;
	int round, i, k;

	(void)state;
	fake.frame = 300;
	for (round = 0; round < 60; round++) {
		if (round % 10 == 9) {
			bench_unflush();
			bench_close();
			bench_open();
		}
		if (round % 10 == 9 || !round)
			bench_flush();
		for (i = 0; i < 20; i++) {
			k = random_next(&seed) % 64;
			sprintf(key, "k%d", k);
			sprintf(value, "v%d.%d", round, i);
			if (random_next(&seed) % 3) {
				put(key, value);
				strcpy(model[k], value);
			} else {
				del(key);
				model[k][0] = '\0';
			}
		}
		flush_now();
		for (k = 0; k < 64; k++) {
			sprintf(key, "k%d", k);
			if (model[k][0])
				assert_stored(key, model[k]);
			else
				assert_not_stored(key);
		}
	}
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, store_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_runs), CASE(test_bytes), CASE(test_offered_again),
		CASE(test_created_anew), CASE(test_comes_late), CASE(test_busy),
		CASE(test_damaged), CASE(test_damaged_later),
		CASE(test_disk_full), CASE(test_commit_fails),
		CASE(test_destroyed), CASE(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
