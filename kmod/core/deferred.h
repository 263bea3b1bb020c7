/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_DEFERRED_H
#define _KVC_DEFERRED_H

#include "ring.h"

/**
 * struct kvc_deferral - an object that a node has to forget
 * @by_key: the node's, by the bytes of the key
 * @by_expiry: the node's, the one that expires first in front
 * @next: in a chain, when it is in neither
 * @expiry: when the node's copy is gone anyway, CLOCK_BOOTTIME in ns
 * @seq: of the purge that was deferred last
 * @bytes: what this takes
 * @len: bytes of the key
 * @key: the key
 */
struct kvc_deferral {
	struct rb_node by_key;
	struct rb_node by_expiry;
	struct kvc_deferral *next;
	u64 expiry;
	u64 seq;
	u32 bytes;
	u32 len;
	u8 key[];
};

struct kvc_deferral *kvc_deferred_alloc(const void *key, u32 len);
void kvc_deferred_free_chain(struct kvc_deferral *chain);
void kvc_deferred_free(struct rb_root *tree);

/* Under the ring's lock */
struct kvc_deferral *kvc_deferred_find(const struct kvc_deferred *l,
				       const void *key, u32 len);
struct kvc_deferral *kvc_deferred_after(const struct kvc_deferred *l,
					const void *key, u32 len);
struct kvc_deferral *kvc_deferred_first(const struct kvc_deferred *l);
struct kvc_deferral *kvc_deferred_last(const struct kvc_deferred *l);
void kvc_deferred_add(struct kvc_ring *ring, struct kvc_node *n,
		      struct kvc_deferral *d);
void kvc_deferred_remove(struct kvc_ring *ring, struct kvc_node *n,
			 struct kvc_deferral *d);
void kvc_deferred_prolong(struct kvc_deferred *l, struct kvc_deferral *d,
			  u64 expiry);
struct rb_root kvc_deferred_take(struct kvc_ring *ring, struct kvc_node *n);

#endif
