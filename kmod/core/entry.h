/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_ENTRY_H
#define _KVC_ENTRY_H

#include <linux/compiler.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/types.h>
#include "pool.h"

/* Which structure an entry belongs to, beside the index */
#define KVC_ENTRY_NEW		0	/* not published yet */
#define KVC_ENTRY_TIER		1	/* in the queues of the cache tier */
#define KVC_ENTRY_MEMTABLE	2	/* in the tree of the memtable */
#define KVC_ENTRY_DEAD		3	/* retired, waits for a grace period */
#define KVC_ENTRY_SORTED	4	/* in the tree of dirty ones, or a run only */
#define KVC_ENTRY_PLACE		7	/* mask of the above */
/* Further bits of the state */
#define KVC_ENTRY_DIRTY		(1 << 3) /* newer than what the store has */
#define KVC_ENTRY_TOMBSTONE	(1 << 4) /* says that the key is absent */
#define KVC_ENTRY_MAIN		(1 << 5) /* s3fifo: is or was in the main queue */
#define KVC_ENTRY_HELD		(1 << 6) /* in a run's list, wherever it is */
#define KVC_ENTRY_SHADOWED	(1 << 7) /* not in the index, but in a run */

/**
 * struct kvc_entry - a key with its value, in one allocation
 * @node: the tree of the memtable, of dirty entries, or of a run
 * @link: the cache tier's queue
 * @limbo: the next of the entries that wait for a grace period
 * @version: grows with each change of the key
 * @expiry: CLOCK_BOOTTIME in ns, 0 for never; TOUCH changes it in place, but
 *	not in a write-behind cache
 * @next: chain of the index's bucket.  Readers follow it under RCU: it is
 *	beside what they compare, so that a step takes one cache line.
 * @hash: keyed hash of the key
 * @client_flags: the client's own 32 bits
 * @value_len: bytes of the value, which follows the key
 * @key_len: bytes of the key
 * @state: place and bits, changed under the shard lock only
 * @ref: how often a reader came by, up to the policy's maximum.  Readers set
 *	it without a lock: a lost count costs precision, nothing else.
 * @data: key, then value
 *
 * A published entry's key, value, version and lengths never change: a new
 * value is a new entry in the old one's place.
 */
struct kvc_entry {
	union {
		struct rb_node node;
		struct list_head link;
		struct kvc_entry *limbo;
	};
	u64 version;
	u64 expiry;
	struct kvc_entry __rcu *next;
	u32 hash;
	u32 client_flags;
	u32 value_len;
	u16 key_len;
	u8 state;
	u8 ref;
	u8 data[];
};

static inline const u8 *kvc_entry_key(const struct kvc_entry *e)
{
	return e->data;
}

static inline u8 *kvc_entry_value(struct kvc_entry *e)
{
	return e->data + e->key_len;
}

static inline u8 kvc_entry_place(const struct kvc_entry *e)
{
	return READ_ONCE(e->state) & KVC_ENTRY_PLACE;
}

static inline void kvc_entry_set_place(struct kvc_entry *e, u8 place)
{
	WRITE_ONCE(e->state, (e->state & ~KVC_ENTRY_PLACE) | place);
}

static inline bool kvc_entry_is(const struct kvc_entry *e, u8 bits)
{
	return READ_ONCE(e->state) & bits;
}

static inline void kvc_entry_set(struct kvc_entry *e, u8 bits)
{
	WRITE_ONCE(e->state, e->state | bits);
}

static inline void kvc_entry_clear(struct kvc_entry *e, u8 bits)
{
	WRITE_ONCE(e->state, e->state & ~bits);
}

