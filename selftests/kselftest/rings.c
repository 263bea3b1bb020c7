// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings: settings, nodes and their status
 */
#include <errno.h>

#include "ringfixture.h"

static __u64 get_one(struct kvcnl *nl, int attr)
{
	__u64 value[KVC_A_RING_MAX + 1] = { 0 };

	return get(nl, RING, value) ? ~0ull : value[attr];
}

TEST_F(rings, settings)
{
	__u64 value[KVC_A_RING_MAX + 1];
	struct kvcnl *nl = &self->nl;

	ASSERT_EQ(0, ring_simple_call(nl, KVC_CMD_RING_NEW, RING));
	EXPECT_EQ(-EEXIST, ring_simple_call(nl, KVC_CMD_RING_NEW, RING));
	ASSERT_EQ(0, get(nl, RING, value));
	EXPECT_EQ(KVC_RING_ACTIVE, value[KVC_A_RING_MODE]);
	EXPECT_EQ(KVC_SELECT_CONSISTENT, value[KVC_A_RING_SELECT]);
	EXPECT_EQ(160, value[KVC_A_RING_POINTS]);
	EXPECT_EQ(2, value[KVC_A_RING_THRESHOLD]);
	EXPECT_EQ(1, value[KVC_A_RING_RISE]);
	EXPECT_EQ(10 * KVC_NSEC, value[KVC_A_RING_VALIDITY]);
	EXPECT_EQ(64 << 20, value[KVC_A_RING_DEFER_MAX]);
	EXPECT_EQ(0, value[KVC_A_RING_SELF]);
	EXPECT_EQ(0, value[KVC_A_RING_NODES]);
	ASSERT_EQ(0, ring_set_u32(nl, KVC_CMD_RING_SET, RING,
				  KVC_A_RING_THRESHOLD, 0));
	ASSERT_EQ(0, ring_set_u32(nl, KVC_CMD_RING_SET, RING,
				  KVC_A_RING_SELECT, KVC_SELECT_HASH));
	ASSERT_EQ(0, get(nl, RING, value));
	EXPECT_EQ(0, value[KVC_A_RING_THRESHOLD]);
	EXPECT_EQ(KVC_SELECT_HASH, value[KVC_A_RING_SELECT]);
	EXPECT_EQ(160, value[KVC_A_RING_POINTS]);
	ASSERT_EQ(0, ring_simple_call(nl, KVC_CMD_RING_DEL, RING));
	EXPECT_EQ(-ENOENT, ring_simple_call(nl, KVC_CMD_RING_DEL, RING));
	EXPECT_EQ(-ENOENT, get(nl, RING, value));
}

TEST_F(rings, self)
{
	struct kvcnl *nl = &self->nl;

	ASSERT_EQ(0, ring_make(nl, RING, 3));
	EXPECT_EQ(-ENOENT, ring_set_u32(nl, KVC_CMD_RING_SET, RING,
					KVC_A_RING_SELF, 4));
	ASSERT_EQ(0, ring_set_u32(nl, KVC_CMD_RING_SET, RING,
				  KVC_A_RING_SELF, 2));
	EXPECT_EQ(2, get_one(nl, KVC_A_RING_SELF));
	ASSERT_EQ(0, ring_del_node(nl, RING, 2));
	EXPECT_EQ(0, get_one(nl, KVC_A_RING_SELF));
	EXPECT_EQ(-ENOENT, ring_del_node(nl, RING, 2));
}

TEST_F(rings, nodes_come_all_or_none)
{
	static const struct ring_node twice[] = {
		{ .name = "x", .address = "ax" },
		{ .name = "y", .address = "ay" },
		{ .name = "x", .address = "az" },
	};
	static const struct ring_node same_address[] = {
		{ .name = "x", .address = "ax" },
		{ .name = "y", .address = "a1" },
	};
	static const struct ring_node bad_name[] = {
		{ .name = "x", .address = "ax" },
		{ .name = "a/b", .address = "ay" },
	};
	static const struct ring_node one = { .name = "x", .address = "ax" };
	struct kvcnl *nl = &self->nl;
	struct ring_seen seen;

	ASSERT_EQ(0, ring_make(nl, RING, 3));
	EXPECT_EQ(-EEXIST, ring_add(nl, RING, twice, 3));
	EXPECT_EQ(-EEXIST, ring_add(nl, RING, same_address, 2));
	EXPECT_EQ(-EINVAL, ring_add(nl, RING, bad_name, 2));
	EXPECT_NE(0, nl->text[0]);
	EXPECT_EQ(3, ring_nodes(nl, RING, NULL, 0));
	ASSERT_EQ(0, ring_add(nl, RING, &one, 1));
	/* Ids are not used again. */
	ASSERT_EQ(0, ring_node(nl, RING, 4, &seen));
	EXPECT_STREQ("x", seen.name);
	EXPECT_STREQ("ax", seen.address);
	ASSERT_EQ(0, ring_del_node(nl, RING, 4));
	ASSERT_EQ(0, ring_add(nl, RING, &one, 1));
	EXPECT_EQ(-ENOENT, ring_node(nl, RING, 4, &seen));
	EXPECT_EQ(0, ring_node(nl, RING, 5, &seen));
}

