// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "ringfixture.h"

#define E	1000

/* A ring of three, the first of which is down */
static struct ringfixture *one_is_down(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	ringfixture_status(f, 1, KVC_NODE_DOWN);
	return f;
}

static int defer(struct ringfixture *f, u32 id, const char *key)
{
	return kvc_defer_add(f->ring, id, key, strlen(key), E, f->now);
}

/* Plans a purge and records what has to be deferred. */
static int purge(struct kunit *test, u32 hash, const char *key, char *sent)
{
	struct ringfixture *f = test->priv;
	struct kvc_purge_plan *plan;
	u32 i;
	int err;

	*sent = 0;
	plan = kvc_purge_make(f->ring, hash, E, f->now);
	KUNIT_ASSERT_FALSE(test, IS_ERR(plan));
	err = kvc_defer_plan(f->ring, plan, key, strlen(key), E, f->now);
	for (i = 0; i < plan->count; i++)
		if (plan->step[i].action == KVC_PURGE_SEND)
			sent += snprintf(sent, 12, "%u", plan->step[i].node);
	kvc_purge_free(plan);
	return err;
}

static u32 count(struct ringfixture *f, u32 id)
{
	struct kvc_defer_state state = {};

	kvc_defer_read(f->ring, id, f->now, &state);
	return state.count;
}

/* All keys of a list, with blanks between */
static void expect_keys(struct kunit *test, u32 id, const char *expected)
{
	struct ringfixture *f = test->priv;
	struct kvc_defer_item *item = kzalloc(sizeof(*item), GFP_KERNEL);
	char keys[100] = "";
	u32 used = 0;

	KUNIT_ASSERT_NOT_NULL(test, item);
	while (!kvc_defer_next(f->ring, id, f->now, item))
		used += snprintf(keys + used, sizeof(keys) - used, "%.*s ",
				 (int)item->len, item->key);
	KUNIT_EXPECT_STREQ(test, keys, expected);
	kfree(item);
}

/* The sequence number of a key, 0 when it is not on the list */
static u64 seq_of(struct kunit *test, u32 id, const char *key)
{
	struct ringfixture *f = test->priv;
	struct kvc_defer_item *item = kzalloc(sizeof(*item), GFP_KERNEL);
	u64 seq = 0;

	KUNIT_ASSERT_NOT_NULL(test, item);
	while (!seq && !kvc_defer_next(f->ring, id, f->now, item))
		if (item->len == strlen(key) && !memcmp(item->key, key, item->len))
			seq = item->seq;
	kfree(item);
	return seq;
}

static int ack(struct kunit *test, u32 id, const char *key)
{
	struct ringfixture *f = test->priv;

	return kvc_defer_ack(f->ring, id, key, strlen(key),
			     seq_of(test, id, key));
}

static void defer_records_the_pair(struct kunit *test)
{
	struct ringfixture *f = one_is_down(test);
	char sent[40];

	/* P9, P12 */
	KUNIT_EXPECT_EQ(test, purge(test, 253, "key", sent), 0);
	KUNIT_EXPECT_STREQ(test, sent, "2");
	expect_keys(test, 1, "key ");
	expect_keys(test, 2, "");
	/* Once */
	KUNIT_EXPECT_EQ(test, purge(test, 253, "key", sent), 0);
	KUNIT_EXPECT_EQ(test, count(f, 1), 1);
	KUNIT_EXPECT_EQ(test, purge(test, 253, "k", sent), 0);
	KUNIT_EXPECT_EQ(test, purge(test, 253, "keys", sent), 0);
	KUNIT_EXPECT_EQ(test, purge(test, 253, "a", sent), 0);
	expect_keys(test, 1, "a k key keys ");
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).deferred, 4);
}

static void defer_drains_before_the_node_is_up(struct kunit *test)
{
	struct ringfixture *f = one_is_down(test);
	char sent[40];

	purge(test, 253, "a", sent);
	purge(test, 253, "b", sent);
	/* P14 */
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), -EBUSY);
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_DRAINING), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 253), 2);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).since, 0);
	/* P11 */
	KUNIT_EXPECT_EQ(test, ack(test, 1, "a"), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), -EBUSY);
	/* What is purged meanwhile is to be drained as well. */
	KUNIT_EXPECT_EQ(test, purge(test, 253, "c", sent), 0);
	KUNIT_EXPECT_EQ(test, ack(test, 1, "b"), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), -EBUSY);
	KUNIT_EXPECT_EQ(test, ack(test, 1, "c"), 0);
	f->now = 5;
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).since, 5);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 253), 1);
	KUNIT_EXPECT_EQ(test, kvc_defer_ack(f->ring, 1, "c", 1, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, f->ring->defer_bytes, 0);
}

static void defer_ack_is_for_what_was_sent(struct kunit *test)
{
	struct ringfixture *f = one_is_down(test);
	u64 seq;

	defer(f, 1, "a");
	seq = seq_of(test, 1, "a");
	defer(f, 1, "a");
	/* P14: purged again after the node was told */
	KUNIT_EXPECT_EQ(test, kvc_defer_ack(f->ring, 1, "a", 1, seq), -ESTALE);
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), -EBUSY);
	KUNIT_EXPECT_EQ(test, ack(test, 1, "a"), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), 0);
}

