// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys that are read from the user
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include "copy.h"
#include "key.h"

static int read_long(struct kvc_key *key, const u8 __user *from)
{
	key->bytes = kmalloc(key->len, GFP_KERNEL_ACCOUNT);
	return key->bytes ? kvc_copy_bytes_in(key->bytes, from, key->len) :
			    -ENOMEM;
}

/**
 * kvc_key_read - read the key of an operation, and hash it
 * @key: gets it; kvc_key_drop() ends it, also when this fails
 * @call: on what
 * @op: its @key_len was found to be in range
 *
 * Context: may sleep.  Return: 0, -EFAULT or -ENOMEM.
 */
int kvc_key_read(struct kvc_key *key, const struct kvc_call *call,
		 const struct kvc_op *op)
{
	const u8 __user *from = u64_to_user_ptr(op->key);
	int err;

	key->len = op->key_len;
	key->bytes = (u8 *)key->room;
	err = likely(key->len <= KVC_KEY_SHORT) ?
	      kvc_copy_bytes_in(key->bytes, from, key->len) :
	      read_long(key, from);
	if (err)
		return err;
	key->hash = kvc_cache_hash(call->cache, key->bytes, key->len);
	return 0;
}

/**
 * kvc_key_drop - end what kvc_key_read() began
 * @key: the key
 */
void kvc_key_drop(struct kvc_key *key)
{
	if (unlikely(key->bytes != (u8 *)key->room))
		kfree(key->bytes);
}
