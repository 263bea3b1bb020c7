/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_LOCKDEP_H
#define _SHIM_LINUX_LOCKDEP_H

#include <linux/bug.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#define lockdep_is_held(l)						\
	_Generic((l),							\
		 struct mutex *: shim_mutex_is_mine,			\
		 const struct mutex *: shim_mutex_is_mine,		\
		 default: shim_spin_is_mine)(l)
#define lockdep_assert_held(l) \
	SHIM_CHECK(lockdep_is_held(l), "lock %s is not held", #l)

#endif
