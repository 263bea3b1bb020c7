// SPDX-License-Identifier: LGPL-2.1-or-later
/* The nodes of a ring. */
#include <errno.h>
#include <string.h>

#include "fields.h"

static const struct kvc_field node_field[] = {
	KVC_FIELD(KVC_A_NODE_ID, struct kvc_node, id),
	KVC_FIELD(KVC_A_NODE_NAME, struct kvc_node, name),
	KVC_FIELD(KVC_A_NODE_ADDRESS, struct kvc_node, address),
	KVC_FIELD(KVC_A_NODE_JOIN, struct kvc_node, join),
	KVC_FIELD(KVC_A_NODE_STATUS, struct kvc_node, status),
	KVC_FIELD(KVC_A_NODE_WEIGHT, struct kvc_node, weight),
	KVC_FIELD(KVC_A_NODE_POINTS, struct kvc_node, points),
	KVC_FIELD(KVC_A_NODE_ORDER, struct kvc_node, order),
	KVC_FIELD(KVC_A_NODE_CAPACITY, struct kvc_node, capacity),
	KVC_FIELD(KVC_A_NODE_VOLUME, struct kvc_node, volume),
	KVC_FIELD(KVC_A_NODE_RESPONSE, struct kvc_node, response),
	KVC_FIELD(KVC_A_NODE_INSTANCES, struct kvc_node, instances),
	KVC_FIELD(KVC_A_NODE_FAILURES, struct kvc_node, failures),
	KVC_FIELD(KVC_A_NODE_TAG_LEFT, struct kvc_node, tag_left),
	KVC_FIELD(KVC_A_NODE_AGE, struct kvc_node, age),
	KVC_FIELD(KVC_A_NODE_DEFERRALS, struct kvc_node, deferrals),
	KVC_FIELD(KVC_A_NODE_FLUSH, struct kvc_node, flush),
};

static const struct kvc_fields node_fields =
	KVC_FIELDS(KVC_A_NODE, node_field);

#define POINTS_MOST	16000u
/* What may be said when a node is added, and what may be changed. */
#define ADDED \
	(KVC_BIT(KVC_A_NODE_NAME) | KVC_BIT(KVC_A_NODE_ADDRESS) | \
	 KVC_BIT(KVC_A_NODE_JOIN) | KVC_BIT(KVC_A_NODE_WEIGHT) | \
	 KVC_BIT(KVC_A_NODE_CAPACITY) | \
	 KVC_BIT(KVC_A_NODE_VOLUME) | KVC_BIT(KVC_A_NODE_RESPONSE) | \
	 KVC_BIT(KVC_A_NODE_INSTANCES))

/* Who it is: the number if it is known, else the name. */
static uint64_t identity(const struct kvc_node *node)
{
	return node->id ? KVC_BIT(KVC_A_NODE_ID) : KVC_BIT(KVC_A_NODE_NAME);
}

/* Begins a request that is about a node of a ring. */
static int begin(struct kvc_ctl *ctl, uint8_t cmd, const char *ring,
		 struct nlmsghdr **nlh)
{
	*nlh = kvc_ctl_begin(ctl, cmd);
	return kvc_put_ring(*nlh, ring);
}

/* The points go into the nest of the other attributes, which is the last one. */
static void put_node(struct nlmsghdr *nlh, const struct kvc_node *node,
		     uint64_t mask, const uint32_t *point, size_t points)
{
	struct nlattr *nest = mnl_nlmsg_get_payload_tail(nlh);

	kvc_fields_put(nlh, &node_fields, node, mask);
	if (!point)
		return;
	mnl_attr_put(nlh, KVC_A_NODE_POINT, points * sizeof(*point), point);
	mnl_attr_nest_end(nlh, nest);
}

