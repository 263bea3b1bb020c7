// SPDX-License-Identifier: GPL-2.0-only
/*
 * libkvc: scans and batches of a write-behind cache against a plain model of
 * what is in it, while flushes and evictions move the pairs about
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "fake.h"
#include "fake_kvcd.h"
#include "front.h"

#define SCANS		20000
#define BATCHES		5000
#define KEYS		14
#define OPS		80
#define LARGE		70000	/* more than a page has room for at first */

/* A key and what it reads as. */
struct entry {
	unsigned char key[4];
	size_t key_len;
	const unsigned char *value;	/* NULL: it is absent */
	size_t value_len;
};

static struct entry model[KEYS];	/* sorted, no key twice */
static size_t model_count;
static unsigned char bytes[LARGE];
static uint64_t seed = 0x6b7663;

static size_t below(size_t n)
{
	return (random_next(&seed) >> 20) % n;
}

static int order(const void *a, size_t a_len, const void *b, size_t b_len)
{
	size_t len = a_len < b_len ? a_len : b_len;
	int cmp = len ? memcmp(a, b, len) : 0;

	return cmp ? cmp : (a_len > b_len) - (a_len < b_len);
}

static int by_key(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return order(x->key, x->key_len, y->key, y->key_len);
}

/* Keys that are often prefixes of each other, of the first and last bytes. */
static size_t random_key(unsigned char key[4])
{
	static const unsigned char letters[] = { 0, 'a', 'b', 0xff };
	size_t len = 1 + below(3), i;

	for (i = 0; i < len; i++)
		key[i] = letters[below(sizeof(letters))];
	return len;
}

static void random_keys(void)
{
	size_t n = below(KEYS + 1), i;

	memset(model, 0, sizeof(model));
	for (i = 0; i < n; i++)
		model[i].key_len = random_key(model[i].key);
	qsort(model, n, sizeof(model[0]), by_key);
	for (i = model_count = 0; i < n; i++) {
		if (!model_count || by_key(&model[model_count - 1], &model[i]))
			model[model_count++] = model[i];
	}
}

static void add(struct cache *to, const struct entry *e, bool dirty, bool gone,
		uint64_t expiry, const unsigned char *value, size_t len)
{
	struct pair pair = {
		.key = (unsigned char *)e->key, .key_len = e->key_len,
		.value = (unsigned char *)value, .value_len = gone ? 0 : len,
		.dirty = dirty, .gone = gone, .expiry = expiry, .version = 5,
	};
	bool found;
	uint32_t at = pairs_place(to, e->key, e->key_len, &found);

	pairs_set(to, at, found, &pair);
}

/* Gives the key one of the states that it can be in. */
static void place_entry(struct entry *e)
{
	const unsigned char *value = bytes + below(100);
	size_t len = below(500) ? below(20) : LARGE - 100;
	struct cache *cache = front_cache, *store = front_cache->store;
	size_t how = below(11);

	/* An older one, which must not be seen. */
	if (how == 3 || how == 4 || how == 5)
		add(store, e, false, false, 0, (unsigned char *)"old", 3);
	if (how <= 3) {
		e->value = value;
		e->value_len = len;
	}
	switch (how) {
	case 0:		/* evicted */
		add(store, e, false, false, 0, value, len);
		break;
	case 1:		/* clean */
		add(store, e, false, false, 0, value, len);
		add(cache, e, false, false, 0, value, len);
		break;
	case 2:		/* new, */
	case 3:		/* or replaced */
		add(cache, e, true, false, 0, value, len);
		break;
	case 4:		/* deleted, L10 */
	case 6:
		add(cache, e, true, true, 0, NULL, 0);
		break;
	case 5:		/* ended before it was flushed, */
	case 7:
		add(cache, e, true, false, 1, value, len);
		break;
	case 8:		/* and after */
		add(store, e, false, false, 1, value, len);
		add(cache, e, false, false, 1, value, len);
		break;
	case 9:		/* known not to be in the store */
		add(cache, e, false, true, 0, NULL, 0);
		break;
	}
}

