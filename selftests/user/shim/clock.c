// SPDX-License-Identifier: GPL-2.0-only
#include <time.h>
#include <linux/compiler.h>
#include <linux/timekeeping.h>
#include <shim/clock.h>

static u64 mocked;

void shim_clock_set(u64 ns)
{
	WRITE_ONCE(mocked, ns);
}

u64 ktime_get_boottime_ns(void)
{
	struct timespec now;
	u64 ns = READ_ONCE(mocked);

	if (ns)
		return ns;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * (u64)NSEC_PER_SEC + now.tv_nsec;
}
