/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_INDEX_H
#define _KVC_INDEX_H

#include <linux/lockdep.h>
#include <linux/prefetch.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include "entry.h"

/**
 * struct kvc_table - an array of buckets
 * @mask: number of buckets minus 1, which is a power of two
 * @moved: buckets below this one have moved to @next
 * @next: the table that takes this one's place, while a resize goes on
 * @bucket: chains of entries, in an allocation of its own that is a power of
 *	two, for which allocators round nothing up
 */
struct kvc_table {
	u32 mask;
	u32 moved;
	struct kvc_table __rcu *next;
	struct kvc_entry __rcu **bucket;
};

/**
 * struct kvc_index - the entries of one shard by the hash of their key
 * @table: the buckets
 * @seq: changes when entries move from one table to the other: a lookup that
 *	met nothing while it changed looks again
 * @lock: the shard lock, under which everything but lookups happens
 * @count: entries
 *
 * Guarantees:
 *
 * A. A lookup takes no lock, writes nothing and never waits for a resize as a
 *    whole, only for the move of one bucket.
 * B. A key that is in the index during the whole lookup is found, also when
 *    it is replaced or moves to another table meanwhile.
 * C. A resize is done a few buckets at a time and allocates outside the lock.
 */
struct kvc_index {
	struct kvc_table __rcu *table;
	seqcount_spinlock_t seq;
	spinlock_t *lock;
	u32 count;
};

int kvc_index_init(struct kvc_index *idx, spinlock_t *lock);
void kvc_index_exit(struct kvc_index *idx);
struct kvc_entry __rcu **kvc_index_slot_moved(struct kvc_index *idx, u32 hash,
					      const void *key, u32 key_len);
void kvc_index_insert(struct kvc_index *idx, struct kvc_entry *e);
void kvc_index_remove(struct kvc_index *idx, struct kvc_entry *e);
u32 kvc_index_walk(struct kvc_index *idx, u32 bucket, u32 most,
		   void (*visit)(void *arg, struct kvc_entry *e), void *arg);
u32 kvc_index_wanted_instead(struct kvc_index *idx);
struct kvc_table *kvc_index_table_alloc(u32 buckets);
bool kvc_index_resize_begin(struct kvc_index *idx, struct kvc_table *next);
struct kvc_table *kvc_index_resize_step(struct kvc_index *idx, u32 buckets);
bool kvc_index_resizing(struct kvc_index *idx);
void kvc_index_table_free(struct kvc_table *t);
size_t kvc_index_bytes(struct kvc_index *idx);
u32 kvc_index_buckets(struct kvc_index *idx);
struct kvc_entry *kvc_index_find_moved(struct kvc_table *t, u32 hash,
				       const void *key, u32 key_len);

#define kvc_index_dereference(idx, p) \
	rcu_dereference_protected(p, lockdep_is_held((idx)->lock))

/**
 * kvc_index_at - the entry that a slot links
 * @idx: the index, locked
 * @slot: from kvc_index_slot(); may be NULL
 */
static inline struct kvc_entry *kvc_index_at(struct kvc_index *idx,
					     struct kvc_entry __rcu **slot)
{
	return slot ? kvc_index_dereference(idx, *slot) : NULL;
}

static __always_inline struct kvc_entry __rcu **
kvc_table_slot(struct kvc_index *idx, struct kvc_table *t, u32 hash,
	       const void *key, u32 key_len)
{
	struct kvc_entry __rcu **slot = &t->bucket[hash & t->mask];
	struct kvc_entry *e;

	while ((e = kvc_index_dereference(idx, *slot))) {
		if (kvc_entry_matches(e, hash, key, key_len))
			return slot;
		slot = &e->next;
	}
	return NULL;
}

/**
 * kvc_index_slot - find the pointer that links a key's entry
 * @idx: the index, locked
 * @hash: of the key
 * @key: its bytes
 * @key_len: their number
 *
 * Return: the slot, good until the next change of the index, or NULL.
 */
