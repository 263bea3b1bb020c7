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

static u32 count_nodes(struct genl_info *info)
{
	struct nlattr *attr;
	u32 count = 0;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		count += nla_type(attr) == KVC_A_NODE;
	return count;
}

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
	if (tb[KVC_A_NODE_ID] && tb[KVC_A_NODE_NAME]) {
		KVC_GENL_BAD(info, tb[KVC_A_NODE_NAME],
			     "node.name: not with an id");
		return -EINVAL;
	}
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

static int refuse(struct genl_info *info, struct nlattr **tb, const u16 *attrs,
		  unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (!tb[attrs[i]])
			continue;
		KVC_GENL_BAD(info, tb[attrs[i]],
			     "node: its address, and what only the kernel sets, cannot be changed");
		return -EOPNOTSUPP;
	}
	return 0;
}

/* What only the kernel sets */
static const u16 kernels_own[] = {
	KVC_A_NODE_ORDER, KVC_A_NODE_FAILURES, KVC_A_NODE_TAG_LEFT,
	KVC_A_NODE_AGE, KVC_A_NODE_DEFERRALS, KVC_A_NODE_FLUSH,
};

/* The figures that are not given stay. */
static bool read_load(struct nlattr **tb, struct kvc_load *load)
{
	if (tb[KVC_A_NODE_CAPACITY])
		load->capacity = nla_get_u64(tb[KVC_A_NODE_CAPACITY]);
	if (tb[KVC_A_NODE_VOLUME])
		load->volume = nla_get_u64(tb[KVC_A_NODE_VOLUME]);
	if (tb[KVC_A_NODE_RESPONSE])
		load->response = nla_get_u64(tb[KVC_A_NODE_RESPONSE]);
	return tb[KVC_A_NODE_CAPACITY] || tb[KVC_A_NODE_VOLUME] ||
	       tb[KVC_A_NODE_RESPONSE];
}

/**
 * struct new_nodes - nodes to add
 * @spec: what they are; strings and points stay in the message
 * @load: their figures, all 0 if none is given
 * @id: gets their ids
 * @count: how many
 */
struct new_nodes {
	struct kvc_node_spec *spec;
	struct kvc_load *load;
	u32 *id;
	u32 count;
};

static int read_new(struct genl_info *info, struct nlattr *nest,
		    struct kvc_node_spec *spec, struct kvc_load *load)
{
	static const u16 given[] = { KVC_A_NODE_ID, KVC_A_NODE_STATUS };
	struct nlattr *tb[KVC_A_NODE_MAX + 1];
	int err = node_parse(info, nest, tb);

	if (err)
		return err;
	if (!kvc_genl_need(info->extack, tb, nest, KVC_A_NODE_NAME,
			   "node.name: missing") ||
	    !kvc_genl_need(info->extack, tb, nest, KVC_A_NODE_ADDRESS,
			   "node.address: missing"))
		return -EINVAL;
	read_load(tb, load);
	return refuse(info, tb, kernels_own, ARRAY_SIZE(kernels_own)) ?:
	       refuse(info, tb, given, ARRAY_SIZE(given)) ?:
	       read_spec(info, tb, spec);
}

static void new_free(struct new_nodes *new)
{
	kvfree(new->spec);
	kvfree(new->load);
	kvfree(new->id);
}

static int new_alloc(struct new_nodes *new)
{
	new->spec = kvcalloc(new->count, sizeof(*new->spec),
			     GFP_KERNEL_ACCOUNT);
	new->load = kvcalloc(new->count, sizeof(*new->load),
			     GFP_KERNEL_ACCOUNT);
	new->id = kvcalloc(new->count, sizeof(*new->id), GFP_KERNEL_ACCOUNT);
	return new->spec && new->load && new->id ? 0 : -ENOMEM;
}

static int read_all(struct genl_info *info, struct new_nodes *new)
{
	struct nlattr *attr;
	u32 i = 0;
	int err, rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != KVC_A_NODE)
			continue;
		err = read_new(info, attr, &new->spec[i], &new->load[i]);
		if (err)
			return err;
		i++;
	}
	return 0;
}

/* new_free() in any case */
static int new_read(struct genl_info *info, struct new_nodes *new)
{
	new->count = count_nodes(info);
	if (!kvc_genl_need(info->extack, info->attrs, NULL, KVC_A_NODE,
			   "node: missing"))
		return -EINVAL;
	if (new->count > NODES_MAX)
		return -E2BIG;
	return new_alloc(new) ?: read_all(info, new);
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

static int new_add(struct kvc_ringed *r, struct new_nodes *new)
{
	u32 i;
	int err;

	mutex_lock(&r->control);
	err = kvc_ring_add(r->ring, new->spec, new->count,
			   ktime_get_boottime_ns(), new->id);
	for (i = 0; !err && i < new->count; i++)
		err = kvc_ring_set_load(r->ring, new->id[i], &new->load[i]);
	mutex_unlock(&r->control);
	return err;
}

int kvcache_nl_node_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kvc_ringed *r = kvc_genl_ring_get(info, NULL);
	struct new_nodes new = { };
	int err;

	if (IS_ERR(r))
		return PTR_ERR(r);
	err = new_read(info, &new);
	if (err)
		goto out;
	err = new_add(r, &new);
	if (why_not_added(err) && info->extack)
		info->extack->_msg = why_not_added(err);
out:
	new_free(&new);
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
	if (count_nodes(info) > 1) {
		KVC_GENL_BAD(info, nest, "node: one at a time");
		goto err_node;
	}
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

static int set_instances(struct node_call *call)
{
	struct nlattr *attr = call->tb[KVC_A_NODE_INSTANCES];

	return attr ? kvc_ring_set_instances(call->r->ring, call->id,
					     nla_get_u32(attr)) : 0;
}

/* The figures that are not given stay. */
static int set_load(struct node_call *call)
{
	struct kvc_ring_node n;

	if (find_node(call->r->ring, call->id, 0, &n))
		return -ENOENT;
	if (!read_load(call->tb, &n.load))
		return 0;
	return kvc_ring_set_load(call->r->ring, call->id, &n.load);
}

/* A status may be refused when all else was changed, so it comes by itself. */
static int check_set(struct genl_info *info, struct nlattr **tb)
{
	static const u16 fixed[] = { KVC_A_NODE_ADDRESS, KVC_A_NODE_JOIN };
	struct kvc_load load;
	int err = refuse(info, tb, kernels_own, ARRAY_SIZE(kernels_own)) ?:
		  refuse(info, tb, fixed, ARRAY_SIZE(fixed));

	if (err || !tb[KVC_A_NODE_STATUS])
		return err;
	if (!wants_shape(tb) && !tb[KVC_A_NODE_INSTANCES] &&
	    !read_load(tb, &load))
		return 0;
	KVC_GENL_BAD(info, tb[KVC_A_NODE_STATUS],
		     "node.status: not with other changes");
	return -EINVAL;
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
	err = check_set(info, call.tb);
	if (err)
		goto out;
	mutex_lock(&call.r->control);
	err = set_shape(info, &call) ?: set_instances(&call) ?:
	      set_load(&call) ?: set_status(info, &call);
	mutex_unlock(&call.r->control);
out:
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
