// SPDX-License-Identifier: LGPL-2.1-or-later
/* The pairs that a thread keeps: a log of records, and where each key's is. */
#include <string.h>

/* A hit has no time for a call. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "neartab.h"

#define TAG_BITS	16
#define TAG_MASK	((1ull << TAG_BITS) - 1)

static size_t sets_of(size_t bytes)
{
	/* A way for 64 bytes of records, so that hardly any set is short. */
	return bytes / 64 / KVC_NEAR_WAYS;
}

size_t kvc_near_tab_size(size_t bytes)
{
	return bytes + sets_of(bytes) * KVC_NEAR_WAYS * sizeof(uint64_t);
}

void kvc_near_tab_init(struct kvc_near_tab *tab, void *memory, size_t bytes)
{
	tab->units = bytes / KVC_NEAR_UNIT;
	/* Ways that were never used are too far behind it. */
	tab->head = 2 * tab->units;
	tab->sets = sets_of(bytes) - 1;
	tab->way = memory;
	tab->log = (unsigned char *)memory + kvc_near_tab_size(bytes) - bytes;
}

uint64_t kvc_near_hash(const void *key, size_t key_len)
{
	return XXH3_64bits(key, key_len);
}

static bool is_there(const struct kvc_near_tab *tab, uint64_t at)
{
	return tab->head - at <= tab->units;
}

static struct kvc_near_rec *rec_at(const struct kvc_near_tab *tab, uint64_t at)
{
	return (void *)(tab->log + (at & (tab->units - 1)) * KVC_NEAR_UNIT);
}

static uint64_t *set_of(const struct kvc_near_tab *tab, uint64_t hash)
{
	return &tab->way[(hash & tab->sets) * KVC_NEAR_WAYS];
}

static uint64_t tag_of(uint64_t hash)
{
	return hash >> (64 - TAG_BITS);
}

static bool matches(const struct kvc_near_rec *rec, const void *key,
		    size_t key_len)
{
	return rec->key_len == key_len && !memcmp(rec->data, key, key_len);
}

/* The way of the key, or NULL. */
static uint64_t *find_way(const struct kvc_near_tab *tab, uint64_t hash,
			  const void *key, size_t key_len)
{
	uint64_t *set = set_of(tab, hash), at;
	int i;

	for (i = 0; i < KVC_NEAR_WAYS; i++) {
		at = set[i] >> TAG_BITS;
		if ((set[i] & TAG_MASK) == tag_of(hash) && is_there(tab, at) &&
		    matches(rec_at(tab, at), key, key_len))
			return &set[i];
	}
	return NULL;
}

static uint64_t *oldest_way(const struct kvc_near_tab *tab, uint64_t hash)
{
	uint64_t *set = set_of(tab, hash), *oldest = set;
	int i;

	for (i = 1; i < KVC_NEAR_WAYS; i++)
		if (set[i] >> TAG_BITS < *oldest >> TAG_BITS)
			oldest = &set[i];
	return oldest;
}

static uint64_t units_of(size_t key_len, size_t value_len)
{
	return (sizeof(struct kvc_near_rec) + key_len + value_len +
		KVC_NEAR_UNIT - 1) / KVC_NEAR_UNIT;
}

/* Room for a record, in one piece; what was there is no more. */
static uint64_t take_room(struct kvc_near_tab *tab, uint64_t units)
{
	uint64_t left = tab->units - (tab->head & (tab->units - 1)), at;

	if (left < units)
		tab->head += left;
	at = tab->head;
	tab->head += units;
	return at;
}

/* Writes a record anew that would be overwritten soon. */
static struct kvc_near_rec *renew(struct kvc_near_tab *tab, uint64_t hash,
				  uint64_t *way)
{
	struct kvc_near_rec *from = rec_at(tab, *way >> TAG_BITS), *to;
	uint64_t units = units_of(from->key_len, from->value_len);
	uint64_t at = take_room(tab, units);

	to = rec_at(tab, at);
	/* Its new room may be what it had, in part. */
	memmove(to, from, units * KVC_NEAR_UNIT);
	*way = at << TAG_BITS | tag_of(hash);
	return to;
}

struct kvc_near_rec *kvc_near_find(struct kvc_near_tab *tab, uint64_t hash,
				   const void *key, size_t key_len)
{
	uint64_t *way = find_way(tab, hash, key, key_len), at;

	if (!way)
		return NULL;
	at = *way >> TAG_BITS;
	if (__builtin_expect(tab->head - at > tab->units / 2, 0))
		return renew(tab, hash, way);
	return rec_at(tab, at);
}

void kvc_near_add(struct kvc_near_tab *tab, uint64_t hash,
		  const struct kvc_op *op)
{
	const void *key = (const void *)(uintptr_t)op->key;
	const void *value = (const void *)(uintptr_t)op->value;
	uint64_t *way = find_way(tab, hash, key, op->key_len), at;
	struct kvc_near_rec *rec;

	if (!way)
		way = oldest_way(tab, hash);
	at = take_room(tab, units_of(op->key_len, op->value_len));
	rec = rec_at(tab, at);
	*rec = (struct kvc_near_rec){
		.version = op->version,
		.expiry = op->expiry,
		.client_flags = op->client_flags,
		.slot = KVC_SLOT_NUMBER(op->slot),
		.count = KVC_SLOT_COUNT(op->slot),
		.key_len = op->key_len,
		.value_len = op->value_len,
	};
	memcpy(rec->data, key, op->key_len);
	if (op->value_len)
		memcpy(rec->data + op->key_len, value, op->value_len);
	*way = at << TAG_BITS | tag_of(hash);
}
