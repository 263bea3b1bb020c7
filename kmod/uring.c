// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVC_IOC_OP and KVC_IOC_BATCH by IORING_OP_URING_CMD
 *
 * io_uring tries a command at once, in the task that submits it, and then must
 * not be kept waiting for a flusher.  What gives -EAGAIN there has done nothing
 * yet, and is tried again by a worker thread, which has the same memory and may
 * wait.  The worker is woken by what ends its ring, or cancels the command, as
 * by a signal that is not fatal.
 */
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include "compat/uring.h"
#include "session.h"

/* The commands without the size that the caller knows */
#define CMD_OP		(KVC_IOC_OP & ~IOCSIZE_MASK)
#define CMD_BATCH	(KVC_IOC_BATCH & ~IOCSIZE_MASK)

/* The area may change while it is looked at: each field is read once. */
static int read_area(const struct io_uring_cmd *cmd, void __user **arg)
{
	const struct kvc_uring_cmd *area = kvc_compat_uring_area(cmd);

	BUILD_BUG_ON(sizeof(*area) != 16);
	if (READ_ONCE(area->reserved) || cmd->flags & IORING_URING_CMD_FIXED)
		return -EINVAL;
	*arg = u64_to_user_ptr(READ_ONCE(area->arg));
	return 0;
}

/* A batch cannot be left in the middle: where it may wait, it is not begun. */
static int run_batch(struct kvc_call *call, void __user *arg, size_t usize,
		     bool try)
{
	if (try && call->inst->behind)
		return -EAGAIN;
	return kvc_batch_call(call, arg, usize);
}

/**
 * kvc_uring_cmd - what IORING_OP_URING_CMD does with a file of ours
 * @cmd: see &struct kvc_uring_cmd
 * @issue_flags: how io_uring wants it done
 *
 * Context: the submitter's memory; may sleep.  Return: as the ioctl of the same
 * number; -EAGAIN: the same once more, from where it may wait.
 */
int kvc_uring_cmd(struct io_uring_cmd *cmd, unsigned int issue_flags)
{
	bool try = issue_flags & IO_URING_F_NONBLOCK;
	u32 command = cmd->cmd_op & ~IOCSIZE_MASK;
	size_t usize = _IOC_SIZE(cmd->cmd_op);
	struct kvc_call call;
	void __user *arg;
	int err;

	if (command != CMD_OP && command != CMD_BATCH)
		return -ENOTTY;
	err = read_area(cmd, &arg) ?: kvc_cdev_call(cmd->file, &call);
	if (err)
		return err;
	if (call.wait)
		call.wait = try ? 0 : TASK_INTERRUPTIBLE;
	if (command == CMD_BATCH)
		return run_batch(&call, arg, usize, try);
	return kvc_op_call(&call, arg, usize);
}
