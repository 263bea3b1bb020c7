// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <kunit/test.h>
#include <shim/alloc.h>

extern struct kunit_suite *__start_shim_kunit_suites[];
extern struct kunit_suite *__stop_shim_kunit_suites[];

static jmp_buf aborted;

void shim_kunit_fail(struct kunit *test, const char *file, int line,
		     const char *fmt, ...)
{
	va_list args;

	test->failed = true;
	if (!strcmp(fmt, " "))
		return;
	printf("# %s:%d: ", file, line);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

void shim_kunit_abort(struct kunit *test)
{
	longjmp(aborted, 1);
}

/* A case that was aborted still gets its exit, as in the kernel. */
static void run_case(struct kunit_suite *suite, struct kunit_case *c,
		     struct kunit *test)
{
	if (!setjmp(aborted)) {
		if (suite->init && suite->init(test)) {
			shim_kunit_fail(test, __FILE__, __LINE__, "init");
			return;
		}
		c->run_case(test);
	}
	if (suite->exit && !setjmp(aborted))
		suite->exit(test);
}

static bool case_passes(struct kunit_suite *suite, struct kunit_case *c)
{
	static struct kunit test;
	long before = shim_live_objects(), leaked;

	test = (struct kunit){ .priv = NULL };
	run_case(suite, c, &test);
	leaked = shim_live_objects() - before;
	if (leaked)
		shim_kunit_fail(&test, __FILE__, __LINE__,
				"%ld objects leaked", leaked);
	return !test.failed;
}

static int run_suite(struct kunit_suite *suite, int *number)
{
	struct kunit_case *c;
	int failed = 0;
	bool ok;

	if (suite->suite_init && suite->suite_init(suite)) {
		printf("not ok %d - %s\n", ++*number, suite->name);
		return 1;
	}
	for (c = suite->test_cases; c->run_case; c++) {
		ok = case_passes(suite, c);
		failed += !ok;
		printf("%sok %d - %s.%s\n", ok ? "" : "not ", ++*number,
		       suite->name, c->name);
		fflush(stdout);
	}
	if (suite->suite_exit)
		suite->suite_exit(suite);
	return failed;
}

int shim_kunit_run(const char *filter)
{
	struct kunit_suite **suite;
	int number = 0, failed = 0;

	for (suite = __start_shim_kunit_suites;
	     suite < __stop_shim_kunit_suites; suite++)
		if (!strncmp((*suite)->name, filter, strlen(filter)))
			failed += run_suite(*suite, &number);
	printf("1..%d\n", number);
	return number ? failed : 1;
}
