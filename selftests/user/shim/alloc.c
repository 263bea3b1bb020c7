// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's allocators over malloc(), with a header before each object.
 * Freed memory is poisoned and given back at once, so ASan reports who still
 * uses it, TSan who races with the poison, and a plain run reads garbage.
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
#include <shim/alloc.h>
#include <shim/watch.h>

#define FREE_POISON	0x6b
#define ALLOC_POISON	0x5a
#define HEADER_MAGIC	0x6b766373u

struct kmem_cache {
	size_t size;
	long objects;
};

/**
 * struct header - stands before each object
 * @base: what malloc() gave
 * @cache: the slab cache, or NULL
 * @asked: bytes that the caller may use
 * @spent: bytes that the kernel would spend
 * @magic: HEADER_MAGIC while the object lives
 * @vmalloc: what is_vmalloc_addr() says
 */
struct header {
	void *base;
	struct kmem_cache *cache;
	size_t asked;
	size_t spent;
	u32 magic;
	bool vmalloc;
} __aligned(16);

static long live_objects, live_bytes, peak_bytes, tried;
static long fail_at;
static bool failed;

long shim_live_objects(void)
{
	return READ_ONCE(live_objects);
}

long shim_live_bytes(void)
{
	return READ_ONCE(live_bytes);
}

long shim_peak_bytes(void)
{
	return READ_ONCE(peak_bytes);
}

void shim_reset_peak(void)
{
	WRITE_ONCE(peak_bytes, shim_live_bytes());
}

long shim_allocations(void)
{
	return READ_ONCE(tried);
}

void shim_fail_nth(long nth)
{
	WRITE_ONCE(failed, false);
	WRITE_ONCE(fail_at, nth ? shim_allocations() + nth : 0);
}

bool shim_failed(void)
{
	return READ_ONCE(failed);
}

static bool must_fail(void)
{
	long number = __atomic_add_fetch(&tried, 1, __ATOMIC_RELAXED);

	if (likely(number != READ_ONCE(fail_at)))
		return false;
	WRITE_ONCE(failed, true);
	return true;
}

