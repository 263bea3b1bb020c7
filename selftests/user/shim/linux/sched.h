/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_SCHED_H
#define _SHIM_LINUX_SCHED_H

#include <sched.h>
#include <linux/kernel.h>

#define cond_resched()			\
({					\
	might_sleep();			\
	sched_yield();			\
})

#endif
