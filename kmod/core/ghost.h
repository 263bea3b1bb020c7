/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_GHOST_H
#define _KVC_GHOST_H

#include <linux/types.h>

/**
 * struct kvc_ghost_slot - a remembered hash
 * @hash: of the key
 * @turn: when it was remembered
 */
struct kvc_ghost_slot {
	u32 hash;
	u32 turn;
};

/**
 * struct kvc_ghost - hashes of the keys that left the tier lately
 * @slots: a table by hash; a newer key takes an older one's place
 * @mask: slots minus 1, which is a power of two
 * @turn: counts what was remembered; a slot that is older than the table is
 *	long counts as forgotten
 */
struct kvc_ghost {
	struct kvc_ghost_slot *slots;
	u32 mask;
	u32 turn;
};

int kvc_ghost_init(struct kvc_ghost *g, u32 slots);
void kvc_ghost_exit(struct kvc_ghost *g);
void kvc_ghost_remember(struct kvc_ghost *g, u32 hash);
bool kvc_ghost_forget(struct kvc_ghost *g, u32 hash);
size_t kvc_ghost_bytes(const struct kvc_ghost *g);

#endif
