// SPDX-License-Identifier: GPL-2.0-only
/* libkvc: kvcd that is absent, restarted, slow or wrong, and many threads. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"
#include "fake.h"
#include "fake_kvcd.h"
#include "front.h"
#include "util.h"

static void assert_says(const char *part)
{
	char text[512];

	kvc_store_error(front, text, sizeof(text));
	if (!strstr(text, part))
		fail_msg("said: %s", text);
}

static int get(void)
{
	char value[64];
	size_t len = sizeof(value);

	return kvc_get(front, "k", 1, value, &len, NULL);
}

static int touch(void)
{
	return kvc_touch(front, "k", 1, 0, 0);
}

static int scan(void)
{
	struct kvc_cursor *cursor;
	struct kvc_pair pair;
	int ret;

	assert_int_equal(kvc_scan_open(front, NULL, &cursor), 0);
	do {
		ret = kvc_scan_next(cursor, &pair);
	} while (ret > 0);
	kvc_scan_close(cursor);
	return ret;
}

static int store_get(void)
{
	void *value;
	size_t len;
	int ret;

	ret = kvc_store_get(front, "k", 1, &value, &len, NULL);
	if (!ret)
		free(value);
	return ret;
}

static int batch(void)
{
	struct kvc_op op = {
		.opcode = KVC_OP_GET, .key = (uintptr_t)"k", .key_len = 1,
	};
	char value[64];

	op.value = (uintptr_t)value;
	op.value_len = sizeof(value);
	assert_int_equal(kvc_batch(front, &op, 1, NULL), 0);
	return op.result;
}

/* All that asks kvcd; each finds what the store has, or did, to be 0. */
static int (*const calls[])(void) = { get, touch, scan, store_get, batch };

/* The error of each of the calls, on a key that the cache does not know. */
static void assert_all(int err)
{
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		flushed();
		ret = calls[i]();
		if (ret != err)
			fail_msg("call %zu gave %d, not %d", i, ret, err);
	}
}

static void test_absent(void **state)
{
	struct kvc_store_opts opts = { .path = "/tmp/none/kvcd.sock" };
	char text[8], longest[200];

	(void)state;
	stored("k", "v");
	assert_int_equal(kvc_store_error(front, text, sizeof(text))[0], '\0');
	fake_kvcd_stop();
	assert_all(-EHOSTDOWN);
	assert_says(fake_kvcd_path());
	assert_says("No such file or directory");
	assert_says("start kvcd");
	assert_says("KVC_KVCD_SOCKET");
	assert_int_equal(strlen(kvc_store_error(front, text, sizeof(text))), 7);
	kvc_store_error(front, NULL, 0);
	assert_int_equal(kvc_store_set(front, &opts), 0);
	assert_all(-EHOSTDOWN);
	assert_says("/tmp/none/kvcd.sock");
	/* Something else than a socket. */
	opts.path = "/dev/null";
	assert_int_equal(kvc_store_set(front, &opts), 0);
	assert_all(-EHOSTDOWN);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	opts.path = longest;
	assert_int_equal(kvc_store_set(front, &opts), -ENAMETOOLONG);
	/* What the cache has is read all the same. */
	assert_int_equal(front_put("k", "v"), 0);
	assert_reads("k", "v");
}

/* The default path is that of the environment, else the one that kvcd has. */
static void test_path(void **state)
{
	(void)state;
	unsetenv("KVC_KVCD_SOCKET");
	fake_kvcd_stop();
	assert_int_equal(get(), -EHOSTDOWN);
	assert_says("/run/kvcd/kvcd.sock");
}

static void test_restarted(void **state)
{
	int i;

	(void)state;
	stored("k", "v");
	assert_all(0);
	for (i = 0; i < 3; i++) {
		fake_kvcd_stop();
		fake_kvcd_start();
		assert_all(0);
	}
	fake_kvcd_stop();
	assert_all(-EHOSTDOWN);
	fake_kvcd_start();
	assert_all(0);
}

static void test_refused(void **state)
{
	(void)state;
	stored("k", "v");
	fake_kvcd.attach_err = -ENOENT;
	assert_all(-EHOSTDOWN);
	assert_says("does not serve this cache");
	fake_kvcd.attach_err = -EBADF;
	assert_all(-EHOSTDOWN);
	assert_says("refuses this cache");
	fake_kvcd.attach_err = -ESHUTDOWN;
	assert_all(-ESHUTDOWN);
	fake_kvcd.attach_err = 0;
	assert_all(0);
	fake_kvcd.result = -EIO;
	assert_all(-EIO);
	fake_kvcd.result = 0;
	assert_all(0);
}

/* Once is nothing; when it stays, it is an error, and is over when it is. */
static void test_lost(void **state)
{
	enum kvcd_fault fault;
	size_t i;

	(void)state;
	stored("k", "v");
	for (fault = FAULT_CLOSE; fault <= FAULT_HALF; fault++) {
		for (i = 0; i < ARRAY_SIZE(calls); i++) {
			flushed();
			fake_kvcd.fault = fault;
			fake_kvcd.fault_count = 1;
			assert_int_equal(calls[i](), 0);
			assert_int_equal(fake_kvcd.fault, FAULT_NONE);
		}
		fake_kvcd.fault = fault;
		assert_all(-EHOSTDOWN);
		assert_says("closed the connection");
		fake_kvcd.fault = FAULT_NONE;
		assert_all(0);
	}
}

