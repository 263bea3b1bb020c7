// SPDX-License-Identifier: GPL-2.0-only
/* libkvc: answers that are kept near, and when they are not given any more. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"
#include "fake.h"
#include "fake_kvcd.h"
#include "fake_pairs.h"
#include "front.h"
#include "lib.h"
#include "util.h"

#define LARGE	(64 << 10)

/* Another process, so to say */
static struct kvc *other;

static int setup(void **state)
{
	static const struct kvc_near_opts opts;

	lib_setup(state);
	assert_int_equal(kvc_open(O_RDWR, &other), 0);
	assert_int_equal(kvc_attach(other, "c"), 0);
	assert_int_equal(kvc_near_set(kvc, &opts), 0);
	mark_errno();
	return 0;
}

static int teardown(void **state)
{
	kvc_close(other);
	return lib_teardown(state);
}

static int put_other(const char *key, const char *value)
{
	return kvc_put(other, key, strlen(key), value, strlen(value), NULL,
		       NULL);
}

/* The key's value is this one; NULL: there is none. */
static void assert_has(struct kvc *of, const char *key, const char *value)
{
	char room[64];
	size_t len = sizeof(room);
	int ret = kvc_get(of, key, strlen(key), room, &len, NULL);

	assert_int_equal(ret, value ? 0 : -ENOENT);
	if (!value)
		return;
	assert_int_equal(len, strlen(value));
	assert_memory_equal(room, value, len);
}

/* ... and so many calls were needed to learn that. */
static void assert_calls(const char *key, const char *value, unsigned int calls)
{
	unsigned int before = fake_calls.op;

	assert_has(kvc, key, value);
	assert_int_equal(fake_calls.op - before, calls);
}

static struct kvc_near_stats figures(struct kvc *of)
{
	struct kvc_near_stats stats;

	assert_int_equal(kvc_near_stats(of, &stats), 0);
	return stats;
}

static void test_hit(void **state)
{
	struct kvc_put_opts opts = { .client_flags = 77 };
	struct kvc_near_stats stats;
	struct kvc_meta first, again;
	char room[8];
	size_t len = sizeof(room);

	(void)state;
	assert_int_equal(kvc_put(other, "k", 1, "value", 5, &opts, NULL), 0);
	assert_int_equal(kvc_get(kvc, "k", 1, room, &len, &first), 0);
	assert_calls("k", "value", 0);
	len = sizeof(room);
	assert_int_equal(kvc_get(kvc, "k", 1, room, &len, &again), 0);
	assert_memory_equal(&first, &again, sizeof(first));
	assert_int_equal(again.client_flags, 77);
	/* What is not there is not kept. */
	assert_calls("absent", NULL, 1);
	assert_calls("absent", NULL, 1);
	stats = figures(kvc);
	assert_int_equal(stats.hits, 2);
	assert_int_equal(stats.misses, 3);
	assert_int_equal(stats.kept, 1);
	assert_int_equal(stats.stale, 0);
}

static void test_changes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		put_other("k", "one");
		assert_calls("k", "one", 1);
		assert_calls("k", "one", 0);
		put_other("k", "two");
		assert_calls("k", "two", 1);
		assert_calls("k", "two", 0);
		/* By the same handle, too */
		put("k", "three");
		assert_calls("k", "three", 1);
		assert_int_equal(kvc_touch(other, "k", 1, 0, 0), 0);
		assert_calls("k", "three", 1);
		assert_calls("k", "three", 0);
		if (i == 0)
			assert_int_equal(kvc_del(other, "k", 1), 0);
		else if (i == 1)
			assert_int_equal(kvc_clear(other), 0);
		else
			assert_int_equal(kvc_purge(ctl, "c", "k", 1, 0, 0,
						   NULL), 0);
		assert_calls("k", NULL, 1);
	}
	/* Also when it was put again after it was gone */
	assert_int_equal(figures(kvc).stale, 3 * 4 + 2);
}

static void put_late(void)
{
	assert_int_equal(put_other("k", "late"), 0);
}

