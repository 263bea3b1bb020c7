// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "check.h"

static __thread char doing[200];
static int tests;

void check_doing(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(doing, sizeof(doing), fmt, args);
	va_end(args);
}

void check_failed(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	printf("not ok %d - %s\n# %s:%d: ", tests + 1, doing, file, line);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	_exit(EXIT_FAILURE);
}

void check_passed(const char *fmt, ...)
{
	va_list args;

	printf("ok %d - ", ++tests);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

void check_done(void)
{
	printf("1..%d\n", tests);
}
