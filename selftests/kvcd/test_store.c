// SPDX-License-Identifier: GPL-2.0-only
/* The store: what goes in comes out, in order, and stays over a restart */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../tools/kvcd/clock.h"
#include "../../tools/kvcd/page.h"
#include "../../tools/kvcd/storage.h"
#include "lib.h"

#define SECOND	1000000000ull

static struct column *a(void)
{
	return bench.caches[0].column;
}

/* The formats, byte by byte: a store outlives the program. */
static void test_record(void **state)
{
	static const unsigned char expected[] = {
		1, 0, 0, 0, 0x78, 0x56, 0x34, 0x12,
		8, 7, 6, 5, 4, 3, 2, 1, 0xf8, 0xf7, 0xf6, 0xf5, 0, 0, 0, 0x80,
	};
	unsigned char bytes[RECORD_HEAD + 3] = "";
	struct record r = {
		.client_flags = 0x12345678,
		.version = 0x0102030405060708,
		.expiry = 0x80000000f5f6f7f8,
	};
	struct record back;
	size_t len;

	(void)state;
	record_encode(bytes, &r);
	assert_memory_equal(bytes, expected, sizeof(expected));
	memcpy(bytes + RECORD_HEAD, "abc", 3);
	assert_int_equal(record_decode(bytes, sizeof(bytes), &back), 0);
	assert_int_equal(back.client_flags, r.client_flags);
	assert_int_equal(back.version, r.version);
	assert_int_equal(back.expiry, r.expiry);
	assert_int_equal(back.value_len, 3);
	assert_memory_equal(back.value, "abc", 3);
	for (len = 0; len < RECORD_HEAD; len++)
		assert_int_equal(record_decode(bytes, len, &back), -EBADMSG);
	bytes[0] = 2;
	assert_int_equal(record_decode(bytes, sizeof(bytes), &back), -EBADMSG);
}

static void test_mark(void **state)
{
	static const unsigned char expected[] = {
		1, 0, 0, 0, 0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1,
		9, 0, 0, 0, 0, 0, 0, 0,
	};
	struct mark mark = { 0x0102030405060708, 9 }, back;
	unsigned char bytes[MARK_SIZE];

	(void)state;
	mark_encode(bytes, &mark);
	assert_memory_equal(bytes, expected, sizeof(expected));
	assert_int_equal(mark_decode(bytes, sizeof(bytes), &back), 0);
	assert_int_equal(back.cache, mark.cache);
	assert_int_equal(back.run, 9);
	assert_int_equal(mark_decode(bytes, sizeof(bytes) - 1, &back),
			 -EBADMSG);
}

/* An expiry is the same moment in both clocks, over all of the range. */
static void test_clocks(void **state)
{
	uint64_t boot = clock_boot(), real = clock_real(), there, back;

	(void)state;
	assert_int_equal(expiry_to_store(0), 0);
	assert_int_equal(expiry_from_store(0), 0);
	there = expiry_to_store(boot + 100 * SECOND);
	assert_in_range(there, real + 99 * SECOND, real + 101 * SECOND);
	back = expiry_from_store(there);
	assert_in_range(back, boot + 99 * SECOND, boot + 101 * SECOND);
	/* The longest that the kernel takes stays far away. */
	there = expiry_to_store(INT64_MAX);
	assert_true(there > INT64_MAX);
	assert_false(expiry_passed(there, real));
	back = expiry_from_store(there);
	assert_in_range(back, INT64_MAX - SECOND, INT64_MAX);
	assert_int_equal(expiry_from_store(UINT64_MAX), INT64_MAX);
	/* What is over is over, and never "never". */
	assert_true(expiry_passed(expiry_to_store(1), real + SECOND));
	assert_true(expiry_to_store(1));
}

