/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_KEY_H
#define _KVC_KEY_H

#include <linux/types.h>
#include "session.h"

/* Bytes: keys up to this length are read word by word, and kept on the stack. */
#define KVC_KEY_SHORT	64

/**
 * struct kvc_key - a key that was read from the user
 * @bytes: the key
 * @len: its length
 * @hash: its hash
 * @room: where short ones are
 */
struct kvc_key {
	u8 *bytes;
	u32 len;
	u32 hash;
	u64 room[KVC_KEY_SHORT / sizeof(u64)];
};

/**
 * kvc_key_hash - hash a key that kvc_op_read() has read
 * @key: the key
 * @c: the cache
 */
static inline void kvc_key_hash(struct kvc_key *key, const struct kvc_cache *c)
{
	key->hash = kvc_cache_hash(c, key->room, key->len);
}

int kvc_key_read(struct kvc_key *key, const struct kvc_call *call,
		 const struct kvc_op *op);
void kvc_key_drop(struct kvc_key *key);

#endif
