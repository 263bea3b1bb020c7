/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_NEARTAB_H
#define KVC_NEARTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <kvcache.h>

/* Ways of a set: one cache line of them is searched. */
#define KVC_NEAR_WAYS	8

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

uint64_t kvc_near_hash(const void *key, size_t key_len);

/* The key's record, good until the next call for the table, or NULL. */
struct kvc_near_rec *kvc_near_find(struct kvc_near_tab *tab, uint64_t hash,
				   const void *key, size_t key_len);

/*
 * Keeps what a GET with %KVC_OP_F_SLOT answered, instead of what there is of
 * the key.  The record must be no larger than an eighth of the log.
 */
void kvc_near_add(struct kvc_near_tab *tab, uint64_t hash,
		  const struct kvc_op *op);

/* Does a record of such a pair fit? */
static inline bool kvc_near_fits(const struct kvc_near_tab *tab, size_t key_len,
				 size_t value_len)
{
	return (sizeof(struct kvc_near_rec) + key_len + value_len) /
	       KVC_NEAR_UNIT < tab->units / 8;
}

#endif /* KVC_NEARTAB_H */
