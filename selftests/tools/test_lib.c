// SPDX-License-Identifier: GPL-2.0-only
/* libkvc: handles, pairs, batches, caches. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases.h"
#include "fake.h"
#include "lib.h"

static void test_open(void **state)
{
	struct kvc *other;
	int fd;

	(void)state;
	assert_int_equal(kvc_open_at("/dev/null/none", O_RDONLY, &other),
			 -ENOTDIR);
	assert_int_equal(kvc_open_at("/dev/null", O_RDONLY, &other), -ENOTTY);
	fake.absent = true;
	assert_int_equal(kvc_open(O_RDONLY, &other), -ENOENT);
	fake.absent = false;
	fake.open_err = EACCES;
	assert_int_equal(kvc_open(O_RDONLY, &other), -EACCES);
	fd = dup(kvc_fd(kvc));
	assert_int_equal(kvc_open_fd(fd, &other), -ENOTTY);
	close(fd);
	kvc_close(NULL);
	mark_errno();
}

static void test_attach(void **state)
{
	struct kvc_info info;
	char name[KVC_NAME_MAX + 1];

	(void)state;
	memset(name, 'n', KVC_NAME_MAX);
	name[KVC_NAME_MAX] = '\0';
	assert_int_equal(kvc_attach(kvc, name), -ENAMETOOLONG);
	assert_int_equal(kvc_attach(kvc, "c"), -EISCONN);
	assert_int_equal(kvc_info(kvc, &info), 0);
	assert_string_equal(info.name, "c");
}

static void test_get_put(void **state)
{
	struct kvc_put_opts opts = { .client_flags = 7 };
	struct kvc_meta meta;
	uint64_t version;
	char value[8];
	size_t len = sizeof(value);

	(void)state;
	assert_int_equal(kvc_get(kvc, "k", 1, value, &len, NULL), -ENOENT);
	assert_int_equal(kvc_put(kvc, "k", 1, "a\0b", 3, &opts, &version), 0);
	assert_int_equal(kvc_get(kvc, "k", 1, value, &len, &meta), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(value, "a\0b", 3);
	assert_int_equal(meta.version, version);
	assert_int_equal(meta.client_flags, 7);
	assert_int_equal(meta.expiry, 0);
	len = 2;
	assert_int_equal(kvc_get(kvc, "k", 1, value, &len, NULL), -ERANGE);
	assert_int_equal(len, 3);
	opts.reserved[1] = 1;
	assert_int_equal(kvc_put(kvc, "k", 1, "", 0, &opts, NULL), -EINVAL);
	assert_int_equal(kvc_put(kvc, "", 0, "", 0, NULL, NULL), -EINVAL);
}

/* Lengths that the ABI cannot carry are refused, never cut. */
static void test_lengths(void **state)
{
	size_t huge = (size_t)UINT32_MAX + 2;
	char value[4];
	size_t len = huge;

	(void)state;
	assert_int_equal(put("k", "v"), 0);
	assert_int_equal(kvc_put(kvc, "k", huge, "v", 1, NULL, NULL),
			 -ENAMETOOLONG);
	assert_int_equal(kvc_put(kvc, "k", 1, "v", huge, NULL, NULL), -E2BIG);
	assert_int_equal(kvc_del(kvc, "k", huge), -ENAMETOOLONG);
	assert_int_equal(kvc_touch(kvc, "k", huge, 0, 0), -ENAMETOOLONG);
	assert_int_equal(kvc_get(kvc, "k", huge, value, &len, NULL),
			 -ENAMETOOLONG);
	assert_int_equal(kvc_get(kvc, "k", 1, value, &len, NULL), 0);
	assert_int_equal(len, 1);
}

static char grown[100000];

static void grow(void)
{
	assert_int_equal(kvc_put(kvc, "k", 1, grown, sizeof(grown), NULL, NULL),
			 0);
}

/* At the second GET from now. */
static void grow_next(void)
{
	fake.on_get = grow;
}

