// SPDX-License-Identifier: GPL-2.0-only
/* The stream's parser: what it takes, and that it takes nothing else */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "fake_pairs.h"
#include "lib.h"

#define HEAD	sizeof(struct kvc_flush_frame)
#define REC	sizeof(struct kvc_flush_rec)
#define CACHE	0x1234
#define FUZZ	300000
#define LONG	"so long that the next one needs a frame"

static unsigned char *run;	/* a run of three frames */
static size_t run_len;
static size_t frame[4];		/* where they begin; the end */

static void put_pairs(void)
{
	static const char binary[] = { 0, 1, (char)0xff, 0 };

	fake_put("a", "alpha", 5, "1", 1, 0);
	fake_put("a", "alpha1", 6, "", 0, 12345);
	fake_del("a", "beta", 4);
	fake_put("a", binary, sizeof(binary), "12345678", 8, 0);
	fake_put("a", "gamma", 5, LONG, strlen(LONG), INT64_MAX);
	fake_del("a", "zeta", 4);
}

static int run_setup(void **state)
{
	struct kvc_flush_frame head;
	struct fake_cache *c;
	size_t at, i = 0;

	(void)state;
	fake_reset();
	fake_create("a", KVC_INFO_F_WRITEBEHIND);
	fake.frame = 208;
	put_pairs();
	c = fake_find("a");
	c->id = CACHE;
	fake_seal("a");
	run_len = c->runs[1].len;
	run = malloc(run_len);
	memcpy(run, c->runs[1].bytes, run_len);
	for (at = 0; at < run_len; at += head.len) {
		memcpy(&head, run + at, HEAD);
		frame[i++] = at;
	}
	frame[i] = run_len;
	return i == 3 ? 0 : -1;
}

static int run_teardown(void **state)
{
	(void)state;
	free(run);
	fake_reset();
	return 0;
}

/* Reads records as intake.c does; the sanitizer sees what is not there. */
static size_t walk(const unsigned char *bytes)
{
	uint32_t left = frame_count(bytes);
	struct frame_rec rec;
	size_t at = 0, sum = 0, i;

	for (; left; left--) {
		frame_next(bytes, &at, &rec);
		for (i = 0; i < rec.rec.key_len; i++)
			sum += rec.key[i];
		for (i = 0; i < rec.rec.value_len; i++)
			sum += rec.value[i];
	}
	return sum;
}

/* Verifies frames in memory of exactly their size; how many bytes passed. */
static size_t verify(struct frames *f, const unsigned char *bytes, size_t len)
{
	unsigned char *exact = malloc(len ? len : 1);
	size_t at = 0;
	long used;

	memcpy(exact, bytes, len);
	frames_start(f, CACHE);
	while (at < len) {
		used = frame_verify(f, exact + at, len - at);
		if (used < 0) {
			assert_int_equal(used, -EBADMSG);
			assert_non_null(f->why);
			break;
		}
		assert_true(used > 0 && (size_t)used <= len - at);
		walk(exact + at);
		at += used;
	}
	free(exact);
	return at;
}

static void reseal(unsigned char *bytes, size_t len)
{
	struct kvc_flush_frame head;

	memcpy(&head, bytes, HEAD);
	head.checksum = 0;
	memcpy(bytes, &head, HEAD);
	head.checksum = XXH64(bytes, len, 0);
	memcpy(bytes, &head, HEAD);
}

