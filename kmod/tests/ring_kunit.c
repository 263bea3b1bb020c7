// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "ringfixture.h"

static void ring_hash_is_xxh32(struct kunit *test)
{
	/* P4: vectors of the xxHash specification, seed 0 */
	KUNIT_EXPECT_EQ(test, kvc_ring_hash("", 0), 0x02cc5d05);
	KUNIT_EXPECT_EQ(test, kvc_ring_hash("abc", 3), 0x32d153ff);
}

static void ring_one_point_is_the_hash_of_the_address(struct kunit *test)
{
	struct kvc_node_spec spec = { .name = "n", .address = "abc" };
	struct ringfixture *f = test->priv;
	struct kvc_ring_table *t;

	f->config.points = 1;
	ringfixture_ring(test);
	KUNIT_ASSERT_EQ(test, ringfixture_add(f, &spec, 1, NULL), 0);
	mutex_lock(&f->control);
	t = kvc_ring_current(f->ring);
	KUNIT_EXPECT_EQ(test, t->points, 1);
	KUNIT_EXPECT_EQ(test, t->point[0].at, 0x32d153ff); /* P1 */
	mutex_unlock(&f->control);
	KUNIT_EXPECT_EQ(test, kvc_points_of("abc", 7), kvc_ring_hash("abc-7", 5));
}

static void ring_key_belongs_to_the_first_clockwise(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	/* P1 */
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 253), 1);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 1000), 1);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 1001), 2);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 2500), 3);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 3000), 3);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 3001), 1);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 0), 1);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, U32_MAX), 1);
}

static void ring_has_points_at_its_ends(struct kunit *test)
{
	static const u32 ends[] = { 0, U32_MAX };
	struct ringfixture *f = ringfixture_ring(test);

	/* P1 */
	ringfixture_add_at(f, "first", &ends[0], 1, KVC_JOIN_EMPTY);
	ringfixture_add_at(f, "last", &ends[1], 1, KVC_JOIN_EMPTY);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 0), 1);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 1), 2);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, U32_MAX), 2);
	ringfixture_status(f, 2, KVC_NODE_DOWN);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, U32_MAX), 1);
}

static void ring_two_nodes_on_one_point(struct kunit *test)
{
	static const u32 point = 500;
	struct ringfixture *f = ringfixture_ring(test);
	u32 ids[2];

	ringfixture_add_at(f, "a", &point, 1, KVC_JOIN_EMPTY);
	ringfixture_add_at(f, "b", &point, 1, KVC_JOIN_EMPTY);
	/* P4: every node must have the same order. */
	KUNIT_EXPECT_EQ(test, kvc_ring_route(f->ring, 500, 0, ids, 2), 2);
	KUNIT_EXPECT_EQ(test, ids[0], 1);
	KUNIT_EXPECT_EQ(test, ids[1], 2);
	/* Whichever was there first, the lower id leads. */
	ringfixture_reshape(f, 1, 0, &point, 1);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 400), 1);
}

static void ring_of_no_nodes(struct kunit *test)
{
	struct ringfixture *f = ringfixture_ring(test);
	struct kvc_ring_node info;
	char buf[RINGFIXTURE_PLAN];
	static const u32 point = 5;

	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, kvc_ring_next(f->ring, 0, 0, &info), -ENOENT);
	KUNIT_EXPECT_EQ(test, kvc_ring_report(f->ring, 1, true, 0), -ENOENT);
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), -ENOENT);
	KUNIT_EXPECT_EQ(test, ringfixture_remove(f, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, kvc_ring_id(f->ring, "n"), 0);
	KUNIT_EXPECT_STREQ(test, ringfixture_plan(test, 1, 10, buf), "");
	/* And again when the last one has left */
	KUNIT_EXPECT_EQ(test, ringfixture_add_at(f, "n", &point, 1, 0), 1);
	KUNIT_EXPECT_EQ(test, kvc_ring_id(f->ring, "n"), 1);
	KUNIT_EXPECT_EQ(test, ringfixture_remove(f, 1), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 1), -ENOENT);
	KUNIT_EXPECT_STREQ(test, ringfixture_plan(test, 1, 10, buf), "");
	/* An id is never used again. */
	KUNIT_EXPECT_EQ(test, ringfixture_add_at(f, "n", &point, 1, 0), 2);
}

static u32 points_of(struct ringfixture *f, u32 id)
{
	return ringfixture_node(f, id).points;
}