static void defer_expires_while_the_node_is_down(struct kunit *test)
{
	struct ringfixture *f = one_is_down(test);

	defer(f, 1, "a");
	f->now = 10;
	defer(f, 1, "b");
	f->now = 20;
	defer(f, 1, "c");
	defer(f, 1, "a");
	/* P15 */
	f->now = E + 9;
	KUNIT_EXPECT_EQ(test, count(f, 1), 3);
	f->now = E + 10;
	expect_keys(test, 1, "a c ");
	f->now = E + 19;
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), -EBUSY);
	f->now = E + 20;
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), 0);
	KUNIT_EXPECT_EQ(test, count(f, 1), 0);
	KUNIT_EXPECT_EQ(test, f->ring->defer_bytes, 0);
}

static void defer_expires_many(struct kunit *test)
{
	struct ringfixture *f = one_is_down(test);
	u32 i;

	for (i = 0; i < 500; i++)
		KUNIT_ASSERT_EQ(test, kvc_defer_add(f->ring, 1, &i, sizeof(i),
						    E + i % 7, 0), 0);
	f->now = E + 3;
	kvc_defer_expire(f->ring, 1, f->now);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).deferred, 213);	/* P15 */
	f->now = E + 6;
	KUNIT_EXPECT_EQ(test, count(f, 1), 0);
}

static void defer_takes_a_node_that_missed_a_purge_out(struct kunit *test)
{
	struct ringfixture *f = ringfixture_three(test);

	f->now = 5;
	/* P18 */
	KUNIT_EXPECT_EQ(test, defer(f, 1, "a"), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 253), 2);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).status, KVC_NODE_DRAINING);
	KUNIT_EXPECT_EQ(test, ringfixture_node(f, 1).since, 5);
	KUNIT_EXPECT_EQ(test, f->last.type, KVC_RING_STATUS);
	KUNIT_EXPECT_EQ(test, f->last.status, KVC_NODE_DRAINING);
	KUNIT_EXPECT_EQ(test, ack(test, 1, "a"), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), 0);
	/* The end of a tag does not bring it back either. */
	ringfixture_fail(f, 1, 3);
	KUNIT_EXPECT_EQ(test, defer(f, 1, "a"), 0);
	f->now = 500;
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 253), 2);
	/* A node that is gone has nothing to forget. */
	KUNIT_EXPECT_EQ(test, defer(f, 9, "a"), -ENOENT);
}

static void defer_plan_sees_who_is_back(struct kunit *test)
{
	struct ringfixture *f = one_is_down(test);
	struct kvc_purge_plan *plan;

	plan = kvc_purge_make(f->ring, 253, E, f->now);
	KUNIT_ASSERT_FALSE(test, IS_ERR(plan));
	KUNIT_EXPECT_EQ(test, plan->step[0].action, KVC_PURGE_DEFER);
	ringfixture_status(f, 1, KVC_NODE_UP);
	/* P14, P19: it serves, so it has to be told now. */
	KUNIT_EXPECT_EQ(test, kvc_defer_plan(f->ring, plan, "a", 1, E, 0), 0);
	KUNIT_EXPECT_EQ(test, plan->step[0].action, KVC_PURGE_SEND);
	KUNIT_EXPECT_EQ(test, count(f, 1), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_route(f, 253), 1);
	kvc_purge_free(plan);
}

static void defer_plan_is_for_its_ring(struct kunit *test)
{
	struct ringfixture *f = one_is_down(test);
	struct kvc_purge_plan *plan;

	plan = kvc_purge_make(f->ring, 253, E, f->now);
	KUNIT_ASSERT_FALSE(test, IS_ERR(plan));
	ringfixture_remove(f, 3);
	/* P4 */
	KUNIT_EXPECT_EQ(test, kvc_defer_plan(f->ring, plan, "a", 1, E, 0),
			-ESTALE);
	KUNIT_EXPECT_EQ(test, count(f, 1), 0);
	kvc_purge_free(plan);
}

