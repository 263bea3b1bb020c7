// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings: what the group is told, and who sees which ring
 */
#include <errno.h>

#include "ringfixture.h"

/* What the group has told of a ring */
struct told {
	__u32 change;
	__u32 node;
	__u32 status;
	char ring[KVC_NAME_MAX];
	char name[KVC_NAME_MAX];
};

static int listen(struct kvcnl *nl, struct told *t)
{
	const struct nlattr *ring, *node, *name;
	const struct nlmsghdr *nlh;
	int err;

	nlh = kvcnl_recv(nl, 0, &err);
	if (!nlh)
		return err;
	if (kvcnl_cmd(nlh) != KVC_CMD_RING_NTF)
		return -EPROTO;
	memset(t, 0, sizeof(*t));
	ring = kvcnl_in(kvcnl_attr(nlh, KVC_A_RING), KVC_A_RING_NAME);
	node = kvcnl_attr(nlh, KVC_A_NODE);
	name = kvcnl_in(node, KVC_A_NODE_NAME);
	t->change = kvcnl_u32(kvcnl_attr(nlh, KVC_A_CHANGE));
	t->node = kvcnl_u32(kvcnl_in(node, KVC_A_NODE_ID));
	t->status = kvcnl_u32(kvcnl_in(node, KVC_A_NODE_STATUS));
	if (ring)
		strcpy(t->ring, kvcnl_data(ring));
	if (name)
		strcpy(t->name, kvcnl_data(name));
	return 0;
}

#define EXPECT_TOLD(what, id) do {					\
	ASSERT_EQ(0, listen(&group, &told));				\
	EXPECT_EQ(what, told.change);					\
	EXPECT_EQ(id, told.node);					\
	EXPECT_STREQ(RING, told.ring);					\
} while (0)

TEST_F(rings, events)
{
	static const struct ring_node node = { .name = "x", .address = "ax" };
	struct kvcnl *nl = &self->nl;
	struct kvcnl group;
	struct told told;
	int i;

	ASSERT_EQ(0, kvcnl_open(&group));
	ASSERT_EQ(0, kvcnl_join(&group, KVCNL_RING));
	ASSERT_EQ(0, ring_make(nl, RING, 2));
	EXPECT_TOLD(KVC_RING_CREATED, 0);
	EXPECT_TOLD(KVC_RING_ADDED, 1);
	EXPECT_STREQ("n1", told.name);
	EXPECT_TOLD(KVC_RING_ADDED, 2);
	ASSERT_EQ(0, ring_add(nl, RING, &node, 1));
	EXPECT_TOLD(KVC_RING_ADDED, 3);
	EXPECT_STREQ("x", told.name);
	EXPECT_EQ(KVC_NODE_DOWN, told.status);
	ASSERT_EQ(0, ring_set_u32(nl, KVC_CMD_RING_SET, RING,
				  KVC_A_RING_THRESHOLD, 0));
	EXPECT_TOLD(KVC_RING_CHANGED, 0);
	ASSERT_EQ(0, ring_set_node(nl, RING, 1, KVC_A_NODE_WEIGHT, 50));
	EXPECT_TOLD(KVC_RING_POINTS, 1);
	ASSERT_EQ(0, ring_report(nl, RING, 1, false));
	EXPECT_TOLD(KVC_RING_TAGGED, 1);
	ASSERT_EQ(0, ring_report(nl, RING, 1, true));
	EXPECT_TOLD(KVC_RING_UNTAGGED, 1);
	ASSERT_EQ(0, ring_set_node(nl, RING, 2, KVC_A_NODE_STATUS,
				   KVC_NODE_DOWN));
	EXPECT_TOLD(KVC_RING_STATUS, 2);
	EXPECT_EQ(KVC_NODE_DOWN, told.status);
	ASSERT_EQ(0, ring_set_u64(nl, KVC_CMD_RING_SET, RING,
				  KVC_A_RING_DEFER_MAX, 1));
	EXPECT_TOLD(KVC_RING_CHANGED, 0);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, ring_defer(nl, RING, 2, "a", LONG));
	EXPECT_TOLD(KVC_RING_FLUSH, 2);
	ASSERT_EQ(0, ring_del_node(nl, RING, 2));
	EXPECT_TOLD(KVC_RING_REMOVED, 2);
	ASSERT_EQ(0, ring_simple_call(nl, KVC_CMD_RING_DEL, RING));
	EXPECT_TOLD(KVC_RING_DESTROYED, 0);
	kvcnl_close(&group);
}

static void count_message(void *arg, const struct nlmsghdr *nlh)
{
	++*(unsigned int *)arg;
}

TEST_F(rings, namespaces)
{
	struct kvcnl *nl = &self->nl;
	__u64 value[KVC_A_RING_MAX + 1];
	struct kvcnl inner, group;
	unsigned int count = 0;
	struct kvcnl_msg m;
	struct told told;

	ASSERT_EQ(0, ring_make(nl, RING, 2));
	ASSERT_EQ(0, kvc_fresh_netns());
	ASSERT_EQ(0, kvcnl_open(&inner));
	ASSERT_EQ(0, kvcnl_open(&group));
	ASSERT_EQ(0, kvcnl_join(&group, KVCNL_RING));
	EXPECT_EQ(-ENOENT, get(&inner, RING, value));
	EXPECT_EQ(-ENOENT, ring_route(&inner, RING, "key", self->steps));
	EXPECT_EQ(-ENOENT, ring_nodes(&inner, RING, NULL, 0));
	EXPECT_EQ(-ENOENT, ring_report(&inner, RING, 1, false));
	kvcnl_dump(&m, &inner, KVC_CMD_RING_GET);
	EXPECT_EQ(0, kvcnl_call(&inner, &m, count_message, &count));
	EXPECT_EQ(0, count);
	/* The first that is heard inside is of inside. */
	ASSERT_EQ(0, ring_del_node(nl, RING, 1));
	ASSERT_EQ(0, ring_simple_call(&inner, KVC_CMD_RING_NEW, RING));
	ASSERT_EQ(0, listen(&group, &told));
	EXPECT_EQ(KVC_RING_CREATED, told.change);
	ASSERT_EQ(0, ring_simple_call(&inner, KVC_CMD_RING_DEL, RING));
	EXPECT_EQ(0, get(nl, RING, value));
	kvcnl_close(&inner);
	kvcnl_close(&group);
}

TEST_HARNESS_MAIN
