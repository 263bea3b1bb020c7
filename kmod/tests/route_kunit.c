// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/limits.h>
#include "ringfixture.h"

static void expect_route(struct kunit *test, u32 hash, int count, u32 a, u32 b,
			 u32 c)
{
	struct ringfixture *f = test->priv;
	u32 ids[3] = {};

	KUNIT_EXPECT_EQ(test, kvc_ring_route(f->ring, hash, f->now, ids, 3),
			count);
	KUNIT_EXPECT_EQ(test, ids[0], a);
	KUNIT_EXPECT_EQ(test, ids[1], b);
	KUNIT_EXPECT_EQ(test, ids[2], c);
}

static void route_gives_an_order_of_preference(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);
	u32 ids[KVC_ROUTE_MAX + 1];

	/* P1, A6: those that are next share the load of one that fails. */
	expect_route(test, 1500, 3, 2, 3, 1);
	ringfixture_status(f, 3, KVC_NODE_DOWN);
	expect_route(test, 1500, 2, 2, 1, 0);
	expect_route(test, 2500, 2, 1, 2, 0);
	KUNIT_EXPECT_EQ(test, f->last.type, KVC_RING_STATUS);
	KUNIT_EXPECT_EQ(test, kvc_ring_route(f->ring, 0, 0, ids, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, kvc_ring_route(f->ring, 0, 0, ids,
					     KVC_ROUTE_MAX + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, kvc_ring_route(f->ring, 0, 0, ids, KVC_ROUTE_MAX), 2);
}

static void route_skips_many_points(struct kunit *test)
{
	struct kvc_node_spec specs[] = {
		{ .name = "a", .address = "1", .join = KVC_JOIN_EMPTY },
		{ .name = "b", .address = "2", .join = KVC_JOIN_EMPTY },
		{ .name = "c", .address = "3", .join = KVC_JOIN_EMPTY },
	};
	struct ringfixture *f = ringfixture_ring(test);
	u32 i;

	KUNIT_ASSERT_EQ(test, ringfixture_add(f, specs, 3, NULL), 0);
	ringfixture_status(f, 1, KVC_NODE_DOWN);
	ringfixture_status(f, 3, KVC_NODE_DRAINING);
	for (i = 0; i < 100; i++)
		expect_route(test, i * 42949672, 1, 2, 0, 0);
}

static void route_tags_after_more_than_n_failures(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	f->now = 10;
	/* A2: greater than N, which is 2 */
	ringfixture_fail(f, 1, 2);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 1);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).failures, 2);
	KUNIT_EXPECT_EQ(test, f->seen[KVC_RING_TAGGED], 0);
	ringfixture_fail(f, 1, 1);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 2);	/* A4 */
	KUNIT_EXPECT_EQ(test, f->seen[KVC_RING_TAGGED], 1);	/* A5 */
	KUNIT_EXPECT_EQ(test, f->last.tag_until, 110);
	KUNIT_EXPECT_EQ(test, f->last.stamp, 10);
	/* A16: its backup fails, and another one is chosen. */
	ringfixture_fail(f, 2, 3);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 3);
	/* A4: none is left */
	ringfixture_fail(f, 3, 3);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), -EHOSTUNREACH);
}

static void route_success_resets_the_counter(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	ringfixture_fail(f, 1, 2);
	kvc_ring_report(f->ring, 1, true, f->now);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).failures, 0);
	ringfixture_fail(f, 1, 2);
	KUNIT_EXPECT_FALSE(test, ringfixture_node(f, 1).tagged);	/* A2 */
	ringfixture_fail(f, 1, 1);
	KUNIT_EXPECT_TRUE(test, ringfixture_node(f, 1).tagged);
}

static void route_tag_ends_when_it_would_be_used(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	ringfixture_fail(f, 1, 3);
	f->now = 99;
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 2);
	KUNIT_EXPECT_EQ(test, f->seen[KVC_RING_UNTAGGED], 0);
	f->now = 100;
	/* A3: it is over for who looks, and removed by who routes. */
	KUNIT_EXPECT_FALSE(test, ringfixture_node(f, 1).tagged);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).since, 100);
	KUNIT_EXPECT_EQ(test, f->seen[KVC_RING_UNTAGGED], 0);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 1);
	KUNIT_EXPECT_EQ(test, f->seen[KVC_RING_UNTAGGED], 1);
	KUNIT_EXPECT_EQ(test, f->last.node, 1);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).failures, 0);
}

