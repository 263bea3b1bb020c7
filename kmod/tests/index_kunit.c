// SPDX-License-Identifier: GPL-2.0-only
#include <linux/lockdep.h>
#include "core/index.h"
#include "fixture.h"

#define PAIRS	1000

/**
 * struct indexed - an index and the entries in it
 * @lock: of the index
 * @index: the index
 * @entries: by number; the hash is scattered
 * @met: by number: how often a walk met it
 * @remove: a walk takes out what it meets
 */
struct indexed {
	spinlock_t lock;
	struct kvc_index index;
	struct kvc_entry *entries[PAIRS];
	unsigned int met[PAIRS];
	bool remove;
};

static int indexed_init(struct kunit *test)
{
	struct indexed *x = kzalloc(sizeof(*x), GFP_KERNEL);

	if (!x)
		return -ENOMEM;
	spin_lock_init(&x->lock);
	test->priv = x;
	return kvc_index_init(&x->index, &x->lock);
}

static void indexed_exit(struct kunit *test)
{
	struct indexed *x = test->priv;
	u32 i;

	kvc_index_exit(&x->index);
	for (i = 0; i < PAIRS; i++)
		if (x->entries[i])
			kvc_entry_free(x->entries[i]);
	kfree(x);
}

/* Every tenth pair shares its hash with the one before. */
static u32 hash_of(u32 i)
{
	return (i % 10 == 9 ? i - 1 : i) * 0x9e3779b1u;
}

static struct kvc_entry *entry_of(struct kunit *test, u32 i, const char *value)
{
	struct kvc_entry *e;
	char key[FIXTURE_KEY];

	e = fixture_entry(fixture_key(key, i), value);
	KUNIT_ASSERT_NOT_NULL(test, e);
	e->hash = hash_of(i);
	e->version = i;
	return e;
}

static void add(struct kunit *test, u32 from, u32 to)
{
	struct indexed *x = test->priv;
	u32 i;

	for (i = from; i < to; i++) {
		x->entries[i] = entry_of(test, i, "value");
		spin_lock(&x->lock);
		kvc_index_insert(&x->index, x->entries[i]);
		spin_unlock(&x->lock);
	}
}

static struct kvc_entry *find(struct indexed *x, u32 i)
{
	char key[FIXTURE_KEY];
	struct kvc_entry *e;

	fixture_key(key, i);
	rcu_read_lock();
	e = kvc_index_find(&x->index, hash_of(i), key, strlen(key));
	rcu_read_unlock();
	return e;
}

/* Those from @from to before @to are there, the others are not. */
static void expect_found(struct kunit *test, u32 from, u32 to)
{
	struct indexed *x = test->priv;
	struct kvc_entry *there;
	u32 i;

	for (i = 0; i < PAIRS; i++) {
		there = i >= from && i < to ? x->entries[i] : NULL;
		KUNIT_ASSERT_PTR_EQ(test, find(x, i), there);
	}
	spin_lock(&x->lock);
	i = x->index.count;
	spin_unlock(&x->lock);
	KUNIT_EXPECT_EQ(test, i, to - from);
}

static void index_finds_what_was_inserted(struct kunit *test)
{
	expect_found(test, 0, 0);
	add(test, 0, PAIRS);
	/* C1 */
	expect_found(test, 0, PAIRS);
}

static void index_removes(struct kunit *test)
{
	struct indexed *x = test->priv;
	u32 i;

	add(test, 0, PAIRS);
	for (i = 0; i < 500; i++) {
		spin_lock(&x->lock);
		kvc_index_remove(&x->index, x->entries[i]);
		spin_unlock(&x->lock);
	}
	expect_found(test, 500, PAIRS);
}