static void test_get_alloc(void **state)
{
	void *value;
	size_t len;

	(void)state;
	assert_int_equal(kvc_get_alloc(kvc, "k", 1, &value, &len, NULL),
			 -ENOENT);
	assert_int_equal(put("k", "abc"), 0);
	assert_int_equal(kvc_get_alloc(kvc, "k", 1, &value, &len, NULL), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(value, "abc", 4);
	free(value);
	assert_int_equal(kvc_put(kvc, "k", 1, grown, 5000, NULL, NULL), 0);
	assert_int_equal(kvc_get_alloc(kvc, "k", 1, &value, &len, NULL), 0);
	assert_int_equal(len, 5000);
	free(value);
	/* It grows after its length was told and before it is read. */
	memset(grown, 'g', sizeof(grown));
	fake.on_get = grow_next;
	assert_int_equal(kvc_get_alloc(kvc, "k", 1, &value, &len, NULL), 0);
	assert_int_equal(len, sizeof(grown));
	assert_memory_equal(value, grown, sizeof(grown));
	assert_int_equal(((char *)value)[len], '\0');
	free(value);
}

static void test_cas(void **state)
{
	uint64_t version = 0, old;
	struct kvc_meta meta;
	char value[4];
	size_t len = sizeof(value);

	(void)state;
	assert_int_equal(kvc_cas(kvc, "k", 1, "v", 1, &version), -ENOENT);
	assert_int_equal(kvc_put(kvc, "k", 1, "v", 1, NULL, &version), 0);
	old = version;
	assert_int_equal(kvc_cas(kvc, "k", 1, "w", 1, &version), 0);
	assert_true(version > old);
	assert_int_equal(kvc_cas(kvc, "k", 1, "x", 1, &old), -ESTALE);
	assert_int_equal(kvc_get(kvc, "k", 1, value, &len, &meta), 0);
	assert_int_equal(value[0], 'w');
	assert_int_equal(meta.version, version);
	assert_int_equal(kvc_del_cas(kvc, "k", 1, old), -ESTALE);
	assert_int_equal(kvc_del_cas(kvc, "k", 1, version), 0);
	assert_int_equal(kvc_del(kvc, "k", 1), -ENOENT);
}

static void test_touch(void **state)
{
	struct kvc_meta meta;
	size_t len = 0;

	(void)state;
	assert_int_equal(kvc_touch(kvc, "k", 1, 0, 0), -ENOENT);
	assert_int_equal(put("k", ""), 0);
	assert_int_equal(kvc_touch(kvc, "k", 1, INT64_MAX, 0), 0);
	assert_int_equal(kvc_get(kvc, "k", 1, NULL, &len, &meta), 0);
	assert_int_equal(meta.expiry, INT64_MAX);
	assert_int_equal(kvc_touch(kvc, "k", 1, INT64_MAX, KVC_OP_F_TTL),
			 -ERANGE);
	assert_int_equal(kvc_touch(kvc, "k", 1, 1, 0), 0);
	assert_int_equal(kvc_get(kvc, "k", 1, NULL, &len, &meta), -ENOENT);
}

static void test_rights(void **state)
{
	struct kvc *reader;
	size_t len = 1;
	char value;

	(void)state;
	assert_int_equal(kvc_open(O_RDONLY, &reader), 0);
	assert_int_equal(kvc_get(reader, "k", 1, &value, &len, NULL),
			 -ENOTCONN);
	assert_int_equal(kvc_attach(reader, "c"), 0);
	assert_int_equal(kvc_put(reader, "k", 1, "v", 1, NULL, NULL), -EBADF);
	assert_int_equal(kvc_clear(reader), -EBADF);
	kvc_close(reader);
}

#define BATCH	23

static void fill_batch(struct kvc_op *ops, char (*keys)[8])
{
	int i;

	for (i = 0; i < BATCH; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%02d", i % 100);
		ops[i] = (struct kvc_op){
			.opcode = KVC_OP_PUT,
			.key = (uintptr_t)keys[i],
			.key_len = 3,
			.value = (uintptr_t)keys[i],
			.value_len = 3,
		};
	}
}

static void test_batch_split(void **state)
{
	struct kvc_op ops[BATCH];
	char keys[BATCH][8];
	struct kvc *small;
	size_t done;
	int i;

	(void)state;
	fake.batch_max = 5;
	assert_int_equal(kvc_open(O_RDWR, &small), 0);
	assert_int_equal(kvc_attach(small, "c"), 0);
	fill_batch(ops, keys);
	ops[9].opcode = 99;
	assert_int_equal(kvc_batch(small, ops, BATCH, &done), 0);
	assert_int_equal(done, BATCH);
	assert_int_equal(fake_calls.batch, 5);
	for (i = 0; i < BATCH; i++)
		assert_int_equal(ops[i].result, i == 9 ? -EINVAL : 0);
	assert_int_equal(kvc_batch(small, ops, 0, &done), 0);
	assert_int_equal(done, 0);
	kvc_close(small);
}

/* The call fails in its second part: the first one counts. */
static void test_batch_fails(void **state)
{
	struct kvc_op ops[BATCH];
	char keys[BATCH][8];
	size_t done;

	(void)state;
	fill_batch(ops, keys);
	fake.batch_max = 5;
	assert_int_equal(kvc_batch(kvc, ops, BATCH, &done), -EINVAL);
	assert_int_equal(done, 0);
}

/* The names that a list gives, and it uses the socket meanwhile. */
static int add_name(const struct kvc_config *config, void *arg)
{
	struct kvc_config again;

	assert_int_equal(kvc_cache_get(ctl, config->name, &again), 0);
	assert_string_equal(again.name, config->name);
	strcat(arg, config->name);
	return 0;
}

static int stop_at_b(const struct kvc_config *config, void *arg)
{
	(void)arg;
	return !strcmp(config->name, "b") ? 7 : 0;
}

static void test_control(void **state)
{
	struct kvc_config config = { 0 };
	char names[64] = "";

	(void)state;
	make_cache("a");
	make_cache("b");
	/* bad input row: dump while it changes */
	fake.dump_intr = 3;
	assert_int_equal(kvc_cache_list(ctl, add_name, names), 0);
	assert_string_equal(names, "abc");
	assert_int_equal(kvc_cache_list(ctl, stop_at_b, NULL), 7);
	fake.dump_intr = 1000;
	assert_int_equal(kvc_cache_list(ctl, add_name, names), -EINTR);
	fake.dump_intr = 0;
	assert_int_equal(kvc_cache_get(ctl, "b", &config), 0);
	assert_string_equal(config.name, "b");
	/* What was left out is the kernel's choice. */
	assert_int_equal(config.mode, 0600);
	assert_int_equal(config.uid, 1000);
	assert_int_equal(config.gid, 0);
	config.mode = 0640;
	config.limit = 5;
	assert_int_equal(kvc_cache_set(ctl, &config, 1u << KVC_A_CACHE_MODE),
			 0);
	assert_int_equal(fake_calls.given, 1u << KVC_A_CACHE_MODE |
					   1u << KVC_A_CACHE_NAME);
	assert_int_equal(kvc_cache_get(ctl, "b", &config), 0);
	assert_int_equal(config.mode, 0640);
	assert_int_equal(config.limit, 1 << 20);
	assert_int_equal(kvc_cache_get(ctl, "bb", &config), -ENOENT);
	assert_int_equal(kvc_cache_destroy(ctl, "b"), 0);
	assert_int_equal(kvc_cache_destroy(ctl, "b"), -ENOENT);
}

static void test_ctl_error(void **state)
{
	struct kvc_config config = { .name = "c", .mode = 01000 };
	struct kvc_ctl *other;
	char name[KVC_NAME_MAX + 1];

	(void)state;
	/* The kernel's own words: the attribute is found by its offset. */
	assert_int_equal(kvc_cache_set(ctl, &config, 1u << KVC_A_CACHE_MODE),
			 -ERANGE);
	assert_string_equal(kvc_ctl_error(ctl),
			    "cache.mode: integer out of range");
	config.limit = 1;
	assert_int_equal(kvc_cache_set(ctl, &config, 1u << KVC_A_CACHE_LIMIT),
			 -ERANGE);
	assert_string_equal(kvc_ctl_error(ctl), "cache.limit: 64 KiB to 64 TiB");
	assert_int_equal(kvc_cache_destroy(ctl, "none"), -ENOENT);
	assert_string_equal(kvc_ctl_error(ctl), "");
	memset(name, 'n', KVC_NAME_MAX);
	name[KVC_NAME_MAX] = '\0';
	assert_int_equal(kvc_cache_destroy(ctl, name), -ENAMETOOLONG);
	fake.absent = true;
	assert_int_equal(kvc_ctl_open(&other), -ENOENT);
	kvc_ctl_close(NULL);
}

static void test_stats(void **state)
{
	struct kvc_stats stats;
	size_t len = 0;

	(void)state;
	put_many(3);
	assert_int_equal(kvc_get(kvc, "x", 1, NULL, &len, NULL), -ENOENT);
	assert_int_equal(kvc_stats(ctl, "c", &stats), 0);
	assert_string_equal(stats.name, "c");
	assert_int_equal(stats.puts, 3);
	assert_int_equal(stats.misses, 1);
	assert_int_equal(kvc_clear(kvc), 0);
	assert_int_equal(kvc_stats(ctl, "c", &stats), 0);
	assert_int_equal(stats.entries_tier, 0);
	assert_int_equal(kvc_stats(ctl, "none", &stats), -ENOENT);
}

static void test_purge(void **state)
{
	uint64_t count;

	(void)state;
	put_many(12);
	assert_int_equal(kvc_purge(ctl, "c", "k0001", 5, 0, 0, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(kvc_purge(ctl, "c", "k0001", 5, 0, 7, &count), 0);
	assert_int_equal(count, 0);
	fake.purge_intr = 1;
	assert_int_equal(kvc_purge(ctl, "c", "k000", 4, KVC_PURGE_F_PREFIX, 0,
				   NULL), -EINTR);
	assert_int_equal(kvc_purge(ctl, "c", "k000", 4, KVC_PURGE_F_PREFIX, 0,
				   &count), 0);
	assert_int_equal(count, 9);
	assert_int_equal(kvc_purge(ctl, "c", "k", 1, 2, 0, NULL), -EINVAL);
	assert_int_equal(kvc_purge(ctl, "none", "k", 1, 0, 0, NULL), -ENOENT);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, lib_setup, lib_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_open), CASE(test_attach), CASE(test_get_put),
		CASE(test_lengths), CASE(test_get_alloc), CASE(test_cas),
		CASE(test_touch), CASE(test_rights), CASE(test_batch_split),
		CASE(test_batch_fails), CASE(test_control), CASE(test_ctl_error),
		CASE(test_stats), CASE(test_purge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
