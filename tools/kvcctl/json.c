// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "alloc.h"
#include "buf.h"
#include "json.h"

#define FORMAT_VERSION	1

json_t *json_new(void)
{
	json_t *top = json_object();

	json_add(top, "version", json_integer(FORMAT_VERSION));
	return top;
}

void json_add(json_t *object, const char *name, json_t *member)
{
	if (json_object_set_new(object, name, member))
		out_of_memory();
}

void json_add_u64(json_t *object, const char *name, uint64_t number)
{
	json_add(object, name, json_integer((json_int_t)number));
}

static void add_coded(json_t *object, const char *name, enum coding coding,
		      const void *data, size_t len)
{
	struct buf text = { 0 };
	char full[64];

	snprintf(full, sizeof(full), "%s_%s", name, coding_name(coding));
	coding_encode(&text, coding, data, len);
	json_add(object, full, json_stringn((char *)text.data, text.len));
	buf_free(&text);
}

void json_add_bytes(json_t *object, const char *name, enum coding coding,
		    const void *data, size_t len)
{
	json_t *string;

	if (coding != CODING_PLAIN) {
		add_coded(object, name, coding, data, len);
		return;
	}
	string = json_stringn(data, len);
	if (string)
		json_add(object, name, string);
	else
		add_coded(object, name, CODING_BASE64, data, len);
}
