// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows sock and sock-mget: pairs of the sizes of Facebook's pool ETC, here and
 * in a memcached over a unix socket, one to a request and a hundred
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "etc.h"
#include "memcached.h"
#include "report.h"
#include "row.h"
#include "store.h"

#define PAIRS		50000
#define PAIRS_QUICK	5000
#define LIMIT		(256ull << 20)
#define MEMCACHED_MB	256
#define MULTIGET	100
#define SLICE		(2 * MULTIGET)
#define SLICES		100
#define SLICES_QUICK	20
#define NAME		"sock"
#define WHAT		"reads, Zipf .99 over 50,000 pairs of Facebook ETC's sizes"

/**
 * struct etc_pair - a pair
 * @key: its bytes, in the middle of @request: a single get for memcached
 * @request_len: of that
 * @answer_len: what memcached answers
 */
struct etc_pair {
	char *request;
	const char *key;
	uint16_t key_len;
	uint16_t request_len;
	uint32_t value_len;
	size_t answer_len;
};

/**
 * struct group - a multiget, made before time is taken
 * @request: for memcached
 * @len: of it
 * @answer_len: what memcached answers
 */
struct group {
	char *request;
	size_t len;
	size_t answer_len;
};

/**
 * struct pool - the pairs and who has them
 * @count: of pairs
 * @pairs: these
 * @numbers: theirs
 * @seq: which of them is used when
 * @groups: multigets of the sequence's steps, in order
 * @kvc: kvcache's cache
 * @server: memcached
 * @ops: of a batch of ours
 * @room: where its values go
 * @room_each: bytes for one of them
 */
struct pool {
	uint32_t count;
	struct etc_pair *pairs;
	struct keys numbers;
	struct sequence seq;
	struct group *groups;
	struct kvc *kvc;
	struct memcached *server;
	struct kvc_op ops[MULTIGET];
	char *room;
	size_t room_each;
};

static void *need(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (!p)
		err(1, "no memory for %zu times %zu bytes", count, size);
	return p;
}

static void value_fill(char *value, uint32_t len, uint32_t number)
{
	uint32_t i;

	for (i = 0; i < len; i++)
		value[i] = 'a' + (number + i) % 26;
}

/* "get ", the key: digits, filled up, and the line's end */
static void pair_make(struct etc_pair *p, uint32_t number,
		      struct random *random)
{
	char digits[16];

	p->key_len = etc_key_len(random);
	p->value_len = etc_value_len(random);
	p->request_len = p->key_len + 6;
	p->request = need(1, p->request_len + 1);
	snprintf(digits, sizeof(digits), "%08u", number);
	memcpy(p->request, "get ", 4);
	memset(p->request + 4, 'k', p->key_len);
	memcpy(p->request + 4, digits, 8);
	memcpy(p->request + 4 + p->key_len, "\r\n", 2);
	p->key = p->request + 4;
	p->answer_len = memcached_pair_len(p->key_len, p->value_len) +
			MEMCACHED_END_LEN;
}

static void group_make(struct group *g, const struct pool *p, size_t first)
{
	const struct etc_pair *pair;
	char *at;
	size_t i;

	g->len = 3 + 2;
	g->answer_len = MEMCACHED_END_LEN;
	for (i = 0; i < MULTIGET; i++) {
		pair = &p->pairs[p->seq.steps[first + i]];
		g->len += 1 + pair->key_len;
		g->answer_len += pair->answer_len - MEMCACHED_END_LEN;
	}
	g->request = need(1, g->len);
	at = mempcpy(g->request, "get", 3);
	for (i = 0; i < MULTIGET; i++) {
		pair = &p->pairs[p->seq.steps[first + i]];
		*at++ = ' ';
		at = mempcpy(at, pair->key, pair->key_len);
	}
	memcpy(at, "\r\n", 2);
}

