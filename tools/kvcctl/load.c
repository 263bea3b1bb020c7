// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl load: pairs from a file, many to a system call */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "device.h"
#include "error.h"
#include "output.h"
#include "progress.h"
#include "record.h"

#define LOAD_OPS	256
#define LOAD_BYTES	1048576

struct load {
	const struct options *opt;
	struct kvc *kvc;
	FILE *file;
	const char *name;
	uint64_t line;		/* number of the line that was read last */
	uint64_t loaded;
	uint64_t failed;
	int status;		/* of the first failure */
	struct progress progress;
	unsigned int count;	/* records that wait */
	size_t bytes;		/* bytes of these */
	uint64_t lines[LOAD_OPS];
	struct record records[LOAD_OPS];
	struct kvc_op ops[LOAD_OPS];
};

/* Takes note of a line that failed; true when the load is to end. */
static bool note_failure(struct load *load, int status)
{
	load->failed++;
	if (!load->status)
		load->status = status;
	return !(load->opt->given & OPT_KEEP_GOING);
}

static bool line_refused(struct load *load, uint64_t line, int err)
{
	return note_failure(load, fail(STATUS_REFUSED, err, NULL,
				       "%s:%" PRIu64 ": put: %s", load->name,
				       line, strerror(-err)));
}

static void fill_op(struct kvc_op *op, const struct record *record)
{
	*op = (struct kvc_op){
		.opcode = KVC_OP_PUT,
		.flags = record->ttl ? KVC_OP_F_TTL : 0,
		.key = (uintptr_t)record->key.data,
		.key_len = record->key.len,
		.value = (uintptr_t)record->value.data,
		.value_len = record->value.len,
		.client_flags = record->flags,
		.expiry = record->ttl,
	};
}

/* Counts the results of a batch; true when the load is to end. */
static bool take_results(struct load *load, size_t done)
{
	bool end = false;
	size_t i;

	for (i = 0; i < done; i++) {
		if (!load->ops[i].result)
			load->loaded++;
		else if (end)
			load->failed++;
		else
			end = line_refused(load, load->lines[i],
					   load->ops[i].result);
	}
	return end;
}

/* Hands the waiting records over; true when the load is to end. */
static bool put_waiting(struct load *load)
{
	unsigned int count = load->count;
	size_t done;
	bool end;
	int ret;

	load->count = 0;
	load->bytes = 0;
	ret = kvc_batch(load->kvc, load->ops, count, &done);
	end = take_results(load, done);
	progress_count(&load->progress, load->loaded);
	if (!ret)
		return end;
	/* The call as a whole failed: no use to go on. */
	line_refused(load, load->lines[done < count ? done : count - 1], ret);
	return true;
}

/* Takes a line in; true when the load is to end. */
static bool take_line(struct load *load, const char *text, size_t len)
{
	struct record *record = &load->records[load->count];
	const char *wrong;

	wrong = record_read(record, load->opt->format, text, len);
	if (wrong)
		return note_failure(load, fail(STATUS_USAGE, EINVAL, NULL,
					       "%s:%" PRIu64 ": %s", load->name,
					       load->line, wrong));
	load->lines[load->count] = load->line;
	fill_op(&load->ops[load->count], record);
	load->count++;
	load->bytes += record->key.len + record->value.len;
	if (load->count < LOAD_OPS && load->bytes < LOAD_BYTES)
		return false;
	return put_waiting(load);
}

static void read_lines(struct load *load)
{
	char *text = NULL;
	size_t room = 0;
	ssize_t len;
	bool end = false;

	errno = 0;
	while (!end && (len = getline(&text, &room, load->file)) >= 0) {
		load->line++;
		if (len && text[len - 1] == '\n')
			len--;
		end = take_line(load, text, len);
		errno = 0;
	}
	if (!end && !feof(load->file)) {
		load->status = fail(STATUS_REFUSED, errno, NULL,
				    "cannot read %s: %s", load->name,
				    strerror(errno));
	}
	free(text);
	/* What came before a line that failed is loaded all the same. */
	if (load->count)
		put_waiting(load);
}

static void report(struct load *load)
{
	json_t *top;

	progress_end(&load->progress, load->loaded);
	if (!load->opt->json)
		return;
	top = json_new();
	json_add_u64(top, "loaded", load->loaded);
	json_add_u64(top, "failed", load->failed);
	output_json(load->opt, top);
}

static int load_file(const struct options *opt, struct kvc *kvc, FILE *file,
		     const char *name)
{
	struct load *load = calloc(1, sizeof(*load));
	unsigned int i;
	int status;

	if (!load)
		return fail(STATUS_REFUSED, ENOMEM, NULL, "out of memory");
	load->opt = opt;
	load->kvc = kvc;
	load->file = file;
	load->name = name;
	progress_begin(&load->progress, "loaded");
	read_lines(load);
	report(load);
	status = load->status;
	for (i = 0; i < LOAD_OPS; i++)
		record_free(&load->records[i]);
	free(load);
	return status;
}

static int load_named(const struct options *opt, struct kvc *kvc,
		      const char *name)
{
	FILE *file;
	int status;

	file = fopen(name, "re");
	if (!file)
		return fail(STATUS_REFUSED, errno, NULL, "cannot read %s: %s",
			    name, strerror(errno));
	status = load_file(opt, kvc, file, name);
	fclose(file);
	return status;
}

int cmd_load(const struct options *opt, int argc, char **argv)
{
	struct kvc *kvc;
	int status;

	(void)argc;
	status = device_attach(opt, O_WRONLY, argv[0], &kvc);
	if (status)
		return status;
	if (strcmp(argv[1], "-"))
		status = load_named(opt, kvc, argv[1]);
	else
		status = load_file(opt, kvc, stdin, "stdin");
	kvc_close(kvc);
	return status;
}