/* L10: a tombstone hides what an older run has; newer runs win */
static void test_runs(void **state)
{
	static const struct line first[] = {
		{ "a", "1", 0 }, { "b", "1", 0 }, { "c", "1", 0 },
	};
	static const struct line second[] = {
		{ "a", "2", 0 }, { "b", NULL, 0 }, { "d", NULL, 0 },
	};
	static const struct line third[] = { { "b", "3", 0 } };
	struct mark mark;
	struct why why;

	(void)state;
	assert_int_equal(store_mark(bench.store, a(), &mark, &why), 0);
	assert_int_equal(mark.run, 0);
	assert_int_equal(take_run(a(), 5, 1, first, 3), 0);
	assert_stored("b", "1");
	assert_int_equal(take_run(a(), 5, 2, second, 3), 0);
	assert_stored("a", "2");
	assert_not_stored("b");
	assert_stored("c", "1");
	assert_not_stored("d");
	assert_int_equal(take_run(a(), 5, 3, third, 1), 0);
	assert_stored("b", "3");
	assert_int_equal(store_mark(bench.store, a(), &mark, &why), 0);
	assert_int_equal(mark.cache, 5);
	assert_int_equal(mark.run, 3);
	/* Over a restart, and a compaction that drops tombstones */
	bench_close();
	bench_open();
	store_compact(bench.store, a());
	assert_stored("a", "2");
	assert_stored("b", "3");
	assert_not_stored("d");
	assert_int_equal(store_mark(bench.store, a(), &mark, &why), 0);
	assert_int_equal(mark.run, 3);
	/* The other cache has nothing of it. */
	assert_int_equal(store_mark(bench.store, bench.caches[1].column, &mark,
				    &why), 0);
	assert_int_equal(mark.run, 0);
}

/* A run of none but the mark can be taken in as well. */
static void test_empty_run(void **state)
{
	struct mark mark;
	struct why why;

	(void)state;
	assert_int_equal(take_run(a(), 5, 7, NULL, 0), 0);
	assert_int_equal(store_mark(bench.store, a(), &mark, &why), 0);
	assert_int_equal(mark.run, 7);
}

static void test_expired(void **state)
{
	const struct line lines[] = {
		{ "early", "1", 1 }, { "late", "1", clock_boot() + 3600 * SECOND },
		{ "never", "1", 0 },
	};
	rocksdb_readoptions_t *options = rocksdb_readoptions_create();
	size_t len;
	char *raw, *err = NULL;

	(void)state;
	assert_int_equal(take_run(a(), 5, 1, lines, 3), 0);
	assert_not_stored("early");
	assert_stored("late", "1");
	assert_stored("never", "1");
	/* A compaction drops it for good. */
	raw = rocksdb_get_cf(bench.store->db, options, a()->handle, "early", 5,
			     &len, &err);
	assert_non_null(raw);
	rocksdb_free(raw);
	store_compact(bench.store, a());
	raw = rocksdb_get_cf(bench.store->db, options, a()->handle, "early", 5,
			     &len, &err);
	assert_null(raw);
	assert_null(err);
	assert_stored("late", "1");
	rocksdb_readoptions_destroy(options);
}

static struct body *page(uint32_t flags, const char *start, const char *end,
			 const char *after, uint32_t room)
{
	struct kvcd_range range = {
		.start_len = strlen(start), .end_len = strlen(end),
		.after_len = strlen(after), .flags = flags, .room = room,
	};
	unsigned char keys[64];
	struct body *body;
	struct why why;

	snprintf((char *)keys, sizeof(keys), "%s%s%s", start, end, after);
	assert_int_equal(page_make(bench.store, a(), &range, keys, &body, &why),
			 0);
	return body;
}

/* "key=value key=value +" of a page; the + if there is more. */
static void assert_page(struct body *body, const char *expected)
{
	struct kvc_scan_rec rec;
	struct kvcd_page head;
	char text[256] = "";
	size_t at = sizeof(head), len = 0;

	memcpy(&head, body->data, sizeof(head));
	for (; head.count; head.count--) {
		memcpy(&rec, body->data + at, sizeof(rec));
		assert_int_equal(rec.rec_len % 8, 0);
		assert_int_equal(rec.client_flags, 7);
		assert_int_equal(rec.version, 9);
		len += sprintf(text + len, "%.*s=%.*s ", (int)rec.key_len,
			       body->data + at + sizeof(rec), (int)rec.data_len,
			       body->data + at + sizeof(rec) + rec.key_len);
		at += rec.rec_len;
	}
	assert_int_equal(at, body->len);
	if (head.more)
		strcat(text, "+");
	assert_string_equal(text, expected);
	body_put(body);
}

