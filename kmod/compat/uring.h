/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 6.5 hands the whole SQE to ->uring_cmd(), where there was only its command
 * area; 6.8 has a header for what drivers may use.
 */
#ifndef _KVC_COMPAT_URING_H
#define _KVC_COMPAT_URING_H

#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#include <linux/io_uring/cmd.h>
#else
#include <linux/io_uring.h>
#endif

/**
 * kvc_compat_uring_area - the SQE's command area, of 16 bytes or more
 * @cmd: the command
 *
 * It may be memory that the user shares, and writes.
 */
static inline const void *kvc_compat_uring_area(const struct io_uring_cmd *cmd)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
	return cmd->sqe->cmd;
#else
	return cmd->cmd;
#endif
}

#endif
