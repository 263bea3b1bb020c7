// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/kvcache.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "genl_gen.h"

#include <uapi/linux/kvcache_netlink.h>

/* Common nested types */
const struct nla_policy kvcache_cache_nl_policy[KVC_A_CACHE_FLUSH_MS + 1] = {
	[KVC_A_CACHE_NAME] = { .type = NLA_NUL_STRING, .len = 63, },
	[KVC_A_CACHE_UID] = { .type = NLA_U32, },
	[KVC_A_CACHE_GID] = { .type = NLA_U32, },
	[KVC_A_CACHE_MODE] = NLA_POLICY_MAX(NLA_U32, 511),
	[KVC_A_CACHE_POLICY] = NLA_POLICY_MAX(NLA_U32, 4),
	[KVC_A_CACHE_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0x3f),
	[KVC_A_CACHE_KEY_MAX] = { .type = NLA_U32, },
	[KVC_A_CACHE_VALUE_MAX] = { .type = NLA_U32, },
	[KVC_A_CACHE_WINDOW] = { .type = NLA_U32, },
	[KVC_A_CACHE_BYPASS_OFF] = { .type = NLA_U32, },
	[KVC_A_CACHE_BYPASS_ON] = { .type = NLA_U32, },
	[KVC_A_CACHE_GROW] = { .type = NLA_U32, },
	[KVC_A_CACHE_EVENTS] = { .type = NLA_U32, },
	[KVC_A_CACHE_LIMIT] = { .type = NLA_U64, },
	[KVC_A_CACHE_TIER] = { .type = NLA_U64, },
	[KVC_A_CACHE_TIER_MIN] = { .type = NLA_U64, },
	[KVC_A_CACHE_TIER_MAX] = { .type = NLA_U64, },
	[KVC_A_CACHE_MEMTABLE] = { .type = NLA_U64, },
	[KVC_A_CACHE_RUNS] = { .type = NLA_U32, },
	[KVC_A_CACHE_FLUSH_MS] = { .type = NLA_U32, },
};

const struct nla_policy kvcache_deferral_nl_policy[KVC_A_DEFERRAL_LEFT + 1] = {
	[KVC_A_DEFERRAL_NODE] = { .type = NLA_U32, },
	[KVC_A_DEFERRAL_KEY] = { .type = NLA_BINARY, },
	[KVC_A_DEFERRAL_SEQ] = { .type = NLA_U64, },
	[KVC_A_DEFERRAL_LEFT] = { .type = NLA_U64, },
};

const struct nla_policy kvcache_node_nl_policy[KVC_A_NODE_FLUSH + 1] = {
	[KVC_A_NODE_ID] = { .type = NLA_U32, },
	[KVC_A_NODE_NAME] = { .type = NLA_NUL_STRING, .len = 63, },
	[KVC_A_NODE_ADDRESS] = { .type = NLA_NUL_STRING, .len = 255, },
	[KVC_A_NODE_JOIN] = NLA_POLICY_MAX(NLA_U32, 3),
	[KVC_A_NODE_STATUS] = NLA_POLICY_MAX(NLA_U32, 2),
	[KVC_A_NODE_WEIGHT] = { .type = NLA_U32, },
	[KVC_A_NODE_POINTS] = { .type = NLA_U32, },
	[KVC_A_NODE_POINT] = { .type = NLA_BINARY, },
	[KVC_A_NODE_ORDER] = { .type = NLA_U64, },
	[KVC_A_NODE_CAPACITY] = { .type = NLA_U64, },
	[KVC_A_NODE_VOLUME] = { .type = NLA_U64, },
	[KVC_A_NODE_RESPONSE] = { .type = NLA_U64, },
	[KVC_A_NODE_INSTANCES] = { .type = NLA_U32, },
	[KVC_A_NODE_FAILURES] = { .type = NLA_U32, },
	[KVC_A_NODE_TAG_LEFT] = { .type = NLA_U64, },
	[KVC_A_NODE_AGE] = { .type = NLA_U64, },
	[KVC_A_NODE_DEFERRALS] = { .type = NLA_U32, },
	[KVC_A_NODE_FLUSH] = { .type = NLA_U64, },
};

const struct nla_policy kvcache_ring_nl_policy[KVC_A_RING_GENERATION + 1] = {
	[KVC_A_RING_NAME] = { .type = NLA_NUL_STRING, .len = 63, },
	[KVC_A_RING_MODE] = NLA_POLICY_MAX(NLA_U32, 1),
	[KVC_A_RING_SELECT] = NLA_POLICY_MAX(NLA_U32, 2),
	[KVC_A_RING_POINTS] = { .type = NLA_U32, },
	[KVC_A_RING_THRESHOLD] = { .type = NLA_U32, },
	[KVC_A_RING_RISE] = { .type = NLA_U32, },
	[KVC_A_RING_VALIDITY] = { .type = NLA_U64, },
	[KVC_A_RING_DEFER_MAX] = { .type = NLA_U64, },
	[KVC_A_RING_SELF] = { .type = NLA_U32, },
	[KVC_A_RING_NODES] = { .type = NLA_U32, },
	[KVC_A_RING_GENERATION] = { .type = NLA_U64, },
};

