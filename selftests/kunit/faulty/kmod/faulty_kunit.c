// SPDX-License-Identifier: GPL-2.0-only
/*
 * A suite that goes wrong in the way that FAULT_* names, so that the KUnit
 * runner can be seen to notice.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/slab.h>

static void good(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 1, 1);
}

static void faulty(struct kunit *test)
{
#ifdef FAULT_fail
	KUNIT_EXPECT_EQ(test, 1, 2);
#endif
#ifdef FAULT_skip
	kunit_skip(test, "on purpose");
#endif
#ifdef FAULT_oops
	*(volatile int *)8 = 1;
#endif
#ifdef FAULT_warn
	WARN_ON(1);
#endif
#ifdef FAULT_kasan
	volatile char *p = kzalloc(64, GFP_KERNEL);

	kfree((void *)p);
	p[5];
#endif
#ifdef FAULT_hang
	local_irq_disable();
	for (;;)
		;
#endif
}

static struct kunit_case cases[] = {
	KUNIT_CASE(good),
	KUNIT_CASE(faulty),
	{}
};

static int init(struct kunit_suite *suite)
{
#ifdef FAULT_suite
	return -ENOMEM;
#else
	return 0;
#endif
}

static struct kunit_suite suite = {
	.name = "faulty",
	.suite_init = init,
	.test_cases = cases,
};

#ifndef FAULT_silence
kunit_test_suites(&suite);
#else
static int __init silent_init(void)
{
	return suite.name ? 0 : -EINVAL;
}

static void __exit silent_exit(void)
{
}

module_init(silent_init);
module_exit(silent_exit);
#endif

MODULE_DESCRIPTION("Goes wrong on demand, for the KUnit runner's self-test");
MODULE_LICENSE("GPL");
