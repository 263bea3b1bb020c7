/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_STREAM_H
#define _KVC_STREAM_H

#include <linux/types.h>
#include "merge.h"

struct kvc_cache;

/**
 * struct kvc_stream - a reader of a cache's sealed runs
 * @cache: the cache
 * @run: the run that is read, 0: none yet
 * @seq: number of the next frame
 * @needed: after -EMSGSIZE, the bytes that the next frame needs
 * @ended: the last frame of @run was read
 * @total: records of @run that were read
 * @merge: what comes next
 */
struct kvc_stream {
	struct kvc_cache *cache;
	u64 run;
	u32 seq;
	size_t needed;
	bool ended;
	u64 total;
	struct kvc_merge merge;
};

int kvc_stream_init(struct kvc_stream *st, struct kvc_cache *c);
void kvc_stream_exit(struct kvc_stream *st);
long kvc_stream_read(struct kvc_stream *st, void *buf, size_t size);
int kvc_stream_commit(struct kvc_stream *st, u64 run);
bool kvc_stream_ready(struct kvc_stream *st);

#endif
