// SPDX-License-Identifier: LGPL-2.1-or-later
/* What makes a cache's pairs out of date: purges and the fence. */
#include <errno.h>

#include "fields.h"

KVC_API int kvc_fence_set(struct kvc_ctl *ctl, const char *cache,
			  uint64_t deadline)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_FENCE_SET);
	int ret = kvc_put_cache(nlh, cache);

	if (ret)
		return ret;
	mnl_attr_put_u64(nlh, KVC_A_FENCE, deadline);
	return kvc_ctl_do(ctl, nlh, NULL, NULL);
}

static int read_count(const struct nlmsghdr *nlh, void *arg)
{
	*(uint64_t *)arg += kvc_attr_u64(kvc_ctl_attr(nlh, KVC_A_COUNT));
	return 0;
}

KVC_API int kvc_purge(struct kvc_ctl *ctl, const char *cache, const void *key,
		      size_t key_len, uint32_t flags, uint64_t revision,
		      uint64_t *count)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_PURGE);
	uint64_t removed = 0;
	int ret;

	if (flags & ~KVC_PURGE_F_PREFIX)
		return -EINVAL;
	ret = kvc_put_cache(nlh, cache);
	if (!ret)
		ret = kvc_put_key(nlh, KVC_A_KEY, key, key_len);
	if (ret)
		return ret;
	if (flags & KVC_PURGE_F_PREFIX)
		mnl_attr_put(nlh, KVC_A_PREFIX, 0, NULL);
	if (revision)
		mnl_attr_put_u64(nlh, KVC_A_REVISION, revision);
	ret = kvc_ctl_do(ctl, nlh, read_count, &removed);
	if (count)
		*count = removed;
	return ret;
}
