// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys and the order in which they are used
 *
 * The random numbers are those of drand48(3), so that a seed gives the same
 * sequence everywhere.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sequence.h"

#define EXPONENT	0.99

struct random {
	unsigned short state[3];
};

static struct random random_from(uint32_t seed)
{
	/* As srand48(3) does it. */
	return (struct random){ { 0x330e, seed & 0xffff, seed >> 16 } };
}

static uint32_t random_below(struct random *random, uint32_t bound)
{
	return erand48(random->state) * bound;
}

static void *need(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (!p)
		err(1, "no memory for %zu times %zu bytes", count, size);
	return p;
}

void keys_make(struct keys *keys, uint32_t count)
{
	char text[KEY_LEN + 1];
	uint32_t i;

	keys->count = count;
	keys->bytes = need(count, KEY_LEN);
	for (i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "user%012u", i);
		memcpy(keys->bytes[i], text, KEY_LEN);
	}
}

void keys_free(struct keys *keys)
{
	free(keys->bytes);
}

void value_make(char value[VALUE_LEN], uint32_t key, uint64_t change)
{
	memset(value, 'v', VALUE_LEN);
	memcpy(value, &key, sizeof(key));
	memcpy(value + sizeof(key), &change, sizeof(change));
}

static void sequence_alloc(struct sequence *seq, const struct keys *keys,
			   size_t count)
{
	seq->keys = keys;
	seq->count = count;
	seq->steps = need(count, sizeof(*seq->steps));
}

/* Which key has which rank: the hot ones must not be neighbours. */
static uint32_t *shuffled(uint32_t count, struct random *random)
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

/* sums[i]: how likely one of the ranks 0 to i is. */
static double *zipf_sums(uint32_t count)
{
	double *sums = need(count, sizeof(*sums));
	double sum = 0;
	uint32_t i;

	for (i = 0; i < count; i++) {
		sum += pow(i + 1, -EXPONENT);
		sums[i] = sum;
	}
	for (i = 0; i < count; i++)
		sums[i] /= sum;
	return sums;
}

/* The first rank whose sum is above @point. */
static uint32_t zipf_rank(const double *sums, uint32_t count, double point)
{
	uint32_t low = 0, high = count - 1, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (sums[middle] > point)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

void sequence_zipf(struct sequence *seq, const struct keys *keys, size_t count,
		   uint32_t seed)
{
	struct random random = random_from(seed);
	uint32_t *order = shuffled(keys->count, &random);
	double *sums = zipf_sums(keys->count);
	size_t i;

	sequence_alloc(seq, keys, count);
	for (i = 0; i < count; i++)
		seq->steps[i] = order[zipf_rank(sums, keys->count,
						erand48(random.state))];
	free(sums);
	free(order);
}

void sequence_uniform(struct sequence *seq, const struct keys *keys,
		      size_t count, uint32_t seed)
{
	struct random random = random_from(seed);
	size_t i;

	sequence_alloc(seq, keys, count);
	for (i = 0; i < count; i++)
		seq->steps[i] = random_below(&random, keys->count);
}

void sequence_update(struct sequence *seq, unsigned int percent, uint32_t seed)
{
	struct random random = random_from(seed);
	size_t i;

	for (i = 0; i < seq->count; i++)
		if (random_below(&random, 100) < percent)
			seq->steps[i] |= STEP_UPDATE;
}

void sequence_free(struct sequence *seq)
{
	free(seq->steps);
}
