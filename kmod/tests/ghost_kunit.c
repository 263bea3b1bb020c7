// SPDX-License-Identifier: GPL-2.0-only
#include <kunit/test.h>
#include "core/ghost.h"

static void ghost_remembers_once(struct kunit *test)
{
	struct kvc_ghost g = {};

	KUNIT_ASSERT_EQ(test, kvc_ghost_init(&g, 64), 0);
	KUNIT_EXPECT_FALSE(test, kvc_ghost_forget(&g, 5));
	/* A slot that was never used holds hash 0. */
	KUNIT_EXPECT_FALSE(test, kvc_ghost_forget(&g, 0));
	kvc_ghost_remember(&g, 5);
	KUNIT_EXPECT_FALSE(test, kvc_ghost_forget(&g, 6));
	KUNIT_EXPECT_TRUE(test, kvc_ghost_forget(&g, 5));
	KUNIT_EXPECT_FALSE(test, kvc_ghost_forget(&g, 5));
	kvc_ghost_exit(&g);
}

static void ghost_slot_goes_to_the_newer(struct kunit *test)
{
	struct kvc_ghost g = {};

	KUNIT_ASSERT_EQ(test, kvc_ghost_init(&g, 64), 0);
	kvc_ghost_remember(&g, 5);
	kvc_ghost_remember(&g, 5 + 64);
	KUNIT_EXPECT_FALSE(test, kvc_ghost_forget(&g, 5));
	KUNIT_EXPECT_TRUE(test, kvc_ghost_forget(&g, 5 + 64));
	kvc_ghost_exit(&g);
}

/* As many younger ones as it holds, in other slots, make it forget. */
static void ghost_forgets_with_age(struct kunit *test)
{
	struct kvc_ghost g = {};
	unsigned int i;

	KUNIT_ASSERT_EQ(test, kvc_ghost_init(&g, 64), 0);
	kvc_ghost_remember(&g, 0);
	kvc_ghost_remember(&g, 1);
	for (i = 0; i < 63; i++)
		kvc_ghost_remember(&g, 2 + i % 60);
	KUNIT_EXPECT_FALSE(test, kvc_ghost_forget(&g, 0));
	KUNIT_EXPECT_TRUE(test, kvc_ghost_forget(&g, 1));
	kvc_ghost_exit(&g);
}

static void ghost_size_is_a_power_of_two(struct kunit *test)
{
	struct kvc_ghost g = {};

	KUNIT_EXPECT_EQ(test, kvc_ghost_bytes(&g), 0);
	KUNIT_ASSERT_EQ(test, kvc_ghost_init(&g, 65), 0);
	KUNIT_EXPECT_EQ(test, kvc_ghost_bytes(&g),
			128 * sizeof(struct kvc_ghost_slot));
	kvc_ghost_exit(&g);
}

static struct kunit_case ghost_cases[] = {
	KUNIT_CASE(ghost_remembers_once),
	KUNIT_CASE(ghost_slot_goes_to_the_newer),
	KUNIT_CASE(ghost_forgets_with_age),
	KUNIT_CASE(ghost_size_is_a_power_of_two),
	{}
};

static struct kunit_suite ghost_suite = {
	.name = "kvc_ghost",
	.test_cases = ghost_cases,
};

kunit_test_suite(ghost_suite);
