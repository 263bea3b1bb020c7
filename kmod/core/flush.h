/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_FLUSH_H
#define _KVC_FLUSH_H

#include <linux/types.h>

struct kvc_cache;

int kvc_flush_seal(struct kvc_cache *c, u64 *run);
int kvc_flush_commit(struct kvc_cache *c, u64 run);
u64 kvc_flush_committed(struct kvc_cache *c);
u32 kvc_flush_progress(struct kvc_cache *c);
u64 kvc_flush_dirty(struct kvc_cache *c);

#endif
