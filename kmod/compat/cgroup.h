/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernels without memory cgroups have no number of them.
 */
#ifndef _KVC_COMPAT_CGROUP_H
#define _KVC_COMPAT_CGROUP_H

#include <linux/cgroup.h>

/*
 * Says to which memory cgroup what the current task allocates is charged.  A
 * number that is never given a second time, also not to a cgroup that takes
 * over what was charged to one that was removed; and never 0.
 */
static inline u64 kvc_memcg_serial(void)
{
#ifdef CONFIG_MEMCG
	u64 serial;

	rcu_read_lock();
	serial = task_css(current, memory_cgrp_id)->serial_nr;
	rcu_read_unlock();
	return serial;
#else
	return 1;
#endif
}

#endif
