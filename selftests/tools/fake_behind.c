// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_behind.h"

/* What the cache knows of a key. */
struct known {
	struct pair *pair;	/* NULL: nothing */
	bool present;		/* ... and it can be read */
	bool ask;		/* the store may have it */
	uint32_t at;
};

void behind_init(struct cache *cache)
{
	if (is_behind(cache))
		cache->store = calloc(1, sizeof(*cache->store));
}

void behind_exit(struct cache *cache)
{
	if (cache->store)
		pairs_clear(cache->store);
	free(cache->store);
	cache->store = NULL;
	pairs_clear(cache);
}

static struct known look(struct cache *cache, const struct kvc_op *op)
{
	struct known known = { .ask = true };
	bool found, live;

	known.at = pairs_place(cache, (void *)(uintptr_t)op->key, op->key_len,
			       &found);
	if (!found)
		return known;
	known.pair = &cache->pairs[known.at];
	live = !pairs_expired(known.pair);
	known.present = live && !known.pair->gone;
	known.ask = !live && !known.pair->dirty;
	return known;
}

static int get(struct cache *cache, struct kvc_op *op, const struct known *known)
{
	cache->stats.gets++;
	if (known->present)
		return pairs_give(known->pair, op);
	cache->stats.misses++;
	op->version = known->ask ? cache->version + 1 : 0;
	return -ENOENT;
}

/* The pair that an operation makes, without a version. */
static struct pair made(const struct kvc_op *op)
{
	return (struct pair){
		.key = (void *)(uintptr_t)op->key,
		.key_len = op->key_len,
		.value = (void *)(uintptr_t)op->value,
		.value_len = op->value_len,
		.client_flags = op->client_flags,
	};
}

static int fill(struct cache *cache, struct kvc_op *op,
		const struct known *known)
{
	struct pair pair = made(op);

	if (!op->version || ((op->flags & KVC_OP_F_GONE) && op->value_len))
		return -EINVAL;
	if (cache->floor >= op->version ||
	    (known->pair && (known->pair->dirty ||
			     known->pair->version >= op->version)))
		return -ESTALE;
	pair.expiry = op->expiry;
	pair.version = op->version;
	pair.gone = op->flags & KVC_OP_F_GONE;
	if (cache->version < pair.version)
		cache->version = pair.version;
	pairs_set(cache, known->at, known->pair, &pair);
	return 0;
}

static int refused(const struct kvc_op *op, const struct known *known)
{
	uint32_t how = op->flags & (KVC_OP_F_CREATE | KVC_OP_F_REPLACE |
				    KVC_OP_F_CAS);

	if (!known->pair && (how || op->opcode == KVC_OP_TOUCH))
		return -ENODATA;
	if (how & KVC_OP_F_CREATE)
		return known->present ? -EEXIST : 0;
	if ((how || op->opcode == KVC_OP_TOUCH) && !known->present)
		return -ENOENT;
	if ((how & KVC_OP_F_CAS) && known->pair->version != op->version)
		return -ESTALE;
	return 0;
}

static int set(struct cache *cache, struct kvc_op *op,
	       const struct known *known, struct pair *pair)
{
	pair->version = ++cache->version;
	pair->dirty = true;
	op->version = pair->version;
	pairs_set(cache, known->at, known->pair, pair);
	return 0;
}

static int put(struct cache *cache, struct kvc_op *op, const struct known *known)
{
	struct pair pair = made(op);
	int ret;

	if (op->flags & KVC_OP_F_FILL)
		return fill(cache, op, known);
	ret = refused(op, known);
	if (!ret)
		ret = pairs_expiry(&pair.expiry, op);
	cache->stats.puts += !ret;
	return ret ? ret : set(cache, op, known, &pair);
}

static int del(struct cache *cache, struct kvc_op *op, const struct known *known)
{
	struct pair pair = made(op);
	uint64_t had = known->pair ? known->pair->version : 0;
	int ret = refused(op, known);

	if (!ret && known->pair && !known->present)
		ret = -ENOENT;
	if (ret)
		return ret;
	pair.gone = true;
	set(cache, op, known, &pair);
	op->version = had;
	cache->stats.deletes++;
	return 0;
}

static int touch(struct cache *cache, struct kvc_op *op,
		 const struct known *known)
{
	struct pair pair;
	int ret = refused(op, known);

	if (ret)
		return ret;
	pair = *known->pair;
	ret = pairs_expiry(&pair.expiry, op);
	if (ret)
		return ret;
	/* Its own bytes are copied before they are dropped. */
	return set(cache, op, known, &pair);
}

static const struct {
	int (*run)(struct cache *cache, struct kvc_op *op,
		   const struct known *known);
	uint32_t flags;
} operations[] = {
	[KVC_OP_GET] = { get, 0 },
	[KVC_OP_PUT] = { put, KVC_OP_F_CREATE | KVC_OP_F_REPLACE |
			 KVC_OP_F_CAS | KVC_OP_F_TTL | KVC_OP_F_FILL |
			 KVC_OP_F_GONE },
	[KVC_OP_DEL] = { del, KVC_OP_F_CAS },
	[KVC_OP_TOUCH] = { touch, KVC_OP_F_TTL },
};

uint32_t behind_flags(uint32_t opcode)
{
	return operations[opcode].flags;
}

int behind_op(struct cache *cache, struct kvc_op *op)
{
	struct known known = look(cache, op);

	return operations[op->opcode].run(cache, op, &known);
}

bool behind_shown(const struct pair *pair, uint32_t flags)
{
	if (!pair->gone && !pairs_expired(pair))
		return true;
	return (flags & KVC_SCAN_F_GONE) && (pair->gone || pair->dirty);
}

unsigned int behind_dirty(const struct cache *cache)
{
	unsigned int count = 0;
	uint32_t i;

	for (i = 0; i < cache->count; i++)
		count += cache->pairs[i].dirty;
	return count;
}

/* Takes one pair to the store; true: it is forgotten, for it was a tombstone. */
static bool commit_at(struct cache *cache, uint32_t at)
{
	struct pair *pair = &cache->pairs[at];
	bool found;
	uint32_t to;

	if (!pair->dirty)
		return false;
	pair->dirty = false;
	to = pairs_place(cache->store, pair->key, pair->key_len, &found);
	if (!pair->gone) {
		pairs_set(cache->store, to, found, pair);
		return false;
	}
	if (found)
		pairs_remove(cache->store, to);
	pairs_remove(cache, at);
	cache->floor = cache->version;
	return true;
}

void behind_commit(struct cache *cache)
{
	uint32_t i = 0;

	while (i < cache->count) {
		if (!commit_at(cache, i))
			i++;
	}
	cache->stats.runs_committed++;
}

void behind_commit_key(struct cache *cache, const void *key, uint32_t len)
{
	bool found;
	uint32_t at = pairs_place(cache, key, len, &found);

	if (found)
		commit_at(cache, at);
}

static bool evict_at(struct cache *cache, uint32_t at)
{
	if (cache->pairs[at].dirty)
		return false;
	pairs_remove(cache, at);
	cache->floor = cache->version;
	return true;
}

void behind_evict(struct cache *cache)
{
	uint32_t i = 0;

	while (i < cache->count) {
		if (!evict_at(cache, i))
			i++;
	}
}

void behind_evict_key(struct cache *cache, const void *key, uint32_t len)
{
	bool found;
	uint32_t at = pairs_place(cache, key, len, &found);

	if (found)
		evict_at(cache, at);
}
