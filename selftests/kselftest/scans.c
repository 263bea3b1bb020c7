// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVC_IOC_SCAN: pages of a range in key order, over both tiers
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

#include "harness.h"
#include "kvctest.h"

/* More than the cache tier holds, so that both tiers have some. */
#define MANY	3000

FIXTURE(scan) {
	struct kvc_scan scan;
	__aligned_u64 buf[512];
	int fd;
};

FIXTURE_SETUP(scan)
{
	struct kvc_config config;

	kvc_config_init(&config, KVC_TEST_NAME, 4 << 20);
	config.tier = 64 << 10;
	config.flags = KVC_CACHE_F_STATIC | KVC_CACHE_F_NOBYPASS;
	self->fd = kvc_setup(&config);
	ASSERT_LE(0, self->fd);
	kvc_scan_init(&self->scan, self->buf, sizeof(self->buf));
}

FIXTURE_TEARDOWN(scan)
{
	close(self->fd);
}

/* Puts the keys in an order that is not theirs. */
static int fill(int fd)
{
	char key[KVC_TEST_KEY], value[100];
	unsigned int i, n;
	int ret = 0;

	for (i = 0; i < MANY && !ret; i++) {
		n = i * 1999 % MANY;
		kvc_pattern(value, sizeof(value), n);
		ret = kvc_put_len(fd, kvc_key(key, n), value, sizeof(value));
	}
	return ret;
}

static int both_tiers(int fd)
{
	struct kvc_stats stats;

	return !kvc_stats(fd, &stats) && stats.entries_tier &&
	       stats.entries_memtable;
}

/* Expects the numbers from @next on, one after the other. */
struct expectation {
	unsigned int next;
	unsigned int wrong;
	bool keys_only;
};

static void expect_next(void *arg, const struct kvc_scan_rec *rec)
{
	struct expectation *expect = arg;
	char key[KVC_TEST_KEY];

	kvc_key(key, expect->next);
	if (rec->key_len != 8 || memcmp(kvc_rec_key(rec), key, 8) ||
	    rec->value_len != 100 || !rec->version || rec->expiry)
		expect->wrong++;
	if (!expect->keys_only &&
	    !kvc_pattern_ok(kvc_rec_value(rec), 100, expect->next))
		expect->wrong++;
	expect->next++;
}

TEST_F(scan, empty)
{
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_SCAN, &self->scan));
	EXPECT_EQ(0, self->scan.count);
	EXPECT_EQ(0, self->scan.used);
	EXPECT_EQ(0, self->scan.more);
}

TEST_F(scan, all_in_order_by_small_pages)
{
	struct expectation expect = { 0 };

	ASSERT_EQ(0, fill(self->fd));
	ASSERT_TRUE(both_tiers(self->fd));
	EXPECT_EQ(MANY, kvc_scan_all(self->fd, &self->scan, expect_next,
				     &expect));
	EXPECT_EQ(0, expect.wrong);
	/* A page of one record each. */
	expect.next = 0;
	kvc_scan_init(&self->scan, self->buf, 40 + 8 + 104);
	EXPECT_EQ(MANY, kvc_scan_all(self->fd, &self->scan, expect_next,
				     &expect));
	EXPECT_EQ(0, expect.wrong);
}

TEST_F(scan, one_large_page)
{
	struct expectation expect = { 0 };
	const size_t len = MANY * 160;
	char *buf = malloc(len);

	ASSERT_NE(NULL, buf);
	ASSERT_EQ(0, fill(self->fd));
	kvc_scan_init(&self->scan, buf, len);
	EXPECT_EQ(MANY, kvc_scan_all(self->fd, &self->scan, expect_next,
				     &expect));
	EXPECT_EQ(0, expect.wrong);
	EXPECT_EQ(0, self->scan.more);
	free(buf);
}

