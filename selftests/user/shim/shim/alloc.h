/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_ALLOC_H
#define _SHIM_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/* What is allocated now; bytes as the kernel's allocators would spend them */
long shim_live_objects(void);
long shim_live_bytes(void);
/* The most bytes since shim_reset_peak() */
long shim_peak_bytes(void);
void shim_reset_peak(void);
/* How many allocations were tried so far */
long shim_allocations(void);

/* Let the @nth allocation from now fail, 1 being the next; 0: none. */
void shim_fail_nth(long nth);
/* Did it?  Taken back by shim_fail_nth(). */
bool shim_failed(void);

#endif
