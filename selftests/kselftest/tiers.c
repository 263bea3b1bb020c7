// SPDX-License-Identifier: GPL-2.0-only
/*
 * How pairs go from the cache tier to the memtable and out
 */
#include <errno.h>
#include <fcntl.h>

#include "control.h"
#include "harness.h"

#define LIMIT	(1u << 20)
#define TIER	(128u << 10)
#define LEN	100
/* More than the tier holds, less than the cache does. */
#define MANY	2000u

FIXTURE(tiers) {
	struct kvc_stats stats;
	struct kvcnl nl;
	int fd;
};

FIXTURE_VARIANT(tiers) {
	__u32 policy;
};

FIXTURE_VARIANT_ADD(tiers, fifo) { .policy = KVC_POLICY_FIFO };
FIXTURE_VARIANT_ADD(tiers, lru) { .policy = KVC_POLICY_LRU };
FIXTURE_VARIANT_ADD(tiers, sieve) { .policy = KVC_POLICY_SIEVE };
FIXTURE_VARIANT_ADD(tiers, s3fifo) { .policy = KVC_POLICY_S3FIFO };

static int setup_policy(__u32 policy)
{
	struct kvc_config config;

	kvc_config_init(&config, KVC_TEST_NAME, LIMIT);
	config.policy = policy;
	config.tier = TIER;
	config.flags = KVC_CACHE_F_STATIC | KVC_CACHE_F_NOBYPASS;
	return kvc_setup(&config);
}

static int put_number(int fd, unsigned int n, __u32 seed)
{
	char key[KVC_TEST_KEY], value[LEN];

	kvc_pattern(value, LEN, seed);
	return kvc_put_len(fd, kvc_key(key, n), value, LEN);
}

static int get_number(int fd, unsigned int n, __u32 seed)
{
	char key[KVC_TEST_KEY], value[LEN] = "";
	struct kvc_op op;
	int ret;

	kvc_op_value(&op, value, LEN);
	ret = kvc_get(fd, kvc_key(key, n), &op);
	if (ret)
		return ret;
	return op.value_len == LEN && kvc_pattern_ok(value, LEN, seed) ?
		0 : -EPROTO;
}

static int put_many(int fd, unsigned int count)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < count && !ret; i++)
		ret = put_number(fd, i, i);
	return ret;
}

/* The tier that a key is in, as the counters of a GET tell: 't', 'm' or '-'. */
static char place_of(struct kvcnl *nl, int fd, unsigned int n)
{
	struct kvc_stats before, after;

	if (kvc_stats_on(nl, KVC_TEST_NAME, &before))
		return '?';
	get_number(fd, n, n);
	if (kvc_stats_on(nl, KVC_TEST_NAME, &after))
		return '?';
	if (after.hits_tier - before.hits_tier == 1)
		return 't';
	if (after.hits_memtable - before.hits_memtable == 1)
		return 'm';
	return after.misses - before.misses == 1 ? '-' : '?';
}

FIXTURE_SETUP(tiers)
{
	self->fd = setup_policy(variant->policy);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, kvcnl_open(&self->nl));
}

FIXTURE_TEARDOWN(tiers)
{
	kvcnl_close(&self->nl);
	close(self->fd);
}

TEST_F(tiers, new_pairs_land_in_the_tier)
{
	ASSERT_EQ(0, put_many(self->fd, 50));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(50, self->stats.entries_tier); /* L1 */
	EXPECT_EQ(0, self->stats.entries_memtable);
	EXPECT_EQ(0, self->stats.migrated);
}

TEST_F(tiers, updates_are_absorbed)
{
	unsigned int round;

	for (round = 0; round < 100; round++)
		ASSERT_EQ(0, put_many(self->fd, 50));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	/* L1 */
	EXPECT_EQ(99 * 50, self->stats.updates_tier);
	EXPECT_EQ(0, self->stats.updates_memtable);
	EXPECT_EQ(0, self->stats.migrated);
	EXPECT_EQ(0, self->stats.entries_memtable);
	EXPECT_EQ(50, self->stats.entries_tier);
}

TEST_F(tiers, overflow_goes_to_the_memtable)
{
	unsigned int i;

	ASSERT_EQ(0, put_many(self->fd, MANY));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_LT(0, self->stats.migrated); /* L2 */
	EXPECT_LT(0, self->stats.entries_tier);
	EXPECT_GE(TIER, self->stats.bytes_tier);
	/* L3: all of the memtable was in the tier before, and it is larger */
	EXPECT_EQ(self->stats.migrated - self->stats.promoted,
		  self->stats.entries_memtable);
	EXPECT_LT(self->stats.bytes_tier, self->stats.bytes_memtable);
	EXPECT_EQ(MANY,
		  self->stats.entries_tier + self->stats.entries_memtable);
	EXPECT_EQ(0, self->stats.evicted_limit);
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, get_number(self->fd, i, i)); /* L9 */
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_LT(0, self->stats.hits_tier);
	EXPECT_LT(0, self->stats.hits_memtable);
	EXPECT_EQ(0, self->stats.misses);
}

TEST_F(tiers, readable_at_every_step)
{
	unsigned int i;

	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, put_number(self->fd, i, i));
		/* L9: the new one, and old ones wherever they are by now */
		ASSERT_EQ(0, get_number(self->fd, i, i));
		ASSERT_EQ(0, get_number(self->fd, i / 2, i / 2));
		ASSERT_EQ(0, get_number(self->fd, 0, 0));
	}
}

