// SPDX-License-Identifier: GPL-2.0-only
/*
 * How pairs are removed: one, for what reason ever, or all of them
 */
#include <linux/errno.h>
#include <linux/string.h>
#include "put.h"
#include "slot.h"

/*
 * A delete of what is not there: a fill may be on its way all the same, and who
 * read the pair before it was evicted may have kept it.
 */
static int refuse_absent(struct kvc_shard *s, const void *key, u32 key_len,
			 const struct kvc_cond *cond)
{
	if (!(cond->flags & KVC_OP_F_CAS)) {
		kvc_shard_refuse(s, key, key_len, 0);
		kvc_slot_end(kvc_slot_begin(s, key, key_len));
	}
	return -ENOENT;
}

/* Takes an entry out of everything, for a reason that it should be missed for. */
static void unlink_seen(struct kvc_shard *s, struct kvc_entry *e)
{
	u32 *slot = kvc_slot_begin(s, kvc_entry_key(e), e->key_len);

	kvc_shard_unlink(s, e);
	kvc_slot_end(slot);
}

static int del_locked(struct kvc_shard *s, u32 hash, const void *key,
		      u32 key_len, const struct kvc_cond *cond, u64 *now,
		      u64 *version)
{
	struct kvc_entry *e;

	if (s->dead)
		return -ESHUTDOWN;
	e = kvc_index_at(&s->index,
			 kvc_index_slot(&s->index, hash, key, key_len));
	if (!kvc_entry_live(e, now))
		return refuse_absent(s, key, key_len, cond);
	if (cond->flags & KVC_OP_F_CAS && e->version != cond->version) {
		kvc_counters_inc(s->cache->counters, KVC_COUNT_REFUSED);
		return -ESTALE;
	}
	*version = e->version;
	kvc_counters_inc(s->cache->counters, KVC_COUNT_DELETE);
	unlink_seen(s, e);
	kvc_shard_refuse(s, key, key_len, 0);
	kvc_shard_event(s, KVC_EVENT_DELETED, e);
	return 0;
}

/* A delete that a store has yet to see is an entry of its own (L10). */
static int put_tombstone(struct kvc_cache *c, u32 hash, const void *key,
			 u32 key_len, const struct kvc_cond *cond, u64 *now,
			 u64 *version)
{
	struct kvc_cond present = *cond;
	struct kvc_entry *e = kvc_entry_alloc(key_len, 0);
	int err;

	if (!e)
		return -ENOMEM;
	memcpy(e->data, key, key_len);
	e->hash = hash;
	e->state = KVC_ENTRY_TOMBSTONE;
	present.flags |= KVC_OP_F_REPLACE;
	err = kvc_put_as(c, e, &present, now, version, KVC_COUNT_DELETE);
	if (err)
		kvc_entry_free(e);
	return err;
}

/**
 * kvc_cache_del - remove a key
 * @c: the cache
 * @hash: of the key
 * @key: its bytes
 * @key_len: their number
 * @cond: KVC_OP_F_CAS or nothing
 * @now: see kvc_entry_expired()
 * @version: gets the version that the pair had; 0: it was not known
 *
 * Without a condition, fills that began before are refused, whether the key
 * was there or not (P16).  A write-behind cache deletes a key that it does not
 * know from the store.
 *
 * Context: may sleep.  Return: 0; -ENOENT: no such key; -ESTALE: it has another
 * version; -ESHUTDOWN: the cache was killed; of a write-behind cache also
 * -ENOMEM, and -ENOSPC, -ENODATA and -EBUSY, see kvc_cache_put().
 */
int kvc_cache_del(struct kvc_cache *c, u32 hash, const void *key, u32 key_len,
		  const struct kvc_cond *cond, u64 *now, u64 *version)
{
	struct kvc_shard *s = kvc_cache_shard(c, hash);
	int err;

	if (c->mode == KVC_MODE_WRITEBEHIND)
		return put_tombstone(c, hash, key, key_len, cond, now, version);
	spin_lock(&s->lock);
	err = del_locked(s, hash, key, key_len, cond, now, version);
	kvc_shard_unlock_reap(s);
	kvc_shard_throttle(s);
	return err;
}

/* Removes the pair, but not one that is newer than what is purged. */
static int purge_entry(struct kvc_shard *s, struct kvc_entry *e, u64 revision,
		       u64 *now)
{
	bool stays = e && (kvc_entry_is(e, KVC_ENTRY_DIRTY) ||
			   (revision && e->version >= revision));

	if (!e)
		return -ENOENT;
	if (kvc_entry_is(e, KVC_ENTRY_TOMBSTONE)) {
		/* What a store said of the key holds no more. */
		if (!stays)
			kvc_shard_unlink(s, e);
		return -ENOENT;
	}
	if (stays)
		return -ESTALE;
	if (kvc_entry_expired(e, now)) {
		kvc_shard_discard(s, e, KVC_REASON_EXPIRED);
		return -ENOENT;
	}
	kvc_counters_inc(s->cache->counters, KVC_COUNT_PURGED);
	kvc_shard_unlink(s, e);
	return 0;
}