static void random_state(void)
{
	size_t i;

	pairs_clear(front_cache->store);
	pairs_clear(front_cache);
	random_keys();
	for (i = 0; i < model_count; i++)
		place_entry(&model[i]);
}

/* Moves what is there, but changes nothing of what there is to be read. */
static void shuffle(void)
{
	const struct entry *e = &model[below(KEYS)];

	switch (below(6)) {
	case 0:
		behind_commit(front_cache);
		break;
	case 1:
		behind_commit(front_cache);
		behind_evict(front_cache);
		break;
	case 2:
		behind_commit_key(front_cache, e->key, e->key_len);
		break;
	case 3:
		behind_commit_key(front_cache, e->key, e->key_len);
		behind_evict_key(front_cache, e->key, e->key_len);
		break;
	}
}

static bool in_range(const struct entry *e, const struct kvc_range *r)
{
	if (!e->value)
		return false;
	if (r->after_len &&
	    order(e->key, e->key_len, r->after, r->after_len) <= 0)
		return false;
	if (r->flags & KVC_SCAN_F_PREFIX)
		return e->key_len >= r->start_len &&
		       !memcmp(e->key, r->start, r->start_len);
	return order(e->key, e->key_len, r->start, r->start_len) >= 0 &&
	       (!r->end_len || order(e->key, e->key_len, r->end, r->end_len) < 0);
}

static void assert_pair(const struct kvc_pair *pair, const struct entry *e,
			uint32_t flags)
{
	assert_int_equal(pair->key_len, e->key_len);
	assert_memory_equal(pair->key, e->key, e->key_len);
	assert_int_equal(pair->value_len, e->value_len);
	if (flags & KVC_SCAN_F_KEYS)
		assert_null(pair->value);
	else if (e->value_len)
		assert_memory_equal(pair->value, e->value, e->value_len);
}

/* An interruption, of the kernel or of kvcd: the call is made again. */
static int next(struct kvc_cursor *cursor, struct kvc_pair *pair)
{
	int ret;

	do {
		ret = kvc_scan_next(cursor, pair);
	} while (ret == -EINTR || ret == -EHOSTDOWN);
	return ret;
}

static void check_scan(const struct kvc_range *range)
{
	struct kvc_cursor *cursor;
	struct kvc_pair pair;
	size_t i;

	assert_int_equal(kvc_scan_open(front, range, &cursor), 0);
	for (i = 0; i < model_count; i++) {
		if (!in_range(&model[i], range))
			continue;
		assert_int_equal(next(cursor, &pair), 1);
		assert_pair(&pair, &model[i], range->flags);
	}
	assert_int_equal(next(cursor, &pair), 0);
	assert_int_equal(next(cursor, &pair), 0);
	kvc_scan_close(cursor);
}

static void random_scan(void)
{
	unsigned char start[4], end[4], after[4];
	struct kvc_range range = {
		.start = start, .end = end, .after = after,
		.flags = (below(2) ? KVC_SCAN_F_PREFIX : 0) |
			 (below(4) ? 0 : KVC_SCAN_F_KEYS),
	};

	if (below(2))
		range.start_len = random_key(start) - below(2);
	if (below(2))
		range.end_len = random_key(end);
	if (below(4) == 0)
		range.after_len = random_key(after);
	fake.page_max = 1 + below(6);
	fake_kvcd.page_max = 1 + below(6);
	fake.page_intr = !below(20);
	if (!below(20)) {
		fake_kvcd.fault = FAULT_CLOSE + below(2);
		fake_kvcd.fault_count = 1 + below(3);
	}
	check_scan(&range);
	fake_kvcd.fault = FAULT_NONE;
}

/* L9, L10: a scan has what there is, wherever it is, and goes while it scans */
static void test_scans(void **state)
{
	unsigned int i;

	(void)state;
	random_bytes(&seed, bytes, sizeof(bytes));
	for (i = 0; i < SCANS; i++) {
		random_state();
		fake.on_scan = i % 2 ? shuffle : NULL;
		fake_kvcd.on_scan = fake.on_scan;
		random_scan();
	}
}

