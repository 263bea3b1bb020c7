/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_COPY_H
#define _KVC_COPY_H

#include <linux/types.h>

int kvc_copy_in(void *to, size_t size, const void __user *from, size_t usize,
		size_t first);
int kvc_copy_out(void __user *to, size_t usize, const void *from, size_t size);

#endif
