// SPDX-License-Identifier: GPL-2.0-only
#include "core/limbo.h"
#include "fixture.h"

/* A grace period is over long before this many. */
#define PERIODS	1000

static void retire(struct kunit *test, struct kvc_limbo *l, unsigned int n)
{
	struct kvc_entry *e;

	while (n--) {
		e = fixture_entry("key", "value");
		KUNIT_ASSERT_NOT_NULL(test, e);
		kvc_limbo_retire(l, e);
		KUNIT_EXPECT_EQ(test, kvc_entry_place(e), KVC_ENTRY_DEAD);
	}
}

static unsigned int chain_length(const struct kvc_entry *chain)
{
	unsigned int n = 0;

	for (; chain; chain = chain->limbo)
		n++;
	return n;
}

static struct kvc_entry *reap(struct kvc_limbo *l, unsigned int most)
{
	struct kvc_entry *chain = NULL;
	unsigned int i;

	for (i = 0; !chain && i < PERIODS; i++) {
		synchronize_rcu();
		chain = kvc_limbo_reap(l, most);
	}
	return chain;
}

static void limbo_waits_for_readers(struct kunit *test)
{
	struct kvc_limbo l = {};
	struct kvc_entry *chain;
	unsigned int i, reaped = 0;

	rcu_read_lock();
	/* An entry of before, and one of after the period was begun */
	kvc_limbo_retire(&l, test->priv);
	for (i = 0; i < PERIODS; i++)
		reaped += chain_length(kvc_limbo_reap(&l, 10));
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, reaped, 0);
	chain = reap(&l, 10);
	KUNIT_EXPECT_PTR_EQ(test, chain, test->priv);
	kvc_limbo_free(chain);
	KUNIT_EXPECT_NULL(test, kvc_limbo_reap(&l, 10));
}

static int entry_init(struct kunit *test)
{
	test->priv = fixture_entry("key", "value");
	return test->priv ? 0 : -ENOMEM;
}

static void limbo_reaps_no_more_than_asked(struct kunit *test)
{
	struct kvc_limbo l = {};
	struct kvc_entry *chain;
	size_t size = kvc_entry_size(test->priv);
	unsigned int n, left = 10;

	kvc_limbo_retire(&l, test->priv);
	retire(test, &l, left - 1);
	KUNIT_EXPECT_EQ(test, l.bytes, left * size);
	while (left) {
		chain = reap(&l, 3);
		n = chain_length(chain);
		KUNIT_ASSERT_GT(test, n, 0);
		KUNIT_EXPECT_LE(test, n, 3);
		left -= n;
		KUNIT_EXPECT_EQ(test, l.bytes, left * size);
		kvc_limbo_free(chain);
	}
	KUNIT_EXPECT_NULL(test, kvc_limbo_reap(&l, 3));
}

/* What was retired later has a grace period of its own. */
static void limbo_keeps_generations_apart(struct kunit *test)
{
	struct kvc_limbo l = {};
	struct kvc_entry *chain, *later = fixture_entry("key", "later");

	KUNIT_ASSERT_NOT_NULL(test, later);
	kvc_limbo_retire(&l, test->priv);
	/* Begins the first one's grace period, and takes nothing. */
	KUNIT_EXPECT_NULL(test, kvc_limbo_reap(&l, 0));
	synchronize_rcu();
	rcu_read_lock();
	kvc_limbo_retire(&l, later);
	chain = kvc_limbo_reap(&l, 10);
	rcu_read_unlock();
	KUNIT_EXPECT_PTR_EQ(test, chain, test->priv);
	KUNIT_EXPECT_EQ(test, chain_length(chain), 1);
	kvc_limbo_free(chain);
	chain = reap(&l, 10);
	KUNIT_EXPECT_PTR_EQ(test, chain, later);
	kvc_limbo_free(chain);
}

static struct kunit_case limbo_cases[] = {
	KUNIT_CASE(limbo_waits_for_readers),
	KUNIT_CASE(limbo_reaps_no_more_than_asked),
	KUNIT_CASE(limbo_keeps_generations_apart),
	{}
};

static struct kunit_suite limbo_suite = {
	.name = "kvc_limbo",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = entry_init,
	.test_cases = limbo_cases,
};

kunit_test_suite(limbo_suite);