/* Changed between the look at the slot and the lookup, or afterwards */
static void test_changes_meanwhile(void **state)
{
	(void)state;
	put_other("k", "early");
	fake.on_get = put_late;
	assert_calls("k", "late", 2);
	assert_int_equal(figures(kvc).kept, 0);
	assert_calls("k", "late", 1);
	assert_calls("k", "late", 0);
}

static void test_expiry(void **state)
{
	struct kvc_put_opts opts = {
		.flags = KVC_OP_F_TTL, .expiry = 3600000000000ull,
	};

	(void)state;
	assert_int_equal(kvc_put(other, "hour", 4, "v", 1, &opts, NULL), 0);
	opts.expiry = 200000000;
	assert_int_equal(kvc_put(other, "soon", 4, "v", 1, &opts, NULL), 0);
	assert_calls("hour", "v", 1);
	assert_calls("hour", "v", 0);
	assert_calls("soon", "v", 1);
	/* No longer than it is there, and without a call until then */
	for (opts.expiry += pairs_now(); pairs_now() < opts.expiry;)
		kvc_get(kvc, "soon", 4, &(char){ 0 }, &(size_t){ 1 }, NULL);
	assert_calls("soon", NULL, 1);
	assert_true(figures(kvc).hits > 100);
	assert_calls("hour", "v", 0);
}

static void test_fence(void **state)
{
	(void)state;
	put_other("k", "v");
	assert_calls("k", "v", 1);
	assert_int_equal(kvc_fence_set(ctl, "c", pairs_now() + 1000000000000),
			 0);
	assert_calls("k", "v", 0);
	/* The kernel has to say that it does not answer. */
	assert_int_equal(kvc_fence_set(ctl, "c", pairs_now()), 0);
	assert_calls("k", "v", 1);
	assert_calls("k", "v", 1);
	assert_int_equal(kvc_fence_set(ctl, "c", 0), 0);
	assert_calls("k", "v", 0);
}

static void test_end_of_the_cache(void **state)
{
	(void)state;
	put_other("k", "v");
	assert_calls("k", "v", 1);
	assert_calls("k", "v", 0);
	fake_kill(fake_cache("c"));
	assert_calls("k", "v", 1);
	/* An odd slot: not kept. */
	assert_calls("k", "v", 1);
	assert_int_equal(figures(kvc).kept, 1);
}

static void test_lengths(void **state)
{
	static const size_t lens[] = { 0, 1, 7, 4095, 4096, 4097, LARGE };
	static char value[LARGE], room[LARGE];
	unsigned int calls, i;
	uint64_t seed = 5;
	char key[16];
	size_t len;

	(void)state;
	random_bytes(&seed, (unsigned char *)value, sizeof(value));
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		snprintf(key, sizeof(key), "k%c%u", '\0', i);
		assert_int_equal(kvc_put(other, key, 4, value, lens[i], NULL,
					 NULL), 0);
		len = sizeof(room);
		assert_int_equal(kvc_get(kvc, key, 4, room, &len, NULL), 0);
		calls = fake_calls.op;
		len = sizeof(room);
		memset(room, 'x', sizeof(room));
		assert_int_equal(kvc_get(kvc, key, 4, room, &len, NULL), 0);
		assert_int_equal(len, lens[i]);
		assert_memory_equal(room, value, len);
		assert_true(len == sizeof(room) || room[len] == 'x');
		assert_int_equal(fake_calls.op - calls, lens[i] > 4096);
		len = lens[i] ? lens[i] - 1 : 0;
		if (!lens[i])
			continue;
		assert_int_equal(kvc_get(kvc, key, 4, room, &len, NULL),
				 -ERANGE);
		assert_int_equal(len, lens[i]);
	}
}

