// SPDX-License-Identifier: GPL-2.0-only
#include "core/memtable.h"
#include "fixture.h"

static int memtable_init(struct kunit *test)
{
	test->priv = kzalloc(sizeof(struct kvc_memtable), GFP_KERNEL);
	return test->priv ? 0 : -ENOMEM;
}

static void memtable_exit(struct kunit *test)
{
	struct kvc_memtable *m = test->priv;
	struct kvc_entry *e;

	while ((e = kvc_memtable_seek(m, NULL, 0, false))) {
		kvc_memtable_remove(m, e);
		kvc_entry_free(e);
	}
	kfree(m);
}

static struct kvc_entry *add(struct kunit *test, const char *key)
{
	struct kvc_entry *e = fixture_entry(key, "value");

	KUNIT_ASSERT_NOT_NULL(test, e);
	kvc_memtable_insert(test->priv, e);
	return e;
}

static bool key_is(const struct kvc_entry *e, const char *key)
{
	return e && e->key_len == strlen(key) &&
	       !memcmp(e->data, key, e->key_len);
}

/* One step of a full cycle: every number below a prime, scrambled */
#define PRIME	997
static u32 scrambled(u32 i)
{
	return i * 389 % PRIME;
}

static void expect_sorted(struct kunit *test, struct kvc_memtable *m,
			  u32 entries)
{
	struct kvc_entry *e;
	char key[FIXTURE_KEY];
	u32 i = 0;

	for (e = kvc_memtable_seek(m, NULL, 0, false); e;
	     e = kvc_memtable_next(e))
		KUNIT_ASSERT_TRUE(test, key_is(e, fixture_key(key, i++)));
	KUNIT_EXPECT_EQ(test, i, entries);
	KUNIT_EXPECT_EQ(test, m->entries, entries);
}

static void memtable_is_sorted(struct kunit *test)
{
	struct kvc_memtable *m = test->priv;
	char key[FIXTURE_KEY];
	struct kvc_entry *e;
	size_t size = 0;
	u32 i;

	for (i = 0; i < PRIME; i++) {
		e = add(test, fixture_key(key, scrambled(i)));
		size = kvc_entry_size(e);
		KUNIT_ASSERT_EQ(test, kvc_entry_place(e), KVC_ENTRY_MEMTABLE);
	}
	/* C1 */
	expect_sorted(test, m, PRIME);
	KUNIT_EXPECT_EQ(test, m->bytes, PRIME * size);
}

static void memtable_seeks(struct kunit *test)
{
	struct kvc_memtable *m = test->priv;

	KUNIT_EXPECT_NULL(test, kvc_memtable_seek(m, "a", 1, false));
	add(test, "bb");
	add(test, "d");
	add(test, "b");
	KUNIT_EXPECT_TRUE(test, key_is(kvc_memtable_seek(m, "", 0, false), "b"));
	KUNIT_EXPECT_TRUE(test, key_is(kvc_memtable_seek(m, "", 0, true), "b"));
	KUNIT_EXPECT_TRUE(test, key_is(kvc_memtable_seek(m, "b", 1, false), "b"));
	KUNIT_EXPECT_TRUE(test, key_is(kvc_memtable_seek(m, "b", 1, true), "bb"));
	KUNIT_EXPECT_TRUE(test, key_is(kvc_memtable_seek(m, "c", 1, false), "d"));
	KUNIT_EXPECT_TRUE(test, key_is(kvc_memtable_seek(m, "c", 1, true), "d"));
	KUNIT_EXPECT_NULL(test, kvc_memtable_seek(m, "d", 1, true));
	KUNIT_EXPECT_NULL(test, kvc_memtable_seek(m, "da", 2, false));
}

static void memtable_replaces_in_place(struct kunit *test)
{
	struct kvc_memtable *m = test->priv;
	struct kvc_entry *old, *e = fixture_entry("b", "quite another value");

	KUNIT_ASSERT_NOT_NULL(test, e);
	add(test, "a");
	old = add(test, "b");
	add(test, "c");
	WRITE_ONCE(old->ref, 1);
	kvc_memtable_replace(m, old, e);
	KUNIT_EXPECT_EQ(test, m->entries, 3);
	KUNIT_EXPECT_EQ(test, m->bytes, 2 * kvc_entry_size(old) +
			kvc_entry_size(e));
	KUNIT_EXPECT_EQ(test, e->ref, 1);
	KUNIT_EXPECT_PTR_EQ(test, kvc_memtable_seek(m, "b", 1, false), e);
	KUNIT_EXPECT_TRUE(test, key_is(kvc_memtable_next(e), "c"));
	kvc_entry_free(old);
}

