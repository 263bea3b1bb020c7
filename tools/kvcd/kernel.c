// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "kernel.h"

static int call(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) < 0 ? -errno : 0;
}

int kernel_open(const char *device)
{
	int fd = open(device, O_RDWR | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

bool kernel_is_device(const char *device, int fd)
{
	struct statx given;
	struct stat real;

	if (stat(device, &real) || !S_ISCHR(real.st_mode))
		return false;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE,
		  &given))
		return false;
	return S_ISCHR(given.stx_mode) &&
	       makedev(given.stx_rdev_major, given.stx_rdev_minor) ==
	       real.st_rdev;
}

int kernel_info(int fd, struct kvc_info *info)
{
	memset(info, 0, sizeof(*info));
	return call(fd, KVC_IOC_INFO, info);
}

int kernel_attach(int fd, const char *cache)
{
	struct kvc_attach arg = { 0 };

	if (strlen(cache) >= sizeof(arg.name))
		return -ENAMETOOLONG;
	strcpy(arg.name, cache);
	return call(fd, KVC_IOC_ATTACH, &arg);
}

int kernel_op(int fd, struct kvc_op *op)
{
	return call(fd, KVC_IOC_OP, op);
}

int kernel_sync(int fd)
{
	int ret;

	do {
		ret = fsync(fd) ? -errno : 0;
	} while (ret == -EINTR);
	return ret;
}

int kernel_flush_open(int fd)
{
	struct kvc_flush_open arg = { 0 };
	int ret = call(fd, KVC_IOC_FLUSH_OPEN, &arg);

	if (ret)
		return ret;
	if (fcntl(arg.fd, F_SETFL, fcntl(arg.fd, F_GETFL) | O_NONBLOCK)) {
		ret = -errno;
		close(arg.fd);
		return ret;
	}
	return arg.fd;
}

ssize_t kernel_flush_read(int stream, void *buf, size_t size)
{
	ssize_t got = read(stream, buf, size);

	return got < 0 ? -errno : got;
}

int kernel_flush_commit(int stream, uint64_t run)
{
	struct kvc_flush_commit arg = { .run = run };

	return call(stream, KVC_IOC_FLUSH_COMMIT, &arg);
}

int kernel_flush_fail(int stream, uint64_t run, int error)
{
	struct kvc_flush_fail arg = { .run = run, .error = error };

	return call(stream, KVC_IOC_FLUSH_FAIL, &arg);
}
