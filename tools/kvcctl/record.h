/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_RECORD_H
#define KVCCTL_RECORD_H

#include <kvcache.h>

#include "buf.h"
#include "json.h"
#include "options.h"

/* A pair as a file holds it; all zero is an empty one. */
struct record {
	struct buf key;
	struct buf value;
	uint32_t flags;
	uint64_t ttl;		/* nanoseconds, 0: never ends */
};

/* Adds the line of a pair, its newline included. */
void record_write(struct buf *out, enum file_format format,
		  const struct kvc_pair *pair);

/*
 * Reads a line, without its newline.  Gives NULL, or what is wrong with it.
 * @record is overwritten; what it holds of memory is used again.
 */
const char *record_read(struct record *record, enum file_format format,
			const char *line, size_t len);

void record_free(struct record *record);

/* The members of a pair: key, value or value_length, flags, ttl_ns. */
void record_json(json_t *object, enum coding coding,
		 const struct kvc_pair *pair);

/* The two formats. */
void tsv_write(struct buf *out, const struct kvc_pair *pair);
const char *tsv_read(struct record *record, const char *line, size_t len);
void jsonl_write(struct buf *out, const struct kvc_pair *pair);
const char *jsonl_read(struct record *record, const char *line, size_t len);

#endif /* KVCCTL_RECORD_H */
