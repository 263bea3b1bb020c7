/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_USER_CHECK_H
#define _KVC_USER_CHECK_H

#include <linux/compiler.h>

/* What is being done, for the report of a check that fails */
__printf(1, 2)
void check_doing(const char *fmt, ...);
/* Says where and what, and ends the program with status 1 */
__noreturn __printf(3, 4)
void check_failed(const char *file, int line, const char *fmt, ...);

#define CHECK(cond, ...)						\
do {									\
	if (unlikely(!(cond)))						\
		check_failed(__FILE__, __LINE__,			\
			     #cond ": " __VA_ARGS__);			\
} while (0)

/* One TAP line for a test that passed */
__printf(1, 2)
void check_passed(const char *fmt, ...);
/* The plan, at the end */
void check_done(void);

#endif
