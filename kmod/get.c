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

/* A hit, until the user is told */
struct hit {
	struct kvc_entry *e;
	u64 slot;
};

/* Is it a hit that can be told at once? */
static __always_inline bool find_hit(struct kvc_call *call,
				     const struct kvc_job *job,
				     struct hit *hit)
{
	const struct kvc_key *key = &job->key;
	const struct kvc_op *op = &job->op;
	struct kvc_entry *e;

	hit->slot = 0;
	if (op->flags & KVC_OP_F_SLOT)
		hit->slot = kvc_slot_read(call->cache, key->hash, key->room,
					  key->len);
	e = kvc_cache_find(call->cache, key->hash, key->room, key->len,
			   &call->now);
	hit->e = e;
	return likely(e) && likely(e->value_len <= op->value_len) &&
	       likely(e->value_len <= KVC_COPY_SHORT) &&
	       access_ok(u64_to_user_ptr(op->value), e->value_len);
}

/* Within user_access_begin(): the value and the results */
static __always_inline bool tell_hit(const struct kvc_job *job,
				     struct kvc_op __user *arg,
				     const struct hit *hit)
{
	u8 __user *to = u64_to_user_ptr(job->op.value);
	const u8 *from = kvc_entry_value(hit->e);
	struct kvc_op told __uninitialized;

	KVC_PUT_WORDS(to, from, hit->e->value_len, fault);
	report_entry(&told, hit->e);
	told.result = 0;
	told.slot = hit->slot;
	KVC_OP_TELL(&told, arg, fault);
	return true;

fault:
	return false;
}

/* Returns how many were told of, up to the first fault. */
static __always_inline u32 tell_hits(const struct kvc_job *job,
				     struct kvc_op __user *arg,
				     const struct hit *hit, u32 n)
{
	u32 i = 0;

	pagefault_disable();
	if (user_access_begin(arg, n * sizeof(*arg))) {
		while (i < n && likely(tell_hit(&job[i], &arg[i], &hit[i])))
			i++;
		user_access_end();
	}
	pagefault_enable();
	return i;
}

static __always_inline u32 get_hits(struct kvc_call *call,
				    const struct kvc_job *job,
				    struct kvc_op __user *arg, u32 most)
{
	struct hit hit[KVC_LOOKUP_GROUP] __uninitialized;
	struct kvc_count count = kvc_count_begin(call->cache);
	u32 i, n = 0;

	if (trace_kvc_get_enabled())
		return 0;
	rcu_read_lock();
	while (n < most && find_hit(call, &job[n], &hit[n]))
		n++;
	if (likely(n))
		n = tell_hits(job, arg, hit, n);
	for (i = 0; i < n; i++)
		kvc_count_hit(&count, job[i].key.hash, hit[i].e);
	kvc_count_end(&count);
	rcu_read_unlock();
	return n;
}

/**
 * kvc_get_hit - a whole GET, if that is a hit with a short value
 * @call: on what
 * @job: what was read of it, see kvc_get_wish()
 * @arg: where the user has the operation
 *
 * What a GET usually is, without a call that can be avoided.  All else is left
 * to kvc_get_key(), as if this had not been tried: nothing is counted, and what
 * was written to the user is written again.
 *
 * Context: any.  Return: whether it was one, and the user was told.
 */
bool kvc_get_hit(struct kvc_call *call, const struct kvc_job *job,
		 struct kvc_op __user *arg)
{
	return get_hits(call, job, arg, 1);
}

/**
 * kvc_get_hits - kvc_get_hit() of some, until one is none
 * @call: on what
 * @job: the first of them
 * @arg: where the user has them
 * @n: their number, up to %KVC_LOOKUP_GROUP
 *
 * In one read section, and the user's memory is opened once.
 *
 * Context: any.  Return: how many were hits, and the user was told.
 */
u32 kvc_get_hits(struct kvc_call *call, const struct kvc_job *job,
		 struct kvc_op __user *arg, u32 n)
{
	return get_hits(call, job, arg, n);
}
