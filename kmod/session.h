/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_SESSION_H
#define _KVC_SESSION_H

#include <linux/fs.h>
#include "registry.h"

/**
 * struct kvc_session - an open file of /dev/kvcache
 * @net: the opener's network namespace, referenced
 * @inst: the cache it is attached to, set once, referenced; NULL before
 */
struct kvc_session {
	struct net *net;
	struct kvc_instance *inst;
};

/**
 * struct kvc_call - what one system call works on
 * @cache: the cache
 * @mode: what the file was opened for
 * @now: the call's moment, 0 until it is needed
 */
struct kvc_call {
	struct kvc_cache *cache;
	fmode_t mode;
	u64 now;
};

/* Data operations, in op.c and range.c */
int kvc_op_call(struct kvc_call *call, void __user *arg, size_t usize);
int kvc_op_batch(struct kvc_call *call, void __user *arg, size_t usize);
int kvc_range_call(struct kvc_call *call, void __user *arg, size_t usize);

/* Where a key is placed, in place.c */
int kvc_place_route(struct kvc_session *ses, void __user *arg, size_t usize);
int kvc_place_report(struct kvc_session *ses, fmode_t mode, void __user *arg,
		     size_t usize);

#endif
