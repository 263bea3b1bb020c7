// SPDX-License-Identifier: GPL-2.0-only
/*
 * Version slots: counters that clients map, by which they see without a system
 * call that what they keep of a key is not what the cache has
 *
 * A slot's keys are all of one shard, so its counter is written under one lock,
 * by plain stores.  It is made odd before a change can be seen and even when it
 * can.  With the first of the two alone, who reads the counter between them
 * and then the old pair would keep that for ever; with the second alone, who
 * kept the old pair would serve it when others have seen the new one already.
 *
 * What is evicted, or expires, changes no slot: a kept pair is still what was
 * stored last, and ends by its own expiry.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include "slot.h"

/*
 * Slots of a cache.  A change of one key costs clients what they keep of a
 * 16384th of the others, and the 64 KiB stay in a CPU's cache.
 */
#define KVC_SLOTS	16384u
/* A shard's slots share no cache line with another one's. */
#define KVC_SLOTS_SHARD	16u

/* Where the first slot is: behind a page for the head */
#define KVC_SLOT_OFFSET	PAGE_SIZE

static u32 slots_of_shard(const struct kvc_cache *c)
{
	return max(KVC_SLOTS >> c->shard_bits, KVC_SLOTS_SHARD);
}

/**
 * kvc_slot_bytes - what there is to map
 * @c: the cache, whether it has slots yet or not
 */
size_t kvc_slot_bytes(const struct kvc_cache *c)
{
	return PAGE_ALIGN(KVC_SLOT_OFFSET + sizeof(u32) *
			  ((size_t)slots_of_shard(c) << c->shard_bits));
}

static struct kvc_slots *slots_new(const struct kvc_cache *c)
{
	struct kvc_slots *slots = __vmalloc(kvc_slot_bytes(c),
					    GFP_KERNEL_ACCOUNT | __GFP_ZERO |
					    __GFP_NOWARN);

	if (!slots)
		return NULL;
	slots->abi_level = KVC_ABI_LEVEL;
	slots->count = slots_of_shard(c) << c->shard_bits;
	slots->offset = KVC_SLOT_OFFSET;
	slots->cache = c->id;
	return slots;
}

/*
 * From now on the shard's changes are counted.  One that goes on has the lock,
 * so nobody reads a slot that is even while it is not counted.
 */
static void shard_open(struct kvc_cache *c, u32 i)
{
	u32 *first = (void *)c->slots + KVC_SLOT_OFFSET;
	struct kvc_shard *s = &c->shards[i];

	spin_lock(&s->lock);
	/* Pairs with the acquire in kvc_slot_read(). */
	smp_store_release(&s->slots, first + i * slots_of_shard(c));
	spin_unlock(&s->lock);
}

static int open_all(struct kvc_cache *c)
{
	struct kvc_slots *slots;
	u32 i;

	lockdep_assert_held(&c->slot_lock);
	if (READ_ONCE(c->dead))
		return -ESHUTDOWN;
	if (c->slots)
		return 0;
	slots = slots_new(c);
	if (!slots)
		return -ENOMEM;
	WRITE_ONCE(c->slots, slots);
	kvc_fence_show(&c->fence, &slots->fence);
	for (i = 0; i < kvc_cache_shards(c); i++)
		shard_open(c, i);
	return 0;
}

/**
 * kvc_slot_open - get the slots, which are made when they are first asked for
 * @c: the cache
 *
 * So a cache whose clients keep nothing has no cost of them.
 *
 * Context: may sleep.  Return: what clients may see, kvc_slot_bytes() of
 * __vmalloc()'s pages, there as long as the cache is; ERR_PTR: -ENOMEM;
 * -ESHUTDOWN: the cache was killed.
 */
struct kvc_slots *kvc_slot_open(struct kvc_cache *c)
{
	int err;

	mutex_lock(&c->slot_lock);
	err = open_all(c);
	mutex_unlock(&c->slot_lock);
	return err ? ERR_PTR(err) : c->slots;
}

/* Nothing is counted any more, and nothing that was kept is good. */
static void shard_close(struct kvc_cache *c, struct kvc_shard *s)
{
	u32 i;

	spin_lock(&s->lock);
	for (i = 0; i < slots_of_shard(c); i++)
		WRITE_ONCE(s->slots[i], s->slots[i] | 1);
	WRITE_ONCE(s->slots, NULL);
	spin_unlock(&s->lock);
}

/**
 * kvc_slot_kill - let clients see that the cache is dead
 * @c: the cache, marked as dead
 *
 * Context: may sleep.
 */
void kvc_slot_kill(struct kvc_cache *c)
{
	u32 i;

	mutex_lock(&c->slot_lock);
	if (c->slots && !c->slots->flags) {
		WRITE_ONCE(c->slots->flags, KVC_SLOTS_F_DEAD);
		for (i = 0; i < kvc_cache_shards(c); i++)
			shard_close(c, &c->shards[i]);
	}
	mutex_unlock(&c->slot_lock);
}

/**
 * kvc_slot_read - read a key's slot, for who is going to look the key up
 * @c: the cache
 * @hash: kvc_cache_hash() of the key
 * @key: its bytes
 * @key_len: their number
 *
 * Return: &struct kvc_op.slot; odd when there are no slots.
 */
u64 kvc_slot_read(struct kvc_cache *c, u32 hash, const void *key, u32 key_len)
{
	struct kvc_shard *s = kvc_cache_shard(c, hash);
	/* Pairs with the release in shard_open(). */
	u32 *slots = smp_load_acquire(&s->slots);
	u32 at;

	if (!slots)
		return 1ULL << 32;
	at = kvc_cache_slot(c, key, key_len) & (slots_of_shard(c) - 1);
	/* The lookup comes after it.  Pairs with the release in kvc_slot_end(). */
	return (u64)smp_load_acquire(&slots[at]) << 32 |
	       ((s - c->shards) * slots_of_shard(c) + at);
}

/* kvc_slot_begin(), when the slots are mapped */
u32 *kvc_slot_begin_mapped(struct kvc_shard *s, const void *key, u32 key_len)
{
	u32 mask = slots_of_shard(s->cache) - 1;
	u32 *slot = &s->slots[kvc_cache_slot(s->cache, key, key_len) & mask];

	lockdep_assert_held(&s->lock);
	WRITE_ONCE(*slot, *slot + 1);
	/*
	 * Whoever sees the change sees this, too, when he looks.  Pairs with the
	 * acquire in kvc_slot_read(), and with that of clients.
	 */
	smp_wmb();
	return slot;
}

/**
 * kvc_slot_change_all - no key of a shard is what it was
 * @s: the shard, locked; what changed can be seen
 *
 * For keys that were removed unseen: what was evicted may still be kept.
 */
void kvc_slot_change_all(struct kvc_shard *s)
{
	u32 i;

	lockdep_assert_held(&s->lock);
	if (likely(!s->slots))
		return;
	for (i = 0; i < slots_of_shard(s->cache); i++) {
		/* Pairs as in kvc_slot_end(). */
		smp_store_release(&s->slots[i], s->slots[i] + 2);
	}
}
