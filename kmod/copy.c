// SPDX-License-Identifier: GPL-2.0-only
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include "copy.h"

/**
 * kvc_copy_in - read a struct that may be of another version
 * @to: gets it
 * @size: bytes that this module knows
 * @from: user's
 * @usize: bytes that the user knows
 * @first: bytes of the struct's first version
 *
 * Return: 0; -EINVAL: too short; -E2BIG: over a page, or with something that
 * this module does not know; -EFAULT.
 */
int kvc_copy_in(void *to, size_t size, const void __user *from, size_t usize,
		size_t first)
{
	if (usize < first)
		return -EINVAL;
	if (usize > PAGE_SIZE)
		return -E2BIG;
	return copy_struct_from_user(to, size, from, usize);
}

/**
 * kvc_copy_out - write back as much of a struct as the user knows
 * @to: user's
 * @usize: bytes that the user knows; what is over @size is zero already
 * @from: the struct
 * @size: bytes that this module knows
 */
int kvc_copy_out(void __user *to, size_t usize, const void *from, size_t size)
{
	return copy_to_user(to, from, min(usize, size)) ? -EFAULT : 0;
}

/**
 * kvc_copy_words_in - copy_from_user() for what is short
 * @to: gets it
 * @from: user's
 * @len: bytes
 *
 * copy_from_user() finds out where the kernel's side lies, which costs more
 * than a few words.
 *
 * Return: 0 or -EFAULT.
 */
int kvc_copy_words_in(void *to, const void __user *from, u32 len)
{
	if (!user_access_begin(from, len))
		return -EFAULT;
	KVC_GET_WORDS(to, from, len, fault);
	user_access_end();
	return 0;

fault:
	user_access_end();
	return -EFAULT;
}

/**
 * kvc_copy_words_out - copy_to_user() for what is short
 * @to: user's
 * @from: where it is
 * @len: bytes
 *
 * Context: also with page faults disabled.  Return: 0 or -EFAULT.
 */
int kvc_copy_words_out(void __user *to, const void *from, u32 len)
{
	if (!user_access_begin(to, len))
		return -EFAULT;
	KVC_PUT_WORDS(to, from, len, fault);
	user_access_end();
	return 0;

fault:
	user_access_end();
	return -EFAULT;
}
