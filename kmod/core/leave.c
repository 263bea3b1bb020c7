// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of a key when its entry leaves or changes: late fills are
 * refused, and it is counted and told
 */
#include <linux/lockdep.h>
#include "cache.h"

/**
 * kvc_shard_refuse - raise a key's floor: older fills come too late
 * @s: the shard, locked
 * @key: the key
 * @key_len: its length
 * @version: the smallest that may still be filled; 0: what GETs that miss are
 *	told from now on
 *
 * Return: that version.
 */
u64 kvc_shard_refuse(struct kvc_shard *s, const void *key, u32 key_len,
		     u64 version)
{
	lockdep_assert_held(&s->lock);
	version = version ?: s->version + 1;
	kvc_floor_raise(&s->floor, kvc_cache_slot(s->cache, key, key_len),
			version);
	kvc_shard_advance(s, version);
	return version;
}

/**
 * kvc_shard_refuse_all - raise the floors of all keys
 * @s: the shard, locked
 */
void kvc_shard_refuse_all(struct kvc_shard *s)
{
	lockdep_assert_held(&s->lock);
	kvc_floor_raise_all(&s->floor, s->version + 1);
	kvc_shard_advance(s, s->version + 1);
}

/**
 * kvc_shard_event - write an event of an entry
 * @s: the shard, locked; the change that it tells of can be seen by readers,
 *	or who comes to look would still meet what was before
 * @reason: what happened
 * @e: whose key and version it was
 */
void kvc_shard_event(struct kvc_shard *s, enum kvc_event_reason reason,
		     const struct kvc_entry *e)
{
	lockdep_assert_held(&s->lock);
	/* Asked here, before a call with so much to pass on */
	if (kvc_cache_is_heard(s->cache))
		kvc_cache_event(s->cache, reason, e->version, kvc_entry_key(e),
				e->key_len);
}

/* What is counted and told when an entry leaves */
static const struct fate {
	enum kvc_counter counter;
	enum kvc_event_reason event;	/* 0: one event tells of all */
} fates[KVC_REASONS] = {
	[KVC_REASON_LIMIT] = { KVC_COUNT_EVICT_LIMIT, KVC_EVENT_EVICTED },
	[KVC_REASON_LOWERED] = { KVC_COUNT_CLEARED, KVC_EVENT_EVICTED },
	[KVC_REASON_PRESSURE] = { KVC_COUNT_EVICT_PRESSURE, KVC_EVENT_EVICTED },
	[KVC_REASON_EXPIRED] = { KVC_COUNT_EXPIRED, KVC_EVENT_EXPIRED },
	[KVC_REASON_CLEARED] = { KVC_COUNT_CLEARED, 0 },
};

/**
 * kvc_shard_gone - count and tell that an entry left
 * @s: the shard, locked
 * @e: the entry, which no lookup meets any more, or takes for absent
 * @reason: why
 */
void kvc_shard_gone(struct kvc_shard *s, const struct kvc_entry *e,
		    enum kvc_reason reason)
{
	const struct kvc_observer *o = s->cache->observer;
	const struct fate *fate = &fates[reason];

	/* Nobody had a pair that was not there. */
	if (kvc_entry_is(e, KVC_ENTRY_TOMBSTONE))
		return;
	kvc_counters_inc(s->cache->counters, fate->counter);
	if (o->evict)
		o->evict(s->cache->ctx, e, reason);
	if (fate->event)
		kvc_shard_event(s, fate->event, e);
}

/**
 * kvc_shard_discard - remove an entry that nobody asked to delete
 * @s: the shard, locked
 * @e: its entry
 * @reason: why
 *
 * A fill of what was older than the entry comes too late; the same version may
 * come back, for a store's revision of an object stays until that changes.  But
 * whoever misses the entry now gets a version of his own.
 */
void kvc_shard_discard(struct kvc_shard *s, struct kvc_entry *e,
		       enum kvc_reason reason)
{
	kvc_shard_unlink(s, e);
	kvc_shard_refuse(s, kvc_entry_key(e), e->key_len, e->version);
	kvc_shard_advance(s, e->version + 1);
	kvc_shard_gone(s, e, reason);
}
