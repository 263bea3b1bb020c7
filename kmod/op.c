// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data operations on single keys: from a user's struct kvc_op to the core
 */
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "copy.h"
#include "core/slot.h"
#include "session.h"
#include "trace.h"

/* Keys up to this length are kept on the stack. */
#define KEY_INLINE	256
/* Copies out of an entry that fault are tried this often in place. */
#define COPY_TRIES	3
#define PUT_FLAGS	(KVC_OP_F_CREATE | KVC_OP_F_REPLACE | KVC_OP_F_CAS | \
			 KVC_OP_F_FILL | KVC_OP_F_TTL | KVC_OP_F_GONE)

/**
 * struct kvc_key - a key that was read from the user
 * @bytes: the key
 * @len: its length
 * @hash: its hash
 * @inline_bytes: where short ones are
 */
struct kvc_key {
	u8 *bytes;
	u32 len;
	u32 hash;
	u8 inline_bytes[KEY_INLINE];
};

static int key_read(struct kvc_key *key, const struct kvc_call *call,
		    const struct kvc_op *op)
{
	key->len = op->key_len;
	key->bytes = key->inline_bytes;
	if (key->len > KEY_INLINE) {
		key->bytes = kmalloc(key->len, GFP_KERNEL_ACCOUNT);
		if (!key->bytes)
			return -ENOMEM;
	}
	if (copy_from_user(key->bytes, u64_to_user_ptr(op->key), key->len))
		goto err_copy;
	key->hash = kvc_cache_hash(call->cache, key->bytes, key->len);
	return 0;

err_copy:
	if (key->bytes != key->inline_bytes)
		kfree(key->bytes);
	return -EFAULT;
}

