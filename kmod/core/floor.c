// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generation floors: a fill that began before its object was purged, deleted
 * or evicted must not bring it back (P16)
 *
 * The cache keeps nothing of keys that it does not have.  So each of a fixed
 * number of slots, to which keys belong by a hash, keeps the highest version
 * that a removal of one of its keys stood for.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "floor.h"

/**
 * kvc_floor_init - make floors that refuse nothing
 * @f: zeroed
 * @slots: their number, a power of two
 *
 * Context: may sleep.  Return: 0 or -ENOMEM.
 */
int kvc_floor_init(struct kvc_floor *f, u32 slots)
{
	f->slot = kvcalloc(slots, sizeof(*f->slot),
			   GFP_KERNEL_ACCOUNT | __GFP_NOWARN |
			   __GFP_RETRY_MAYFAIL);
	if (!f->slot)
		return -ENOMEM;
	f->mask = slots - 1;
	return 0;
}

void kvc_floor_exit(struct kvc_floor *f)
{
	kvfree(f->slot);
}

/**
 * kvc_floor_of - the smallest version that may be filled
 * @f: the floors
 * @hash: of the key, see kvc_cache_slot()
 */
u64 kvc_floor_of(const struct kvc_floor *f, u64 hash)
{
	return max(f->all, f->slot[hash & f->mask]);
}

/**
 * kvc_floor_raise - refuse older fills of a key
 * @f: the floors
 * @hash: of the key
 * @version: the smallest that may be filled; a floor is never lowered
 */
void kvc_floor_raise(struct kvc_floor *f, u64 hash, u64 version)
{
	u64 *slot = &f->slot[hash & f->mask];

	*slot = max(*slot, version);
}

/**
 * kvc_floor_raise_all - refuse older fills of all keys
 * @f: the floors
 * @version: the smallest that may be filled
 */
void kvc_floor_raise_all(struct kvc_floor *f, u64 version)
{
	f->all = max(f->all, version);
}

size_t kvc_floor_bytes(const struct kvc_floor *f)
{
	return (f->mask + 1) * sizeof(*f->slot);
}
