// SPDX-License-Identifier: LGPL-2.1-or-later
/* Caches as a whole: making, changing, listing, counting. */
#include <errno.h>
#include <string.h>

#include "internal.h"

KVC_API int kvc_stats(struct kvc *kvc, const char *name,
		      struct kvc_stats *stats)
{
	int ret;

	memset(stats, 0, sizeof(*stats));
	if (name) {
		ret = kvc_set_name(stats->name, name);
		if (ret)
			return ret;
	}
	return kvc_call(kvc, KVC_IOC_STATS, stats);
}

KVC_API int kvc_clear(struct kvc *kvc)
{
	return kvc_call(kvc, KVC_IOC_CLEAR, NULL);
}

KVC_API int kvc_cache_create(struct kvc *kvc, const struct kvc_config *config)
{
	struct kvc_config arg = *config;

	return kvc_call(kvc, KVC_IOC_CREATE, &arg);
}

KVC_API int kvc_cache_destroy(struct kvc *kvc, const char *name)
{
	struct kvc_name arg = { 0 };
	int ret;

	ret = kvc_set_name(arg.name, name);
	if (ret)
		return ret;
	return kvc_call(kvc, KVC_IOC_DESTROY, &arg);
}

KVC_API int kvc_cache_set(struct kvc *kvc, uint32_t mask,
			  const struct kvc_config *config)
{
	struct kvc_set arg = { .mask = mask, .config = *config };

	return kvc_call(kvc, KVC_IOC_SET, &arg);
}

KVC_API int kvc_cache_next(struct kvc *kvc, const char *after,
			   struct kvc_config *config)
{
	struct kvc_list arg = { 0 };
	int ret;

	ret = kvc_set_name(arg.after, after ? after : "");
	if (ret)
		return ret;
	ret = kvc_call(kvc, KVC_IOC_LIST, &arg);
	if (!ret)
		*config = arg.config;
	return ret;
}

KVC_API int kvc_cache_find(struct kvc *kvc, const char *name,
			   struct kvc_config *config)
{
	struct kvc_config next = { 0 };
	int ret;

	do {
		ret = kvc_cache_next(kvc, next.name, &next);
	} while (!ret && strcmp(next.name, name) < 0);
	if (ret)
		return ret;
	if (strcmp(next.name, name))
		return -ENOENT;
	*config = next;
	return 0;
}
