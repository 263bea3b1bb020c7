/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_POOL_H
#define _KVC_POOL_H

#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/types.h>

int kvc_pool_init(size_t header);
void kvc_pool_exit(void);
size_t kvc_pool_class_size(unsigned int class);
void *kvc_pool_alloc(size_t bytes);
void kvc_pool_free(void *p, size_t bytes);
size_t kvc_pool_size_large(const void *p, size_t bytes);

/* Up to here, the classes of small objects are so many bytes apart. */
#define KVC_POOL_FINE_MAX	256
#define KVC_POOL_FINE_STEP	16
/* And up to here, so many; then there are no classes. */
#define KVC_POOL_MAX		512
#define KVC_POOL_COARSE_STEP	32
#define KVC_POOL_FINE		(KVC_POOL_FINE_MAX / KVC_POOL_FINE_STEP)
#define KVC_POOL_CLASSES	(KVC_POOL_FINE + \
	(KVC_POOL_MAX - KVC_POOL_FINE_MAX) / KVC_POOL_COARSE_STEP)

/**
 * kvc_pool_class - the class of a small object
 * @bytes: 1 to %KVC_POOL_MAX
 */
static inline unsigned int kvc_pool_class(size_t bytes)
{
	if (likely(bytes <= KVC_POOL_FINE_MAX))
		return (bytes - 1) / KVC_POOL_FINE_STEP;
	return KVC_POOL_FINE +
	       (bytes - KVC_POOL_FINE_MAX - 1) / KVC_POOL_COARSE_STEP;
}

/**
 * kvc_pool_size - what the allocator really spends on an object
 * @p: the object
 * @bytes: as it was asked for.
 */
static inline size_t kvc_pool_size(const void *p, size_t bytes)
{
	if (likely(bytes <= KVC_POOL_FINE_MAX))
		return ALIGN(bytes, KVC_POOL_FINE_STEP);
	return kvc_pool_size_large(p, bytes);
}

#endif
