// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data operations on single keys: from a user's struct kvc_op to the core
 *
 * Each is done in two steps, so that a batch can do the first one of some
 * operations ahead: what the user gave is read and checked, then it is done.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include "compat/cgroup.h"
#include "compat/uninitialized.h"
#include "core/spare.h"
#include "copy.h"
#include "get.h"
#include "hit.h"
#include "op.h"
#include "trace.h"

#define PUT_FLAGS	(KVC_OP_F_CREATE | KVC_OP_F_REPLACE | KVC_OP_F_CAS | \
			 KVC_OP_F_FILL | KVC_OP_F_TTL | KVC_OP_F_GONE)

static int take_expiry(struct kvc_call *call, const struct kvc_op *op,
		       u64 *expiry)
{
	*expiry = op->expiry;
	if (*expiry > S64_MAX)
		return -ERANGE;
	if (!(op->flags & KVC_OP_F_TTL) || !*expiry)
		return 0;
	if (!call->now)
		call->now = ktime_get_boottime_ns();
	*expiry += call->now;
	return *expiry > S64_MAX ? -ERANGE : 0;
}

/* That the store has no such key is told as a fill without a value. */
static int gone_ok(const struct kvc_call *call, const struct kvc_op *op)
{
	if (!(op->flags & KVC_OP_F_GONE))
		return 0;
	if (!(op->flags & KVC_OP_F_FILL) || op->value_len || op->expiry)
		return -EINVAL;
	return call->inst->behind ? 0 : -EOPNOTSUPP;
}

static int put_flags_ok(const struct kvc_op *op)
{
	u32 flags = op->flags & ~(KVC_OP_F_TTL | KVC_OP_F_GONE);

	if (flags & KVC_OP_F_CREATE && flags != KVC_OP_F_CREATE)
		return -EINVAL;
	if (flags & KVC_OP_F_FILL &&
	    (flags != KVC_OP_F_FILL || !op->version ||
	     op->version > S64_MAX))
		return -EINVAL;
	return 0;
}

static int put_ok(const struct kvc_call *call, const struct kvc_op *op)
{
	int err = put_flags_ok(op) ?: gone_ok(call, op);

	if (err)
		return err;
	return op->value_len > call->cache->config.value_max ? -E2BIG : 0;
}

static __always_inline int short_pair_read(struct kvc_entry *e,
					   const struct kvc_op *op)
{
	return kvc_copy_two_in(e->data, u64_to_user_ptr(op->key), op->key_len,
			       u64_to_user_ptr(op->value), op->value_len);
}

static int pair_read(struct kvc_entry *e, const struct kvc_op *op)
{
	if (likely(op->key_len <= KVC_KEY_SHORT &&
		   op->value_len <= KVC_COPY_SHORT))
		return short_pair_read(e, op);
	return kvc_copy_bytes_in(e->data, u64_to_user_ptr(op->key),
				 op->key_len) ?:
	       kvc_copy_bytes_in(kvc_entry_value(e), u64_to_user_ptr(op->value),
				 op->value_len);
}

static int entry_read(struct kvc_call *call, const struct kvc_op *op,
		      struct kvc_entry *e)
{
	int err = pair_read(e, op);

	if (err)
		return err;
	e->hash = kvc_cache_hash(call->cache, kvc_entry_key(e), e->key_len);
	e->client_flags = op->client_flags;
	if (op->flags & KVC_OP_F_GONE)
		e->state = KVC_ENTRY_TOMBSTONE;
	return take_expiry(call, op, &e->expiry);
}

static noinline struct kvc_entry *entry_alloc_new(struct kvc_call *call,
						  const struct kvc_op *op)
{
	struct kvc_entry *e = kvc_entry_alloc(op->key_len, op->value_len);

	/* The task may have been moved to another one since it was asked. */
	kvc_spare_pays(call->cache, kvc_memcg_serial());
	return e;
}

static __always_inline struct kvc_entry *entry_alloc(struct kvc_call *call,
						     const struct kvc_op *op)
{
	struct kvc_entry *e = kvc_spare_take(call->cache, kvc_memcg_serial(),
					     op->key_len, op->value_len);

	return likely(e) ? e : entry_alloc_new(call, op);
}