TEST_F(scan, range)
{
	struct expectation expect = { .next = 100 };

	ASSERT_EQ(0, fill(self->fd));
	self->scan.start = kvc_ptr("k0000100");
	self->scan.start_len = 8;
	self->scan.end = kvc_ptr("k0000200");
	self->scan.end_len = 8;
	EXPECT_EQ(100, kvc_scan_all(self->fd, &self->scan, expect_next,
				    &expect));
	EXPECT_EQ(0, expect.wrong);
	/* Bounds that are no keys themselves. */
	expect.next = 100;
	self->scan.start = kvc_ptr("k0000099zz");
	self->scan.start_len = 10;
	self->scan.end = kvc_ptr("k0000199zz");
	self->scan.end_len = 10;
	EXPECT_EQ(100, kvc_scan_all(self->fd, &self->scan, expect_next,
				    &expect));
	EXPECT_EQ(0, expect.wrong);
}

TEST_F(scan, empty_range)
{
	ASSERT_EQ(0, fill(self->fd));
	self->scan.start = kvc_ptr("k0000100");
	self->scan.start_len = 8;
	self->scan.end = kvc_ptr("k0000100");
	self->scan.end_len = 8;
	EXPECT_EQ(0, kvc_scan_all(self->fd, &self->scan, NULL, NULL));
	self->scan.end = kvc_ptr("k0000050");
	EXPECT_EQ(0, kvc_scan_all(self->fd, &self->scan, NULL, NULL));
	self->scan.start = kvc_ptr("l");
	self->scan.start_len = 1;
	self->scan.end_len = 0;
	EXPECT_EQ(0, kvc_scan_all(self->fd, &self->scan, NULL, NULL));
}

TEST_F(scan, prefix)
{
	struct expectation expect = { .next = 1200 };

	ASSERT_EQ(0, fill(self->fd));
	self->scan.flags = KVC_SCAN_F_PREFIX;
	self->scan.start = kvc_ptr("k00012");
	self->scan.start_len = 6;
	EXPECT_EQ(100, kvc_scan_all(self->fd, &self->scan, expect_next,
				    &expect));
	EXPECT_EQ(0, expect.wrong);
	self->scan.start = kvc_ptr("k0001200");
	self->scan.start_len = 8;
	EXPECT_EQ(1, kvc_scan_all(self->fd, &self->scan, NULL, NULL));
	self->scan.start = kvc_ptr("j");
	self->scan.start_len = 1;
	EXPECT_EQ(0, kvc_scan_all(self->fd, &self->scan, NULL, NULL));
}

TEST_F(scan, prefix_of_highest_bytes)
{
	static const char *const keys[] = {
		"\xfe", "\xff", "\xff\xff", "\xff\xff\xff", "\xff\x01"
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		ASSERT_EQ(0, kvc_put(self->fd, keys[i], "x"));
	self->scan.flags = KVC_SCAN_F_PREFIX;
	self->scan.start = kvc_ptr("\xff\xff");
	self->scan.start_len = 1;
	EXPECT_EQ(4, kvc_scan_all(self->fd, &self->scan, NULL, NULL));
	self->scan.start_len = 2;
	EXPECT_EQ(2, kvc_scan_all(self->fd, &self->scan, NULL, NULL));
}

TEST_F(scan, keys_only)
{
	struct expectation expect = { .keys_only = true };

	ASSERT_EQ(0, fill(self->fd));
	self->scan.flags = KVC_SCAN_F_KEYS;
	EXPECT_EQ(MANY, kvc_scan_all(self->fd, &self->scan, expect_next,
				     &expect));
	EXPECT_EQ(0, expect.wrong);
}

TEST_F(scan, bytes_order)
{
	unsigned char key[3];
	struct kvc_op op;
	unsigned int i;

	/* Signed comparison or strings would put these in another order. */
	for (i = 0; i < 256 * 3; i++) {
		memset(key, i / 3, sizeof(key));
		kvc_op_init(&op, KVC_OP_PUT, key, i % 3 + 1);
		ASSERT_EQ(0, kvc_do(self->fd, &op));
	}
	EXPECT_EQ(256 * 3, kvc_scan_all(self->fd, &self->scan, NULL, NULL));
}

TEST_F(scan, after_need_not_be_there)
{
	struct expectation expect = { .next = 1001 };
	const struct kvc_scan_rec *rec = (const void *)self->buf;

	ASSERT_EQ(0, fill(self->fd));
	ASSERT_EQ(0, kvc_del(self->fd, "k0001000"));
	self->scan.after = kvc_ptr("k0001000");
	self->scan.after_len = 8;
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_SCAN, &self->scan));
	ASSERT_LT(0, self->scan.count);
	expect_next(&expect, rec);
	EXPECT_EQ(0, expect.wrong);
}

