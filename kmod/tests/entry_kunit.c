// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mm.h>
#include "core/pool.h"
#include "fixture.h"

static void entry_has_room_for_key_and_value(struct kunit *test)
{
	struct kvc_entry *e = kvc_entry_alloc(3, 5);

	KUNIT_ASSERT_NOT_NULL(test, e);
	KUNIT_EXPECT_EQ(test, e->key_len, 3);
	KUNIT_EXPECT_EQ(test, e->value_len, 5);
	KUNIT_EXPECT_EQ(test, e->version, 0);
	KUNIT_EXPECT_EQ(test, e->expiry, 0);
	KUNIT_EXPECT_EQ(test, kvc_entry_place(e), KVC_ENTRY_NEW);
	KUNIT_EXPECT_PTR_EQ(test, kvc_entry_value(e), kvc_entry_key(e) + 3);
	kvc_entry_free(e);
}

/* The size that is charged is the allocator's, never less than what is used. */
static void entry_size_is_the_allocators(struct kunit *test)
{
	static const u32 lens[] = { 0, 1, 15, 16, 191, 192, 193, 447, 448, 449,
				    4096, 40000, 1 << 20 };
	struct kvc_entry *e;
	size_t used, size;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		e = kvc_entry_alloc(1, lens[i]);
		KUNIT_ASSERT_NOT_NULL(test, e);
		memset(kvc_entry_value(e), 0xff, lens[i]);
		used = sizeof(*e) + 1 + lens[i];
		size = kvc_entry_size(e);
		KUNIT_EXPECT_GE(test, size, used);
		if (used <= 256)
			KUNIT_EXPECT_EQ(test, size, ALIGN(used, 16));
		else if (used <= 512)
			KUNIT_EXPECT_EQ(test, size, ALIGN(used, 32));
		else if (is_vmalloc_addr(e))
			KUNIT_EXPECT_EQ(test, size, PAGE_ALIGN(used));
		else
			KUNIT_EXPECT_EQ(test, size, kmalloc_size_roundup(used));
		kvc_entry_free(e);
	}
}

static int sign(int x)
{
	return (x > 0) - (x < 0);
}

static void entry_keys_compare_as_bytes(struct kunit *test)
{
	/* In order */
	static const char *const keys[] = {
		"", "\x01", "\x01\x01", "A", "AA", "AB", "B", "a", "\x7f",
		"\x80", "\xff", "\xff\xff",
	};
	int a, b, order;

	for (a = 0; a < ARRAY_SIZE(keys); a++)
		for (b = 0; b < ARRAY_SIZE(keys); b++) {
			order = kvc_key_compare(keys[a], strlen(keys[a]),
						keys[b], strlen(keys[b]));
			KUNIT_EXPECT_EQ(test, sign(order), sign(a - b));
		}
	/* NUL is a byte like others */
	KUNIT_EXPECT_LT(test, kvc_key_compare("a\0a", 3, "a\0b", 3), 0);
	KUNIT_EXPECT_LT(test, kvc_key_compare("a", 1, "a\0", 2), 0);
}

static void entry_matches_only_its_key(struct kunit *test)
{
	struct kvc_entry *e = fixture_entry("key", "value");

	KUNIT_ASSERT_NOT_NULL(test, e);
	e->hash = 7;
	KUNIT_EXPECT_TRUE(test, kvc_entry_matches(e, 7, "key", 3));
	KUNIT_EXPECT_FALSE(test, kvc_entry_matches(e, 8, "key", 3));
	KUNIT_EXPECT_FALSE(test, kvc_entry_matches(e, 7, "ke", 2));
	KUNIT_EXPECT_FALSE(test, kvc_entry_matches(e, 7, "keyv", 4));
	KUNIT_EXPECT_FALSE(test, kvc_entry_matches(e, 7, "kez", 3));
	kvc_entry_free(e);
}

