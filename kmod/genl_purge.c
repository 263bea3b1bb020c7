// SPDX-License-Identifier: GPL-2.0-only
/*
 * Routing, the purge of a ring's objects and its deferrals over generic netlink
 */
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include "core/defer.h"
#include "core/purge.h"
#include "core/route.h"
#include "genl_ring.h"

/* A plan is made anew when the ring changes meanwhile, but not for ever. */
#define PLAN_TRIES	16
/* Bytes of a step's attributes: its node's address, name and two words */
#define STEP_BYTES	(KVC_ADDRESS_MAX + KVC_NAME_MAX + 48)
/* Bytes of an answer with deferrals: one has a key of up to KVC_KEY_MAX. */
#define DEFERRALS_BYTES	7936

static int check_key(struct genl_info *info, struct nlattr *key)
{
	if (!nla_len(key)) {
		KVC_GENL_BAD(info, key, "key: empty");
		return -EINVAL;
	}
	if (nla_len(key) <= KVC_KEY_MAX)
		return 0;
	KVC_GENL_BAD(info, key, "key: longer than 4096 bytes");
	return -ENAMETOOLONG;
}

/* The hash that another placement has, or that of the key */
static int take_hash(struct genl_info *info, bool need_key, u32 *hash)
{
	struct nlattr *key = info->attrs[KVC_A_KEY];
	int err = key ? check_key(info, key) : 0;

	if (err)
		return err;
	if (!key && (need_key || !info->attrs[KVC_A_HASH])) {
		kvc_genl_need(info->extack, info->attrs, NULL, KVC_A_KEY,
			      "key: missing");
		return -EINVAL;
	}
	*hash = info->attrs[KVC_A_HASH] ?
		nla_get_u32(info->attrs[KVC_A_HASH]) :
		kvc_ring_hash(nla_data(key), nla_len(key));
	return 0;
}

static struct sk_buff *steps_reply(struct genl_info *info, u32 steps,
				   void **header)
{
	return kvc_genl_reply(info, NLMSG_ALIGN(steps * STEP_BYTES) + 64,
			      header);
}

/* A node that left meanwhile has nothing to do any more. */
static int put_step(struct sk_buff *skb, struct kvc_ring *ring, u32 id,
		    u32 action, u64 now)
{
	struct kvc_ring_node n;
	struct nlattr *nest;

	if (kvc_ring_next(ring, id - 1, now, &n) || n.id != id)
		return 0;
	nest = nla_nest_start(skb, KVC_A_STEP);
	if (!nest || nla_put_u32(skb, KVC_A_STEP_NODE, id) ||
	    nla_put_string(skb, KVC_A_STEP_NAME, n.name) ||
	    nla_put_string(skb, KVC_A_STEP_ADDRESS, n.address) ||
	    nla_put_u32(skb, KVC_A_STEP_ACTION, action))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int route(struct genl_info *info, struct kvc_ringed *r, u32 hash)
{
	u64 now = ktime_get_boottime_ns();
	u32 ids[KVC_ROUTE_MAX];
	struct sk_buff *reply;
	int i, count, err = 0;
	void *header;

	count = kvc_ring_route(r->ring, hash, now, ids, KVC_ROUTE_MAX);
	if (count == -EHOSTUNREACH)
		NL_SET_ERR_MSG(info->extack, "ring: none of its nodes is in operation");
	else if (count == -ENOENT)
		NL_SET_ERR_MSG(info->extack, "ring: it has no nodes");
	if (count < 0)
		return count;
	reply = steps_reply(info, count, &header);
	if (!reply)
		return -ENOMEM;
	for (i = 0; i < count && !err; i++)
		err = put_step(reply, r->ring, ids[i], KVC_PURGE_NONE, now);
	if (!err)
		return kvc_genl_send(reply, header, info);
	nlmsg_free(reply);
	return err;
}

int kvcache_nl_route_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kvc_ringed *r = kvc_genl_ring_get(info, NULL);
	u32 hash;
	int err;

	if (IS_ERR(r))
		return PTR_ERR(r);
	err = take_hash(info, false, &hash) ?: route(info, r, hash);
	kvc_rings_put(r);
	return err;
}

static int record(struct genl_info *info, struct kvc_ring *ring,
		  struct kvc_purge_plan *plan, u64 now)
{
	u64 lifetime = nla_get_u64(info->attrs[KVC_A_LIFETIME]);
	struct nlattr *key = info->attrs[KVC_A_KEY];

