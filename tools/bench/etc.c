// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>

#include "etc.h"

/* Generalised extreme value distribution */
uint32_t etc_key_len(struct random *random)
{
	const double middle = 30.7984, scale = 8.20449, shape = 0.078688;
	double point = 1 - random_unit(random), x;

	x = middle + scale * (pow(-log(point), -shape) - 1) / shape;
	if (!(x > ETC_KEY_LEAST))
		return ETC_KEY_LEAST;
	return x > ETC_KEY_MOST ? ETC_KEY_MOST : x;
}

/* Generalised Pareto distribution from 15 bytes on, a table below */
uint32_t etc_value_len(struct random *random)
{
	static const double shorter[] = {
		0.00536, 0.00047, 0.17820, 0.09239, 0.00018, 0.02740, 0.00065,
		0.00606, 0.00023, 0.00837, 0.00837, 0.08989, 0.00092, 0.00326,
		0.01980,
	};
	const double least = 15, scale = 214.476, shape = 0.348238;
	double point = random_unit(random), x;
	uint32_t len;

	for (len = 0; len < sizeof(shorter) / sizeof(*shorter); len++) {
		if (point < shorter[len])
			return len;
		point -= shorter[len];
	}
	x = least + scale * (pow(1 - random_unit(random), -shape) - 1) / shape;
	return x > ETC_VALUE_MOST ? ETC_VALUE_MOST : x;
}
