// SPDX-License-Identifier: GPL-2.0-only
/*
 * GET: from the key to the user's buffer
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "compat/uninitialized.h"
#include "copy.h"
#include "core/count.h"
#include "core/lookup.h"
#include "core/slot.h"
#include "get.h"
#include "op.h"
#include "trace.h"

/* Copies out of an entry that fault are tried this often in place. */
#define COPY_TRIES	3

static void report_entry(struct kvc_op *op, const struct kvc_entry *e)
{
	op->value_len = e->value_len;
	op->client_flags = e->client_flags;
	op->version = e->version;
	op->expiry = READ_ONCE(e->expiry);
}

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
		report_entry(op, e);
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

/* The value and the results, or nothing that counts: true if all is written */
static __always_inline bool tell_hit(const struct kvc_op *op,
				     struct kvc_op __user *arg, u64 slot,
				     struct kvc_entry *e)
{
	struct kvc_op told __uninitialized;
	u8 __user *to = u64_to_user_ptr(op->value);
	const u8 *from = kvc_entry_value(e);

	report_entry(&told, e);
	told.result = 0;
	told.slot = slot;
	if (!access_ok(arg, KVC_OP_SIZE_VER0) ||
	    !user_access_begin(to, told.value_len))
		return false;
	KVC_PUT_WORDS(to, from, told.value_len, fault);
	KVC_OP_TELL(&told, arg, fault);
	user_access_end();
	return true;

fault:
	user_access_end();
	return false;
}

static __always_inline bool take_hit(struct kvc_cache *c,
				     const struct kvc_op *op, u32 hash,
				     struct kvc_op __user *arg, u64 slot,
				     struct kvc_entry *e)
{
	bool told;

	if (unlikely(!e || e->value_len > op->value_len ||
		     e->value_len > KVC_COPY_SHORT))
		return false;
	pagefault_disable();
	told = tell_hit(op, arg, slot, e);
	pagefault_enable();
	if (likely(told))
		kvc_count_hit(c, hash, e);
	return told;
}

/**
 * kvc_get_hit - a whole GET, if that is a hit with a short value
 * @c: the cache
 * @op: what the user asked for, see kvc_get_wish()
 * @key: its key
 * @arg: where the user has the operation
 * @now: see kvc_entry_expired()
 *
 * What a GET usually is, without a call that can be avoided.  All else is left
 * to kvc_get_key(), as if this had not been tried: nothing is counted, and what
 * was written to the user is written again.
 *
 * Context: any.  Return: whether it was one, and the user was told.
 */
bool kvc_get_hit(struct kvc_cache *c, const struct kvc_op *op,
		 const struct kvc_key *key, struct kvc_op __user *arg, u64 *now)
{
	u64 slot = 0;
	bool hit;

	if (trace_kvc_get_enabled())
		return false;
	if (op->flags & KVC_OP_F_SLOT)
		slot = kvc_slot_read(c, key->hash, key->room, key->len);
	rcu_read_lock();
	hit = take_hit(c, op, key->hash, arg, slot,
		       kvc_cache_find(c, key->hash, key->room, key->len, now));
	rcu_read_unlock();
	return hit;
}