static int prepare_put(struct kvc_call *call, struct kvc_job *job)
{
	const struct kvc_op *op = &job->op;
	struct kvc_entry *e;
	int err = put_ok(call, op);

	if (err)
		return err;
	e = entry_alloc(call, op);
	if (!e)
		return -ENOMEM;
	err = entry_read(call, op, e);
	if (err)
		goto err_read;
	job->key.hash = e->hash;
	job->entry = e;
	return 0;

err_read:
	kvc_entry_free(e);
	return err;
}

/* Without a condition or an expiry, short, and to a cache that never waits */
static __always_inline bool is_plain(const struct kvc_call *call,
				     const struct kvc_op *op)
{
	const struct kvc_config *config = &call->cache->config;

	return op->opcode == KVC_OP_PUT &&
	       !(op->flags | op->reserved | op->expiry) &&
	       op->key_len - 1 < min_t(u32, config->key_max, KVC_KEY_SHORT) &&
	       op->value_len <= min_t(u32, config->value_max, KVC_COPY_SHORT) &&
	       call->mode & FMODE_WRITE && !call->inst->behind &&
	       !trace_kvc_put_enabled();
}

static __always_inline bool begin_plain(struct kvc_call *call,
					struct kvc_job *job)
{
	const struct kvc_op *op = &job->op;
	struct kvc_entry *e;

	if (!is_plain(call, op))
		return false;
	e = entry_alloc(call, op);
	if (unlikely(!e))
		return false;
	if (unlikely(short_pair_read(e, op)))
		goto err_read;
	e->hash = kvc_cache_hash(call->cache, kvc_entry_key(e), e->key_len);
	e->client_flags = op->client_flags;
	job->key.hash = e->hash;
	job->key.bytes = (u8 *)job->key.room;
	job->entry = e;
	return true;

err_read:
	kvc_entry_free(e);
	return false;
}

static __always_inline void end_plain(struct kvc_call *call,
				      struct kvc_job *job)
{
	static const struct kvc_cond always;
	struct kvc_op *op = &job->op;

	op->result = kvc_cache_put(call->cache, job->entry, &always, &call->now,
				   &op->version);
	if (unlikely(op->result))
		kvc_entry_free(job->entry);
}

/**
 * kvc_op_begin_plain - kvc_op_prepare() of a PUT as most of them are
 * @call: on what
 * @job: its @op was read
 *
 * Context: may sleep.  Return: true: kvc_op_end_plain() or kvc_op_drop() comes
 * next; false: kvc_op_prepare() is to do it, or to say why it cannot be done.
 */
bool kvc_op_begin_plain(struct kvc_call *call, struct kvc_job *job)
{
	return begin_plain(call, job);
}

/**
 * kvc_op_end_plain - carry out what kvc_op_begin_plain() began
 * @call: on what
 * @job: the operation
 *
 * Context: may sleep.
 */
void kvc_op_end_plain(struct kvc_call *call, struct kvc_job *job)
{
	end_plain(call, job);
}

static int prepare_bare(struct kvc_call *call, struct kvc_job *job)
{
	const struct kvc_op *op = &job->op;
	int err;

	if (op->value_len)
		return -EINVAL;
	err = op->opcode == KVC_OP_TOUCH ?
	      take_expiry(call, op, &job->expiry) : 0;
	return err ?: kvc_key_read(&job->key, call, op);
}

static int may(const struct kvc_call *call, const struct kvc_op *op, u32 flags,
	       fmode_t mode)
{
	if (op->flags & ~flags || op->reserved || !op->key_len)
		return -EINVAL;
	if (!(call->mode & mode))
		return -EBADF;
	return op->key_len > call->cache->config.key_max ? -ENAMETOOLONG : 0;
}

