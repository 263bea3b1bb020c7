// SPDX-License-Identifier: GPL-2.0-only
/*
 * Models of eviction policies that have the whole cache for themselves, for
 * kvcache's are part of two tiers.  A pair counts as many bytes as there.
 */
#include <err.h>
#include <stdlib.h>
#include <linux/kernel.h>
#include "contender.h"
#include "stream.h"

#define NONE		(~0u)
#define SMALL_SHARE	10	/* s3fifo: its small queue, one part in */
#define MAIN_FROM	2	/* visits that bring a pair to the main queue */
#define REF_MOST	3

enum place { ABSENT, MAIN, SMALL, GHOST };

/**
 * struct node - of a key
 * @newer: its neighbour in the queue
 * @older: likewise
 * @place: the queue
 * @ref: visits
 */
struct node {
	u32 newer;
	u32 older;
	u8 place;
	u8 ref;
};

struct queue {
	u32 newest;
	u32 oldest;
	u64 bytes;
};

/**
 * struct model - a cache
 * @st: whose requests
 * @limit: bytes
 * @nodes: by number of key
 * @queues: by &enum place
 * @hand: SIEVE's
 * @rules: of the policy
 */
struct model {
	const struct stream *st;
	u64 limit;
	struct node *nodes;
	struct queue queues[4];
	u32 hand;
	const struct rules *rules;
};

/**
 * struct rules - of a policy
 * @insert: puts a key that is absent into a queue
 * @hit: a key that is there was used
 * @evict: takes one away
 */
struct rules {
	void (*insert)(struct model *m, u32 key);
	void (*hit)(struct model *m, u32 key);
	void (*evict)(struct model *m);
};

static void push(struct model *m, u32 key, enum place place)
{
	struct queue *q = &m->queues[place];
	struct node *n = &m->nodes[key];

	n->place = place;
	n->newer = NONE;
	n->older = q->newest;
	if (q->newest == NONE)
		q->oldest = key;
	else
		m->nodes[q->newest].newer = key;
	q->newest = key;
	q->bytes += stream_pair(m->st, key).bytes;
}

static void take(struct model *m, u32 key)
{
	struct node *n = &m->nodes[key];
	struct queue *q = &m->queues[n->place];

	if (m->hand == key)
		m->hand = n->newer;
	if (n->newer == NONE)
		q->newest = n->older;
	else
		m->nodes[n->newer].older = n->older;
	if (n->older == NONE)
		q->oldest = n->newer;
	else
		m->nodes[n->older].newer = n->newer;
	q->bytes -= stream_pair(m->st, key).bytes;
	n->place = ABSENT;
}

static void move(struct model *m, u32 key, enum place place)
{
	take(m, key);
	push(m, key, place);
}

static void insert_main(struct model *m, u32 key)
{
	push(m, key, MAIN);
}

static void ignore(struct model *m, u32 key)
{
}

static void evict_oldest(struct model *m)
{
	take(m, m->queues[MAIN].oldest);
}

static void lru_hit(struct model *m, u32 key)
{
	move(m, key, MAIN);
}

static void mark(struct model *m, u32 key)
{
	m->nodes[key].ref = 1;
}

static void clock_evict(struct model *m)
{
	u32 key = m->queues[MAIN].oldest;

	while (m->nodes[key].ref) {
		m->nodes[key].ref = 0;
		move(m, key, MAIN);
		key = m->queues[MAIN].oldest;
	}
	take(m, key);
}

/* SIEVE (Zhang et al., NSDI'24): the hand leaves what it spares in its place. */
static void sieve_evict(struct model *m)
{
	u32 key = m->hand == NONE ? m->queues[MAIN].oldest : m->hand;

	while (m->nodes[key].ref) {
		m->nodes[key].ref = 0;
		key = m->nodes[key].newer;
		if (key == NONE)
			key = m->queues[MAIN].oldest;
	}
	m->hand = key;
	take(m, key);
}

/* S3-FIFO (Yang et al., SOSP'23) */
static void s3fifo_insert(struct model *m, u32 key)
{
	if (m->nodes[key].place == GHOST)
		move(m, key, MAIN);
	else
		push(m, key, SMALL);
}

static void s3fifo_hit(struct model *m, u32 key)
{
	if (m->nodes[key].ref < REF_MOST)
		m->nodes[key].ref++;
}

static void evict_small(struct model *m)
{
	u64 most = m->limit - m->limit / SMALL_SHARE;
	struct queue *ghosts = &m->queues[GHOST];
	u32 key = m->queues[SMALL].oldest;

	if (m->nodes[key].ref >= MAIN_FROM) {
		m->nodes[key].ref = 0;
		move(m, key, MAIN);
		return;
	}
	m->nodes[key].ref = 0;
	move(m, key, GHOST);
	while (ghosts->bytes > most)
		take(m, ghosts->oldest);
}

static void s3fifo_evict(struct model *m)
{
	u32 key = m->queues[MAIN].oldest;

	if (m->queues[SMALL].oldest != NONE &&
	    (key == NONE ||
	     m->queues[SMALL].bytes >= m->limit / SMALL_SHARE)) {
		evict_small(m);
	} else if (m->nodes[key].ref) {
		m->nodes[key].ref--;
		move(m, key, MAIN);
	} else {
		take(m, key);
	}
}

static const struct rules rules[] = {
	{ insert_main, ignore, evict_oldest },
	{ insert_main, lru_hit, evict_oldest },
	{ insert_main, mark, clock_evict },
	{ insert_main, mark, sieve_evict },
	{ s3fifo_insert, s3fifo_hit, s3fifo_evict },
};

static void *model_begin(const struct stream *st, u64 bytes, u32 which)
{
	struct model *m = calloc(1, sizeof(*m));
	unsigned int i;

	if (m)
		m->nodes = calloc(st->keys, sizeof(*m->nodes));
	if (!m || !m->nodes)
		err(1, "no memory for a model");
	m->st = st;
	m->limit = bytes;
	m->rules = &rules[which];
	m->hand = NONE;
	for (i = 0; i < ARRAY_SIZE(m->queues); i++)
		m->queues[i] = (struct queue){ NONE, NONE, 0 };
	return m;
}

static void model_end(void *ctx)
{
	struct model *m = ctx;

	free(m->nodes);
	free(m);
}

static void store(struct model *m, u32 key)
{
	u32 bytes = stream_pair(m->st, key).bytes;

	if (bytes > m->limit)
		errx(1, "a pair is larger than the cache");
	while (m->queues[MAIN].bytes + m->queues[SMALL].bytes + bytes >
	       m->limit)
		m->rules->evict(m);
	m->rules->insert(m, key);
	m->nodes[key].ref = 0;
}

static bool model_request(void *ctx, u32 request)
{
	struct model *m = ctx;
	u32 key = request_key(request);
	u8 place = m->nodes[key].place;
	bool hit = place == MAIN || place == SMALL;

	if ((request & REQUEST_OP) == REQUEST_DEL) {
		if (hit)
			take(m, key);
	} else if (hit) {
		m->rules->hit(m, key);
	} else {
		store(m, key);
	}
	return hit;
}

#define MODEL(model, number) { \
	.name = model, .begin = model_begin, .request = model_request, \
	.end = model_end, .which = number }

const struct contender models[] = {
	MODEL("FIFO", 0),
	MODEL("LRU", 1),
	MODEL("CLOCK", 2),
	MODEL("SIEVE", 3),
	MODEL("S3-FIFO", 4),
};

const unsigned int models_count = ARRAY_SIZE(models);
