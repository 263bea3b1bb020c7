// SPDX-License-Identifier: LGPL-2.1-or-later
/* What programs that were linked to an earlier libkvc.so call. */
#include <string.h>

#include "internal.h"

/* struct kvc_info has grown since. */
KVC_API int kvc_info_0_1(struct kvc *kvc, void *info);

__asm__(".symver kvc_info_0_1, kvc_info@KVC_0.1");

int kvc_info_0_1(struct kvc *kvc, void *info)
{
	struct kvc_info now;
	int ret;

	ret = kvc_info(kvc, &now);
	memcpy(info, &now, KVC_INFO_SIZE_VER0);
	return ret;
}
