/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_BUG_H
#define _SHIM_LINUX_BUG_H

#include <linux/build_bug.h>
#include <linux/compiler.h>

/* Says what and where, and aborts: no test goes on after a warning. */
__noreturn __printf(3, 4)
void shim_bug(const char *file, int line, const char *fmt, ...);

/*
 * With SHIM_UNCHECKED, for benchmarks, as in a kernel without lockdep: what the
 * kernel would not look at then is compiled only.
 */
#ifdef SHIM_UNCHECKED
#define SHIM_CHECKED	0
#else
#define SHIM_CHECKED	1
#endif

#define SHIM_CHECK(cond, ...)						\
do {									\
	if (SHIM_CHECKED && unlikely(!(cond)))				\
		shim_bug(__FILE__, __LINE__, __VA_ARGS__);		\
} while (0)

#define BUG()		shim_bug(__FILE__, __LINE__, "BUG")
#define BUG_ON(cond)							\
do {									\
	if (unlikely(cond))						\
		shim_bug(__FILE__, __LINE__, "BUG_ON(%s)", #cond);	\
} while (0)

#define WARN(cond, ...)							\
({									\
	if (unlikely(cond))						\
		shim_bug(__FILE__, __LINE__, __VA_ARGS__);		\
	false;								\
})
#define WARN_ON(cond)		WARN(cond, "WARN_ON(%s)", #cond)
#define WARN_ON_ONCE(cond)	WARN_ON(cond)

#endif