TEST_F(scan, after_before_start)
{
	const struct kvc_scan_rec *rec = (const void *)self->buf;
	struct expectation expect = { .next = 2000 };

	ASSERT_EQ(0, fill(self->fd));
	self->scan.start = kvc_ptr("k0002000");
	self->scan.start_len = 8;
	self->scan.after = kvc_ptr("k0001000");
	self->scan.after_len = 8;
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_SCAN, &self->scan));
	ASSERT_LT(0, self->scan.count);
	expect_next(&expect, rec);
	EXPECT_EQ(0, expect.wrong);
}

TEST_F(scan, too_little_room)
{
	char value[1000];
	__u32 needed;

	kvc_pattern(value, sizeof(value), 1);
	ASSERT_EQ(0, kvc_put_len(self->fd, "a", value, sizeof(value)));
	self->scan.buf_len = 8;
	EXPECT_EQ(-ERANGE, kvc_call(self->fd, KVC_IOC_SCAN, &self->scan));
	needed = self->scan.needed;
	/* Header, key, value, to the next multiple of 8. */
	EXPECT_EQ((40 + 1 + 1000 + 7) / 8 * 8, needed);
	self->scan.buf_len = needed - 8;
	EXPECT_EQ(-ERANGE, kvc_call(self->fd, KVC_IOC_SCAN, &self->scan));
	EXPECT_EQ(needed, self->scan.needed);
	self->scan.buf_len = needed;
	EXPECT_EQ(1, kvc_scan_all(self->fd, &self->scan, NULL, NULL));
	EXPECT_EQ(needed, self->scan.used);
}

TEST_F(scan, no_kernel_bytes_in_the_gaps)
{
	const unsigned char *bytes = (const void *)self->buf;
	unsigned int i;

	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	memset(self->buf, 0xa5, sizeof(self->buf));
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_SCAN, &self->scan));
	ASSERT_EQ(48, self->scan.used);
	for (i = 42; i < 48; i++)
		EXPECT_EQ(0, bytes[i]);
	for (; i < sizeof(self->buf); i++)
		EXPECT_EQ(0xa5, bytes[i]);
}

/* Puts and deletes odd keys while even ones stay. */
static void *churn(void *arg)
{
	int fd = *(int *)arg;
	char key[KVC_TEST_KEY], value[100];
	unsigned int round, n;

	for (round = 0; round < 10; round++) {
		for (n = 1; n < MANY; n += 2) {
			kvc_key(key, n);
			kvc_pattern(value, sizeof(value), n);
			if (round % 2)
				kvc_put_len(fd, key, value, sizeof(value));
			else
				kvc_del(fd, key);
		}
	}
	return NULL;
}

static void count_even(void *arg, const struct kvc_scan_rec *rec)
{
	unsigned char *seen = arg;
	char key[KVC_TEST_KEY] = "";
	unsigned int n;

	memcpy(key, kvc_rec_key(rec), 8);
	n = strtoul(key + 1, NULL, 10);
	if (n < MANY && kvc_pattern_ok(kvc_rec_value(rec), 100, n))
		seen[n]++;
}

TEST_F(scan, stable_keys_once_while_others_churn)
{
	unsigned char seen[MANY];
	unsigned int round, n;
	pthread_t thread;

	ASSERT_EQ(0, fill(self->fd));
	ASSERT_EQ(0, pthread_create(&thread, NULL, churn, &self->fd));
	for (round = 0; round < 10; round++) {
		memset(seen, 0, sizeof(seen));
		EXPECT_LE(MANY / 2, kvc_scan_all(self->fd, &self->scan,
						 count_even, seen));
		for (n = 0; n < MANY; n += 2)
			ASSERT_EQ(1, seen[n]); /* L9 */
	}
	ASSERT_EQ(0, pthread_join(thread, NULL));
}

TEST_HARNESS_MAIN
