// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's allocators for what is to be timed: malloc() and no more.  Memory
 * is there, or the process ends.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bug.h>
#include <linux/cache.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

struct kmem_cache {
	size_t size;
};

static void *object_alloc(size_t size, gfp_t gfp)
{
	size_t align = is_power_of_2(size) || IS_ALIGNED(size, PAGE_SIZE) ?
		       SMP_CACHE_BYTES : 0;
	void *p;

	if (align && size >= align)
		BUG_ON(posix_memalign(&p, align, size));
	else
		p = malloc(size);
	BUG_ON(!p);
	if (gfp & __GFP_ZERO)
		memset(p, 0, size);
	return p;
}

struct kmem_cache *
kmem_cache_create_usercopy(const char *name, unsigned int size,
			   unsigned int align, unsigned int flags,
			   unsigned int useroffset, unsigned int usersize,
			   void (*ctor)(void *obj))
{
	struct kmem_cache *s = object_alloc(sizeof(*s), GFP_KERNEL);

	s->size = ALIGN(size, align);
	return s;
}

void kmem_cache_destroy(struct kmem_cache *s)
{
	free(s);
}

void *kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp)
{
	return object_alloc(s->size, gfp);
}

void kmem_cache_free(struct kmem_cache *s, void *p)
{
	free(p);
}

size_t kmalloc_size_roundup(size_t size)
{
	return size;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	return object_alloc(size, gfp);
}

void kfree(const void *p)
{
	free((void *)p);
}

void *__vmalloc(unsigned long size, gfp_t gfp)
{
	return object_alloc(size, gfp);
}

void *kvmalloc(size_t size, gfp_t gfp)
{
	return size > INT_MAX ? NULL : object_alloc(size, gfp);
}

void kvfree(const void *p)
{
	free((void *)p);
}

bool is_vmalloc_addr(const void *p)
{
	return false;
}

void __percpu *shim_alloc_percpu(size_t size, gfp_t gfp)
{
	BUG_ON(size > SHIM_PERCPU_STRIDE);
	return object_alloc(SHIM_CPUS * SHIM_PERCPU_STRIDE, gfp | __GFP_ZERO);
}

void free_percpu(void __percpu *p)
{
	free((void *)p);
}