static void replace(struct kunit *test, u32 i)
{
	struct indexed *x = test->priv;
	struct kvc_entry *old = x->entries[i], *e = entry_of(test, i, "new");
	struct kvc_entry __rcu **slot;

	spin_lock(&x->lock);
	slot = kvc_index_slot(&x->index, e->hash, e->data, e->key_len);
	KUNIT_EXPECT_PTR_EQ(test, kvc_index_at(&x->index, slot), old);
	kvc_index_replace(&x->index, slot, e);
	spin_unlock(&x->lock);
	x->entries[i] = e;
	kvc_entry_free(old);
}

static void index_replaces(struct kunit *test)
{
	u32 i;

	add(test, 0, PAIRS);
	for (i = 0; i < PAIRS; i += 3)
		replace(test, i);
	expect_found(test, 0, PAIRS);
}

static void index_slot_of_an_absent_key(struct kunit *test)
{
	struct indexed *x = test->priv;
	struct kvc_entry __rcu **slot;

	add(test, 0, 10);
	spin_lock(&x->lock);
	slot = kvc_index_slot(&x->index, hash_of(8), "k", 1);
	KUNIT_EXPECT_NULL(test, slot);
	KUNIT_EXPECT_NULL(test, kvc_index_at(&x->index, slot));
	spin_unlock(&x->lock);
}

static u32 wanted(struct indexed *x)
{
	u32 buckets;

	spin_lock(&x->lock);
	buckets = kvc_index_wanted(&x->index);
	spin_unlock(&x->lock);
	return buckets;
}

static void begin(struct kunit *test, u32 buckets)
{
	struct indexed *x = test->priv;
	struct kvc_table *t = kvc_index_table_alloc(buckets);
	bool begun;

	KUNIT_ASSERT_NOT_NULL(test, t);
	spin_lock(&x->lock);
	begun = kvc_index_resize_begin(&x->index, t);
	spin_unlock(&x->lock);
	KUNIT_ASSERT_TRUE(test, begun);
}

static struct kvc_table *step(struct indexed *x, u32 buckets)
{
	struct kvc_table *old;

	spin_lock(&x->lock);
	old = kvc_index_resize_step(&x->index, buckets);
	spin_unlock(&x->lock);
	return old;
}

static void finish(struct kunit *test)
{
	struct kvc_table *old;
	u32 steps = 0;

	do {
		old = step(test->priv, 8);
	} while (!old && ++steps < PAIRS);
	KUNIT_ASSERT_NOT_NULL(test, old);
	synchronize_rcu();
	kvc_index_table_free(old);
}

static void index_grows(struct kunit *test)
{
	struct indexed *x = test->priv;

	add(test, 0, 64);
	KUNIT_EXPECT_EQ(test, wanted(x), 0);
	add(test, 64, PAIRS);
	KUNIT_EXPECT_EQ(test, wanted(x), 1024);
	begin(test, 1024);
	finish(test);
	expect_found(test, 0, PAIRS);
	KUNIT_EXPECT_EQ(test, wanted(x), 0);
}

static void index_shrinks(struct kunit *test)
{
	struct indexed *x = test->priv;
	u32 i;

	add(test, 0, PAIRS);
	begin(test, 1024);
	finish(test);
	for (i = 100; i < PAIRS; i++) {
		spin_lock(&x->lock);
		kvc_index_remove(&x->index, x->entries[i]);
		spin_unlock(&x->lock);
	}
	KUNIT_EXPECT_EQ(test, wanted(x), 128);
	begin(test, 128);
	finish(test);
	expect_found(test, 0, 100);
}

/* In the middle of a resize everything works, in both tables. */
static void index_works_while_it_is_resized(struct kunit *test)
{
	struct indexed *x = test->priv;
	u32 i;

	add(test, 0, 500);
	begin(test, 1024);
	KUNIT_EXPECT_NULL(test, step(x, 30));
	KUNIT_EXPECT_EQ(test, wanted(x), 0);
	expect_found(test, 0, 500);
	add(test, 500, PAIRS);
	expect_found(test, 0, PAIRS);
	for (i = 0; i < PAIRS; i += 7)
		replace(test, i);
	expect_found(test, 0, PAIRS);
	for (i = 0; i < 250; i++) {
		spin_lock(&x->lock);
		kvc_index_remove(&x->index, x->entries[i]);
		spin_unlock(&x->lock);
	}
	expect_found(test, 250, PAIRS);
	finish(test);
	expect_found(test, 250, PAIRS);
}

