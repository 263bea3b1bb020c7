/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_CLOCK_H
#define _SHIM_CLOCK_H

#include <linux/types.h>

/* What ktime_get_boottime_ns() says from now on; 0: the true time again */
void shim_clock_set(u64 ns);

#endif
