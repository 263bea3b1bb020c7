// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hash index over every live entry, in whichever tier it is
 *
 * Buckets are singly linked chains.  A resize moves the entries themselves,
 * bucket by bucket, so a reader can be carried from an old chain into a new
 * one; what it finds is right, but what it does not find may have passed it.
 * A sequence count brackets every move, and a miss is final only when the
 * count stood still: the scheme of the kernel's dcache (d_lookup and
 * rename_lock), per shard.
 */
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "index.h"

#define KVC_INDEX_MIN	64u
#define KVC_INDEX_MAX	(1u << 26)
#define KVC_INDEX_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/**
 * kvc_index_table_alloc - make an empty table
 * @buckets: a power of two
 *
 * Context: may sleep.  Return: the table or NULL.
 */
struct kvc_table *kvc_index_table_alloc(u32 buckets)
{
	struct kvc_table *t = kzalloc(sizeof(*t), KVC_INDEX_GFP);

	if (!t)
		return NULL;
	t->bucket = kvcalloc(buckets, sizeof(*t->bucket), KVC_INDEX_GFP);
	if (!t->bucket)
		goto err_bucket;
	t->mask = buckets - 1;
	return t;

err_bucket:
	kfree(t);
	return NULL;
}

/**
 * kvc_index_table_free - free a table that no reader can hold
 * @t: not published, or a grace period ago; may be NULL
 */
void kvc_index_table_free(struct kvc_table *t)
{
	if (!t)
		return;
	kvfree(t->bucket);
	kfree(t);
}

/**
 * kvc_index_init - make an empty index
 * @idx: the index
 * @lock: under which its owner changes it
 *
 * Context: may sleep.  Return: 0 or -ENOMEM.
 */
int kvc_index_init(struct kvc_index *idx, spinlock_t *lock)
{
	struct kvc_table *t = kvc_index_table_alloc(KVC_INDEX_MIN);

	if (!t)
		return -ENOMEM;
	RCU_INIT_POINTER(idx->table, t);
	seqcount_spinlock_init(&idx->seq, lock);
	idx->lock = lock;
	return 0;
}

/**
 * kvc_index_exit - free the tables of an index that nobody uses any more
 * @idx: has no entries; one that was never initialised is all zero
 */
void kvc_index_exit(struct kvc_index *idx)
{
	struct kvc_table *t = rcu_dereference_protected(idx->table, true);

	if (!t)
		return;
	kvc_index_table_free(rcu_dereference_protected(t->next, true));
	kvc_index_table_free(t);
}

static struct kvc_table *current_table(struct kvc_index *idx)
{
	lockdep_assert_held(idx->lock);
	return kvc_index_dereference(idx, idx->table);
}

/**
 * kvc_index_find_moved - kvc_index_find() in the table that takes another's place
 * @t: the table
 * @hash: of the key
 * @key: its bytes
 * @key_len: their number
 *
 * Away from the lookup, whose registers it would take.  Context: under
 * rcu_read_lock().  Return: the entry or NULL.
 */
struct kvc_entry *kvc_index_find_moved(struct kvc_table *t, u32 hash,
				       const void *key, u32 key_len)
{
	return kvc_table_find(t, hash, key, key_len);
}

/**
 * kvc_index_slot_moved - kvc_index_slot() in the table that takes another's place
 * @idx: the index, locked
 * @hash: of the key
 * @key: its bytes
 * @key_len: their number
 */
struct kvc_entry __rcu **kvc_index_slot_moved(struct kvc_index *idx, u32 hash,
					      const void *key, u32 key_len)
{
	struct kvc_table *t = kvc_index_dereference(idx,
						    current_table(idx)->next);

	return t ? kvc_table_slot(idx, t, hash, key, key_len) : NULL;
}

static void bucket_push(struct kvc_index *idx, struct kvc_table *t,
			struct kvc_entry *e)
{
	struct kvc_entry __rcu **head = &t->bucket[e->hash & t->mask];

	rcu_assign_pointer(e->next, kvc_index_dereference(idx, *head));
	rcu_assign_pointer(*head, e);
}

/**
 * kvc_index_insert - add an entry whose key is not there
 * @idx: the index, locked
 * @e: the entry
 */
void kvc_index_insert(struct kvc_index *idx, struct kvc_entry *e)
{
	struct kvc_table *t = current_table(idx);
	struct kvc_table *next = kvc_index_dereference(idx, t->next);

	bucket_push(idx, next ?: t, e);
	WRITE_ONCE(idx->count, idx->count + 1);
}

/**
 * kvc_index_remove - take an entry out; readers may hold it for a grace period
 * @idx: the index, locked
 * @e: an entry that is in it
 */
