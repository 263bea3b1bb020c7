/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_OP_H
#define _KVC_OP_H

#include "copy.h"
#include "key.h"

struct kvc_entry;

/**
 * struct kvc_job - an operation while it is carried out
 * @op: what the user asked for, and the answer
 * @key: of GET, DEL and TOUCH; of PUT, whose @entry has the key, its hash only
 * @entry: of PUT, until the cache has taken it over
 * @expiry: of TOUCH: CLOCK_BOOTTIME in ns
 */
struct kvc_job {
	struct kvc_op op;
	struct kvc_key key;
	struct kvc_entry *entry;
	u64 expiry;
};

void kvc_op_prepare(struct kvc_call *call, struct kvc_job *job);
void kvc_op_run(struct kvc_call *call, struct kvc_job *job);
void kvc_op_drop(struct kvc_job *job);
bool kvc_op_begin_plain(struct kvc_call *call, struct kvc_job *job);
void kvc_op_end_plain(struct kvc_call *call, struct kvc_job *job);

/* For within user_access_begin() */
#define KVC_OP_TELL(op, to, fault) do {					\
	unsafe_put_user((op)->result, &(to)->result, fault);		\
	unsafe_put_user((op)->value_len, &(to)->value_len, fault);	\
	unsafe_put_user((op)->client_flags, &(to)->client_flags, fault); \
	unsafe_put_user((op)->version, &(to)->version, fault);		\
	unsafe_put_user((op)->expiry, &(to)->expiry, fault);		\
	unsafe_put_user((op)->slot, &(to)->slot, fault);		\
} while (0)

/* For within user_access_begin(); returns false if it faults. */
static __always_inline bool kvc_op_read_words(struct kvc_op *op,
					      const struct kvc_op __user *from)
{
	BUILD_BUG_ON(sizeof(*op) != 8 * sizeof(u64));
	KVC_COPY_8(KVC_GET_ONE, 0, (u8 *)op, (const u8 __user *)from, fault);
	return true;

fault:
	return false;
}

/*
 * A GET as most of them are has its key read while its op's memory is open.
 * Returns the bytes of that key, or 0.
 */
static __always_inline u32 kvc_op_wish(const struct kvc_op *op)
{
	if (op->opcode != KVC_OP_GET || op->key_len - 1 >= KVC_KEY_SHORT ||
	    unlikely(op->flags & ~KVC_OP_F_SLOT || op->reserved) ||
	    unlikely(!access_ok(u64_to_user_ptr(op->key), op->key_len)))
		return 0;
	return op->key_len;
}

/* For within user_access_begin(), after barrier_nospec() */
static __always_inline void kvc_op_read_key(struct kvc_key *key,
					    const struct kvc_op *op)
{
	const u8 __user *from = u64_to_user_ptr(op->key);
	u8 *to = (u8 *)key->room;
	u32 len = key->len;

	KVC_GET_WORDS(to, from, len, fault);
	return;

fault:
	key->len = 0;
}

/**
 * kvc_op_read - read a user's operation, and with it the key of a GET for which
 *	kvc_hit_get() may be tried
 * @op: gets it
 * @key: gets the key, in @key->room; @key->len is 0 if it is no such GET, or the
 *	key cannot be read
 * @from: user's
 * @usize: bytes of it that the user knows
 *
 * Opening the user's memory costs more than the few words that are read.
 *
 * Return: see kvc_copy_in().
 */
static __always_inline int kvc_op_read(struct kvc_op *op, struct kvc_key *key,
				       const struct kvc_op __user *from,
				       size_t usize)
{
	bool read;

	key->len = 0;
	if (unlikely(usize != sizeof(*op)))
		return kvc_copy_in(op, sizeof(*op), from, usize,
				   KVC_OP_SIZE_VER0);
	if (!user_access_begin(from, sizeof(*op)))
		return -EFAULT;
	read = kvc_op_read_words(op, from);
	if (likely(read))
		key->len = kvc_op_wish(op);
	if (key->len) {
		/* As in user_access_begin(): no read ahead of the check */
		barrier_nospec();
		kvc_op_read_key(key, op);
	}
	user_access_end();
	return likely(read) ? 0 : -EFAULT;
}

/**
 * kvc_op_tell - write an operation's results
 * @op: the operation
 * @to: where the user has it; what is not written there is still right
 *
 * Return: 0 or -EFAULT.
 */
static __always_inline int kvc_op_tell(const struct kvc_op *op,
				       struct kvc_op __user *to)
{
	if (!user_access_begin(to, KVC_OP_SIZE_VER0))
		return -EFAULT;
	KVC_OP_TELL(op, to, fault);
	user_access_end();
	return 0;

fault:
	user_access_end();
	return -EFAULT;
}

#endif
