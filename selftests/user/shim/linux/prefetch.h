/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_PREFETCH_H
#define _SHIM_LINUX_PREFETCH_H

static inline void prefetch(const void *p)
{
	__builtin_prefetch(p);
}

#endif
