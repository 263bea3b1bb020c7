// SPDX-License-Identifier: GPL-2.0-only
/*
 * The settings of a cache: their ranges, defaults and changes
 */
#include <errno.h>
#include <fcntl.h>

#include "harness.h"
#include "kvctest.h"

FIXTURE(config) {
	struct kvc_config config;
};

FIXTURE_SETUP(config)
{
	ASSERT_EQ(0, kvc_fresh_netns());
	kvc_config_init(&self->config, KVC_TEST_NAME, 1 << 20);
}

FIXTURE_TEARDOWN(config)
{
}

/* Creates with one field changed, and takes it back if that worked. */
#define TRY(field, value) ({						\
	struct kvc_config try = self->config;				\
	int ret;							\
									\
	try.field = (value);						\
	ret = kvc_create(&try);				\
	if (!ret)							\
		ret = kvc_destroy(try.name);			\
	ret;								\
})

TEST_F(config, limit)
{
	EXPECT_EQ(0, TRY(limit, 64 << 10));
	EXPECT_EQ(-ERANGE, TRY(limit, (64 << 10) - 1));
	EXPECT_EQ(-ERANGE, TRY(limit, 0));
}

TEST_F(config, tier)
{
	EXPECT_EQ(0, TRY(tier, 300 << 10));
	/* L3 */
	EXPECT_EQ(-ERANGE, TRY(tier, 512 << 10));
	EXPECT_EQ(-ERANGE, TRY(tier, 1 << 20));
	EXPECT_EQ(-ERANGE, TRY(tier, ~0ull));
}

TEST_F(config, tier_bounds)
{
	self->config.tier = 256 << 10;
	EXPECT_EQ(0, TRY(tier_min, 256 << 10));
	EXPECT_EQ(-ERANGE, TRY(tier_min, (256 << 10) + 1));
	EXPECT_EQ(0, TRY(tier_max, 256 << 10));
	EXPECT_EQ(-ERANGE, TRY(tier_max, (256 << 10) - 1));
	EXPECT_EQ(-ERANGE, TRY(tier_max, 512 << 10));
}

TEST_F(config, lengths)
{
	EXPECT_EQ(0, TRY(key_max, 1));
	EXPECT_EQ(0, TRY(key_max, KVC_KEY_MAX));
	EXPECT_EQ(-ERANGE, TRY(key_max, KVC_KEY_MAX + 1));
	EXPECT_EQ(-ERANGE, TRY(key_max, ~0u));
	EXPECT_EQ(0, TRY(value_max, 1));
	EXPECT_EQ(0, TRY(value_max, KVC_VALUE_MAX));
	EXPECT_EQ(-ERANGE, TRY(value_max, KVC_VALUE_MAX + 1));
	EXPECT_EQ(-ERANGE, TRY(value_max, ~0u));
}

TEST_F(config, window)
{
	EXPECT_EQ(0, TRY(window, 1024));
	EXPECT_EQ(0, TRY(window, 1 << 24));
	EXPECT_EQ(-ERANGE, TRY(window, 1023));
	EXPECT_EQ(-ERANGE, TRY(window, (1 << 24) + 1));
}

TEST_F(config, thresholds)
{
	self->config.bypass_off = 100;
	EXPECT_EQ(0, TRY(bypass_on, 101));
	EXPECT_EQ(-ERANGE, TRY(bypass_on, 100));
	EXPECT_EQ(-ERANGE, TRY(bypass_on, 1));
	self->config.bypass_on = 1000;
	EXPECT_EQ(-ERANGE, TRY(bypass_off, 1000));
	EXPECT_EQ(-ERANGE, TRY(bypass_off, ~0u));
}

TEST_F(config, words)
{
	EXPECT_EQ(0, TRY(policy, KVC_POLICY_S3FIFO));
	EXPECT_EQ(-ERANGE, TRY(policy, KVC_POLICY_S3FIFO + 1));
	EXPECT_EQ(-ERANGE, TRY(policy, ~0u));
	EXPECT_EQ(0, TRY(flags, 15));
	EXPECT_EQ(0, TRY(flags, 16));
	EXPECT_EQ(0, TRY(flags, 16 + 8 + 2 + 1));
	EXPECT_EQ(-ERANGE, TRY(flags, 16 + 4));
	EXPECT_EQ(-EINVAL, TRY(flags, 256));
	EXPECT_EQ(-EINVAL, TRY(flags, 1u << 31));
	EXPECT_EQ(0, TRY(mode, 0666));
	EXPECT_EQ(-ERANGE, TRY(mode, 0700));
	EXPECT_EQ(-ERANGE, TRY(mode, 0601));
	EXPECT_EQ(-ERANGE, TRY(mode, 01600));
}

