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
#include "log.h"
#include "rocks.h"
#include "storage.h"

/* To open it anew takes some. */
#define HEAL_ROOM	(1 << 20)

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

/* The database, which stays until done(); or -EIO. */
static int use(struct store *store, struct why *why)
{
	pthread_rwlock_rdlock(&store->lock);
	if (store->db)
		return 0;
	pthread_rwlock_unlock(&store->lock);
	why_set(why, "the store cannot be opened again after an error");
	return -EIO;
}

static void done(struct store *store)
{
	pthread_rwlock_unlock(&store->lock);
}

static uint64_t figure(struct store *store, struct column *column,
		       const char *property)
{
	uint64_t value = 0;

	if (rocksdb_property_int_cf(store->db, column->handle, property, &value))
		return 0;
	return value;
}

static int ingest(struct store *store, struct column *column, const char *path,
		  struct why *why)
{
	char *err = NULL;
	int ret;

	if (store->sick) {
		why_set(why, "the store has to be opened anew after an error");
		return -EIO;
	}
	/* Ingestion itself would never stop, and reads become slow. */
	if (figure(store, column, "rocksdb.is-write-stopped")) {
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
	store->sick = err;
	return rocks_error(err, "ingest", why);
}

int store_ingest(struct store *store, struct column *column, const char *path,
		 struct why *why)
{
	int ret = use(store, why);

	if (ret)
		return ret;
	ret = ingest(store, column, path, why);
	done(store);
	return ret;
}

/* 0 and the store in use; or not. */
static int get(struct store *store, struct column *column, const void *key,
	       size_t len, rocksdb_pinnableslice_t **slice, struct why *why)
{
	char *err = NULL;
	int ret;

	ret = use(store, why);
	if (ret)
		return ret;
	*slice = rocksdb_get_pinned_cf(store->db, store->read, column->handle,
				       key, len, &err);
	ret = rocks_error(err, "get", why);
	if (!ret && !*slice)
		ret = -ENOENT;
	if (ret)
		done(store);
	return ret;
}

int store_mark(struct store *store, struct column *column, struct mark *mark,
	       struct why *why)
{
	rocksdb_pinnableslice_t *slice;
	const char *bytes;
	size_t len;
	int ret;

	memset(mark, 0, sizeof(*mark));
	ret = get(store, column, "", 0, &slice, why);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	bytes = rocksdb_pinnableslice_value(slice, &len);
	ret = mark_decode(bytes, len, mark);
	if (ret)
		why_set(why, "the mark of cache '%s' is not kvcd's: was the store written by a newer one?",
			column->name);
	rocksdb_pinnableslice_destroy(slice);
	done(store);
	return ret;
}

int store_get(struct store *store, struct column *column, const void *key,
	      size_t len, struct found *found, struct why *why)
{
	const char *bytes;
	size_t size;
	int ret;

	ret = get(store, column, key, len, &found->slice, why);
	if (ret)
		return ret;
	found->store = store;
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
	done(found->store);
}

int store_compact(struct store *store, struct column *column)
{
	rocksdb_compactoptions_t *options;
	struct why why;
	int ret = use(store, &why);

	if (ret)
		return ret;
	options = rocksdb_compactoptions_create();
	/* Compactions of RocksDB's own go on meanwhile. */
	rocksdb_compactoptions_set_exclusive_manual_compaction(options, 0);
	rocksdb_compact_range_cf_opt(store->db, column->handle, options, NULL, 0,
				     NULL, 0);
	rocksdb_compactoptions_destroy(options);
	done(store);
	return 0;
}

void store_hurry(struct store *store)
{
	struct why why;

	if (use(store, &why))
		return;
	rocksdb_disable_manual_compaction(store->db);
	done(store);
}

uint64_t store_figure(struct store *store, struct column *column,
		      const char *property)
{
	uint64_t value;
	struct why why;

	if (use(store, &why))
		return 0;
	value = figure(store, column, property);
	done(store);
	return value;
}

rocksdb_iterator_t *store_iterate(struct store *store, struct column *column,
				  rocksdb_readoptions_t *options)
{
	struct why why;

	if (use(store, &why))
		return NULL;
	return rocksdb_create_iterator_cf(store->db, options, column->handle);
}

void store_iterated(struct store *store, rocksdb_iterator_t *it)
{
	rocksdb_iter_destroy(it);
	done(store);
}

bool store_sick(struct store *store)
{
	return store->sick;
}

/* Under the lock, for writing. */
static void open_anew(struct store *store)
{
	struct why why;

	store_disconnect(store);
	store->sick = false;
	if (store_connect(store, &why))
		log_say(LOG_ERR, "the store cannot be opened again: %s",
			why.text);
	else
		log_say(LOG_NOTICE, "the store was opened anew");
	if (store->db)
		dirs_clear(store->staging);
}

static bool is_sick(struct store *store)
{
	bool sick;

	pthread_rwlock_rdlock(&store->lock);
	sick = !store->db || store->sick;
	pthread_rwlock_unlock(&store->lock);
	return sick;
}

void store_heal(struct store *store)
{
	struct why why;

	if (!is_sick(store))
		return;
	/* With a full disk it could only be closed, and not be read any more. */
	if (dirs_room(store->path, HEAL_ROOM, &why))
		return;
	/* A compaction that an operator asked for would be waited for. */
	store_hurry(store);
	pthread_rwlock_wrlock(&store->lock);
	if (!store->db || store->sick)
		open_anew(store);
	done(store);
}
