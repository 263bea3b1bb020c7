// SPDX-License-Identifier: GPL-2.0-only
/* libkvc: reading through kvcd what a write-behind cache does not know. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases.h"
#include "fake.h"
#include "fake_kvcd.h"
#include "front.h"

/* L9: what only the store has is read, and then known to the cache. */
static void test_hit(void **state)
{
	struct kvc_meta meta;
	char value[8];
	size_t len = sizeof(value);

	(void)state;
	stored("k", "value");
	assert_int_equal(kvc_get(front, "k", 1, value, &len, &meta), 0);
	assert_int_equal(len, 5);
	assert_memory_equal(value, "value", 5);
	assert_int_equal(meta.client_flags, 9);
	assert_true(meta.version);
	assert_int_equal(asked(), 1);
	assert_reads("k", "value");
	assert_int_equal(asked(), 1);
	/* One connection is enough for all. */
	stored("l", "other");
	assert_reads("l", "other");
	assert_int_equal(asked(), 2);
	assert_int_equal(fake_kvcd.connections, 1);
}

/* What neither has is known to be nowhere, without asking again. */
static void test_miss(void **state)
{
	(void)state;
	assert_reads("k", NULL);
	assert_int_equal(asked(), 1);
	assert_reads("k", NULL);
	assert_int_equal(asked(), 1);
	/* L10: of a deleted key, whatever the store has, nobody is asked. */
	stored("d", "old");
	assert_int_equal(kvc_del(front, "d", 1), 0);
	assert_reads("d", NULL);
	assert_int_equal(asked(), 1);
	flushed();
	assert_reads("d", NULL);
	assert_int_equal(asked(), 2);
}

static char large[1 << 20];

/* Any bytes and lengths, into room that is right, too small and allocated. */
static void test_lengths(void **state)
{
	static const size_t lens[] = { 0, 1, 4095, 4096, 4097, 100000, 1 << 20 };
	static char room[sizeof(large) + 1];
	uint64_t seed = 77;
	size_t i, len;
	void *value;

	(void)state;
	random_bytes(&seed, (unsigned char *)large, sizeof(large));
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		assert_int_equal(kvc_put(front, "k", 1, large, lens[i], NULL,
					 NULL), 0);
		flushed();
		memset(room, 'x', sizeof(room));
		len = lens[i] ? lens[i] - 1 : 0;
		if (lens[i]) {
			assert_int_equal(kvc_get(front, "k", 1, room, &len,
						 NULL), -ERANGE);
			assert_int_equal(len, lens[i]);
			assert_int_equal(room[0], 'x');
			flushed();
		}
		assert_int_equal(kvc_get(front, "k", 1, room, &len, NULL), 0);
		assert_int_equal(len, lens[i]);
		if (len)
			assert_memory_equal(room, large, len);
		assert_int_equal(room[len], 'x');
		flushed();
		/* Also when it is asked for twice: nothing is kept. */
		fake_kvcd.no_fill = 2;
		assert_int_equal(kvc_get_alloc(front, "k", 1, &value, &len,
					       NULL), 0);
		assert_int_equal(len, lens[i]);
		if (len)
			assert_memory_equal(value, large, len);
		assert_int_equal(((char *)value)[len], '\0');
		free(value);
		fake_kvcd.no_fill = 0;
	}
}

/* A put and a delete without a condition need nobody. */
static void test_unconditional(void **state)
{
	(void)state;
	fake_kvcd_stop();
	assert_int_equal(front_put("k", "v"), 0);
	assert_reads("k", "v");
	assert_int_equal(kvc_del(front, "k", 1), 0);
	assert_int_equal(kvc_del(front, "none", 4), 0);
	assert_reads("none", NULL);
	assert_int_equal(kvc_del(front, "none", 4), -ENOENT);
}

static int put_how(const char *key, uint32_t flags, uint64_t version)
{
	struct kvc_put_opts opts = { .flags = flags, .version = version };

	return kvc_put(front, key, strlen(key), "new", 3, &opts, NULL);
}

static uint64_t version_of(const char *key)
{
	struct kvc_meta meta;
	char value[64];
	size_t len = sizeof(value);

	assert_int_equal(kvc_get(front, key, strlen(key), value, &len, &meta),
			 0);
	return meta.version;
}

/* A condition on a key that only the store knows is decided by what it has. */
static void test_conditions(void **state)
{
	uint64_t version;

	(void)state;
	stored("k", "old");
	assert_int_equal(put_how("k", KVC_OP_F_CREATE, 0), -EEXIST);
	flushed();
	assert_int_equal(put_how("k", KVC_OP_F_REPLACE, 0), 0);
	assert_reads("k", "new");
	stored("l", "old");
	version = version_of("l");
	assert_int_equal(kvc_cas(front, "l", 1, "new", 3, &version), 0);
	assert_reads("l", "new");
	flushed();
	version += 1000;
	assert_int_equal(kvc_cas(front, "l", 1, "newer", 5, &version), -ESTALE);
	assert_reads("l", "new");
	flushed();
	assert_int_equal(kvc_del_cas(front, "l", 1, 1), -ESTALE);
	assert_int_equal(kvc_del_cas(front, "l", 1, version_of("l")), 0);
	assert_reads("l", NULL);
	flushed();
	assert_int_equal(kvc_touch(front, "k", 1, INT64_MAX, 0), 0);
	assert_reads("k", "new");
	assert_int_equal(kvc_touch(front, "k", 1, 1, 0), 0);
	assert_reads("k", NULL);
}

