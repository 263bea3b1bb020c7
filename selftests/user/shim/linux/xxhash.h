/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_XXHASH_H
#define _SHIM_LINUX_XXHASH_H

#include <xxhash.h>
#include <linux/types.h>

static inline uint32_t xxh32(const void *input, size_t length, uint32_t seed)
{
	return XXH32(input, length, seed);
}

static inline uint64_t xxh64(const void *input, size_t length, uint64_t seed)
{
	return XXH64(input, length, seed);
}

#endif
