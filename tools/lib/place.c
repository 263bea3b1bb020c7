// SPDX-License-Identifier: LGPL-2.1-or-later
/* Where a key is placed in a ring, asked by way of the device. */
#include <errno.h>
#include <string.h>

#include "internal.h"

KVC_API int kvc_locate(struct kvc *kvc, const char *ring, const void *key,
		       size_t key_len, struct kvc_route_node *nodes,
		       size_t *count)
{
	struct kvc_route route = {
		.key = (uintptr_t)key,
		.nodes = (uintptr_t)nodes,
		.count = *count < KVC_ROUTE_MAX ? *count : KVC_ROUTE_MAX,
	};
	int ret = kvc_set_name(route.ring, ring);

	if (ret)
		return ret;
	if (key_len > KVC_KEY_MAX)
		return -ENAMETOOLONG;
	route.key_len = key_len;
	ret = kvc_call(kvc, KVC_IOC_ROUTE, &route);
	if (!ret)
		*count = route.count;
	return ret;
}

KVC_API int kvc_report(struct kvc *kvc, const char *ring, uint32_t node,
		       int success)
{
	struct kvc_report report = {
		.node = node,
		.flags = success ? KVC_REPORT_F_SUCCESS : 0,
	};
	int ret = kvc_set_name(report.ring, ring);

	return ret ? ret : kvc_call(kvc, KVC_IOC_REPORT, &report);
}
