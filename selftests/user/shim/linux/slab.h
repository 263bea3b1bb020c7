/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_SLAB_H
#define _SHIM_LINUX_SLAB_H

#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/types.h>
#include <linux/overflow.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_ALIGN(x)	(((x) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1))

#define __GFP_DIRECT_RECLAIM	0x0001u	/* may sleep */
#define __GFP_KSWAPD_RECLAIM	0x0002u
#define __GFP_IO		0x0008u
#define __GFP_FS		0x0010u
#define __GFP_ZERO		0x0020u
#define __GFP_NOWARN		0x0040u
#define __GFP_NORETRY		0x0080u
#define __GFP_RETRY_MAYFAIL	0x0100u
#define __GFP_ACCOUNT		0x0200u
#define __GFP_RECLAIM		(__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)

#define GFP_KERNEL		(__GFP_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_KERNEL_ACCOUNT	(GFP_KERNEL | __GFP_ACCOUNT)

#define SLAB_ACCOUNT		0x1u

/*
 * As kmalloc() of a kernel with 4 KiB pages, whose memory is in pieces: there
 * is nothing larger than SHIM_KMALLOC_EASY for who does not insist.
 */
#define KMALLOC_MIN_SIZE	8
#define KMALLOC_MAX_SIZE	(1024 * PAGE_SIZE)
#define SHIM_KMALLOC_EASY	(8 * PAGE_SIZE)

struct kmem_cache;

struct kmem_cache *
kmem_cache_create_usercopy(const char *name, unsigned int size,
			   unsigned int align, unsigned int flags,
			   unsigned int useroffset, unsigned int usersize,
			   void (*ctor)(void *obj));
void kmem_cache_destroy(struct kmem_cache *s);
void *kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp);
void kmem_cache_free(struct kmem_cache *s, void *p);

void *kmalloc(size_t size, gfp_t gfp);
void kfree(const void *p);
size_t kmalloc_size_roundup(size_t size);

void *kvmalloc(size_t size, gfp_t gfp);
void kvfree(const void *p);

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

static inline void *kvzalloc(size_t size, gfp_t gfp)
{
	return kvmalloc(size, gfp | __GFP_ZERO);
}

static inline void *kvmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	return kvmalloc(size_mul(n, size), gfp);
}

static inline void *kvcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kvmalloc_array(n, size, gfp | __GFP_ZERO);
}

#endif
