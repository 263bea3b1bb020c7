// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each policy against traces by hand.  Entries are called by a letter; a trace
 * ends with the letters of the victims in their order.
 */
#include "core/tier.h"
#include "fixture.h"

#define LETTERS	26

/**
 * struct trace - a tier and the entries in it
 * @tier: the tier
 * @entries: by letter
 */
struct trace {
	struct kvc_tier tier;
	struct kvc_entry *entries[LETTERS];
};

static struct trace *trace_begin(struct kunit *test, u32 policy)
{
	struct trace *t = kzalloc(sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	KUNIT_ASSERT_EQ(test, kvc_tier_init(&t->tier, kvc_policy_lookup(policy),
					    64), 0);
	return t;
}

static void trace_exit(struct kunit *test)
{
	struct trace *t = test->priv;
	int i;

	if (!t)
		return;
	for (i = 0; i < LETTERS; i++)
		if (t->entries[i])
			kvc_entry_free(t->entries[i]);
	kvc_tier_exit(&t->tier);
	kfree(t);
}

static struct kvc_entry **at(struct trace *t, char letter)
{
	return &t->entries[letter - 'a'];
}

static struct kvc_entry *entry_of(char letter)
{
	char key[2] = { letter, 0 };
	struct kvc_entry *e = fixture_entry(key, "value");

