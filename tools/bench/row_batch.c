// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows mget64, mget-vs-walk and mset: 64 operations to a system call, against
 * BPF's calls for one element and for many
 */
#include <err.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>

#include "bpfmap.h"
#include "report.h"
#include "row.h"
#include "subject.h"

#define BATCH		64
#define MANY		1000000
#define MANY_QUICK	100000
#define FEW		10000
/* Room enough that the map's LRU, which keeps a list per CPU, evicts nothing. */
#define FEW_ENTRIES	(2 * FEW)
#define WHAT_MGET	"reads, each of the keys as likely, 16 B, values of 32 B, 64 to a call"

/**
 * struct batch - buffers of one side
 * @s: the subject
 * @ops: ours
 * @keys: theirs, in one piece
 * @values: of both
 * @walk: where the walk goes on
 * @walking: it has begun
 * @owed: elements that the walk still has to give for the steps that were done;
 *	it gives whole buckets
 */
struct batch {
	struct subject *s;
	struct kvc_op ops[BATCH];
	char keys[BATCH][KEY_LEN];
	char values[BATCH][VALUE_LEN];
	uint32_t walk;
	bool walking;
	long owed;
};

static size_t part(size_t from, size_t to)
{
	return to - from < BATCH ? to - from : BATCH;
}

static void prepare(struct batch *b, const struct sequence *seq, size_t from,
		    size_t n, uint32_t opcode)
{
	size_t i;

	for (i = 0; i < n; i++)
		b->ops[i] = (struct kvc_op){
			.opcode = opcode,
			.key = (uintptr_t)sequence_key(seq, from + i),
			.key_len = KEY_LEN,
			.value = (uintptr_t)b->values[i],
			.value_len = VALUE_LEN,
		};
}

static long submit(struct batch *b, size_t n)
{
	long failed = kvc_batch(b->s->kvc, b->ops, n, NULL);
	size_t i;

	for (i = 0; i < n; i++)
		failed |= b->ops[i].result;
	return failed;
}

static long run_mget(const struct contender *c, size_t from, size_t to)
{
	struct batch *b = c->ctx;
	long failed = 0;
	size_t n;

	for (; from < to; from += n) {
		n = part(from, to);
		prepare(b, c->seq, from, n, KVC_OP_GET);
		failed |= submit(b, n);
	}
	return failed;
}

static void make_values(struct batch *b, const struct sequence *seq,
			size_t from, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		value_make(b->values[i], seq->keys,
			   seq->steps[from + i] & ~STEP_UPDATE, from + i);
}

static long run_mset(const struct contender *c, size_t from, size_t to)
{
	struct batch *b = c->ctx;
	long failed = 0;
	size_t n;

	for (; from < to; from += n) {
		n = part(from, to);
		make_values(b, c->seq, from, n);
		prepare(b, c->seq, from, n, KVC_OP_PUT);
		failed |= submit(b, n);
	}
	return failed;
}

static long run_map_mset(const struct contender *c, size_t from, size_t to)
{
	struct batch *b = c->ctx;
	uint32_t count;
	long failed = 0;
	size_t i, n;

	for (; from < to; from += n) {
		n = part(from, to);
		make_values(b, c->seq, from, n);
		for (i = 0; i < n; i++)
			memcpy(b->keys[i], sequence_key(c->seq, from + i),
			       KEY_LEN);
		count = n;
		failed |= bpfmap_update_batch(b->s->map, b->keys, b->values,
					      &count) || count != n;
	}
	return failed;
}

/* Returns how many elements came, or -1; at the end the walk begins anew. */
static int walk_some(struct batch *b)
{
	uint32_t count = BATCH, next;
	long ret = bpfmap_lookup_batch(b->s->map, b->walking ? &b->walk : NULL,
				       &next, b->keys, b->values, &count);

	if (ret && errno != ENOENT)
		return -1;
	b->walking = !ret;
	b->walk = next;
	return count;
}

static long run_walk(const struct contender *c, size_t from, size_t to)
{
	struct batch *b = c->ctx;
	int count;

	for (b->owed += to - from; b->owed > 0; b->owed -= count) {
		count = walk_some(b);
		if (count < 0)
			return -1;
	}
	return 0;
}

/* Number of the key whose pair this is; ends the program if it is no pair. */
static uint32_t pair_check(const struct keys *keys, const char *key,
			   const char *value)
{
	char text[KEY_LEN + 1], made[VALUE_LEN];
	uint32_t number;

	memcpy(text, key, KEY_LEN);
	text[KEY_LEN] = '\0';
	number = strtoul(text + 4, NULL, 10);
	value_make(made, keys, number, 0);
	if (number >= keys->count || memcmp(made, value, VALUE_LEN))
		errx(1, "a batch gave a wrong value for '%s'", text);
	return number;
}

