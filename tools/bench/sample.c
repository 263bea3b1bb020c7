// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking time, fairly
 *
 * In each round every contender does all steps of its sequence, in slices: one
 * slice of the first, the same slice of the second, and so on.  What disturbs
 * the machine for longer than a slice so disturbs all of them.
 */
#include <err.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sample.h"

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

void sample_add(struct sample *sample, double value)
{
	if (sample->rounds == ROUNDS_MAX)
		errx(1, "more than %d rounds", ROUNDS_MAX);
	sample->value[sample->rounds++] = value;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double sample_median(const struct sample *sample)
{
	double sorted[ROUNDS_MAX];
	unsigned int n = sample->rounds;

	memcpy(sorted, sample->value, n * sizeof(sorted[0]));
	qsort(sorted, n, sizeof(sorted[0]), compare);
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

struct ratio sample_ratio(const struct sample *over, const struct sample *under)
{
	struct ratio ratio = {
		.median = sample_median(over) / sample_median(under),
		.min = over->value[0] / under->value[0],
		.max = over->value[0] / under->value[0],
	};
	unsigned int i;
	double r;

	for (i = 1; i < over->rounds; i++) {
		r = over->value[i] / under->value[i];
		if (r < ratio.min)
			ratio.min = r;
		if (r > ratio.max)
			ratio.max = r;
	}
	return ratio;
}

static uint64_t run_slice(const struct contender *c, unsigned int slice,
			  unsigned int slices)
{
	size_t from = c->seq->count * slice / slices;
	size_t to = c->seq->count * (slice + 1) / slices;
	uint64_t begin = now_ns();

	if (c->run(c, from, to))
		errx(1, "%s failed in the steps %zu to %zu", c->sample->name,
		     from, to);
	return now_ns() - begin;
}

static void run_round(const struct contender *contenders, size_t count,
		      unsigned int slices, uint64_t *ns)
{
	unsigned int slice;
	size_t i;

	memset(ns, 0, count * sizeof(*ns));
	for (slice = 0; slice < slices; slice++)
		for (i = 0; i < count; i++)
			ns[i] += run_slice(&contenders[i], slice, slices);
}

void sample_contest(const struct contender *contenders, size_t count,
		    const struct rounds *rounds)
{
	uint64_t ns[count];
	unsigned int round;
	size_t i;

	run_round(contenders, count, rounds->slices, ns);
	for (round = 0; round < rounds->count; round++) {
		run_round(contenders, count, rounds->slices, ns);
		for (i = 0; i < count; i++)
			sample_add(contenders[i].sample,
				   (double)ns[i] / contenders[i].seq->count);
	}
}
