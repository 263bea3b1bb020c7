/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 6.7 replaced register_shrinker() by shrinker_alloc(): shrinkers are no
 * longer embedded in their owner's memory.
 */
#ifndef _KVC_COMPAT_SHRINKER_H
#define _KVC_COMPAT_SHRINKER_H

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/shrinker.h>
#include <linux/version.h>

/**
 * struct kvc_compat_shrinker - a shrinker of either kind
 * @count_objects: as in &struct shrinker
 * @scan_objects: likewise
 * @shrinker: the kernel's
 */
struct kvc_compat_shrinker {
	unsigned long (*count_objects)(struct shrinker *shrinker,
				       struct shrink_control *sc);
	unsigned long (*scan_objects)(struct shrinker *shrinker,
				      struct shrink_control *sc);
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	struct shrinker *shrinker;
#else
	struct shrinker shrinker;
#endif
};

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
static inline int kvc_compat_shrinker_register(struct kvc_compat_shrinker *s,
					       const char *name)
{
	s->shrinker = shrinker_alloc(0, "%s", name);
	if (!s->shrinker)
		return -ENOMEM;
	s->shrinker->count_objects = s->count_objects;
	s->shrinker->scan_objects = s->scan_objects;
	shrinker_register(s->shrinker);
	return 0;
}

static inline void kvc_compat_shrinker_unregister(struct kvc_compat_shrinker *s)
{
	shrinker_free(s->shrinker);
}
#else
static inline int kvc_compat_shrinker_register(struct kvc_compat_shrinker *s,
					       const char *name)
{
	s->shrinker.count_objects = s->count_objects;
	s->shrinker.scan_objects = s->scan_objects;
	s->shrinker.seeks = DEFAULT_SEEKS;
	return register_shrinker(&s->shrinker, "%s", name);
}

static inline void kvc_compat_shrinker_unregister(struct kvc_compat_shrinker *s)
{
	unregister_shrinker(&s->shrinker);
}
#endif

#endif