void kvc_index_remove(struct kvc_index *idx, struct kvc_entry *e)
{
	struct kvc_entry __rcu **slot;

	slot = kvc_index_slot(idx, e->hash, kvc_entry_key(e), e->key_len);
	rcu_assign_pointer(*slot, kvc_index_dereference(idx, e->next));
	WRITE_ONCE(idx->count, idx->count - 1);
}

static void chain_walk(struct kvc_index *idx, struct kvc_table *t, u32 bucket,
		       void (*visit)(void *arg, struct kvc_entry *e), void *arg)
{
	struct kvc_entry *e, *next;

	e = kvc_index_dereference(idx, t->bucket[bucket]);
	for (; e; e = next) {
		next = kvc_index_dereference(idx, e->next);
		visit(arg, e);
	}
}

/**
 * kvc_index_walk - visit the entries of some buckets
 * @idx: the index, locked
 * @bucket: where to begin: 0, later what the call before returned
 * @most: how many buckets
 * @visit: called for each entry; may remove it
 * @arg: passed on
 *
 * Return: where to go on, 0 when the walk is complete.  A walk over several
 * calls may miss entries or meet them twice when a resize goes on meanwhile.
 */
u32 kvc_index_walk(struct kvc_index *idx, u32 bucket, u32 most,
		   void (*visit)(void *arg, struct kvc_entry *e), void *arg)
{
	struct kvc_table *t = current_table(idx);
	struct kvc_table *next = kvc_index_dereference(idx, t->next);
	u32 buckets = t->mask + 1, total = buckets + (next ? next->mask + 1 : 0);

	for (; most && bucket < total; most--, bucket++) {
		if (bucket < buckets)
			chain_walk(idx, t, bucket, visit, arg);
		else
			chain_walk(idx, next, bucket - buckets, visit, arg);
	}
	return bucket < total ? bucket : 0;
}

/**
 * kvc_index_buckets - the number of buckets
 * @idx: the index, locked
 */
u32 kvc_index_buckets(struct kvc_index *idx)
{
	return current_table(idx)->mask + 1;
}

bool kvc_index_resizing(struct kvc_index *idx)
{
	return kvc_index_dereference(idx, current_table(idx)->next);
}

/* The rest of kvc_index_wanted() */
u32 kvc_index_wanted_instead(struct kvc_index *idx)
{
	u32 buckets = kvc_index_buckets(idx), wanted;

	if (kvc_index_resizing(idx))
		return 0;
	wanted = clamp_t(u32, roundup_pow_of_two(idx->count + 1),
			 KVC_INDEX_MIN, KVC_INDEX_MAX);
	return wanted == buckets ? 0 : wanted;
}

/**
 * kvc_index_resize_begin - let a new table take over
 * @idx: the index, locked
 * @next: the new one, from kvc_index_table_alloc()
 *
 * Return: false when a resize goes on already; @next stays the caller's.
 */
bool kvc_index_resize_begin(struct kvc_index *idx, struct kvc_table *next)
{
	struct kvc_table *t = current_table(idx);

	if (kvc_index_resizing(idx))
		return false;
	t->moved = 0;
	rcu_assign_pointer(t->next, next);
	return true;
}

static void bucket_move(struct kvc_index *idx, struct kvc_table *t,
			struct kvc_table *next)
{
	struct kvc_entry __rcu **head = &t->bucket[t->moved++];
	struct kvc_entry *e;

	write_seqcount_begin(&idx->seq);
	while ((e = kvc_index_dereference(idx, *head))) {
		rcu_assign_pointer(*head, kvc_index_dereference(idx, e->next));
		bucket_push(idx, next, e);
	}
	write_seqcount_end(&idx->seq);
}

/**
 * kvc_index_resize_step - move some buckets of a resize that goes on
 * @idx: the index, locked
 * @buckets: how many at the most
 *
 * Return: the old table when this step was the last one, to be freed after a
 * grace period; else NULL.
 */
struct kvc_table *kvc_index_resize_step(struct kvc_index *idx, u32 buckets)
{
	struct kvc_table *t = current_table(idx);
	struct kvc_table *next = kvc_index_dereference(idx, t->next);

	if (!next)
		return NULL;
	while (buckets-- && t->moved <= t->mask)
		bucket_move(idx, t, next);
	if (t->moved <= t->mask)
		return NULL;
	write_seqcount_begin(&idx->seq);
	rcu_assign_pointer(idx->table, next);
	write_seqcount_end(&idx->seq);
	return t;
}

static size_t table_bytes(const struct kvc_table *t)
{
	return t ? sizeof(*t) + sizeof(*t->bucket) * ((size_t)t->mask + 1) : 0;
}

/**
 * kvc_index_bytes - bytes of the tables
 * @idx: the index, locked
 */
size_t kvc_index_bytes(struct kvc_index *idx)
{
	struct kvc_table *t = current_table(idx);

	return table_bytes(t) + table_bytes(kvc_index_dereference(idx, t->next));
}
