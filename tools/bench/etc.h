/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_ETC_H
#define BENCH_ETC_H

#include "zipf.h"

/* A number has room in the shortest key. */
#define ETC_KEY_LEAST	8
#define ETC_KEY_MOST	250
#define ETC_VALUE_MOST	(1 << 20)

/*
 * Lengths as in Facebook's pool ETC: Atikoglu et al., "Workload analysis of a
 * large-scale key-value store", SIGMETRICS'12.
 */
uint32_t etc_key_len(struct random *random);
uint32_t etc_value_len(struct random *random);

#endif
