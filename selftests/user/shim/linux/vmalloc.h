/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_VMALLOC_H
#define _SHIM_LINUX_VMALLOC_H

#include <linux/types.h>

void *__vmalloc(unsigned long size, gfp_t gfp);
bool is_vmalloc_addr(const void *p);

#endif
