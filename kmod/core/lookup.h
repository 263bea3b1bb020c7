/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_LOOKUP_H
#define _KVC_LOOKUP_H

#include "cache.h"

void kvc_cache_tell_fenced(struct kvc_cache *c, u64 now);

/**
 * kvc_cache_is_fenced - is the cache past its fence?
 * @c: the cache
 * @now: see kvc_entry_expired()
 */
static inline bool kvc_cache_is_fenced(struct kvc_cache *c, u64 *now)
{
	if (likely(!kvc_fence_past(&c->fence, now)))
		return false;
	kvc_cache_tell_fenced(c, *now);
	return true;
}

/**
 * kvc_cache_find - look a key up
 * @c: the cache
 * @hash: kvc_cache_hash() of the key
 * @key: its bytes
 * @key_len: their number
 * @now: see kvc_entry_expired()
 *
 * Counts nothing, so that a copy to the user that faulted can be tried again;
 * kvc_cache_count_get() does.  Past the fence nothing is found.
 *
 * Context: under rcu_read_lock().  Return: the entry, good until
 * rcu_read_unlock(), or NULL.
 */
static __always_inline struct kvc_entry *
kvc_cache_find(struct kvc_cache *c, u32 hash, const void *key, u32 key_len,
	       u64 *now)
{
	struct kvc_shard *s = kvc_cache_shard(c, hash);
	struct kvc_entry *e;

	if (unlikely(kvc_cache_is_fenced(c, now)))
		return NULL;
	e = kvc_index_find(&s->index, hash, key, key_len);
	return kvc_entry_live(e, now) ? e : NULL;
}

/* Keys that are looked up together, at most: see kmod/batch.c */
#define KVC_LOOKUP_GROUP	8

/**
 * kvc_cache_prefetch - begin to fetch what lookups will meet
 * @c: the cache
 * @hash: kvc_cache_hash() of their keys
 * @n: their number, up to %KVC_LOOKUP_GROUP
 *
 * All buckets first, then what is in them: so their memory is waited for
 * together.  Changes nothing but the time that lookups soon afterwards take.
 *
 * Context: any.
 */
static inline void kvc_cache_prefetch(struct kvc_cache *c, const u32 *hash,
				      u32 n)
{
	struct kvc_entry __rcu **bucket[KVC_LOOKUP_GROUP];
	struct kvc_index *idx;
	u32 i;

	rcu_read_lock();
	for (i = 0; i < n; i++) {
		idx = &kvc_cache_shard(c, hash[i])->index;
		bucket[i] = kvc_index_prefetch_bucket(idx, hash[i]);
	}
	for (i = 0; i < n; i++)
		kvc_index_prefetch_entry(bucket[i]);
	rcu_read_unlock();
}

#endif
