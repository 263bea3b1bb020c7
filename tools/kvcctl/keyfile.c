// SPDX-License-Identifier: GPL-2.0-only
/* Files of keys. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kvcache.h>

#include "error.h"
#include "escape.h"
#include "keyfile.h"

static int decode(const struct options *opt, const char *line, size_t len,
		  struct buf *key)
{
	if (opt->coding == CODING_PLAIN)
		return unescape(key, line, len);
	return coding_decode(key, opt->coding, line, len);
}

static int take_line(const struct options *opt, const char *line, size_t len,
		     const char *where, keyfile_fn fn, void *arg)
{
	struct buf key = { 0 };
	int status;

	if (decode(opt, line, len, &key))
		status = bad_usage("%s: not a well-formed key", where);
	else if (!key.len || key.len > KVC_KEY_MAX)
		status = bad_usage("%s: a key has 1 to %u bytes", where,
				   KVC_KEY_MAX);
	else
		status = fn(&key, arg);
	buf_free(&key);
	return status;
}

static int read_lines(const struct options *opt, FILE *file, const char *name,
		      keyfile_fn fn, void *arg)
{
	unsigned long number = 0;
	char *line = NULL, where[512];
	size_t room = 0;
	int status = STATUS_OK;
	ssize_t len;

	while (!status && (len = getline(&line, &room, file)) > 0) {
		snprintf(where, sizeof(where), "%s:%lu", name, ++number);
		if (line[len - 1] == '\n')
			len--;
		status = take_line(opt, line, len, where, fn, arg);
	}
	free(line);
	if (!status && ferror(file))
		status = fail(STATUS_REFUSED, EIO, NULL, "cannot read %s",
			      name);
	return status;
}

int keyfile_read(const struct options *opt, const char *name, keyfile_fn fn,
		 void *arg)
{
	FILE *file;
	int status;

	if (!strcmp(name, "-"))
		return read_lines(opt, stdin, "stdin", fn, arg);
	file = fopen(name, "re");
	if (!file)
		return fail(STATUS_REFUSED, errno, NULL, "cannot read %s: %s",
			    name, strerror(errno));
	status = read_lines(opt, file, name, fn, arg);
	fclose(file);
	return status;
}
