/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_TIMEKEEPING_H
#define _SHIM_LINUX_TIMEKEEPING_H

#include <linux/types.h>

#define NSEC_PER_MSEC	1000000L
#define NSEC_PER_SEC	1000000000L

u64 ktime_get_boottime_ns(void);

#endif