TEST_F(config, events)
{
	EXPECT_EQ(0, TRY(events, 4096));
	EXPECT_EQ(0, TRY(events, 64 << 20));
	EXPECT_EQ(-ERANGE, TRY(events, 4095));
	EXPECT_EQ(-ERANGE, TRY(events, (64 << 20) + 1));
	EXPECT_EQ(-ERANGE, TRY(events, ~0u));
	self->config.flags = KVC_CACHE_F_NOEVENTS;
	EXPECT_EQ(0, TRY(events, 0));
	EXPECT_EQ(-ERANGE, TRY(events, 4096));
}

TEST_F(config, defaults)
{
	struct kvc_config seen;
	unsigned int i;

	ASSERT_EQ(0, kvc_create(&self->config));
	ASSERT_EQ(0, kvc_show(KVC_TEST_NAME, &seen));
	EXPECT_STREQ(KVC_TEST_NAME, seen.name);
	for (i = sizeof(KVC_TEST_NAME); i < sizeof(seen.name); i++)
		EXPECT_EQ(0, seen.name[i]);
	EXPECT_EQ(0, seen.uid);
	EXPECT_EQ(0, seen.gid);
	EXPECT_EQ(0600, seen.mode);
	EXPECT_NE(KVC_POLICY_DEFAULT, seen.policy);
	EXPECT_EQ(KVC_KEY_MAX, seen.key_max);
	EXPECT_EQ(1 << 20, seen.value_max);
	EXPECT_EQ(65536, seen.window);
	EXPECT_EQ(1 << 20, seen.limit);
	EXPECT_EQ(256 << 10, seen.tier);
	EXPECT_EQ(64 << 10, seen.tier_min);
	EXPECT_GE(512 << 10, seen.tier_max);
	EXPECT_LT(500 << 10, seen.tier_max);
	EXPECT_EQ(50, seen.bypass_off);
	EXPECT_EQ(100, seen.bypass_on);
	EXPECT_EQ(250, seen.grow);
	EXPECT_EQ(256 << 10, seen.events);
}

TEST_F(config, kept_as_given)
{
	struct kvc_config *given = &self->config, seen;

	given->uid = 1000;
	given->gid = 2000;
	given->mode = 0644;
	given->policy = KVC_POLICY_SIEVE;
	given->flags = KVC_CACHE_F_NOBYPASS;
	given->key_max = 100;
	given->value_max = 200;
	given->window = 2048;
	given->tier = 100 << 10;
	given->tier_min = 50 << 10;
	given->tier_max = 200 << 10;
	given->bypass_off = 10;
	given->bypass_on = 30;
	given->grow = 100;
	given->events = 8192;
	ASSERT_EQ(0, kvc_create(given));
	ASSERT_EQ(0, kvc_show(KVC_TEST_NAME, &seen));
	EXPECT_EQ(0, memcmp(given, &seen, sizeof(seen)));
}

TEST_F(config, set_takes_only_what_is_given)
{
	struct kvc_config seen, want = self->config;

	ASSERT_EQ(0, kvc_create(&self->config));
	ASSERT_EQ(0, kvc_show(KVC_TEST_NAME, &want));
	self->config = want;
	self->config.mode = 0640;
	self->config.limit = 2 << 20;
	self->config.window = 4096;
	self->config.uid = 1000;
	ASSERT_EQ(0, kvc_set(KVC_SET_MODE, &self->config));
	want.mode = 0640;
	ASSERT_EQ(0, kvc_show(KVC_TEST_NAME, &seen));
	EXPECT_EQ(0, memcmp(&want, &seen, sizeof(seen)));
	ASSERT_EQ(0, kvc_set(KVC_SET_SIZE | KVC_SET_ADAPT,
			     &self->config));
	want.limit = 2 << 20;
	want.window = 4096;
	ASSERT_EQ(0, kvc_show(KVC_TEST_NAME, &seen));
	EXPECT_EQ(0, memcmp(&want, &seen, sizeof(seen)));
	ASSERT_EQ(0, kvc_set(KVC_SET_OWNER, &self->config));
	ASSERT_EQ(0, kvc_show(KVC_TEST_NAME, &seen));
	EXPECT_EQ(1000, seen.uid);
}

