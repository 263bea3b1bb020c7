/* SPDX-License-Identifier: GPL-2.0-only */
/* What struct store is, for those who implement it */
#ifndef KVCD_STORAGE_H
#define KVCD_STORAGE_H

#include <pthread.h>
#include <stdatomic.h>

#include "store.h"

/**
 * struct store - an open store
 * @path: its directory
 * @base: the database's, in it
 * @staging: where runs are written
 * @reserve: bytes to be left free
 * @lock: of @db and the columns' handles, which only store_heal() changes
 * @sick: ingestion failed: it is in doubt what the store has
 * @db: the database, NULL: it could not be opened anew
 * @blocks: cache of its blocks
 * @expired: the filter that leaves expired pairs out of compactions
 * @options: of the database
 * @read: options of reads
 * @ingest: options of ingestion
 * @columns: @count of them, the first one RocksDB's own, which has no cache
 * @count: how many
 */
struct store {
	char *path;
	char *base;
	char *staging;
	uint64_t reserve;
	pthread_rwlock_t lock;
	atomic_bool sick;
	rocksdb_t *db;
	rocksdb_cache_t *blocks;
	rocksdb_compactionfilter_t *expired;
	rocksdb_options_t *options;
	rocksdb_readoptions_t *read;
	rocksdb_ingestexternalfileoptions_t *ingest;
	struct column *columns;
	size_t count;
};

/*
 * Opens and closes the database; nobody may be using it.  A file that it misses
 * is put back, if it is one that was staged.
 */
int store_connect(struct store *store, struct why *why);
void store_disconnect(struct store *store);

#endif /* KVCD_STORAGE_H */
