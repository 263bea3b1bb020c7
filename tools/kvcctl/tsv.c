// SPDX-License-Identifier: GPL-2.0-only
/* Tab-separated lines: key, value, client flags, nanoseconds to live. */
#include <inttypes.h>
#include <string.h>

#include "escape.h"
#include "number.h"
#include "record.h"
#include "ttl.h"

void tsv_write(struct buf *out, const struct kvc_pair *pair)
{
	char rest[64];
	int len;

	escape(out, pair->key, pair->key_len);
	buf_addc(out, '\t');
	escape(out, pair->value, pair->value_len);
	len = snprintf(rest, sizeof(rest), "\t%" PRIu32 "\t%" PRIu64,
		       pair->meta.client_flags, ttl_left(pair->meta.expiry));
	buf_add(out, rest, len);
}

/* The text up to the next tab; *line moves behind it, NULL after the last. */
static const char *field(const char **line, const char *end, size_t *len)
{
	const char *at = *line;
	const char *tab = at ? memchr(at, '\t', end - at) : NULL;

	*len = at ? (tab ? tab : end) - at : 0;
	*line = tab ? tab + 1 : NULL;
	return at;
}

/* A field that holds a number, 0 when it is absent. */
static int number_field(const char **line, const char *end, uint64_t max,
			uint64_t *out)
{
	char text[24] = "";
	size_t len;
	const char *at = field(line, end, &len);

	*out = 0;
	if (!at)
		return 0;
	if (len >= sizeof(text))
		return -1;
	memcpy(text, at, len);
	return number_parse(text, max, out);
}

static const char *read_numbers(struct record *record, const char *line,
				const char *end)
{
	uint64_t flags;

	if (number_field(&line, end, UINT32_MAX, &flags))
		return "the third field is no 32-bit number";
	record->flags = flags;
	if (number_field(&line, end, INT64_MAX, &record->ttl))
		return "the fourth field is no number of nanoseconds";
	return line ? "more than four fields" : NULL;
}

const char *tsv_read(struct record *record, const char *line, size_t len)
{
	const char *end = line + len;
	const char *at;

	at = field(&line, end, &len);
	if (unescape(&record->key, at, len))
		return "bad escape in the key";
	at = field(&line, end, &len);
	if (!at)
		return "no tab between key and value";
	if (unescape(&record->value, at, len))
		return "bad escape in the value";
	return read_numbers(record, line, end);
}