/* A batch of GETs gives every key its value. */
static void check_mget(struct batch *b, const struct keys *keys)
{
	struct sequence seq;
	uint32_t from, i, n;

	sequence_all(&seq, keys);
	for (from = 0; from < keys->count; from += n) {
		n = part(from, keys->count);
		prepare(b, &seq, from, n, KVC_OP_GET);
		if (submit(b, n))
			errx(1, "a batch of GETs failed");
		for (i = 0; i < n; i++)
			if (pair_check(keys, keys->bytes[from + i],
				       b->values[i]) != from + i)
				errx(1, "a batch gave another key's value");
	}
	sequence_free(&seq);
}

/* And so does a walk, each once. */
static void check_walk(struct batch *b, const struct keys *keys)
{
	uint32_t seen = 0;
	int count, i;

	b->walking = false;
	do {
		count = walk_some(b);
		if (count < 0)
			err(1, "bpf(BPF_MAP_LOOKUP_BATCH)");
		for (i = 0; i < count; i++)
			pair_check(keys, b->keys[i], b->values[i]);
		seen += count;
	} while (b->walking);
	if (seen != keys->count)
		errx(1, "a walk met %u of %u elements", seen, keys->count);
}

/* The subject, once as ours and once as theirs */
struct pitch {
	struct keys keys;
	struct sequence seq;
	struct subject subject;
	struct batch ours;
	struct batch theirs;
};

static void pitch_make(struct pitch *p, const struct bench *bench)
{
	keys_make(&p->keys, bench->quick ? MANY_QUICK : MANY);
	sequence_uniform(&p->seq, &p->keys, bench->ops, bench->seed);
	subject_make(&p->subject, &p->keys, BPF_MAP_TYPE_HASH, p->keys.count);
	p->ours = (struct batch){ .s = &p->subject };
	p->theirs = (struct batch){ .s = &p->subject };
	check_mget(&p->ours, &p->keys);
	check_walk(&p->theirs, &p->keys);
}

static void pitch_end(struct pitch *p)
{
	check_mget(&p->ours, &p->keys);
	check_walk(&p->theirs, &p->keys);
	subject_end(&p->subject);
	sequence_free(&p->seq);
	keys_free(&p->keys);
}

void row_mget64(const struct bench *bench)
{
	struct sample ours = { .name = "GET, 64 a call" };
	struct sample map = { .name = "BPF HASH lookup" };
	struct pitch p;

	pitch_make(&p, bench);
	sample_contest((struct contender[]){
		{ &ours, &p.seq, run_mget, &p.ours },
		subject_map(&p.subject, &p.seq, &map),
	}, 2, &bench->rounds);
	report_row(&(struct result){
		.row = "mget64", .what = WHAT_MGET, .unit = "ns", .ours = &ours,
		.other = &map, .goal = GOAL_RATIO_LEAST, .goal_value = 8,
		.stretch = 15,
	});
	report_note("mget64: %u keys", p.keys.count);
	pitch_end(&p);
}

void row_mget_walk(const struct bench *bench)
{
	struct sample ours = { .name = "GET, 64 a call" };
	struct sample walk = { .name = "BPF LOOKUP_BATCH" };
	struct pitch p;

	pitch_make(&p, bench);
	sample_contest((struct contender[]){
		{ &ours, &p.seq, run_mget, &p.ours },
		{ &walk, &p.seq, run_walk, &p.theirs },
	}, 2, &bench->rounds);
	report_row(&(struct result){
		.row = "mget-vs-walk", .what = WHAT_MGET, .unit = "ns",
		.ours = &ours, .other = &walk, .goal = GOAL_RATIO_LEAST,
		.goal_value = 2, .stretch = 3,
	});
	report_note("mget-vs-walk: %u keys; the walk gives elements in the map's order, not those that are asked for",
		    p.keys.count);
	pitch_end(&p);
}

void row_mset(const struct bench *bench)
{
	struct sample ours = { .name = "PUT, 64 a call" };
	struct sample theirs = { .name = "BPF LRU UPDATE_BATCH" };
	struct subject subject;
	struct batch our, their;
	struct sequence seq;
	struct keys keys;

	keys_make(&keys, FEW);
	sequence_zipf(&seq, &keys, bench->ops, bench->seed);
	subject_make(&subject, &keys, BPF_MAP_TYPE_LRU_HASH, FEW_ENTRIES);
	our = (struct batch){ .s = &subject };
	their = (struct batch){ .s = &subject };
	sample_contest((struct contender[]){
		{ &ours, &seq, run_mset, &our },
		{ &theirs, &seq, run_map_mset, &their },
	}, 2, &bench->rounds);
	report_row(&(struct result){
		.row = "mset", .unit = "ns", .ours = &ours, .other = &theirs,
		.what = "updates, Zipf .99 over 10,000 keys of 16 B, values of 32 B, 64 to a call",
		.goal = GOAL_RATIO_LEAST, .goal_value = 2, .stretch = 3,
	});
	subject_end(&subject);
	sequence_free(&seq);
	keys_free(&keys);
}