	if (info->attrs[KVC_A_DRY_RUN])
		return 0;
	return kvc_defer_plan(ring, plan, nla_data(key), nla_len(key),
			      lifetime, now);
}

static int answer(struct genl_info *info, struct kvc_ring *ring,
		  const struct kvc_purge_plan *plan, struct sk_buff *reply,
		  void *header, u64 now)
{
	int err = 0;
	u32 i;

	for (i = 0; i < plan->count && !err; i++)
		err = put_step(reply, ring, plan->step[i].node,
			       plan->step[i].action, now);
	if (!err)
		return kvc_genl_send(reply, header, info);
	nlmsg_free(reply);
	return err;
}

/* The room for the answer comes first: what is recorded has to be told. */
static int plan_once(struct genl_info *info, struct kvc_ring *ring, u32 hash)
{
	u64 lifetime = nla_get_u64(info->attrs[KVC_A_LIFETIME]);
	u64 now = ktime_get_boottime_ns();
	struct kvc_purge_plan *plan;
	struct sk_buff *reply;
	void *header;
	int err = -ENOMEM;

	plan = kvc_purge_make(ring, hash, lifetime, now);
	if (IS_ERR(plan))
		return PTR_ERR(plan);
	reply = steps_reply(info, plan->count, &header);
	if (!reply)
		goto err_reply;
	err = record(info, ring, plan, now);
	if (err)
		goto err_record;
	err = answer(info, ring, plan, reply, header, now);
	kvc_purge_free(plan);
	return err;

err_record:
	nlmsg_free(reply);
err_reply:
	kvc_purge_free(plan);
	return err;
}

static int plan(struct genl_info *info, struct kvc_ringed *r)
{
	static const u16 others[] = {
		KVC_A_CACHE, KVC_A_PREFIX, KVC_A_REVISION
	};
	unsigned int tries = PLAN_TRIES;
	u32 hash;
	int err = kvc_genl_refuse(info, others, ARRAY_SIZE(others)) ?:
		  take_hash(info, true, &hash);

	if (err)
		return err;
	if (!kvc_genl_need(info->extack, info->attrs, NULL, KVC_A_LIFETIME,
			   "lifetime: missing"))
		return -EINVAL;
	do {
		err = plan_once(info, r->ring, hash);
	} while (err == -ESTALE && --tries);
	return err;
}

int kvcache_nl_plan_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kvc_ringed *r = kvc_genl_ring_get(info, NULL);
	int err;

	if (IS_ERR(r))
		return PTR_ERR(r);
	err = plan(info, r);
	kvc_rings_put(r);
	return err;
}

/* A request on the deferrals of one node */
struct defer_call {
	struct kvc_ringed *r;
	struct nlattr *tb[KVC_A_DEFERRAL_MAX + 1];
	u32 node;
};

static int call_parse(struct genl_info *info, struct defer_call *call)
{
	struct nlattr *nest;
	int err;

	nest = kvc_genl_need(info->extack, info->attrs, NULL, KVC_A_DEFERRAL,
			     "deferral: missing");
	if (!nest)
		return -EINVAL;
	err = nla_parse_nested(call->tb, KVC_A_DEFERRAL_MAX, nest,
			       kvcache_deferral_nl_policy, info->extack);
	if (err)
		return err;
	if (!kvc_genl_need(info->extack, call->tb, nest, KVC_A_DEFERRAL_NODE,
			   "deferral.node: missing"))
		return -EINVAL;
	call->node = nla_get_u32(call->tb[KVC_A_DEFERRAL_NODE]);
	if (!call->tb[KVC_A_DEFERRAL_KEY])
		return 0;
	return check_key(info, call->tb[KVC_A_DEFERRAL_KEY]);
}

static int call_begin(struct genl_info *info, struct defer_call *call)
{
	int err;

	call->r = kvc_genl_ring_get(info, NULL);
	if (IS_ERR(call->r))
		return PTR_ERR(call->r);
	err = call_parse(info, call);
	if (err)
		kvc_rings_put(call->r);
	return err;
}

