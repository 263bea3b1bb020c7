// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include "ringfixture.h"

#define DAY	(86400ULL * 1000000000)
#define E	(3 * DAY)

static void expect_plan(struct kunit *test, u32 hash, const char *expected)
{
	char buf[RINGFIXTURE_PLAN];

	KUNIT_EXPECT_STREQ(test, ringfixture_plan(test, hash, E, buf), expected);
}

static void purge_golden_case(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	f->now = 2 * DAY;
	ringfixture_status(f, 1, KVC_NODE_DOWN);
	f->now = 4 * DAY;
	expect_plan(test, 253, "-1 +2");	/* P12, P3, P9, P6, P19 */
}

static void purge_stops_at_a_server_that_was_long_up(struct kunit *test)
{
	ringfixture_three(test);
	expect_plan(test, 253, "+1");		/* P6 */
	expect_plan(test, 1000, "+1");
	expect_plan(test, 1001, "+2");		/* P4 */
	expect_plan(test, 3001, "+1");
}

static void purge_goes_on_after_one_that_is_back(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	ringfixture_status(f, 1, KVC_NODE_DOWN);
	f->now = DAY;
	ringfixture_status(f, 1, KVC_NODE_UP);
	f->now = DAY + E;
	expect_plan(test, 253, "+1 +2");	/* P7: equality is "not longer" */
	f->now++;
	expect_plan(test, 253, "+1");		/* P6 */
}

static void purge_skips_one_that_was_long_down(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	f->now = DAY;
	ringfixture_status(f, 1, KVC_NODE_DOWN);
	f->now = DAY + E;
	expect_plan(test, 253, "-1 +2");	/* P9: equality is "not longer" */
	f->now++;
	expect_plan(test, 253, "+2");		/* P8 */
	ringfixture_status(f, 2, KVC_NODE_DOWN);
	expect_plan(test, 253, "-2 +3");
	expect_plan(test, 2500, "+3");
	/* Draining: the server is out of operation since it went down. */
	ringfixture_status(f, 1, KVC_NODE_DRAINING);
	expect_plan(test, 253, "-2 +3");
}

static void purge_ends_after_one_circle(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	f->now = DAY;
	ringfixture_status(f, 1, KVC_NODE_DOWN);
	ringfixture_status(f, 2, KVC_NODE_DOWN);
	ringfixture_status(f, 3, KVC_NODE_DOWN);
	expect_plan(test, 1500, "-2 -3 -1");	/* P10 */
	ringfixture_status(f, 3, KVC_NODE_UP);
	expect_plan(test, 1500, "-2 +3 -1");	/* P10 */
	f->now = 20 * DAY;
	expect_plan(test, 1500, "+3");
	ringfixture_status(f, 3, KVC_NODE_DOWN);
	f->now = 40 * DAY;
	expect_plan(test, 1500, "");		/* P8, P10 */
}

/* A server has many points, and is visited once. */
static void purge_visits_each_server_once(struct kunit *test)
{
	struct kvc_node_spec specs[] = {
		{ .name = "a", .address = "1", .join = KVC_JOIN_EMPTY },
		{ .name = "b", .address = "2", .join = KVC_JOIN_EMPTY },
		{ .name = "c", .address = "3", .join = KVC_JOIN_EMPTY },
	};
	struct ringfixture *f = ringfixture_ring(test);
	char buf[RINGFIXTURE_PLAN];
	u32 i, ids[3];

	KUNIT_ASSERT_EQ(test, ringfixture_add(f, specs, 3, NULL), 0);
	/* All are unsure: one walks the whole circle, as the dispatcher (P4). */
	kvc_ring_set_known(f->ring, 0);
	f->now = 1;
	for (i = 0; i < 50; i++) {
		KUNIT_EXPECT_EQ(test, kvc_ring_route(f->ring, i * 85899345, 1,
						     ids, 3), 3);
		snprintf(buf, sizeof(buf), "+%u +%u +%u", ids[0], ids[1],
			 ids[2]);
		expect_plan(test, i * 85899345, buf);	/* P10 */
	}
}

static void purge_does_not_stop_at_what_is_unknown(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	f->now = 10 * DAY;
	ringfixture_status(f, 2, KVC_NODE_DOWN);
	f->now = 20 * DAY;
	expect_plan(test, 253, "+1");
	/* P19: the table ends a moment ago. */
	kvc_ring_set_known(f->ring, f->now - 1);
	expect_plan(test, 253, "+1 -2 +3");
	kvc_ring_set_known(f->ring, f->now);
	expect_plan(test, 253, "+1");
	/* P19: the clock was set back */
	f->now = 5 * DAY;
	kvc_ring_set_known(f->ring, U64_MAX);
	expect_plan(test, 1500, "-2 +3");
}

