// SPDX-License-Identifier: GPL-2.0-only
/*
 * The status table of a ring over generic netlink
 */
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <net/sock.h>
#include "compat/genetlink.h"
#include "core/defer.h"
#include "genl_ring.h"

static int put_words(struct sk_buff *skb, const struct kvc_ring_node *n)
{
	return nla_put_u32(skb, KVC_A_NODE_ID, n->id) ?:
	       nla_put_string(skb, KVC_A_NODE_NAME, n->name) ?:
	       nla_put_string(skb, KVC_A_NODE_ADDRESS, n->address) ?:
	       nla_put_u32(skb, KVC_A_NODE_STATUS, n->status) ?:
	       nla_put_u32(skb, KVC_A_NODE_WEIGHT, n->weight) ?:
	       nla_put_u32(skb, KVC_A_NODE_POINTS, n->points) ?:
	       nla_put_u32(skb, KVC_A_NODE_INSTANCES, n->instances) ?:
	       nla_put_u32(skb, KVC_A_NODE_FAILURES, n->failures) ?:
	       nla_put_u32(skb, KVC_A_NODE_DEFERRALS, n->deferred);
}

static int put_long(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, KVC_A_NODE_PAD);
}

static int put_times(struct sk_buff *skb, const struct kvc_ring_node *n,
		     u64 now)
{
	if (n->since != KVC_STAMP_NEVER &&
	    put_long(skb, KVC_A_NODE_AGE, now > n->since ? now - n->since : 0))
		return -EMSGSIZE;
	if (n->tagged && put_long(skb, KVC_A_NODE_TAG_LEFT, n->tag_until - now))
		return -EMSGSIZE;
	return put_long(skb, KVC_A_NODE_ORDER, n->order) ?:
	       put_long(skb, KVC_A_NODE_CAPACITY, n->load.capacity) ?:
	       put_long(skb, KVC_A_NODE_VOLUME, n->load.volume) ?:
	       put_long(skb, KVC_A_NODE_RESPONSE, n->load.response);
}

static int put_node(struct sk_buff *skb, struct kvc_ring *ring,
		    const struct kvc_ring_node *n, u64 now)
{
	struct nlattr *nest = nla_nest_start(skb, KVC_A_NODE);
	struct kvc_defer_state owed;

	if (!nest || put_words(skb, n) || put_times(skb, n, now))
		return -EMSGSIZE;
	if (n->flush && !kvc_defer_read(ring, n->id, now, &owed) &&
	    owed.flush && put_long(skb, KVC_A_NODE_FLUSH, owed.flush_seq))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dump_node(struct sk_buff *skb, struct netlink_callback *cb,
		     struct kvc_ring *ring, const struct kvc_ring_node *n,
		     u64 now)
{
	void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, &kvc_genl_family,
				   NLM_F_MULTI, KVC_CMD_NODE_GET);

	if (!header)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, header);
	if (put_node(skb, ring, n, now)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static struct kvc_ringed *dump_ring(struct netlink_callback *cb)
{
	struct nlattr **attrs = kvc_compat_dump_attrs(cb);
	struct nlattr *tb[KVC_A_RING_MAX + 1];
	struct kvc_ringed *r;
	int err;

	err = kvc_genl_ring_parse(cb->extack, attrs, tb);
	if (err)
		return ERR_PTR(err);
	r = kvc_rings_get(sock_net(cb->skb->sk), nla_data(tb[KVC_A_RING_NAME]));
	if (r)
		return r;
	NL_SET_ERR_MSG(cb->extack, "ring.name: there is no such ring");
	return ERR_PTR(-ENOENT);
}

int kvcache_nl_node_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct kvc_ringed *r = dump_ring(cb);
	u64 now = ktime_get_boottime_ns();
	struct kvc_ring_node n;
	int err = 0;

	if (IS_ERR(r))
		return PTR_ERR(r);
	cb->seq = kvc_ring_generation(r->ring) << 1 | 1;
	while (!err && !kvc_ring_next(r->ring, cb->args[0], now, &n)) {
		err = dump_node(skb, cb, r->ring, &n, now);
		if (!err)
			cb->args[0] = n.id;
		cond_resched();
	}
	kvc_rings_put(r);
	return skb->len ?: err;
}