static void pool_fill(struct pool *p)
{
	const struct etc_pair *pair;
	uint32_t i;

	for (i = 0; i < p->count; i++) {
		pair = &p->pairs[i];
		value_fill(p->room, pair->value_len, i);
		if (kvc_put(p->kvc, pair->key, pair->key_len, p->room,
			    pair->value_len, NULL, NULL))
			errx(1, "a pair could not be stored");
		memcached_set(p->server, pair->key, pair->key_len, p->room,
			      pair->value_len);
	}
	memcached_settle(p->server);
}

static void pool_make(struct pool *p, const struct bench *bench)
{
	size_t steps = (size_t)SLICE * (bench->quick ? SLICES_QUICK : SLICES);
	struct random random = random_from(bench->seed);
	uint32_t i;
	size_t g;

	p->count = bench->quick ? PAIRS_QUICK : PAIRS;
	p->pairs = need(p->count, sizeof(*p->pairs));
	for (i = 0; i < p->count; i++) {
		pair_make(&p->pairs[i], i, &random);
		if (p->pairs[i].value_len > p->room_each)
			p->room_each = p->pairs[i].value_len;
	}
	p->room = need(MULTIGET, p->room_each);
	p->numbers.count = p->count;
	sequence_zipf(&p->seq, &p->numbers, steps, bench->seed + 1);
	p->groups = need(steps / MULTIGET, sizeof(*p->groups));
	for (g = 0; g < steps / MULTIGET; g++)
		group_make(&p->groups[g], p, g * MULTIGET);
	p->kvc = store_create(NAME, LIMIT);
	p->server = memcached_start(MEMCACHED_MB);
	pool_fill(p);
}

static void pool_free(struct pool *p)
{
	size_t i;

	memcached_stop(p->server);
	store_destroy(p->kvc, NAME);
	for (i = 0; i < p->seq.count / MULTIGET; i++)
		free(p->groups[i].request);
	for (i = 0; i < p->count; i++)
		free(p->pairs[i].request);
	sequence_free(&p->seq);
	free(p->groups);
	free(p->pairs);
	free(p->room);
}

static long run_get(const struct contender *c, size_t from, size_t to)
{
	struct pool *p = c->ctx;
	long failed = 0;
	size_t i, len;

	for (i = from; i < to; i++) {
		const struct etc_pair *pair = &p->pairs[c->seq->steps[i]];

		len = p->room_each;
		failed |= kvc_get(p->kvc, pair->key, pair->key_len, p->room,
				  &len, NULL);
		failed |= len != pair->value_len;
	}
	return failed;
}

static long run_mget(const struct contender *c, size_t from, size_t to)
{
	struct pool *p = c->ctx;
	long failed = 0;
	size_t i;

	for (; from < to; from += MULTIGET) {
		for (i = 0; i < MULTIGET; i++) {
			const struct etc_pair *pair =
				&p->pairs[c->seq->steps[from + i]];

			p->ops[i] = (struct kvc_op){
				.opcode = KVC_OP_GET,
				.key = (uintptr_t)pair->key,
				.key_len = pair->key_len,
				.value = (uintptr_t)(p->room + i * p->room_each),
				.value_len = p->room_each,
			};
		}
		failed |= kvc_batch(p->kvc, p->ops, MULTIGET, NULL);
		for (i = 0; i < MULTIGET; i++)
			failed |= p->ops[i].result;
	}
	return failed;
}

static long run_server_get(const struct contender *c, size_t from, size_t to)
{
	struct pool *p = c->ctx;
	long failed = 0;
	size_t i;

	for (i = from; i < to; i++) {
		const struct etc_pair *pair = &p->pairs[c->seq->steps[i]];

		memcached_send(p->server, pair->request, pair->request_len);
		failed |= !memcached_answer(p->server, pair->answer_len);
	}
	return failed;
}

static long run_server_mget(const struct contender *c, size_t from, size_t to)
{
	struct pool *p = c->ctx;
	long failed = 0;

	for (; from < to; from += MULTIGET) {
		const struct group *g = &p->groups[from / MULTIGET];

		memcached_send(p->server, g->request, g->len);
		failed |= !memcached_answer(p->server, g->answer_len);
	}
	return failed;
}