/* The longest keys: there is none behind one that could end a page. */
static void test_long_keys(void **state)
{
	static char keys[4][KVC_KEY_MAX];
	struct kvc_cursor *cursor;
	struct kvc_pair pair;
	int i, prefix;

	(void)state;
	for (i = 0; i < 4; i++) {
		memset(keys[i], 'k', KVC_KEY_MAX);
		keys[i][KVC_KEY_MAX - 1] = 'a' + i;
		assert_int_equal(kvc_put(front, keys[i], KVC_KEY_MAX, "v", 1,
					 NULL, NULL), 0);
		if (i % 2)
			continue;
		behind_commit_key(front_cache, keys[i], KVC_KEY_MAX);
		if (i)
			behind_evict_key(front_cache, keys[i], KVC_KEY_MAX);
	}
	fake.page_max = 1;
	for (prefix = 0; prefix < 2; prefix++) {
		struct kvc_range range = {
			.start = keys[0], .start_len = KVC_KEY_MAX - 1,
			.flags = prefix ? KVC_SCAN_F_PREFIX : 0,
		};

		assert_int_equal(kvc_scan_open(front, &range, &cursor), 0);
		for (i = 0; i < 4; i++) {
			assert_int_equal(kvc_scan_next(cursor, &pair), 1);
			assert_memory_equal(pair.key, keys[i], KVC_KEY_MAX);
		}
		assert_int_equal(kvc_scan_next(cursor, &pair), 0);
		kvc_scan_close(cursor);
	}
}

/* What is in the store, past the cache. */
static void test_store_scan(void **state)
{
	struct kvc_range range = { .flags = KVC_SCAN_F_GONE };
	struct kvc_cursor *cursor;
	struct kvc_pair pair;
	int i;

	(void)state;
	stored("a", "1");
	stored("b", "2");
	assert_int_equal(front_put("a", "dirty"), 0);
	assert_int_equal(kvc_del(front, "b", 1), 0);
	fake_kvcd.page_max = 1;
	assert_int_equal(kvc_store_scan_open(front, NULL, &cursor), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(kvc_scan_next(cursor, &pair), 1);
		assert_int_equal(((char *)pair.key)[0], 'a' + i);
		assert_int_equal(((char *)pair.value)[0], '1' + i);
	}
	assert_int_equal(kvc_scan_next(cursor, &pair), 0);
	kvc_scan_close(cursor);
	assert_int_equal(kvc_scan_open(front, &range, &cursor), -EINVAL);
	range.flags = 0;
	range.after = "a";
	range.after_len = 1;
	assert_int_equal(kvc_scan_open(front, &range, &cursor), 0);
	assert_int_equal(kvc_scan_next(cursor, &pair), 0);
	kvc_scan_close(cursor);
}

static struct kvc_op ops[OPS];
static unsigned char rooms[OPS][32];

/* What the operation has to give, by the model, which it then changes. */
static int expected(const struct kvc_op *op, struct entry *e)
{
	bool has = e->value;
	uint32_t how = op->flags & (KVC_OP_F_CREATE | KVC_OP_F_REPLACE |
				    KVC_OP_F_CAS);

	if (how == KVC_OP_F_CREATE && has)
		return -EEXIST;
	if (how != KVC_OP_F_CREATE && !has &&
	    (how || op->opcode != KVC_OP_PUT))
		return -ENOENT;
	/* No pair has such a version. */
	if (how == KVC_OP_F_CAS)
		return -ESTALE;
	if (op->opcode == KVC_OP_PUT) {
		e->value = (void *)(uintptr_t)op->value;
		e->value_len = op->value_len;
	} else if (op->opcode == KVC_OP_DEL) {
		e->value = NULL;
	}
	return 0;
}