static void test_keys(void **state)
{
	static char key[KVC_KEY_MAX + 1];
	char room[8];
	size_t len = sizeof(room);

	(void)state;
	memset(key, 'k', sizeof(key));
	assert_int_equal(kvc_put(other, key, KVC_KEY_MAX, "v", 1, NULL, NULL),
			 0);
	assert_int_equal(kvc_get(kvc, key, KVC_KEY_MAX, room, &len, NULL), 0);
	fake_calls.op = 0;
	len = sizeof(room);
	assert_int_equal(kvc_get(kvc, key, KVC_KEY_MAX, room, &len, NULL), 0);
	assert_int_equal(fake_calls.op, 0);
	assert_int_equal(kvc_get(kvc, key, KVC_KEY_MAX - 1, room, &len, NULL),
			 -ENOENT);
	assert_int_equal(kvc_get(kvc, key, KVC_KEY_MAX + 1, room, &len, NULL),
			 -ENAMETOOLONG);
	assert_int_equal(kvc_get(kvc, key, 0, room, &len, NULL), -EINVAL);
}

static void test_get_alloc(void **state)
{
	size_t len;
	void *value;

	(void)state;
	put_other("k", "value");
	assert_calls("k", "value", 1);
	fake_calls.op = 0;
	assert_int_equal(kvc_get_alloc(kvc, "k", 1, &value, &len, NULL), 0);
	assert_int_equal(len, 5);
	assert_string_equal(value, "value");
	assert_int_equal(fake_calls.op, 0);
	free(value);
}

/* So that it knows what is used */
static void test_asks_now_and_then(void **state)
{
	unsigned int i;

	(void)state;
	put_other("k", "v");
	for (i = 0; i < 3 * 1024 + 1; i++)
		assert_has(kvc, "k", "v");
	assert_int_equal(fake_calls.op, 1 + 1 + 3);
	assert_int_equal(figures(kvc).asked, 3);
}

#define SMALL	(4 << 10)
#define KEYS	200

/* What the other handle has put */
struct truth {
	bool there;
	unsigned int len;
	unsigned char byte;
};

static void put_truth(struct truth *t, unsigned int number, uint64_t *seed)
{
	unsigned char value[400];
	char key[16];

	snprintf(key, sizeof(key), "key%u", number);
	if (random_next(seed) % 4 == 0) {
		kvc_del(other, key, strlen(key));
		t->there = false;
		return;
	}
	t->there = true;
	t->len = random_next(seed) % sizeof(value);
	t->byte = random_next(seed);
	memset(value, t->byte, t->len);
	assert_int_equal(kvc_put(other, key, strlen(key), value, t->len, NULL,
				 NULL), 0);
}

static void check_truth(const struct truth *t, unsigned int number)
{
	unsigned char value[400];
	size_t len = sizeof(value), i;
	char key[16];
	int ret;

	snprintf(key, sizeof(key), "key%u", number);
	ret = kvc_get(kvc, key, strlen(key), value, &len, NULL);
	assert_int_equal(ret, t->there ? 0 : -ENOENT);
	if (!t->there)
		return;
	assert_int_equal(len, t->len);
	for (i = 0; i < len; i++)
		assert_int_equal(value[i], t->byte);
}

/* In memory for a few pairs, which are moved and overwritten all the time */
static void test_random(void **state)
{
	struct kvc_near_opts opts = { .bytes = SMALL + 1 };
	struct truth truth[KEYS] = { 0 };
	struct kvc_near_stats stats;
	uint64_t seed = 11;
	unsigned int i, at;

	(void)state;
	assert_int_equal(kvc_near_set(kvc, &opts), 0);
	for (i = 0; i < 200000; i++) {
		at = random_next(&seed) % (random_next(&seed) % KEYS + 1);
		if (random_next(&seed) % 30 == 0)
			put_truth(&truth[at], at, &seed);
		else
			check_truth(&truth[at], at);
	}
	stats = figures(kvc);
	assert_true(stats.hits > 1000);
	assert_true(stats.stale > 1000);
	assert_true(stats.misses > 1000);
	assert_true(stats.kept > 1000);
}