static void ring_weight_adds_points(struct kunit *test)
{
	struct kvc_node_spec specs[] = {
		{ .name = "one", .address = "1" },
		{ .name = "half", .address = "2", .weight = 50 },
		{ .name = "tiny", .address = "3", .weight = 1, .points = 10 },
	};
	struct ringfixture *f = ringfixture_ring(test);

	KUNIT_ASSERT_EQ(test, ringfixture_add(f, specs, 3, NULL), 0);
	KUNIT_EXPECT_EQ(test, points_of(f, 1), 160);
	KUNIT_EXPECT_EQ(test, points_of(f, 2), 80);
	KUNIT_EXPECT_EQ(test, points_of(f, 3), 1);
	f->now = 7;
	KUNIT_EXPECT_EQ(test, ringfixture_reshape(f, 2, 300, NULL, 0), 0);
	KUNIT_EXPECT_EQ(test, points_of(f, 2), 480);
	KUNIT_EXPECT_EQ(test, f->last.type, KVC_RING_POINTS);
	/* The points that were there stay. */
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 2).lost, KVC_STAMP_NEVER);
}

static bool is_sorted(const struct kvc_ring_table *t)
{
	u32 i;

	for (i = 1; i < t->points; i++)
		if (t->point[i - 1].at > t->point[i].at ||
		    (t->point[i - 1].at == t->point[i].at &&
		     t->point[i - 1].node > t->point[i].node))
			return false;
	return true;
}

#define MANY	2000

static struct kvc_node_spec *many_specs(struct kunit *test)
{
	struct kvc_node_spec *specs;
	char *names;
	u32 i;

	specs = kvcalloc(MANY, sizeof(*specs) + 16, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, specs);
	names = (char *)&specs[MANY];
	for (i = 0; i < MANY; i++) {
		snprintf(names + 16 * i, 16, "node%u", i);
		specs[i].name = names + 16 * i;
		specs[i].address = names + 16 * i;
		specs[i].join = KVC_JOIN_EMPTY;
	}
	return specs;
}

static void expect_points(struct kunit *test, u32 nodes, u32 points)
{
	struct ringfixture *f = test->priv;
	struct kvc_ring_table *t;
	u32 i, owner;

	mutex_lock(&f->control);
	t = kvc_ring_current(f->ring);
	KUNIT_EXPECT_EQ(test, t->nodes, nodes);
	KUNIT_EXPECT_EQ(test, t->points, points);
	KUNIT_EXPECT_TRUE(test, is_sorted(t));
	/* Each point leads to its node. */
	for (i = 1; i < t->points; i += 7) {
		owner = t->node[t->point[i].node]->id;
		if (t->point[i].at != t->point[i - 1].at)
			KUNIT_EXPECT_EQ(test, owner,
					ringfixture_route(f, t->point[i].at));
	}
	mutex_unlock(&f->control);
}

/* Thousands of nodes with 160 points each */
static void ring_of_many_nodes(struct kunit *test)
{
	struct ringfixture *f = ringfixture_ring(test);
	struct kvc_node_spec *specs = many_specs(test);

	KUNIT_EXPECT_EQ(test, ringfixture_add(f, specs, MANY - 1, NULL), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, specs + MANY - 1, 1, NULL), 0);
	expect_points(test, MANY, MANY * 160);
	KUNIT_EXPECT_EQ(test, ringfixture_remove(f, 3), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_reshape(f, MANY / 2, 10, NULL, 0), 0);
	expect_points(test, MANY - 1, (MANY - 2) * 160 + 16);
	kvfree(specs);
}

static void ring_has_a_bound(struct kunit *test)
{
	struct ringfixture *f = ringfixture_ring(test);
	struct kvc_node_spec *specs = many_specs(test);
	u32 i;

	/* 257 nodes of 65536 points are more than 16 million. */
	for (i = 0; i < 257; i++)
		specs[i].points = KVC_NODE_POINTS_MAX;
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, specs, 257, NULL), -E2BIG);
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, specs, KVC_RING_NODES_MAX + 1,
					      NULL), -E2BIG);
	f->ring->next_id = U32_MAX - 1;
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, specs + 300, 2, NULL), -ENOSPC);
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, specs + 300, 1, NULL), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, specs + 301, 1, NULL), -ENOSPC);
	kvfree(specs);
}