TEST_F(rings, joining)
{
	static const struct ring_node nodes[] = {
		{ .name = "f", .address = "1", .join = KVC_JOIN_FOUNDER },
		{ .name = "e", .address = "2", .join = KVC_JOIN_EMPTY },
		{ .name = "u", .address = "3", .join = KVC_JOIN_UNKNOWN },
		{ .name = "s", .address = "4", .join = KVC_JOIN_SERVING },
	};
	struct kvcnl *nl = &self->nl;
	struct ring_seen seen[4];
	unsigned int i;

	ASSERT_EQ(0, ring_make(nl, RING, 0));
	for (i = 0; i < ARRAY_SIZE(nodes); i++)
		ASSERT_EQ(0, ring_add(nl, RING, &nodes[i], 1));
	ASSERT_EQ(4, ring_nodes(nl, RING, seen, 4));
	EXPECT_EQ(KVC_NODE_UP, seen[0].status);
	EXPECT_FALSE(seen[0].aged);
	EXPECT_EQ(KVC_NODE_UP, seen[1].status);
	EXPECT_TRUE(seen[1].aged);
	EXPECT_EQ(KVC_NODE_DOWN, seen[2].status);
	EXPECT_NE(0, seen[2].flush);
	EXPECT_EQ(KVC_NODE_UP, seen[3].status);
	EXPECT_EQ(0, seen[3].flush);
	/* P14: nothing is known of it, so it is emptied first. */
	EXPECT_EQ(-EBUSY, ring_set_node(nl, RING, 3, KVC_A_NODE_STATUS,
					KVC_NODE_UP));
	EXPECT_NE(0, nl->text[0]);
	EXPECT_EQ(-ESTALE, ring_ack(nl, RING, 3, NULL, seen[2].flush + 1));
	EXPECT_EQ(0, ring_ack(nl, RING, 3, NULL, seen[2].flush));
	EXPECT_EQ(0, ring_set_node(nl, RING, 3, KVC_A_NODE_STATUS,
				   KVC_NODE_UP));
}

TEST_F(rings, node_settings)
{
	static const __u32 points[] = { 1000, 2000, 3000 };
	static const struct ring_node nodes[] = {
		{ .name = "a", .address = "1", .weight = 50, .instances = 3 },
		{ .name = "b", .address = "2", .points = 10 },
		{ .name = "c", .address = "3", .point = points,
		  .point_count = 3 },
	};
	struct kvcnl *nl = &self->nl;
	struct ring_seen n;

	ASSERT_EQ(0, ring_make(nl, RING, 0));
	ASSERT_EQ(0, ring_add(nl, RING, nodes, 3));
	ASSERT_EQ(0, ring_node(nl, RING, 1, &n));
	EXPECT_EQ(50, n.weight);
	EXPECT_EQ(80, n.points);
	EXPECT_EQ(3, n.instances);
	ASSERT_EQ(0, ring_node(nl, RING, 2, &n));
	EXPECT_EQ(10, n.points);
	ASSERT_EQ(0, ring_node(nl, RING, 3, &n));
	EXPECT_EQ(3, n.points);
	/* What is not given stays. */
	ASSERT_EQ(0, ring_set_node(nl, RING, 1, KVC_A_NODE_WEIGHT, 200));
	ASSERT_EQ(0, ring_node(nl, RING, 1, &n));
	EXPECT_EQ(200, n.weight);
	EXPECT_EQ(320, n.points);
	EXPECT_EQ(3, n.instances);
	ASSERT_EQ(0, ring_set_node(nl, RING, 1, KVC_A_NODE_POINTS, 100));
	ASSERT_EQ(0, ring_node(nl, RING, 1, &n));
	EXPECT_EQ(200, n.weight);
	EXPECT_EQ(200, n.points);
	EXPECT_EQ(3, n.instances);
	ASSERT_EQ(0, ring_set_node(nl, RING, 3, KVC_A_NODE_INSTANCES, 7));
	ASSERT_EQ(0, ring_node(nl, RING, 3, &n));
	EXPECT_EQ(3, n.points);
	EXPECT_EQ(7, n.instances);
}

struct tag_wait {
	struct kvcnl *nl;
	__u32 node;
	struct ring_steps *steps;
};

static bool is_first(void *arg)
{
	struct tag_wait *w = arg;

	return !ring_route(w->nl, RING, "key", w->steps) &&
	       w->steps->count && w->steps->step[0].node == w->node;
}

static void put_loaded(struct kvcnl_msg *m, const char *name, __u64 capacity)
{
	__u32 at = kvcnl_nest(m, KVC_A_NODE);

	kvcnl_put_str(m, KVC_A_NODE_NAME, name);
	kvcnl_put_str(m, KVC_A_NODE_ADDRESS, name);
	kvcnl_put_u32(m, KVC_A_NODE_JOIN, KVC_JOIN_FOUNDER);
	kvcnl_put_u64(m, KVC_A_NODE_CAPACITY, capacity);
	kvcnl_nest_end(m, at);
}

