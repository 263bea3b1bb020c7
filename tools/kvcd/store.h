/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store: a RocksDB database with a column family for each cache
 *
 * Calls that can fail give a negative errno and say why.  All may be used by
 * any number of threads, store_ingest() by one at a time for a column.
 */
#ifndef KVCD_STORE_H
#define KVCD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <rocksdb/c.h>

#include "config.h"
#include "record.h"
#include "why.h"

struct store;

/** struct column - what the store has of a cache */
struct column {
	char name[KVC_NAME_MAX];
	rocksdb_options_t *options;
	rocksdb_column_family_handle_t *handle;
};

/**
 * struct found - a pair of the store
 * @record: the pair; its value is in @slice
 * @slice: for store_release()
 * @store: likewise
 */
struct found {
	struct record record;
	rocksdb_pinnableslice_t *slice;
	struct store *store;
};

/* Also removes what an earlier process left in the staging directory. */
int store_open(const struct config *config, struct store **out, struct why *why);

/* Nobody may be using it any more. */
void store_close(struct store *store);

/* The column of a cache that is in the configuration. */
struct column *store_column(struct store *store, const char *cache);

/* A path in the staging directory for a run of the column. */
int store_stage(struct store *store, const struct column *column, uint64_t run,
		char *path, size_t size);

/* -ENOSPC when less than the reserve is free on the store's disk. */
int store_room(const struct store *store, struct why *why);

/*
 * Takes the file in and removes it; when that returns 0, its pairs are on the
 * disk, as one step.  -EAGAIN: the store is behind with compacting.  Else see
 * store_heal().
 */
int store_ingest(struct store *store, struct column *column, const char *path,
		 struct why *why);

/* Which run did store_ingest() take in last?  All 0: none. */
int store_mark(struct store *store, struct column *column, struct mark *mark,
	       struct why *why);

/*
 * -ENOENT: no such key, or its pair has expired.  0: store_release() has to
 * follow, on the same thread.
 */
int store_get(struct store *store, struct column *column, const void *key,
	      size_t len, struct found *found, struct why *why);

void store_release(struct found *found);

/* Waits for it; -EIO: the store cannot be used. */
int store_compact(struct store *store, struct column *column);

/* Ends store_compact() of other threads soon. */
void store_hurry(struct store *store);

/* A number that RocksDB knows of the column, or 0. */
uint64_t store_figure(struct store *store, struct column *column,
		      const char *property);

/* For scans; NULL, or store_iterated() has to follow on the same thread. */
rocksdb_iterator_t *store_iterate(struct store *store, struct column *column,
				  rocksdb_readoptions_t *options);
void store_iterated(struct store *store, rocksdb_iterator_t *it);

/*
 * Opens the store anew if ingestion failed.  It is not known then whether the
 * store has the run, for the MANIFEST may have been written and not synced; and
 * after some errors RocksDB takes nothing more, also when the disk is well again.
 */
void store_heal(struct store *store);

/* Did it, and the store was not opened anew yet?  Staged files have to stay. */
bool store_sick(struct store *store);

#endif /* KVCD_STORE_H */