static void ring_batch_is_all_or_nothing(struct kunit *test)
{
	struct kvc_node_spec specs[] = {
		{ .name = "a", .address = "1" },
		{ .name = "b", .address = "1" },
	};
	struct ringfixture *f = ringfixture_ring(test);

	KUNIT_EXPECT_EQ(test, ringfixture_add(f, specs, 2, NULL), -EEXIST);
	KUNIT_EXPECT_EQ(test, kvc_ring_generation(f->ring), 0);
	specs[1].address = "2";
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, specs, 2, NULL), 0);
	KUNIT_EXPECT_EQ(test, kvc_ring_generation(f->ring), 1);
	KUNIT_EXPECT_EQ(test, f->seen[KVC_RING_ADDED], 2);
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, specs + 1, 1, NULL), -EEXIST);
	specs[1].address = "3";
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, specs + 1, 1, NULL), -EEXIST);
	KUNIT_EXPECT_EQ(test, f->seen[KVC_RING_ADDED], 2);
}

static void ring_refuses_bad_nodes(struct kunit *test)
{
	struct ringfixture *f = ringfixture_ring(test);
	struct kvc_node_spec spec = { .name = "", .address = "a" };
	char *long_one = kzalloc(KVC_ADDRESS_MAX + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, long_one);
	memset(long_one, 'a', KVC_ADDRESS_MAX);
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, &spec, 1, NULL), -EINVAL);
	spec.name = long_one;
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, &spec, 1, NULL), -ENAMETOOLONG);
	spec.name = "a b";
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, &spec, 1, NULL), -EINVAL);
	spec.name = "n";
	spec.address = long_one;
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, &spec, 1, NULL), -ENAMETOOLONG);
	spec.address = "";
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, &spec, 1, NULL), -EINVAL);
	spec.address = "a";
	spec.weight = KVC_WEIGHT_MAX + 1;
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, &spec, 1, NULL), -ERANGE);
	spec.weight = 0;
	spec.points = KVC_NODE_POINTS_MAX + 1;
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, &spec, 1, NULL), -ERANGE);
	spec.points = 0;
	spec.join = KVC_JOIN_SERVING + 1;
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, &spec, 1, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, ringfixture_add(f, &spec, 0, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, kvc_ring_generation(f->ring), 0);
	kfree(long_one);
}

static void ring_refuses_bad_settings(struct kunit *test)
{
	struct ringfixture *f = test->priv;
	struct kvc_ring_config config = f->config;

	config.mode = KVC_RING_STANDBY + 1;
	KUNIT_EXPECT_EQ(test, PTR_ERR(kvc_ring_create(&config, &f->control, NULL,
						      NULL)), -EINVAL);
	config = f->config;
	config.select = KVC_SELECT_LOAD + 1;
	KUNIT_EXPECT_EQ(test, PTR_ERR(kvc_ring_create(&config, &f->control, NULL,
						      NULL)), -EINVAL);
	config = f->config;
	config.name[0] = '/';
	KUNIT_EXPECT_EQ(test, PTR_ERR(kvc_ring_create(&config, &f->control, NULL,
						      NULL)), -EINVAL);
}

/* P17: those whose arcs moved, and no others */
static void ring_changes_count_as_status_changes(struct kunit *test)
{
	static const u32 more[] = { 1000, 2500 }, less = 1000, new = 1500;
	struct ringfixture *f = ringfixture_three(test);

	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).shaken, KVC_STAMP_NEVER);
	f->now = 10;
	KUNIT_EXPECT_EQ(test, ringfixture_reshape(f, 1, 0, more, 2), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).shaken, 10);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).lost, KVC_STAMP_NEVER);
	f->now = 20;
	KUNIT_EXPECT_EQ(test, ringfixture_reshape(f, 1, 0, &less, 1), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).shaken, 10);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).lost, 20);
	/* Nothing moves, nothing counts. */
	f->now = 30;
	KUNIT_EXPECT_EQ(test, ringfixture_reshape(f, 1, 0, &less, 1), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).shaken, 10);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).lost, 20);
	KUNIT_EXPECT_EQ(test, ringfixture_add_at(f, "S4", &new, 1,
						 KVC_JOIN_EMPTY), 4);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 4).shaken, 30);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 2).shaken, KVC_STAMP_NEVER);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 2).since, KVC_STAMP_NEVER);
	/* It moves all the way: it gains and loses. */
	f->now = 40;
	KUNIT_EXPECT_EQ(test, ringfixture_reshape(f, 4, 0, &more[1], 1), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 4).shaken, 40);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 4).lost, 40);
	KUNIT_EXPECT_EQ(test, ringfixture_remove(f, 4), 0);
	KUNIT_EXPECT_EQ(test, f->last.type, KVC_RING_REMOVED);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 2).shaken, KVC_STAMP_NEVER);
}