static void count(long objects, long bytes)
{
	long now, peak;

	__atomic_fetch_add(&live_objects, objects, __ATOMIC_RELAXED);
	now = __atomic_add_fetch(&live_bytes, bytes, __ATOMIC_RELAXED);
	peak = shim_peak_bytes();
	while (now > peak &&
	       !__atomic_compare_exchange_n(&peak_bytes, &peak, now, true,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

static struct header *header_of(const void *p)
{
	struct header *h = (struct header *)p - 1;

	SHIM_CHECK(h->magic == HEADER_MAGIC, "%p is not an object", p);
	return h;
}

/* Pages and what is a power of two are aligned; a cache line is enough here. */
static size_t room_before(size_t spent)
{
	bool aligned = is_power_of_2(spent) || IS_ALIGNED(spent, PAGE_SIZE);

	return aligned && spent >= SMP_CACHE_BYTES ?
	       SMP_CACHE_BYTES : sizeof(struct header);
}

static void *base_alloc(size_t align, size_t bytes, bool watched)
{
	void *base = watched ? shim_watch_take(align, bytes) : NULL;

	if (!base)
		BUG_ON(posix_memalign(&base, align, bytes));
	return base;
}

static void *object_alloc_at(size_t asked, size_t spent, gfp_t gfp,
			     bool watched)
{
	size_t before = room_before(spent);
	struct header *h;
	void *base;

	if (gfp & __GFP_DIRECT_RECLAIM)
		might_sleep();
	if (must_fail())
		return NULL;
	base = base_alloc(before & -before, before + asked, watched);
	h = (struct header *)((char *)base + before) - 1;
	*h = (struct header){
		.base = base,
		.asked = asked,
		.spent = spent,
		.magic = HEADER_MAGIC,
	};
	memset(h + 1, gfp & __GFP_ZERO ? 0 : ALLOC_POISON, asked);
	count(1, spent);
	return h + 1;
}

static void *object_alloc(size_t asked, size_t spent, gfp_t gfp)
{
	return object_alloc_at(asked, spent, gfp, true);
}

static void object_free(const void *p)
{
	struct header *h = header_of(p);
	void *base = h->base;

	count(-1, -(long)h->spent);
	memset(h, FREE_POISON, sizeof(*h) + h->asked);
	if (!shim_watch_has(base))
		free(base);
}

struct kmem_cache *
kmem_cache_create_usercopy(const char *name, unsigned int size,
			   unsigned int align, unsigned int flags,
			   unsigned int useroffset, unsigned int usersize,
			   void (*ctor)(void *obj))
{
	struct kmem_cache *s;

	SHIM_CHECK(useroffset + usersize <= size, "%s: usercopy", name);
	s = kzalloc(sizeof(*s), GFP_KERNEL);
	if (s)
		s->size = ALIGN(size, align);
	return s;
}

void kmem_cache_destroy(struct kmem_cache *s)
{
	if (!s)
		return;
	might_sleep();
	SHIM_CHECK(!s->objects, "slab cache of %zu bytes still has %ld objects",
		   s->size, s->objects);
	kfree(s);
}

void *kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp)
{
	void *p = object_alloc(s->size, s->size, gfp);

	if (!p)
		return NULL;
	header_of(p)->cache = s;
	__atomic_fetch_add(&s->objects, 1, __ATOMIC_RELAXED);
	return p;
}

void kmem_cache_free(struct kmem_cache *s, void *p)
{
	SHIM_CHECK(header_of(p)->cache == s, "object of another slab cache");
	__atomic_fetch_sub(&s->objects, 1, __ATOMIC_RELAXED);
	object_free(p);
}

size_t kmalloc_size_roundup(size_t size)
{
	if (size <= KMALLOC_MIN_SIZE)
		return size ? KMALLOC_MIN_SIZE : 0;
	if (size > 64 && size <= 96)
		return 96;
	if (size > 128 && size <= 192)
		return 192;
	return size <= KMALLOC_MAX_SIZE ? roundup_pow_of_two(size) : size;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	if (size > KMALLOC_MAX_SIZE)
		return NULL;
	if (size > SHIM_KMALLOC_EASY && gfp & __GFP_NORETRY)
		return NULL;
	return object_alloc(size, kmalloc_size_roundup(size), gfp);
}

void kfree(const void *p)
{
	if (!p)
		return;
	SHIM_CHECK(!is_vmalloc_addr(p), "kfree() of vmalloc()ed memory");
	SHIM_CHECK(!header_of(p)->cache, "kfree() of a slab cache's object");
	object_free(p);
}

void *__vmalloc(unsigned long size, gfp_t gfp)
{
	void *p = object_alloc(size, PAGE_ALIGN(size), gfp);

	if (p)
		header_of(p)->vmalloc = true;
	return p;
}

void *kvmalloc(size_t size, gfp_t gfp)
{
	if (size > INT_MAX)
		return NULL;
	return size > SHIM_KMALLOC_EASY ? __vmalloc(size, gfp) :
					  kmalloc(size, gfp);
}

void kvfree(const void *p)
{
	if (!p)
		return;
	if (is_vmalloc_addr(p)) {
		might_sleep();
		object_free(p);
	} else {
		kfree(p);
	}
}

bool is_vmalloc_addr(const void *p)
{
	return header_of(p)->vmalloc;
}

void __percpu *shim_alloc_percpu(size_t size, gfp_t gfp)
{
	BUG_ON(size > SHIM_PERCPU_STRIDE);
	return object_alloc_at(SHIM_CPUS * SHIM_PERCPU_STRIDE,
			       SHIM_CPUS * size, gfp | __GFP_ZERO, false);
}

void free_percpu(void __percpu *p)
{
	if (p)
		object_free(p);
}
