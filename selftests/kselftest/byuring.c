// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of the device by io_uring, where there is a choice
 *
 * Linked instead of byioctl.c into test programs: what they expect of an ioctl
 * has to be so by io_uring, too.  Each thread makes a ring with its first call,
 * and so does a child process.
 */
#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "iouring.h"

/* These are for ioctl only; numbers that nobody knows are for both. */
static bool is_ioctls(unsigned long cmd)
{
	unsigned int nr = _IOC_NR(cmd);

	return _IOC_TYPE(cmd) == KVC_IOC_MAGIC &&
	       nr <= _IOC_NR(KVC_IOC_FLUSH_FAIL) &&
	       nr != _IOC_NR(KVC_IOC_OP) && nr != _IOC_NR(KVC_IOC_BATCH);
}

int kvc_call(int fd, unsigned long cmd, void *arg)
{
	static __thread struct iou ring;
	static __thread int owner;
	int ret;

	/* With the first call of any kind: later there may be holes to fall in. */
	if (owner != gettid()) {
		ret = iou_open(&ring, 4, 0);
		if (ret)
			return ret;
		owner = gettid();
	}
	if (is_ioctls(cmd)) {
		ret = ioctl(fd, cmd, arg);
		return ret < 0 ? -errno : ret;
	}
	return iou_call(&ring, fd, cmd, arg);
}
