// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl store: what kvcd keeps, past the cache */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <kvcache.h>

#include "command.h"
#include "device.h"
#include "error.h"
#include "json.h"
#include "key.h"
#include "output.h"
#include "storefail.h"

static void print_object(json_t *object, int depth);

static void print_scalar(json_t *value)
{
	if (json_is_string(value))
		printf("%s", json_string_value(value));
	else if (json_is_integer(value))
		printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		printf("%g", json_real_value(value));
	else
		printf("%s", json_is_true(value) ? "yes" :
			     json_is_null(value) ? "-" : "no");
}

/* Of an object the name stands on its first line. */
static json_t *headline(json_t *value)
{
	return json_is_object(value) ? json_object_get(value, "name") : value;
}

static void print_member(const char *name, json_t *value, int depth)
{
	json_t *first = headline(value);
	size_t i;

	if (json_is_array(value)) {
		for (i = 0; i < json_array_size(value); i++)
			print_member(name, json_array_get(value, i), depth);
		return;
	}
	for (i = depth; i; i--)
		printf("\t");
	printf("%s", name);
	if (first) {
		printf(" ");
		print_scalar(first);
	}
	printf("\n");
	if (json_is_object(value))
		print_object(value, depth + 1);
}

/* Whatever there is, as words: the daemon knows what its figures are called. */
static void print_object(json_t *object, int depth)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
		if (strcmp(name, depth ? "name" : "version"))
			print_member(name, value, depth);
}

static int print_stats(const struct options *opt, const char *text, size_t len)
{
	json_t *stats = json_loadb(text, len, 0, NULL);

	if (!json_is_object(stats)) {
		json_decref(stats);
		return fail(STATUS_REFUSED, EPROTO, NULL,
			    "store stats: what came is no JSON object");
	}
	/* It has its version, as all such output. */
	if (opt->json) {
		output_json(opt, stats);
		return STATUS_OK;
	}
	print_object(stats, 0);
	json_decref(stats);
	return STATUS_OK;
}

static int store_failed(struct kvc *kvc, const char *what, int err)
{
	struct store_error error;

	store_error(&error, kvc, err);
	return fail(error.status, err, error.hint, "%s: %s", what, error.text);
}

int cmd_store_stats(const struct options *opt, int argc, char **argv)
{
	struct kvc_store_opts how = { .path = opt->socket };
	struct kvc *kvc;
	char *text;
	size_t len;
	int status, ret;

	(void)argc;
	(void)argv;
	ret = kvc_open_store(&how, &kvc);
	if (ret)
		return fail(STATUS_REFUSED, ret, NULL, "%s: %s", opt->socket,
			    strerror(-ret));
	ret = kvc_store_stats(kvc, &text, &len);
	if (ret) {
		status = store_failed(kvc, "store stats", ret);
	} else {
		status = print_stats(opt, text, len);
		free(text);
	}
	kvc_close(kvc);
	return status;
}

static int get_of_store(struct kvc *kvc, const struct buf *key, void **value,
			size_t *len, struct kvc_meta *meta)
{
	return kvc_store_get(kvc, key->data, key->len, value, len, meta);
}

int cmd_store_get(const struct options *opt, int argc, char **argv)
{
	(void)argc;
	return key_get(opt, "store get", argv, get_of_store);
}

int cmd_store_compact(const struct options *opt, int argc, char **argv)
{
	struct kvc *kvc;
	int status, ret;

	(void)argc;
	status = device_attach(opt, O_WRONLY, argv[0], &kvc);
	if (status)
		return status;
	ret = kvc_store_compact(kvc);
	if (ret)
		status = store_failed(kvc, "store compact", ret);
	kvc_close(kvc);
	return status;
}
