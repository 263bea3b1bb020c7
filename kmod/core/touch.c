// SPDX-License-Identifier: GPL-2.0-only
/*
 * TOUCH: a pair gets another expiry
 */
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/string.h>
#include "put.h"
#include "slot.h"

static int touch_locked(struct kvc_shard *s, u32 hash, const void *key,
			u32 key_len, u64 expiry, u64 *now, u64 *version)
{
	struct kvc_entry *e;
	u32 *slot;

	if (s->dead)
		return -ESHUTDOWN;
	e = kvc_index_at(&s->index,
			 kvc_index_slot(&s->index, hash, key, key_len));
	if (!kvc_entry_live(e, now))
		return -ENOENT;
	s->expiring += !!expiry - !!e->expiry;
	slot = kvc_slot_begin(s, key, key_len);
	WRITE_ONCE(e->expiry, expiry);
	kvc_slot_end(slot);
	kvc_shard_expires(s, expiry);
	*version = e->version;
	kvc_counters_inc(s->cache->counters, KVC_COUNT_TOUCH);
	return 0;
}

/*
 * Make @copy, if it is of the right size, the key's pair with another expiry.
 * Returns -E2BIG, and the size of the value, if it is not.
 */
static int copy_pair(struct kvc_cache *c, struct kvc_entry *copy, u64 *now,
		     u32 *value_len, u64 *version)
{
	struct kvc_shard *s = kvc_cache_shard(c, copy->hash);
	struct kvc_entry *e;
	int err = 0;

	rcu_read_lock();
	e = kvc_index_find(&s->index, copy->hash, kvc_entry_key(copy),
			   copy->key_len);
	if (!e) {
		err = -ENODATA;
	} else if (!kvc_entry_live(e, now)) {
		err = -ENOENT;
	} else if (e->value_len != copy->value_len) {
		*value_len = e->value_len;
		err = -E2BIG;
	} else {
		memcpy(kvc_entry_value(copy), kvc_entry_value(e), e->value_len);
		copy->client_flags = e->client_flags;
		*version = e->version;
	}
	rcu_read_unlock();
	if (err == -ENODATA && kvc_cache_is_dead(c))
		return -ESHUTDOWN;
	return err;
}

/* Returns -ESTALE when the pair was changed meanwhile. */
static int touch_with(struct kvc_cache *c, struct kvc_entry *copy, u64 *now,
		      u32 *value_len, u64 *version)
{
	struct kvc_cond cond = { .flags = KVC_OP_F_CAS };
	int err = copy_pair(c, copy, now, value_len, &cond.version);

	return err ?: kvc_put_as(c, copy, &cond, now, version, KVC_COUNT_TOUCH);
}

/* The store's copy has the old expiry: the pair is written anew. */
static int touch_behind(struct kvc_cache *c, u32 hash, const void *key,
			u32 key_len, u64 expiry, u64 *now, u64 *version)
{
	struct kvc_entry *copy;
	u32 value_len = 0;
	int err;

	do {
		copy = kvc_entry_alloc(key_len, value_len);
		if (!copy)
			return -ENOMEM;
		memcpy(copy->data, key, key_len);
		copy->hash = hash;
		copy->expiry = expiry;
		err = touch_with(c, copy, now, &value_len, version);
		if (err)
			kvc_entry_free(copy);
		cond_resched();
	} while (err == -E2BIG || err == -ESTALE);
	return err;
}

/**
 * kvc_cache_touch - give a pair another expiry
 * @c: the cache
 * @hash: of the key
 * @key: its bytes
 * @key_len: their number
 * @expiry: CLOCK_BOOTTIME in ns, 0 for never
 * @now: see kvc_entry_expired()
 * @version: gets the pair's version, which stays, but for a write-behind cache
 *
 * Context: may sleep.  Return: 0; -ENOENT: no such key; -ESHUTDOWN: the cache
 * was killed; of a write-behind cache also -ENOMEM, and -ENOSPC, -ENODATA and
 * -EBUSY, see kvc_cache_put().
 */
int kvc_cache_touch(struct kvc_cache *c, u32 hash, const void *key, u32 key_len,
		    u64 expiry, u64 *now, u64 *version)
{
	struct kvc_shard *s = kvc_cache_shard(c, hash);
	int err;

	if (c->mode == KVC_MODE_WRITEBEHIND)
		return touch_behind(c, hash, key, key_len, expiry, now, version);
	spin_lock(&s->lock);
	err = touch_locked(s, hash, key, key_len, expiry, now, version);
	kvc_shard_unlock_reap(s);
	return err;
}