/* Global operation policy for kvcache */
const struct nla_policy kvcache_nl_policy[KVC_A_DRY_RUN + 1] = {
	[KVC_A_CACHE] = NLA_POLICY_NESTED(kvcache_cache_nl_policy),
	[KVC_A_RING] = NLA_POLICY_NESTED(kvcache_ring_nl_policy),
	[KVC_A_NODE] = NLA_POLICY_NESTED(kvcache_node_nl_policy),
	[KVC_A_DEFERRAL] = NLA_POLICY_NESTED(kvcache_deferral_nl_policy),
	[KVC_A_KEY] = { .type = NLA_BINARY, },
	[KVC_A_HASH] = { .type = NLA_U32, },
	[KVC_A_SINCE] = NLA_POLICY_MIN(NLA_U64, 1),
	[KVC_A_REVISION] = NLA_POLICY_MIN(NLA_U64, 1),
	[KVC_A_FENCE] = { .type = NLA_U64, },
	[KVC_A_LIFETIME] = NLA_POLICY_MIN(NLA_U64, 1),
	[KVC_A_SUCCESS] = { .type = NLA_FLAG, },
	[KVC_A_PREFIX] = { .type = NLA_FLAG, },
	[KVC_A_DISCARD_DIRTY] = { .type = NLA_FLAG, },
	[KVC_A_DRY_RUN] = { .type = NLA_FLAG, },
};

/* Ops table for kvcache */
const struct genl_small_ops kvcache_nl_ops[23] = {
	{
		.cmd	= KVC_CMD_CACHE_NEW,
		.doit	= kvcache_nl_cache_new_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= KVC_CMD_CACHE_DEL,
		.doit	= kvcache_nl_cache_del_doit,
	},
	{
		.cmd	= KVC_CMD_CACHE_SET,
		.doit	= kvcache_nl_cache_set_doit,
	},
	{
		.cmd	= KVC_CMD_CACHE_GET,
		.doit	= kvcache_nl_cache_get_doit,
		.dumpit	= kvcache_nl_cache_get_dumpit,
	},
	{
		.cmd	= KVC_CMD_STATS_GET,
		.doit	= kvcache_nl_stats_get_doit,
		.dumpit	= kvcache_nl_stats_get_dumpit,
	},
	{
		.cmd	= KVC_CMD_FENCE_SET,
		.doit	= kvcache_nl_fence_set_doit,
	},
	{
		.cmd	= KVC_CMD_PURGE,
		.doit	= kvcache_nl_purge_doit,
	},
	{
		.cmd	= KVC_CMD_EVENT_GET,
		.dumpit	= kvcache_nl_event_get_dumpit,
	},
	{
		.cmd	= KVC_CMD_SUBSCRIBE,
		.doit	= kvcache_nl_subscribe_doit,
	},
	{
		.cmd	= KVC_CMD_RING_NEW,
		.doit	= kvcache_nl_ring_new_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= KVC_CMD_RING_DEL,
		.doit	= kvcache_nl_ring_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= KVC_CMD_RING_SET,
		.doit	= kvcache_nl_ring_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= KVC_CMD_RING_GET,
		.doit	= kvcache_nl_ring_get_doit,
		.dumpit	= kvcache_nl_ring_get_dumpit,
	},
	{
		.cmd	= KVC_CMD_NODE_NEW,
		.doit	= kvcache_nl_node_new_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= KVC_CMD_NODE_DEL,
		.doit	= kvcache_nl_node_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= KVC_CMD_NODE_SET,
		.doit	= kvcache_nl_node_set_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= KVC_CMD_NODE_GET,
		.dumpit	= kvcache_nl_node_get_dumpit,
	},
	{
		.cmd	= KVC_CMD_NODE_REPORT,
		.doit	= kvcache_nl_node_report_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= KVC_CMD_ROUTE,
		.doit	= kvcache_nl_route_doit,
	},
	{
		.cmd	= KVC_CMD_PLAN,
		.doit	= kvcache_nl_plan_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= KVC_CMD_DEFERRAL_NEW,
		.doit	= kvcache_nl_deferral_new_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= KVC_CMD_DEFERRAL_DEL,
		.doit	= kvcache_nl_deferral_del_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd	= KVC_CMD_DEFERRAL_GET,
		.doit	= kvcache_nl_deferral_get_doit,
		.flags	= GENL_UNS_ADMIN_PERM,
	},
};

static const struct genl_multicast_group kvcache_nl_mcgrps[] = {
	[KVCACHE_NLGRP_INVALIDATE] = { "invalidate", },
	[KVCACHE_NLGRP_RING] = { "ring", },
	[KVCACHE_NLGRP_FLUSH] = { "flush", },
};
