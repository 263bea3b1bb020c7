// SPDX-License-Identifier: LGPL-2.1-or-later
/* The pairs that a thread keeps: a log of records, and where each key's is. */
#include "neartab.h"

/* A way for so many bytes of records, so that hardly any set is short */
#define BYTES_WAY	64

static size_t sets_of(size_t bytes)
{
	return bytes / BYTES_WAY / KVC_NEAR_WAYS;
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

static uint64_t way_of(uint64_t at, uint64_t hash)
{
	return at << KVC_NEAR_TAG_BITS | kvc_near_tag(hash);
}

struct kvc_near_rec *kvc_near_renew(struct kvc_near_tab *tab, uint64_t hash,
				    uint64_t *way)
{
	struct kvc_near_rec *from, *to;
	uint64_t units, at;

	from = kvc_near_rec_at(tab, *way >> KVC_NEAR_TAG_BITS);
	units = units_of(from->key_len, from->value_len);
	at = take_room(tab, units);
	to = kvc_near_rec_at(tab, at);
	/* Its new room may be what it had, in part. */
	memmove(to, from, units * KVC_NEAR_UNIT);
	*way = way_of(at, hash);
	return to;
}

/* The first that has no record any more, else the one of the oldest. */
static uint64_t *free_way(const struct kvc_near_tab *tab, uint64_t hash)
{
	uint64_t *way, *oldest = kvc_near_way(tab, hash, 0);
	unsigned int i;

	for (i = 0; i < KVC_NEAR_WAYS; i++) {
		way = kvc_near_way(tab, hash, i);
		if (kvc_near_age(tab, *way) > tab->units)
			return way;
		if (kvc_near_age(tab, *way) > kvc_near_age(tab, *oldest))
			oldest = way;
	}
	return oldest;
}

void kvc_near_add(struct kvc_near_tab *tab, uint64_t hash,
		  const struct kvc_op *op)
{
	const void *key = (const void *)(uintptr_t)op->key;
	const void *value = (const void *)(uintptr_t)op->value;
	uint64_t *way = kvc_near_find_way(tab, hash, key, op->key_len), at;
	struct kvc_near_rec *rec;

	if (!way)
		way = free_way(tab, hash);
	at = take_room(tab, units_of(op->key_len, op->value_len));
	rec = kvc_near_rec_at(tab, at);
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
	*way = way_of(at, hash);
}
