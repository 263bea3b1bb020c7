/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel that clears all that is on the stack (INIT_STACK_ALL_ZERO) does so
 * also with what is overwritten at once.  6.19 has a name for the exception.
 */
#ifndef _KVC_COMPAT_UNINITIALIZED_H
#define _KVC_COMPAT_UNINITIALIZED_H

#include <linux/compiler.h>

#ifndef __uninitialized
#if __has_attribute(__uninitialized__)
#define __uninitialized __attribute__((__uninitialized__))
#else
#define __uninitialized
#endif
#endif

#endif
