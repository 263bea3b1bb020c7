// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes of rings over generic netlink
 */
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <net/sock.h>
#include "compat/genetlink.h"
#include "core/defer.h"
#include "genl_ring.h"

/* Nodes of one request */
#define NODES_MAX	4096

static int node_parse(struct genl_info *info, struct nlattr *nest,
		      struct nlattr **tb)
{
	return nla_parse_nested(tb, KVC_A_NODE_MAX, nest,
				kvcache_node_nl_policy, info->extack);
}

/* By id or by name */
static int node_id(struct genl_info *info, struct kvc_ringed *r,
		   struct nlattr *nest, struct nlattr **tb, u32 *id)
{
	if (tb[KVC_A_NODE_ID]) {
		*id = nla_get_u32(tb[KVC_A_NODE_ID]);
		return 0;
	}
	if (!kvc_genl_need(info->extack, tb, nest, KVC_A_NODE_NAME,
			   "node.name or node.id: missing"))
		return -EINVAL;
	*id = kvc_ring_id(r->ring, nla_data(tb[KVC_A_NODE_NAME]));
	if (*id)
		return 0;
	KVC_GENL_BAD(info, tb[KVC_A_NODE_NAME],
		     "node.name: there is no such node");
	return -ENOENT;
}

static u32 get_u32(struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static int read_points(struct genl_info *info, struct nlattr *attr,
		       struct kvc_node_spec *spec)
{
	if (!attr)
		return 0;
	if (!nla_len(attr) || nla_len(attr) % sizeof(u32)) {
		KVC_GENL_BAD(info, attr, "node.point: not a row of 32-bit points");
		return -EINVAL;
	}
	spec->point = nla_data(attr);
	spec->points = nla_len(attr) / sizeof(u32);
	return 0;
}

static int read_spec(struct genl_info *info, struct nlattr **tb,
		     struct kvc_node_spec *spec)
{
	spec->weight = get_u32(tb[KVC_A_NODE_WEIGHT]);
	spec->points = get_u32(tb[KVC_A_NODE_POINTS]);
	spec->instances = get_u32(tb[KVC_A_NODE_INSTANCES]);
	spec->join = get_u32(tb[KVC_A_NODE_JOIN]);
	if (tb[KVC_A_NODE_NAME])
		spec->name = nla_data(tb[KVC_A_NODE_NAME]);
	if (tb[KVC_A_NODE_ADDRESS])
		spec->address = nla_data(tb[KVC_A_NODE_ADDRESS]);
	return read_points(info, tb[KVC_A_NODE_POINT], spec);
}

/* The strings and points stay in the message. */
static int read_new(struct genl_info *info, struct nlattr *nest,
		    struct kvc_node_spec *spec)
{
	struct nlattr *tb[KVC_A_NODE_MAX + 1];
	int err = node_parse(info, nest, tb);

	if (err)
		return err;
	if (!kvc_genl_need(info->extack, tb, nest, KVC_A_NODE_NAME,
			   "node.name: missing") ||
	    !kvc_genl_need(info->extack, tb, nest, KVC_A_NODE_ADDRESS,
			   "node.address: missing"))
		return -EINVAL;
	return read_spec(info, tb, spec);
}

static int read_specs(struct genl_info *info, struct kvc_node_spec **specs,
		      u32 *count)
{
	struct nlattr *attr;
	u32 i = 0;
	int err, rem;

	*count = 0;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		*count += nla_type(attr) == KVC_A_NODE;
	if (!kvc_genl_need(info->extack, info->attrs, NULL, KVC_A_NODE,
			   "node: missing"))
		return -EINVAL;
	if (*count > NODES_MAX)
		return -E2BIG;
	*specs = kvcalloc(*count, sizeof(**specs), GFP_KERNEL_ACCOUNT);
	if (!*specs)
		return -ENOMEM;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != KVC_A_NODE)
			continue;
		err = read_new(info, attr, &(*specs)[i++]);
		if (err)
			goto err_read;
	}
	return 0;

err_read:
	kvfree(*specs);
	return err;
}

static const char *why_not_added(int err)
{
	switch (err) {
	case -EEXIST:
		return "node: there is one of that name or address";
	case -E2BIG:
		return "node: more nodes or points than a ring can have";
	case -ERANGE:
		return "node.weight or node.points: out of range";
	case -EINVAL:
		return "node.name, node.address or node.point: not valid";
	default:
		return NULL;
	}
}

int kvcache_nl_node_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kvc_ringed *r = kvc_genl_ring_get(info, NULL);
	struct kvc_node_spec *specs;
	u32 count;
	int err;

	if (IS_ERR(r))
		return PTR_ERR(r);
	err = read_specs(info, &specs, &count);
	if (err)
		goto out;
	mutex_lock(&r->control);
	err = kvc_ring_add(r->ring, specs, count, ktime_get_boottime_ns(),
			   NULL);
	mutex_unlock(&r->control);
	if (why_not_added(err) && info->extack)
		info->extack->_msg = why_not_added(err);
	kvfree(specs);
out:
	kvc_rings_put(r);
	return err;
}

/* A request on one node that is there */
struct node_call {
	struct kvc_ringed *r;
	struct nlattr *tb[KVC_A_NODE_MAX + 1];
	u32 id;
};

