// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lookups: the fence that ends them, and what one that misses is told
 */
#include <linux/lockdep.h>
#include "lookup.h"

/**
 * kvc_cache_set_fence - set until when lookups are answered
 * @c: the cache
 * @deadline: CLOCK_BOOTTIME in ns, may be earlier than the one before; 0: for
 *	ever
 *
 * Extending it takes a lock and two stores; nothing allocates or sleeps.
 */
void kvc_cache_set_fence(struct kvc_cache *c, u64 deadline)
{
	if (kvc_fence_set(&c->fence, deadline))
		kvc_cache_kick(c, true);
}

/**
 * kvc_cache_tell_fenced - a lookup came past the fence
 * @c: the cache
 * @now: its moment
 *
 * The first to meet it writes the event.
 */
void kvc_cache_tell_fenced(struct kvc_cache *c, u64 now)
{
	if (kvc_fence_bites(&c->fence, now))
		kvc_cache_event(c, KVC_EVENT_FENCED, 0, NULL, 0);
}

/*
 * What a tombstone deletes may still be in the source, and so may what was
 * there before a dirty pair.
 */
static u64 token_of(const struct kvc_entry *e, u64 version)
{
	return kvc_entry_is(e, KVC_ENTRY_TOMBSTONE | KVC_ENTRY_DIRTY) ?
	       0 : version;
}

/*
 * A pair is there that does not count, and nothing of its shard is newer.  What
 * takes its place must be, so the clock goes past it.
 */
static struct kvc_entry *get_locked(struct kvc_shard *s, u32 hash,
				    const void *key, u32 key_len, bool fenced,
				    u64 *now, u64 *token)
{
	struct kvc_entry *e;

	spin_lock(&s->lock);
	e = kvc_index_at(&s->index,
			 kvc_index_slot(&s->index, hash, key, key_len));
	if (e && (fenced || !kvc_entry_live(e, now))) {
		kvc_shard_advance(s, e->version + 1);
		*token = token_of(e, s->version);
		e = NULL;
	}
	spin_unlock(&s->lock);
	return e;
}

/**
 * kvc_cache_is_gone - is it known that a key is absent, whatever a store has?
 * @c: the cache
 * @hash: kvc_cache_hash() of the key
 * @key: its bytes
 * @key_len: their number
 * @now: see kvc_entry_expired()
 *
 * Counts nothing.  Context: any.
 */
bool kvc_cache_is_gone(struct kvc_cache *c, u32 hash, const void *key,
		       u32 key_len, u64 *now)
{
	struct kvc_entry *e;
	bool gone;

	rcu_read_lock();
	e = kvc_index_find(&kvc_cache_shard(c, hash)->index, hash, key,
			   key_len);
	gone = e && !kvc_entry_live(e, now);
	rcu_read_unlock();
	return gone;
}

/*
 * The clock is read, then the key looked up again: what is stored or removed
 * after that lookup is newer than the clock was, and refuses the fill.
 */
static struct kvc_entry *get_again(struct kvc_cache *c, u32 hash,
				   const void *key, u32 key_len, u64 *now,
				   u64 *token)
{
	struct kvc_shard *s = kvc_cache_shard(c, hash);
	bool fenced = kvc_cache_is_fenced(c, now);
	struct kvc_entry *e;

	if (fenced)
		kvc_counters_inc(c->counters, KVC_COUNT_FENCED);
	/* Pairs with the release in kvc_shard_advance(). */
	*token = smp_load_acquire(&s->version);
	e = kvc_index_find(&s->index, hash, key, key_len);
	if (likely(!e) || (!fenced && kvc_entry_live(e, now)))
		return e;
	if (e->version < *token) {
		*token = token_of(e, *token);
		return NULL;
	}
	return get_locked(s, hash, key, key_len, fenced, now, token);
}

/**
 * kvc_cache_get - look a key up for a GET
 * @c: the cache
 * @hash: kvc_cache_hash() of the key
 * @key: its bytes
 * @key_len: their number
 * @now: see kvc_entry_expired()
 * @token: on a miss gets the version for a FILL with what is read from the
 *	source from now on (P16); 0: the source is not to be asked, for it has
 *	no such key, or does not know yet that it has not
 *
 * As kvc_cache_find(); only a miss costs more.
 *
 * Context: under rcu_read_lock().  Return: the entry, good until
 * rcu_read_unlock(), or NULL.
 */
struct kvc_entry *kvc_cache_get(struct kvc_cache *c, u32 hash, const void *key,
				u32 key_len, u64 *now, u64 *token)
{
	struct kvc_entry *e = kvc_cache_find(c, hash, key, key_len, now);

	return likely(e) ? e : get_again(c, hash, key, key_len, now, token);
}
