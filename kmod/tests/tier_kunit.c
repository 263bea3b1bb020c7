// SPDX-License-Identifier: GPL-2.0-only
#include "core/tier.h"
#include "fixture.h"

#define PAIRS	20

/**
 * struct walked - a tier, its entries and how often a walk met each
 * @tier: the tier
 * @entries: by number, which is their hash too
 * @met: by number
 */
struct walked {
	struct kvc_tier tier;
	struct kvc_entry *entries[PAIRS];
	unsigned int met[PAIRS];
};

static struct walked *walked_begin(struct kunit *test, u32 policy)
{
	struct walked *w = kzalloc(sizeof(*w), GFP_KERNEL);
	char key[FIXTURE_KEY];
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, w);
	test->priv = w;
	KUNIT_ASSERT_EQ(test, kvc_tier_init(&w->tier, kvc_policy_lookup(policy),
					    64), 0);
	for (i = 0; i < PAIRS; i++) {
		w->entries[i] = fixture_entry(fixture_key(key, i), "value");
		KUNIT_ASSERT_NOT_NULL(test, w->entries[i]);
		w->entries[i]->hash = i;
		kvc_tier_insert(&w->tier, w->entries[i]);
	}
	return w;
}

static void walked_exit(struct kunit *test)
{
	struct walked *w = test->priv;
	u32 i;

	if (!w)
		return;
	for (i = 0; i < PAIRS; i++)
		kvc_entry_free(w->entries[i]);
	kvc_tier_exit(&w->tier);
	kfree(w);
}

static void tier_counts_bytes_and_entries(struct kunit *test)
{
	struct walked *w = walked_begin(test, KVC_POLICY_FIFO);
	size_t size = kvc_entry_size(w->entries[0]);

	KUNIT_EXPECT_EQ(test, w->tier.entries, PAIRS);
	KUNIT_EXPECT_EQ(test, w->tier.bytes, PAIRS * size);
	KUNIT_EXPECT_EQ(test, kvc_entry_place(w->entries[0]), KVC_ENTRY_TIER);
	kvc_tier_remove(&w->tier, w->entries[3]);
	KUNIT_EXPECT_EQ(test, w->tier.entries, PAIRS - 1);
	KUNIT_EXPECT_EQ(test, w->tier.bytes, (PAIRS - 1) * size);
	KUNIT_EXPECT_PTR_EQ(test, kvc_tier_victim(&w->tier), w->entries[0]);
	KUNIT_EXPECT_EQ(test, w->tier.bytes, (PAIRS - 2) * size);
}

static void tier_replace_keeps_the_visits(struct kunit *test)
{
	struct walked *w = walked_begin(test, KVC_POLICY_S3FIFO);
	struct kvc_entry *old = w->entries[0], *e;
	size_t bytes = w->tier.bytes;

	e = fixture_entry("k0000000", "a much longer value than there was");
	KUNIT_ASSERT_NOT_NULL(test, e);
	kvc_entry_visit(old, 3);
	kvc_tier_replace(&w->tier, old, e);
	KUNIT_EXPECT_EQ(test, e->ref, 2);
	KUNIT_EXPECT_EQ(test, w->tier.entries, PAIRS);
	KUNIT_EXPECT_EQ(test, w->tier.bytes,
			bytes + kvc_entry_size(e) - kvc_entry_size(old));
	KUNIT_EXPECT_EQ(test, w->tier.small_bytes, w->tier.bytes);
	w->entries[0] = e;
	kvc_entry_free(old);
}

static void tier_victim_begins_anew(struct kunit *test)
{
	struct walked *w = walked_begin(test, KVC_POLICY_FIFO);
	struct kvc_entry *e;

	kvc_entry_visit(w->entries[0], 3);
	e = kvc_tier_victim(&w->tier);
	KUNIT_EXPECT_PTR_EQ(test, e, w->entries[0]);
	KUNIT_EXPECT_EQ(test, e->ref, 0);
}

static void tier_any_ends_with_the_entries(struct kunit *test)
{
	struct walked *w = walked_begin(test, KVC_POLICY_S3FIFO);
	unsigned int seen = 0;
	struct kvc_entry *e;

	/* Two in the main queue, the others in the small one */
	WRITE_ONCE(w->entries[0]->ref, 3);
	WRITE_ONCE(w->entries[1]->ref, 3);
	KUNIT_EXPECT_PTR_EQ(test, kvc_tier_victim(&w->tier), w->entries[2]);
	while ((e = kvc_tier_any(&w->tier))) {
		kvc_tier_remove(&w->tier, e);
		seen++;
	}
	KUNIT_EXPECT_EQ(test, seen, PAIRS - 1);
	KUNIT_EXPECT_EQ(test, w->tier.bytes, 0);
}

static void meet(void *arg, struct kvc_entry *e)
{
	struct walked *w = arg;

	w->met[e->hash]++;
}

/* Two at a time, with @between after each step */
static void walk(struct walked *w,
		 void (*between)(struct walked *w, unsigned int step))
{
	struct kvc_tier_cursor cursor;
	unsigned int step = 0;

	kvc_tier_walk_begin(&w->tier, &cursor);
	while (kvc_tier_walk(&w->tier, &cursor, 2, meet, w) &&
	       step < 10 * PAIRS)
		between(w, step++);
	kvc_tier_walk_end(&cursor);
}

static void nothing(struct walked *w, unsigned int step)
{
}

