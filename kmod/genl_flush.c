// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the group flush hears of write-behind caches
 */
#include "core/cache.h"
#include "genl.h"

static int put_runs(struct sk_buff *skb, const struct kvc_flush *f)
{
	return nla_put_u64_64bit(skb, KVC_A_STATS_RUNS_SEALED,
				 READ_ONCE(f->sealed), KVC_A_STATS_PAD) ?:
	       nla_put_u64_64bit(skb, KVC_A_STATS_RUNS_COMMITTED,
				 READ_ONCE(f->committed), KVC_A_STATS_PAD) ?:
	       nla_put_u32(skb, KVC_A_STATS_RUNS_WAITING,
			   READ_ONCE(f->waiting));
}

static int put_state(struct sk_buff *skb, const struct kvc_instance *inst)
{
	struct nlattr *nest = nla_nest_start(skb, KVC_A_STATS);
	const struct kvc_behind *b = inst->behind;
	const struct kvc_cache *c = inst->cache;

	if (!nest ||
	    nla_put_string(skb, KVC_A_STATS_NAME, c->config.name) ||
	    put_runs(skb, &c->flush) ||
	    nla_put_u32(skb, KVC_A_STATS_FLUSHER, atomic_read(&b->taken)) ||
	    nla_put_u32(skb, KVC_A_STATS_FLUSH_ERROR, -READ_ONCE(b->error)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * kvc_genl_flush_changed - tell the group how far a cache's flushing is
 * @inst: the cache; its end is told by its last event
 *
 * Who misses a message for want of memory knows as much after the next one.
 *
 * Context: may sleep.
 */
void kvc_genl_flush_changed(struct kvc_instance *inst)
{
	struct sk_buff *skb;
	void *header;

	if (!inst->behind || READ_ONCE(inst->dead) ||
	    !genl_has_listeners(&kvc_genl_family, inst->net,
				KVCACHE_NLGRP_FLUSH))
		return;
	skb = genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return;
	header = genlmsg_put(skb, 0, 0, &kvc_genl_family, 0, KVC_CMD_FLUSH_NTF);
	if (!header || put_state(skb, inst)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast_netns(&kvc_genl_family, inst->net, skb, 0,
				KVCACHE_NLGRP_FLUSH, GFP_KERNEL);
}
