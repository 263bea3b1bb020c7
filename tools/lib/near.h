/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_NEAR_H
#define KVC_NEAR_H

#include <stddef.h>
#include <stdint.h>
#include <kvcache.h>

struct kvc_near_own;

/* Nothing is kept from now on. */
void kvc_near_end(struct kvc *kvc);

/**
 * struct kvc_near_key - a key that was looked for near, and for its answer
 * @own: what the thread keeps, NULL: nothing
 * @hash: of the key
 */
struct kvc_near_key {
	struct kvc_near_own *own;
	uint64_t hash;
};

/*
 * Looks for a key in what the thread keeps, of a handle that keeps.  0 or
 * -ERANGE: as kvc_get(); 1: the kernel has to be asked, by a GET with
 * %KVC_OP_F_SLOT, and kvc_near_keep() told of what it answers.
 */
int kvc_near_get(struct kvc *kvc, struct kvc_near_key *key, const void *bytes,
		 size_t len, void *value, size_t *value_len,
		 struct kvc_meta *meta);
void kvc_near_keep(struct kvc *kvc, const struct kvc_near_key *key,
		   const struct kvc_op *op);

#endif /* KVC_NEAR_H */