static void random_op(struct kvc_op *op, const struct entry *e, void *room)
{
	static const struct kvc_op kinds[] = {
		{ .opcode = KVC_OP_GET }, { .opcode = KVC_OP_GET },
		{ .opcode = KVC_OP_PUT }, { .opcode = KVC_OP_DEL },
		{ .opcode = KVC_OP_PUT, .flags = KVC_OP_F_CREATE },
		{ .opcode = KVC_OP_PUT, .flags = KVC_OP_F_REPLACE },
		{ .opcode = KVC_OP_PUT, .flags = KVC_OP_F_CAS },
		{ .opcode = KVC_OP_DEL, .flags = KVC_OP_F_CAS },
		{ .opcode = KVC_OP_TOUCH },
	};

	*op = kinds[below(sizeof(kinds) / sizeof(kinds[0]))];
	op->key = (uintptr_t)e->key;
	op->key_len = e->key_len;
	if (op->flags & KVC_OP_F_CAS)
		op->version = 1ull << 40;
	if (op->opcode == KVC_OP_GET) {
		op->value = (uintptr_t)room;
		op->value_len = sizeof(rooms[0]);
	} else if (op->opcode == KVC_OP_PUT) {
		op->value = (uintptr_t)(bytes + below(100));
		op->value_len = below(20);
	}
}

static void check_op(const struct kvc_op *op, struct entry *e)
{
	const unsigned char *value = e->value;
	int ret = expected(op, e);

	if (op->opcode == KVC_OP_GET && !ret && e->value_len > sizeof(rooms[0]))
		ret = -ERANGE;
	/* A delete of what the cache does not know has nobody asked. */
	if (op->opcode == KVC_OP_DEL && !op->flags && ret == -ENOENT &&
	    !op->result)
		return;
	if (op->result != ret)
		fail_msg("opcode %u, flags %u: %d, not %d", op->opcode,
			 op->flags, op->result, ret);
	if (op->opcode != KVC_OP_GET || ret)
		return;
	assert_int_equal(op->value_len, e->value_len);
	assert_memory_equal((void *)(uintptr_t)op->value, value,
			    op->value_len);
}

static void random_batch(void)
{
	size_t which[OPS], count = model_count ? 1 + below(OPS) : 0, done, i;

	for (i = 0; i < count; i++) {
		which[i] = below(model_count);
		random_op(&ops[i], &model[which[i]], rooms[i]);
	}
	assert_int_equal(kvc_batch(front, ops, count, &done), 0);
	assert_int_equal(done, count);
	for (i = 0; i < count; i++)
		check_op(&ops[i], &model[which[i]]);
}

/* Operations on one key stay in order, though some of them wait for kvcd. */
static void test_batches(void **state)
{
	static const struct kvc_range every;
	struct kvc *small;
	unsigned int i;

	(void)state;
	for (i = 0; i < BATCHES; i++) {
		if (i % 5 == 0) {
			/* The handle takes note of it when it is opened. */
			fake.batch_max = 1 + below(OPS);
			assert_int_equal(kvc_open(2, &small), 0);
			assert_int_equal(kvc_attach(small, "w"), 0);
			kvc_close(front);
			front = small;
			random_state();
		}
		shuffle();
		random_batch();
		check_scan(&every);
	}
}

/* Many at a time on one connection; the answers come backwards. */
static void test_pipeline(void **state)
{
	static char keys[100][8];
	size_t i, done;

	(void)state;
	for (i = 0; i < OPS; i++) {
		memcpy(keys[i], "key", 4);
		keys[i][3] = '0' + i;
		if (i % 3)
			stored(keys[i], keys[i]);
		ops[i] = (struct kvc_op){
			.opcode = KVC_OP_GET,
			.key = (uintptr_t)keys[i], .key_len = 4,
			.value = (uintptr_t)rooms[i],
			.value_len = i % 5 ? sizeof(rooms[i]) : 2,
		};
	}
	fake_kvcd.gather = 16;
	assert_int_equal(kvc_batch(front, ops, OPS, &done), 0);
	assert_int_equal(asked(), OPS);
	assert_int_equal(fake_kvcd.connections, 1);
	for (i = 0; i < OPS; i++) {
		assert_int_equal(ops[i].result, !(i % 3) ? -ENOENT :
				 i % 5 ? 0 : -ERANGE);
		if (!(i % 3)) {
			assert_int_equal(ops[i].version, 0);
			continue;
		}
		assert_int_equal(ops[i].value_len, 4);
		if (i % 5)
			assert_memory_equal(rooms[i], keys[i], 4);
	}
}