	if (e)
		e->hash = letter;
	return e;
}

static void add(struct kunit *test, const char *letters)
{
	struct trace *t = test->priv;

	for (; *letters; letters++) {
		*at(t, *letters) = entry_of(*letters);
		KUNIT_ASSERT_NOT_NULL(test, *at(t, *letters));
		kvc_tier_insert(&t->tier, *at(t, *letters));
	}
}

/* As kvc_cache_count_get() does */
static void hit(struct trace *t, const char *letters)
{
	for (; *letters; letters++) {
		if (t->tier.ops->hit)
			kvc_tier_hit(&t->tier, *at(t, *letters));
		else
			kvc_entry_visit(*at(t, *letters), t->tier.ops->ref_max);
	}
}

static void update(struct kunit *test, char letter)
{
	struct trace *t = test->priv;
	struct kvc_entry *old = *at(t, letter), *e = entry_of(letter);

	KUNIT_ASSERT_NOT_NULL(test, e);
	kvc_tier_replace(&t->tier, old, e);
	kvc_entry_free(old);
	*at(t, letter) = e;
}

static void drop(struct trace *t, char letter)
{
	kvc_tier_remove(&t->tier, *at(t, letter));
	kvc_entry_free(*at(t, letter));
	*at(t, letter) = NULL;
}

static char victim(struct trace *t)
{
	struct kvc_entry *e = kvc_tier_victim(&t->tier);
	char letter = e->data[0];

	*at(t, letter) = NULL;
	kvc_entry_free(e);
	return letter;
}

static void expect_victims(struct kunit *test, const char *letters)
{
	struct trace *t = test->priv;
	char got[LETTERS + 1] = "";
	size_t i;

	for (i = 0; i < strlen(letters) && t->tier.entries; i++)
		got[i] = victim(t);
	KUNIT_EXPECT_STREQ(test, got, letters);
}

static void fifo_takes_the_least_recently_added(struct kunit *test)
{
	struct trace *t = trace_begin(test, KVC_POLICY_FIFO);

	add(test, "abcde");
	hit(t, "aab");
	update(test, 'a');
	drop(t, 'c');
	/* L5: neither a hit nor an update is an addition */
	expect_victims(test, "ab");
	add(test, "a");
	expect_victims(test, "dea");
}

static void lru_takes_the_least_recently_used(struct kunit *test)
{
	struct trace *t = trace_begin(test, KVC_POLICY_LRU);

	add(test, "abcde");
	hit(t, "a");
	update(test, 'b');
	drop(t, 'd');
	/* L5 */
	expect_victims(test, "ceab");
}

static void sieve_hand_spares_the_visited_once(struct kunit *test)
{
	struct trace *t = trace_begin(test, KVC_POLICY_SIEVE);

	add(test, "abcd");
	hit(t, "ac");
	/* L5: the hand passes a, takes b and stays at c */
	expect_victims(test, "b");
	add(test, "e");
	expect_victims(test, "de");
	/* from the head back to the tail */
	expect_victims(test, "ac");
}

static void sieve_hand_survives_its_entry(struct kunit *test)
{
	struct trace *t = trace_begin(test, KVC_POLICY_SIEVE);

	add(test, "abcd");
	expect_victims(test, "a");
	update(test, 'b');
	WRITE_ONCE((*at(t, 'b'))->ref, 0);
	drop(t, 'c');
	expect_victims(test, "bd");
	add(test, "e");
	expect_victims(test, "e");
	KUNIT_EXPECT_EQ(test, t->tier.entries, 0);
	add(test, "fg");
	drop(t, 'f');
	drop(t, 'g');
	add(test, "h");
	expect_victims(test, "h");
}

/* The tail of the small queue leaves the cache, if it should. */
static char cold(struct trace *t)
{
	struct kvc_entry *e = kvc_tier_cold(&t->tier);
	char letter;

	if (!e)
		return 0;
	letter = e->data[0];
	kvc_tier_evicted(&t->tier, e, t->tier.entries);
	drop(t, letter);
	return letter;
}

static void s3fifo_visited_move_on(struct kunit *test)
{
	struct trace *t = trace_begin(test, KVC_POLICY_S3FIFO);

	add(test, "abcdefghij");
	hit(t, "bbcdd");
	/* L5: the small queue goes first, but for those that were visited. */
	expect_victims(test, "aefghij");
	KUNIT_EXPECT_TRUE(test, kvc_entry_is(*at(t, 'c'), KVC_ENTRY_MAIN));
	expect_victims(test, "bcd");
}

static void s3fifo_small_queue_has_its_share(struct kunit *test)
{
	struct trace *t = trace_begin(test, KVC_POLICY_S3FIFO);

	add(test, "abcdefghijklmnopqrstuvwxy");
	hit(t, "abcdefghijklmnopqrstuvwxy");
	expect_victims(test, "a");
	add(test, "z");
	/* L5: the main queue gives until one pair is 3 of 64 parts. */
	expect_victims(test, "bcdez");
}

static void s3fifo_cold_pairs_leave_at_once(struct kunit *test)
{
	struct trace *t = trace_begin(test, KVC_POLICY_S3FIFO);

	add(test, "abcde");
	hit(t, "ac");
	/* L5 */
	KUNIT_EXPECT_EQ(test, cold(t), 'b');
	KUNIT_EXPECT_TRUE(test, kvc_entry_is(*at(t, 'a'), KVC_ENTRY_MAIN));
	KUNIT_EXPECT_EQ(test, cold(t), 'd');
	/* The newest one stays. */
	KUNIT_ASSERT_EQ(test, cold(t), 0);
	KUNIT_EXPECT_EQ(test, t->tier.entries, 3);
	KUNIT_EXPECT_EQ(test, t->tier.small_bytes,
			kvc_entry_size(*at(t, 'e')));
	expect_victims(test, "eac");
	KUNIT_EXPECT_EQ(test, cold(t), 0);
}

static void s3fifo_ghost_returns_to_main(struct kunit *test)
{
	struct trace *t = trace_begin(test, KVC_POLICY_S3FIFO);

	add(test, "abcdefghij");
	KUNIT_EXPECT_EQ(test, cold(t), 'a');
	expect_victims(test, "b");
	add(test, "abk");
	/* L5: b was moved to the memtable, it did not leave. */
	KUNIT_EXPECT_TRUE(test, kvc_entry_is(*at(t, 'a'), KVC_ENTRY_MAIN));
	KUNIT_EXPECT_FALSE(test, kvc_entry_is(*at(t, 'b'), KVC_ENTRY_MAIN));
	KUNIT_EXPECT_FALSE(test, kvc_entry_is(*at(t, 'k'), KVC_ENTRY_MAIN));
	/* Once */
	drop(t, 'a');
	add(test, "a");
	KUNIT_EXPECT_FALSE(test, kvc_entry_is(*at(t, 'a'), KVC_ENTRY_MAIN));
}

static void s3fifo_main_gives_rounds(struct kunit *test)
{
	struct trace *t = trace_begin(test, KVC_POLICY_S3FIFO);

	add(test, "abc");
	hit(t, "abc");
	/* All three move on, and then the first leaves. */
	expect_victims(test, "a");
	hit(t, "b");
	expect_victims(test, "cb");
}

static void s3fifo_update_keeps_the_queue(struct kunit *test)
{
	struct trace *t = trace_begin(test, KVC_POLICY_S3FIFO);

	add(test, "abcdefghij");
	KUNIT_EXPECT_EQ(test, cold(t), 'a');
	add(test, "a");
	update(test, 'a');
	update(test, 'b');
	KUNIT_EXPECT_TRUE(test, kvc_entry_is(*at(t, 'a'), KVC_ENTRY_MAIN));
	KUNIT_EXPECT_FALSE(test, kvc_entry_is(*at(t, 'b'), KVC_ENTRY_MAIN));
	KUNIT_EXPECT_EQ(test, t->tier.small_bytes,
			9 * kvc_entry_size(*at(t, 'b')));
}

/* To read what is not there, store it and store it changed is one use. */
static void s3fifo_update_at_once_is_no_visit(struct kunit *test)
{
	trace_begin(test, KVC_POLICY_S3FIFO);
	add(test, "a");
	update(test, 'a');
	update(test, 'a');
	add(test, "b");
	update(test, 'b');
	add(test, "cd");
	update(test, 'c');
	/* L5 */
	expect_victims(test, "abdc");
}

/* So many pairs leave, and come back if @back. */
static void leave(struct kunit *test, unsigned int n, bool was_main, bool back)
{
	struct trace *t = test->priv;
	struct kvc_entry *e = entry_of('x');

	KUNIT_ASSERT_NOT_NULL(test, e);
	if (was_main)
		kvc_entry_set(e, KVC_ENTRY_MAIN);
	while (n--) {
		kvc_tier_evicted(&t->tier, e, 64);
		if (!back)
			continue;
		kvc_tier_insert(&t->tier, e);
		kvc_tier_remove(&t->tier, e);
		if (!was_main)
			kvc_entry_clear(e, KVC_ENTRY_MAIN);
	}
	kvc_entry_free(e);
}

/* More and more, of those that are evicted unvisited, come back. */
static void s3fifo_small_queue_grows(struct kunit *test)
{
	struct trace *t = trace_begin(test, KVC_POLICY_S3FIFO);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		leave(test, 8, true, false);
		leave(test, 56, false, true);
	}
	KUNIT_EXPECT_EQ(test, t->tier.balance.share, 21);
	add(test, "abcdefghi");
	hit(t, "abcd");
	/* L5: one of four pairs is not too many any more, a third still is. */
	expect_victims(test, "efghabicd");
	for (i = 0; i < 50; i++) {
		leave(test, 8, true, false);
		leave(test, 56, false, true);
	}
	add(test, "jklm");
	KUNIT_EXPECT_EQ(test, cold(t), 0);
	/* More than all of it, so that one window alone brings nothing back. */
	KUNIT_EXPECT_EQ(test, t->tier.balance.share, 96);
}

