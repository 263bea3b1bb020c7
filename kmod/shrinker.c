// SPDX-License-Identifier: GPL-2.0-only
#include "compat/shrinker.h"
#include "registry.h"
#include "shrinker.h"

static unsigned long count_objects(struct shrinker *shrinker,
				   struct shrink_control *sc)
{
	return kvc_registry_entries() ?: SHRINK_EMPTY;
}

static unsigned long scan_objects(struct shrinker *shrinker,
				  struct shrink_control *sc)
{
	return kvc_registry_shrink(sc->nr_to_scan) ?: SHRINK_STOP;
}

static struct kvc_compat_shrinker kvc_shrinker = {
	.count_objects = count_objects,
	.scan_objects = scan_objects,
};

/**
 * kvc_shrinker_init - let the kernel take memory back from the caches
 */
int kvc_shrinker_init(void)
{
	return kvc_compat_shrinker_register(&kvc_shrinker, "kvcache");
}

void kvc_shrinker_exit(void)
{
	kvc_compat_shrinker_unregister(&kvc_shrinker);
}
