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

/* For within user_access_begin() */
#define KVC_OP_READ(op, from, fault) do {				\
	unsafe_get_user((op)->opcode, &(from)->opcode, fault);		\
	unsafe_get_user((op)->flags, &(from)->flags, fault);		\
	unsafe_get_user((op)->result, &(from)->result, fault);		\
	unsafe_get_user((op)->key_len, &(from)->key_len, fault);	\
	unsafe_get_user((op)->key, &(from)->key, fault);		\
	unsafe_get_user((op)->value, &(from)->value, fault);		\
	unsafe_get_user((op)->value_len, &(from)->value_len, fault);	\
	unsafe_get_user((op)->client_flags, &(from)->client_flags, fault); \
	unsafe_get_user((op)->version, &(from)->version, fault);	\
	unsafe_get_user((op)->expiry, &(from)->expiry, fault);		\
	unsafe_get_user((op)->reserved, &(from)->reserved, fault);	\
} while (0)

#define KVC_OP_TELL(op, to, fault) do {					\
	unsafe_put_user((op)->result, &(to)->result, fault);		\
	unsafe_put_user((op)->value_len, &(to)->value_len, fault);	\
	unsafe_put_user((op)->client_flags, &(to)->client_flags, fault); \
	unsafe_put_user((op)->version, &(to)->version, fault);		\
	unsafe_put_user((op)->expiry, &(to)->expiry, fault);		\
	unsafe_put_user((op)->slot, &(to)->slot, fault);		\
} while (0)

/**
 * kvc_op_read - read a user's operation, and the key of a GET with it
 * @op: gets it
 * @key: gets the key, in @key->room, if there is a short one; @key->len is 0
 *	if not, or if it cannot be read
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
	const u8 __user *key_from;
	u8 *to = (u8 *)key->room;

	key->len = 0;
	if (unlikely(usize != sizeof(*op)))
		return kvc_copy_in(op, sizeof(*op), from, usize,
				   KVC_OP_SIZE_VER0);
	if (!user_access_begin(from, sizeof(*op)))
		return -EFAULT;
	KVC_OP_READ(op, from, fault);
	key_from = u64_to_user_ptr(op->key);
	if (op->opcode != KVC_OP_GET || op->key_len - 1 >= KVC_KEY_SHORT ||
	    !access_ok(key_from, op->key_len))
		goto out;
	/* As in user_access_begin(): no read ahead of the check */
	barrier_nospec();
	KVC_GET_WORDS(to, key_from, op->key_len, out);
	key->len = op->key_len;
out:
	user_access_end();
	return 0;

fault:
	user_access_end();
	return -EFAULT;
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