static void s3fifo_small_queue_shrinks(struct kunit *test)
{
	struct trace *t = trace_begin(test, KVC_POLICY_S3FIFO);
	unsigned int i;

	for (i = 0; i < 50; i++) {
		leave(test, 8, true, false);
		leave(test, 56, false, true);
	}
	add(test, "abcd");
	KUNIT_EXPECT_EQ(test, cold(t), 0);
	for (i = 0; i < 200; i++) {
		leave(test, 8, true, true);
		leave(test, 56, false, false);
	}
	/* L5 */
	KUNIT_EXPECT_EQ(test, cold(t), 'a');
	KUNIT_EXPECT_EQ(test, t->tier.balance.share, 3);
}

/* However many were visited, one victim is found in bounded time. */
static void policies_always_find_a_victim(struct kunit *test)
{
	static const u32 policies[] = { KVC_POLICY_SIEVE, KVC_POLICY_S3FIFO };
	struct kvc_tier *t;
	struct kvc_entry *e;
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(policies); i++) {
		t = &trace_begin(test, policies[i])->tier;
		for (n = 0; n < 3 * KVC_POLICY_STEPS; n++) {
			e = entry_of('x');
			KUNIT_ASSERT_NOT_NULL(test, e);
			kvc_tier_insert(t, e);
			WRITE_ONCE(e->ref, t->ops->ref_max);
		}
		while (t->entries)
			kvc_entry_free(kvc_tier_victim(t));
		KUNIT_EXPECT_EQ(test, t->bytes, 0);
		trace_exit(test);
		test->priv = NULL;
	}
}

static void policy_lookup_knows_its_numbers(struct kunit *test)
{
	/* L5 */
	KUNIT_EXPECT_STREQ(test, kvc_policy_lookup(KVC_POLICY_FIFO)->name,
			   "fifo");
	KUNIT_EXPECT_STREQ(test, kvc_policy_lookup(KVC_POLICY_LRU)->name,
			   "lru");
	KUNIT_EXPECT_STREQ(test, kvc_policy_lookup(KVC_POLICY_SIEVE)->name,
			   "sieve");
	KUNIT_EXPECT_STREQ(test, kvc_policy_lookup(KVC_POLICY_S3FIFO)->name,
			   "s3fifo");
	KUNIT_EXPECT_NULL(test, kvc_policy_lookup(KVC_POLICY_DEFAULT));
	KUNIT_EXPECT_NULL(test, kvc_policy_lookup(KVC_POLICY_S3FIFO + 1));
	KUNIT_EXPECT_NULL(test, kvc_policy_lookup(~0u));
}

static struct kunit_case policy_cases[] = {
	KUNIT_CASE(fifo_takes_the_least_recently_added),
	KUNIT_CASE(lru_takes_the_least_recently_used),
	KUNIT_CASE(sieve_hand_spares_the_visited_once),
	KUNIT_CASE(sieve_hand_survives_its_entry),
	KUNIT_CASE(s3fifo_visited_move_on),
	KUNIT_CASE(s3fifo_small_queue_has_its_share),
	KUNIT_CASE(s3fifo_cold_pairs_leave_at_once),
	KUNIT_CASE(s3fifo_ghost_returns_to_main),
	KUNIT_CASE(s3fifo_main_gives_rounds),
	KUNIT_CASE(s3fifo_update_keeps_the_queue),
	KUNIT_CASE(s3fifo_update_at_once_is_no_visit),
	KUNIT_CASE(s3fifo_small_queue_grows),
	KUNIT_CASE(s3fifo_small_queue_shrinks),
	KUNIT_CASE(policies_always_find_a_victim),
	KUNIT_CASE(policy_lookup_knows_its_numbers),
	{}
};

static struct kunit_suite policy_suite = {
	.name = "kvc_policy",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.exit = trace_exit,
	.test_cases = policy_cases,
};

kunit_test_suite(policy_suite);
