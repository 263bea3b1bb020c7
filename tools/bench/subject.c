// SPDX-License-Identifier: GPL-2.0-only
/* kvcache and a BPF map side by side, with the same pairs */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "bpfmap.h"
#include "store.h"
#include "subject.h"

#define LIMIT_LEAST	(64ull << 20)
#define LIMIT_PAIR	320	/* and the value */

uint64_t subject_limit(const struct keys *keys)
{
	uint64_t limit = (uint64_t)keys->count * (LIMIT_PAIR + keys->value_len);

	return limit > LIMIT_LEAST ? limit : LIMIT_LEAST;
}

void subject_fill_map(int map, const struct keys *keys)
{
	char value[VALUE_LEN_MOST];
	uint32_t i;

	for (i = 0; i < keys->count; i++) {
		value_make(value, keys, i, 0);
		if (bpfmap_update(map, keys->bytes[i], value))
			err(1, "bpf(BPF_MAP_UPDATE_ELEM) of key %u", i);
	}
}

void subject_make(struct subject *s, const struct keys *keys,
		  enum bpf_map_type type, uint32_t entries)
{
	s->keys = keys;
	snprintf(s->name, sizeof(s->name), "bench%u", keys->count);
	s->kvc = store_create(s->name, subject_limit(keys));
	store_fill(s->kvc, keys);
	s->map = bpfmap_create(type, KEY_LEN, keys->value_len, entries, 0);
	subject_fill_map(s->map, keys);
}

static void check_key(const struct subject *s, uint32_t i)
{
	char ours[VALUE_LEN_MOST], theirs[VALUE_LEN_MOST], made[VALUE_LEN_MOST];
	size_t len = sizeof(ours);

	value_make(made, s->keys, i, 0);
	if (kvc_get(s->kvc, s->keys->bytes[i], KEY_LEN, ours, &len, NULL) ||
	    len != s->keys->value_len || memcmp(ours, made, sizeof(i)))
		errx(1, "kvcache lost key %u", i);
	if (bpfmap_lookup(s->map, s->keys->bytes[i], theirs))
		errx(1, "the BPF map lost key %u", i);
	if (memcmp(ours, theirs, len))
		errx(1, "kvcache and the BPF map differ in key %u", i);
}

void subject_end(struct subject *s)
{
	uint32_t i;

	for (i = 0; i < s->keys->count; i++)
		check_key(s, i);
	subject_close(s);
}

void subject_close(struct subject *s)
{
	store_check(s->kvc, s->keys);
	store_destroy(s->kvc, s->name);
	close(s->map);
}

static long cache_read(const struct subject *s, const char *key)
{
	char value[VALUE_LEN_MOST];
	size_t len = s->keys->value_len;

	return kvc_get(s->kvc, key, KEY_LEN, value, &len, NULL);
}

static long map_read(const struct subject *s, const char *key)
{
	char value[VALUE_LEN_MOST];

	return bpfmap_lookup(s->map, key, value);
}

static long run_cache(const struct contender *c, size_t from, size_t to)
{
	const struct sequence *seq = c->seq;
	struct subject *s = c->ctx;
	char value[VALUE_LEN_MOST];
	long failed = 0;
	uint32_t step;
	size_t i;

	for (i = from; i < to; i++) {
		step = seq->steps[i];
		if (step & STEP_UPDATE) {
			value_make(value, s->keys, step & ~STEP_UPDATE, i);
			failed |= kvc_put(s->kvc, sequence_key(seq, i), KEY_LEN,
					  value, s->keys->value_len, NULL,
					  NULL);
		} else {
			failed |= cache_read(s, sequence_key(seq, i));
		}
	}
	return failed;
}

static long run_map(const struct contender *c, size_t from, size_t to)
{
	const struct sequence *seq = c->seq;
	struct subject *s = c->ctx;
	char value[VALUE_LEN_MOST];
	long failed = 0;
	uint32_t step;
	size_t i;

	for (i = from; i < to; i++) {
		step = seq->steps[i];
		if (step & STEP_UPDATE) {
			value_make(value, s->keys, step & ~STEP_UPDATE, i);
			failed |= bpfmap_update(s->map, sequence_key(seq, i),
						value);
		} else {
			failed |= map_read(s, sequence_key(seq, i));
		}
	}
	return failed;
}

struct contender subject_cache(struct subject *s, const struct sequence *seq,
			       struct sample *sample)
{
	return (struct contender){ sample, seq, run_cache, s };
}

struct contender subject_map(struct subject *s, const struct sequence *seq,
			     struct sample *sample)
{
	return (struct contender){ sample, seq, run_map, s };
}