static void expect_victim(struct kunit *test, const struct kvc_entry *keep,
			  const char *key)
{
	struct kvc_memtable *m = test->priv;
	struct kvc_entry *e = kvc_memtable_victim(m, keep);

	KUNIT_ASSERT_NOT_NULL(test, e);
	KUNIT_EXPECT_TRUE_MSG(test, key_is(e, key), "%.*s, not %s", e->key_len,
			      (const char *)e->data, key);
	kvc_memtable_remove(m, e);
	kvc_entry_free(e);
}

static void memtable_clock_spares_the_visited_once(struct kunit *test)
{
	struct kvc_entry *b, *d;

	add(test, "a");
	b = add(test, "b");
	add(test, "c");
	d = add(test, "d");
	WRITE_ONCE(b->ref, 1);
	WRITE_ONCE(d->ref, 1);
	expect_victim(test, NULL, "a");
	expect_victim(test, NULL, "c");
	/* The hand is past c; what comes behind it waits for the next round. */
	add(test, "aa");
	expect_victim(test, NULL, "aa");
	expect_victim(test, NULL, "b");
	expect_victim(test, NULL, "d");
	KUNIT_EXPECT_NULL(test, kvc_memtable_victim(test->priv, NULL));
}

static void memtable_victim_keeps_what_must_stay(struct kunit *test)
{
	struct kvc_memtable *m = test->priv;
	struct kvc_entry *keep = add(test, "a");
	struct kvc_entry *dirty = add(test, "b");

	dirty->state |= KVC_ENTRY_DIRTY;
	KUNIT_EXPECT_NULL(test, kvc_memtable_victim(m, keep));
	add(test, "c");
	expect_victim(test, keep, "c");
	KUNIT_EXPECT_NULL(test, kvc_memtable_victim(m, keep));
	expect_victim(test, NULL, "a");
	KUNIT_EXPECT_NULL(test, kvc_memtable_victim(m, NULL));
}

/* All visited: one is taken all the same. */
static void memtable_always_finds_a_victim(struct kunit *test)
{
	struct kvc_memtable *m = test->priv;
	char key[FIXTURE_KEY];
	u32 i;

	for (i = 0; i < 500; i++)
		WRITE_ONCE(add(test, fixture_key(key, i))->ref, 1);
	KUNIT_EXPECT_NOT_NULL(test, kvc_memtable_victim(m, NULL));
}

static void memtable_hand_survives_its_entry(struct kunit *test)
{
	struct kvc_memtable *m = test->priv;
	struct kvc_entry *b, *c, *new = fixture_entry("c", "new");

	KUNIT_ASSERT_NOT_NULL(test, new);
	add(test, "a");
	b = add(test, "b");
	c = add(test, "c");
	add(test, "d");
	expect_victim(test, NULL, "a");
	/* The hand is at b. */
	kvc_memtable_remove(m, b);
	kvc_memtable_replace(m, c, new);
	kvc_entry_free(b);
	kvc_entry_free(c);
	expect_victim(test, NULL, "c");
	expect_victim(test, NULL, "d");
}

static void memtable_seal_hands_all_over(struct kunit *test)
{
	struct kvc_memtable *m = test->priv, sealed;
	struct kvc_entry *e;
	char key[FIXTURE_KEY];
	size_t bytes;
	u32 i;

	for (i = 0; i < PRIME; i++)
		add(test, fixture_key(key, scrambled(i)));
	bytes = m->bytes;
	kvc_memtable_victim(m, NULL);
	kvc_memtable_seal(m, &sealed);
	expect_sorted(test, &sealed, PRIME);
	KUNIT_EXPECT_EQ(test, sealed.bytes, bytes);
	KUNIT_EXPECT_EQ(test, m->entries, 0);
	KUNIT_EXPECT_EQ(test, m->bytes, 0);
	KUNIT_EXPECT_NULL(test, kvc_memtable_victim(m, NULL));
	e = add(test, "k");
	KUNIT_EXPECT_EQ(test, m->entries, 1);
	KUNIT_EXPECT_EQ(test, sealed.entries, PRIME);
	kvc_memtable_remove(m, e);
	kvc_entry_free(e);
	*m = sealed;
}

static struct kunit_case memtable_cases[] = {
	KUNIT_CASE(memtable_is_sorted),
	KUNIT_CASE(memtable_seeks),
	KUNIT_CASE(memtable_replaces_in_place),
	KUNIT_CASE(memtable_clock_spares_the_visited_once),
	KUNIT_CASE(memtable_victim_keeps_what_must_stay),
	KUNIT_CASE(memtable_always_finds_a_victim),
	KUNIT_CASE(memtable_hand_survives_its_entry),
	KUNIT_CASE(memtable_seal_hands_all_over),
	{}
};

static struct kunit_suite memtable_suite = {
	.name = "kvc_memtable",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = memtable_init,
	.exit = memtable_exit,
	.test_cases = memtable_cases,
};

kunit_test_suite(memtable_suite);
