/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_SAMPLE_H
#define BENCH_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "sequence.h"

#define ROUNDS_MAX	64

/**
 * struct sample - what was measured of one contender, round by round
 * @name: of the contender
 * @rounds: how many values there are
 * @value: one of each round
 */
struct sample {
	const char *name;
	unsigned int rounds;
	double value[ROUNDS_MAX];
};

/**
 * struct contender - one of those that are compared
 * @sample: where the nanoseconds of a step go; @name there is set already
 * @seq: the steps
 * @run: does the steps from @from up to but not with @to.  Returns 0,
 *	or not 0 when any of them failed.
 * @ctx: the contender's own
 */
struct contender {
	struct sample *sample;
	const struct sequence *seq;
	long (*run)(const struct contender *c, size_t from, size_t to);
	void *ctx;
};

/**
 * struct rounds - how to measure
 * @count: rounds that count, after one that does not
 * @slices: so often the contenders take turns within a round, at most once a
 *	step
 */
struct rounds {
	unsigned int count;
	unsigned int slices;
};

/**
 * struct ratio - of two samples
 * @median: ratio of their medians
 * @min: the least ratio of a round
 * @max: the greatest ratio of a round
 */
struct ratio {
	double median;
	double min;
	double max;
};

void sample_add(struct sample *sample, double value);
/* Nanoseconds of the clock that all time is taken by */
uint64_t sample_now(void);
/* The median; sorts the values. */
double sample_middle(double *values, unsigned int n);
double sample_median(const struct sample *sample);
struct ratio sample_ratio(const struct sample *over, const struct sample *under);

/* Takes the contenders' time, in turns: A B A B ... */
void sample_contest(const struct contender *contenders, size_t count,
		    const struct rounds *rounds);

#endif
