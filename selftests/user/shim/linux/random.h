/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_RANDOM_H
#define _SHIM_LINUX_RANDOM_H

#include <stddef.h>

/* Follows shim_random_seed(), so that a run can be repeated. */
void get_random_bytes(void *buf, size_t len);
void shim_random_seed(unsigned long seed);

#endif
