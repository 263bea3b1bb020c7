/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_NEARTAB_H
#define KVC_NEARTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <kvcache.h>

/* A hit has no time for calls, so what it needs is here. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

/* Ways of a set: one cache line of them is searched. */
#define KVC_NEAR_WAYS	8

/* Bits of a way that are of the hash */
#define KVC_NEAR_TAG_BITS	16

/* Positions in the log and lengths are counted in units of so many bytes. */
#define KVC_NEAR_UNIT	8

/**
 * struct kvc_near_rec - a pair that is kept
 * @version: as a GET gave it
 * @expiry: likewise
 * @client_flags: likewise
 * @slot: number of its slot
 * @count: what that counted before the GET looked the key up
 * @key_len: bytes of the key
 * @value_len: bytes of the value
 * @uses: hits
 * @data: key and value
 */
struct kvc_near_rec {
	uint64_t version;
	uint64_t expiry;
	uint32_t client_flags;
	uint32_t slot;
	uint32_t count;
	uint32_t key_len;
	uint32_t value_len;
	uint32_t uses;
	unsigned char data[];
};

/**
 * struct kvc_near_tab - the pairs that a thread keeps
 * @units: room of the log, a power of two
 * @head: where the next record comes; grows, and counts on over the log's end
 * @sets: number of sets minus 1
 * @way: each the position of a record and 16 bits of its key's hash; one that
 *	is further than @units behind @head has been overwritten
 * @log: the records, the oldest of which make way for new ones
 *
 * A record that is used when it is half way to being overwritten is written
 * anew.  No function here allocates, and all of this belongs to one thread.
 */
struct kvc_near_tab {
	uint64_t units;
	uint64_t head;
	uint64_t sets;
	uint64_t *way;
	unsigned char *log;
};

/* Bytes of memory for a table that has @bytes, a power of two, of records. */
size_t kvc_near_tab_size(size_t bytes);
/* Makes an empty one of memory that is zero. */
void kvc_near_tab_init(struct kvc_near_tab *tab, void *memory, size_t bytes);

static inline uint64_t kvc_near_hash(const void *key, size_t key_len)
{
	return XXH3_64bits(key, key_len);
}

static inline uint64_t kvc_near_tag(uint64_t hash)
{
	return hash >> (64 - KVC_NEAR_TAG_BITS);
}

static inline struct kvc_near_rec *
kvc_near_rec_at(const struct kvc_near_tab *tab, uint64_t at)
{
	return (void *)(tab->log + (at & (tab->units - 1)) * KVC_NEAR_UNIT);
}

/* How far is a way's record from being overwritten?  It was if too far. */
static inline uint64_t kvc_near_age(const struct kvc_near_tab *tab,
				    uint64_t way)
{
	return tab->head - (way >> KVC_NEAR_TAG_BITS);
}

/* Way number @i of those where the key can be; the first is another each time. */
static inline uint64_t *kvc_near_way(const struct kvc_near_tab *tab,
				     uint64_t hash, unsigned int i)
{
	uint64_t set = hash & tab->sets;
	unsigned int first = hash >> 32;

	return &tab->way[set * KVC_NEAR_WAYS + (first ^ i) % KVC_NEAR_WAYS];
}

/* The way of the key, or NULL. */
static inline uint64_t *kvc_near_find_way(const struct kvc_near_tab *tab,
					  uint64_t hash, const void *key,
					  size_t key_len)
{
	const struct kvc_near_rec *rec;
	uint64_t *way;
	unsigned int i;

	for (i = 0; i < KVC_NEAR_WAYS; i++) {
		way = kvc_near_way(tab, hash, i);
		if ((uint16_t)*way != kvc_near_tag(hash) ||
		    kvc_near_age(tab, *way) > tab->units)
			continue;
		rec = kvc_near_rec_at(tab, *way >> KVC_NEAR_TAG_BITS);
		if (likely(rec->key_len == key_len &&
			   !memcmp(rec->data, key, key_len)))
			return way;
	}
	return NULL;
}

/* Writes the record of a way anew, which would be overwritten soon. */
struct kvc_near_rec *kvc_near_renew(struct kvc_near_tab *tab, uint64_t hash,
				    uint64_t *way);

/* The key's record, good until the next call for the table, or NULL. */
static inline struct kvc_near_rec *kvc_near_find(struct kvc_near_tab *tab,
						 uint64_t hash, const void *key,
						 size_t key_len)
{
	uint64_t *way = kvc_near_find_way(tab, hash, key, key_len);

	if (!way)
		return NULL;
	if (unlikely(kvc_near_age(tab, *way) > tab->units / 2))
		return kvc_near_renew(tab, hash, way);
	return kvc_near_rec_at(tab, *way >> KVC_NEAR_TAG_BITS);
}

/*
 * Keeps what a GET with %KVC_OP_F_SLOT answered, instead of what there is of
 * the key.  The record has to fit.
 */
void kvc_near_add(struct kvc_near_tab *tab, uint64_t hash,
		  const struct kvc_op *op);

/* Is its record no more than an eighth of the log? */
static inline bool kvc_near_fits(const struct kvc_near_tab *tab, size_t key_len,
				 size_t value_len)
{
	return tab->units / 8 * KVC_NEAR_UNIT >
	       sizeof(struct kvc_near_rec) + key_len + value_len;
}

#endif /* KVC_NEARTAB_H */