/* Keys are compared by words, the last of which may overlap another. */
static void entry_matches_by_every_byte(struct kunit *test)
{
	char key[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
	u32 len, at;

	for (len = sizeof(key) - 1; len; len--) {
		struct kvc_entry *e;

		key[len] = '\0';
		e = fixture_entry(key, "value");
		KUNIT_ASSERT_NOT_NULL(test, e);
		e->hash = 7;
		KUNIT_EXPECT_TRUE(test, kvc_entry_matches(e, 7, key, len));
		for (at = 0; at < len; at++) {
			key[at] ^= 1;
			KUNIT_EXPECT_FALSE(test,
					   kvc_entry_matches(e, 7, key, len));
			key[at] ^= 1;
		}
		kvc_entry_free(e);
	}
}

static void entry_visits_are_counted_to_the_maximum(struct kunit *test)
{
	struct kvc_entry *e = fixture_entry("k", "v");

	KUNIT_ASSERT_NOT_NULL(test, e);
	KUNIT_EXPECT_TRUE(test, kvc_entry_visit(e, 2));
	KUNIT_EXPECT_FALSE(test, kvc_entry_visit(e, 2));
	KUNIT_EXPECT_FALSE(test, kvc_entry_visit(e, 2));
	KUNIT_EXPECT_EQ(test, e->ref, 2);
	kvc_entry_free(e);
}

static void entry_expires_at_its_moment(struct kunit *test)
{
	struct kvc_entry *e = fixture_entry("k", "v");
	u64 now = 0;

	KUNIT_ASSERT_NOT_NULL(test, e);
	KUNIT_EXPECT_FALSE(test, kvc_entry_expired(e, &now));
	KUNIT_EXPECT_EQ_MSG(test, now, 0, "the clock was read for nothing");
	e->expiry = 100;
	now = 99;
	KUNIT_EXPECT_FALSE(test, kvc_entry_expired(e, &now));
	now = 100;
	KUNIT_EXPECT_TRUE(test, kvc_entry_expired(e, &now));
	now = 0;
	KUNIT_EXPECT_TRUE(test, kvc_entry_expired(e, &now));
	KUNIT_EXPECT_GT(test, now, 100);
	kvc_entry_free(e);
}

static void entry_place_leaves_the_other_bits(struct kunit *test)
{
	struct kvc_entry *e = fixture_entry("k", "v");

	KUNIT_ASSERT_NOT_NULL(test, e);
	e->state = KVC_ENTRY_DIRTY | KVC_ENTRY_TOMBSTONE;
	kvc_entry_set_place(e, KVC_ENTRY_TIER);
	KUNIT_EXPECT_EQ(test, kvc_entry_place(e), KVC_ENTRY_TIER);
	kvc_entry_set_place(e, KVC_ENTRY_MEMTABLE);
	KUNIT_EXPECT_EQ(test, kvc_entry_place(e), KVC_ENTRY_MEMTABLE);
	KUNIT_EXPECT_TRUE(test, kvc_entry_is(e, KVC_ENTRY_DIRTY));
	KUNIT_EXPECT_TRUE(test, kvc_entry_is(e, KVC_ENTRY_TOMBSTONE));
	KUNIT_EXPECT_FALSE(test, kvc_entry_is(e, KVC_ENTRY_MAIN));
	kvc_entry_free(e);
}

static struct kunit_case entry_cases[] = {
	KUNIT_CASE(entry_has_room_for_key_and_value),
	KUNIT_CASE(entry_size_is_the_allocators),
	KUNIT_CASE(entry_keys_compare_as_bytes),
	KUNIT_CASE(entry_matches_only_its_key),
	KUNIT_CASE(entry_matches_by_every_byte),
	KUNIT_CASE(entry_visits_are_counted_to_the_maximum),
	KUNIT_CASE(entry_expires_at_its_moment),
	KUNIT_CASE(entry_place_leaves_the_other_bits),
	{}
};

static struct kunit_suite entry_suite = {
	.name = "kvc_entry",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.test_cases = entry_cases,
};

kunit_test_suite(entry_suite);
