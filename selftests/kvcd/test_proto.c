// SPDX-License-Identifier: GPL-2.0-only
/* What clients can ask for, and what they get */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../tools/kvcd/clock.h"
#include "../../tools/kvcd/storage.h"
#include "talk.h"

static struct counts *counts(void)
{
	return &bench.caches[0].counts;
}

static void store(const char *key, const char *value, uint64_t expiry)
{
	static uint64_t run;
	struct line line = { key, value, expiry };

	assert_int_equal(take_run(bench.caches[0].column, 1, ++run, &line, 1),
			 0);
}

static int attach_with(int file)
{
	int fd = talk_connect();
	struct answer_in in;

	talk_send(fd, KVCD_ATTACH, 1, NULL, 0, file);
	assert_true(talk_receive(fd, &in));
	free(in.body);
	close(fd);
	return in.head.result;
}

static void test_attach(void **state)
{
	int fd, file, null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(attach_with(-1), -EBADF);
	assert_int_equal(attach_with(null), -EBADF);
	assert_int_equal(attach_with(memfd_create("x", MFD_CLOEXEC)), -EBADF);
	fake_create("other", KVC_INFO_F_WRITEBEHIND);
	assert_int_equal(attach_with(fake_file("other")), -ENOENT);
	fake_create("b", 0);
	assert_int_equal(attach_with(fake_file("b")), -ENOENT);
	fd = talk_attached();
	assert_int_equal(talk_ask(fd, KVCD_ATTACH, NULL, 0), -EISCONN);
	file = fake_file("a");
	talk_send(fd, KVCD_ATTACH, 1, NULL, 0, file);
	close(fd);
	/* A file that is attached to nothing */
	fake.rights = 0;
	fd = talk_connect();
	assert_int_equal(talk_ask(fd, KVCD_GET, "k", 1), -ENOTCONN);
	assert_int_equal(talk_ask(fd, KVCD_STORE_COMPACT, NULL, 0), -ENOTCONN);
	close(fd);
	close(null);
}

/* The cache is another one of the same name: of another namespace, or gone. */
static void test_other_id(void **state)
{
	int old = fake_file("a"), fd;

	(void)state;
	fake_create("a", KVC_INFO_F_WRITEBEHIND);
	assert_int_equal(attach_with(old), -ENOENT);
	store("k", "v", 0);
	fd = talk_attached();
	assert_read(fd, "k", "v");
	fake_create("a", KVC_INFO_F_WRITEBEHIND);
	assert_int_equal(talk_ask(fd, KVCD_GET, "k", 1), -ESHUTDOWN);
	assert_int_equal(talk_ask(fd, KVCD_STORE_GET, "k", 1), -ESHUTDOWN);
	close(fd);
	fd = talk_attached();
	assert_read(fd, "k", "v");
	close(fd);
}

static void test_rights(void **state)
{
	int fd;

	(void)state;
	fake.rights = KVC_RIGHT_WRITE;
	fd = talk_attached();
	assert_int_equal(talk_ask(fd, KVCD_GET, "k", 1), -EBADF);
	assert_int_equal(talk_ask(fd, KVCD_STORE_GET, "k", 1), -EBADF);
	assert_int_equal(talk_ask(fd, KVCD_STORE_SCAN, NULL, 0), -EBADF);
	assert_int_equal(talk_ask(fd, KVCD_STORE_COMPACT, NULL, 0), 0);
	close(fd);
	fake.rights = KVC_RIGHT_READ;
	fd = talk_attached();
	assert_int_equal(talk_ask(fd, KVCD_GET, "k", 1), -ENOENT);
	assert_int_equal(talk_ask(fd, KVCD_STORE_COMPACT, NULL, 0), -EBADF);
	close(fd);
}