static void route_tags_end_each_in_its_time(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	ringfixture_fail(f, 1, 3);
	f->now = 50;
	ringfixture_fail(f, 2, 3);
	/* A19: the one that was first is renewed, and is last now. */
	f->now = 60;
	ringfixture_fail(f, 1, 1);
	f->now = 150;
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 2);	/* A3 */
	f->now = 160;
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 1);
}

static void route_tag_at_the_end_of_the_clock(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	f->now = U64_MAX / 2 - 1;
	ringfixture_fail(f, 1, 3);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 2);
	f->now += 100;
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 1);	/* A3 */
	f->now = U64_MAX - 5;
	ringfixture_fail(f, 1, 3);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 2);
}

static void route_heartbeats_remove_and_renew(struct kunit *test)
{
	struct ringfixture *f = test->priv;

	f->config.rise = 2;
	ringfixture_three(test);
	ringfixture_fail(f, 1, 3);
	f->now = 90;
	/* A19: still failing */
	ringfixture_fail(f, 1, 1);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).tag_until, 190);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).since, 0);
	f->now = 120;
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 2);
	/* A18: after "rise" successes, and no failure in between */
	kvc_ring_report(f->ring, 1, true, f->now);
	ringfixture_fail(f, 1, 1);
	kvc_ring_report(f->ring, 1, true, f->now);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 2);
	kvc_ring_report(f->ring, 1, true, f->now);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 1);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).since, 120);
	KUNIT_EXPECT_EQ(test, f->last.type, KVC_RING_UNTAGGED);
}

static void route_down_is_not_changed_by_reports(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	ringfixture_fail(f, 1, 3);
	ringfixture_status(f, 1, KVC_NODE_DOWN);
	KUNIT_EXPECT_FALSE(test, ringfixture_node(f, 1).tagged);
	ringfixture_fail(f, 1, 5);
	kvc_ring_report(f->ring, 1, true, f->now);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).failures, 0);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 2);
	/* A3: what ends is the tag, not the status. */
	f->now = 1000;
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 2);
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 500), 1);
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_DRAINING + 1),
			-EINVAL);
}

static void route_removed_node_takes_its_tag_along(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	ringfixture_fail(f, 1, 3);
	ringfixture_remove(f, 1);
	f->now = 1000;
	expect_route(test, 500, 2, 2, 3, 0);
	KUNIT_EXPECT_EQ(test, f->seen[KVC_RING_UNTAGGED], 0);
}

static void route_standby_appends_who_recovers(struct kunit *test)
{
	struct ringfixture *f = test->priv;

	f->config.mode = KVC_RING_STANDBY;
	ringfixture_three(test);
	/* A7: the same for every key */
	expect_route(test, 0, 3, 1, 2, 3);
	expect_route(test, 2500, 3, 1, 2, 3);
	ringfixture_status(f, 1, KVC_NODE_DOWN);
	expect_route(test, 0, 2, 2, 3, 0);
	ringfixture_status(f, 1, KVC_NODE_UP);
	expect_route(test, 0, 3, 2, 3, 1);
	/* A7: a tag is a failure as well */
	ringfixture_fail(f, 2, 3);
	expect_route(test, 0, 2, 3, 1, 0);
	kvc_ring_report(f->ring, 2, true, f->now);
	expect_route(test, 0, 3, 3, 1, 2);
	/* And its end a recovery */
	ringfixture_fail(f, 3, 3);
	f->now = 100;
	expect_route(test, 0, 3, 1, 2, 3);
	/* Up and up again is no recovery. */
	ringfixture_status(f, 1, KVC_NODE_UP);
	expect_route(test, 0, 3, 1, 2, 3);
}

static void route_by_hash(struct kunit *test)
{
	struct ringfixture *f = test->priv;

	f->config.select = KVC_SELECT_HASH;
	ringfixture_three(test);
	/* A8 */
	expect_route(test, 0, 3, 1, 2, 3);
	expect_route(test, 7, 3, 2, 3, 1);
	expect_route(test, U32_MAX, 3, 1, 2, 3);
	ringfixture_status(f, 2, KVC_NODE_DOWN);
	expect_route(test, 7, 2, 3, 1, 0);
}

