// SPDX-License-Identifier: GPL-2.0-only
#include "record.h"
#include "ttl.h"

static const struct {
	void (*write)(struct buf *out, const struct kvc_pair *pair);
	const char *(*read)(struct record *record, const char *line,
			    size_t len);
} formats[] = {
	[FORMAT_TSV] = { tsv_write, tsv_read },
	[FORMAT_JSONL] = { jsonl_write, jsonl_read },
};

void record_write(struct buf *out, enum file_format format,
		  const struct kvc_pair *pair)
{
	formats[format].write(out, pair);
	buf_addc(out, '\n');
}

const char *record_read(struct record *record, enum file_format format,
			const char *line, size_t len)
{
	const char *wrong;

	record->key.len = 0;
	record->value.len = 0;
	record->flags = 0;
	record->ttl = 0;
	wrong = formats[format].read(record, line, len);
	if (wrong)
		return wrong;
	if (!record->key.len)
		return "the key is empty";
	/* Lengths that the ABI has room for; the cache may allow less. */
	if (record->key.len > KVC_KEY_MAX)
		return "the key is too long for any cache";
	if (record->value.len > KVC_VALUE_MAX)
		return "the value is too long for any cache";
	return NULL;
}

void record_free(struct record *record)
{
	buf_free(&record->key);
	buf_free(&record->value);
}

void record_json(json_t *object, enum coding coding,
		 const struct kvc_pair *pair)
{
	uint64_t ttl = ttl_left(pair->meta.expiry);

	json_add_bytes(object, "key", coding, pair->key, pair->key_len);
	if (pair->value)
		json_add_bytes(object, "value", coding, pair->value,
			       pair->value_len);
	else
		json_add_u64(object, "value_length", pair->value_len);
	json_add_u64(object, "flags", pair->meta.client_flags);
	json_add(object, "ttl_ns", ttl ? json_integer(ttl) : json_null());
}
