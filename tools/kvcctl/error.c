// SPDX-License-Identifier: GPL-2.0-only
/* Errors: what was wrong and what to do about it. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "json.h"

static bool use_json;

static const struct {
	int err;
	const char *text;
} hints[] = {
	{ E2BIG, "the value is longer than the cache allows (value-max)" },
	{ EDQUOT, "the owner's caches would exceed the module's uid_quota" },
	{ EINTR, "run the command again to go on" },
	{ ENAMETOOLONG, "the name or key is longer than allowed (key-max)" },
	{ ENOSPC, "the pair does not fit: raise the cache's limit, or allow it to evict" },
	{ EPERM, "this needs CAP_NET_ADMIN (be root) or to own the cache" },
	{ ESHUTDOWN, "the cache was destroyed meanwhile" },
	{ ESTALE, "the pair was changed meanwhile: get it again to see its version" },
};

void error_set_json(bool json)
{
	use_json = json;
}

static const char *hint_for(int err)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hints); i++) {
		if (hints[i].err == err)
			return hints[i].text;
	}
	return NULL;
}

/* A file's name in a message may be no UTF-8; JSON must be. */
static json_t *text_json(const char *text)
{
	json_t *json = json_string(text);

	return json ? json : json_string("(not UTF-8)");
}

static void report_json(int err, const char *message, const char *hint)
{
	const char *name = strerrorname_np(err);
	json_t *error = json_object();
	json_t *top = json_new();

	json_add(error, "errno", json_string(name ? name : "unknown"));
	json_add(error, "message", text_json(message));
	if (hint)
		json_add(error, "hint", json_string(hint));
	json_add(top, "error", error);
	json_dumpf(top, stderr, JSON_COMPACT);
	fputc('\n', stderr);
	json_decref(top);
}

static void report(int err, const char *message, const char *hint)
{
	if (use_json) {
		report_json(err, message, hint);
		return;
	}
	fprintf(stderr, "kvcctl: %s\n", message);
	if (hint)
		fprintf(stderr, "kvcctl: %s\n", hint);
}

int fail(int status, int err, const char *hint, const char *fmt, ...)
{
	char message[1024];
	va_list ap;

	err = abs(err);
	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	report(err, message, hint ? hint : hint_for(err));
	return status;
}

void note(const char *fmt, ...)
{
	char message[256];
	json_t *top;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	if (!use_json) {
		fprintf(stderr, "kvcctl: %s\n", message);
		return;
	}
	top = json_new();
	json_add(top, "note", text_json(message));
	json_dumpf(top, stderr, JSON_COMPACT);
	fputc('\n', stderr);
	json_decref(top);
}

int bad_usage(const char *fmt, ...)
{
	char message[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	report(EINVAL, message, "'kvcctl help' shows how to use it");
	return STATUS_USAGE;
}
