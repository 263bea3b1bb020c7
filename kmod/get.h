/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_GET_H
#define _KVC_GET_H

#include "copy.h"
#include "key.h"

/**
 * kvc_get_wish - is this a GET as they usually are, and what is its key?
 * @c: the cache
 * @op: an operation of whoever may read
 * @key: gets it, in @key->room, if it is; needs not be initialised
 *
 * Context: may sleep.  Return: whether kvc_get_hit() may be tried.
 */
static __always_inline bool kvc_get_wish(struct kvc_cache *c,
					 const struct kvc_op *op,
					 struct kvc_key *key)
{
	const u8 __user *from = u64_to_user_ptr(op->key);
	u8 *to = (u8 *)key->room;

	if (op->opcode != KVC_OP_GET ||
	    unlikely(op->flags || op->reserved ||
		     op->key_len - 1 >= KVC_KEY_SHORT ||
		     !user_access_begin(from, op->key_len)))
		return false;
	KVC_GET_WORDS(to, from, op->key_len, fault);
	user_access_end();
	key->len = op->key_len;
	key->hash = kvc_cache_hash(c, key->room, key->len);
	return true;

fault:
	user_access_end();
	return false;
}

bool kvc_get_hit(struct kvc_cache *c, struct kvc_op *op,
		 const struct kvc_key *key);
int kvc_get_key(struct kvc_call *call, struct kvc_op *op,
		const struct kvc_key *key);

#endif