/* L9: what was flushed and evicted is read from the store, and filled */
static void test_read(void **state)
{
	int fd = talk_attached();
	uint64_t gets;
	bool dirty;

	(void)state;
	store("k", "v", 0);
	store("gone", NULL, 0);
	store("over", "v", 1);
	assert_read(fd, "k", "v");
	assert_int_equal(fake_peek("a", "k", 1, &dirty), 0);
	assert_false(dirty);
	assert_int_equal(counts()->lookups, 1);
	/* Now the kernel has it. */
	assert_read(fd, "k", "v");
	assert_int_equal(counts()->lookups, 1);
	/* L10: what is not there is filled as that. */
	assert_read(fd, "gone", NULL);
	assert_read(fd, "over", NULL);
	assert_int_equal(counts()->lookups, 3);
	gets = fake.gets;
	assert_read(fd, "gone", NULL);
	assert_int_equal(counts()->lookups, 3);
	assert_int_equal(fake.gets, gets + 1);
	close(fd);
}

/* L10: a key that is deleted and not flushed yet is not looked for */
static void test_deleted(void **state)
{
	int fd = talk_attached();

	(void)state;
	store("k", "old", 0);
	fake_del("a", "k", 1);
	assert_read(fd, "k", NULL);
	fake_put("a", "k", 1, "new", 3, 0);
	assert_read(fd, "k", "new");
	assert_int_equal(counts()->lookups, 0);
	close(fd);
}

static void test_expiry(void **state)
{
	uint64_t soon = clock_boot() + 3600000000000;
	struct answer_in in;
	struct kvcd_pair pair;
	int fd = talk_attached();

	(void)state;
	store("k", "v", soon);
	talk_send(fd, KVCD_GET, 1, "k", 1, -1);
	assert_true(talk_receive(fd, &in));
	memcpy(&pair, in.body, sizeof(pair));
	assert_in_range(pair.expiry, soon - 1000000000, soon + 1000000000);
	assert_int_equal(pair.client_flags, 7);
	free(in.body);
	close(fd);
}

/* The kernel does not want it: the answer is good all the same. */
static void test_fill_refused(void **state)
{
	int fd = talk_attached();

	(void)state;
	store("k", "v", 0);
	fake.fill_err = -ENOMEM;
	assert_read(fd, "k", "v");
	assert_read(fd, "k", "v");
	assert_int_equal(counts()->refused, 2);
	assert_int_equal(counts()->lookups, 2);
	close(fd);
}

static void set_hold(bool *field, bool value)
{
	fake_lock();
	*field = value;
	fake_unlock();
}

#define MANY	60

static void ask_many(const int *fds, int count, const char *key)
{
	int i;

	for (i = 0; i < MANY; i++)
		talk_send(fds[i % count], KVCD_GET, i, key, strlen(key), -1);
}

static void expect_many(const int *fds, int count, const char *value)
{
	bool seen[MANY] = { false };
	struct answer_in in;
	int i;

	for (i = 0; i < MANY; i++) {
		assert_true(talk_receive(fds[i % count], &in));
		assert_int_equal(in.head.result, 0);
		assert_string_equal((char *)in.body + sizeof(struct kvcd_pair),
				    value);
		assert_true(in.head.tag < MANY && !seen[in.head.tag]);
		seen[in.head.tag] = true;
		free(in.body);
	}
}

/* Many wait for one key, on several connections: one look-up. */
static void test_one_lookup(void **state)
{
	int fds[3] = { talk_attached(), talk_attached(), talk_attached() };
	int i;

	(void)state;
	store("k", "v", 0);
	set_hold(&fake.hold_gets, true);
	ask_many(fds, 3, "k");
	wait_until(counts()->gets == MANY);
	set_hold(&fake.hold_gets, false);
	expect_many(fds, 3, "v");
	assert_int_equal(counts()->lookups, 1);
	assert_int_equal(counts()->joined, MANY - 1);
	for (i = 0; i < 3; i++)
		close(fds[i]);
}

/*
 * L9: who asks while the store is read must not get what was overwritten before
 * it asked: the fill is refused, and the key is looked up once more.
 */