static int purge_locked(struct kvc_shard *s, u32 hash, const void *key,
			u32 key_len, u64 revision, u64 *now, u64 *version)
{
	struct kvc_entry *e;
	u32 *slot;
	int err;

	if (s->dead)
		return -ESHUTDOWN;
	e = kvc_index_at(&s->index,
			 kvc_index_slot(&s->index, hash, key, key_len));
	/* Also when it is not there: it may have been kept before it was evicted. */
	slot = kvc_slot_begin(s, key, key_len);
	err = purge_entry(s, e, revision, now);
	kvc_slot_end(slot);
	*version = kvc_shard_refuse(s, key, key_len, revision);
	kvc_cache_event(s->cache, KVC_EVENT_PURGED, *version, key, key_len);
	return err;
}

/**
 * kvc_cache_purge - remove a key, and refuse fills that began before (P16)
 * @c: the cache
 * @hash: of the key
 * @key: its bytes
 * @key_len: their number
 * @revision: of the store: what is older is removed and refused, a newer pair
 *	stays; 0: the pair goes whatever its version.  Up to 2^63 - 1.
 * @now: see kvc_entry_expired()
 * @version: gets the smallest version that may be filled from now on
 *
 * An event tells of it in any case: others may have read the key where it is
 * not any more.  A dirty pair, which the store has not seen, stays.
 *
 * Context: may sleep.  Return: 0; -ENOENT: there was no such pair; -ESTALE: the
 * pair is newer and stays; -ESHUTDOWN: the cache was killed, nothing was done.
 */
int kvc_cache_purge(struct kvc_cache *c, u32 hash, const void *key, u32 key_len,
		    u64 revision, u64 *now, u64 *version)
{
	struct kvc_shard *s = kvc_cache_shard(c, hash);
	int err;

	spin_lock(&s->lock);
	err = purge_locked(s, hash, key, key_len, revision, now, version);
	kvc_shard_unlock_reap(s);
	kvc_shard_throttle(s);
	return err;
}

/* What is dirty stays, but may have to leave the tier for what lies behind. */
static bool clear_clean(struct kvc_shard *s)
{
	unsigned int budget = KVC_SHARD_BUDGET;
	int done = 1;

	while (budget-- && done > 0)
		done = kvc_shard_evict(s, NULL, KVC_REASON_CLEARED);
	return done >= 0;
}

static bool clear_some(struct kvc_shard *s)
{
	unsigned int budget = KVC_SHARD_BUDGET;
	struct kvc_entry *e;
	u32 *slot;

	if (s->cache->mode == KVC_MODE_WRITEBEHIND)
		return clear_clean(s);
	while (budget--) {
		e = kvc_memtable_first(&s->memtable) ?: kvc_tier_any(&s->tier);
		if (!e)
			return false;
		slot = kvc_slot_begin(s, kvc_entry_key(e), e->key_len);
		kvc_shard_discard(s, e, KVC_REASON_CLEARED);
		kvc_slot_end(slot);
	}
	return true;
}

/**
 * kvc_cache_clear_step - remove some entries
 * @c: the cache
 * @shard: 0 at first; the position
 *
 * Dirty entries stay.  A shard that has no others refuses from then on fills
 * that began before (P16).
 * Whoever gives up, or is done, calls kvc_cache_clear_end().
 *
 * Context: may sleep.  Return: false when there is nothing left to do.
 */
bool kvc_cache_clear_step(struct kvc_cache *c, u32 *shard)
{
	struct kvc_shard *s = &c->shards[*shard];

	spin_lock(&s->lock);
	if (!clear_some(s)) {
		kvc_shard_refuse_all(s);
		kvc_slot_change_all(s);
		++*shard;
	}
	kvc_shard_unlock_reap(s);
	kvc_shard_throttle(s);
	return *shard < kvc_cache_shards(c);
}

/**
 * kvc_cache_clear_end - tell of a clear
 * @c: the cache
 *
 * One event for all pairs.  It comes after the last removal: who drops what he
 * read and reads again before it would meet pairs that are about to go.
 */
void kvc_cache_clear_end(struct kvc_cache *c)
{
	kvc_cache_event(c, KVC_EVENT_PURGED, 0, NULL, 0);
}