static void key_drop(struct kvc_key *key)
{
	if (key->bytes != key->inline_bytes)
		kfree(key->bytes);
}

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
	} else if (copy_to_user_nofault(u64_to_user_ptr(op->value),
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

static int get_key(struct kvc_call *call, struct kvc_op *op,
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

static int op_get(struct kvc_call *call, struct kvc_op *op)
{
	struct kvc_key key;
	int err = key_read(&key, call, op);

	if (err)
		return err;
	err = get_key(call, op, &key);
	trace_kvc_get(call->cache, key.hash, op, err);
	key_drop(&key);
	return err;
}

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

static int entry_read(struct kvc_call *call, const struct kvc_op *op,
		      struct kvc_entry *e)
{
	if (copy_from_user(e->data, u64_to_user_ptr(op->key), op->key_len) ||
	    copy_from_user(kvc_entry_value(e), u64_to_user_ptr(op->value),
			   op->value_len))
		return -EFAULT;
	e->hash = kvc_cache_hash(call->cache, kvc_entry_key(e), e->key_len);
	e->client_flags = op->client_flags;
	return take_expiry(call, op, &e->expiry);
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

static int put_entry(struct kvc_call *call, struct kvc_op *op,
		     struct kvc_entry *e)
{
	struct kvc_cond cond = { .flags = op->flags, .version = op->version };
	int err;

	do {
		err = kvc_wait_enter(call) ?:
		      kvc_wait_leave(call, kvc_cache_put(call->cache, e, &cond,
							 &call->now,
							 &op->version));
	} while (err > 0);
	return err;
}

static int op_put(struct kvc_call *call, struct kvc_op *op)
{
	struct kvc_entry *e;
	u32 hash;
	int err;

	err = put_flags_ok(op) ?: gone_ok(call, op);
	if (err)
		return err;
	if (op->value_len > call->cache->config.value_max)
		return -E2BIG;
	e = kvc_entry_alloc(op->key_len, op->value_len);
	if (!e)
		return -ENOMEM;
	err = entry_read(call, op, e);
	if (err)
		goto err_read;
	if (op->flags & KVC_OP_F_GONE)
		e->state = KVC_ENTRY_TOMBSTONE;
	hash = e->hash;
	err = put_entry(call, op, e);
	trace_kvc_put(call->cache, hash, op, err);
	if (err)
		goto err_put;
	return 0;

err_put:
err_read:
	kvc_entry_free(e);
	return err;
}

static int del_key(struct kvc_call *call, struct kvc_op *op,
		   const struct kvc_key *key)
{
	struct kvc_cond cond = { .flags = op->flags, .version = op->version };
	int err;

	do {
		err = kvc_wait_enter(call) ?:
		      kvc_wait_leave(call, kvc_cache_del(call->cache, key->hash,
							 key->bytes, key->len,
							 &cond, &call->now,
							 &op->version));
	} while (err > 0);
	return err;
}

static int op_del(struct kvc_call *call, struct kvc_op *op)
{
	struct kvc_key key;
	int err;

	if (op->value_len)
		return -EINVAL;
	err = key_read(&key, call, op);
	if (err)
		return err;
	err = del_key(call, op, &key);
	key_drop(&key);
	return err;
}

static int touch_key(struct kvc_call *call, struct kvc_op *op,
		     const struct kvc_key *key, u64 expiry)
{
	int err;

	do {
		err = kvc_wait_enter(call) ?:
		      kvc_wait_leave(call, kvc_cache_touch(call->cache,
							   key->hash,
							   key->bytes, key->len,
							   expiry, &call->now,
							   &op->version));
	} while (err > 0);
	return err;
}

static int op_touch(struct kvc_call *call, struct kvc_op *op)
{
	struct kvc_key key;
	u64 expiry;
	int err;

	if (op->value_len)
		return -EINVAL;
	err = take_expiry(call, op, &expiry) ?: key_read(&key, call, op);
	if (err)
		return err;
	err = touch_key(call, op, &key, expiry);
	key_drop(&key);
	return err;
}

static const struct {
	int (*run)(struct kvc_call *call, struct kvc_op *op);
	u32 flags;
	fmode_t mode;
} ops[] = {
	[KVC_OP_GET] = { op_get, KVC_OP_F_SLOT, FMODE_READ },
	[KVC_OP_PUT] = { op_put, PUT_FLAGS, FMODE_WRITE },
	[KVC_OP_DEL] = { op_del, KVC_OP_F_CAS, FMODE_WRITE },
	[KVC_OP_TOUCH] = { op_touch, KVC_OP_F_TTL, FMODE_WRITE },
};

static int op_run(struct kvc_call *call, struct kvc_op *op)
{
	u32 code = op->opcode;

	if (!code || code >= ARRAY_SIZE(ops))
		return -EINVAL;
	code = array_index_nospec(code, ARRAY_SIZE(ops));
	if (op->flags & ~ops[code].flags || op->reserved || !op->key_len)
		return -EINVAL;
	if (!(call->mode & ops[code].mode))
		return -EBADF;
	if (op->key_len > call->cache->config.key_max)
		return -ENAMETOOLONG;
	return ops[code].run(call, op);
}

/* Returns what kept the operation from being tried or told; see op->result. */
static int op_at(struct kvc_call *call, struct kvc_op *op, void __user *arg,
		 size_t usize)
{
	int err = kvc_copy_in(op, sizeof(*op), arg, usize, KVC_OP_SIZE_VER0);

	if (err)
		return err;
	op->result = op_run(call, op);
	return kvc_copy_out(arg, usize, op, sizeof(*op));
}

/**
 * kvc_op_call - KVC_IOC_OP
 * @call: on what
 * @arg: user's &struct kvc_op
 * @usize: bytes of it that the user knows
 */
int kvc_op_call(struct kvc_call *call, void __user *arg, size_t usize)
{
	struct kvc_op op;

	return op_at(call, &op, arg, usize) ?: op.result;
}

static int batch_run(struct kvc_call *call, struct kvc_batch *batch)
{
	void __user *at = u64_to_user_ptr(batch->ops);
	struct kvc_op op;
	int err;

	for (batch->done = 0; batch->done < batch->count; batch->done++) {
		if (fatal_signal_pending(current))
			return -EINTR;
		err = op_at(call, &op, at, batch->op_size);
		if (err)
			return err;
		at += batch->op_size;
		cond_resched();
	}
	return 0;
}

/**
 * kvc_op_batch - KVC_IOC_BATCH
 * @call: on what; its moment is that of all operations
 * @arg: user's &struct kvc_batch
 * @usize: bytes of it that the user knows
 */
int kvc_op_batch(struct kvc_call *call, void __user *arg, size_t usize)
{
	struct kvc_batch batch;
	int err;

	err = kvc_copy_in(&batch, sizeof(batch), arg, usize,
			  KVC_BATCH_SIZE_VER0);
	if (err)
		return err;
	if (batch.flags || !batch.count || batch.count > KVC_BATCH_MAX)
		return -EINVAL;
	err = batch_run(call, &batch);
	return kvc_copy_out(arg, usize, &batch, sizeof(batch)) ?: err;
}
