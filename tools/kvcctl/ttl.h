/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_TTL_H
#define KVCCTL_TTL_H

#include <stdint.h>

/* What is left of a pair's time, at least 1 ns; 0 when it never ends. */
uint64_t ttl_left(uint64_t expiry);

#endif /* KVCCTL_TTL_H */
