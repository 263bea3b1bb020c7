// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include "fixture.h"

static struct kvc_config valid(void)
{
	return (struct kvc_config){ .name = "name", .limit = 1 << 20 };
}

static void config_names(struct kunit *test)
{
	char name[KVC_NAME_MAX] = "Az09_.-";

	KUNIT_EXPECT_TRUE(test, kvc_config_name_ok(name));
	name[0] = '.';
	KUNIT_EXPECT_FALSE(test, kvc_config_name_ok(name));
	name[0] = '-';
	KUNIT_EXPECT_FALSE(test, kvc_config_name_ok(name));
	name[0] = '/';
	KUNIT_EXPECT_FALSE(test, kvc_config_name_ok(name));
	name[0] = 0;
	KUNIT_EXPECT_FALSE(test, kvc_config_name_ok(name));
	memset(name, 'a', sizeof(name));
	KUNIT_EXPECT_FALSE(test, kvc_config_name_ok(name));
	name[KVC_NAME_MAX - 1] = 0;
	KUNIT_EXPECT_TRUE(test, kvc_config_name_ok(name));
}

/* Bytes behind the name's end are the creator's own. */
static void config_names_are_clean(struct kunit *test)
{
	struct kvc_config g = valid();
	unsigned int i, stray = 0;

	memcpy(g.name, "a\0secret", 8);
	KUNIT_ASSERT_EQ(test, kvc_config_complete(&g), 0);
	for (i = 1; i < KVC_NAME_MAX; i++)
		stray += !!g.name[i];
	KUNIT_EXPECT_EQ(test, stray, 0);
	KUNIT_EXPECT_STREQ(test, g.name, "a");
}

static void config_defaults(struct kunit *test)
{
	struct kvc_config g = valid();

	KUNIT_ASSERT_EQ(test, kvc_config_complete(&g), 0);
	KUNIT_EXPECT_EQ(test, g.tier, 256 << 10);
	KUNIT_EXPECT_EQ(test, g.tier_min, 64 << 10);
	KUNIT_EXPECT_EQ(test, g.tier_max, (512 << 10) - 1);
	KUNIT_EXPECT_EQ(test, g.window, 65536);
	KUNIT_EXPECT_EQ(test, g.bypass_off, 50);
	KUNIT_EXPECT_EQ(test, g.bypass_on, 100);
	KUNIT_EXPECT_EQ(test, g.grow, 250);
	KUNIT_EXPECT_EQ(test, g.events, 256 << 10);
	KUNIT_EXPECT_EQ(test, g.key_max, KVC_KEY_MAX);
	KUNIT_EXPECT_EQ(test, g.value_max, 1 << 20);
	KUNIT_EXPECT_NOT_NULL(test, kvc_policy_lookup(g.policy));
	/* What is complete stays as it is. */
	KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), 0);
}

static void config_static_has_one_size(struct kunit *test)
{
	struct kvc_config g = valid();

	g.flags = KVC_CACHE_F_STATIC;
	KUNIT_ASSERT_EQ(test, kvc_config_complete(&g), 0);
	/* L8 */
	KUNIT_EXPECT_EQ(test, g.tier_min, g.tier);
	KUNIT_EXPECT_EQ(test, g.tier_max, g.tier);
}

static void config_may_do_without_events(struct kunit *test)
{
	struct kvc_config g = valid();

	g.flags = KVC_CACHE_F_NOEVENTS;
	KUNIT_ASSERT_EQ(test, kvc_config_complete(&g), 0);
	KUNIT_EXPECT_EQ(test, g.events, 0);
	KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), 0);
	g.events = 4096;
	KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), -ERANGE);
	g.events = 0;
	g.flags |= KVC_CACHE_F_LOG;
	KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), -ERANGE);
}

/* Does the reason begin with the setting's name, which has no underscores? */
static bool is_about(const char *why, const char *field)
{
	size_t i;

	if (!why || strncmp(why, "cache.", 6))
		return false;
	why += 6;
	for (i = 0; field[i]; i++)
		if (why[i] != (field[i] == '_' ? '-' : field[i]))
			return false;
	return why[i] == ':';
}

