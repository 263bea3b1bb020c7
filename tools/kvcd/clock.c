// SPDX-License-Identifier: GPL-2.0-only
#include <time.h>

#include "clock.h"

/* The longest expiry that the kernel takes. */
#define EXPIRY_MAX	INT64_MAX

static uint64_t now_of(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

uint64_t clock_real(void)
{
	return now_of(CLOCK_REALTIME);
}

uint64_t clock_boot(void)
{
	return now_of(CLOCK_BOOTTIME);
}

uint64_t expiry_to_store(uint64_t boot)
{
	uint64_t now = clock_boot(), real = clock_real();

	if (!boot)
		return 0;
	/* Both are below 2^63: the sum fits. */
	if (boot > now)
		return real + (boot - now);
	return real > now - boot ? real - (now - boot) : 1;
}

uint64_t expiry_from_store(uint64_t real)
{
	uint64_t now = clock_real(), boot = clock_boot();

	if (!real)
		return 0;
	/* It can have ended since the caller looked. */
	if (real <= now)
		return boot;
	if (real - now > EXPIRY_MAX - boot)
		return EXPIRY_MAX;
	return boot + (real - now);
}
