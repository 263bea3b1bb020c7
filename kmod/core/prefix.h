/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_PREFIX_H
#define _KVC_PREFIX_H

#include "scan.h"

/**
 * struct kvc_prefix - a purge of all keys that begin alike, in steps
 * @range: of the keys that are left
 * @purged: pairs removed up to now
 * @begun: fills that began before are refused
 * @after: the last key purged
 */
struct kvc_prefix {
	struct kvc_range range;
	u64 purged;
	bool begun;
	u8 after[KVC_KEY_MAX];
};

void kvc_prefix_init(struct kvc_prefix *p, const void *prefix, u32 len);
int kvc_prefix_purge(struct kvc_prefix *p, struct kvc_cache *c);

#endif
