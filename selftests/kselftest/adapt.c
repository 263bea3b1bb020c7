// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tier switches itself off and on, grows and shrinks
 *
 * How many operations a change takes is the module's business, within
 * generous bounds; that it comes, and that nothing flaps, is tested.
 */
#include <errno.h>
#include <fcntl.h>

#include "harness.h"
#include "kvctest.h"

#define WINDOW	1024u
#define TIER	(64u << 10)
#define LIMIT	(4u << 20)
#define LEN	100
/* Operations after which a change must have come. */
#define BOUND	(400 * WINDOW)

FIXTURE(adapt) {
	struct kvc_config config;
	struct kvc_stats stats;
	unsigned int next;	/* a key that was never used */
	int fd;
};

FIXTURE_SETUP(adapt)
{
	kvc_config_init(&self->config, KVC_TEST_NAME, LIMIT);
	self->config.window = WINDOW;
	self->config.tier = TIER;
	self->config.tier_min = TIER / 4;
	self->config.tier_max = TIER * 8;
}

FIXTURE_TEARDOWN(adapt)
{
	close(self->fd);
}

static int start(int *fd, const struct kvc_config *config)
{
	*fd = kvc_setup(config);
	return *fd < 0 ? *fd : 0;
}

static int put_number(int fd, unsigned int n)
{
	char key[KVC_TEST_KEY], value[LEN] = "";

	return kvc_put_len(fd, kvc_key(key, n), value, LEN);
}

static int get_number(int fd, unsigned int n)
{
	char key[KVC_TEST_KEY], value[LEN] = "";
	struct kvc_op op;

	kvc_op_value(&op, value, LEN);
	return kvc_get(fd, kvc_key(key, n), &op);
}

static int put_new(int fd, unsigned int *next, unsigned int count)
{
	int ret = 0;

	while (count-- && !ret)
		ret = put_number(fd, (*next)++);
	return ret;
}

/* One-hit writes until the tier is off: 0, or what went wrong. */
static int switch_off(int fd, unsigned int *next)
{
	struct kvc_stats stats;
	unsigned int ops;
	int ret;

	for (ops = 0; ops < BOUND; ops += WINDOW) {
		ret = put_new(fd, next, WINDOW);
		if (!ret)
			ret = kvc_stats(fd, &stats);
		if (ret || stats.bypass)
			return ret;
	}
	return -ETIME;
}

/* Reads of a few keys again and again until it is on. */
static int switch_on(int fd, unsigned int first)
{
	struct kvc_stats stats;
	unsigned int ops;
	int ret;

	for (ops = 0; ops < BOUND; ops++) {
		get_number(fd, first + ops % 300);
		if (ops % WINDOW)
			continue;
		ret = kvc_stats(fd, &stats);
		if (ret || !stats.bypass)
			return ret;
	}
	return -ETIME;
}

TEST_F(adapt, one_hit_writes_switch_it_off)
{
	ASSERT_EQ(0, start(&self->fd, &self->config));
	ASSERT_EQ(0, switch_off(self->fd, &self->next)); /* L6 */
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(1, self->stats.bypass);
	EXPECT_EQ(1, self->stats.bypass_switches);
}

TEST_F(adapt, switched_off_writes_go_to_the_memtable)
{
	struct kvc_stats before;

	ASSERT_EQ(0, start(&self->fd, &self->config));
	ASSERT_EQ(0, switch_off(self->fd, &self->next));
	ASSERT_EQ(0, kvc_stats(self->fd, &before));
	ASSERT_EQ(0, put_new(self->fd, &self->next, 1000));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	/* L6: but for the few that probe */
	EXPECT_LT(800, self->stats.entries_memtable +
		       self->stats.evicted_limit - self->stats.migrated -
		       (before.entries_memtable + before.evicted_limit -
			before.migrated));
	EXPECT_EQ(0, get_number(self->fd, self->next - 1)); /* L9 */
	EXPECT_EQ(0, get_number(self->fd, self->next - 1000)); /* L9 */
}

TEST_F(adapt, it_does_not_flap)
{
	ASSERT_EQ(0, start(&self->fd, &self->config));
	ASSERT_EQ(0, switch_off(self->fd, &self->next));
	ASSERT_EQ(0, put_new(self->fd, &self->next, 40 * WINDOW));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(1, self->stats.bypass); /* L6 */
	EXPECT_EQ(1, self->stats.bypass_switches);
}