static __always_inline struct kvc_entry __rcu **
kvc_index_slot(struct kvc_index *idx, u32 hash, const void *key, u32 key_len)
{
	struct kvc_table *t = kvc_index_dereference(idx, idx->table);

	return kvc_table_slot(idx, t, hash, key, key_len) ?:
	       kvc_index_slot_moved(idx, hash, key, key_len);
}

/**
 * kvc_index_replace - put an entry in the place of another of the same key
 * @idx: the index, locked
 * @slot: of the old one, which readers may hold for a grace period
 * @e: the new one
 */
static inline void kvc_index_replace(struct kvc_index *idx,
				     struct kvc_entry __rcu **slot,
				     struct kvc_entry *e)
{
	struct kvc_entry *old = kvc_index_dereference(idx, *slot);

	lockdep_assert_held(idx->lock);
	RCU_INIT_POINTER(e->next, kvc_index_dereference(idx, old->next));
	rcu_assign_pointer(*slot, e);
}

/**
 * kvc_index_wanted - the number of buckets that would suit the entries
 * @idx: the index, locked
 *
 * Return: 0 when what is there suits, or a resize goes on.
 */
static inline u32 kvc_index_wanted(struct kvc_index *idx)
{
	u32 buckets = kvc_index_dereference(idx, idx->table)->mask + 1;

	if (likely(idx->count <= buckets && idx->count >= buckets / 8))
		return 0;
	return kvc_index_wanted_instead(idx);
}

static __always_inline struct kvc_entry *
kvc_table_find(struct kvc_table *t, u32 hash, const void *key, u32 key_len)
{
	struct kvc_entry *e;

	for (e = rcu_dereference(t->bucket[hash & t->mask]); e;
	     e = rcu_dereference(e->next))
		if (kvc_entry_matches(e, hash, key, key_len))
			return e;
	return NULL;
}

/**
 * kvc_index_find - look a key up
 * @idx: the index
 * @hash: of the key
 * @key: its bytes
 * @key_len: their number
 *
 * Context: under rcu_read_lock().  Return: the entry, which stays valid until
 * rcu_read_unlock(), or NULL.
 */
static __always_inline struct kvc_entry *
kvc_index_find(struct kvc_index *idx, u32 hash, const void *key, u32 key_len)
{
	struct kvc_table *t;
	struct kvc_entry *e;
	unsigned int seq;

	do {
		seq = read_seqcount_begin(&idx->seq);
		t = rcu_dereference(idx->table);
		e = kvc_table_find(t, hash, key, key_len);
		if (e)
			return e;
		t = rcu_dereference(t->next);
		if (unlikely(t)) {
			e = kvc_index_find_moved(t, hash, key, key_len);
			if (e)
				return e;
		}
	} while (read_seqcount_retry(&idx->seq, seq));
	return NULL;
}

/**
 * kvc_index_prefetch_bucket - begin to fetch the bucket of a hash
 * @idx: the index
 * @hash: of a key
 *
 * Context: under rcu_read_lock().  Return: the bucket, until
 * rcu_read_unlock().
 */
static inline struct kvc_entry __rcu **
kvc_index_prefetch_bucket(struct kvc_index *idx, u32 hash)
{
	struct kvc_table *t = rcu_dereference(idx->table);
	struct kvc_entry __rcu **bucket = &t->bucket[hash & t->mask];

	prefetch(bucket);
	return bucket;
}

/**
 * kvc_index_prefetch_entry - begin to fetch the first entry of a bucket
 * @bucket: from kvc_index_prefetch_bucket() in the same read section
 */
static inline void kvc_index_prefetch_entry(struct kvc_entry __rcu **bucket)
{
	struct kvc_entry *e = rcu_dereference(*bucket);

	if (!e)
		return;
	prefetch(e);
	/* The key, which begins where the next cache line may. */
	prefetch(e->data);
}

#endif
