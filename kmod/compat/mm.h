/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 6.3 made the flags of a memory area constant, but for functions that change
 * them under its lock.
 */
#ifndef _KVC_COMPAT_MM_H
#define _KVC_COMPAT_MM_H

#include <linux/mm.h>
#include <linux/version.h>

/**
 * kvc_compat_vm_flags_mod - change the flags of an area in its mmap()
 * @vma: the area
 * @set: flags to be set
 * @clear: flags to be cleared
 */
static inline void kvc_compat_vm_flags_mod(struct vm_area_struct *vma,
					   unsigned long set,
					   unsigned long clear)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_mod(vma, set, clear);
#else
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
#endif
}

#endif
