/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of KUnit as kmod/tests needs, so that the same case lists run in the
 * kernel and here.
 */
#ifndef _SHIM_KUNIT_TEST_H
#define _SHIM_KUNIT_TEST_H

#include <string.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/types.h>

struct kunit;

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
};

struct kunit_suite {
	const char name[256];
	int (*suite_init)(struct kunit_suite *suite);
	void (*suite_exit)(struct kunit_suite *suite);
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
};

struct kunit {
	void *priv;
	bool failed;
};

#define KUNIT_CASE(test_name) { .run_case = test_name, .name = #test_name }

#define kunit_test_suites(...)						\
	static struct kunit_suite *__UNIQUE_ID(suites)[]		\
	__used __section("shim_kunit_suites") = { __VA_ARGS__ }
#define kunit_test_suite(suite)	kunit_test_suites(&suite)

/* Runs the suites whose name begins with @filter; returns how many failed. */
int shim_kunit_run(const char *filter);
__printf(4, 5)
void shim_kunit_fail(struct kunit *test, const char *file, int line,
		     const char *fmt, ...);
__noreturn void shim_kunit_abort(struct kunit *test);

#define SHIM_KUNIT(test, assert, ok, ...)				\
do {									\
	if (likely(ok))							\
		break;							\
	shim_kunit_fail(test, __FILE__, __LINE__, "" __VA_ARGS__);	\
	if (assert)							\
		shim_kunit_abort(test);					\
} while (0)

#define SHIM_KUNIT_BINARY(test, assert, l, op, r, ...)			\
do {									\
	typeof(l) __left = (l);						\
	typeof(r) __right = (r);					\
									\
	if (likely(__left op __right))					\
		break;							\
	shim_kunit_fail(test, __FILE__, __LINE__,			\
			"%s %s %s, but %lld and %lld", #l, #op, #r,	\
			(long long)__left, (long long)__right);		\
	SHIM_KUNIT(test, assert, false, __VA_ARGS__);			\
} while (0)

#define SHIM_KUNIT_POINTER(test, assert, l, op, r)			\
do {									\
	const void *__left = (l);					\
	const void *__right = (r);					\
									\
	SHIM_KUNIT(test, assert, __left op __right,			\
		   "%s %s %s, but %p and %p", #l, #op, #r,		\
		   __left, __right);					\
} while (0)

#define KUNIT_FAIL(test, ...)	SHIM_KUNIT(test, false, false, __VA_ARGS__)

#define KUNIT_EXPECT_TRUE(test, c)	SHIM_KUNIT(test, false, c, "%s", #c)
#define KUNIT_EXPECT_FALSE(test, c)	SHIM_KUNIT(test, false, !(c), "!%s", #c)
#define KUNIT_EXPECT_EQ(test, l, r) \
	SHIM_KUNIT_BINARY(test, false, l, ==, r, " ")
#define KUNIT_EXPECT_NE(test, l, r) \
	SHIM_KUNIT_BINARY(test, false, l, !=, r, " ")
#define KUNIT_EXPECT_LT(test, l, r) \
	SHIM_KUNIT_BINARY(test, false, l, <, r, " ")
#define KUNIT_EXPECT_LE(test, l, r) \
	SHIM_KUNIT_BINARY(test, false, l, <=, r, " ")
#define KUNIT_EXPECT_GT(test, l, r) \
	SHIM_KUNIT_BINARY(test, false, l, >, r, " ")
#define KUNIT_EXPECT_GE(test, l, r) \
	SHIM_KUNIT_BINARY(test, false, l, >=, r, " ")
#define KUNIT_EXPECT_PTR_EQ(test, l, r) \
	SHIM_KUNIT_POINTER(test, false, l, ==, r)
#define KUNIT_EXPECT_PTR_NE(test, l, r) \
	SHIM_KUNIT_POINTER(test, false, l, !=, r)
#define KUNIT_EXPECT_NULL(test, p) \
	SHIM_KUNIT_POINTER(test, false, p, ==, NULL)
#define KUNIT_EXPECT_NOT_NULL(test, p) \
	SHIM_KUNIT_POINTER(test, false, p, !=, NULL)
#define KUNIT_EXPECT_STREQ(test, l, r) \
	SHIM_KUNIT(test, false, !strcmp(l, r), "\"%s\" == \"%s\"", l, r)

#define KUNIT_EXPECT_TRUE_MSG(test, c, ...) \
	SHIM_KUNIT(test, false, c, __VA_ARGS__)
#define KUNIT_EXPECT_FALSE_MSG(test, c, ...) \
	SHIM_KUNIT(test, false, !(c), __VA_ARGS__)
#define KUNIT_EXPECT_EQ_MSG(test, l, r, ...) \
	SHIM_KUNIT_BINARY(test, false, l, ==, r, __VA_ARGS__)
#define KUNIT_EXPECT_LE_MSG(test, l, r, ...) \
	SHIM_KUNIT_BINARY(test, false, l, <=, r, __VA_ARGS__)
#define KUNIT_EXPECT_GE_MSG(test, l, r, ...) \
	SHIM_KUNIT_BINARY(test, false, l, >=, r, __VA_ARGS__)

#define KUNIT_ASSERT_TRUE(test, c)	SHIM_KUNIT(test, true, c, "%s", #c)
#define KUNIT_ASSERT_FALSE(test, c)	SHIM_KUNIT(test, true, !(c), "!%s", #c)
#define KUNIT_ASSERT_EQ(test, l, r) \
	SHIM_KUNIT_BINARY(test, true, l, ==, r, " ")
#define KUNIT_ASSERT_LT(test, l, r) \
	SHIM_KUNIT_BINARY(test, true, l, <, r, " ")
#define KUNIT_ASSERT_LE(test, l, r) \
	SHIM_KUNIT_BINARY(test, true, l, <=, r, " ")
#define KUNIT_ASSERT_GE(test, l, r) \
	SHIM_KUNIT_BINARY(test, true, l, >=, r, " ")
#define KUNIT_ASSERT_GT(test, l, r) \
	SHIM_KUNIT_BINARY(test, true, l, >, r, " ")
#define KUNIT_ASSERT_PTR_EQ(test, l, r) \
	SHIM_KUNIT_POINTER(test, true, l, ==, r)
#define KUNIT_ASSERT_NOT_NULL(test, p) \
	SHIM_KUNIT_POINTER(test, true, p, !=, NULL)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(test, p) \
	SHIM_KUNIT(test, true, !IS_ERR_OR_NULL(p), "%s", #p)
#define KUNIT_ASSERT_EQ_MSG(test, l, r, ...) \
	SHIM_KUNIT_BINARY(test, true, l, ==, r, __VA_ARGS__)

#endif