static int defer_new(struct genl_info *info, struct defer_call *call)
{
	struct nlattr *nest = info->attrs[KVC_A_DEFERRAL];
	struct nlattr *key;

	key = kvc_genl_need(info->extack, call->tb, nest, KVC_A_DEFERRAL_KEY,
			    "deferral.key: missing");
	if (!key || !kvc_genl_need(info->extack, info->attrs, NULL, KVC_A_LIFETIME,
				   "lifetime: missing"))
		return -EINVAL;
	return kvc_defer_add(call->r->ring, call->node, nla_data(key),
			     nla_len(key),
			     nla_get_u64(info->attrs[KVC_A_LIFETIME]),
			     ktime_get_boottime_ns());
}

int kvcache_nl_deferral_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct defer_call call;
	int err = call_begin(info, &call);

	if (err)
		return err;
	err = defer_new(info, &call);
	kvc_rings_put(call.r);
	return err;
}

static int defer_del(struct genl_info *info, struct defer_call *call)
{
	struct nlattr *key = call->tb[KVC_A_DEFERRAL_KEY], *seq;

	seq = kvc_genl_need(info->extack, call->tb, info->attrs[KVC_A_DEFERRAL],
			    KVC_A_DEFERRAL_SEQ, "deferral.seq: missing");
	if (!seq)
		return -EINVAL;
	if (!key)
		return kvc_defer_flushed(call->r->ring, call->node,
					 nla_get_u64(seq));
	return kvc_defer_ack(call->r->ring, call->node, nla_data(key),
			     nla_len(key), nla_get_u64(seq));
}

int kvcache_nl_deferral_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct defer_call call;
	int err = call_begin(info, &call);

	if (err)
		return err;
	err = defer_del(info, &call);
	if (err == -ESTALE)
		NL_SET_ERR_MSG(info->extack, "deferral.seq: it was purged once more");
	kvc_rings_put(call.r);
	return err;
}

static int put_deferral(struct sk_buff *skb, u32 node,
			const struct kvc_defer_item *item, u64 now)
{
	struct nlattr *nest = nla_nest_start(skb, KVC_A_DEFERRAL);

	if (!nest || nla_put_u32(skb, KVC_A_DEFERRAL_NODE, node) ||
	    nla_put(skb, KVC_A_DEFERRAL_KEY, item->len, item->key) ||
	    nla_put_u64_64bit(skb, KVC_A_DEFERRAL_SEQ, item->seq,
			      KVC_A_DEFERRAL_PAD) ||
	    nla_put_u64_64bit(skb, KVC_A_DEFERRAL_LEFT, item->expiry - now,
			      KVC_A_DEFERRAL_PAD)) {
		if (nest)
			nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/* As many as there is room for; the first always has it. */
static void put_deferrals(struct sk_buff *skb, struct defer_call *call,
			  struct kvc_defer_item *item)
{
	u64 now = ktime_get_boottime_ns();
	struct nlattr *after = call->tb[KVC_A_DEFERRAL_KEY];

	item->len = after ? nla_len(after) : 0;
	if (after)
		memcpy(item->key, nla_data(after), item->len);
	while (!kvc_defer_next(call->r->ring, call->node, now, item))
		if (put_deferral(skb, call->node, item, now))
			break;
}

static int defer_get(struct genl_info *info, struct defer_call *call)
{
	struct kvc_defer_state owed;
	struct kvc_defer_item *item;
	struct sk_buff *reply;
	void *header;

	if (kvc_defer_read(call->r->ring, call->node, ktime_get_boottime_ns(),
			   &owed))
		return -ENOENT;
	item = kmalloc(sizeof(*item), GFP_KERNEL_ACCOUNT);
	if (!item)
		return -ENOMEM;
	reply = genlmsg_new(DEFERRALS_BYTES, GFP_KERNEL);
	if (!reply)
		goto err_reply;
	/* The allocator may give twice as much, which no reader has room for. */
	skb_reserve(reply, skb_tailroom(reply) - DEFERRALS_BYTES);
	header = genlmsg_put_reply(reply, info, &kvc_genl_family, 0,
				   info->genlhdr->cmd);
	if (!header)
		goto err_header;
	put_deferrals(reply, call, item);
	kfree(item);
	return kvc_genl_send(reply, header, info);

err_header:
	nlmsg_free(reply);
err_reply:
	kfree(item);
	return -ENOMEM;
}

int kvcache_nl_deferral_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct defer_call call;
	int err = call_begin(info, &call);

	if (err)
		return err;
	err = defer_get(info, &call);
	kvc_rings_put(call.r);
	return err;
}