/* What neither knows is absent. */
static void test_conditions_absent(void **state)
{
	uint64_t version = 1;

	(void)state;
	assert_int_equal(put_how("r", KVC_OP_F_REPLACE, 0), -ENOENT);
	assert_int_equal(kvc_cas(front, "c", 1, "v", 1, &version), -ENOENT);
	assert_int_equal(kvc_del_cas(front, "d", 1, 1), -ENOENT);
	assert_int_equal(kvc_touch(front, "t", 1, 0, 0), -ENOENT);
	assert_int_equal(asked(), 4);
	assert_int_equal(put_how("k", KVC_OP_F_CREATE, 0), 0);
	assert_int_equal(asked(), 5);
	assert_reads("k", "new");
	assert_int_equal(asked(), 5);
}

/* What kvcd read is not always kept: then it is read again, but not for ever. */
static void test_retries(void **state)
{
	(void)state;
	stored("k", "old");
	fake_kvcd.no_fill = 3;
	assert_int_equal(put_how("k", KVC_OP_F_CREATE, 0), -EEXIST);
	assert_int_equal(asked(), 4);
	flushed();
	fake_kvcd.no_fill = UINT32_MAX;
	assert_int_equal(put_how("k", KVC_OP_F_CREATE, 0), -EAGAIN);
	assert_in_range(asked() - 4, 2, 20);
	fake_kvcd.no_fill = 0;
	assert_int_equal(put_how("k", KVC_OP_F_REPLACE, 0), 0);
}

static void overwrite(void)
{
	assert_int_equal(front_put("k", "newer"), 0);
}

/* A write between kvcd's reading and filling is not hidden by the fill. */
static void test_race(void **state)
{
	(void)state;
	stored("k", "old");
	fake_kvcd.on_fill = overwrite;
	assert_reads("k", "old");
	assert_reads("k", "newer");
	assert_int_equal(asked(), 1);
	flushed();
	fake_kvcd.on_fill = overwrite;
	stored("k", "old");
	assert_int_equal(put_how("k", KVC_OP_F_CREATE, 0), -EEXIST);
	assert_reads("k", "newer");
}

static void test_cache_only(void **state)
{
	struct kvc_store_opts opts = { .flags = KVC_STORE_F_OFF };
	struct kvc_cursor *cursor;
	struct kvc_pair pair;
	struct kvc_op op = {
		.opcode = KVC_OP_TOUCH, .key = (uintptr_t)"k", .key_len = 1,
	};
	size_t done;

	(void)state;
	stored("k", "old");
	assert_int_equal(kvc_store_set(front, &opts), 0);
	assert_reads("k", NULL);
	assert_int_equal(put_how("k", KVC_OP_F_CREATE, 0), -ENODATA);
	assert_int_equal(kvc_batch(front, &op, 1, &done), 0);
	assert_int_equal(op.result, -ENODATA);
	assert_int_equal(kvc_scan_open(front, NULL, &cursor), 0);
	assert_int_equal(kvc_scan_next(cursor, &pair), 0);
	kvc_scan_close(cursor);
	assert_int_equal(fake_kvcd.connections, 0);
	opts.flags = 0;
	assert_int_equal(kvc_store_set(front, &opts), 0);
	assert_reads("k", "old");
	opts.flags = 2;
	assert_int_equal(kvc_store_set(front, &opts), -EINVAL);
	opts.flags = 0;
	opts.reserved[1] = 1;
	assert_int_equal(kvc_store_set(front, &opts), -EINVAL);
}

/* A handle that only writes cannot have the store read for it. */
static void test_rights(void **state)
{
	struct kvc_put_opts opts = { .flags = KVC_OP_F_CREATE };
	struct kvc *writer;

	(void)state;
	assert_int_equal(kvc_open(O_WRONLY, &writer), 0);
	assert_int_equal(kvc_attach(writer, "w"), 0);
	assert_int_equal(kvc_put(writer, "k", 1, "v", 1, &opts, NULL), -EBADF);
	assert_int_equal(kvc_put(writer, "k", 1, "v", 1, NULL, NULL), 0);
	kvc_close(writer);
}

