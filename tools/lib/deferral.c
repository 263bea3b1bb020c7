// SPDX-License-Identifier: LGPL-2.1-or-later
/* Removals that wait for the return of a node. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"

/* The nest of all requests; @key NULL: none; @seq 0: none. */
static int put_deferral(struct nlmsghdr *nlh, uint32_t node, const void *key,
			size_t key_len, uint64_t seq)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, KVC_A_DEFERRAL);
	int ret = 0;

	mnl_attr_put_u32(nlh, KVC_A_DEFERRAL_NODE, node);
	if (key)
		ret = kvc_put_key(nlh, KVC_A_DEFERRAL_KEY, key, key_len);
	if (seq)
		mnl_attr_put_u64(nlh, KVC_A_DEFERRAL_SEQ, seq);
	mnl_attr_nest_end(nlh, nest);
	return ret;
}

KVC_API int kvc_deferral_add(struct kvc_ctl *ctl, const char *ring,
			     uint32_t node, const void *key, size_t key_len,
			     uint64_t lifetime)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_DEFERRAL_NEW);
	int ret = kvc_put_ring(nlh, ring);

	if (!ret)
		ret = put_deferral(nlh, node, key, key_len, 0);
	if (ret)
		return ret;
	mnl_attr_put_u64(nlh, KVC_A_LIFETIME,
			 lifetime ? lifetime : KVC_FOR_EVER);
	return kvc_ctl_do(ctl, nlh, NULL, NULL);
}

static int forget(struct kvc_ctl *ctl, const char *ring, uint32_t node,
		  const void *key, size_t key_len, uint64_t seq)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_DEFERRAL_DEL);
	int ret = kvc_put_ring(nlh, ring);

	if (!ret)
		ret = put_deferral(nlh, node, key, key_len, seq);
	return ret ? ret : kvc_ctl_do(ctl, nlh, NULL, NULL);
}

KVC_API int kvc_deferral_done(struct kvc_ctl *ctl, const char *ring,
			      const struct kvc_deferral *deferral)
{
	return forget(ctl, ring, deferral->node, deferral->key,
		      deferral->key_len, deferral->seq);
}

KVC_API int kvc_deferral_flushed(struct kvc_ctl *ctl, const char *ring,
				 uint32_t node, uint64_t flush)
{
	return forget(ctl, ring, node, NULL, 0, flush);
}

struct list {
	kvc_deferral_fn fn;
	void *arg;
	int more;		/* the last page was not empty */
};

static void take(struct kvc_deferral *deferral, const struct nlattr *attr)
{
	size_t len;
	const void *bytes = kvc_attr_bytes(attr, &len);

	switch (mnl_attr_get_type(attr)) {
	case KVC_A_DEFERRAL_NODE:
		if (len == sizeof(uint32_t))
			deferral->node = mnl_attr_get_u32(attr);
		break;
	case KVC_A_DEFERRAL_KEY:
		if (len > sizeof(deferral->key))
			break;
		memcpy(deferral->key, bytes, len);
		deferral->key_len = len;
		break;
	case KVC_A_DEFERRAL_SEQ:
		deferral->seq = kvc_attr_u64(attr);
		break;
	case KVC_A_DEFERRAL_LEFT:
		deferral->left = kvc_attr_u64(attr);
		break;
	}
}

static int hand_over(const struct nlattr *nest, struct list *list,
		     struct kvc_deferral *deferral)
{
	const struct nlattr *attr;

	memset(deferral, 0, sizeof(*deferral));
	mnl_attr_for_each_nested(attr, nest)
		take(deferral, attr);
	return list->fn(deferral, list->arg);
}

/* Whoever is called may use the same socket, so an answer is kept apart. */
static int keep(const struct nlmsghdr *nlh, void *arg)
{
	struct nlmsghdr **answer = arg;

	*answer = malloc(nlh->nlmsg_len);
	if (!*answer)
		return -ENOMEM;
	memcpy(*answer, nlh, nlh->nlmsg_len);
	return 0;
}

/* Those that follow @last in the order of keys */
static int list_page(struct kvc_ctl *ctl, const char *ring, uint32_t node,
		     struct kvc_deferral *last, struct list *list)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_DEFERRAL_GET);
	struct nlmsghdr *answer = NULL;
	const struct nlattr *nest;
	int ret = kvc_put_ring(nlh, ring);

	list->more = 0;
	if (!ret)
		ret = put_deferral(nlh, node, last->key_len ? last->key : NULL,
				   last->key_len, 0);
	if (!ret)
		ret = kvc_ctl_do(ctl, nlh, keep, &answer);
	if (!ret && !answer)
		ret = -EBADMSG;
	if (ret) {
		free(answer);
		return ret;
	}
	mnl_attr_for_each(nest, answer, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(nest) != KVC_A_DEFERRAL)
			continue;
		ret = hand_over(nest, list, last);
		if (ret)
			break;
		list->more = 1;
	}
	free(answer);
	return ret;
}

static int list_node(struct kvc_ctl *ctl, const char *ring, uint32_t node,
		     struct list *list)
{
	struct kvc_deferral last = { 0 };
	int ret;

	do {
		ret = list_page(ctl, ring, node, &last, list);
	} while (!ret && list->more);
	return ret;
}

struct nodes {
	struct kvc_ctl *ctl;
	const char *ring;
	struct list list;
};

static int list_of(const struct kvc_node *node, void *arg)
{
	struct nodes *nodes = arg;

	return list_node(nodes->ctl, nodes->ring, node->id, &nodes->list);
}

KVC_API int kvc_deferral_list(struct kvc_ctl *ctl, const char *ring,
			      uint32_t node, kvc_deferral_fn fn, void *arg)
{
	struct nodes nodes = { ctl, ring, { fn, arg, 0 } };

	if (node)
		return list_node(ctl, ring, node, &nodes.list);
	return kvc_node_list(ctl, ring, list_of, &nodes);
}