static void defer_asks_for_a_flush_when_it_is_full(struct kunit *test)
{
	struct ringfixture *f = test->priv;
	struct kvc_defer_state state;

	f->config.defer_max = 500;
	one_is_down(test);
	ringfixture_status(f, 2, KVC_NODE_DOWN);
	while (!f->seen[KVC_RING_FLUSH]) {
		KUNIT_ASSERT_EQ(test, kvc_defer_add(f->ring, 1, &f->now, 8, E,
						    f->now), 0);
		f->now++;
		KUNIT_ASSERT_LT(test, f->now, 100);
	}
	KUNIT_EXPECT_EQ(test, f->last.node, 1);
	KUNIT_EXPECT_EQ(test, kvc_defer_read(f->ring, 1, f->now, &state), 0);
	KUNIT_EXPECT_TRUE(test, state.flush);
	KUNIT_EXPECT_EQ(test, state.count, 0);
	/* Its room is for others now. */
	KUNIT_EXPECT_EQ(test, f->ring->defer_bytes, 0);
	KUNIT_EXPECT_EQ(test, defer(f, 2, "b"), 0);
	KUNIT_EXPECT_EQ(test, f->seen[KVC_RING_FLUSH], 1);
	expect_keys(test, 2, "b ");
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), -EBUSY); /* P14 */
	/* Something is purged while it is flushed. */
	KUNIT_EXPECT_EQ(test, defer(f, 1, "c"), 0);
	KUNIT_EXPECT_EQ(test, kvc_defer_flushed(f->ring, 1, state.flush_seq),
			-ESTALE);
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), -EBUSY);
	kvc_defer_read(f->ring, 1, f->now, &state);
	KUNIT_EXPECT_EQ(test, kvc_defer_flushed(f->ring, 1, state.flush_seq), 0);
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), 0);
	KUNIT_EXPECT_EQ(test, kvc_defer_flushed(f->ring, 9, 0), -ENOENT);
}

static void defer_flush_expires_as_well(struct kunit *test)
{
	struct ringfixture *f = test->priv;

	f->config.defer_max = 1;
	one_is_down(test);
	defer(f, 1, "a");
	f->now = 10;
	defer(f, 1, "b");
	f->now = E + 9;
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), -EBUSY);
	f->now = E + 10;
	KUNIT_EXPECT_EQ(test, ringfixture_status(f, 1, KVC_NODE_UP), 0); /* P15 */
	KUNIT_EXPECT_FALSE(test, ringfixture_node(f, 1).flush);
}

static void defer_removed_node_frees_its_room(struct kunit *test)
{
	struct ringfixture *f = one_is_down(test);

	defer(f, 1, "a");
	KUNIT_EXPECT_GT(test, f->ring->defer_bytes, 0);
	KUNIT_EXPECT_EQ(test, ringfixture_remove(f, 1), 0);
	KUNIT_EXPECT_EQ(test, f->ring->defer_bytes, 0);
}

static void defer_keys_of_any_length(struct kunit *test)
{
	struct ringfixture *f = one_is_down(test);
	struct kvc_defer_item *item = kzalloc(sizeof(*item), GFP_KERNEL);
	char *key = kzalloc(KVC_KEY_MAX + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, item);
	KUNIT_ASSERT_NOT_NULL(test, key);
	KUNIT_EXPECT_EQ(test, kvc_defer_add(f->ring, 1, key, 0, E, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, kvc_defer_add(f->ring, 1, key, KVC_KEY_MAX + 1, E,
					    0), -ENAMETOOLONG);
	KUNIT_EXPECT_EQ(test, kvc_defer_add(f->ring, 1, key, KVC_KEY_MAX, E, 0), 0);
	KUNIT_EXPECT_EQ(test, kvc_defer_add(f->ring, 1, key, 1, E, 0), 0);
	KUNIT_EXPECT_EQ(test, kvc_defer_next(f->ring, 1, 0, item), 0);
	KUNIT_EXPECT_EQ(test, item->len, 1);
	KUNIT_EXPECT_EQ(test, kvc_defer_next(f->ring, 1, 0, item), 0);
	KUNIT_EXPECT_EQ(test, item->len, KVC_KEY_MAX);
	KUNIT_EXPECT_EQ(test, kvc_defer_next(f->ring, 1, 0, item), -ENOENT);
	kfree(key);
	kfree(item);
}

static void defer_at_the_end_of_the_clock(struct kunit *test)
{
	struct ringfixture *f = one_is_down(test);

	f->now = U64_MAX / 2;
	KUNIT_EXPECT_EQ(test, kvc_defer_add(f->ring, 1, "a", 1, U64_MAX, f->now), 0);
	f->now = U64_MAX - 1;
	KUNIT_EXPECT_EQ(test, count(f, 1), 1);	/* P15 */
}

static struct kunit_case defer_cases[] = {
	KUNIT_CASE(defer_records_the_pair),
	KUNIT_CASE(defer_drains_before_the_node_is_up),
	KUNIT_CASE(defer_ack_is_for_what_was_sent),
	KUNIT_CASE(defer_expires_while_the_node_is_down),
	KUNIT_CASE(defer_expires_many),
	KUNIT_CASE(defer_takes_a_node_that_missed_a_purge_out),
	KUNIT_CASE(defer_plan_sees_who_is_back),
	KUNIT_CASE(defer_plan_is_for_its_ring),
	KUNIT_CASE(defer_asks_for_a_flush_when_it_is_full),
	KUNIT_CASE(defer_flush_expires_as_well),
	KUNIT_CASE(defer_removed_node_frees_its_room),
	KUNIT_CASE(defer_keys_of_any_length),
	KUNIT_CASE(defer_at_the_end_of_the_clock),
	{}
};

static struct kunit_suite defer_suite = {
	.name = "kvc_defer",
	.init = ringfixture_init,
	.exit = ringfixture_exit,
	.test_cases = defer_cases,
};

kunit_test_suite(defer_suite);
