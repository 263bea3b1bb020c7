// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <math.h>

#include "zipf.h"

static void *need(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (!p)
		err(1, "no memory for %zu times %zu bytes", count, size);
	return p;
}

uint32_t *random_order(uint32_t count, struct random *random)
{
	uint32_t *order = need(count, sizeof(*order));
	uint32_t i, j, t;

	for (i = 0; i < count; i++)
		order[i] = i;
	for (i = count - 1; i > 0; i--) {
		j = random_below(random, i + 1);
		t = order[i];
		order[i] = order[j];
		order[j] = t;
	}
	return order;
}

void zipf_make(struct zipf *zipf, uint32_t count, double exponent)
{
	double sum = 0;
	uint32_t i;

	zipf->count = count;
	zipf->sums = need(count, sizeof(*zipf->sums));
	for (i = 0; i < count; i++) {
		sum += pow(i + 1, -exponent);
		zipf->sums[i] = sum;
	}
	for (i = 0; i < count; i++)
		zipf->sums[i] /= sum;
}

/* The first rank whose sum is above the point that is drawn */
uint32_t zipf_draw(const struct zipf *zipf, struct random *random)
{
	uint32_t low = 0, high = zipf->count - 1, middle;
	double point = random_unit(random);

	while (low < high) {
		middle = low + (high - low) / 2;
		if (zipf->sums[middle] > point)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

void zipf_free(struct zipf *zipf)
{
	free(zipf->sums);
}
