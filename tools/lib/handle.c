// SPDX-License-Identifier: LGPL-2.1-or-later
/* The handle: an open device, and what it is bound to. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "internal.h"
#include "near.h"

int kvc_call(const struct kvc *kvc, unsigned long cmd, void *arg)
{
	int saved = errno;
	int ret = 0;

	if (ioctl(kvc->fd, cmd, arg) < 0)
		ret = -errno;
	errno = saved;
	return ret;
}

int kvc_set_name(char field[KVC_NAME_MAX], const char *name)
{
	size_t len = strnlen(name, KVC_NAME_MAX);

	if (len == KVC_NAME_MAX)
		return -ENAMETOOLONG;
	memset(field, 0, KVC_NAME_MAX);
	memcpy(field, name, len);
	return 0;
}

KVC_API int kvc_info(struct kvc *kvc, struct kvc_info *info)
{
	memset(info, 0, sizeof(*info));
	return kvc_call(kvc, KVC_IOC_INFO, info);
}

static struct kvc *new_handle(int fd)
{
	struct kvc *kvc = calloc(1, sizeof(*kvc));

	if (!kvc)
		return NULL;
	kvc->fd = fd;
	kvc_store_init(&kvc->store);
	return kvc;
}

static void free_handle(struct kvc *kvc)
{
	kvc_store_exit(&kvc->store);
	free(kvc);
}

/* What there is to know of the kernel, and of the cache once there is one. */
static int learn(struct kvc *kvc)
{
	struct kvc_info info;
	int ret;

	ret = kvc_info(kvc, &info);
	if (ret)
		return ret;
	kvc->batch_max = info.batch_max;
	kvc->writebehind = info.flags & KVC_INFO_F_WRITEBEHIND;
	return 0;
}

KVC_API int kvc_open_fd(int fd, struct kvc **out)
{
	struct kvc *kvc;
	int ret;

	kvc = new_handle(fd);
	if (!kvc)
		return -ENOMEM;
	ret = learn(kvc);
	if (ret) {
		free_handle(kvc);
		return ret;
	}
	*out = kvc;
	return 0;
}

KVC_API int kvc_open_store(const struct kvc_store_opts *opts, struct kvc **out)
{
	struct kvc *kvc;
	int ret;

	kvc = new_handle(-1);
	if (!kvc)
		return -ENOMEM;
	ret = opts ? kvc_store_set(kvc, opts) : 0;
	if (ret) {
		free_handle(kvc);
		return ret;
	}
	*out = kvc;
	return 0;
}

/* open() that returns a negative errno and leaves the global one alone. */
static int open_device(const char *path, int mode)
{
	int saved = errno;
	int fd;

	fd = open(path, (mode & O_ACCMODE) | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	errno = saved;
	return fd;
}

KVC_API int kvc_open_at(const char *path, int mode, struct kvc **out)
{
	int fd, ret;

	fd = open_device(path, mode);
	if (fd < 0)
		return fd;
	ret = kvc_open_fd(fd, out);
	if (ret)
		close(fd);
	return ret;
}

KVC_API int kvc_open(int mode, struct kvc **out)
{
	return kvc_open_at(KVC_DEVICE_PATH, mode, out);
}

KVC_API int kvc_attach(struct kvc *kvc, const char *name)
{
	struct kvc_attach arg = { 0 };
	int ret;

	ret = kvc_set_name(arg.name, name);
	if (ret)
		return ret;
	ret = kvc_call(kvc, KVC_IOC_ATTACH, &arg);
	return ret ? ret : learn(kvc);
}

KVC_API void kvc_close(struct kvc *kvc)
{
	int saved = errno;

	if (!kvc)
		return;
	kvc_near_end(kvc);
	if (kvc->fd >= 0)
		close(kvc->fd);
	free_handle(kvc);
	errno = saved;
}

KVC_API int kvc_fd(const struct kvc *kvc)
{
	return kvc->fd;
}
