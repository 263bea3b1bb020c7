// SPDX-License-Identifier: GPL-2.0-only
/* The check of histories itself, beside one that tries every order. */
#include <stdlib.h>
#include <string.h>

#include "../linear/zones.h"
#include "cases.h"

#define MOST	6

/* Can those that are left come next, in some order? */
static bool any_order(const struct zones_op *ops, size_t count,
		      unsigned int done, uint64_t value)
{
	size_t i, j;

	if (done == (1u << count) - 1)
		return true;
	for (i = 0; i < count; i++) {
		if (done & 1u << i || (!ops[i].write && ops[i].value != value))
			continue;
		/* Nobody has ended before it began who comes later. */
		for (j = 0; j < count; j++)
			if (!(done & 1u << j) && ops[j].res < ops[i].inv)
				break;
		if (j == count && any_order(ops, count, done | 1u << i,
					    ops[i].value))
			return true;
	}
	return false;
}

/* Each register by itself */
static bool is_linear(const struct zones_op *ops, size_t count)
{
	struct zones_op one[MOST];
	uint32_t key;
	size_t i, n;

	for (key = 0; key < 2; key++) {
		for (n = 0, i = 0; i < count; i++)
			if (ops[i].key == key)
				one[n++] = ops[i];
		if (!any_order(one, n, 0, 0))
			return false;
	}
	return true;
}

static void set_stamps(struct zones_op *ops, size_t count, uint64_t *seed)
{
	uint64_t stamp[2 * MOST], swap;
	size_t i, at;

	for (i = 0; i < 2 * count; i++)
		stamp[i] = i + 1;
	for (i = 2 * count; i > 1; i--) {
		at = random_next(seed) % i;
		swap = stamp[at];
		stamp[at] = stamp[i - 1];
		stamp[i - 1] = swap;
	}
	for (i = 0; i < count; i++) {
		ops[i].inv = stamp[2 * i];
		ops[i].res = stamp[2 * i + 1];
		if (ops[i].inv > ops[i].res) {
			ops[i].inv = stamp[2 * i + 1];
			ops[i].res = stamp[2 * i];
		}
	}
}

static void test_random(void **state)
{
	struct zones_op ops[MOST];
	unsigned int good = 0, i;
	uint64_t seed = 3;
	size_t count, at;
	bool linear;

	(void)state;
	for (i = 0; i < 200000; i++) {
		count = random_next(&seed) % (MOST + 1);
		for (at = 0; at < count; at++) {
			ops[at].write = random_next(&seed) % 2;
			ops[at].key = random_next(&seed) % 8 == 0;
			ops[at].value = ops[at].write ? at + 1 :
				random_next(&seed) % (count ? count : 1) + 1;
		}
		set_stamps(ops, count, &seed);
		linear = is_linear(ops, count);
		good += linear;
		assert_int_equal(!zones_check(ops, count).why, linear);
	}
	assert_true(good > 10000 && good < 190000);
}

static void test_large(void **state)
{
	const size_t count = 100000;
	struct zones_op *ops = calloc(count, sizeof(*ops));
	struct zones_bad bad;
	size_t i;

	(void)state;
	assert_non_null(ops);
	for (i = 0; i < count; i++)
		ops[i] = (struct zones_op){
			.write = i % 4 == 0, .key = i / 4 % 8,
			.value = i / 4, .inv = 2 * i, .res = 2 * i + 1,
		};
	bad = zones_check(ops, count);
	assert_null(bad.why);
	/* A read of what was overwritten long ago, while nobody writes */
	for (i = 0; i < count; i++)
		if (ops[i].inv == 2 * 70001)
			ops[i].value = 100 / 4 / 8 * 8 + ops[i].key;
	bad = zones_check(ops, count);
	assert_non_null(bad.why);
	free(ops);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random), cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
