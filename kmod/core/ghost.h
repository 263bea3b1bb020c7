/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_GHOST_H
#define _KVC_GHOST_H

#include <linux/types.h>

/**
 * struct kvc_ghost - which keys were evicted lately, and from where
 * @slots: a table by hash: some more bits of it, and the mark that is
 *	remembered with them, 0: none.  A newer key takes an older one's place.
 * @mask: slots minus 1, which is a power of two
 * @used: likewise of the slots in use: the fewer, the sooner it forgets
 */
struct kvc_ghost {
	u16 *slots;
	u32 mask;
	u32 used;
};

/* Marks are 1 to this. */
#define KVC_GHOST_MARK_MAX	3

int kvc_ghost_init(struct kvc_ghost *g, u32 slots);
void kvc_ghost_exit(struct kvc_ghost *g);
void kvc_ghost_fit(struct kvc_ghost *g, u32 keys);
void kvc_ghost_remember(struct kvc_ghost *g, u32 hash, unsigned int mark);
unsigned int kvc_ghost_forget(struct kvc_ghost *g, u32 hash);
size_t kvc_ghost_bytes(const struct kvc_ghost *g);

#endif
