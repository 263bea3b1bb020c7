/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GETs as most of them are: hits, with a short key and value
 *
 * What they cost is all but for the memory that they meet, so it is inline, once
 * for a single GET and once for a batch.  All else is left to kvc_get_key(), as
 * if this had not been tried: nothing is counted, and what was written to the
 * user is written again.
 */
#ifndef _KVC_HIT_H
#define _KVC_HIT_H

#include "compat/uninitialized.h"
#include "copy.h"
#include "core/count.h"
#include "core/lookup.h"
#include "core/slot.h"
#include "get.h"
#include "op.h"
#include "trace.h"

/**
 * struct kvc_hit - a hit, until the user is told
 * @e: what was found
 * @slot: &struct kvc_op.slot
 */
struct kvc_hit {
	struct kvc_entry *e;
	u64 slot;
};

/* Is it a hit that can be told at once? */
static __always_inline bool kvc_hit_find(struct kvc_hit *hit,
					 struct kvc_call *call,
					 const struct kvc_job *job)
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
	       likely(access_ok(u64_to_user_ptr(op->value), e->value_len));
}

/* Within user_access_begin(): the value and the results */
static __always_inline bool kvc_hit_tell(const struct kvc_hit *hit,
					 const struct kvc_job *job,
					 struct kvc_op __user *arg)
{
	u8 __user *to = u64_to_user_ptr(job->op.value);
	const u8 *from = kvc_entry_value(hit->e);
	struct kvc_op told __uninitialized;

	KVC_PUT_WORDS(to, from, hit->e->value_len, fault);
	kvc_get_report(&told, hit->e);
	told.result = 0;
	told.slot = hit->slot;
	KVC_OP_TELL(&told, arg, fault);
	return true;

fault:
	return false;
}

/* Returns how many were told of, up to the first fault. */
static __always_inline u32 kvc_hit_tell_all(const struct kvc_hit *hit,
					    const struct kvc_job *job,
					    struct kvc_op __user *arg, u32 n)
{
	u32 i = 0;

	pagefault_disable();
	if (user_access_begin(arg, n * sizeof(*arg))) {
		while (i < n && likely(kvc_hit_tell(&hit[i], &job[i], &arg[i])))
			i++;
		user_access_end();
	}
	pagefault_enable();
	return i;
}

/**
 * kvc_hit_get - carry GETs out, until one is not a hit with a short value
 * @call: on what
 * @job: the first of them; their @key was read by kvc_op_read(), and hashed
 * @arg: where the user has them
 * @most: their number, up to %KVC_LOOKUP_GROUP
 *
 * In one read section, with the user's memory open once.
 *
 * Context: any.  Return: how many were hits, and the user was told.
 */
static __always_inline u32 kvc_hit_get(struct kvc_call *call,
				       const struct kvc_job *job,
				       struct kvc_op __user *arg, u32 most)
{
	struct kvc_hit hit[KVC_LOOKUP_GROUP] __uninitialized;
	struct kvc_count count = kvc_count_begin(call->cache);
	u32 i, n = 0;

	if (trace_kvc_get_enabled())
		return 0;
	rcu_read_lock();
	while (n < most && kvc_hit_find(&hit[n], call, &job[n]))
		n++;
	if (likely(n))
		n = kvc_hit_tell_all(hit, job, arg, n);
	for (i = 0; i < n; i++)
		kvc_count_hit(&count, job[i].key.hash, hit[i].e);
	kvc_count_end(&count);
	rcu_read_unlock();
	return n;
}

#endif
