// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory for entries
 *
 * kmalloc's classes lose a quarter of a small pair to rounding, so small
 * entries have slab caches of their own in steps of 16 and 32 bytes.  Larger
 * ones come from kmalloc or vmalloc.  All of it is charged to the memory cgroup of the
 * task that stores.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "pool.h"

/* An allocation that fails must tell its caller, not wake the OOM killer. */
#define KVC_POOL_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

static struct kmem_cache *kvc_pool_caches[KVC_POOL_CLASSES];

/**
 * kvc_pool_class_size - what the allocator spends on an object of a class
 * @class: the class
 */
size_t kvc_pool_class_size(unsigned int class)
{
	if (class < KVC_POOL_FINE)
		return (class + 1) * KVC_POOL_FINE_STEP;
	return KVC_POOL_FINE_MAX +
	       (class - KVC_POOL_FINE + 1) * KVC_POOL_COARSE_STEP;
}

/**
 * kvc_pool_init - make the slab caches
 * @header: bytes of every object that user copies must never touch; smaller
 *	objects than this are not served.
 *
 * Context: may sleep.  Return: 0 or -ENOMEM, with nothing left behind.
 */
int kvc_pool_init(size_t header)
{
	unsigned int class;
	char name[24];
	size_t size;

	for (class = kvc_pool_class(header + 1); class < KVC_POOL_CLASSES; class++) {
		size = kvc_pool_class_size(class);
		snprintf(name, sizeof(name), "kvcache-%zu", size);
		kvc_pool_caches[class] =
			kmem_cache_create_usercopy(name, size, 8, SLAB_ACCOUNT,
						   header, size - header, NULL);
		if (!kvc_pool_caches[class])
			goto err_create;
	}
	return 0;

err_create:
	kvc_pool_exit();
	return -ENOMEM;
}

/**
 * kvc_pool_exit - free the slab caches; every object must be freed before
 */
void kvc_pool_exit(void)
{
	unsigned int class;

	for (class = 0; class < KVC_POOL_CLASSES; class++) {
		kmem_cache_destroy(kvc_pool_caches[class]);
		kvc_pool_caches[class] = NULL;
	}
}

/**
 * kvc_pool_alloc - memory that is charged to the current memory cgroup
 * @bytes: more than the header given to kvc_pool_init().
 *
 * Context: may sleep.  Return: the memory, uninitialised, or NULL.
 */
void *kvc_pool_alloc(size_t bytes)
{
	void *p;

	if (bytes <= KVC_POOL_MAX)
		return kmem_cache_alloc(kvc_pool_caches[kvc_pool_class(bytes)],
					KVC_POOL_GFP);
	/*
	 * Not kvmalloc: asked not to give up it would compact memory for each
	 * large value, and its huge mappings cost more than they are said to.
	 */
	p = kmalloc(bytes, GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_NORETRY);
	return p ?: __vmalloc(bytes, KVC_POOL_GFP);
}

/**
 * kvc_pool_free - give back what kvc_pool_alloc(@bytes) gave
 * @p: the memory
 * @bytes: as it was asked for.
 */
void kvc_pool_free(void *p, size_t bytes)
{
	if (bytes <= KVC_POOL_MAX)
		kmem_cache_free(kvc_pool_caches[kvc_pool_class(bytes)], p);
	else
		kvfree(p);
}

/**
 * kvc_pool_size_large - kvc_pool_size() of what is not small
 * @p: the object
 * @bytes: as it was asked for.
 */
size_t kvc_pool_size_large(const void *p, size_t bytes)
{
	if (bytes <= KVC_POOL_MAX)
		return kvc_pool_class_size(kvc_pool_class(bytes));
	if (is_vmalloc_addr(p))
		return PAGE_ALIGN(bytes);
	return kmalloc_size_roundup(bytes);
}