static void index_resizes_once_at_a_time(struct kunit *test)
{
	struct indexed *x = test->priv;
	struct kvc_table *t = kvc_index_table_alloc(256);
	bool begun;

	KUNIT_ASSERT_NOT_NULL(test, t);
	begin(test, 128);
	spin_lock(&x->lock);
	KUNIT_EXPECT_TRUE(test, kvc_index_resizing(&x->index));
	begun = kvc_index_resize_begin(&x->index, t);
	spin_unlock(&x->lock);
	KUNIT_EXPECT_FALSE(test, begun);
	kvc_index_table_free(t);
	finish(test);
	spin_lock(&x->lock);
	KUNIT_EXPECT_FALSE(test, kvc_index_resizing(&x->index));
	KUNIT_EXPECT_EQ(test, kvc_index_buckets(&x->index), 128);
	spin_unlock(&x->lock);
}

static void meet(void *arg, struct kvc_entry *e)
{
	struct indexed *x = arg;

	x->met[e->version]++;
	if (x->remove)
		kvc_index_remove(&x->index, e);
}

static void walk(struct indexed *x, u32 most)
{
	u32 at = 0;

	do {
		spin_lock(&x->lock);
		at = kvc_index_walk(&x->index, at, most, meet, x);
		spin_unlock(&x->lock);
	} while (at);
}

static void index_walk_meets_each_once(struct kunit *test)
{
	struct indexed *x = test->priv;
	u32 i;

	add(test, 0, 500);
	walk(x, 7);
	begin(test, 256);
	step(x, 30);
	add(test, 500, PAIRS);
	walk(x, 100);
	for (i = 0; i < PAIRS; i++)
		KUNIT_ASSERT_EQ(test, x->met[i], i < 500 ? 2 : 1);
	finish(test);
}

static void index_walk_may_remove(struct kunit *test)
{
	struct indexed *x = test->priv;

	add(test, 0, PAIRS);
	x->remove = true;
	walk(x, 3);
	expect_found(test, 0, 0);
}

static void index_counts_its_bytes(struct kunit *test)
{
	struct indexed *x = test->priv;
	size_t one, two;

	spin_lock(&x->lock);
	one = kvc_index_bytes(&x->index);
	spin_unlock(&x->lock);
	begin(test, 128);
	spin_lock(&x->lock);
	two = kvc_index_bytes(&x->index);
	spin_unlock(&x->lock);
	KUNIT_EXPECT_EQ(test, one, sizeof(struct kvc_table) +
			64 * sizeof(void *));
	KUNIT_EXPECT_EQ(test, two - one, sizeof(struct kvc_table) +
			128 * sizeof(void *));
	finish(test);
}

static struct kunit_case index_cases[] = {
	KUNIT_CASE(index_finds_what_was_inserted),
	KUNIT_CASE(index_removes),
	KUNIT_CASE(index_replaces),
	KUNIT_CASE(index_slot_of_an_absent_key),
	KUNIT_CASE(index_grows),
	KUNIT_CASE(index_shrinks),
	KUNIT_CASE(index_works_while_it_is_resized),
	KUNIT_CASE(index_resizes_once_at_a_time),
	KUNIT_CASE(index_walk_meets_each_once),
	KUNIT_CASE(index_walk_may_remove),
	KUNIT_CASE(index_counts_its_bytes),
	{}
};

static struct kunit_suite index_suite = {
	.name = "kvc_index",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = indexed_init,
	.exit = indexed_exit,
	.test_cases = index_cases,
};

kunit_test_suite(index_suite);
