/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_FLOOR_H
#define _KVC_FLOOR_H

#include <linux/types.h>

/**
 * struct kvc_floor - which fills of a shard come too late
 * @slot: a FILL of one of the slot's keys with a smaller version is refused
 * @all: likewise, of any key
 * @mask: number of slots minus 1, which is a power of two
 *
 * Keys share slots, so a floor may refuse a fill for another key's sake.  That
 * costs a fill; the other way round would serve what was purged.
 *
 * Under the shard lock.
 */
struct kvc_floor {
	u64 *slot;
	u64 all;
	u32 mask;
};

int kvc_floor_init(struct kvc_floor *f, u32 slots);
void kvc_floor_exit(struct kvc_floor *f);
u64 kvc_floor_of(const struct kvc_floor *f, u64 hash);
void kvc_floor_raise(struct kvc_floor *f, u64 hash, u64 version);
void kvc_floor_raise_all(struct kvc_floor *f, u64 version);
size_t kvc_floor_bytes(const struct kvc_floor *f);

#endif
