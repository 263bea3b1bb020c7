// SPDX-License-Identifier: GPL-2.0-only
/* JSON lines: one object a pair. */
#include <errno.h>
#include <string.h>

#include "alloc.h"
#include "record.h"

static int add_text(const char *text, size_t len, void *out)
{
	buf_add(out, text, len);
	return 0;
}

void jsonl_write(struct buf *out, const struct kvc_pair *pair)
{
	json_t *object = json_object();

	record_json(object, CODING_PLAIN, pair);
	if (json_dump_callback(object, add_text, out, JSON_COMPACT))
		out_of_memory();
	json_decref(object);
}

static const char *take_bytes(struct buf *out, json_t *member, bool base64)
{
	if (!json_is_string(member))
		return "key or value is no string";
	if (coding_decode(out, base64 ? CODING_BASE64 : CODING_PLAIN,
			  json_string_value(member),
			  json_string_length(member)))
		return "bad base64";
	return NULL;
}

static const char *take_number(json_t *member, json_int_t max, uint64_t *out)
{
	json_int_t number = json_integer_value(member);

	if (!json_is_integer(member) || number < 0 || number > max)
		return "flags or ttl_ns is no number in its range";
	*out = number;
	return NULL;
}

static const char *take_flags(struct record *record, json_t *member)
{
	uint64_t flags = 0;
	const char *wrong = take_number(member, UINT32_MAX, &flags);

	record->flags = flags;
	return wrong;
}

static const char *take_member(struct record *record, const char *name,
			       json_t *member)
{
	if (!strcmp(name, "key") || !strcmp(name, "key_base64"))
		return take_bytes(&record->key, member, name[3]);
	if (!strcmp(name, "value") || !strcmp(name, "value_base64"))
		return take_bytes(&record->value, member, name[5]);
	if (!strcmp(name, "flags"))
		return take_flags(record, member);
	if (strcmp(name, "ttl_ns"))
		return "unknown member";
	return json_is_null(member) ? NULL :
	       take_number(member, INT64_MAX, &record->ttl);
}

/* A member is to be there in exactly one of its two forms. */
static bool one_of(json_t *object, const char *text, const char *base64)
{
	return !json_object_get(object, text) !=
	       !json_object_get(object, base64);
}

static const char *take_object(struct record *record, json_t *object)
{
	const char *name, *wrong;
	json_t *member;

	if (!one_of(object, "key", "key_base64"))
		return "not one of key and key_base64";
	if (!one_of(object, "value", "value_base64"))
		return "not one of value and value_base64";

	json_object_foreach(object, name, member) {
		wrong = take_member(record, name, member);
		if (wrong)
			return wrong;
	}
	return NULL;
}

const char *jsonl_read(struct record *record, const char *line, size_t len)
{
	const char *wrong = "not a JSON object";
	json_t *object;

	object = json_loadb(line, len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES,
			    NULL);
	if (json_is_object(object))
		wrong = take_object(record, object);
	json_decref(object);
	return wrong;
}