static void set_load(struct ringfixture *f, u32 id, u64 w, u64 c, u64 r)
{
	struct kvc_load load = { .capacity = w, .volume = c, .response = r };

	kvc_ring_set_load(f->ring, id, &load);
}

/*
 *	W	C	R	ranks (worse ones)	score
 * S1	10	500	3	0, 1, 2			0.25 * 0 + 0.25 * 1 + 0.5 * 2
 * S2	20	900	5	1, 0, 1			0.25 * 1 + 0.25 * 0 + 0.5 * 1
 * S3	30	100	9	2, 2, 0			0.25 * 2 + 0.25 * 2 + 0.5 * 0
 *
 * 1.25, 0.75, 1: S1, S3, S2
 */
static void route_by_load(struct kunit *test)
{
	struct ringfixture *f = test->priv;

	f->config.select = KVC_SELECT_LOAD;
	ringfixture_three(test);
	/* A9: ties, lowest id */
	expect_route(test, 0, 3, 1, 2, 3);
	set_load(f, 1, 10, 500, 3);
	set_load(f, 2, 20, 900, 5);
	set_load(f, 3, 30, 100, 9);
	expect_route(test, 0, 3, 1, 3, 2);	/* A9 */
	expect_route(test, 77777, 3, 1, 3, 2);
	/* Ranks are among those in operation: 0.5 each, so the lowest id */
	ringfixture_status(f, 1, KVC_NODE_DOWN);
	expect_route(test, 0, 2, 2, 3, 0);	/* A9 */
	set_load(f, 2, 30, 900, 5);
	expect_route(test, 0, 2, 2, 3, 0);
	set_load(f, 2, 30, 900, 9);
	expect_route(test, 0, 2, 3, 2, 0);
	KUNIT_EXPECT_EQ(test, kvc_ring_set_load(f->ring, 9,
						&(struct kvc_load){}), -ENOENT);
}

static void route_by_load_is_for_small_rings(struct kunit *test)
{
	struct ringfixture *f = test->priv;
	struct kvc_node_spec spec = {};
	char name[16];
	int i, err = 0;

	f->config.select = KVC_SELECT_LOAD;
	f->config.points = 1;
	ringfixture_ring(test);
	spec.name = name;
	spec.address = name;
	spec.join = KVC_JOIN_EMPTY;
	for (i = 0; !err && i <= KVC_RING_LOAD_MAX; i++) {
		snprintf(name, sizeof(name), "node%u", i);
		err = ringfixture_add(f, &spec, 1, NULL);
	}
	KUNIT_EXPECT_EQ(test, err, -E2BIG);
	KUNIT_EXPECT_EQ(test, i, KVC_RING_LOAD_MAX + 1);
	/* A9: the last one is the best */
	set_load(f, KVC_RING_LOAD_MAX, 1, 0, 0);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 0), KVC_RING_LOAD_MAX);
}

static struct kunit_case route_cases[] = {
	KUNIT_CASE(route_gives_an_order_of_preference),
	KUNIT_CASE(route_skips_many_points),
	KUNIT_CASE(route_tags_after_more_than_n_failures),
	KUNIT_CASE(route_success_resets_the_counter),
	KUNIT_CASE(route_tag_ends_when_it_would_be_used),
	KUNIT_CASE(route_tags_end_each_in_its_time),
	KUNIT_CASE(route_tag_at_the_end_of_the_clock),
	KUNIT_CASE(route_heartbeats_remove_and_renew),
	KUNIT_CASE(route_down_is_not_changed_by_reports),
	KUNIT_CASE(route_removed_node_takes_its_tag_along),
	KUNIT_CASE(route_standby_appends_who_recovers),
	KUNIT_CASE(route_by_hash),
	KUNIT_CASE(route_by_load),
	KUNIT_CASE(route_by_load_is_for_small_rings),
	{}
};

static struct kunit_suite route_suite = {
	.name = "kvc_route",
	.init = ringfixture_init,
	.exit = ringfixture_exit,
	.test_cases = route_cases,
};

kunit_test_suite(route_suite);