/* L4: the records come as they were sealed, in key order */
static void test_good(void **state)
{
	static const struct {
		const char *key;
		size_t len;
		const char *value;
	} expected[] = {
		{ "\0\1\xff\0", 4, "12345678" }, { "alpha", 5, "1" },
		{ "alpha1", 6, "" }, { "beta", 4, NULL },
		{ "gamma", 5, LONG }, { "zeta", 4, NULL },
	};
	struct frame_rec rec;
	struct frames f;
	size_t i = 0, at, n;

	(void)state;
	assert_int_equal(verify(&f, run, run_len), run_len);
	assert_true(f.done);
	assert_int_equal(f.total, 6);
	assert_int_equal(f.run, 1);
	for (n = 0; n < 3; n++) {
		uint32_t left = frame_count(run + frame[n]);

		for (at = 0; left; left--, i++) {
			frame_next(run + frame[n], &at, &rec);
			assert_int_equal(rec.rec.key_len, expected[i].len);
			assert_memory_equal(rec.key, expected[i].key,
					    expected[i].len);
			/* L10: a tombstone stays one */
			assert_int_equal(!expected[i].value,
					 rec.rec.flags & KVC_FLUSH_REC_GONE);
			if (!expected[i].value)
				continue;
			assert_int_equal(rec.rec.value_len,
					 strlen(expected[i].value));
			assert_memory_equal(rec.value, expected[i].value,
					    rec.rec.value_len);
		}
	}
	assert_int_equal(i, 6);
}

static void test_truncated(void **state)
{
	struct frames f;
	size_t len, n;

	(void)state;
	for (len = 0; len < run_len; len++) {
		for (n = 0; frame[n + 1] <= len; n++)
			;
		assert_int_equal(verify(&f, run, len), frame[n]);
		assert_false(f.done);
	}
}

/* A bit that is wrong anywhere is seen. */
static void test_flipped(void **state)
{
	struct frames f;
	size_t at, n;
	int bit;

	(void)state;
	for (at = 0; at < run_len; at++) {
		for (n = 0; frame[n + 1] <= at; n++)
			;
		for (bit = 0; bit < 8; bit++) {
			run[at] ^= 1 << bit;
			assert_int_equal(verify(&f, run, run_len), frame[n]);
			run[at] ^= 1 << bit;
		}
	}
}

static void refused(const unsigned char *bytes, size_t len, const char *why)
{
	struct frames f;

	assert_true(verify(&f, bytes, len) < len);
	assert_string_equal(f.why, why);
}

/* Puts frames together in another order, by their numbers. */
static void order_refused(const char *order, const char *why)
{
	unsigned char *bytes = malloc(4 * run_len);
	size_t len = 0, n, part;

	for (; *order; order++) {
		n = *order - '0';
		part = frame[n + 1] - frame[n];
		memcpy(bytes + len, run + frame[n], part);
		len += part;
	}
	refused(bytes, len, why);
	free(bytes);
}

static void test_reordered(void **state)
{
	(void)state;
	order_refused("021", "a frame is missing, or comes twice");
	order_refused("12", "a frame is missing, or comes twice");
	order_refused("0012", "a frame is missing, or comes twice");
	order_refused("02", "a frame is missing, or comes twice");
	order_refused("0120", "a frame follows the last one of its run");
}

#define FRAME(n, field, set, says) \
	{ n, offsetof(struct kvc_flush_frame, field), \
	  sizeof(((struct kvc_flush_frame *)0)->field), set, says }
/* Of the second frame's first record, the tombstone "beta" */
#define RECORD(field, set, says) \
	{ 1, HEAD + offsetof(struct kvc_flush_rec, field), \
	  sizeof(((struct kvc_flush_rec *)0)->field), set, says }

