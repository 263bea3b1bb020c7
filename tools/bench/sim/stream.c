// SPDX-License-Identifier: GPL-2.0-only
/* Streams of requests, drawn from the distributions that were published */
#include <err.h>
#include <stdlib.h>
#include "../etc.h"
#include "contender.h"
#include "stream.h"

#define SHIFT_EVERY	100000
#define SCAN_MOST	100

static void *need(size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (!p)
		err(1, "no memory for %zu times %zu bytes", count, size);
	return p;
}

static void make_pairs(struct stream *st, const struct workload *w, u32 seed)
{
	struct random random = random_from(seed);
	u32 i;

	st->pair = (struct pair){ w->key_len, w->value_len, 0 };
	if (w->key_len) {
		st->pair.bytes = core_bytes(w->key_len, w->value_len);
		return;
	}
	st->pairs = need(st->keys, sizeof(*st->pairs));
	for (i = 0; i < st->keys; i++) {
		struct pair *p = &st->pairs[i];

		p->key_len = etc_key_len(&random);
		p->value_len = etc_value_len(&random);
		p->bytes = core_bytes(p->key_len, p->value_len);
	}
}

/**
 * struct draw - how the requests are drawn
 * @st: gets them
 * @w: says how
 * @random: the numbers
 * @zipf: the ranks
 * @order: key of a rank
 */
struct draw {
	struct stream *st;
	const struct workload *w;
	struct random random;
	struct zipf zipf;
	u32 *order;
};

static u32 draw_op(struct draw *d)
{
	u32 point = random_below(&d->random, 1000);

	if (point < d->w->sets)
		return REQUEST_SET;
	return point < d->w->sets + d->w->dels ? REQUEST_DEL : REQUEST_GET;
}

static u32 draw_key(struct draw *d, size_t at, u32 op)
{
	struct stream *st = d->st;
	u32 rank;

	if (op == REQUEST_SET &&
	    (d->w->kind == KIND_LATEST || d->w->kind == KIND_SCAN))
		return st->keys++;
	if (d->w->fresh && random_below(&d->random, 1000) < d->w->fresh)
		return st->keys++;
	rank = zipf_draw(&d->zipf, &d->random);
	if (d->w->kind == KIND_LATEST)
		return st->keys - 1 - rank;
	rank += (u64)(at / SHIFT_EVERY) * d->w->drift * st->base / 1000;
	return d->order[rank % st->base];
}

/* Returns how many requests it made of one step. */
static size_t draw_step(struct draw *d, size_t at)
{
	u32 op = draw_op(d), key = draw_key(d, at, op), more = 0, i;
	u32 *to = d->st->requests + at;
	size_t room = d->st->count - at;

	if (d->w->kind == KIND_SCAN && op == REQUEST_GET)
		more = random_below(&d->random, SCAN_MOST);
	if (d->w->kind == KIND_MODIFY && op == REQUEST_SET && room > 1) {
		*to++ = key;
		*to = key | op;
		return 2;
	}
	*to = key | op;
	for (i = 1; i <= more && i < room; i++)
		to[i] = (key + i) % d->st->base;
	return i;
}

void stream_make(struct stream *st, const struct workload *w, u32 keys,
		 size_t count, u32 seed)
{
	struct draw d = { .st = st, .w = w, .random = random_from(seed) };
	size_t at;

	*st = (struct stream){ .keys = keys, .base = keys, .count = count };
	st->requests = need(count, sizeof(*st->requests));
	zipf_make(&d.zipf, keys, w->exponent);
	d.order = random_order(keys, &d.random);
	for (at = 0; at < count; at += draw_step(&d, at))
		;
	free(d.order);
	zipf_free(&d.zipf);
	make_pairs(st, w, seed + 1);
}

void stream_free(struct stream *st)
{
	free(st->requests);
	free(st->pairs);
}

u64 stream_bytes(const struct stream *st)
{
	u64 bytes = 0;
	u32 i;

	for (i = 0; i < st->base; i++)
		bytes += stream_pair(st, i).bytes;
	return bytes;
}