static int prepare(struct kvc_call *call, struct kvc_job *job)
{
	const struct kvc_op *op = &job->op;

	switch (op->opcode) {
	case KVC_OP_GET:
		return may(call, op, KVC_OP_F_SLOT, FMODE_READ) ?:
		       kvc_key_read(&job->key, call, op);
	case KVC_OP_PUT:
		return may(call, op, PUT_FLAGS, FMODE_WRITE) ?:
		       prepare_put(call, job);
	case KVC_OP_DEL:
		return may(call, op, KVC_OP_F_CAS, FMODE_WRITE) ?:
		       prepare_bare(call, job);
	case KVC_OP_TOUCH:
		return may(call, op, KVC_OP_F_TTL, FMODE_WRITE) ?:
		       prepare_bare(call, job);
	default:
		return -EINVAL;
	}
}

/**
 * kvc_op_prepare - check an operation, and read its key and value
 * @call: on what
 * @job: its @op was read; gets the rest, and the result if that is an error
 *
 * kvc_op_run() or kvc_op_drop() comes next.
 *
 * Context: may sleep.
 */
void kvc_op_prepare(struct kvc_call *call, struct kvc_job *job)
{
	job->entry = NULL;
	job->key.bytes = (u8 *)job->key.room;
	job->op.result = prepare(call, job);
}

static int run_get(struct kvc_call *call, struct kvc_job *job)
{
	int err = kvc_get_key(call, &job->op, &job->key);

	trace_kvc_get(call->cache, job->key.hash, &job->op, err);
	return err;
}

/* One try of a write, for which there may be no room before a commit */
static int try_write(struct kvc_call *call, struct kvc_job *job)
{
	struct kvc_op *op = &job->op;
	struct kvc_cond cond = { .flags = op->flags, .version = op->version };
	const struct kvc_key *key = &job->key;

	switch (op->opcode) {
	case KVC_OP_PUT:
		return kvc_cache_put(call->cache, job->entry, &cond, &call->now,
				     &op->version);
	case KVC_OP_DEL:
		return kvc_cache_del(call->cache, key->hash, key->bytes,
				     key->len, &cond, &call->now, &op->version);
	default:
		return kvc_cache_touch(call->cache, key->hash, key->bytes,
				       key->len, job->expiry, &call->now,
				       &op->version);
	}
}

static int run_write(struct kvc_call *call, struct kvc_job *job)
{
	int err;

	do {
		err = kvc_wait_enter(call) ?:
		      kvc_wait_leave(call, try_write(call, job));
	} while (err > 0);
	if (job->op.opcode != KVC_OP_PUT)
		return err;
	trace_kvc_put(call->cache, job->key.hash, &job->op, err);
	/* It is the cache's. */
	if (!err)
		job->entry = NULL;
	return err;
}

/**
 * kvc_op_drop - end what kvc_op_prepare() began
 * @job: the operation
 */
void kvc_op_drop(struct kvc_job *job)
{
	kvc_key_drop(&job->key);
	if (unlikely(job->entry))
		kvc_entry_free(job->entry);
}

/**
 * kvc_op_run - carry an operation out
 * @call: on what
 * @job: after kvc_op_prepare(), which may have found that it cannot be done
 *
 * Context: may sleep.
 */
void kvc_op_run(struct kvc_call *call, struct kvc_job *job)
{
	struct kvc_op *op = &job->op;

	if (likely(!op->result))
		op->result = op->opcode == KVC_OP_GET ? run_get(call, job) :
							run_write(call, job);
	kvc_op_drop(job);
}

static noinline int call_long(struct kvc_call *call, struct kvc_job *job,
			      struct kvc_op __user *arg)
{
	if (begin_plain(call, job)) {
		end_plain(call, job);
	} else {
		kvc_op_prepare(call, job);
		kvc_op_run(call, job);
	}
	return kvc_op_tell(&job->op, arg) ?: job->op.result;
}

/**
 * kvc_op_call - KVC_IOC_OP
 * @call: on what
 * @arg: user's &struct kvc_op
 * @usize: bytes of it that the user knows
 */
int kvc_op_call(struct kvc_call *call, void __user *arg, size_t usize)
{
	struct kvc_job job __uninitialized;
	int err = kvc_op_read(&job.op, &job.key, arg, usize);

	if (unlikely(err))
		return err;
	if (job.key.len && likely(call->mode & FMODE_READ)) {
		kvc_key_hash(&job.key, call->cache);
		if (likely(kvc_hit_get(call, &job, arg, 1)))
			return 0;
	}
	return call_long(call, &job, arg);
}