/* Both have every pair. */
static void check(struct pool *p)
{
	const struct etc_pair *pair;
	const char *answer, *value;
	char *made = need(1, p->room_each + 1);
	uint32_t i;
	size_t len;

	for (i = 0; i < p->count; i++) {
		pair = &p->pairs[i];
		value_fill(made, pair->value_len, i);
		len = p->room_each;
		if (kvc_get(p->kvc, pair->key, pair->key_len, p->room, &len,
			    NULL) ||
		    len != pair->value_len || memcmp(p->room, made, len))
			errx(1, "kvcache lost '%.*s'", pair->key_len, pair->key);
		memcached_send(p->server, pair->request, pair->request_len);
		answer = memcached_answer(p->server, pair->answer_len);
		value = answer ? answer + pair->answer_len - MEMCACHED_END_LEN -
				 2 - len : NULL;
		if (!value || memcmp(value, made, len))
			errx(1, "memcached lost '%.*s'", pair->key_len,
			     pair->key);
	}
	free(made);
}

/* And ours the same in a batch. */
static void check_batches(struct pool *p)
{
	struct contender c = { .seq = &p->seq, .ctx = p };
	char *made = need(1, p->room_each + 1);
	const struct etc_pair *pair;
	uint32_t number;
	size_t from, i;

	for (from = 0; from < p->seq.count; from += MULTIGET) {
		if (run_mget(&c, from, from + MULTIGET))
			errx(1, "a batch of GETs failed");
		for (i = 0; i < MULTIGET; i++) {
			number = p->seq.steps[from + i];
			pair = &p->pairs[number];
			value_fill(made, pair->value_len, number);
			if (p->ops[i].value_len != pair->value_len ||
			    memcmp(p->room + i * p->room_each, made,
				   pair->value_len))
				errx(1, "a batch gave a wrong value");
		}
	}
	free(made);
}

static void contest(struct pool *p, const struct bench *bench,
		    struct contender ours, struct contender theirs,
		    struct result result)
{
	struct rounds rounds = {
		.count = bench->rounds.count,
		.slices = bench->quick ? SLICES_QUICK : SLICES,
	};
	struct sample our = { .name = result.ours->name };
	struct sample their = { .name = result.other->name };

	ours.seq = theirs.seq = &p->seq;
	ours.ctx = theirs.ctx = p;
	ours.sample = &our;
	theirs.sample = &their;
	sample_contest((struct contender[]){ ours, theirs }, 2, &rounds);
	result.ours = &our;
	result.other = &their;
	report_row(&result);
}

void row_sock(const struct bench *bench)
{
	struct result result = {
		.unit = "ns", .goal = GOAL_RATIO_LEAST, .what = WHAT,
	};
	struct pool p = { 0 };

	if (!memcached_is_there()) {
		report_missing("sock", "there is no memcached");
		report_missing("sock-mget", "there is no memcached");
		return;
	}
	pool_make(&p, bench);
	check(&p);
	check_batches(&p);
	result.row = "sock";
	result.goal_value = 20;
	result.stretch = 30;
	result.ours = &(struct sample){ .name = "GET" };
	result.other = &(struct sample){ .name = "memcached get" };
	contest(&p, bench, (struct contender){ .run = run_get },
		(struct contender){ .run = run_server_get }, result);
	result.row = "sock-mget";
	result.what = WHAT ", 100 to a call or request";
	result.goal_value = 8;
	result.stretch = 15;
	result.ours = &(struct sample){ .name = "GET, 100 a call" };
	result.other = &(struct sample){ .name = "memcached get of 100" };
	contest(&p, bench, (struct contender){ .run = run_mget },
		(struct contender){ .run = run_server_mget }, result);
	report_note("sock: %u pairs; memcached with 2 threads, bound to no CPU; its client sends requests that were made before and does not parse the answers",
		    p.count);
	check(&p);
	pool_free(&p);
}
