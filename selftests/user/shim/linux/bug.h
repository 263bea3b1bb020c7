/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_BUG_H
#define _SHIM_LINUX_BUG_H

#include <linux/build_bug.h>
#include <linux/compiler.h>

/* Says what and where, and aborts: no test goes on after a warning. */
__noreturn __printf(3, 4)
void shim_bug(const char *file, int line, const char *fmt, ...);

#define SHIM_CHECK(cond, ...)						\
do {									\
	if (unlikely(!(cond)))						\
		shim_bug(__FILE__, __LINE__, __VA_ARGS__);		\
} while (0)

#define BUG()		shim_bug(__FILE__, __LINE__, "BUG")
#define BUG_ON(cond)	SHIM_CHECK(!(cond), "BUG_ON(%s)", #cond)

#define WARN(cond, ...)							\
({									\
	SHIM_CHECK(!(cond), __VA_ARGS__);				\
	false;								\
})
#define WARN_ON(cond)		WARN(cond, "WARN_ON(%s)", #cond)
#define WARN_ON_ONCE(cond)	WARN_ON(cond)

#endif
