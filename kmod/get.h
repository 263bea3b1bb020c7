/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_GET_H
#define _KVC_GET_H

#include "key.h"

/**
 * kvc_get_wish - is this a GET as most of them are?
 * @c: the cache
 * @op: an operation from kvc_op_read()
 * @key: likewise; gets its hash
 * @mode: what the file was opened for
 *
 * Return: whether kvc_get_hit() may be tried.
 */
static inline bool kvc_get_wish(struct kvc_cache *c, const struct kvc_op *op,
				struct kvc_key *key, fmode_t mode)
{
	if (!key->len ||
	    unlikely(op->flags & ~KVC_OP_F_SLOT || op->reserved ||
		     !(mode & FMODE_READ)))
		return false;
	key->hash = kvc_cache_hash(c, key->room, key->len);
	return true;
}

bool kvc_get_hit(struct kvc_cache *c, const struct kvc_op *op,
		 const struct kvc_key *key, struct kvc_op __user *arg,
		 u64 *now);
int kvc_get_key(struct kvc_call *call, struct kvc_op *op,
		const struct kvc_key *key);

#endif
