// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "dirs.h"
#include "log.h"

/* Less than this, and not even the database can be opened. */
#define OPEN_ROOM	(1 << 20)

int dirs_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	/* Some file systems have no such thing. */
	if (fsync(fd) && errno != EINVAL)
		ret = -errno;
	close(fd);
	return ret;
}

static int sync_parent(const char *path)
{
	char *parent = strdup(path), *slash;
	int ret;

	if (!parent)
		return -ENOMEM;
	slash = strrchr(parent, '/');
	slash[slash == parent] = '\0';
	ret = dirs_sync(parent);
	free(parent);
	return ret;
}

/* Makes the directory if its parent is there. */
static int make_dir(const char *path, struct why *why)
{
	int ret = 0;

	if (!mkdir(path, 0700))
		ret = sync_parent(path);
	else if (errno != EEXIST)
		ret = -errno;
	if (ret == -ENOENT)
		why_set(why, "%s: the directory above it does not exist: create it, or set another path in [store]",
			path);
	else if (ret)
		why_set(why, "%s: cannot be created: %s", path, strerror(-ret));
	return ret;
}

static int writable(const char *path, struct why *why)
{
	struct stat st;
	int ret = 0;

	if (stat(path, &st))
		ret = -errno;
	else if (!S_ISDIR(st.st_mode))
		ret = -ENOTDIR;
	else if (access(path, R_OK | W_OK | X_OK))
		ret = -errno;
	if (ret)
		why_set(why, "%s: cannot be used: %s; it has to be a directory that kvcd may write to",
			path, strerror(-ret));
	return ret;
}

int dirs_room(const char *path, uint64_t least, struct why *why)
{
	struct statvfs fs;
	uint64_t room;

	if (statvfs(path, &fs)) {
		why_set(why, "%s: %s", path, strerror(errno));
		return -errno;
	}
	room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (room >= least)
		return 0;
	why_set(why, "%s: the disk is full: %llu KiB are free, %llu KiB have to be; make room",
		path, (unsigned long long)room >> 10,
		(unsigned long long)least >> 10);
	return -ENOSPC;
}

void dirs_clear(const char *staging)
{
	DIR *dir = opendir(staging);
	struct dirent *entry;
	const char *end;

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		end = strrchr(entry->d_name, '.');
		if (!end || strcmp(end, ".sst"))
			continue;
		if (!unlinkat(dirfd(dir), entry->d_name, 0))
			log_say(LOG_INFO, "removed %s/%s, which was not finished",
				staging, entry->d_name);
	}
	closedir(dir);
}

int dirs_make(const struct config *config, struct why *why)
{
	int ret = make_dir(config->path, why);

	if (!ret)
		ret = writable(config->path, why);
	if (!ret)
		ret = make_dir(config->staging, why);
	if (!ret)
		ret = writable(config->staging, why);
	if (!ret)
		ret = dirs_room(config->path, OPEN_ROOM, why);
	return ret;
}
