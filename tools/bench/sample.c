// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking time, fairly
 *
 * In each round every contender does all steps of its sequence, in slices: one
 * slice of the first, the same slice of the second, and so on.  A slice is
 * shorter than the turns that a host with other work gives to the guest, so
 * most of them are not interrupted, and the median of its slices is what a
 * round says about a contender.
 */
#include <err.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sample.h"

uint64_t sample_now(void)
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

double sample_middle(double *values, unsigned int n)
{
	qsort(values, n, sizeof(*values), compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

double sample_median(const struct sample *sample)
{
	double values[ROUNDS_MAX];

	memcpy(values, sample->value, sizeof(values));
	return sample_middle(values, sample->rounds);
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

/* Nanoseconds of a step in the slice */
static double run_slice(const struct contender *c, unsigned int slice,
			unsigned int slices)
{
	size_t from = c->seq->count * slice / slices;
	size_t to = c->seq->count * (slice + 1) / slices;
	uint64_t begin = sample_now();

	if (c->run(c, from, to))
		errx(1, "%s failed in the steps %zu to %zu", c->sample->name,
		     from, to);
	return (double)(sample_now() - begin) / (to - from);
}

/* Leaves in @ns what each slice took, contender by contender. */
static void run_round(const struct contender *contenders, size_t count,
		      unsigned int slices, double *ns)
{
	unsigned int slice;
	size_t i;

	for (slice = 0; slice < slices; slice++)
		for (i = 0; i < count; i++)
			ns[i * slices + slice] =
				run_slice(&contenders[i], slice, slices);
}

void sample_contest(const struct contender *contenders, size_t count,
		    const struct rounds *rounds)
{
	double *ns = calloc(count * rounds->slices, sizeof(*ns));
	unsigned int round;
	size_t i;

	if (!ns)
		err(1, "slices");
	run_round(contenders, count, rounds->slices, ns);
	for (round = 0; round < rounds->count; round++) {
		run_round(contenders, count, rounds->slices, ns);
		for (i = 0; i < count; i++)
			sample_add(contenders[i].sample,
				   sample_middle(ns + i * rounds->slices,
						 rounds->slices));
	}
	free(ns);
}
