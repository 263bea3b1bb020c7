/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_POOL_H
#define _KVC_POOL_H

#include <linux/types.h>

int kvc_pool_init(size_t header);
void kvc_pool_exit(void);
void *kvc_pool_alloc(size_t bytes);
void kvc_pool_free(void *p, size_t bytes);
size_t kvc_pool_size(const void *p, size_t bytes);

#endif