/* One field wrong, all others right */
#define EXPECT_INVALID(test, field, ...)				\
do {									\
	const u64 wrong[] = { __VA_ARGS__ };				\
	unsigned int i;							\
									\
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {			\
		struct kvc_config g = valid();				\
									\
		g.field = wrong[i];					\
		KUNIT_EXPECT_EQ_MSG(test, kvc_config_complete(&g),	\
				    -ERANGE, #field " %llu",		\
				    (unsigned long long)wrong[i]);	\
		KUNIT_EXPECT_TRUE(test, is_about(kvc_config_why(&g),	\
						 #field));		\
	}								\
} while (0)

static void config_bounds(struct kunit *test)
{
	struct kvc_config g = valid();

	g.name[0] = '/';
	KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), -EINVAL);
	g = valid();
	g.bypass_on = 50;
	KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), -ERANGE);
	EXPECT_INVALID(test, limit, 0, 65535, (1ULL << 46) + 1, ~0ULL);
	EXPECT_INVALID(test, mode, 0100, 01000, 0667);
	EXPECT_INVALID(test, flags, 1 << 8, ~0u);
	EXPECT_INVALID(test, events, 1, 4095, (64 << 20) + 1, ~0u);
	EXPECT_INVALID(test, policy, KVC_POLICY_S3FIFO + 1, ~0u);
	EXPECT_INVALID(test, key_max, KVC_KEY_MAX + 1);
	EXPECT_INVALID(test, value_max, KVC_VALUE_MAX + 1);
	EXPECT_INVALID(test, window, 1023, (1 << 24) + 1);
	EXPECT_INVALID(test, tier, 512 << 10, ~0ULL);
	EXPECT_INVALID(test, tier_min, (256 << 10) + 1);
	EXPECT_INVALID(test, tier_max, (256 << 10) - 1, 512 << 10);
	EXPECT_INVALID(test, bypass_off, 1000, ~0u);
	EXPECT_INVALID(test, bypass_on, 1001);
	EXPECT_INVALID(test, grow, 1001);
	EXPECT_INVALID(test, memtable, 1, 512 << 10);
	EXPECT_INVALID(test, runs, 1);
	EXPECT_INVALID(test, flush_ms, 1);
}

static struct kvc_config behind(void)
{
	struct kvc_config g = valid();

	g.flags = KVC_CACHE_F_WRITEBEHIND;
	return g;
}

static void config_of_a_write_behind_cache(struct kunit *test)
{
	struct kvc_config g = behind();
	u64 i;

	KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), 0);
	KUNIT_EXPECT_EQ(test, g.runs, 2);
	KUNIT_EXPECT_EQ(test, g.tier, g.limit / 8);
	KUNIT_EXPECT_EQ(test, g.tier + g.memtable, g.limit / 3);
	KUNIT_EXPECT_EQ(test, g.flush_ms, 1000);
	/* L3: also of the largest tier */
	g = behind();
	g.tier = g.limit / 2 - 1;
	g.tier_max = g.tier;
	KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), 0);
	KUNIT_EXPECT_GE(test, g.memtable, g.tier);
	for (i = 0; i < 3; i++) {
		g = behind();
		KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), 0);
		/* One less than the tier, one more than there is, all right */
		g.memtable = i == 0 ? g.tier - 1 :
			     i == 1 ? g.limit - g.tier + 1 : g.limit - g.tier;
		KUNIT_EXPECT_EQ(test, kvc_config_complete(&g),
				i == 2 ? 0 : -ERANGE);
	}
	g = behind();
	g.runs = 17;
	KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), -ERANGE);
	KUNIT_EXPECT_TRUE(test, is_about(kvc_config_why(&g), "runs"));
	g = behind();
	g.flush_ms = 9;
	KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), -ERANGE);
	g.flush_ms = 3600001;
	KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), -ERANGE);
	KUNIT_EXPECT_TRUE(test, is_about(kvc_config_why(&g), "flush-ms"));
	/* What is dirty cannot be refused for ever. */
	g = behind();
	g.flags |= KVC_CACHE_F_NOEVICT;
	KUNIT_EXPECT_EQ(test, kvc_config_complete(&g), -ERANGE);
	KUNIT_EXPECT_TRUE(test, is_about(kvc_config_why(&g), "flags"));
}

/* What is given is taken, the rest stays, and the name is no setting. */
static void config_overlays_what_is_given(struct kunit *test)
{
	struct kvc_config to = valid(), from = valid(), before = valid();

	memset(&from, 0x5a, sizeof(from));
	kvc_config_overlay(&to, &from, 0);
	KUNIT_EXPECT_EQ(test, memcmp(&to, &before, sizeof(to)), 0);
	kvc_config_overlay(&to, &from, KVC_CONFIG_BIT(KVC_A_CACHE_TIER) |
			   KVC_CONFIG_BIT(KVC_A_CACHE_GROW) |
			   KVC_CONFIG_BIT(KVC_A_CACHE_NAME));
	before.tier = from.tier;
	before.grow = from.grow;
	KUNIT_EXPECT_EQ(test, memcmp(&to, &before, sizeof(to)), 0);
}

static struct kunit_case config_cases[] = {
	KUNIT_CASE(config_names),
	KUNIT_CASE(config_names_are_clean),
	KUNIT_CASE(config_defaults),
	KUNIT_CASE(config_static_has_one_size),
	KUNIT_CASE(config_may_do_without_events),
	KUNIT_CASE(config_bounds),
	KUNIT_CASE(config_of_a_write_behind_cache),
	KUNIT_CASE(config_overlays_what_is_given),
	{}
};

static struct kunit_suite config_suite = {
	.name = "kvc_config",
	.test_cases = config_cases,
};

kunit_test_suite(config_suite);
