// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kernel.h>
#include <uapi/linux/kvcache.h>
#include <uapi/linux/kvcache_netlink.h>
#include "policy.h"

static const struct kvc_policy_ops *const kvc_policies[] = {
	[KVC_POLICY_FIFO] = &kvc_policy_fifo,
	[KVC_POLICY_LRU] = &kvc_policy_lru,
	[KVC_POLICY_SIEVE] = &kvc_policy_sieve,
	[KVC_POLICY_S3FIFO] = &kvc_policy_s3fifo,
};

/**
 * kvc_policy_lookup - the operations of a policy
 * @policy: &enum kvc_policy, but not %KVC_POLICY_DEFAULT
 *
 * Return: NULL when there is none of that number.
 */
const struct kvc_policy_ops *kvc_policy_lookup(u32 policy)
{
	return policy < ARRAY_SIZE(kvc_policies) ? kvc_policies[policy] : NULL;
}
