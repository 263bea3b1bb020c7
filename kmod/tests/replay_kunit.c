// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same requests get the same hits wherever the core runs.  The numbers were
 * counted once, in userspace; KUnit and the userspace build compare with them.
 */
#include "core/pool.h"
#include "fixture.h"

#define ROOM		1000	/* pairs, whatever an entry's header takes */
#define RANKS		1024
#define REQUESTS	40000
#define SHIFT_EVERY	5000
#define VALUE		300

/* A GET that misses stores the pair; returns whether it did not. */
static bool request(struct kunit *test, unsigned int number, bool update)
{
	struct fixture *f = test->priv;
	char key[FIXTURE_KEY];
	bool hit = !fixture_get(f, fixture_key(key, number));

	if (!hit)
		KUNIT_ASSERT_EQ(test, fixture_put_bytes(f, key, VALUE), 0);
	if (update)
		KUNIT_ASSERT_EQ(test, fixture_put_bytes(f, key, VALUE), 0);
	return hit;
}

/* The product of three equal distributions: few keys are used often. */
static unsigned int skewed(u32 *state)
{
	u32 product = fixture_random(state) % RANKS;

	product = product * (fixture_random(state) % RANKS) / RANKS;
	return product * (fixture_random(state) % RANKS) / (RANKS / 4);
}

/* Requests of which an eighth are of keys that are used once */
static unsigned int replay(struct kunit *test, unsigned int shift)
{
	unsigned int i, number, hits = 0;
	u32 state = 1 + shift;

	for (i = 0; i < REQUESTS; i++) {
		number = skewed(&state) + i / SHIFT_EVERY * shift;
		if (fixture_random(&state) % 8 == 0)
			number = 1000000 + i;
		hits += request(test, number,
				fixture_random(&state) % 8 == 0);
	}
	return hits;
}

static void expect_hits(struct kunit *test, u32 policy, unsigned int still,
			unsigned int shifting)
{
	struct fixture *f = test->priv;
	struct kvc_entry *e = kvc_entry_alloc(FIXTURE_KEY, VALUE);

	KUNIT_ASSERT_NOT_NULL(test, e);
	f->config.limit = ROOM * kvc_entry_size(e);
	kvc_entry_free(e);
	f->config.policy = policy;
	f->config.flags = KVC_CACHE_F_NOEVENTS;
	/* Counts of each CPU make a window: none ends here. */
	f->config.window = 1 << 24;
	fixture_cache(test, KVC_MODE_CACHE);
	/* L5 */
	KUNIT_EXPECT_EQ(test, replay(test, 0), still);
	KUNIT_EXPECT_EQ(test, replay(test, 200), shifting);
}

static void replay_fifo(struct kunit *test)
{
	expect_hits(test, KVC_POLICY_FIFO, 23681, 22768);
}

static void replay_lru(struct kunit *test)
{
	expect_hits(test, KVC_POLICY_LRU, 23825, 22929);
}

static void replay_sieve(struct kunit *test)
{
	expect_hits(test, KVC_POLICY_SIEVE, 25267, 23017);
}

static void replay_s3fifo(struct kunit *test)
{
	expect_hits(test, KVC_POLICY_S3FIFO, 26798, 24451);
}

static struct kunit_case replay_cases[] = {
	KUNIT_CASE(replay_fifo),
	KUNIT_CASE(replay_lru),
	KUNIT_CASE(replay_sieve),
	KUNIT_CASE(replay_s3fifo),
	{}
};

static struct kunit_suite replay_suite = {
	.name = "kvc_replay",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = replay_cases,
};

kunit_test_suite(replay_suite);
