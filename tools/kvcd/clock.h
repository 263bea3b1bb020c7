/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When a pair ends: the kernel says it in CLOCK_BOOTTIME, which begins anew
 * with each boot, the store in CLOCK_REALTIME.  0 is never in both.
 */
#ifndef KVCD_CLOCK_H
#define KVCD_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* CLOCK_REALTIME now, in ns. */
uint64_t clock_real(void);

/* CLOCK_BOOTTIME now, in ns. */
uint64_t clock_boot(void);

uint64_t expiry_to_store(uint64_t boot);

/* Only for what has not expired. */
uint64_t expiry_from_store(uint64_t real);

/* Has what ends at @real, in the store's time, ended at @now? */
static inline bool expiry_passed(uint64_t real, uint64_t now)
{
	return real && real <= now;
}

#endif /* KVCD_CLOCK_H */
