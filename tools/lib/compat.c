// SPDX-License-Identifier: LGPL-2.1-or-later
/* What programs that were linked to an earlier libkvc.so call. */
#include <stddef.h>
#include <string.h>

#include "internal.h"

/* struct kvc_info has grown since, twice. */
#define INFO_SIZE_0_2	offsetof(struct kvc_info, slots)

KVC_API int kvc_info_0_1(struct kvc *kvc, void *info);
KVC_API int kvc_info_0_2(struct kvc *kvc, void *info);

__asm__(".symver kvc_info_0_1, kvc_info@KVC_0.1");
__asm__(".symver kvc_info_0_2, kvc_info@KVC_0.2");

static int info_of(struct kvc *kvc, void *info, size_t size)
{
	struct kvc_info now;
	int ret;

	ret = kvc_info(kvc, &now);
	memcpy(info, &now, size);
	return ret;
}

int kvc_info_0_1(struct kvc *kvc, void *info)
{
	return info_of(kvc, info, KVC_INFO_SIZE_VER0);
}

int kvc_info_0_2(struct kvc *kvc, void *info)
{
	return info_of(kvc, info, INFO_SIZE_0_2);
}
