// SPDX-License-Identifier: GPL-2.0-only
#include <time.h>

#include "ttl.h"

uint64_t ttl_left(uint64_t expiry)
{
	struct timespec ts;
	uint64_t now;

	if (!expiry)
		return 0;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	now = ts.tv_sec * 1000000000ull + ts.tv_nsec;
	return expiry > now ? expiry - now : 1;
}
