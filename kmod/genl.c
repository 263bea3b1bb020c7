// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family: what its messages have in common.  The tables in
 * genl_gen.c are made from Documentation/netlink/specs/kvcache.yaml.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <net/sock.h>
#include "genl.h"

/* Keys are in the events, so these groups are the administrator's. */
static const struct genl_multicast_group genl_groups[] = {
	[KVCACHE_NLGRP_INVALIDATE] = { KVCACHE_MCGRP_INVALIDATE,
				       GENL_MCAST_CAP_NET_ADMIN },
	[KVCACHE_NLGRP_RING] = { KVCACHE_MCGRP_RING },
	[KVCACHE_NLGRP_FLUSH] = { KVCACHE_MCGRP_FLUSH,
				  GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family kvc_genl_family __ro_after_init = {
	.name = KVC_GENL_NAME,
	.version = KVC_GENL_VERSION,
	.maxattr = ARRAY_SIZE(kvcache_nl_policy) - 1,
	.policy = kvcache_nl_policy,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.small_ops = kvcache_nl_ops,
	.n_small_ops = ARRAY_SIZE(kvcache_nl_ops),
	.resv_start_op = KVC_CMD_UNSPEC + 1,
	.mcgrps = genl_groups,
	.n_mcgrps = ARRAY_SIZE(genl_groups),
};

/**
 * kvc_genl_need - an attribute that has to be there
 * @extack: of the request; may be NULL
 * @attrs: parsed
 * @nest: the attribute that they are in, or NULL
 * @type: which
 * @text: said when it is not
 *
 * Return: the attribute or NULL.
 */
struct nlattr *kvc_genl_need(struct netlink_ext_ack *extack,
			     struct nlattr **attrs, struct nlattr *nest,
			     int type, const char *text)
{
	if (!attrs[type] && extack) {
		extack->_msg = text;
		NL_SET_ERR_ATTR_MISS(extack, nest, type);
	}
	return attrs[type];
}

/**
 * kvc_genl_refuse - attributes that a command does not know
 * @info: of the request
 * @types: which
 * @count: how many
 *
 * Return: 0; -EINVAL: one of them is there.
 */
int kvc_genl_refuse(struct genl_info *info, const u16 *types,
		    unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (!info->attrs[types[i]])
			continue;
		KVC_GENL_BAD(info, info->attrs[types[i]],
			     "attribute: not of this command");
		return -EINVAL;
	}
	return 0;
}

/**
 * kvc_genl_who - who sends a message
 * @skb: the message
 * @net: what it is about
 *
 * What the sender is counts only when it is also who opened the socket, so that
 * no privileged program can be made to write to one that it was given.
 */
struct kvc_who kvc_genl_who(const struct sk_buff *skb, const struct net *net)
{
	struct kvc_who who = { .uid = current_fsuid() };

	who.admin = netlink_ns_capable(skb, net->user_ns, CAP_NET_ADMIN);
	who.any = netlink_ns_capable(skb, net->user_ns, CAP_DAC_OVERRIDE);
	if (!uid_eq(who.uid, NETLINK_CB(skb).sk->sk_uid))
		who.uid = INVALID_UID;
	return who;
}

/**
 * kvc_genl_reply - begin the answer to a request
 * @info: the request
 * @bytes: room for its attributes
 * @header: gets the message's header
 *
 * Return: the message or NULL.
 */
struct sk_buff *kvc_genl_reply(struct genl_info *info, size_t bytes,
			       void **header)
{
	struct sk_buff *skb = genlmsg_new(bytes, GFP_KERNEL);

	if (!skb)
		return NULL;
	*header = genlmsg_put_reply(skb, info, &kvc_genl_family, 0,
				    info->genlhdr->cmd);
	if (*header)
		return skb;
	nlmsg_free(skb);
	return NULL;
}

/**
 * kvc_genl_send - end and send an answer
 * @skb: the message
 * @header: its header
 * @info: the request
 */
int kvc_genl_send(struct sk_buff *skb, void *header, struct genl_info *info)
{
	genlmsg_end(skb, header);
	return genlmsg_reply(skb, info);
}

int __init kvc_genl_init(void)
{
	return genl_register_family(&kvc_genl_family);
}

void kvc_genl_exit(void)
{
	genl_unregister_family(&kvc_genl_family);
}