static inline u64 kvc_key_word(const u8 *at)
{
	u64 word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static inline bool kvc_key_equal_short(const u8 *a, const u8 *b, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

/*
 * memcmp() without the call, for which a lookup would have to save what it has
 * in registers; the last word may overlap the one before.
 */
static inline bool kvc_key_equal(const u8 *a, const u8 *b, u32 len)
{
	const u32 word = sizeof(u64);
	u32 i;

	if (unlikely(len < word))
		return kvc_key_equal_short(a, b, len);
	if (kvc_key_word(a + len - word) != kvc_key_word(b + len - word))
		return false;
	for (i = 0; i + word < len; i += word)
		if (kvc_key_word(a + i) != kvc_key_word(b + i))
			return false;
	return true;
}

static inline bool kvc_entry_matches(const struct kvc_entry *e, u32 hash,
				     const void *key, u32 key_len)
{
	return e->hash == hash && e->key_len == key_len &&
	       kvc_key_equal(e->data, key, key_len);
}

/*
 * Count a visit.  Returns true when it was the first one since the policy
 * last cleared the count.  A count that is at its maximum is not written, so
 * repeated hits leave the cache line shared.
 */
static inline bool kvc_entry_visit(struct kvc_entry *e, u8 max)
{
	u8 ref = READ_ONCE(e->ref);

	if (ref < max)
		WRITE_ONCE(e->ref, ref + 1);
	return !ref;
}

/* What takes the place of an entry goes on with its visits. */
static inline void kvc_entry_succeed(struct kvc_entry *e,
				     const struct kvc_entry *old)
{
	kvc_entry_set(e, READ_ONCE(old->state) & KVC_ENTRY_MAIN);
	WRITE_ONCE(e->ref, READ_ONCE(old->ref));
}

/* May it be evicted, if @keep has to stay? */
static inline bool kvc_entry_may_go(const struct kvc_entry *e,
				    const struct kvc_entry *keep)
{
	return e != keep && !kvc_entry_is(e, KVC_ENTRY_DIRTY);
}

/* All but the links, which are set when they are used */
static inline void kvc_entry_init(struct kvc_entry *e, u32 key_len,
				  u32 value_len)
{
	RCU_INIT_POINTER(e->next, NULL);
	e->version = 0;
	e->expiry = 0;
	e->hash = 0;
	e->client_flags = 0;
	e->value_len = value_len;
	e->key_len = key_len;
	e->state = KVC_ENTRY_NEW;
	e->ref = 0;
}

struct kvc_entry *kvc_entry_alloc(u32 key_len, u32 value_len);
void kvc_entry_free(struct kvc_entry *e);

static inline size_t kvc_entry_bytes(u32 key_len, u32 value_len)
{
	return sizeof(struct kvc_entry) + key_len + value_len;
}

/**
 * kvc_entry_size - bytes that the allocator spends on an entry
 * @e: the entry
 */
static inline size_t kvc_entry_size(const struct kvc_entry *e)
{
	return kvc_pool_size(e, kvc_entry_bytes(e->key_len, e->value_len));
}


/**
 * kvc_entry_expired - has the entry's time come?
 * @e: the entry
 * @now: the moment of this call, read from the clock when it is 0.  One
 *	operation, batch or sweep keeps one moment, so that nothing expires in
 *	its middle.
 */
static inline bool kvc_entry_expired(const struct kvc_entry *e, u64 *now)
{
	u64 expiry = READ_ONCE(e->expiry);

	if (likely(!expiry))
		return false;
	if (!*now)
		*now = ktime_get_boottime_ns();
	return *now >= expiry;
}

/* Does the pair count?  @e may be NULL; @now: see kvc_entry_expired() */
static inline bool kvc_entry_live(const struct kvc_entry *e, u64 *now)
{
	return e && !kvc_entry_is(e, KVC_ENTRY_TOMBSTONE) &&
	       !kvc_entry_expired(e, now);
}

int kvc_entry_compare(const struct kvc_entry *e, const void *key, u32 key_len);
u32 kvc_entry_common(const struct kvc_entry *a, const struct kvc_entry *b,
		     u32 most);
u64 kvc_entry_head(const struct kvc_entry *e, u32 from);
int kvc_key_compare(const void *a, u32 a_len, const void *b, u32 b_len);

#endif
