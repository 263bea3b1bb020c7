/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_GENL_H
#define _KVC_GENL_H

#include <net/genetlink.h>
#include "genl_gen.h"
#include "registry.h"

extern struct genl_family kvc_genl_family;

/* Says in the extended acknowledgement what was wrong with which attribute. */
#define KVC_GENL_BAD(info, attr, text) \
	NL_SET_ERR_MSG_ATTR((info)->extack, attr, text)

struct nlattr *kvc_genl_need(struct netlink_ext_ack *extack,
			     struct nlattr **attrs, struct nlattr *nest,
			     int type, const char *text);
int kvc_genl_refuse(struct genl_info *info, const u16 *types,
		    unsigned int count);
struct kvc_who kvc_genl_who(const struct sk_buff *skb, const struct net *net);
struct sk_buff *kvc_genl_reply(struct genl_info *info, size_t bytes,
			       void **header);
int kvc_genl_send(struct sk_buff *skb, void *header, struct genl_info *info);

/**
 * struct kvc_genl_call - a request on a cache, while it is carried out
 * @skb: the request
 * @info: the same, parsed
 * @inst: the cache, referenced
 */
struct kvc_genl_call {
	const struct sk_buff *skb;
	struct genl_info *info;
	struct kvc_instance *inst;
};

/* Carries a request out and puts the answer; 0 or a negative errno. */
typedef int (*kvc_genl_fill_t)(const struct kvc_genl_call *call,
			       struct sk_buff *reply);

/* Caches, in genl_cache.c */
int kvc_genl_cache_name(struct netlink_ext_ack *extack, struct nlattr **attrs,
			const char **name);
int kvc_genl_cache_call(const struct sk_buff *skb, struct genl_info *info,
			unsigned int access, kvc_genl_fill_t fill);

/* Flushing, in genl_flush.c */
void kvc_genl_flush_changed(struct kvc_instance *inst);

int kvc_genl_init(void);
void kvc_genl_exit(void);

#endif