/* Requests and answers that fill the socket both ways at once. */
static void test_pipeline_large(void **state)
{
	static char keys[32][KVC_KEY_MAX], values[32][100000];
	struct kvc_op large[32] = { 0 };
	size_t i, done;

	(void)state;
	for (i = 0; i < 32; i++) {
		memset(keys[i], 'a' + i, KVC_KEY_MAX);
		assert_int_equal(kvc_put(front, keys[i], KVC_KEY_MAX, values[i],
					 sizeof(values[i]), NULL, NULL), 0);
		large[i].opcode = KVC_OP_GET;
		large[i].key = (uintptr_t)keys[i];
		large[i].key_len = KVC_KEY_MAX;
		large[i].value = (uintptr_t)values[i];
		large[i].value_len = sizeof(values[i]);
	}
	flushed();
	assert_int_equal(kvc_batch(front, large, 32, &done), 0);
	for (i = 0; i < 32; i++)
		assert_int_equal(large[i].result, 0);
}

static unsigned int results(size_t count, int result)
{
	unsigned int n = 0;

	while (count--)
		n += ops[count].result == result;
	return n;
}

/* Reads and touches of as many pairs of the store. */
static void mixed_batch(size_t count)
{
	static char keys[OPS];
	char key[2] = { 0 };
	size_t i;

	flushed();
	for (i = 0; i < count; i++) {
		keys[i] = 'A' + i;
		key[0] = keys[i];
		stored(key, "value");
		ops[i] = (struct kvc_op){
			.opcode = i % 2 ? KVC_OP_TOUCH : KVC_OP_GET,
			.key = (uintptr_t)&keys[i], .key_len = 1,
			.value = i % 2 ? 0 : (uintptr_t)rooms[i],
			.value_len = i % 2 ? 0 : sizeof(rooms[i]),
		};
	}
	assert_int_equal(kvc_batch(front, ops, count, NULL), 0);
}

static void end_gather(void)
{
	fake_kvcd.gather = 0;
}

/* All have been sent when the first is answered. */
static void lose_after(enum kvcd_fault fault, uint32_t answers)
{
	fake_kvcd.gets = 0;
	fake_kvcd.fault = fault;
	fake_kvcd.fault_after = answers;
	fake_kvcd.gather = 16;
	fake_kvcd.on_fill = end_gather;
}

/* What was answered before kvcd was lost stays so; it is asked no more. */
static void test_batch_lost(void **state)
{
	(void)state;
	fake_kvcd.fault = FAULT_MAGIC;
	mixed_batch(50);
	assert_int_equal(results(50, -EPROTO), 50);
	assert_in_range(asked(), 1, 32);
	/* Lost once: those that are left are asked again, and only these. */
	lose_after(FAULT_CLOSE, 5);
	fake_kvcd.fault_count = 1;
	mixed_batch(16);
	assert_int_equal(results(16, 0), 16);
	assert_int_equal(asked(), 17);
	/* ... and for good. */
	lose_after(FAULT_HALF, 5);
	mixed_batch(16);
	assert_int_equal(results(16, 0), 5);
	assert_int_equal(results(16, -EHOSTDOWN), 11);
	assert_int_equal(asked(), 7);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, front_setup, front_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_scans), CASE(test_long_keys), CASE(test_store_scan),
		CASE(test_batches), CASE(test_pipeline),
		CASE(test_pipeline_large), CASE(test_batch_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
