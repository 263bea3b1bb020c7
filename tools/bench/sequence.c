// SPDX-License-Identifier: GPL-2.0-only
/* Keys and the order in which they are used */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sequence.h"
#include "zipf.h"

#define EXPONENT	0.99

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
	keys->value_len = VALUE_LEN;
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

void value_make(char *value, const struct keys *keys, uint32_t key,
		uint64_t change)
{
	memset(value, 'v', keys->value_len);
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

void sequence_zipf(struct sequence *seq, const struct keys *keys, size_t count,
		   uint32_t seed)
{
	struct random random = random_from(seed);
	/* The hot ones must not be neighbours. */
	uint32_t *order = random_order(keys->count, &random);
	struct zipf zipf;
	size_t i;

	zipf_make(&zipf, keys->count, EXPONENT);
	sequence_alloc(seq, keys, count);
	for (i = 0; i < count; i++)
		seq->steps[i] = order[zipf_draw(&zipf, &random)];
	zipf_free(&zipf);
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

void sequence_all(struct sequence *seq, const struct keys *keys)
{
	size_t i;

	sequence_alloc(seq, keys, keys->count);
	for (i = 0; i < seq->count; i++)
		seq->steps[i] = i;
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