static void tier_walk_meets_each_once(struct kunit *test)
{
	struct walked *w = walked_begin(test, KVC_POLICY_S3FIFO);
	u32 i;

	/* Both queues have some. */
	WRITE_ONCE(w->entries[0]->ref, 3);
	WRITE_ONCE(w->entries[5]->ref, 3);
	for (i = 0; i < 8; i++)
		kvc_tier_victim(&w->tier);
	for (i = 0; i < 8; i++)
		if (i != 0 && i != 5)
			kvc_tier_insert(&w->tier, w->entries[i]);
	for (; w->tier.entries < PAIRS; i++)
		kvc_tier_insert(&w->tier, w->entries[i]);
	walk(w, nothing);
	for (i = 0; i < PAIRS; i++)
		KUNIT_EXPECT_EQ_MSG(test, w->met[i], 1, "entry %u", i);
}

/* The one that would come next leaves, and comes back at the front. */
static void remove_next(struct walked *w, unsigned int step)
{
	u32 next = 3 * step + 2;

	if (step >= 3)
		return;
	kvc_tier_remove(&w->tier, w->entries[next]);
	kvc_tier_insert(&w->tier, w->entries[next]);
}

static void tier_walk_steps_aside_for_removals(struct kunit *test)
{
	struct walked *w = walked_begin(test, KVC_POLICY_FIFO);
	u32 i;

	walk(w, remove_next);
	for (i = 0; i < PAIRS; i++)
		KUNIT_EXPECT_EQ_MSG(test, w->met[i], 1, "entry %u", i);
}

static void hit_all(struct walked *w, unsigned int step)
{
	kvc_tier_hit(&w->tier, w->entries[step % PAIRS]);
	kvc_tier_hit(&w->tier, w->entries[(step + 3) % PAIRS]);
}

static void tier_walk_meets_what_hits_move(struct kunit *test)
{
	struct walked *w = walked_begin(test, KVC_POLICY_LRU);
	u32 i;

	walk(w, hit_all);
	for (i = 0; i < PAIRS; i++)
		KUNIT_EXPECT_GE_MSG(test, w->met[i], 1, "entry %u", i);
}

/* Without a step aside the cursor would follow its entry to where it ends. */
static void tier_walk_stays_on_the_front_when_it_is_hit(struct kunit *test)
{
	struct walked *w = walked_begin(test, KVC_POLICY_LRU);
	struct kvc_tier_cursor cursor;

	kvc_tier_walk_begin(&w->tier, &cursor);
	KUNIT_EXPECT_TRUE(test, kvc_tier_walk(&w->tier, &cursor, PAIRS - 1,
					      meet, w));
	KUNIT_EXPECT_EQ(test, w->met[PAIRS - 1], 0);
	kvc_tier_hit(&w->tier, w->entries[PAIRS - 1]);
	kvc_tier_walk(&w->tier, &cursor, PAIRS, meet, w);
	kvc_tier_walk_end(&cursor);
	KUNIT_EXPECT_EQ(test, w->met[PAIRS - 1], 1);
}

/* Entries move on to the main queue, and one leaves at each step. */
static void promote_some(struct walked *w, unsigned int step)
{
	struct kvc_entry *e;

	if (step >= 4)
		return;
	WRITE_ONCE(w->entries[PAIRS - 1 - step]->ref, 3);
	WRITE_ONCE(w->entries[2 * step]->ref, 3);
	e = kvc_tier_victim(&w->tier);
	kvc_tier_insert(&w->tier, e);
}

static void tier_walk_meets_what_the_policy_moves(struct kunit *test)
{
	struct walked *w = walked_begin(test, KVC_POLICY_S3FIFO);
	u32 i;

	walk(w, promote_some);
	for (i = 0; i < PAIRS; i++)
		KUNIT_EXPECT_GE_MSG(test, w->met[i], 1, "entry %u", i);
}

static void replace_next(struct walked *w, unsigned int step)
{
	u32 next = (2 * (step + 1)) % PAIRS;
	struct kvc_entry *old = w->entries[next], *e;
	char key[FIXTURE_KEY];

	e = fixture_entry(fixture_key(key, next), "new");
	if (!e)
		return;
	e->hash = next;
	kvc_tier_replace(&w->tier, old, e);
	kvc_entry_free(old);
	w->entries[next] = e;
}

static void tier_walk_meets_what_is_replaced(struct kunit *test)
{
	struct walked *w = walked_begin(test, KVC_POLICY_SIEVE);
	u32 i;

	walk(w, replace_next);
	for (i = 0; i < PAIRS; i++)
		KUNIT_EXPECT_EQ_MSG(test, w->met[i], 1, "entry %u", i);
}

static struct kunit_case tier_cases[] = {
	KUNIT_CASE(tier_counts_bytes_and_entries),
	KUNIT_CASE(tier_replace_keeps_the_visits),
	KUNIT_CASE(tier_victim_begins_anew),
	KUNIT_CASE(tier_any_ends_with_the_entries),
	KUNIT_CASE(tier_walk_meets_each_once),
	KUNIT_CASE(tier_walk_steps_aside_for_removals),
	KUNIT_CASE(tier_walk_meets_what_hits_move),
	KUNIT_CASE(tier_walk_stays_on_the_front_when_it_is_hit),
	KUNIT_CASE(tier_walk_meets_what_the_policy_moves),
	KUNIT_CASE(tier_walk_meets_what_is_replaced),
	{}
};

static struct kunit_suite tier_suite = {
	.name = "kvc_tier",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.exit = walked_exit,
	.test_cases = tier_cases,
};

kunit_test_suite(tier_suite);
