// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of the device by ioctl
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "kvctest.h"

int kvc_call(int fd, unsigned long cmd, void *arg)
{
	int ret = ioctl(fd, cmd, arg);

	return ret < 0 ? -errno : ret;
}
