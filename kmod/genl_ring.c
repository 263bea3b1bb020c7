// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings over generic netlink: their settings, and the events of their changes
 */
#include <linux/err.h>
#include <linux/ktime.h>
#include <net/sock.h>
#include "genl_ring.h"

/**
 * kvc_genl_ring_parse - the nest of a ring, which has a name
 * @extack: of the request
 * @attrs: its attributes
 * @tb: gets those of the ring
 *
 * Return: 0 or -EINVAL.
 */
int kvc_genl_ring_parse(struct netlink_ext_ack *extack, struct nlattr **attrs,
			struct nlattr **tb)
{
	struct nlattr *nest;
	int err;

	nest = kvc_genl_need(extack, attrs, NULL, KVC_A_RING, "ring: missing");
	if (!nest)
		return -EINVAL;
	err = nla_parse_nested(tb, KVC_A_RING_MAX, nest, kvcache_ring_nl_policy,
			       extack);
	if (err)
		return err;
	if (!kvc_genl_need(extack, tb, nest, KVC_A_RING_NAME,
			   "ring.name: missing"))
		return -EINVAL;
	if (kvc_config_name_ok(nla_data(tb[KVC_A_RING_NAME])))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, tb[KVC_A_RING_NAME],
			    "ring.name: letters, digits, '.', '_' and '-' only");
	return -EINVAL;
}

static int ring_parse(struct genl_info *info, struct nlattr **tb)
{
	return kvc_genl_ring_parse(info->extack, info->attrs, tb);
}

/* Of the settings only this one has a range that no policy says. */
static int tell_why(struct genl_info *info, struct nlattr **tb, int err)
{
	if (err == -ERANGE)
		KVC_GENL_BAD(info, tb[KVC_A_RING_POINTS],
			     "ring.points: not more than 65536");
	return err;
}

/**
 * kvc_genl_ring_get - the ring that a request is about
 * @info: the request
 * @tb: gets the attributes of the ring, or NULL
 *
 * Return: the ring, referenced; ERR_PTR: -EINVAL, -ENOENT.
 */
struct kvc_ringed *kvc_genl_ring_get(struct genl_info *info,
				     struct nlattr **tb)
{
	struct nlattr *own[KVC_A_RING_MAX + 1];
	struct kvc_ringed *r;
	int err;

	tb = tb ?: own;
	err = ring_parse(info, tb);
	if (err)
		return ERR_PTR(err);
	r = kvc_rings_get(genl_info_net(info), nla_data(tb[KVC_A_RING_NAME]));
	if (r)
		return r;
	NL_SET_ERR_MSG_ATTR(info->extack, tb[KVC_A_RING_NAME],
			    "ring.name: there is no such ring");
	return ERR_PTR(-ENOENT);
}

static void read_u32(struct nlattr *attr, u32 *to)
{
	if (attr)
		*to = nla_get_u32(attr);
}

static void read_u64(struct nlattr *attr, u64 *to)
{
	if (attr)
		*to = nla_get_u64(attr);
}

/* What is given of a ring's settings */
static void read_config(struct nlattr **tb, struct kvc_ring_config *g)
{
	read_u32(tb[KVC_A_RING_MODE], &g->mode);
	read_u32(tb[KVC_A_RING_SELECT], &g->select);
	read_u32(tb[KVC_A_RING_POINTS], &g->points);
	read_u32(tb[KVC_A_RING_THRESHOLD], &g->threshold);
	read_u32(tb[KVC_A_RING_RISE], &g->rise);
	read_u64(tb[KVC_A_RING_VALIDITY], &g->validity);
	read_u64(tb[KVC_A_RING_DEFER_MAX], &g->defer_max);
}

static bool ring_listened(struct net *net)
{
	return genl_has_listeners(&kvc_genl_family, net, KVCACHE_NLGRP_RING);
}

static int put_name(struct sk_buff *skb, const char *name, u64 generation)
{
	struct nlattr *nest = nla_nest_start(skb, KVC_A_RING);

	if (!nest || nla_put_string(skb, KVC_A_RING_NAME, name) ||
	    nla_put_u64_64bit(skb, KVC_A_RING_GENERATION, generation,
			      KVC_A_RING_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_event_node(struct sk_buff *skb, const struct kvc_ring_event *ev)
{
	struct nlattr *nest = nla_nest_start(skb, KVC_A_NODE);

	if (!nest || nla_put_u32(skb, KVC_A_NODE_ID, ev->node) ||
	    nla_put_string(skb, KVC_A_NODE_NAME, ev->name) ||
	    nla_put_u32(skb, KVC_A_NODE_STATUS, ev->status))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* With @ev NULL, of the ring as a whole; who gets no message sees no number. */
static void notify(struct net *net, const char *name, u64 generation,
		   u32 change, const struct kvc_ring_event *ev)
{
	struct sk_buff *skb;
	void *header;

	if (!ring_listened(net))
		return;
	skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!skb)
		return;
	header = genlmsg_put(skb, 0, 0, &kvc_genl_family, 0, KVC_CMD_RING_NTF);
	if (!header || put_name(skb, name, generation) ||
	    nla_put_u32(skb, KVC_A_CHANGE, change) ||
	    (ev && put_event_node(skb, ev))) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, header);
	genlmsg_multicast_netns(&kvc_genl_family, net, skb, 0,
				KVCACHE_NLGRP_RING, GFP_KERNEL);
}

static void ring_event(void *ctx, const struct kvc_ring_event *ev)
{
	struct kvc_ringed *r = ctx;

	if (!READ_ONCE(r->dead))
		notify(r->net, r->ring->config.name, ev->generation, ev->type,
		       ev);
}

static const struct kvc_ring_observer ring_observer = {
	.event = ring_event,
};

int kvcache_nl_ring_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kvc_ring_config config = { .threshold = 2 };
	struct nlattr *tb[KVC_A_RING_MAX + 1];
	struct net *net = genl_info_net(info);
	int err = ring_parse(info, tb);

	if (err)
		return err;
	nla_strscpy(config.name, tb[KVC_A_RING_NAME], sizeof(config.name));
	read_config(tb, &config);
	err = tell_why(info, tb,
		       kvc_rings_create(net, &config, &ring_observer));
	if (!err)
		notify(net, config.name, 0, KVC_RING_CREATED, NULL);
	return err;
}

int kvcache_nl_ring_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[KVC_A_RING_MAX + 1];
	struct net *net = genl_info_net(info);
	const char *name;
	int err = ring_parse(info, tb);

	if (err)
		return err;
	name = nla_data(tb[KVC_A_RING_NAME]);
	err = kvc_rings_destroy(net, name);
	if (!err)
		notify(net, name, 0, KVC_RING_DESTROYED, NULL);
	return err;
}