static void test_pages(void **state)
{
	static const struct line lines[] = {
		{ "a", "1", 0 }, { "aa", "22", 0 }, { "ab", "3", 1 },
		{ "ac", NULL, 0 }, { "b", "", 0 }, { "c", "5", 0 },
	};

	(void)state;
	assert_page(page(0, "", "", "", 1000), "");
	assert_int_equal(take_run(a(), 5, 1, lines, 6), 0);
	/* The mark is no pair, nor is what was deleted or has expired. */
	assert_page(page(0, "", "", "", 1000), "a=1 aa=22 b= c=5 ");
	assert_page(page(0, "aa", "c", "", 1000), "aa=22 b= ");
	assert_page(page(0, "", "", "aa", 1000), "b= c=5 ");
	assert_page(page(0, "aa", "", "a", 1000), "aa=22 b= c=5 ");
	assert_page(page(KVCD_RANGE_PREFIX, "a", "", "", 1000), "a=1 aa=22 ");
	assert_page(page(KVCD_RANGE_PREFIX, "a", "", "a", 1000), "aa=22 ");
	assert_page(page(KVCD_RANGE_PREFIX, "", "", "", 1000),
		    "a=1 aa=22 b= c=5 ");
	assert_page(page(KVCD_RANGE_KEYS, "", "", "", 1000), "a= aa= b= c= ");
	/* One record at least; full is full. */
	assert_page(page(0, "", "", "", 0), "a=1 +");
	assert_page(page(0, "", "", "", 2 * 48), "a=1 aa=22 +");
	assert_page(page(0, "", "", "b", 0), "c=5 ");
	assert_page(page(0, "", "", "c", 0), "");
}

/* Pages put together are all there is, of a store with many files. */
static void test_many_pages(void **state)
{
	struct line lines[50];
	char keys[50][16], after[8] = "";
	struct kvcd_page head;
	struct kvc_scan_rec rec;
	struct body *body;
	int run, i, seen = 0;

	(void)state;
	for (run = 0; run < 10; run++) {
		for (i = 0; i < 50; i++) {
			sprintf(keys[i], "k%04d", i * 10 + run);
			lines[i] = (struct line){ keys[i], "v", 0 };
		}
		assert_int_equal(take_run(a(), 5, run + 1, lines, 50), 0);
	}
	do {
		body = page(0, "", "", after, 1);
		memcpy(&head, body->data, sizeof(head));
		assert_int_equal(head.count, 1);
		memcpy(&rec, body->data + sizeof(head), sizeof(rec));
		sprintf(keys[0], "k%04d", seen++);
		memcpy(after, body->data + sizeof(head) + sizeof(rec), 5);
		assert_string_equal(after, keys[0]);
		body_put(body);
	} while (head.more);
	assert_int_equal(seen, 500);
}

/* Files of runs that were not finished are of no use to anybody. */
static void test_staging(void **state)
{
	static const struct line line = { "k", "v", 0 };

	(void)state;
	assert_int_equal(take_run(a(), 5, 1, &line, 1), 0);
	bench_close();
	shell("cd %s/store/staging && touch a-2.sst b-17.sst other");
	bench_open();
	shell("cd %s/store/staging && test \"$(ls)\" = other");
	assert_stored("k", "v");
}

/* What a cache had stays when it is not served any more, and comes back. */
static void test_cache_left_out(void **state)
{
	static const struct line line = { "k", "v", 0 };
	size_t all = bench.config.count;

	(void)state;
	assert_int_equal(take_run(bench.caches[1].column, 5, 1, &line, 1), 0);
	assert_int_equal(take_run(a(), 5, 1, &line, 1), 0);
	store_close(bench.store);
	bench.config.count = 1;
	{
		struct why why;

		assert_int_equal(store_open(&bench.config, &bench.store, &why),
				 0);
		assert_non_null(store_column(bench.store, "b"));
		store_close(bench.store);
	}
	bench.config.count = all;
	bench_open();
	bench.caches[0].column = bench.caches[1].column;
	assert_stored("k", "v");
}

