/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_FEED_H
#define _KVC_FEED_H

#include "registry.h"

extern const struct kvc_registry_watch kvc_feed_watch;

bool kvc_feed_listened(void *ctx);
void kvc_feed_event(void *ctx, u64 seq);
int kvc_feed_subscribe(struct kvc_instance *inst, struct sock *sk, u32 portid,
		       u64 *since);
int kvc_feed_init(void);
void kvc_feed_stop(void);
void kvc_feed_exit(void);

#endif
