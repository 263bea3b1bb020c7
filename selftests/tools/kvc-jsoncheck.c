// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvc-jsoncheck [-l] [PATH]... - read JSON from stdin, print what is at PATHs
 *
 * A PATH is names and array indices with dots between, such as pairs.0.key;
 * strings are printed as their bytes, arrays and objects as their sizes.
 * -l: JSON lines, each an object; the PATHs are printed for each.
 * Exit: 0, or 1 when stdin is not what it should be or a PATH leads nowhere.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

static const json_t *step(const json_t *at, const char *name)
{
	if (json_is_array(at))
		return json_array_get(at, strtoul(name, NULL, 10));
	return json_object_get(at, name);
}

static int print(const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_STRING:
		fwrite(json_string_value(json), 1, json_string_length(json),
		       stdout);
		putchar('\n');
		return 0;
	case JSON_ARRAY:
		return printf("%zu\n", json_array_size(json)) < 0;
	case JSON_OBJECT:
		return printf("%zu\n", json_object_size(json)) < 0;
	default:
		json_dumpf(json, stdout, JSON_ENCODE_ANY);
		putchar('\n');
		return 0;
	}
}

static int print_path(const json_t *at, const char *path)
{
	char copy[256], *rest = copy, *name;

	snprintf(copy, sizeof(copy), "%s", path);
	while (at && (name = strsep(&rest, ".")))
		at = step(at, name);
	if (!at) {
		fprintf(stderr, "kvc-jsoncheck: nothing at %s\n", path);
		return 1;
	}
	return print(at);
}

static int check(const char *text, size_t len, char **paths)
{
	json_error_t error;
	json_t *json;
	int ret = 0;

	json = json_loadb(text, len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES,
			  &error);
	if (!json_is_object(json)) {
		fprintf(stderr, "kvc-jsoncheck: no JSON object: %s\n",
			json ? "" : error.text);
		json_decref(json);
		return 1;
	}
	for (; *paths; paths++)
		ret |= print_path(json, *paths);
	json_decref(json);
	return ret;
}

/* What is on stdin up to @end. */
static ssize_t take(char **text, size_t *room, int end)
{
	return getdelim(text, room, end, stdin);
}

int main(int argc, char **argv)
{
	int lines = argc > 1 && !strcmp(argv[1], "-l");
	char *text = NULL;
	size_t room = 0;
	ssize_t len;
	int ret = 0;

	argv += 1 + lines;
	/* No NUL stands in JSON text, so it delimits nothing: all of it. */
	len = take(&text, &room, lines ? '\n' : '\0');
	if (!lines && len < 0) {
		fprintf(stderr, "kvc-jsoncheck: no input\n");
		ret = 1;
	}
	for (; len >= 0; len = take(&text, &room, lines ? '\n' : '\0'))
		ret |= check(text, len, argv);
	free(text);
	return ret || fflush(stdout);
}