/* Does the answer to the call have what the fault is in? */
static int has(size_t call, enum kvcd_fault fault)
{
	if (calls[call] == scan)
		return fault != FAULT_VALUE_LEN;
	if (calls[call] == touch)
		return fault < FAULT_SHORT;
	return fault < FAULT_REC_LEN;
}

static void test_nonsense(void **state)
{
	enum kvcd_fault fault;
	size_t i;
	int ret;

	(void)state;
	stored("k", "v");
	stored("l", "w");
	for (fault = FAULT_MAGIC; fault < FAULTS; fault++) {
		for (i = 0; i < ARRAY_SIZE(calls); i++) {
			flushed();
			fake_kvcd.fault = has(i, fault) ? fault : FAULT_NONE;
			ret = calls[i]();
			if (ret != (has(i, fault) ? -EPROTO : 0))
				fail_msg("fault %d of call %zu: %d", fault, i,
					 ret);
		}
		assert_says("is not kvcd");
		fake_kvcd.fault = FAULT_NONE;
		assert_all(0);
	}
}

static void test_slow(void **state)
{
	struct kvc_store_opts opts = { .timeout = 20000000 };
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd;

	(void)state;
	stored("k", "v");
	assert_int_equal(kvc_store_set(front, &opts), 0);
	fake_kvcd.fault = FAULT_SLOW;
	assert_all(-ETIMEDOUT);
	assert_says("did not answer in 0.02 s");
	fake_kvcd.fault = FAULT_NONE;
	opts.timeout = UINT64_MAX;
	assert_int_equal(kvc_store_set(front, &opts), 0);
	assert_all(0);
	/* Somebody who listens and never accepts. */
	fake_kvcd_stop();
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(at.sun_path, fake_kvcd_path());
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 0), 0);
	opts.timeout = 20000000;
	assert_int_equal(kvc_store_set(front, &opts), 0);
	assert_all(-ETIMEDOUT);
	close(fd);
	unlink(at.sun_path);
}

#define THREADS	8
#define KEYS	50
#define STEPS	200

static void key_of(unsigned int i, char key[8])
{
	snprintf(key, 8, "k%03u", i);
}

/* Only what this thread asserts may fail: cmocka's own belong to one. */
static void *read_and_count(void *arg)
{
	uint64_t seed = (uintptr_t)arg;
	unsigned long i, count;
	struct kvc_meta meta;
	char key[8], value[64];
	size_t len;
	int ret;

	for (i = 0; i < STEPS; i++) {
		key_of(random_next(&seed) % KEYS, key);
		len = sizeof(value);
		if (kvc_get(front, key, 4, value, &len, NULL) || len != 4 ||
		    memcmp(value, key, 4))
			return (void *)1;
		do {
			len = sizeof(count);
			if (kvc_get(front, "n", 1, &count, &len, &meta))
				return (void *)2;
			count++;
			ret = kvc_cas(front, "n", 1, &count, sizeof(count),
				      &meta.version);
			if (!(i % 8))
				flushed();
		} while (ret == -ESTALE || ret == -EAGAIN);
		if (ret)
			return (void *)3;
	}
	return NULL;
}

/* L9: threads on one handle, with flushes and evictions meanwhile */
static void test_threads(void **state)
{
	pthread_t threads[THREADS];
	unsigned long count = 0, i;
	char key[8];
	void *ret;
	size_t len = sizeof(count);

	(void)state;
	for (i = 0; i < KEYS; i++) {
		key_of(i, key);
		stored(key, key);
	}
	assert_int_equal(kvc_put(front, "n", 1, &count, sizeof(count), NULL,
				 NULL), 0);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
						read_and_count,
						(void *)(i + 1)), 0);
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &ret);
		assert_null(ret);
	}
	flushed();
	assert_int_equal(kvc_get(front, "n", 1, &count, &len, NULL), 0);
	assert_int_equal(count, THREADS * STEPS);
	/* No more connections than there were threads. */
	assert_in_range(fake_kvcd.connections, 1, THREADS);
}

/* A child leaves its parent's connection alone. */
static void test_fork(void **state)
{
	unsigned int before;
	int status;
	pid_t pid;

	(void)state;
	stored("k", "v");
	assert_int_equal(get(), 0);
	before = fake_kvcd.connections;
	flushed();
	pid = fork();
	if (!pid)
		_exit(store_get() || store_get() ? 1 : 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(fake_kvcd.connections, before + 1);
	assert_int_equal(get(), 0);
	assert_int_equal(fake_kvcd.connections, before + 1);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, front_setup, front_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_absent), CASE(test_path), CASE(test_restarted),
		CASE(test_refused), CASE(test_lost), CASE(test_nonsense),
		CASE(test_slow), CASE(test_threads), CASE(test_fork),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
