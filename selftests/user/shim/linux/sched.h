/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_SCHED_H
#define _SHIM_LINUX_SCHED_H

#include <sched.h>
#include <linux/kernel.h>
#include <shim/context.h>

#define cond_resched()			\
({					\
	might_sleep();			\
	shim_resched();			\
})

#endif