static int read_node(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nest = kvc_ctl_attr(nlh, KVC_A_NODE);
	struct kvc_node *node = arg;

	if (!nest)
		return -EBADMSG;
	memset(node, 0, sizeof(*node));
	node->given = kvc_fields_read(nest, &node_fields, node);
	return 0;
}

KVC_API int kvc_node_add(struct kvc_ctl *ctl, const char *ring,
			 const struct kvc_node *node, const uint32_t *point,
			 size_t points)
{
	struct nlmsghdr *nlh;
	int ret;

	if (points > POINTS_MOST)
		return -E2BIG;
	ret = begin(ctl, KVC_CMD_NODE_NEW, ring, &nlh);
	if (ret)
		return ret;
	put_node(nlh, node, kvc_fields_used(&node_fields, node) & ADDED, point,
		 points);
	return kvc_ctl_do(ctl, nlh, NULL, NULL);
}

/* Bytes that a node without points may take in a request */
#define NODE_MOST	512u

KVC_API int kvc_node_add_all(struct kvc_ctl *ctl, const char *ring,
			     const struct kvc_node *nodes, size_t count)
{
	struct nlmsghdr *nlh;
	size_t i = 0;
	int ret = 0;

	while (!ret && i < count) {
		ret = begin(ctl, KVC_CMD_NODE_NEW, ring, &nlh);
		if (ret)
			break;
		do {
			put_node(nlh, &nodes[i],
				 kvc_fields_used(&node_fields, &nodes[i]) & ADDED,
				 NULL, 0);
		} while (++i < count &&
			 nlh->nlmsg_len + NODE_MOST <= KVC_REQUEST_MAX);
		ret = kvc_ctl_do(ctl, nlh, NULL, NULL);
	}
	return ret;
}

KVC_API int kvc_node_set(struct kvc_ctl *ctl, const char *ring,
			 const struct kvc_node *node, uint32_t given,
			 const uint32_t *point, size_t points)
{
	struct nlmsghdr *nlh;
	int ret;

	if (points > POINTS_MOST)
		return -E2BIG;
	ret = begin(ctl, KVC_CMD_NODE_SET, ring, &nlh);
	if (ret)
		return ret;
	put_node(nlh, node, given | identity(node), point, points);
	return kvc_ctl_do(ctl, nlh, NULL, NULL);
}

KVC_API int kvc_node_remove(struct kvc_ctl *ctl, const char *ring,
			    const struct kvc_node *node)
{
	struct nlmsghdr *nlh;
	int ret = begin(ctl, KVC_CMD_NODE_DEL, ring, &nlh);

	if (ret)
		return ret;
	put_node(nlh, node, identity(node), NULL, 0);
	return kvc_ctl_do(ctl, nlh, NULL, NULL);
}

KVC_API int kvc_node_report(struct kvc_ctl *ctl, const char *ring,
			    const struct kvc_node *node, int success)
{
	struct nlmsghdr *nlh;
	int ret = begin(ctl, KVC_CMD_NODE_REPORT, ring, &nlh);

	if (ret)
		return ret;
	put_node(nlh, node, identity(node), NULL, 0);
	if (success)
		mnl_attr_put(nlh, KVC_A_SUCCESS, 0, NULL);
	return kvc_ctl_do(ctl, nlh, NULL, NULL);
}

struct list {
	kvc_node_fn fn;
	void *arg;
};

static int list_one(const struct nlmsghdr *nlh, void *arg)
{
	const struct list *list = arg;
	struct kvc_node node;
	int ret = read_node(nlh, &node);

	return ret ? ret : list->fn(&node, list->arg);
}

KVC_API int kvc_node_list(struct kvc_ctl *ctl, const char *ring, kvc_node_fn fn,
			  void *arg)
{
	struct list list = { fn, arg };
	struct nlmsghdr *nlh;
	int ret = begin(ctl, KVC_CMD_NODE_GET, ring, &nlh);

	return ret ? ret : kvc_ctl_dump(ctl, nlh, list_one, &list);
}
