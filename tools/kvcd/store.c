// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is on the disk when store_ingest() returns, RocksDB 7.8 (seen by strace,
 * and in db/external_sst_file_ingestion_job.cc):
 *
 * - the staged file: SstFileWriter syncs it when it is finished;
 * - the store's file, a hard link to it by IngestExternalFileOptions::move_files:
 *   synced after it was linked, and once more after its sequence number was
 *   written into it (write_global_seqno, on by default, which the C interface
 *   cannot change);
 * - the database's directory, after the link;
 * - the MANIFEST, by which alone the file belongs to the store, at last.  Until
 *   it has the file, the file is a stray that RocksDB removes when it opens.
 *
 * All by fdatasync(), or fsync() with DBOptions::use_fsync; the directory always
 * by fsync().  The directory that the database's own is in is synced here.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "dirs.h"
#include "rocks.h"
#include "storage.h"

int store_room(const struct store *store, struct why *why)
{
	return dirs_room(store->path, store->reserve, why);
}

struct column *store_column(struct store *store, const char *cache)
{
	size_t i;

	for (i = 1; i < store->count; i++) {
		if (!strcmp(store->columns[i].name, cache))
			return &store->columns[i];
	}
	return NULL;
}

int store_stage(struct store *store, const struct column *column, uint64_t run,
		char *path, size_t size)
{
	int len = snprintf(path, size, "%s/%s-%llu.sst", store->staging,
			   column->name, (unsigned long long)run);

	return len < 0 || (size_t)len >= size ? -ENAMETOOLONG : 0;
}

int store_ingest(struct store *store, struct column *column, const char *path,
		 struct why *why)
{
	char *err = NULL;
	int ret;

	/* Ingestion itself would never stop, and reads become slow. */
	if (store_figure(store, column, "rocksdb.is-write-stopped")) {
		why_set(why, "the store is behind with compacting");
		return -EAGAIN;
	}
	/* RocksDB is better off if it never sees the disk full. */
	ret = store_room(store, why);
	if (ret)
		return ret;
	rocksdb_ingest_external_file_cf(store->db, column->handle,
					(const char *const *)&path, 1,
					store->ingest, &err);
	return rocks_error(err, "ingest", why);
}

static rocksdb_pinnableslice_t *get(struct store *store, struct column *column,
				    const void *key, size_t len, int *ret,
				    struct why *why)
{
	rocksdb_pinnableslice_t *slice;
	char *err = NULL;

	slice = rocksdb_get_pinned_cf(store->db, store->read, column->handle,
				      key, len, &err);
	*ret = rocks_error(err, "get", why);
	if (!*ret && !slice)
		*ret = -ENOENT;
	return slice;
}

int store_mark(struct store *store, struct column *column, struct mark *mark,
	       struct why *why)
{
	rocksdb_pinnableslice_t *slice;
	const char *bytes;
	size_t len;
	int ret;

	memset(mark, 0, sizeof(*mark));
	slice = get(store, column, "", 0, &ret, why);
	if (!slice)
		return ret == -ENOENT ? 0 : ret;
	bytes = rocksdb_pinnableslice_value(slice, &len);
	ret = mark_decode(bytes, len, mark);
	if (ret)
		why_set(why, "the mark of cache '%s' is not kvcd's: was the store written by a newer one?",
			column->name);
	rocksdb_pinnableslice_destroy(slice);
	return ret;
}

int store_get(struct store *store, struct column *column, const void *key,
	      size_t len, struct found *found, struct why *why)
{
	const char *bytes;
	size_t size;
	int ret;

	found->slice = get(store, column, key, len, &ret, why);
	if (!found->slice)
		return ret;
	bytes = rocksdb_pinnableslice_value(found->slice, &size);
	ret = record_decode(bytes, size, &found->record);
	if (ret)
		why_set(why, "a pair of cache '%s' is not kvcd's",
			column->name);
	else if (expiry_passed(found->record.expiry, clock_real()))
		ret = -ENOENT;
	if (ret)
		store_release(found);
	return ret;
}

void store_release(struct found *found)
{
	rocksdb_pinnableslice_destroy(found->slice);
	found->slice = NULL;
}

int store_compact(struct store *store, struct column *column)
{
	rocksdb_compactoptions_t *options = rocksdb_compactoptions_create();

	/* Compactions of RocksDB's own go on meanwhile. */
	rocksdb_compactoptions_set_exclusive_manual_compaction(options, 0);
	rocksdb_compact_range_cf_opt(store->db, column->handle, options, NULL, 0,
				     NULL, 0);
	rocksdb_compactoptions_destroy(options);
	return 0;
}

void store_hurry(struct store *store)
{
	rocksdb_disable_manual_compaction(store->db);
}

uint64_t store_figure(struct store *store, struct column *column,
		      const char *property)
{
	uint64_t value = 0;

	if (rocksdb_property_int_cf(store->db, column->handle, property, &value))
		return 0;
	return value;
}

rocksdb_iterator_t *store_iterate(struct store *store, struct column *column,
				  rocksdb_readoptions_t *options)
{
	return rocksdb_create_iterator_cf(store->db, options, column->handle);
}
