/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_MEMINFO_H
#define BENCH_MEMINFO_H

#include <stdint.h>

/* A line of /proc/meminfo, in bytes. */
uint64_t meminfo(const char *name);
/* What neither lies free nor belongs to files or processes: the kernel's. */
uint64_t meminfo_kernel(void);
/* Waits until that is no more than @most, and no longer shrinks. */
void meminfo_wait(uint64_t most);

#endif