static void test_settings(void **state)
{
	struct kvc_near_opts opts = { .value_max = 3 };
	struct kvc_near_stats stats;
	struct kvc *bare;

	(void)state;
	put_other("k", "long");
	put_other("s", "abc");
	assert_int_equal(kvc_near_set(kvc, &opts), 0);
	assert_calls("k", "long", 1);
	assert_calls("k", "long", 1);
	assert_calls("s", "abc", 1);
	assert_calls("s", "abc", 0);
	assert_int_equal(kvc_near_set(kvc, NULL), 0);
	assert_calls("s", "abc", 1);
	assert_int_equal(kvc_near_stats(kvc, &stats), -ENOENT);
	opts.flags = 1;
	assert_int_equal(kvc_near_set(kvc, &opts), -EINVAL);
	opts = (struct kvc_near_opts){ .reserved = { 0, 1 } };
	assert_int_equal(kvc_near_set(kvc, &opts), -EINVAL);
	opts = (struct kvc_near_opts){ .bytes = 4095 };
	assert_int_equal(kvc_near_set(kvc, &opts), -EINVAL);
	opts.bytes = (4ull << 30) + 1;
	assert_int_equal(kvc_near_set(kvc, &opts), -EINVAL);
	opts.bytes = 0;
	fake.no_slots = true;
	assert_int_equal(kvc_near_set(kvc, &opts), -EOPNOTSUPP);
	fake.no_slots = false;
	assert_int_equal(kvc_open(O_RDWR, &bare), 0);
	assert_int_equal(kvc_near_set(bare, &opts), -ENOTCONN);
	kvc_close(bare);
	assert_int_equal(kvc_open(O_WRONLY, &bare), 0);
	assert_int_equal(kvc_attach(bare, "c"), 0);
	assert_int_equal(kvc_near_set(bare, &opts), -EBADF);
	kvc_close(bare);
	assert_calls("s", "abc", 1);
}

/* Where the caller's clock is not the kernel's, nothing that ends is kept. */
static void test_time_namespace(void **state)
{
	struct kvc_put_opts opts = {
		.flags = KVC_OP_F_TTL, .expiry = 3600000000000ull,
	};
	static const struct kvc_near_opts plain;

	(void)state;
	fake.clock_ahead = 100000000000;
	assert_int_equal(kvc_near_set(kvc, &plain), 0);
	assert_int_equal(kvc_put(other, "hour", 4, "v", 1, &opts, NULL), 0);
	put_other("ever", "v");
	assert_calls("hour", "v", 1);
	assert_calls("hour", "v", 1);
	assert_calls("ever", "v", 1);
	assert_calls("ever", "v", 0);
	assert_int_equal(figures(kvc).kept, 1);
	assert_int_equal(kvc_fence_set(ctl, "c", pairs_now() + 1000000000000),
			 0);
	assert_calls("ever", "v", 1);
}

/* More than there is room for at hand */
static void test_handles(void **state)
{
	static const struct kvc_near_opts opts;
	struct kvc *many[7];
	unsigned int round, i, calls;

	(void)state;
	put_other("k", "v");
	for (i = 0; i < ARRAY_SIZE(many); i++) {
		assert_int_equal(kvc_open(O_RDONLY, &many[i]), 0);
		assert_int_equal(kvc_attach(many[i], "c"), 0);
		assert_int_equal(kvc_near_set(many[i], &opts), 0);
	}
	for (round = 0; round < 3; round++) {
		calls = fake_calls.op;
		for (i = 0; i < ARRAY_SIZE(many); i++)
			assert_has(many[i], "k", "v");
		assert_int_equal(fake_calls.op - calls,
				 round ? 0 : ARRAY_SIZE(many));
	}
	for (i = 0; i < ARRAY_SIZE(many); i++) {
		assert_int_equal(figures(many[i]).hits, 2);
		kvc_close(many[i]);
	}
}

#define THREADS	4
#define STEPS	5000

/* The number that each key has at least */
static unsigned int newest[8];

static void *read_all(void *arg)
{
	unsigned int i, at, least, got;
	char key[2] = "0";
	size_t len;

	(void)arg;
	for (i = 0; i < STEPS; i++) {
		at = i % ARRAY_SIZE(newest);
		key[0] = '0' + at;
		least = __atomic_load_n(&newest[at], __ATOMIC_ACQUIRE);
		len = sizeof(got);
		if (kvc_get(kvc, key, 1, &got, &len, NULL) || got < least)
			return &newest[at];
	}
	return NULL;
}

