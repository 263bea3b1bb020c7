// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dirs.h"
#include "rescue.h"

char *rescue_missing(const char *base, const char *error)
{
	const char *end = strstr(error, ".sst"), *start;
	char *path;

	/* The old ending is what it looks for last. */
	if (!end)
		end = strstr(error, ".ldb");
	start = end;
	while (start && start > error && isdigit((unsigned char)start[-1]))
		start--;
	if (start == end ||
	    asprintf(&path, "%s/%.*s.sst", base, (int)(end - start), start) < 0)
		return NULL;
	if (!access(path, F_OK)) {
		free(path);
		return NULL;
	}
	return path;
}

static bool is_table(const char *name)
{
	const char *end = strrchr(name, '.');

	return end && !strcmp(end, ".sst");
}

char *rescue_staged(const char *staging, size_t n)
{
	DIR *dir = opendir(staging);
	struct dirent *entry;
	char *path = NULL;

	if (!dir)
		return NULL;
	while (!path && (entry = readdir(dir))) {
		if (is_table(entry->d_name) && !n--) {
			if (asprintf(&path, "%s/%s", staging, entry->d_name) < 0)
				path = NULL;
			break;
		}
	}
	closedir(dir);
	return path;
}

int rescue_link(const char *base, const char *staged, const char *file)
{
	if (link(staged, file))
		return -errno;
	return dirs_sync(base);
}
