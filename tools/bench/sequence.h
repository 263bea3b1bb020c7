/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_SEQUENCE_H
#define BENCH_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>

#define KEY_LEN		16
#define VALUE_LEN	32
#define VALUE_LEN_MOST	1024

/* A step that updates its key; one without reads it */
#define STEP_UPDATE	(1u << 31)

/**
 * struct keys - a table of keys, so that none is made while time is taken
 * @count: how many
 * @value_len: bytes of each key's value, up to %VALUE_LEN_MOST
 * @bytes: key number i is at @bytes[i]
 */
struct keys {
	uint32_t count;
	uint32_t value_len;
	char (*bytes)[KEY_LEN];
};

/**
 * struct sequence - which key is used when, drawn before time is taken
 * @keys: whose numbers the steps are
 * @count: steps
 * @steps: number of a key, with %STEP_UPDATE
 */
struct sequence {
	const struct keys *keys;
	size_t count;
	uint32_t *steps;
};

/* Values of %VALUE_LEN bytes; the caller may set another length. */
void keys_make(struct keys *keys, uint32_t count);
void keys_free(struct keys *keys);

/* The value of key number @key; @change tells its versions apart. */
void value_make(char *value, const struct keys *keys, uint32_t key,
		uint64_t change);

/* Zipf with the exponent 0.99 of YCSB, over all keys. */
void sequence_zipf(struct sequence *seq, const struct keys *keys, size_t count,
		   uint32_t seed);
/* Every key as likely as any other. */
void sequence_uniform(struct sequence *seq, const struct keys *keys,
		      size_t count, uint32_t seed);
/* Each key once, in the order of their numbers. */
void sequence_all(struct sequence *seq, const struct keys *keys);
/* Turns this share of the steps into updates, @percent 0 to 100. */
void sequence_update(struct sequence *seq, unsigned int percent, uint32_t seed);
void sequence_free(struct sequence *seq);

static inline const char *sequence_key(const struct sequence *seq, size_t at)
{
	return seq->keys->bytes[seq->steps[at] & ~STEP_UPDATE];
}

#endif