static int call_begin(struct genl_info *info, struct node_call *call)
{
	struct nlattr *nest = info->attrs[KVC_A_NODE];
	int err;

	call->r = kvc_genl_ring_get(info, NULL);
	if (IS_ERR(call->r))
		return PTR_ERR(call->r);
	err = -EINVAL;
	if (!kvc_genl_need(info->extack, info->attrs, NULL, KVC_A_NODE,
			   "node: missing"))
		goto err_node;
	err = node_parse(info, nest, call->tb) ?:
	      node_id(info, call->r, nest, call->tb, &call->id);
	if (err)
		goto err_node;
	return 0;

err_node:
	kvc_rings_put(call->r);
	return err;
}

int kvcache_nl_node_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct node_call call;
	int err = call_begin(info, &call);

	if (err)
		return err;
	mutex_lock(&call.r->control);
	err = kvc_ring_remove(call.r->ring, call.id);
	mutex_unlock(&call.r->control);
	kvc_rings_put(call.r);
	return err;
}

static int find_node(struct kvc_ring *ring, u32 id, u64 now,
		     struct kvc_ring_node *n)
{
	if (!id || kvc_ring_next(ring, id - 1, now, n) || n->id != id)
		return -ENOENT;
	return 0;
}

static bool wants_shape(struct nlattr **tb)
{
	return tb[KVC_A_NODE_WEIGHT] || tb[KVC_A_NODE_POINTS] ||
	       tb[KVC_A_NODE_POINT];
}

static const char *why_not_set(int err)
{
	switch (err) {
	case -E2BIG:
		return "node: more points than a ring can have";
	case -ERANGE:
		return "node.weight or node.points: out of range";
	default:
		return NULL;
	}
}

/* The points are made anew; of weight and instances what is not given stays. */
static int set_shape(struct genl_info *info, struct node_call *call)
{
	struct kvc_node_spec spec = { };
	struct kvc_ring_node n;
	int err;

	if (!wants_shape(call->tb))
		return 0;
	err = read_spec(info, call->tb, &spec) ?:
	      find_node(call->r->ring, call->id, 0, &n);
	if (err)
		return err;
	spec.weight = spec.weight ?: n.weight;
	spec.instances = spec.instances ?: n.instances;
	err = kvc_ring_reshape(call->r->ring, call->id, &spec,
			       ktime_get_boottime_ns());
	if (why_not_set(err) && info->extack)
		info->extack->_msg = why_not_set(err);
	return err;
}

/* What a node has from the beginning, or what only the kernel sets */
static int check_fixed(struct genl_info *info, struct nlattr **tb)
{
	static const u16 fixed[] = {
		KVC_A_NODE_ADDRESS, KVC_A_NODE_JOIN, KVC_A_NODE_ORDER,
		KVC_A_NODE_FAILURES, KVC_A_NODE_TAG_LEFT, KVC_A_NODE_AGE,
		KVC_A_NODE_DEFERRALS, KVC_A_NODE_FLUSH,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fixed); i++) {
		if (!tb[fixed[i]])
			continue;
		KVC_GENL_BAD(info, tb[fixed[i]],
			     "node: its address, and what only the kernel sets, cannot be changed");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int set_instances(struct node_call *call)
{
	struct nlattr *attr = call->tb[KVC_A_NODE_INSTANCES];

	return attr ? kvc_ring_set_instances(call->r->ring, call->id,
					     nla_get_u32(attr)) : 0;
}

/* The figures that are not given stay. */
static int set_load(struct node_call *call)
{
	struct nlattr **tb = call->tb;
	struct kvc_ring_node n;

	if (!tb[KVC_A_NODE_CAPACITY] && !tb[KVC_A_NODE_VOLUME] &&
	    !tb[KVC_A_NODE_RESPONSE])
		return 0;
	if (find_node(call->r->ring, call->id, 0, &n))
		return -ENOENT;
	if (tb[KVC_A_NODE_CAPACITY])
		n.load.capacity = nla_get_u64(tb[KVC_A_NODE_CAPACITY]);
	if (tb[KVC_A_NODE_VOLUME])
		n.load.volume = nla_get_u64(tb[KVC_A_NODE_VOLUME]);
	if (tb[KVC_A_NODE_RESPONSE])
		n.load.response = nla_get_u64(tb[KVC_A_NODE_RESPONSE]);
	return kvc_ring_set_load(call->r->ring, call->id, &n.load);
}

static int set_status(struct genl_info *info, struct node_call *call)
{
	struct nlattr *attr = call->tb[KVC_A_NODE_STATUS];
	int err;

	if (!attr)
		return 0;
	err = kvc_ring_set_status(call->r->ring, call->id, nla_get_u32(attr),
				  ktime_get_boottime_ns());
	if (err == -EBUSY)
		KVC_GENL_BAD(info, attr,
			     "node.status: removals wait for it, drain them first");
	return err;
}

int kvcache_nl_node_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct node_call call;
	int err = call_begin(info, &call);

	if (err)
		return err;
	mutex_lock(&call.r->control);
	err = check_fixed(info, call.tb) ?: set_shape(info, &call) ?:
	      set_instances(&call) ?: set_load(&call) ?:
	      set_status(info, &call);
	mutex_unlock(&call.r->control);
	kvc_rings_put(call.r);
	return err;
}

int kvcache_nl_node_report_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct node_call call;
	int err = call_begin(info, &call);

	if (err)
		return err;
	err = kvc_ring_report(call.r->ring, call.id,
			      info->attrs[KVC_A_SUCCESS],
			      ktime_get_boottime_ns());
	kvc_rings_put(call.r);
	return err;
}

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
