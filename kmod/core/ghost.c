// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "ghost.h"

/* The top bits of a hash, in place of the mark's */
#define BITS(hash)	((hash) >> 16 & ~KVC_GHOST_MARK_MAX)

/**
 * kvc_ghost_init - make an empty memory of victims
 * @g: the memory
 * @slots: how many it should hold at most, rounded up to a power of two
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
	g->used = g->mask;
	return 0;
}

void kvc_ghost_exit(struct kvc_ghost *g)
{
	kvfree(g->slots);
}

/**
 * kvc_ghost_fit - have it remember about so many keys
 * @g: the memory
 * @keys: their number; the next smaller power of two is taken, and not more
 *	than there are slots
 */
void kvc_ghost_fit(struct kvc_ghost *g, u32 keys)
{
	g->used = min(rounddown_pow_of_two(max(keys, 1u)) - 1, g->mask);
}

/**
 * kvc_ghost_remember - a key was evicted
 * @g: the memory
 * @hash: of the key
 * @mark: 1 to %KVC_GHOST_MARK_MAX
 */
void kvc_ghost_remember(struct kvc_ghost *g, u32 hash, unsigned int mark)
{
	g->slots[hash & g->used] = BITS(hash) | mark;
}

/**
 * kvc_ghost_forget - was this key remembered?  It no longer is.
 * @g: the memory
 * @hash: of a key
 *
 * Return: the mark; 0: it was not.
 */
unsigned int kvc_ghost_forget(struct kvc_ghost *g, u32 hash)
{
	u16 *slot = &g->slots[hash & g->used];
	unsigned int mark = *slot & KVC_GHOST_MARK_MAX;

	if (!mark || *slot != (BITS(hash) | mark))
		return 0;
	*slot = 0;
	return mark;
}

size_t kvc_ghost_bytes(const struct kvc_ghost *g)
{
	return g->slots ? ((size_t)g->mask + 1) * sizeof(*g->slots) : 0;
}
