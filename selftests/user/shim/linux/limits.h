/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_LIMITS_H
#define _SHIM_LINUX_LIMITS_H

#include_next <linux/limits.h>

#ifndef UINT_MAX
#define UINT_MAX	(~0U)
#endif
#define U32_MAX	((__u32)~0U)
#define U64_MAX	((__u64)~0ULL)

#endif
