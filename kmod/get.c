// SPDX-License-Identifier: GPL-2.0-only
/*
 * GET: from the key to the user's buffer
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "copy.h"
#include "core/lookup.h"
#include "core/slot.h"
#include "get.h"
#include "op.h"

/* Copies out of an entry that fault are tried this often in place. */
#define COPY_TRIES	3

/*
 * One lookup, with the value copied to @bounce, or without one to the user's
 * buffer, where a fault gives -EAGAIN; both have @room bytes.
 */
static int get_once(struct kvc_call *call, struct kvc_op *op,
		    const struct kvc_key *key, void *bounce, u32 room)
{
	struct kvc_entry *e;
	u64 token = 0;
	int err = 0;

	if (op->flags & KVC_OP_F_SLOT)
		op->slot = kvc_slot_read(call->cache, key->hash, key->bytes,
					 key->len);
	rcu_read_lock();
	e = kvc_cache_get(call->cache, key->hash, key->bytes, key->len,
			  &call->now, &token);
	if (!e) {
		err = kvc_cache_is_dead(call->cache) ? -ESHUTDOWN : -ENOENT;
		op->version = token;
	} else if (e->value_len > room) {
		op->value_len = e->value_len;
		err = -ERANGE;
	} else if (bounce) {
		memcpy(bounce, kvc_entry_value(e), e->value_len);
	} else if (kvc_copy_bytes_out(u64_to_user_ptr(op->value),
				      kvc_entry_value(e), e->value_len)) {
		op->value_len = e->value_len;
		err = -EAGAIN;
	}
	if (!err)
		kvc_get_report(op, e);
	if (err != -EAGAIN)
		kvc_cache_count_get(call->cache, key->hash, e);
	rcu_read_unlock();
	return err;
}

/* The user's pages do not stay: copy to the kernel's memory, then from there. */
static int get_bounced(struct kvc_call *call, struct kvc_op *op,
		       const struct kvc_key *key, u32 room)
{
	u32 len = op->value_len;
	void *bounce;
	int err;

	bounce = kvmalloc(len, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!bounce)
		return -ENOMEM;
	err = get_once(call, op, key, bounce, len);
	/* It may have grown, into what the user has room for. */
	if (err == -ERANGE && op->value_len <= room)
		err = -EAGAIN;
	if (!err && copy_to_user(u64_to_user_ptr(op->value), bounce,
				 op->value_len))
		err = -EFAULT;
	kvfree(bounce);
	return err;
}

/**
 * kvc_get_key - look a key up and copy its value to the user
 * @call: on what
 * @op: what the user asked for; gets the answer
 * @key: the key
 *
 * Context: may sleep.  Return: 0, -ENOENT, -ERANGE, -EFAULT, -ENOMEM or
 * -ESHUTDOWN.
 */
int kvc_get_key(struct kvc_call *call, struct kvc_op *op,
		const struct kvc_key *key)
{
	unsigned int tries = COPY_TRIES;
	u32 room = op->value_len;
	int err;

	while (tries--) {
		err = get_once(call, op, key, NULL, room);
		if (likely(err != -EAGAIN))
			return err;
		if (fault_in_writeable(u64_to_user_ptr(op->value),
				       op->value_len))
			return -EFAULT;
	}
	do {
		err = get_bounced(call, op, key, room);
	} while (err == -EAGAIN);
	return err;
}
