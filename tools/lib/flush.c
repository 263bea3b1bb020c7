// SPDX-License-Identifier: LGPL-2.1-or-later
/* Write-behind: waiting for the store, and being the one who writes to it. */
#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "internal.h"

KVC_API int kvc_flush(struct kvc *kvc)
{
	int saved = errno, ret;

	ret = fsync(kvc->fd) ? -errno : 0;
	errno = saved;
	return ret;
}

KVC_API int kvc_flush_open(struct kvc *kvc, int *fd)
{
	struct kvc_flush_open arg = { 0 };
	int ret;

	ret = kvc_call(kvc, KVC_IOC_FLUSH_OPEN, &arg);
	if (!ret)
		*fd = arg.fd;
	return ret;
}

KVC_API ssize_t kvc_flush_read(int fd, void *buf, size_t size)
{
	int saved = errno;
	ssize_t ret;

	ret = read(fd, buf, size);
	if (ret < 0)
		ret = -errno;
	errno = saved;
	return ret;
}

static int call(int fd, unsigned long cmd, void *arg)
{
	int saved = errno, ret;

	ret = ioctl(fd, cmd, arg) < 0 ? -errno : 0;
	errno = saved;
	return ret;
}

KVC_API int kvc_flush_commit(int fd, uint64_t run)
{
	struct kvc_flush_commit arg = { .run = run };

	return call(fd, KVC_IOC_FLUSH_COMMIT, &arg);
}

KVC_API int kvc_flush_fail(int fd, uint64_t run, int error)
{
	struct kvc_flush_fail arg = { .run = run, .error = error };

	return call(fd, KVC_IOC_FLUSH_FAIL, &arg);
}
