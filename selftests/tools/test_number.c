// SPDX-License-Identifier: GPL-2.0-only
/* Sizes, times and numbers in arguments. */
#include <errno.h>
#include <inttypes.h>

#include "cases.h"
#include "number.h"

typedef int (*parse_fn)(const char *text, uint64_t max, uint64_t *out);

struct good {
	const char *text;
	uint64_t value;
};

struct bad {
	const char *text;
	uint64_t max;
	int err;
};

static void assert_good(parse_fn parse, const struct good *good)
{
	uint64_t value;
	int ret;

	for (; good->text; good++) {
		ret = parse(good->text, UINT64_MAX, &value);
		if (ret || value != good->value)
			fail_msg("'%s' gave %d and %" PRIu64, good->text, ret,
				 value);
	}
}

static void assert_bad(parse_fn parse, const struct bad *bad)
{
	uint64_t value;
	int ret;

	for (; bad->text; bad++) {
		ret = parse(bad->text, bad->max, &value);
		if (ret != bad->err)
			fail_msg("'%s' gave %d, not %d", bad->text, ret,
				 bad->err);
	}
}

static void test_size(void **state)
{
	static const struct good good[] = {
		{ "0", 0 }, { "1", 1 }, { "65536", 65536 }, { "64K", 65536 },
		{ "64k", 65536 }, { "1M", 1 << 20 }, { "3G", 3ull << 30 },
		{ "2T", 2ull << 40 },
		{ "18446744073709551615", UINT64_MAX },
		{ "16777215T", 16777215ull << 40 }, { NULL, 0 },
	};
	static const struct bad bad[] = {
		{ "", UINT64_MAX, -EINVAL }, { "K", UINT64_MAX, -EINVAL },
		{ "-1", UINT64_MAX, -EINVAL }, { "+1", UINT64_MAX, -EINVAL },
		{ " 1", UINT64_MAX, -EINVAL }, { "1 ", UINT64_MAX, -EINVAL },
		{ "1KB", UINT64_MAX, -EINVAL }, { "1.5M", UINT64_MAX, -EINVAL },
		{ "0x10", UINT64_MAX, -EINVAL }, { "1e6", UINT64_MAX, -EINVAL },
		{ "18446744073709551616", UINT64_MAX, -ERANGE },
		{ "16777216T", UINT64_MAX, -ERANGE },
		{ "4G", UINT32_MAX, -ERANGE }, { NULL, 0, 0 },
	};

	(void)state;
	assert_good(size_parse, good);
	assert_bad(size_parse, bad);
}

static void test_duration(void **state)
{
	static const struct good good[] = {
		{ "1", 1000000000 }, { "10s", 10000000000 }, { "7ns", 7 },
		{ "7us", 7000 }, { "500ms", 500000000 },
		{ "5m", 300000000000 }, { "1h", 3600000000000 },
		{ "2d", 172800000000000 }, { NULL, 0 },
	};
	static const struct bad bad[] = {
		{ "", INT64_MAX, -EINVAL }, { "s", INT64_MAX, -EINVAL },
		{ "1w", INT64_MAX, -EINVAL }, { "-1s", INT64_MAX, -EINVAL },
		{ "1S", INT64_MAX, -EINVAL }, { "1.5s", INT64_MAX, -EINVAL },
		{ "9223372037", INT64_MAX, -ERANGE },
		{ "106752d", INT64_MAX, -ERANGE }, { NULL, 0, 0 },
	};

	(void)state;
	assert_good(duration_parse, good);
	assert_bad(duration_parse, bad);
}

static void test_number(void **state)
{
	static const struct good good[] = {
		{ "0", 0 }, { "42", 42 }, { "0x2a", 42 }, { "0XFF", 255 },
		{ "010", 10 }, { "18446744073709551615", UINT64_MAX },
		{ NULL, 0 },
	};
	static const struct bad bad[] = {
		{ "", UINT64_MAX, -EINVAL }, { "0x", UINT64_MAX, -EINVAL },
		{ "0x0x1", UINT64_MAX, -EINVAL }, { "ff", UINT64_MAX, -EINVAL },
		{ "1a", UINT64_MAX, -EINVAL }, { "-0", UINT64_MAX, -EINVAL },
		{ "256", 255, -ERANGE },
		{ "18446744073709551616", UINT64_MAX, -ERANGE },
		{ NULL, 0, 0 },
	};

	(void)state;
	assert_good(number_parse, good);
	assert_bad(number_parse, bad);
}

static void test_octal(void **state)
{
	static const struct good good[] = {
		{ "0640", 0640 }, { "7", 7 }, { "0", 0 }, { NULL, 0 },
	};
	static const struct bad bad[] = {
		{ "8", UINT64_MAX, -EINVAL }, { "0x7", UINT64_MAX, -EINVAL },
		{ "01000", 0777, -ERANGE }, { NULL, 0, 0 },
	};

	(void)state;
	assert_good(octal_parse, good);
	assert_bad(octal_parse, bad);
}

/* What is printed can be typed in again. */
static void test_size_text(void **state)
{
	uint64_t seed = 1, size, back;
	char text[32];
	int i;

	(void)state;
	assert_string_equal(size_text(0, text, sizeof(text)), "0");
	assert_string_equal(size_text(65536, text, sizeof(text)), "64K");
	assert_string_equal(size_text(65537, text, sizeof(text)), "65537");
	assert_string_equal(size_text(1ull << 50, text, sizeof(text)), "1024T");
	for (i = 0; i < 10000; i++) {
		size = random_next(&seed) >> (random_next(&seed) % 64);
		size <<= random_next(&seed) % 64;
		assert_int_equal(size_parse(size_text(size, text, sizeof(text)),
					    UINT64_MAX, &back), 0);
		assert_true(back == size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_octal),
		cmocka_unit_test(test_size_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
