// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tests do to their own process, and what of the module is in use
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kvctest.h"

int kvc_write_file(const char *path, const char *text)
{
	ssize_t len = strlen(text);
	int fd, ret = 0;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != len)
		ret = -errno;
	close(fd);
	return ret;
}

long kvc_references(void)
{
	FILE *file = fopen("/sys/module/kvcache/refcnt", "r");
	long count = -EPROTO;

	if (!file)
		return -errno;
	if (fscanf(file, "%ld", &count) != 1)
		count = -EPROTO;
	fclose(file);
	return count;
}

static bool is_referenced(void *arg)
{
	return kvc_references() <= *(const long *)arg;
}

bool kvc_eventually_referenced(long count)
{
	return kvc_eventually(is_referenced, &count);
}

int kvc_become(unsigned int uid, unsigned int gid, unsigned int group)
{
	gid_t groups[] = { group };

	if (setgroups(1, groups) || setresgid(gid, gid, gid) ||
	    setresuid(uid, uid, uid))
		return -errno;
	return 0;
}

int kvc_drop_cap(unsigned int cap)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, data))
		return -errno;
	data[CAP_TO_INDEX(cap)].effective &= ~CAP_TO_MASK(cap);
	data[CAP_TO_INDEX(cap)].permitted &= ~CAP_TO_MASK(cap);
	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

int kvc_wait(int pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EPROTO;
}