static void purge_follows_ring_changes(struct kunit *test)
{
	static const u32 new = 500, more[] = { 600, 2000 }, only = 2000;
	struct ringfixture *f = ringfixture_three(test);

	f->now = DAY;
	ringfixture_add_at(f, "S4", &new, 1, KVC_JOIN_EMPTY);
	expect_plan(test, 253, "+4 +1");	/* P17 */
	f->now = DAY + E;
	expect_plan(test, 253, "+4 +1");
	f->now++;
	expect_plan(test, 253, "+4");
	/* S2 gets points ahead of S1. */
	ringfixture_reshape(f, 2, 0, more, 2);
	expect_plan(test, 550, "+2 +1");	/* P17 */
	expect_plan(test, 2500, "+3");
	f->now += E + 1;
	expect_plan(test, 550, "+2");
	/* S2 loses them: it is behind S1 again, at which the walk stops. */
	ringfixture_reshape(f, 2, 0, &only, 1);
	expect_plan(test, 550, "+1 +2");	/* P17 */
	f->now += E;
	expect_plan(test, 550, "+1 +2");
	f->now++;
	expect_plan(test, 550, "+1");
}

static void purge_visits_losers_as_they_are(struct kunit *test)
{
	static const u32 more[] = { 600, 2000 }, only = 2000;
	struct ringfixture *f = ringfixture_three(test);

	ringfixture_reshape(f, 2, 0, more, 2);
	f->now = 10 * DAY;
	ringfixture_reshape(f, 2, 0, &only, 1);
	ringfixture_status(f, 2, KVC_NODE_DOWN);
	expect_plan(test, 550, "+1 -2");	/* P17, P9 */
}

static void purge_counts_failures_and_tags(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	f->now = 10 * DAY;
	/* One failure: the request went on to the next one. */
	ringfixture_fail(f, 1, 1);
	expect_plan(test, 253, "+1 +2");	/* P19, A2 */
	ringfixture_fail(f, 1, 2);
	expect_plan(test, 253, "+1 +2");
	f->now += 100;
	/* The tag is over, which nobody has noticed yet. */
	expect_plan(test, 253, "+1 +2");	/* P7, A3 */
	f->now += E;
	expect_plan(test, 253, "+1 +2");	/* P7 */
	f->now++;
	expect_plan(test, 253, "+1");		/* P6 */
}

static void purge_skips_one_that_was_long_tagged(struct kunit *test)
{
	struct ringfixture *f = test->priv;

	f->config.validity = 100 * DAY;
	ringfixture_three(test);
	ringfixture_fail(f, 1, 3);
	f->now = E + 1;
	expect_plan(test, 253, "+2");		/* P8, A4 */
}

static void purge_visits_all_where_there_is_no_order(struct kunit *test)
{
	struct ringfixture *f = test->priv;

	f->config.mode = KVC_RING_STANDBY;
	ringfixture_three(test);
	expect_plan(test, 253, "+1 +2 +3");	/* A7 */
	f->now = 10 * DAY;
	ringfixture_status(f, 2, KVC_NODE_DOWN);
	f->now += E + 1;
	expect_plan(test, 253, "+1 +3");	/* P8 */
}

static void purge_at_the_edges_of_the_clock(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	ringfixture_status(f, 1, KVC_NODE_DOWN);
	expect_plan(test, 253, "-1 +2");	/* P9, at 0 */
	f->now = U64_MAX / 2 - E;
	expect_plan(test, 253, "+2");		/* P8 */
	ringfixture_status(f, 2, KVC_NODE_DOWN);
	f->now = U64_MAX / 2;
	expect_plan(test, 253, "-2 +3");	/* P9 */
}

/* More nodes than a plan has room for at first */
static void purge_plan_grows(struct kunit *test)
{
	struct ringfixture *f = test->priv;
	struct kvc_node_spec spec = {};
	struct kvc_purge_plan *plan;
	char name[16];
	u32 i;

	f->config.points = 3;
	ringfixture_ring(test);
	spec.name = name;
	spec.address = name;
	spec.join = KVC_JOIN_EMPTY;
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "node%u", i);
		KUNIT_ASSERT_EQ(test, ringfixture_add(f, &spec, 1, NULL), 0);
		ringfixture_status(f, i + 1, KVC_NODE_DOWN);
	}
	plan = kvc_purge_make(f->ring, 5, E, f->now);
	KUNIT_ASSERT_FALSE(test, IS_ERR(plan));
	KUNIT_EXPECT_EQ(test, plan->count, 40);	/* P10 */
	kvc_purge_free(plan);
}

static struct kunit_case purge_cases[] = {
	KUNIT_CASE(purge_golden_case),
	KUNIT_CASE(purge_stops_at_a_server_that_was_long_up),
	KUNIT_CASE(purge_goes_on_after_one_that_is_back),
	KUNIT_CASE(purge_skips_one_that_was_long_down),
	KUNIT_CASE(purge_ends_after_one_circle),
	KUNIT_CASE(purge_visits_each_server_once),
	KUNIT_CASE(purge_does_not_stop_at_what_is_unknown),
	KUNIT_CASE(purge_follows_ring_changes),
	KUNIT_CASE(purge_visits_losers_as_they_are),
	KUNIT_CASE(purge_counts_failures_and_tags),
	KUNIT_CASE(purge_skips_one_that_was_long_tagged),
	KUNIT_CASE(purge_visits_all_where_there_is_no_order),
	KUNIT_CASE(purge_at_the_edges_of_the_clock),
	KUNIT_CASE(purge_plan_grows),
	{}
};

static struct kunit_suite purge_suite = {
	.name = "kvc_purge",
	.init = ringfixture_init,
	.exit = ringfixture_exit,
	.test_cases = purge_cases,
};

kunit_test_suite(purge_suite);
