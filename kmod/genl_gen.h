/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/kvcache.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_KVCACHE_GEN_H
#define _LINUX_KVCACHE_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/kvcache_netlink.h>

/* Common nested types */
extern const struct nla_policy kvcache_cache_nl_policy[KVC_A_CACHE_FLUSH_MS + 1];
extern const struct nla_policy kvcache_deferral_nl_policy[KVC_A_DEFERRAL_LEFT + 1];
extern const struct nla_policy kvcache_node_nl_policy[KVC_A_NODE_FLUSH + 1];
extern const struct nla_policy kvcache_ring_nl_policy[KVC_A_RING_GENERATION + 1];

/* Global operation policy for kvcache */
extern const struct nla_policy kvcache_nl_policy[KVC_A_DRY_RUN + 1];

/* Ops table for kvcache */
extern const struct genl_small_ops kvcache_nl_ops[23];

int kvcache_nl_cache_new_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_cache_del_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_cache_set_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_cache_get_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_cache_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int kvcache_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_stats_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int kvcache_nl_fence_set_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_purge_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_event_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);
int kvcache_nl_subscribe_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_ring_new_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_ring_del_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_ring_set_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_ring_get_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_ring_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int kvcache_nl_node_new_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_node_del_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_node_set_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_node_get_dumpit(struct sk_buff *skb,
			       struct netlink_callback *cb);
int kvcache_nl_node_report_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_route_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_plan_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_deferral_new_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_deferral_del_doit(struct sk_buff *skb, struct genl_info *info);
int kvcache_nl_deferral_get_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	KVCACHE_NLGRP_INVALIDATE,
	KVCACHE_NLGRP_RING,
	KVCACHE_NLGRP_FLUSH,
};

#endif /* _LINUX_KVCACHE_GEN_H */
