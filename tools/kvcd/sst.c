// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "rocks.h"
#include "sst.h"

static int write_mark(struct sst *sst, const struct mark *mark, struct why *why)
{
	unsigned char bytes[MARK_SIZE];
	char *err = NULL;

	mark_encode(bytes, mark);
	rocksdb_sstfilewriter_put(sst->writer, "", 0, (const char *)bytes,
				  sizeof(bytes), &err);
	return rocks_error(err, "write a run", why);
}

int sst_begin(struct sst *sst, struct store *store, struct column *column,
	      const struct mark *mark, struct why *why)
{
	rocksdb_envoptions_t *env;
	char *err = NULL;
	int ret;

	if (store_sick(store)) {
		why_set(why, "the store has to be opened anew after an error");
		return -EIO;
	}
	ret = store_stage(store, column, mark->run, sst->path,
			  sizeof(sst->path));
	if (ret) {
		why_set(why, "the path of [store] staging is too long");
		return ret;
	}
	/* One that is there may be linked into the store: never write to it. */
	unlink(sst->path);
	sst->store = store;
	env = rocksdb_envoptions_create();
	sst->writer = rocksdb_sstfilewriter_create(env, column->options);
	rocksdb_envoptions_destroy(env);
	rocksdb_sstfilewriter_open(sst->writer, sst->path, &err);
	ret = rocks_error(err, "write a run", why);
	return ret ? ret : write_mark(sst, mark, why);
}

/* The head has to stand right before the value. */
static int with_head(struct sst *sst, const struct frame_rec *rec)
{
	struct record record = {
		.client_flags = rec->rec.client_flags,
		.version = rec->rec.version,
		.expiry = expiry_to_store(rec->rec.expiry),
	};
	size_t size = RECORD_HEAD + (size_t)rec->rec.value_len;
	unsigned char *value;

	if (size > sst->room) {
		value = realloc(sst->value, size);
		if (!value)
			return -ENOMEM;
		sst->value = value;
		sst->room = size;
	}
	record_encode(sst->value, &record);
	memcpy(sst->value + RECORD_HEAD, rec->value, rec->rec.value_len);
	return 0;
}

int sst_add(struct sst *sst, const struct frame_rec *rec, struct why *why)
{
	bool gone = rec->rec.flags & KVC_FLUSH_REC_GONE;
	const char *key = (const char *)rec->key;
	char *err = NULL;

	if (!gone && with_head(sst, rec)) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	if (gone)
		rocksdb_sstfilewriter_delete(sst->writer, key, rec->rec.key_len,
					     &err);
	else
		rocksdb_sstfilewriter_put(sst->writer, key, rec->rec.key_len,
					  (const char *)sst->value,
					  RECORD_HEAD + (size_t)rec->rec.value_len,
					  &err);
	return rocks_error(err, "write a run", why);
}

int sst_finish(struct sst *sst, struct why *why)
{
	char *err = NULL;

	rocksdb_sstfilewriter_finish(sst->writer, &err);
	return rocks_error(err, "write a run", why);
}

void sst_drop(struct sst *sst)
{
	if (sst->writer) {
		rocksdb_sstfilewriter_destroy(sst->writer);
		/* If it was ingested it is not there any more. */
		if (!store_sick(sst->store))
			unlink(sst->path);
	}
	sst->writer = NULL;
	free(sst->value);
	sst->value = NULL;
	sst->room = 0;
}
