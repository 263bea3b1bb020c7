// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl dump: every pair, in a form that load reads */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "device.h"
#include "error.h"
#include "output.h"
#include "progress.h"
#include "record.h"
#include "walk.h"

struct dump {
	enum file_format format;
	FILE *file;
	struct buf line;
	uint64_t count;
	struct progress progress;
};

static int one_pair(const struct kvc_pair *pair, void *arg)
{
	struct dump *dump = arg;

	dump->line.len = 0;
	record_write(&dump->line, dump->format, pair);
	output_write(dump->file, dump->line.data, dump->line.len);
	dump->count++;
	progress_count(&dump->progress, dump->count);
	return ferror(dump->file);
}

static int dump_pairs(struct dump *dump, struct kvc *kvc, const char *cache,
		      const char *name)
{
	struct kvc_range every = { 0 };
	int status, flushed;

	progress_begin(&dump->progress, "dumped");
	/* On a terminal the pairs themselves show how it gets on. */
	if (isatty(fileno(dump->file)))
		dump->progress.shown = false;
	status = walk(kvc, cache, kvc_scan_open, &every, one_pair, dump);
	progress_end(&dump->progress, dump->count);
	flushed = output_flush(dump->file, name);
	return status ? status : flushed;
}

static int dump_named(struct dump *dump, struct kvc *kvc, const char *cache,
		      const char *name)
{
	int status;

	dump->file = fopen(name, "we");
	if (!dump->file)
		return fail(STATUS_REFUSED, errno, NULL, "cannot write %s: %s",
			    name, strerror(errno));
	status = dump_pairs(dump, kvc, cache, name);
	if (fclose(dump->file) && !status)
		status = fail(STATUS_REFUSED, errno, NULL,
			      "cannot write %s: %s", name, strerror(errno));
	return status;
}

int cmd_dump(const struct options *opt, int argc, char **argv)
{
	struct dump dump = { .format = opt->format, .file = stdout };
	struct kvc *kvc;
	int status;

	status = device_attach(opt, O_RDONLY, argv[0], &kvc);
	if (status)
		return status;
	if (argc > 1 && strcmp(argv[1], "-"))
		status = dump_named(&dump, kvc, argv[0], argv[1]);
	else
		status = dump_pairs(&dump, kvc, argv[0], "the output");
	buf_free(&dump.line);
	kvc_close(kvc);
	return status;
}
