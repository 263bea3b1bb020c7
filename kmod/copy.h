/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_COPY_H
#define _KVC_COPY_H

#include <linux/types.h>
#include <linux/uaccess.h>

/* Bytes: up to here, word by word is faster. */
#define KVC_COPY_SHORT	1024

#define KVC_COPY_ONE(copy, type, to, from, fault) do {			\
	copy(type, to, from, fault);					\
	(to) += sizeof(type);						\
	(from) += sizeof(type);						\
} while (0)

/* @at: bytes from where @to and @from are */
#define KVC_COPY_AT(copy, at, to, from, fault) \
	copy(u64, (to) + (at), (from) + (at), fault)

#define KVC_COPY_2(copy, at, to, from, fault) do {			\
	KVC_COPY_AT(copy, at, to, from, fault);				\
	KVC_COPY_AT(copy, (at) + sizeof(u64), to, from, fault);		\
} while (0)

#define KVC_COPY_4(copy, at, to, from, fault) do {			\
	KVC_COPY_2(copy, at, to, from, fault);				\
	KVC_COPY_2(copy, (at) + 2 * sizeof(u64), to, from, fault);	\
} while (0)

#define KVC_COPY_8(copy, at, to, from, fault) do {			\
	KVC_COPY_4(copy, at, to, from, fault);				\
	KVC_COPY_4(copy, (at) + 4 * sizeof(u64), to, from, fault);	\
} while (0)

/* @n words */
#define KVC_COPY_STEP(n, copy, to, from, fault) do {			\
	KVC_COPY_ ## n(copy, 0, to, from, fault);			\
	(to) += (n) * sizeof(u64);					\
	(from) += (n) * sizeof(u64);					\
} while (0)

/* What is left behind the last eight words: a step for each bit of @len */
#define KVC_COPY_REST(copy, to, from, len, fault) do {			\
	if ((len) & 4 * sizeof(u64))					\
		KVC_COPY_STEP(4, copy, to, from, fault);		\
	if ((len) & 2 * sizeof(u64))					\
		KVC_COPY_STEP(2, copy, to, from, fault);		\
	if ((len) & sizeof(u64))					\
		KVC_COPY_ONE(copy, u64, to, from, fault);		\
	if (likely(!((len) % sizeof(u64))))				\
		break;							\
	if ((len) & sizeof(u32))					\
		KVC_COPY_ONE(copy, u32, to, from, fault);		\
	if ((len) & sizeof(u16))					\
		KVC_COPY_ONE(copy, u16, to, from, fault);		\
	if ((len) & sizeof(u8))						\
		KVC_COPY_ONE(copy, u8, to, from, fault);		\
} while (0)

#define KVC_COPY_WORDS(copy, to, from, len, fault) do {			\
	u32 left = (len);						\
									\
	for (; left >= 8 * sizeof(u64); left -= 8 * sizeof(u64))	\
		KVC_COPY_STEP(8, copy, to, from, fault);		\
	KVC_COPY_REST(copy, to, from, len, fault);			\
} while (0)

#define KVC_GET_ONE(type, to, from, fault) \
	unsafe_get_user(*(type *)(to), (const type __user *)(from), fault)
#define KVC_PUT_ONE(type, to, from, fault) \
	unsafe_put_user(*(const type *)(from), (type __user *)(to), fault)

/* For within user_access_begin(): @to and @from move on, @fault is a label. */
#define KVC_GET_WORDS(to, from, len, fault) \
	KVC_COPY_WORDS(KVC_GET_ONE, to, from, len, fault)
#define KVC_PUT_WORDS(to, from, len, fault) \
	KVC_COPY_WORDS(KVC_PUT_ONE, to, from, len, fault)

int kvc_copy_in(void *to, size_t size, const void __user *from, size_t usize,
		size_t first);
int kvc_copy_out(void __user *to, size_t usize, const void *from, size_t size);
int kvc_copy_words_in(void *to, const void __user *from, u32 len);
int kvc_copy_words_out(void __user *to, const void *from, u32 len);

/* copy_from_user(): 0 or -EFAULT */
static inline int kvc_copy_bytes_in(void *to, const void __user *from, u32 len)
{
	if (likely(len <= KVC_COPY_SHORT))
		return kvc_copy_words_in(to, from, len);
	return copy_from_user(to, from, len) ? -EFAULT : 0;
}

/**
 * kvc_copy_two_in - read two short pieces of the user's memory into one
 * @to: gets them, one behind the other
 * @a: user's
 * @a_len: bytes
 * @b: user's
 * @b_len: bytes
 *
 * Return: 0 or -EFAULT.
 */
static __always_inline int kvc_copy_two_in(void *to, const void __user *a,
					   u32 a_len, const void __user *b,
					   u32 b_len)
{
	/* The second check is also a barrier to reading ahead of both. */
	if (!access_ok(b, b_len) || !user_access_begin(a, a_len))
		return -EFAULT;
	KVC_GET_WORDS(to, a, a_len, fault);
	KVC_GET_WORDS(to, b, b_len, fault);
	user_access_end();
	return 0;

fault:
	user_access_end();
	return -EFAULT;
}

/* copy_to_user() in a section that may not sleep: 0 or -EFAULT */
static inline int kvc_copy_bytes_out(void __user *to, const void *from, u32 len)
{
	int err;

	if (unlikely(len > KVC_COPY_SHORT))
		return copy_to_user_nofault(to, from, len);
	pagefault_disable();
	err = kvc_copy_words_out(to, from, len);
	pagefault_enable();
	return err;
}

#endif
