// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "ghost.h"

/**
 * kvc_ghost_init - make an empty memory of victims
 * @g: the memory
 * @slots: how many it should hold, rounded up to a power of two
 *
 * Context: may sleep.  Return: 0 or -ENOMEM.
 */
int kvc_ghost_init(struct kvc_ghost *g, u32 slots)
{
	slots = roundup_pow_of_two(slots);
	g->slots = kvcalloc(slots, sizeof(*g->slots),
			    GFP_KERNEL_ACCOUNT | __GFP_NOWARN |
			    __GFP_RETRY_MAYFAIL);
	if (!g->slots)
		return -ENOMEM;
	g->mask = slots - 1;
	/* Slots that were never used must be older than the table is long. */
	g->turn = slots + 1;
	return 0;
}

void kvc_ghost_exit(struct kvc_ghost *g)
{
	kvfree(g->slots);
}

void kvc_ghost_remember(struct kvc_ghost *g, u32 hash)
{
	g->slots[hash & g->mask] = (struct kvc_ghost_slot){
		.hash = hash,
		.turn = g->turn++,
	};
}

/**
 * kvc_ghost_forget - was this hash remembered?  It no longer is.
 * @g: the memory
 * @hash: of a key
 */
bool kvc_ghost_forget(struct kvc_ghost *g, u32 hash)
{
	struct kvc_ghost_slot *slot = &g->slots[hash & g->mask];

	if (slot->hash != hash || g->turn - slot->turn > g->mask + 1)
		return false;
	slot->turn = g->turn - g->mask - 2;
	return true;
}

size_t kvc_ghost_bytes(const struct kvc_ghost *g)
{
	return g->slots ? ((size_t)g->mask + 1) * sizeof(*g->slots) : 0;
}