static int set_self(struct genl_info *info, struct kvc_ring *ring,
		    struct nlattr *attr)
{
	int err = kvc_ring_set_self(ring, nla_get_u32(attr));

	if (err)
		KVC_GENL_BAD(info, attr, "ring.self: there is no such node");
	return err;
}

static int ring_set(struct genl_info *info, struct kvc_ringed *r,
		    struct nlattr **tb)
{
	struct kvc_ring_config config;
	struct kvc_ring_config before;
	int err;

	mutex_lock(&r->control);
	before = config = r->ring->config;
	read_config(tb, &config);
	err = tell_why(info, tb, kvc_ring_configure(r->ring, &config));
	if (!err && tb[KVC_A_RING_SELF])
		err = set_self(info, r->ring, tb[KVC_A_RING_SELF]);
	/* All of it or nothing */
	if (err)
		kvc_ring_configure(r->ring, &before);
	mutex_unlock(&r->control);
	return err;
}

int kvcache_nl_ring_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *tb[KVC_A_RING_MAX + 1];
	struct kvc_ringed *r = kvc_genl_ring_get(info, tb);
	int err;

	if (IS_ERR(r))
		return PTR_ERR(r);
	err = ring_set(info, r, tb);
	if (!err)
		notify(r->net, r->ring->config.name,
		       kvc_ring_generation(r->ring), KVC_RING_CHANGED, NULL);
	kvc_rings_put(r);
	return err;
}

/* Settings are read one by one: each is from some moment of the call. */
static int put_ring(struct sk_buff *skb, struct kvc_ringed *r)
{
	const struct kvc_ring_config *g = &r->ring->config;
	struct nlattr *nest = nla_nest_start(skb, KVC_A_RING);

	if (!nest || nla_put_string(skb, KVC_A_RING_NAME, g->name) ||
	    nla_put_u32(skb, KVC_A_RING_MODE, READ_ONCE(g->mode)) ||
	    nla_put_u32(skb, KVC_A_RING_SELECT, READ_ONCE(g->select)) ||
	    nla_put_u32(skb, KVC_A_RING_POINTS, READ_ONCE(g->points)) ||
	    nla_put_u32(skb, KVC_A_RING_THRESHOLD, READ_ONCE(g->threshold)) ||
	    nla_put_u32(skb, KVC_A_RING_RISE, READ_ONCE(g->rise)) ||
	    nla_put_u64_64bit(skb, KVC_A_RING_VALIDITY, READ_ONCE(g->validity),
			      KVC_A_RING_PAD) ||
	    nla_put_u64_64bit(skb, KVC_A_RING_DEFER_MAX,
			      READ_ONCE(g->defer_max), KVC_A_RING_PAD) ||
	    nla_put_u32(skb, KVC_A_RING_SELF, READ_ONCE(r->ring->self)) ||
	    nla_put_u32(skb, KVC_A_RING_NODES, kvc_ring_nodes(r->ring)) ||
	    nla_put_u64_64bit(skb, KVC_A_RING_GENERATION,
			      kvc_ring_generation(r->ring), KVC_A_RING_PAD))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int kvcache_nl_ring_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct kvc_ringed *r = kvc_genl_ring_get(info, NULL);
	struct sk_buff *reply;
	int err = -ENOMEM;
	void *header;

	if (IS_ERR(r))
		return PTR_ERR(r);
	reply = kvc_genl_reply(info, NLMSG_GOODSIZE, &header);
	if (!reply)
		goto out;
	err = put_ring(reply, r);
	if (err)
		nlmsg_free(reply);
	else
		err = kvc_genl_send(reply, header, info);
out:
	kvc_rings_put(r);
	return err;
}

static int dump_ring(struct sk_buff *skb, struct netlink_callback *cb,
		     struct kvc_ringed *r)
{
	void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, &kvc_genl_family,
				   NLM_F_MULTI, KVC_CMD_RING_GET);

	if (!header)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, header);
	if (put_ring(skb, r)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

int kvcache_nl_ring_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net *net = sock_net(cb->skb->sk);
	unsigned int at = cb->args[0];
	struct kvc_ringed *r;
	int err = 0;

	cb->seq = kvc_rings_generation(net);
	while (!err && (r = kvc_rings_next(net, &at))) {
		err = dump_ring(skb, cb, r);
		if (!err)
			cb->args[0] = at;
		kvc_rings_put(r);
	}
	return skb->len ?: err;
}
