/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_SLOT_H
#define _KVC_SLOT_H

#include "cache.h"

size_t kvc_slot_bytes(const struct kvc_cache *c);
struct kvc_slots *kvc_slot_open(struct kvc_cache *c);
void kvc_slot_kill(struct kvc_cache *c);
u64 kvc_slot_read(struct kvc_cache *c, u32 hash, const void *key, u32 key_len);
u32 *kvc_slot_begin_mapped(struct kvc_shard *s, const void *key, u32 key_len);
void kvc_slot_change_all(struct kvc_shard *s);

/**
 * kvc_slot_begin - what a GET of a key returns is about to change
 * @s: the key's shard, locked
 * @key: the key
 * @key_len: its length
 *
 * Not called again before kvc_slot_end().  Return: for kvc_slot_end(); NULL:
 * nobody has mapped the slots.
 */
static inline u32 *kvc_slot_begin(struct kvc_shard *s, const void *key,
				  u32 key_len)
{
	lockdep_assert_held(&s->lock);
	if (likely(!s->slots))
		return NULL;
	return kvc_slot_begin_mapped(s, key, key_len);
}

/**
 * kvc_slot_end - it has changed, and readers see that
 * @slot: what kvc_slot_begin() gave; the lock was not dropped since
 */
static inline void kvc_slot_end(u32 *slot)
{
	if (likely(!slot))
		return;
	/* Pairs with the acquire in kvc_slot_read(), and with that of clients. */
	smp_store_release(slot, *slot + 1);
}

#endif