TEST_F(adapt, reuse_switches_it_on_again)
{
	unsigned int i;

	ASSERT_EQ(0, start(&self->fd, &self->config));
	ASSERT_EQ(0, switch_off(self->fd, &self->next));
	ASSERT_EQ(0, switch_on(self->fd, self->next - 300)); /* L6 */
	for (i = 0; i < 40 * WINDOW; i++)
		ASSERT_EQ(0, get_number(self->fd, self->next - 1 - i % 300));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(0, self->stats.bypass);
	EXPECT_EQ(2, self->stats.bypass_switches);
}

TEST_F(adapt, never_off_where_that_is_forbidden)
{
	self->config.flags = KVC_CACHE_F_NOBYPASS;
	ASSERT_EQ(0, start(&self->fd, &self->config));
	ASSERT_EQ(0, put_new(self->fd, &self->next, 20 * WINDOW));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(0, self->stats.bypass);
	EXPECT_EQ(0, self->stats.bypass_switches);
}

/* Reads pairs of which most are in the memtable. */
static int use_memtable(int fd, unsigned int count, unsigned int rounds)
{
	unsigned int i, round;
	int ret = 0;

	for (round = 0; round < rounds && !ret; round++)
		for (i = 0; i < count && !ret; i++)
			ret = get_number(fd, i);
	return ret;
}

/* Pairs that come to about four times the tier. */
#define SOME	1500u

/* They move up whether they are used twice in a window or less often. */
static void expect_growth(struct __test_metadata *_metadata,
			  FIXTURE_DATA(adapt) * self)
{
	self->config.flags = KVC_CACHE_F_NOBYPASS;
	ASSERT_EQ(0, start(&self->fd, &self->config));
	ASSERT_EQ(0, put_new(self->fd, &self->next, SOME));
	ASSERT_EQ(0, use_memtable(self->fd, SOME, 20));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	/* L7 */
	EXPECT_LT(TIER, self->stats.tier_target);
	EXPECT_GE(8 * TIER, self->stats.tier_target);
	EXPECT_LT(0, self->stats.tier_resizes);
	EXPECT_LT(0, self->stats.promoted);
	EXPECT_LT(TIER, self->stats.bytes_tier);
	EXPECT_EQ(self->stats.migrated - self->stats.promoted,
		  self->stats.entries_memtable);
}

TEST_F(adapt, used_memtable_pairs_make_it_grow)
{
	self->config.window = 4 * WINDOW;
	expect_growth(_metadata, self);
}

TEST_F(adapt, a_loop_longer_than_the_window_makes_it_grow)
{
	expect_growth(_metadata, self);
}

TEST_F(adapt, it_shrinks_again_within_bounds)
{
	unsigned int ops;
	__u64 grown;

	self->config.flags = KVC_CACHE_F_NOBYPASS;
	ASSERT_EQ(0, start(&self->fd, &self->config));
	ASSERT_EQ(0, put_new(self->fd, &self->next, SOME));
	ASSERT_EQ(0, use_memtable(self->fd, SOME, 20));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	grown = self->stats.tier_target;
	for (ops = 0; ops < BOUND; ops += WINDOW) {
		ASSERT_EQ(0, use_memtable(self->fd, 16, WINDOW / 16));
		ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
		ASSERT_LE(TIER / 4, self->stats.tier_target); /* L7 */
		ASSERT_GE(8 * TIER, self->stats.tier_target); /* L7 */
	}
	EXPECT_GT(grown, self->stats.tier_target); /* L7 */
	EXPECT_EQ(0, use_memtable(self->fd, SOME, 1)); /* L9 */
}

TEST_F(adapt, static_size_stays)
{
	self->config.flags = KVC_CACHE_F_NOBYPASS | KVC_CACHE_F_STATIC;
	ASSERT_EQ(0, start(&self->fd, &self->config));
	ASSERT_EQ(0, put_new(self->fd, &self->next, SOME));
	ASSERT_EQ(0, use_memtable(self->fd, SOME, 20));
	ASSERT_EQ(0, use_memtable(self->fd, 16, 20 * WINDOW / 16));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	/* L8 */
	EXPECT_EQ(TIER, self->stats.tier_target);
	EXPECT_EQ(0, self->stats.tier_resizes);
	EXPECT_GE(TIER, self->stats.bytes_tier);
}

TEST_HARNESS_MAIN