/* A handle of a cache without a store never asks. */
static void test_plain_cache(void **state)
{
	struct kvc_config config = {
		.name = "c", .limit = 1 << 20, .uid = KVC_ID_CALLER,
	};
	struct kvc *plain;
	size_t len = 0;
	void *value;

	(void)state;
	assert_int_equal(kvc_cache_create(front_ctl, &config), 0);
	assert_int_equal(kvc_open(O_RDWR, &plain), 0);
	assert_int_equal(kvc_attach(plain, "c"), 0);
	assert_int_equal(kvc_get(plain, "k", 1, NULL, &len, NULL), -ENOENT);
	assert_int_equal(fake_kvcd.connections, 0);
	assert_int_equal(kvc_flush(plain), -EINVAL);
	/* ... unless it is told to: kvcd knows of none. */
	assert_int_equal(kvc_store_get(plain, "k", 1, &value, &len, NULL),
			 -EHOSTDOWN);
	kvc_close(plain);
}

/* Past the cache. */
static void test_store(void **state)
{
	struct kvc_meta meta;
	struct kvc *bare;
	void *value;
	size_t len;
	char *json;

	(void)state;
	assert_int_equal(front_put("k", "dirty"), 0);
	assert_int_equal(kvc_store_get(front, "k", 1, &value, &len, NULL),
			 -ENOENT);
	stored("k", "old");
	assert_int_equal(kvc_store_get(front, "k", 1, &value, &len, &meta), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(value, "old", 4);
	assert_int_equal(meta.version, 7);
	assert_int_equal(meta.client_flags, 9);
	free(value);
	assert_int_equal(kvc_store_get(front, "", 0, &value, &len, &meta),
			 -EINVAL);
	assert_int_equal(kvc_store_get(front, large, KVC_KEY_MAX + 1, &value,
				       &len, &meta), -ENAMETOOLONG);
	assert_int_equal(kvc_store_compact(front), 0);
	assert_int_equal(fake_kvcd.compacted, 1);
	fake_kvcd.stats = "{\"caches\": []}";
	assert_int_equal(kvc_open_store(NULL, &bare), 0);
	assert_int_equal(kvc_store_stats(bare, &json, &len), 0);
	assert_string_equal(json, fake_kvcd.stats);
	assert_int_equal(len, strlen(json));
	free(json);
	len = 0;
	assert_int_equal(kvc_get(bare, "k", 1, NULL, &len, NULL), -EBADF);
	kvc_close(bare);
}

static void test_flush(void **state)
{
	char frames[sizeof(FAKE_FRAMES)];
	struct kvc *other;
	int fd;

	(void)state;
	assert_int_equal(front_put("k", "v"), 0);
	fake.fsync_err = ENOSPC;
	assert_int_equal(kvc_flush(front), -ENOSPC);
	fake.fsync_err = 0;
	fake.fsync_intr = 1;
	assert_int_equal(kvc_flush(front), -EINTR);
	assert_int_equal(behind_dirty(front_cache), 1);
	assert_int_equal(kvc_flush(front), 0);
	assert_int_equal(behind_dirty(front_cache), 0);
	assert_int_equal(kvc_flush_open(front, &fd), 0);
	assert_int_equal(kvc_flush_read(fd, frames, sizeof(frames)),
			 sizeof(frames));
	assert_string_equal(frames, FAKE_FRAMES);
	assert_int_equal(kvc_flush_commit(fd, 5), 0);
	assert_int_equal(fake_calls.committed, 5);
	assert_int_equal(kvc_flush_fail(fd, 6, -EIO), 0);
	assert_int_equal(fake_calls.failed, 6);
	assert_int_equal(fake_calls.error, -EIO);
	assert_int_equal(kvc_flush_fail(fd, 6, EIO), -EINVAL);
	close(fd);
	assert_int_equal(kvc_flush_read(-1, frames, 1), -EBADF);
	assert_int_equal(kvc_flush_commit(-1, 1), -EBADF);
	assert_int_equal(kvc_open(O_RDONLY, &other), 0);
	assert_int_equal(kvc_flush(other), -ENOTCONN);
	assert_int_equal(kvc_attach(other, "w"), 0);
	assert_int_equal(kvc_flush_open(other, &fd), -EBADF);
	kvc_close(other);
}

/* A cache with something in it that the store has not is not destroyed lightly. */
static void test_discard(void **state)
{
	struct kvc_stats stats;

	(void)state;
	assert_int_equal(front_put("k", "v"), 0);
	assert_int_equal(kvc_stats(front_ctl, "w", &stats), 0);
	assert_int_equal(stats.dirty_entries, 1);
	assert_int_equal(stats.runs_waiting, 3);
	assert_int_equal(stats.flusher, 0);
	assert_int_equal(kvc_cache_destroy(front_ctl, "w"), -EBUSY);
	assert_reads("k", "v");
	assert_int_equal(kvc_cache_discard(front_ctl, "w"), 0);
	assert_int_equal(kvc_cache_discard(front_ctl, "w"), -ENOENT);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, front_setup, front_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_hit), CASE(test_miss), CASE(test_lengths),
		CASE(test_unconditional), CASE(test_conditions),
		CASE(test_conditions_absent), CASE(test_retries),
		CASE(test_race), CASE(test_cache_only), CASE(test_rights),
		CASE(test_plain_cache), CASE(test_store), CASE(test_flush),
		CASE(test_discard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