static void open_fails(int err, const char *says)
{
	struct why why = { "" };

	assert_int_equal(store_open(&bench.config, &bench.store, &why), err);
	bench.store = NULL;
	if (!strstr(why.text, says))
		fail_msg("it says: %s", why.text);
}

static void test_locked(void **state)
{
	struct store *first = bench.store;

	(void)state;
	open_fails(-EBUSY, "in use by another process");
	bench.store = first;
}

static void test_no_directory(void **state)
{
	(void)state;
	bench_open();	/* created, as the one above it is there */
	bench_close();
	shell("rm -rf %s/store; touch %s/store");
	open_fails(-ENOTDIR, "has to be a directory");
	free(bench.config.path);
	bench.config.path = strdup("/nonexistent/store");
	open_fails(-ENOENT, "the directory above it does not exist");
}

/* Replaces bytes of the store's file that the shell's pattern names. */
static void damage(const char *pattern)
{
	char line[512];

	snprintf(line, sizeof(line),
		 "f=$(ls -S %s/store/db/%s | head -n 1) && s=$(stat -c %%s $f) && dd if=/dev/zero of=$f bs=1 seek=$((s / 2)) count=64 conv=notrunc status=none",
		 bench.dir, pattern);
	assert_int_equal(system(line), 0);
}

static void take_much(void)
{
	struct line lines[200];
	char keys[200][16], value[200];
	uint64_t seed = 5;
	int i, j;

	for (j = 0; j < 199; j++)
		value[j] = 'a' + random_next(&seed) % 26;
	value[199] = '\0';
	for (i = 0; i < 200; i++) {
		sprintf(keys[i], "k%04d", i);
		lines[i] = (struct line){ keys[i], value, 0 };
	}
	assert_int_equal(take_run(a(), 5, 1, lines, 200), 0);
}

static void test_damaged_manifest(void **state)
{
	(void)state;
	take_much();
	bench_close();
	damage("MANIFEST*");
	open_fails(-EUCLEAN, "the store is damaged");
}

/* Reads of what is damaged fail; they never give something else. */
static void test_damaged_file(void **state)
{
	struct found found;
	int i, ret, bad = 0;
	struct why why;
	char key[16];

	(void)state;
	take_much();
	bench_close();
	damage("*.sst");
	bench_open();
	for (i = 0; i < 200; i++) {
		sprintf(key, "k%04d", i);
		ret = store_get(bench.store, a(), key, 5, &found, &why);
		if (!ret) {
			assert_int_equal(found.record.value_len, 199);
			store_release(&found);
			continue;
		}
		assert_int_equal(ret, -EUCLEAN);
		bad++;
	}
	assert_true(bad);
}

static void test_room(void **state)
{
	static const struct line line = { "k", "v", 0 };
	struct why why;

	(void)state;
	bench.store->reserve = UINT64_MAX;
	assert_int_equal(store_room(bench.store, &why), -ENOSPC);
	assert_non_null(strstr(why.text, "the disk is full"));
	assert_int_equal(take_run(a(), 5, 1, &line, 1), -ENOSPC);
	assert_not_stored("k");
	shell("cd %s/store/staging && test -z \"$(ls)\"");
	bench.store->reserve = 0;
	assert_int_equal(take_run(a(), 5, 1, &line, 1), 0);
	assert_stored("k", "v");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, store_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record), cmocka_unit_test(test_mark),
		cmocka_unit_test(test_clocks),
		CASE(test_runs), CASE(test_empty_run), CASE(test_expired),
		CASE(test_pages), CASE(test_many_pages), CASE(test_staging),
		CASE(test_cache_left_out), CASE(test_locked),
		cmocka_unit_test_setup_teardown(test_no_directory, bench_setup,
						bench_teardown),
		CASE(test_damaged_manifest), CASE(test_damaged_file),
		CASE(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
