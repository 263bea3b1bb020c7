/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_ASM_UNALIGNED_H
#define _SHIM_ASM_UNALIGNED_H

#include <linux/types.h>
#include <asm/byteorder.h>

#define SHIM_GET_UNALIGNED_LE(bits)					\
static inline u##bits get_unaligned_le##bits(const void *p)		\
{									\
	__le##bits le;							\
									\
	__builtin_memcpy(&le, p, sizeof(le));				\
	return le##bits##_to_cpu(le);					\
}

SHIM_GET_UNALIGNED_LE(16)
SHIM_GET_UNALIGNED_LE(32)
SHIM_GET_UNALIGNED_LE(64)

#endif
