/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_COPY_H
#define _KVC_COPY_H

#include <linux/types.h>
#include <linux/uaccess.h>

/* Bytes: up to here, word by word is faster. */
#define KVC_COPY_SHORT	1024

/* What is left behind the last whole word: one type for each bit of @len */
#define KVC_COPY_REST(copy, type, to, from, len, fault) do {		\
	if ((len) & sizeof(type)) {					\
		copy(type, to, from, fault);				\
		(to) += sizeof(type);					\
		(from) += sizeof(type);					\
	}								\
} while (0)

#define KVC_COPY_WORDS(copy, to, from, len, fault) do {			\
	u32 words = (len) / sizeof(u64);				\
									\
	while (words--) {						\
		copy(u64, to, from, fault);				\
		(to) += sizeof(u64);					\
		(from) += sizeof(u64);					\
	}								\
	KVC_COPY_REST(copy, u32, to, from, len, fault);			\
	KVC_COPY_REST(copy, u16, to, from, len, fault);			\
	KVC_COPY_REST(copy, u8, to, from, len, fault);			\
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
int kvc_copy_two_in(void *to, const void __user *a, u32 a_len,
		    const void __user *b, u32 b_len);
int kvc_copy_words_out(void __user *to, const void *from, u32 len);

/* copy_from_user(): 0 or -EFAULT */
static inline int kvc_copy_bytes_in(void *to, const void __user *from, u32 len)
{
	if (likely(len <= KVC_COPY_SHORT))
		return kvc_copy_words_in(to, from, len);
	return copy_from_user(to, from, len) ? -EFAULT : 0;
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