/* A9: figures count from the beginning. */
TEST_F(rings, figures_of_joining_nodes)
{
	struct ring_steps *steps = self->steps;
	struct kvcnl *nl = &self->nl;
	struct kvcnl_msg m;

	ASSERT_EQ(0, ring_simple_call(nl, KVC_CMD_RING_NEW, "load"));
	ASSERT_EQ(0, ring_set_u32(nl, KVC_CMD_RING_SET, "load",
				  KVC_A_RING_SELECT, KVC_SELECT_LOAD));
	ring_begin(&m, nl, KVC_CMD_NODE_NEW, "load");
	put_loaded(&m, "weak", 1);
	put_loaded(&m, "strong", 9);
	put_loaded(&m, "fair", 5);
	ASSERT_EQ(0, kvcnl_call(nl, &m, NULL, NULL));
	ASSERT_EQ(0, ring_route(nl, "load", "key", steps));
	ASSERT_EQ(3, steps->count);
	EXPECT_STREQ("strong", steps->step[0].name);
	EXPECT_STREQ("weak", steps->step[2].name);
	EXPECT_EQ(0, ring_simple_call(nl, KVC_CMD_RING_DEL, "load"));
}

/* A status that is refused leaves no other change behind. */
TEST_F(rings, status_comes_by_itself)
{
	struct kvcnl *nl = &self->nl;
	struct ring_seen seen;
	struct kvcnl_msg m;
	__u32 at;

	ASSERT_EQ(0, ring_make(nl, RING, 1));
	ring_begin(&m, nl, KVC_CMD_NODE_SET, RING);
	at = kvcnl_nest(&m, KVC_A_NODE);
	kvcnl_put_u32(&m, KVC_A_NODE_ID, 1);
	kvcnl_put_u32(&m, KVC_A_NODE_WEIGHT, 300);
	kvcnl_put_u32(&m, KVC_A_NODE_STATUS, KVC_NODE_DOWN);
	kvcnl_nest_end(&m, at);
	EXPECT_EQ(-EINVAL, kvcnl_call(nl, &m, NULL, NULL));
	ASSERT_EQ(0, ring_node(nl, RING, 1, &seen));
	EXPECT_EQ(100, seen.weight);
	EXPECT_EQ(KVC_NODE_UP, seen.status);
}

TEST_F(rings, tag)
{
	struct kvcnl *nl = &self->nl;
	struct tag_wait w = { .nl = nl, .steps = self->steps };
	struct ring_seen seen;
	int i;

	ASSERT_EQ(0, ring_make(nl, RING, 3));
	ASSERT_EQ(0, ring_route(nl, RING, "key", self->steps));
	ASSERT_EQ(3, self->steps->count);
	w.node = self->steps->step[0].node;
	/* A4: more failures than the threshold */
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, ring_report(nl, RING, w.node, false));
	EXPECT_TRUE(is_first(&w));
	ASSERT_EQ(0, ring_report(nl, RING, w.node, false));
	ASSERT_EQ(0, ring_node(nl, RING, w.node, &seen));
	EXPECT_TRUE(seen.tagged);
	EXPECT_LT(0, seen.tag_left);
	EXPECT_GE(10 * KVC_NSEC, seen.tag_left);
	ASSERT_EQ(0, ring_route(nl, RING, "key", self->steps));
	ASSERT_EQ(2, self->steps->count);
	EXPECT_NE(w.node, self->steps->step[0].node);
	EXPECT_NE(w.node, self->steps->step[1].node);
	/* A success takes it away, */
	ASSERT_EQ(0, ring_report(nl, RING, w.node, true));
	EXPECT_TRUE(is_first(&w));
	/* and so does the end of its validity. */
	ASSERT_EQ(0, ring_set_u64(nl, KVC_CMD_RING_SET, RING,
				  KVC_A_RING_VALIDITY, KVC_NSEC / 5));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, ring_report(nl, RING, w.node, false));
	EXPECT_TRUE(kvc_eventually(is_first, &w));
	ASSERT_EQ(0, ring_node(nl, RING, w.node, &seen));
	EXPECT_FALSE(seen.tagged);
}

TEST_F(rings, nobody_there)
{
	struct kvcnl *nl = &self->nl;
	__u32 id;

	ASSERT_EQ(0, ring_make(nl, RING, 0));
	EXPECT_EQ(-ENOENT, ring_route(nl, RING, "key", self->steps));
	EXPECT_NE(0, nl->text[0]);
	ASSERT_EQ(0, ring_plan(nl, RING, "key", NULL, LONG, false,
			       self->steps));
	EXPECT_EQ(0, self->steps->count);
	ASSERT_EQ(0, ring_simple_call(nl, KVC_CMD_RING_DEL, RING));
	ASSERT_EQ(0, ring_make(nl, RING, 2));
	for (id = 1; id <= 2; id++)
		ASSERT_EQ(0, ring_set_node(nl, RING, id, KVC_A_NODE_STATUS,
					   KVC_NODE_DOWN));
	EXPECT_EQ(-EHOSTUNREACH, ring_route(nl, RING, "key", self->steps));
	EXPECT_NE(0, nl->text[0]);
}

TEST_HARNESS_MAIN
