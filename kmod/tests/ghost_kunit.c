// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>
#include "core/ghost.h"

static void ghost_remembers_once(struct kunit *test)
{
	struct kvc_ghost g = {};

	KUNIT_ASSERT_EQ(test, kvc_ghost_init(&g, 64), 0);
	KUNIT_EXPECT_EQ(test, kvc_ghost_forget(&g, 5), 0);
	/* A slot that was never used is all zeros. */
	KUNIT_EXPECT_EQ(test, kvc_ghost_forget(&g, 0), 0);
	kvc_ghost_remember(&g, 5, 1);
	KUNIT_EXPECT_EQ(test, kvc_ghost_forget(&g, 6), 0);
	KUNIT_EXPECT_EQ(test, kvc_ghost_forget(&g, 5), 1);
	KUNIT_EXPECT_EQ(test, kvc_ghost_forget(&g, 5), 0);
	kvc_ghost_exit(&g);
}

static void ghost_slot_goes_to_the_newer(struct kunit *test)
{
	struct kvc_ghost g = {};

	KUNIT_ASSERT_EQ(test, kvc_ghost_init(&g, 64), 0);
	kvc_ghost_remember(&g, 5, 1);
	kvc_ghost_remember(&g, 5 + (1 << 18), 2);
	KUNIT_EXPECT_EQ(test, kvc_ghost_forget(&g, 5), 0);
	KUNIT_EXPECT_EQ(test, kvc_ghost_forget(&g, 5 + (1 << 18)), 2);
	kvc_ghost_exit(&g);
}

static void ghost_keeps_the_mark(struct kunit *test)
{
	struct kvc_ghost g = {};
	unsigned int mark;

	KUNIT_ASSERT_EQ(test, kvc_ghost_init(&g, 64), 0);
	for (mark = 1; mark <= KVC_GHOST_MARK_MAX; mark++)
		kvc_ghost_remember(&g, ~0u - mark, mark);
	for (mark = 1; mark <= KVC_GHOST_MARK_MAX; mark++)
		KUNIT_EXPECT_EQ(test, kvc_ghost_forget(&g, ~0u - mark), mark);
	kvc_ghost_exit(&g);
}

/* How many of 64 keys, one for each slot that there is, are remembered? */
static unsigned int remembered(struct kvc_ghost *g)
{
	unsigned int i, n = 0;

	for (i = 0; i < 64; i++)
		kvc_ghost_remember(g, i | i << 18, 1);
	for (i = 0; i < 64; i++)
		n += kvc_ghost_forget(g, i | i << 18);
	return n;
}

static void ghost_fits_the_number_of_keys(struct kunit *test)
{
	struct kvc_ghost g = {};

	KUNIT_ASSERT_EQ(test, kvc_ghost_init(&g, 64), 0);
	KUNIT_EXPECT_EQ(test, remembered(&g), 64);
	kvc_ghost_fit(&g, 31);
	KUNIT_EXPECT_EQ(test, remembered(&g), 16);
	kvc_ghost_fit(&g, 0);
	KUNIT_EXPECT_EQ(test, remembered(&g), 1);
	kvc_ghost_fit(&g, ~0u);
	KUNIT_EXPECT_EQ(test, remembered(&g), 64);
	kvc_ghost_exit(&g);
}

static void ghost_size_is_a_power_of_two(struct kunit *test)
{
	struct kvc_ghost g = {};

	KUNIT_EXPECT_EQ(test, kvc_ghost_bytes(&g), 0);
	KUNIT_ASSERT_EQ(test, kvc_ghost_init(&g, 65), 0);
	KUNIT_EXPECT_EQ(test, kvc_ghost_bytes(&g),
			128 * sizeof(*g.slots));
	kvc_ghost_exit(&g);
}

static struct kunit_case ghost_cases[] = {
	KUNIT_CASE(ghost_remembers_once),
	KUNIT_CASE(ghost_slot_goes_to_the_newer),
	KUNIT_CASE(ghost_keeps_the_mark),
	KUNIT_CASE(ghost_fits_the_number_of_keys),
	KUNIT_CASE(ghost_size_is_a_power_of_two),
	{}
};

static struct kunit_suite ghost_suite = {
	.name = "kvc_ghost",
	.test_cases = ghost_cases,
};

kunit_test_suite(ghost_suite);