/* P19: who joins, and what is known of it */
static void ring_knows_what_joins(struct kunit *test)
{
	static const u32 at[] = { 10, 20, 30, 40, 50 };
	struct ringfixture *f = ringfixture_ring(test);

	f->now = 5;
	ringfixture_add_at(f, "alone", &at[0], 1, KVC_JOIN_EMPTY);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).since, KVC_STAMP_NEVER);
	ringfixture_add_at(f, "founder", &at[1], 1, KVC_JOIN_FOUNDER);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 2).since, KVC_STAMP_NEVER);
	ringfixture_add_at(f, "empty", &at[2], 1, KVC_JOIN_EMPTY);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 3).since, 5);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 3).status, KVC_NODE_UP);
	ringfixture_add_at(f, "serving", &at[3], 1, KVC_JOIN_SERVING);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 4).since, 5);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 4).status, KVC_NODE_UP);
	ringfixture_add_at(f, "unknown", &at[4], 1, KVC_JOIN_UNKNOWN);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 5).status, KVC_NODE_DOWN);
	KUNIT_EXPECT_TRUE(test, ringfixture_node(f, 5).flush);
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 5, KVC_NODE_UP), -EBUSY);
}

static void ring_knows_itself(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	mutex_lock(&f->control);
	KUNIT_EXPECT_EQ(test, kvc_ring_set_self(f->ring, 9), -ENOENT);
	KUNIT_EXPECT_EQ(test, kvc_ring_set_self(f->ring, 2), 0);
	mutex_unlock(&f->control);
	KUNIT_EXPECT_EQ(test, f->ring->self, 2);
	ringfixture_remove(f, 2);
	KUNIT_EXPECT_EQ(test, f->ring->self, 0);
}

static void ring_stamps_at_the_edges_of_the_clock(struct kunit *test)
{
	const u64 end = U64_MAX / 2;

	/* P19: equality is "not longer", and so is the future. */
	KUNIT_EXPECT_FALSE(test, kvc_stamp_longer(0, 0, U64_MAX, 0));
	KUNIT_EXPECT_TRUE(test, kvc_stamp_longer(0, 1, U64_MAX, 0));
	KUNIT_EXPECT_FALSE(test, kvc_stamp_longer(0, 10, U64_MAX, 10));
	KUNIT_EXPECT_TRUE(test, kvc_stamp_longer(0, 11, U64_MAX, 10));
	KUNIT_EXPECT_FALSE(test, kvc_stamp_longer(20, 10, U64_MAX, 5));
	KUNIT_EXPECT_FALSE(test, kvc_stamp_longer(0, end, U64_MAX, end));
	KUNIT_EXPECT_TRUE(test, kvc_stamp_longer(0, end, U64_MAX, end - 1));
	KUNIT_EXPECT_TRUE(test, kvc_stamp_longer(KVC_STAMP_NEVER, 0, U64_MAX,
						 U64_MAX));
	KUNIT_EXPECT_TRUE(test, kvc_stamp_longer(0, 20, 20, 10));
	KUNIT_EXPECT_FALSE(test, kvc_stamp_longer(0, 20, 19, 10));
	KUNIT_EXPECT_FALSE(test, kvc_stamp_longer(KVC_STAMP_NEVER, 20, 19, 10));
	KUNIT_EXPECT_EQ(test, kvc_deadline(end, U64_MAX), U64_MAX);
	KUNIT_EXPECT_EQ(test, kvc_deadline(0, 5), 5);
}

static struct kunit_case ring_cases[] = {
	KUNIT_CASE(ring_hash_is_xxh32),
	KUNIT_CASE(ring_one_point_is_the_hash_of_the_address),
	KUNIT_CASE(ring_key_belongs_to_the_first_clockwise),
	KUNIT_CASE(ring_has_points_at_its_ends),
	KUNIT_CASE(ring_two_nodes_on_one_point),
	KUNIT_CASE(ring_of_no_nodes),
	KUNIT_CASE(ring_weight_adds_points),
	KUNIT_CASE(ring_of_many_nodes),
	KUNIT_CASE(ring_has_a_bound),
	KUNIT_CASE(ring_batch_is_all_or_nothing),
	KUNIT_CASE(ring_refuses_bad_nodes),
	KUNIT_CASE(ring_refuses_bad_settings),
	KUNIT_CASE(ring_changes_count_as_status_changes),
	KUNIT_CASE(ring_knows_what_joins),
	KUNIT_CASE(ring_knows_itself),
	KUNIT_CASE(ring_stamps_at_the_edges_of_the_clock),
	{}
};

static struct kunit_suite ring_suite = {
	.name = "kvc_ring",
	.init = ringfixture_init,
	.exit = ringfixture_exit,
	.test_cases = ring_cases,
};

kunit_test_suite(ring_suite);
