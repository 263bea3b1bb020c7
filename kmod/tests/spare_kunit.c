// SPDX-License-Identifier: GPL-2.0-only
#include "core/spare.h"
#include "fixture.h"

#define PAYER	1
#define OTHER	2
/* What waits is looked at now and then: this often is more than enough. */
#define ROUNDS	100

static struct kvc_entry *put_as(struct kunit *test, u64 payer, u32 value_len)
{
	static const struct kvc_cond always;
	struct fixture *f = test->priv;
	struct kvc_entry *e;
	u64 now = 0;

	e = kvc_spare_take(f->cache, payer, 1, value_len) ?:
	    kvc_entry_alloc(1, value_len);
	KUNIT_ASSERT_NOT_NULL(test, e);
	memset(e->data, 'k', 1 + value_len);
	e->hash = kvc_cache_hash(f->cache, "k", 1);
	KUNIT_ASSERT_EQ(test, kvc_cache_put(f->cache, e, &always, &now,
					    &f->version), 0);
	return e;
}

/* Overwrites until something is kept, which a grace period comes before. */
static struct kvc_entry *fill_spare(struct kunit *test, u32 value_len)
{
	struct fixture *f = test->priv;
	struct kvc_entry *e = NULL;
	unsigned int i;

	for (i = 0; i < ROUNDS && !kvc_spare_bytes(f->cache); i++) {
		e = put_as(test, PAYER, value_len);
		synchronize_rcu();
	}
	KUNIT_ASSERT_GT(test, kvc_spare_bytes(f->cache), 0);
	return e;
}

static u64 deferred(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct kvc_stats st;

	fixture_stats(f, &st);
	return st.bytes_deferred;
}

static bool uses_again(struct kunit *test, u64 payer, u32 value_len)
{
	struct fixture *f = test->priv;
	struct kvc_entry *e = kvc_spare_take(f->cache, payer, 1, value_len);

	if (!e)
		return false;
	KUNIT_EXPECT_EQ(test, e->key_len, 1);
	KUNIT_EXPECT_EQ(test, e->value_len, value_len);
	KUNIT_EXPECT_EQ(test, kvc_entry_place(e), KVC_ENTRY_NEW);
	KUNIT_EXPECT_EQ(test, e->version, 0);
	KUNIT_EXPECT_EQ(test, e->expiry, 0);
	kvc_entry_free(e);
	return true;
}

static void spare_is_of_the_same_size(struct kunit *test)
{
	fixture_cache(test, KVC_MODE_CACHE);
	fill_spare(test, 40);
	KUNIT_EXPECT_FALSE(test, uses_again(test, PAYER, 140));
	KUNIT_EXPECT_FALSE(test, uses_again(test, PAYER, 4000));
	KUNIT_EXPECT_TRUE(test, uses_again(test, PAYER, 40));
}

/* A second one's memory may not be charged to the first, nor the reverse. */
static void spare_has_one_payer(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);

	fill_spare(test, 40);
	KUNIT_EXPECT_FALSE(test, uses_again(test, OTHER, 40));
	KUNIT_EXPECT_FALSE(test, uses_again(test, PAYER, 40));
	KUNIT_EXPECT_FALSE(test, kvc_spare_wanted(f->cache));
	kvc_cache_maintain(f->cache);
	KUNIT_EXPECT_EQ(test, kvc_spare_bytes(f->cache), 0);
}

static void spare_is_given_back(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);
	unsigned int i;

	fill_spare(test, 40);
	put_as(test, PAYER, 40);
	KUNIT_EXPECT_GT(test, deferred(test), 0);
	for (i = 0; i < ROUNDS && deferred(test); i++) {
		kvc_cache_maintain(f->cache);
		synchronize_rcu();
	}
	KUNIT_EXPECT_EQ(test, deferred(test), 0);
	KUNIT_EXPECT_EQ(test, kvc_cache_maintain(f->cache), 0);
}

/* What writers used lately stays, but not when memory is short. */
static void spare_is_kept_while_used(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);

	fill_spare(test, 40);
	KUNIT_EXPECT_TRUE(test, uses_again(test, PAYER, 40));
	fill_spare(test, 40);
	kvc_cache_maintain(f->cache);
	KUNIT_EXPECT_GT(test, kvc_spare_bytes(f->cache), 0);
	KUNIT_EXPECT_TRUE(test, uses_again(test, PAYER, 40));
	fill_spare(test, 40);
	kvc_cache_shrink(f->cache, 1);
	kvc_cache_maintain(f->cache);
	KUNIT_EXPECT_EQ(test, kvc_spare_bytes(f->cache), 0);
}

static void spare_is_bounded(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_CACHE);
	struct kvc_entry *e, *chain = NULL;
	unsigned int i;

	put_as(test, PAYER, 40);
	for (i = 0; i < 2 * KVC_SPARE_MOST; i++) {
		e = kvc_entry_alloc(1, 40);
		KUNIT_ASSERT_NOT_NULL(test, e);
		e->limbo = chain;
		chain = e;
	}
	kvc_spare_give(f->cache, chain);
	KUNIT_EXPECT_EQ(test, kvc_spare_bytes(f->cache),
			KVC_SPARE_MOST * kvc_pool_size(NULL,
						       kvc_entry_bytes(1, 40)));
}

/* Tombstones are charged to whoever deletes. */
static void spare_is_not_of_write_behind(struct kunit *test)
{
	struct fixture *f = fixture_cache(test, KVC_MODE_WRITEBEHIND);

	KUNIT_EXPECT_FALSE(test, uses_again(test, PAYER, 40));
	KUNIT_EXPECT_FALSE(test, kvc_spare_wanted(f->cache));
}

static struct kunit_case spare_cases[] = {
	KUNIT_CASE(spare_is_of_the_same_size),
	KUNIT_CASE(spare_has_one_payer),
	KUNIT_CASE(spare_is_given_back),
	KUNIT_CASE(spare_is_kept_while_used),
	KUNIT_CASE(spare_is_bounded),
	KUNIT_CASE(spare_is_not_of_write_behind),
	{}
};

static struct kunit_suite spare_suite = {
	.name = "kvc_spare",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = spare_cases,
};

kunit_test_suite(spare_suite);
