/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_ZIPF_H
#define BENCH_ZIPF_H

#include <stdint.h>
#include <stdlib.h>

/**
 * struct random - a sequence of random numbers, those of drand48(3), so that a
 * seed gives the same sequence everywhere
 * @state: of it
 */
struct random {
	unsigned short state[3];
};

static inline struct random random_from(uint32_t seed)
{
	/* As srand48(3) does it. */
	return (struct random){ { 0x330e, seed & 0xffff, seed >> 16 } };
}

/* From 0 up to but not with 1 */
static inline double random_unit(struct random *random)
{
	return erand48(random->state);
}

static inline uint32_t random_below(struct random *random, uint32_t bound)
{
	return random_unit(random) * bound;
}

/* The numbers below @count in random order */
uint32_t *random_order(uint32_t count, struct random *random);

/**
 * struct zipf - a distribution of ranks
 * @count: ranks are 0 to @count - 1
 * @sums: how likely one of the ranks up to this one is
 */
struct zipf {
	uint32_t count;
	double *sums;
};

/* Rank i is as likely as 1 / (i + 1) to the power of @exponent. */
void zipf_make(struct zipf *zipf, uint32_t count, double exponent);
uint32_t zipf_draw(const struct zipf *zipf, struct random *random);
void zipf_free(struct zipf *zipf);

#endif
