// SPDX-License-Identifier: GPL-2.0-only
/* The pairs of a cache, in a sorted array. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fake_pairs.h"

static void free_pair(struct pair *pair)
{
	free(pair->key);
	free(pair->value);
}

void pairs_clear(struct cache *cache)
{
	uint32_t i;

	for (i = 0; i < cache->count; i++)
		free_pair(&cache->pairs[i]);
	free(cache->pairs);
	cache->pairs = NULL;
	cache->count = 0;
}

uint64_t pairs_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static int compare(const void *a, size_t a_len, const void *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

uint32_t pairs_place(const struct cache *cache, const void *key, uint32_t len,
		     bool *found)
{
	uint32_t i = 0;
	int order = 1;

	for (; i < cache->count; i++) {
		order = compare(cache->pairs[i].key, cache->pairs[i].key_len,
				key, len);
		if (order >= 0)
			break;
	}
	*found = i < cache->count && !order;
	return i;
}

void pairs_remove(struct cache *cache, uint32_t at)
{
	free_pair(&cache->pairs[at]);
	cache->count--;
	memmove(&cache->pairs[at], &cache->pairs[at + 1],
		(cache->count - at) * sizeof(*cache->pairs));
}

static struct pair *insert_at(struct cache *cache, uint32_t at)
{
	cache->pairs = realloc(cache->pairs,
			       (cache->count + 1) * sizeof(*cache->pairs));
	memmove(&cache->pairs[at + 1], &cache->pairs[at],
		(cache->count - at) * sizeof(*cache->pairs));
	cache->count++;
	memset(&cache->pairs[at], 0, sizeof(struct pair));
	return &cache->pairs[at];
}

static void *copy(const void *from, uint32_t len)
{
	void *to = malloc(len + 1);

	if (len)
		memcpy(to, from, len);
	return to;
}

struct pair *pairs_set(struct cache *cache, uint32_t at, bool found,
		       const struct pair *pair)
{
	struct pair *to, set = *pair;

	set.key = copy(pair->key, pair->key_len);
	set.value = copy(pair->value, pair->value_len);
	if (found)
		pairs_remove(cache, at);
	to = insert_at(cache, at);
	*to = set;
	return to;
}

int pairs_expiry(uint64_t *out, const struct kvc_op *op)
{
	if (op->expiry > INT64_MAX)
		return -ERANGE;
	*out = op->expiry;
	if (op->flags & KVC_OP_F_TTL)
		*out += pairs_now();
	return *out > INT64_MAX ? -ERANGE : 0;
}

bool pairs_expired(const struct pair *pair)
{
	return pair->expiry && pair->expiry <= pairs_now();
}

int pairs_give(const struct pair *pair, struct kvc_op *op)
{
	uint32_t room = op->value_len;

	op->value_len = pair->value_len;
	if (room < pair->value_len)
		return -ERANGE;
	if (room)
		memcpy((void *)(uintptr_t)op->value, pair->value,
		       pair->value_len);
	op->client_flags = pair->client_flags;
	op->version = pair->version;
	op->expiry = pair->expiry;
	return 0;
}

static int do_get(struct cache *cache, struct kvc_op *op, uint32_t at, bool found)
{
	cache->stats.gets++;
	if (!found) {
		cache->stats.misses++;
		return -ENOENT;
	}
	cache->stats.hits_tier++;
	return pairs_give(&cache->pairs[at], op);
}

static int put_refused(const struct cache *cache, const struct kvc_op *op,
		       uint32_t at, bool found)
{
	if ((op->flags & KVC_OP_F_CREATE) && found)
		return -EEXIST;
	if ((op->flags & (KVC_OP_F_REPLACE | KVC_OP_F_CAS)) && !found)
		return -ENOENT;
	if ((op->flags & KVC_OP_F_CAS) &&
	    cache->pairs[at].version != op->version)
		return -ESTALE;
	return op->value_len > cache->config.value_max ? -E2BIG : 0;
}

static int do_put(struct cache *cache, struct kvc_op *op, uint32_t at, bool found)
{
	struct pair pair = {
		.key = (void *)(uintptr_t)op->key,
		.key_len = op->key_len,
		.value = (void *)(uintptr_t)op->value,
		.value_len = op->value_len,
		.client_flags = op->client_flags,
	};
	int ret = put_refused(cache, op, at, found);

	if (!ret)
		ret = pairs_expiry(&pair.expiry, op);
	if (ret)
		return ret;
	pair.version = ++cache->version;
	pairs_set(cache, at, found, &pair);
	op->version = pair.version;
	cache->stats.puts++;
	return 0;
}

static int do_del(struct cache *cache, struct kvc_op *op, uint32_t at, bool found)
{
	int ret = found ? 0 : -ENOENT;

	if (found && (op->flags & KVC_OP_F_CAS) &&
	    cache->pairs[at].version != op->version)
		ret = -ESTALE;
	if (ret)
		return ret;
	op->version = cache->pairs[at].version;
	pairs_remove(cache, at);
	cache->stats.deletes++;
	return 0;
}

static int do_touch(struct cache *cache, struct kvc_op *op, uint32_t at,
		    bool found)
{
	if (!found)
		return -ENOENT;
	op->version = cache->pairs[at].version;
	return pairs_expiry(&cache->pairs[at].expiry, op);
}

static const struct {
	int (*run)(struct cache *cache, struct kvc_op *op, uint32_t at,
		   bool found);
	uint32_t flags;
} operations[] = {
	[KVC_OP_GET] = { do_get, 0 },
	[KVC_OP_PUT] = { do_put, KVC_OP_F_CREATE | KVC_OP_F_REPLACE |
			 KVC_OP_F_CAS | KVC_OP_F_TTL },
	[KVC_OP_DEL] = { do_del, KVC_OP_F_CAS },
	[KVC_OP_TOUCH] = { do_touch, KVC_OP_F_TTL },
};

uint32_t pairs_flags(uint32_t opcode)
{
	return operations[opcode].flags;
}

bool pairs_value(uint32_t opcode)
{
	return opcode == KVC_OP_GET || opcode == KVC_OP_PUT;
}

int pairs_op(struct cache *cache, struct kvc_op *op)
{
	bool found;
	uint32_t at;

	at = pairs_place(cache, (void *)(uintptr_t)op->key, op->key_len, &found);
	if (found && pairs_expired(&cache->pairs[at])) {
		pairs_remove(cache, at);
		found = false;
	}
	return operations[op->opcode].run(cache, op, at, found);
}

bool pairs_in_range(const struct pair *pair, const struct kvc_scan *scan)
{
	const void *start = (void *)(uintptr_t)scan->start;

	if (scan->after_len &&
	    compare(pair->key, pair->key_len, (void *)(uintptr_t)scan->after,
		    scan->after_len) <= 0)
		return false;
	if (scan->flags & KVC_SCAN_F_PREFIX)
		return pair->key_len >= scan->start_len &&
		       !memcmp(pair->key, start, scan->start_len);
	if (compare(pair->key, pair->key_len, start, scan->start_len) < 0)
		return false;
	return !scan->end_len ||
	       compare(pair->key, pair->key_len, (void *)(uintptr_t)scan->end,
		       scan->end_len) < 0;
}

bool pairs_add_record(struct kvc_scan *scan, const struct pair *pair)
{
	bool gone = pair->gone || pairs_expired(pair);
	uint32_t data = scan->flags & KVC_SCAN_F_KEYS || gone ? 0 :
							pair->value_len;
	uint32_t len = sizeof(struct kvc_scan_rec) + pair->key_len + data;
	unsigned char *at = (unsigned char *)(uintptr_t)scan->buf + scan->used;

	len = (len + 7) & ~7u;
	scan->needed = len;
	if (scan->buf_len - scan->used < len)
		return false;
	*(struct kvc_scan_rec *)at = (struct kvc_scan_rec){
		.rec_len = len,
		.key_len = pair->key_len,
		.value_len = gone ? 0 : pair->value_len,
		.data_len = data,
		.client_flags = pair->client_flags,
		.flags = gone ? KVC_SCAN_REC_GONE : 0,
		.version = pair->version,
		.expiry = pair->expiry,
	};
	at += sizeof(struct kvc_scan_rec);
	memcpy(at, pair->key, pair->key_len);
	memcpy(at + pair->key_len, pair->value, data);
	scan->used += len;
	scan->count++;
	return true;
}

unsigned int pairs_purge(struct cache *cache, const void *key, size_t len,
			 bool prefix)
{
	unsigned int removed = 0;
	uint32_t i = 0;

	while (i < cache->count) {
		const struct pair *pair = &cache->pairs[i];

		if (pair->key_len < len || memcmp(pair->key, key, len) ||
		    (!prefix && pair->key_len != len)) {
			i++;
			continue;
		}
		pairs_remove(cache, i);
		removed++;
	}
	return removed;
}
