/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_SESSION_H
#define _KVC_SESSION_H

#include <linux/fs.h>
#include "registry.h"

struct io_uring_cmd;

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
 * @inst: the same with its name
 * @mode: what the file was opened for
 * @wait: the state of the task while it waits for room; 0: it does not wait
 * @seen: what had made room in a write-behind cache before the write was tried
 * @now: the call's moment, 0 until it is needed
 */
struct kvc_call {
	struct kvc_cache *cache;
	struct kvc_instance *inst;
	fmode_t mode;
	unsigned int wait;
	u32 seen;
	u64 now;
};

/* Its beginning, in cdev.c */
int kvc_cdev_call(struct file *file, struct kvc_call *call);

/* Data operations, in op.c, batch.c and range.c */
int kvc_op_call(struct kvc_call *call, void __user *arg, size_t usize);
int kvc_batch_call(struct kvc_call *call, void __user *arg, size_t usize);
int kvc_range_call(struct kvc_call *call, void __user *arg, size_t usize);

/* The same from an io_uring, in uring.c */
int kvc_uring_cmd(struct io_uring_cmd *cmd, unsigned int issue_flags);

/* Waiting for commits of a write-behind cache, in wait.c */
int kvc_wait_enter_behind(struct kvc_call *call);
int kvc_wait_leave_behind(struct kvc_call *call, int err);
int kvc_wait_synced(struct kvc_instance *inst);

/**
 * kvc_wait_enter - before a write is tried
 * @call: on what
 *
 * Return: 0: kvc_wait_leave() comes next; -ESHUTDOWN.
 */
static inline int kvc_wait_enter(struct kvc_call *call)
{
	return call->inst->behind ? kvc_wait_enter_behind(call) : 0;
}

/**
 * kvc_wait_leave - after a write was tried
 * @call: on what
 * @err: how it ended; -EBUSY: there is no room before something was committed
 *
 * Context: may sleep.  Return: 1: try again; else how the operation ends.
 */
static inline int kvc_wait_leave(struct kvc_call *call, int err)
{
	return call->inst->behind ? kvc_wait_leave_behind(call, err) : err;
}

/* The stream of a write-behind cache, in flush.c */
int kvc_flush_open(const struct kvc_call *call, struct net *net,
		   void __user *arg, size_t usize);
void kvc_flush_changed(void *ctx);

/* What lets a client keep answers, in near.c */
int kvc_near_mmap(struct kvc_instance *inst, struct vm_area_struct *vma);

/* Where a key is placed, in place.c */
int kvc_place_route(struct kvc_session *ses, void __user *arg, size_t usize);
int kvc_place_report(struct kvc_session *ses, fmode_t mode, void __user *arg,
		     size_t usize);

#endif
