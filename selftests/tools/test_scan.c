// SPDX-License-Identifier: GPL-2.0-only
/* libkvc: scans. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "fake.h"
#include "lib.h"

static char large[100000];

/* Counts the pairs of a range, which must be k<first>, k<first + 1>, ... */
static unsigned int scan_count(const struct kvc_range *range, unsigned int first)
{
	struct kvc_cursor *cursor;
	struct kvc_pair pair;
	unsigned int count = 0;
	char key[16];
	int ret;

	assert_int_equal(kvc_scan_open(kvc, range, &cursor), 0);
	while ((ret = kvc_scan_next(cursor, &pair)) > 0) {
		snprintf(key, sizeof(key), "k%04u", first + count++);
		assert_int_equal(pair.key_len, strlen(key));
		assert_memory_equal(pair.key, key, pair.key_len);
		assert_int_equal(pair.value_len, strlen(key + 1));
		if (range && (range->flags & KVC_SCAN_F_KEYS))
			assert_null(pair.value);
		else
			assert_memory_equal(pair.value, key + 1, pair.value_len);
	}
	assert_int_equal(ret, 0);
	assert_int_equal(kvc_scan_next(cursor, &pair), 0);
	kvc_scan_close(cursor);
	return count;
}

static void test_scan_pages(void **state)
{
	(void)state;
	assert_int_equal(scan_count(NULL, 0), 0);
	put_many(100);
	assert_int_equal(scan_count(NULL, 0), 100);
	fake.page_max = 7;
	fake_calls.scan = 0;
	assert_int_equal(scan_count(NULL, 0), 100);
	assert_int_equal(fake_calls.scan, 15);
	/* A page that ends with the last pair: one more says so. */
	fake.page_max = 1;
	assert_int_equal(scan_count(NULL, 0), 100);
}

static void test_scan_ranges(void **state)
{
	struct kvc_range range = { 0 };

	(void)state;
	put_many(100);
	fake.page_max = 3;
	range.start = "k002";
	range.start_len = 4;
	range.flags = KVC_SCAN_F_PREFIX;
	assert_int_equal(scan_count(&range, 20), 10);
	range.flags = KVC_SCAN_F_KEYS;
	assert_int_equal(scan_count(&range, 20), 80);
	range.end = "k0030";
	range.end_len = 5;
	assert_int_equal(scan_count(&range, 20), 10);
	range.after = "k0024";
	range.after_len = 5;
	assert_int_equal(scan_count(&range, 25), 5);
}

/* Records larger than the buffer: it grows; a signal: the scan goes on. */
static void test_scan_grows(void **state)
{
	struct kvc_cursor *cursor;
	struct kvc_pair pair;

	(void)state;
	assert_int_equal(put("a", "small"), 0);
	assert_int_equal(kvc_put(kvc, "b", 1, large, sizeof(large), NULL, NULL),
			 0);
	assert_int_equal(put("c", "small"), 0);
	assert_int_equal(kvc_scan_open(kvc, NULL, &cursor), 0);
	assert_int_equal(kvc_scan_next(cursor, &pair), 1);
	fake.page_intr = 1;
	assert_int_equal(kvc_scan_next(cursor, &pair), -EINTR);
	assert_int_equal(kvc_scan_next(cursor, &pair), 1);
	assert_int_equal(pair.value_len, sizeof(large));
	assert_memory_equal(pair.value, large, sizeof(large));
	assert_int_equal(kvc_scan_next(cursor, &pair), 1);
	assert_memory_equal(pair.key, "c", 1);
	assert_int_equal(kvc_scan_next(cursor, &pair), 0);
	kvc_scan_close(cursor);
}

/* The caller's keys may go away: the cursor has its own. */
static void test_scan_copies(void **state)
{
	char start[] = "k0000";
	struct kvc_range range = { .start = start, .start_len = 5 };
	struct kvc_cursor *cursor;
	struct kvc_pair pair;

	(void)state;
	put_many(3);
	assert_int_equal(kvc_scan_open(kvc, &range, &cursor), 0);
	memset(start, 'z', 5);
	assert_int_equal(kvc_scan_next(cursor, &pair), 1);
	kvc_scan_close(cursor);
	range.start_len = KVC_KEY_MAX + 1;
	assert_int_equal(kvc_scan_open(kvc, &range, &cursor), -ENAMETOOLONG);
	range.start_len = 0;
	range.reserved = 1;
	assert_int_equal(kvc_scan_open(kvc, &range, &cursor), -EINVAL);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, lib_setup, lib_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_scan_pages), CASE(test_scan_ranges),
		CASE(test_scan_grows), CASE(test_scan_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
