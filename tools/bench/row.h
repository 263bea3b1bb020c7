/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_ROW_H
#define BENCH_ROW_H

#include <stdbool.h>

#include "sample.h"

/**
 * struct bench - how to run the rows
 * @rounds: of those rows that take time
 * @ops: steps of each contender in a round
 * @seed: of the sequences
 * @quick: small and rough
 */
struct bench {
	struct rounds rounds;
	size_t ops;
	uint32_t seed;
	bool quick;
};

void row_null(const struct bench *bench);
void row_get1_hot(const struct bench *bench);
void row_get1_1k(const struct bench *bench);
void row_get1_floor(const struct bench *bench);
void row_near(const struct bench *bench);
void row_set1(const struct bench *bench);
/* GETs by io_uring, beside those by ioctl */
void row_uring(const struct bench *bench);
void row_mget64(const struct bench *bench);
void row_mget_walk(const struct bench *bench);
void row_mset(const struct bench *bench);
void row_sock(const struct bench *bench);
void row_lmdb(const struct bench *bench);
void row_scale(const struct bench *bench);
void row_bypass(const struct bench *bench);
void row_route(const struct bench *bench);
/* YCSB-A and -F with a store behind, and how long a write may take */
void row_behind(const struct bench *bench);
void row_pause(const struct bench *bench);
void row_events(const struct bench *bench);
void row_memory(const struct bench *bench);
void row_growth(const struct bench *bench);
void row_growth_10m(const struct bench *bench);

#endif
