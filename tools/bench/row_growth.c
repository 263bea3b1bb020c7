// SPDX-License-Identifier: GPL-2.0-only
/* Rows growth and growth-10m: what a GET costs when there are more pairs */
#include <linux/bpf.h>
#include <stdio.h>

#include "meminfo.h"
#include "report.h"
#include "row.h"
#include "subject.h"

#define SIZES		4
/* What a pair takes in the cache, the map and the table of keys together */
#define PAIR_BYTES	400
#define WHAT		"reads, each key as likely, keys of 16 B, values of 32 B"

static const struct size {
	uint32_t keys;
	const char *name;
	const char *to_first;
} sizes[SIZES] = {
	{ 10000, "growth-10k", NULL },
	{ 100000, "growth-100k", "growth 100k/10k" },
	{ 1000000, "growth-1M", "growth 1M/10k" },
	{ 10000000, "growth-10M", "growth 10M/10k" },
};

/* A size and what is measured there */
struct stage {
	struct keys keys;
	struct sequence seq;
	struct subject subject;
	struct sample cache;
	struct sample map;
};

/* How many of the first @most sizes the machine's memory allows. */
static int count_sizes(int most)
{
	uint64_t room = meminfo("MemAvailable") / PAIR_BYTES, pairs = 0;
	int n;

	for (n = 0; n < most; n++) {
		pairs += sizes[n].keys;
		if (pairs > room)
			break;
	}
	if (n < most)
		report_missing(sizes[n].name, "not enough memory");
	return n;
}

/* The smaller stages use the first keys of the largest. */
static void stage_make(struct stage *s, const struct keys *all,
		       const struct size *size, const struct bench *bench)
{
	s->keys = (struct keys){ size->keys, all->value_len, all->bytes };
	sequence_uniform(&s->seq, &s->keys, bench->ops, bench->seed);
	subject_make(&s->subject, &s->keys, BPF_MAP_TYPE_HASH, size->keys);
	s->cache = (struct sample){ .name = "GET" };
	s->map = (struct sample){ .name = "BPF HASH lookup" };
}

static void contest(struct stage *stages, int count, const struct bench *bench)
{
	struct contender contenders[2 * SIZES];
	struct stage *s;
	int i;

	for (i = 0; i < count; i++) {
		s = &stages[i];
		contenders[2 * i] = subject_cache(&s->subject, &s->seq,
						  &s->cache);
		contenders[2 * i + 1] = subject_map(&s->subject, &s->seq,
						    &s->map);
	}
	sample_contest(contenders, 2 * count, &bench->rounds);
}

/* Each round's value over that of the first size in the same round. */
static struct sample relative(const struct sample *sample,
			      const struct sample *first, const char *name)
{
	struct sample out = { .name = name };
	unsigned int i;

	for (i = 0; i < sample->rounds; i++)
		sample_add(&out, sample->value[i] / first->value[i]);
	return out;
}

static void report_stage(const struct stage *stages, int i)
{
	const struct stage *s = &stages[i];
	struct sample cache, map;

	report_row(&(struct result){
		.row = sizes[i].name, .what = WHAT, .unit = "ns",
		.ours = &s->cache, .other = &s->map,
	});
	if (!i)
		return;
	cache = relative(&s->cache, &stages[0].cache, "GET");
	map = relative(&s->map, &stages[0].map, "BPF HASH lookup");
	report_row(&(struct result){
		.row = sizes[i].to_first, .what = WHAT, .unit = "times",
		.ours = &cache, .other = &map, .cost = true,
	});
}

static void run(const struct bench *bench, int most)
{
	struct stage stages[SIZES];
	struct keys all;
	int count, i;

	count = count_sizes(most);
	if (!count)
		return;
	keys_make(&all, sizes[count - 1].keys);
	for (i = 0; i < count; i++)
		stage_make(&stages[i], &all, &sizes[i], bench);
	contest(stages, count, bench);
	for (i = 0; i < count; i++)
		report_stage(stages, i);
	for (i = 0; i < count; i++) {
		subject_end(&stages[i].subject);
		sequence_free(&stages[i].seq);
	}
	keys_free(&all);
}

void row_growth(const struct bench *bench)
{
	run(bench, bench->quick ? 2 : SIZES - 1);
}

void row_growth_10m(const struct bench *bench)
{
	run(bench, SIZES);
}