TEST_F(tiers, pairs_of_the_memtable_are_updated_there)
{
	struct kvc_stats before;
	unsigned int i;

	ASSERT_EQ(0, put_many(self->fd, MANY));
	ASSERT_EQ(0, kvc_stats(self->fd, &before));
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, put_number(self->fd, i, i + 1));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	/* L1 */
	EXPECT_LT(0, self->stats.updates_memtable);
	EXPECT_EQ(MANY,
		  self->stats.updates_memtable + self->stats.updates_tier);
	EXPECT_EQ(before.entries_tier + before.entries_memtable,
		  self->stats.entries_tier + self->stats.entries_memtable);
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, get_number(self->fd, i, i + 1)); /* L9 */
}

TEST_F(tiers, full_evicts_one_at_a_time)
{
	__u64 evicted = 0;
	unsigned int i;

	for (i = 0; i < 3 * MANY; i++) {
		ASSERT_EQ(0, put_number(self->fd, i, i));
		ASSERT_EQ(0, kvc_stats_on(&self->nl, KVC_TEST_NAME,
					  &self->stats));
		ASSERT_GE(LIMIT, self->stats.bytes_tier +
				 self->stats.bytes_memtable);
		/* All pairs have one size: one makes room for one. */
		ASSERT_GE(1, self->stats.evicted_limit - evicted);
		evicted = self->stats.evicted_limit;
		ASSERT_EQ(i + 1, evicted + self->stats.entries_tier +
				 self->stats.entries_memtable);
	}
	EXPECT_LT(0, evicted);
	/* Still full, but for less than a pair in each part. */
	EXPECT_LT(LIMIT - LIMIT / 10,
		  self->stats.bytes_tier + self->stats.bytes_memtable);
}

TEST_F(tiers, del_from_both)
{
	char key[KVC_TEST_KEY];
	unsigned int i;

	ASSERT_EQ(0, put_many(self->fd, MANY));
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, kvc_del(self->fd, kvc_key(key, i)));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(MANY, self->stats.deletes);
	EXPECT_EQ(0, self->stats.entries_tier + self->stats.entries_memtable);
	EXPECT_EQ(0, self->stats.bytes_tier + self->stats.bytes_memtable);
}

TEST_F(tiers, values_of_changing_size_stay_within_the_limit)
{
	char key[KVC_TEST_KEY], *value = calloc(1, 20000);
	unsigned int i, len;

	ASSERT_NE(NULL, value);
	for (i = 0; i < 3000; i++) {
		len = i * 7919 % 20000;
		ASSERT_EQ(0, kvc_put_len(self->fd, kvc_key(key, i % 500),
					 value, len));
		ASSERT_EQ(0, kvc_stats_on(&self->nl, KVC_TEST_NAME,
					  &self->stats));
		ASSERT_GE(LIMIT, self->stats.bytes_tier +
				 self->stats.bytes_memtable);
	}
	free(value);
}

/* A cache this small has one part, so that its order is that of all pairs. */
static int setup_single(__u32 policy, struct kvc_stats *stats)
{
	int fd = setup_policy(policy);

	if (fd >= 0 && (kvc_stats(fd, stats) || stats->shards != 1)) {
		close(fd);
		return -EPROTO;
	}
	return fd;
}

TEST(fifo_is_by_age_exactly)
{
	struct kvc_stats stats;
	struct kvcnl nl;
	unsigned int i, n, oldest;
	int fd = setup_single(KVC_POLICY_FIFO, &stats);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, kvcnl_open(&nl));
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, put_number(fd, i, i));
		/* Neither a read nor an update makes a pair younger. */
		n = i - i % 300;
		ASSERT_EQ(0, get_number(fd, n, n));
		ASSERT_EQ(0, put_number(fd, n, n));
	}
	ASSERT_EQ(0, kvc_stats(fd, &stats));
	oldest = MANY - stats.entries_tier;
	ASSERT_LT(1, oldest);
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(i < oldest ? 'm' : 't', place_of(&nl, fd, i)); /* L5 */
	kvcnl_close(&nl);
	close(fd);
}

TEST(lru_is_by_use_exactly)
{
	struct kvc_stats stats;
	struct kvcnl nl;
	unsigned int i, held;
	int fd = setup_single(KVC_POLICY_LRU, &stats);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, kvcnl_open(&nl));
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, put_number(fd, i, i));
		ASSERT_EQ(0, get_number(fd, 0, 0));
	}
	ASSERT_EQ(0, kvc_stats(fd, &stats));
	held = stats.entries_tier;
	ASSERT_LT(1, held);
	/* 0 was used last, but for that the youngest are there. */
	EXPECT_EQ('t', place_of(&nl, fd, 0)); /* L5 */
	for (i = 1; i < MANY; i++)
		ASSERT_EQ(i <= MANY - held ? 'm' : 't', place_of(&nl, fd, i));
	kvcnl_close(&nl);
	close(fd);
}

/* What is used between all the new pairs stays, unlike with fifo. */
static void expect_used_stays(struct __test_metadata *_metadata, __u32 policy)
{
	struct kvc_stats stats;
	struct kvcnl nl;
	int fd = setup_single(policy, &stats);
	unsigned int i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, kvcnl_open(&nl));
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, put_number(fd, i, i));
		ASSERT_EQ(0, get_number(fd, i % 20, i % 20));
		ASSERT_EQ(0, get_number(fd, i % 20, i % 20));
	}
	for (i = 0; i < 20; i++)
		EXPECT_EQ('t', place_of(&nl, fd, i)); /* L5 */
	kvcnl_close(&nl);
	close(fd);
}

TEST(sieve_keeps_what_is_used)
{
	expect_used_stays(_metadata, KVC_POLICY_SIEVE);
}

TEST(s3fifo_keeps_what_is_used)
{
	expect_used_stays(_metadata, KVC_POLICY_S3FIFO);
}

TEST_HARNESS_MAIN
