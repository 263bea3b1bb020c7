// SPDX-License-Identifier: GPL-2.0-only
/*
 * The version slots of a cache, mapped read-only
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include "compat/mm.h"
#include "core/slot.h"
#include "session.h"

static int insert_pages(struct vm_area_struct *vma, const void *from)
{
	unsigned long at;
	int err;

	for (at = vma->vm_start; at < vma->vm_end; at += PAGE_SIZE) {
		err = vm_insert_page(vma, at, vmalloc_to_page(from));
		if (err)
			return err;
		from += PAGE_SIZE;
	}
	return 0;
}

/**
 * kvc_near_mmap - let a client see the slots of a cache
 * @inst: the cache; the area's file keeps it, and so its slots
 * @vma: the area, not to be written
 *
 * Context: may sleep, under the lock of the task's memory map.
 */
int kvc_near_mmap(struct kvc_instance *inst, struct vm_area_struct *vma)
{
	const struct kvc_slots *slots;

	if (vma->vm_pgoff ||
	    vma->vm_end - vma->vm_start > kvc_slot_bytes(inst->cache))
		return -EINVAL;
	slots = kvc_slot_open(inst->cache);
	if (IS_ERR(slots))
		return PTR_ERR(slots);
	kvc_compat_vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP,
				VM_MAYWRITE | VM_MAYEXEC);
	return insert_pages(vma, slots);
}