TEST_F(config, set_refuses_what_create_refuses)
{
	struct kvc_config seen, before;

	ASSERT_EQ(0, kvc_create(&self->config));
	ASSERT_EQ(0, kvc_show(KVC_TEST_NAME, &before));
	self->config.mode = 0700;
	EXPECT_EQ(-ERANGE, kvc_set(KVC_SET_MODE, &self->config));
	self->config.limit = 1000;
	EXPECT_EQ(-ERANGE, kvc_set(KVC_SET_SIZE, &self->config));
	self->config.window = 1;
	EXPECT_EQ(-ERANGE, kvc_set(KVC_SET_ADAPT, &self->config));
	ASSERT_EQ(0, kvc_show(KVC_TEST_NAME, &seen));
	EXPECT_EQ(0, memcmp(&before, &seen, sizeof(seen)));
}

/* What the log is was said at creation. */
TEST_F(config, set_leaves_the_event_log_alone)
{
	struct kvc_config seen;

	self->config.events = 8192;
	ASSERT_EQ(0, kvc_create(&self->config));
	self->config.flags = KVC_CACHE_F_NOEVENTS | KVC_CACHE_F_NOEVICT;
	ASSERT_EQ(0, kvc_set(KVC_SET_ADAPT, &self->config));
	ASSERT_EQ(0, kvc_show(KVC_TEST_NAME, &seen));
	EXPECT_EQ(8192, seen.events);
	EXPECT_EQ(KVC_CACHE_F_NOEVICT, seen.flags);
}

TEST_F(config, set_refuses_what_is_fixed)
{
	static const __u32 fixed[] = {
		KVC_GIVEN(POLICY), KVC_GIVEN(KEY_MAX), KVC_GIVEN(VALUE_MAX),
		KVC_GIVEN(EVENTS), KVC_GIVEN(POLICY) | KVC_SET_MODE,
	};
	struct kvc_config seen, before;
	unsigned int i;

	ASSERT_EQ(0, kvc_create(&self->config));
	ASSERT_EQ(0, kvc_show(KVC_TEST_NAME, &before));
	self->config.policy = KVC_POLICY_LRU;
	self->config.key_max = 10;
	self->config.value_max = 10;
	self->config.events = 8192;
	self->config.mode = 0644;
	for (i = 0; i < ARRAY_SIZE(fixed); i++)
		EXPECT_EQ(-EOPNOTSUPP, kvc_set(fixed[i], &self->config));
	ASSERT_EQ(0, kvc_show(KVC_TEST_NAME, &seen));
	EXPECT_EQ(0, memcmp(&before, &seen, sizeof(seen)));
}

TEST_F(config, lower_limit_evicts_before_it_returns)
{
	char key[KVC_TEST_KEY], value[200] = "";
	struct kvc_stats stats;
	unsigned int i;
	int fd;

	ASSERT_EQ(0, kvc_create(&self->config));
	fd = kvc_open_bound(O_RDWR, KVC_TEST_NAME);
	ASSERT_LE(0, fd);
	for (i = 0; i < 3000; i++)
		ASSERT_EQ(0, kvc_put_len(fd, kvc_key(key, i), value,
					 sizeof(value)));
	self->config.limit = 128 << 10;
	ASSERT_EQ(0, kvc_set(KVC_SET_SIZE, &self->config));
	ASSERT_EQ(0, kvc_stats(fd, &stats));
	EXPECT_EQ(128 << 10, stats.limit);
	EXPECT_GE(128 << 10, stats.bytes_tier + stats.bytes_memtable);
	EXPECT_LT(0, stats.cleared);
	EXPECT_LT(0, stats.entries_tier + stats.entries_memtable);
	close(fd);
}

struct names {
	char name[8][KVC_NAME_MAX];
	unsigned int count;
};

static void keep_name(void *arg, const struct kvc_config *config)
{
	struct names *names = arg;

	strcpy(names->name[names->count++ % 8], config->name);
}

TEST_F(config, list_goes_by_name)
{
	static const char *const names[] = { "B", "a", "a.b", "a1", "c", "_" };
	static const char *const order[] = { "B", "_", "a", "a.b", "a1", "c" };
	struct names seen = { .count = 0 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		kvc_config_init(&self->config, names[i], 64 << 10);
		ASSERT_EQ(0, kvc_create(&self->config));
	}
	ASSERT_EQ(0, kvc_list(keep_name, &seen));
	ASSERT_EQ(ARRAY_SIZE(order), seen.count);
	for (i = 0; i < ARRAY_SIZE(order); i++)
		EXPECT_STREQ(order[i], seen.name[i]);
}

TEST_HARNESS_MAIN