/* Each with a checksum that is right. */
static void test_wrong(void **state)
{
	static const struct {
		size_t frame, at, len;
		uint64_t set;
		const char *why;
	} table[] = {
		FRAME(0, magic, 0, "no frame begins here"),
		FRAME(1, run, 0, "a frame is of another run"),
		FRAME(0, run, 0, "a frame is of another run"),
		FRAME(1, run, 2, "a frame is of another run"),
		FRAME(0, cache, 1, "a frame is of another cache"),
		FRAME(0, seq, 1, "a frame is missing, or comes twice"),
		FRAME(1, seq, 0, "a frame is missing, or comes twice"),
		FRAME(0, flags, 2,
		      "a frame has flags that are not known: kvcd is too old"),
		FRAME(0, reserved, 1,
		      "a frame has flags that are not known: kvcd is too old"),
		FRAME(0, flags, 1, "a frame follows the last one of its run"),
		FRAME(0, total, 1, "a frame's total is wrong"),
		FRAME(0, total, UINT64_MAX, "a frame's total is wrong"),
		FRAME(1, count, 0, "a frame's total is wrong"),
		FRAME(1, count, UINT32_MAX, "a frame's total is wrong"),
		RECORD(rec_len, 0, "a record's length is wrong"),
		RECORD(rec_len, 41, "a record's length is wrong"),
		RECORD(rec_len, 56, "a record's length is wrong"),
		RECORD(rec_len, 0xfffffff8, "a record's length is wrong"),
		RECORD(key_len, 0, "a record's length is wrong"),
		RECORD(key_len, UINT32_MAX, "a record's length is wrong"),
		RECORD(key_len, 9, "a record's length is wrong"),
		RECORD(value_len, UINT32_MAX, "a record's length is wrong"),
		RECORD(value_len, 2, "a tombstone has a value"),
		RECORD(flags, 2,
		       "a record has flags that are not known: kvcd is too old"),
		RECORD(reserved, 1,
		       "a record has flags that are not known: kvcd is too old"),
	};
	unsigned char *bytes = malloc(run_len);
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		n = table[i].frame;
		memcpy(bytes, run, run_len);
		memcpy(bytes + frame[n] + table[i].at, &table[i].set,
		       table[i].len);
		reseal(bytes + frame[n], frame[n + 1] - frame[n]);
		refused(bytes, run_len, table[i].why);
	}
	free(bytes);
}

static void test_order_of_keys(void **state)
{
	unsigned char *key = run + frame[1] + HEAD + REC;

	(void)state;
	assert_memory_equal(key, "beta", 4);
	memcpy(key, "alph", 4);
	reseal(run + frame[1], frame[2] - frame[1]);
	refused(run, run_len, "the keys do not ascend");
}

static void mutate(unsigned char *bytes, uint64_t *seed)
{
	static const uint64_t edges[] = {
		0, 1, 7, 8, 40, 56, 0x7fffffff, 0x80000000, UINT32_MAX,
		UINT64_MAX, KVC_KEY_MAX, KVC_VALUE_MAX,
	};
	size_t at = random_next(seed) % run_len, len;

	switch (random_next(seed) % 3) {
	case 0:
		bytes[at] ^= 1 << random_next(seed) % 8;
		break;
	case 1:
		bytes[at] = random_next(seed);
		break;
	default:
		at &= ~(size_t)3;
		len = run_len - at < 8 ? run_len - at : 8;
		memcpy(bytes + at, &edges[random_next(seed) %
					  ARRAY_SIZE(edges)],
		       random_next(seed) % 2 ? 4 : len);
	}
}

/* With the checksums made right again, so that the rest is looked at. */
static void test_fuzz(void **state)
{
	unsigned char *bytes = malloc(run_len + 8);
	uint64_t seed = 20240229, passed = 0;
	struct frames f;
	size_t i, n;
	int count;

	(void)state;
	for (i = 0; i < FUZZ; i++) {
		memcpy(bytes, run, run_len);
		for (count = 1 + random_next(&seed) % 4; count; count--)
			mutate(bytes, &seed);
		for (n = 0; n < 3; n++)
			reseal(bytes + frame[n], frame[n + 1] - frame[n]);
		passed += verify(&f, bytes, run_len) == run_len;
	}
	/* Values, flags and versions may be anything. */
	assert_in_range(passed, FUZZ / 100, FUZZ / 2);
	print_message("# %d mutations, %llu of them still good\n", FUZZ,
		      (unsigned long long)passed);
	free(bytes);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, run_setup, run_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_good), CASE(test_truncated), CASE(test_flipped),
		CASE(test_reordered), CASE(test_wrong),
		CASE(test_order_of_keys), CASE(test_fuzz),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
