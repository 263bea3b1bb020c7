/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_COMPILER_H
#define _SHIM_LINUX_COMPILER_H

#include <sys/cdefs.h>

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#define barrier()	asm volatile("" ::: "memory")

#define __rcu
#define __percpu
#define __force
#define __releases(x)
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#undef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#define __must_check		__attribute__((warn_unused_result))
#define __used			__attribute__((used))
#define __section(name)		__attribute__((section(name)))
#define __aligned(x)		__attribute__((aligned(x)))
#define __noreturn		__attribute__((noreturn))
#define fallthrough		__attribute__((fallthrough))
#define __compiletime_error(msg) __attribute__((error(msg)))

#define __same_type(a, b) __builtin_types_compatible_p(typeof(a), typeof(b))
#define __must_be_array(a) \
	BUILD_BUG_ON_ZERO(__same_type((a), &(a)[0]))

#define is_signed_type(type) (((type)(-1)) < (type)1)
#define statically_true(x) (__builtin_constant_p(x) && (x))

/* Constant only after optimisation, as in the kernel */
#define shim_compiletime_assert(condition, msg, failed)			\
do {									\
	__noreturn extern void failed(void) __compiletime_error(msg);	\
	if (!(condition))						\
		failed();						\
} while (0)
#define compiletime_assert(condition, msg) \
	shim_compiletime_assert(condition, msg, __UNIQUE_ID(assert))

#define __PASTE_(a, b) a##b
#define __PASTE(a, b) __PASTE_(a, b)
#define __UNIQUE_ID(prefix) \
	__PASTE(__PASTE(__UNIQUE_ID_, prefix), __COUNTER__)

/* Visible to TSan: racing plain accesses are reported, these are not. */
#define READ_ONCE(x)	__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, val) \
	__atomic_store_n(&(x), (typeof(x))(val), __ATOMIC_RELAXED)

#endif