static void test_late(void **state)
{
	int first = talk_attached(), second = talk_attached();
	struct answer_in in;

	(void)state;
	store("k", "old", 0);
	set_hold(&fake.hold_fills, true);
	set_hold(&fake.hold_gets, true);
	talk_send(first, KVCD_GET, 1, "k", 1, -1);
	assert_true(fake_reaches(&fake.held, 1));
	/* Comes when the look-up has begun; */
	talk_send(second, KVCD_GET, 2, "k", 1, -1);
	wait_until(counts()->joined == 1);
	set_hold(&fake.hold_gets, false);
	wait_until(counts()->lookups == 1);
	assert_true(fake_reaches(&fake.held, 1));
	/* a write that is flushed and evicted before the fill. */
	fake_put("a", "k", 1, "new", 3, 0);
	fake_seal("a");
	fake_commit_all("a");
	fake_evict("a");
	store("k", "new", 0);
	set_hold(&fake.hold_fills, false);
	assert_true(talk_receive(first, &in));
	free(in.body);
	assert_true(talk_receive(second, &in));
	assert_string_equal((char *)in.body + sizeof(struct kvcd_pair), "new");
	free(in.body);
	assert_int_equal(counts()->lookups, 2);
	close(first);
	close(second);
}

/* Clients that leave while they wait leave nothing behind. */
static void test_gone_client(void **state)
{
	int fds[2] = { talk_attached(), talk_attached() };

	(void)state;
	store("k", "v", 0);
	set_hold(&fake.hold_gets, true);
	ask_many(fds, 1, "k");
	talk_send(fds[1], KVCD_GET, 1, "k", 1, -1);
	wait_until(counts()->gets == MANY + 1);
	close(fds[0]);
	wait_until(server.connected == 1);
	set_hold(&fake.hold_gets, false);
	{
		struct answer_in in;

		assert_true(talk_receive(fds[1], &in));
		assert_int_equal(in.head.result, 0);
		free(in.body);
	}
	close(fds[1]);
}

static void test_stats(void **state)
{
	int fd = talk_attached();
	struct answer_in in;
	json_t *top, *a;

	(void)state;
	store("k", "v", 0);
	assert_read(fd, "k", "v");
	talk_send(fd, KVCD_STORE_STATS, 1, NULL, 0, -1);
	assert_true(talk_receive(fd, &in));
	top = json_loadb((char *)in.body, in.head.len, 0, NULL);
	assert_non_null(top);
	a = json_array_get(json_object_get(top, "caches"), 0);
	assert_string_equal(json_string_value(json_object_get(a, "name")), "a");
	a = json_object_get(a, "read_through");
	assert_int_equal(json_integer_value(json_object_get(a, "lookups")), 1);
	json_decref(top);
	free(in.body);
	close(fd);
}

/* The store cannot be read: an error, and none of it gets into the cache. */
static void test_broken_store(void **state)
{
	int fd = talk_attached();
	rocksdb_t *db;

	(void)state;
	store("k", "v", 0);
	pthread_rwlock_wrlock(&bench.store->lock);
	db = bench.store->db;
	bench.store->db = NULL;
	pthread_rwlock_unlock(&bench.store->lock);
	assert_int_equal(talk_ask(fd, KVCD_GET, "k", 1), -EIO);
	assert_int_equal(talk_ask(fd, KVCD_STORE_GET, "k", 1), -EIO);
	assert_int_equal(talk_ask(fd, KVCD_STORE_COMPACT, NULL, 0), -EIO);
	assert_int_equal(fake.fills, 0);
	assert_int_equal(counts()->errors, 2);
	pthread_rwlock_wrlock(&bench.store->lock);
	bench.store->db = db;
	pthread_rwlock_unlock(&bench.store->lock);
	assert_read(fd, "k", "v");
	close(fd);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, talk_setup, talk_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_attach), CASE(test_other_id), CASE(test_rights),
		CASE(test_read), CASE(test_deleted), CASE(test_expiry),
		CASE(test_fill_refused), CASE(test_one_lookup), CASE(test_late),
		CASE(test_gone_client), CASE(test_stats),
		CASE(test_broken_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