static void put_number(unsigned int at, unsigned int number)
{
	char key[2] = { '0' + at };

	assert_int_equal(kvc_put(other, key, 1, &number, sizeof(number), NULL,
				 NULL), 0);
	__atomic_store_n(&newest[at], number, __ATOMIC_RELEASE);
}

/* Nobody reads less than what was put before he began. */
static void test_threads(void **state)
{
	struct kvc_near_stats stats;
	pthread_t thread[THREADS];
	unsigned int i;
	void *bad;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(newest); i++)
		put_number(i, 1);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, read_all,
						NULL), 0);
	for (i = 0; i < STEPS; i++)
		put_number(i % ARRAY_SIZE(newest), i + 2);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(thread[i], &bad), 0);
		assert_null(bad);
	}
	/* Also of those that have ended */
	stats = figures(kvc);
	assert_int_equal(stats.hits + stats.misses + stats.stale + stats.asked,
			 THREADS * STEPS);
	assert_true(stats.hits);
}

static int child(void)
{
	unsigned int calls = fake_calls.op;

	assert_has(kvc, "k", "v");
	if (fake_calls.op != calls)
		return 1;
	/* Its own clock is another one now. */
	assert_has(kvc, "hour", "v");
	if (fake_calls.op != calls + 1)
		return 2;
	assert_int_equal(put_other("k", "child's"), 0);
	assert_has(kvc, "k", "child's");
	kvc_close(kvc);
	kvc_close(other);
	return 0;
}

static void test_fork(void **state)
{
	struct kvc_put_opts opts = {
		.flags = KVC_OP_F_TTL, .expiry = 3600000000000ull,
	};
	pthread_t thread;
	unsigned int i;
	int status;
	void *bad;
	pid_t pid;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(newest); i++)
		put_number(i, 1);
	put_other("k", "v");
	assert_int_equal(kvc_put(other, "hour", 4, "v", 1, &opts, NULL), 0);
	assert_calls("k", "v", 1);
	assert_calls("hour", "v", 1);
	assert_int_equal(pthread_create(&thread, NULL, read_all, NULL), 0);
	fake_lock();
	fake.clock_ahead = 100000000000;
	pid = fork();
	if (!pid) {
		fake_forked();
		_exit(child());
	}
	fake.clock_ahead = 0;
	fake_unlock();
	assert_int_equal(pthread_join(thread, &bad), 0);
	assert_null(bad);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	/* The slots are the same, so it sees that the child has put. */
	assert_calls("k", "v", 1);
	assert_calls("hour", "v", 0);
}

/* What the store answers is kept when the cache has answered it. */
static void test_store(void **state)
{
	static const struct kvc_near_opts opts;
	unsigned int calls;

	(void)state;
	assert_int_equal(kvc_near_set(front, &opts), 0);
	mark_errno();
	stored("k", "stored");
	assert_reads("k", "stored");
	assert_int_equal(asked(), 1);
	assert_int_equal(figures(front).kept, 0);
	assert_reads("k", "stored");
	calls = fake_calls.op;
	assert_reads("k", "stored");
	assert_int_equal(fake_calls.op, calls);
	/* Also when the cache has evicted it since: it is what was stored last. */
	flushed();
	assert_reads("k", "stored");
	assert_int_equal(fake_calls.op, calls);
	assert_int_equal(kvc_del(front, "k", 1), 0);
	assert_reads("k", NULL);
	assert_int_equal(asked(), 1);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_hit), CASE(test_changes),
		CASE(test_changes_meanwhile), CASE(test_expiry),
		CASE(test_fence), CASE(test_end_of_the_cache),
		CASE(test_lengths), CASE(test_keys), CASE(test_get_alloc),
		CASE(test_asks_now_and_then), CASE(test_random),
		CASE(test_settings), CASE(test_time_namespace),
		CASE(test_handles), CASE(test_threads), CASE(test_fork),
		cmocka_unit_test_setup_teardown(test_store, front_setup,
						front_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
