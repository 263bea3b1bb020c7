/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_NEAR_H
#define KVC_NEAR_H

#include <stddef.h>
#include <stdint.h>
#include <kvcache.h>

struct kvc_near_own;

/**
 * struct kvc_near_key - a key whose answer is to be kept
 * @own: where
 * @hash: of the key
 */
struct kvc_near_key {
	struct kvc_near_own *own;
	uint64_t hash;
};

/* Nothing is kept from now on. */
void kvc_near_end(struct kvc *kvc);

/* kvc_get() of a handle that keeps answers */
int kvc_near_get(struct kvc *kvc, const void *key, size_t key_len, void *value,
		 size_t *value_len, struct kvc_meta *meta);

/* Keeps the answer to a GET with %KVC_OP_F_SLOT, if that can be. */
void kvc_near_keep(struct kvc *kvc, const struct kvc_near_key *key,
		   const struct kvc_op *op);

/* In pair.c */
int kvc_pair_ask(struct kvc *kvc, const struct kvc_near_key *near,
		 const void *key, size_t key_len, void *value,
		 size_t *value_len, struct kvc_meta *meta);

#endif /* KVC_NEAR_H */
