// SPDX-License-Identifier: GPL-2.0-only
#include <linux/cpumask.h>
#include <linux/string.h>
#include "counters.h"

/**
 * kvc_counters_sum - add up what all CPUs counted
 * @counters: per CPU; also of CPUs that went offline
 * @sum: gets the sums
 */
void kvc_counters_sum(struct kvc_counters __percpu *counters,
		      struct kvc_counters *sum)
{
	unsigned int i;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu)
		for (i = 0; i < KVC_COUNTERS; i++)
			sum->count[i] +=
				READ_ONCE(per_cpu_ptr(counters, cpu)->count[i]);
}
