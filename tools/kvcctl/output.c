// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "error.h"
#include "output.h"

/* Of the first write that failed: stdio only keeps that one did. */
static int write_err;

static void note_error(void)
{
	if (!write_err)
		write_err = errno;
}

void output_write(FILE *file, const void *data, size_t len)
{
	if (fwrite(data, 1, len, file) < len)
		note_error();
}

void output_json(const struct options *opt, json_t *top)
{
	size_t flags = opt->pretty ? JSON_INDENT(2) : JSON_COMPACT;

	if (json_dumpf(top, stdout, flags) || putchar('\n') == EOF)
		note_error();
	json_decref(top);
}

int output_flush(FILE *file, const char *name)
{
	int err;

	if (fflush(file))
		note_error();
	err = write_err;
	if (!err && ferror(file))
		err = EIO;
	if (!err)
		return STATUS_OK;
	write_err = 0;
	clearerr(file);
	return fail(STATUS_REFUSED, err, NULL, "cannot write %s: %s", name,
		    strerror(err));
}
