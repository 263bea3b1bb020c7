// SPDX-License-Identifier: GPL-2.0-only
/* Lists of entries: sorted, and merged into one */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include "core/merge.h"
#include "fixture.h"

#define LISTS	5
#define KEYS	600

/* Lists of entries, which are freed with the case */
struct lists {
	struct kvc_memtable tree[LISTS];
	struct kvc_held held[LISTS];
	struct kvc_merge merge;
};

static int merge_init(struct kunit *test)
{
	test->priv = kzalloc(sizeof(struct lists), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void free_list(struct kvc_memtable *tree, struct kvc_held *held)
{
	struct kvc_entry *e;

	while ((e = kvc_memtable_first(tree))) {
		kvc_memtable_remove(tree, e);
		kvc_entry_free(e);
	}
	while (held->count)
		kvc_entry_free(held->at[--held->count].e);
	kvc_held_exit(held);
}

static void merge_exit(struct kunit *test)
{
	struct lists *l = test->priv;
	unsigned int i;

	for (i = 0; i < LISTS; i++)
		free_list(&l->tree[i], &l->held[i]);
	kvc_merge_exit(&l->merge);
	kfree(l);
}

static struct kvc_entry *entry(struct kunit *test, const char *key, u64 version)
{
	struct kvc_entry *e = fixture_entry(key, "value");

	KUNIT_ASSERT_FALSE(test, !e);
	e->version = version;
	return e;
}

/* The two lists of a run, with a key in both */
static void merge_newer_wins(struct kunit *test)
{
	static const char *const want[] = { "a", "b", "b!", "c", "d", "e" };
	static const u64 versions[] = { 1, 7, 2, 6, 3, 5 };
	struct lists *l = test->priv;
	struct kvc_held *held = &l->held[0];
	struct kvc_entry *e;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, kvc_held_init(held, 4), 0);
	kvc_held_add(held, entry(test, "e", 5));
	kvc_held_add(held, entry(test, "c", 6));
	kvc_held_add(held, entry(test, "b", 4));
	kvc_held_add(held, entry(test, "a", 1));
	KUNIT_EXPECT_FALSE(test, kvc_held_add(held, NULL));
	kvc_held_sort(held);
	kvc_memtable_insert(&l->tree[0], entry(test, "d", 3));
	kvc_memtable_insert(&l->tree[0], entry(test, "b", 7));
	kvc_memtable_insert(&l->tree[0], entry(test, "c", 2));
	kvc_memtable_insert(&l->tree[0], entry(test, "b!", 2));
	KUNIT_ASSERT_EQ(test, kvc_merge_init(&l->merge, 2), 0);
	kvc_merge_add_held(&l->merge, held);
	kvc_merge_add_tree(&l->merge, &l->tree[0]);
	kvc_merge_begin(&l->merge);
	/* L4 */
	for (i = 0; (e = kvc_merge_peek(&l->merge)); i++) {
		KUNIT_ASSERT_LT(test, i, ARRAY_SIZE(want));
		KUNIT_EXPECT_EQ(test, kvc_entry_compare(e, want[i],
							strlen(want[i])), 0);
		KUNIT_EXPECT_EQ(test, e->version, versions[i]);
		kvc_merge_next(&l->merge);
	}
	KUNIT_EXPECT_EQ(test, i, ARRAY_SIZE(want));
}

/* Keys of all lengths up to 20, many alike; returns the length. */
static u32 make_key(char *key, u32 *random)
{
	u32 len = 1 + fixture_random(random) % 20, i;

	for (i = 0; i < len; i++)
		key[i] = fixture_random(random) % 3 ? 'x' : 'a' +
			 fixture_random(random) % 4;
	key[len] = 0;
	return len;
}

static void fill_list(struct kunit *test, struct lists *l, u32 i, u32 *random)
{
	struct kvc_entry *e, *there;
	char key[24];
	u32 n, len;

	KUNIT_ASSERT_EQ(test, kvc_held_init(&l->held[i], KEYS), 0);
	for (n = 0; n < KEYS; n++) {
		len = make_key(key, random);
		there = kvc_memtable_seek(&l->tree[i], key, len, false);
		if (there && !kvc_entry_compare(there, key, len))
			continue;
		e = entry(test, key, i + 1);
		kvc_memtable_insert(&l->tree[i], e);
	}
}

/* Some of the lists become arrays, in another order. */
static void to_held(struct kvc_memtable *tree, struct kvc_held *held)
{
	struct kvc_entry *e;

	while ((e = kvc_memtable_victim(tree, NULL))) {
		tree->hand = tree->hand ? rb_next(tree->hand) : NULL;
		kvc_memtable_remove(tree, e);
		kvc_held_add(held, e);
	}
	kvc_held_sort(held);
}

static void merge_of_many_lists(struct kunit *test)
{
	struct lists *l = test->priv;
	struct kvc_entry *e, *last = NULL, *other;
	u32 random = 1, i, seen = 0;

	for (i = 0; i < LISTS; i++)
		fill_list(test, l, i, &random);
	KUNIT_ASSERT_EQ(test, kvc_merge_init(&l->merge, LISTS), 0);
	for (i = 0; i < LISTS; i++) {
		if (i % 2)
			to_held(&l->tree[i], &l->held[i]);
		if (i % 2)
			kvc_merge_add_held(&l->merge, &l->held[i]);
		else
			kvc_merge_add_tree(&l->merge, &l->tree[i]);
	}
	kvc_merge_begin(&l->merge);
	for (; (e = kvc_merge_peek(&l->merge)); last = e, seen++) {
		KUNIT_ASSERT_TRUE(test, !last ||
				  kvc_entry_compare(last, e->data,
						    e->key_len) < 0);
		/* L4: no list has a newer one. */
		for (i = e->version; i < LISTS; i++) {
			other = i % 2 ? NULL :
				kvc_memtable_seek(&l->tree[i], e->data,
						  e->key_len, false);
			KUNIT_EXPECT_FALSE(test, other &&
					   !kvc_entry_compare(other, e->data,
							      e->key_len));
		}
		kvc_merge_next(&l->merge);
	}
	KUNIT_EXPECT_GT(test, seen, KEYS);
}

/* Whatever order keys come in, and however much of them is alike */
static void held_sorts(struct kunit *test)
{
	static const char *const prefix[] = { "", "a long common beginning " };
	struct lists *l = test->priv;
	struct kvc_held *h = &l->held[0];
	char key[64];
	u32 n, i;

	for (n = 0; n < 200; n++) {
		KUNIT_ASSERT_EQ(test, kvc_held_init(h, n), 0);
		for (i = 0; i < n; i++) {
			snprintf(key, sizeof(key), "%s%u", prefix[n % 2],
				 n % 3 ? i * 7919 % n * 8 + i % 8 :
				 n % 4 ? i : n - i);
			kvc_held_add(h, entry(test, key, 1));
		}
		kvc_held_sort(h);
		for (i = 1; i < n; i++)
			KUNIT_ASSERT_LE(test,
					kvc_entry_compare(h->at[i - 1].e,
							  h->at[i].e->data,
							  h->at[i].e->key_len),
					0);
		free_list(&l->tree[0], h);
	}
}

static struct kunit_case merge_cases[] = {
	KUNIT_CASE(merge_newer_wins),
	KUNIT_CASE(merge_of_many_lists),
	KUNIT_CASE(held_sorts),
	{}
};

static struct kunit_suite merge_suite = {
	.name = "kvc_merge",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = merge_init,
	.exit = merge_exit,
	.test_cases = merge_cases,
};

kunit_test_suite(merge_suite);
