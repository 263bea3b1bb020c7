// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl scan: a range of pairs, in key order */
#include <fcntl.h>
#include <stdio.h>

#include "command.h"
#include "device.h"
#include "error.h"
#include "escape.h"
#include "key.h"
#include "output.h"
#include "record.h"
#include "walk.h"

struct scan {
	const struct options *opt;
	walk_open_fn open;
	uint64_t count;
	json_t *pairs;		/* NULL: print text */
	struct buf line;
};

struct scan_keys {
	struct buf start;
	struct buf end;
	struct buf after;
};

static void add_text(struct buf *out, enum coding coding, const void *data,
		     size_t len)
{
	if (coding == CODING_PLAIN)
		escape(out, data, len);
	else
		coding_encode(out, coding, data, len);
}

static void print_text(struct scan *scan, const struct kvc_pair *pair)
{
	struct buf *line = &scan->line;

	line->len = 0;
	add_text(line, scan->opt->coding, pair->key, pair->key_len);
	if (pair->value) {
		buf_addc(line, '\t');
		add_text(line, scan->opt->coding, pair->value, pair->value_len);
	}
	buf_addc(line, '\n');
	output_write(stdout, line->data, line->len);
}

static void add_json(struct scan *scan, const struct kvc_pair *pair)
{
	json_t *object = json_object();

	record_json(object, scan->opt->coding, pair);
	json_add_u64(object, "cas", pair->meta.version);
	json_array_append_new(scan->pairs, object);
}

static int one_pair(const struct kvc_pair *pair, void *arg)
{
	struct scan *scan = arg;

	if (scan->pairs)
		add_json(scan, pair);
	else
		print_text(scan, pair);
	scan->count++;
	return ferror(stdout) || scan->count == scan->opt->limit;
}

static int take_key(const struct options *opt, const char *what,
		    const char *text, struct buf *key)
{
	return text ? key_decode(opt, what, text, key) : STATUS_OK;
}

static int take_keys(const struct options *opt, struct scan_keys *keys)
{
	int status;

	if (opt->prefix && (opt->from || opt->to))
		return bad_usage("--prefix excludes --from and --to");
	if ((opt->given & OPT_LIMIT) && !opt->limit)
		return bad_usage("--limit must be 1 or more");
	if (opt->prefix)
		status = take_key(opt, "--prefix", opt->prefix, &keys->start);
	else
		status = take_key(opt, "--from", opt->from, &keys->start);
	if (!status)
		status = take_key(opt, "--to", opt->to, &keys->end);
	if (!status)
		status = take_key(opt, "--after", opt->after, &keys->after);
	return status;
}

static void free_keys(struct scan_keys *keys)
{
	buf_free(&keys->start);
	buf_free(&keys->end);
	buf_free(&keys->after);
}

static int scan_range(struct scan *scan, struct kvc *kvc, const char *cache,
		      const struct scan_keys *keys)
{
	struct kvc_range range = {
		.start = keys->start.data,
		.start_len = keys->start.len,
		.end = keys->end.data,
		.end_len = keys->end.len,
		.after = keys->after.data,
		.after_len = keys->after.len,
	};

	if (scan->opt->prefix)
		range.flags |= KVC_SCAN_F_PREFIX;
	if (scan->opt->given & OPT_KEYS)
		range.flags |= KVC_SCAN_F_KEYS;
	return walk(kvc, cache, scan->open, &range, one_pair, scan);
}

static int scan_json(struct scan *scan, struct kvc *kvc, const char *cache,
		     const struct scan_keys *keys)
{
	json_t *top = json_new();
	int status;

	scan->pairs = json_array();
	json_add(top, "pairs", scan->pairs);
	status = scan_range(scan, kvc, cache, keys);
	if (status)
		json_decref(top);
	else
		output_json(scan->opt, top);
	return status;
}

static int run_scan(const struct options *opt, const char *cache,
		    walk_open_fn open)
{
	struct scan scan = { .opt = opt, .open = open };
	struct scan_keys keys = { 0 };
	struct kvc *kvc;
	int status;

	status = take_keys(opt, &keys);
	if (!status)
		status = device_attach(opt, O_RDONLY, cache, &kvc);
	if (status)
		goto out;
	if (opt->json)
		status = scan_json(&scan, kvc, cache, &keys);
	else
		status = scan_range(&scan, kvc, cache, &keys);
	kvc_close(kvc);
out:
	buf_free(&scan.line);
	free_keys(&keys);
	return status;
}

int cmd_scan(const struct options *opt, int argc, char **argv)
{
	(void)argc;
	return run_scan(opt, argv[0], kvc_scan_open);
}

int cmd_store_scan(const struct options *opt, int argc, char **argv)
{
	(void)argc;
	return run_scan(opt, argv[0], kvc_store_scan_open);
}
