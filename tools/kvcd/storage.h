/* SPDX-License-Identifier: GPL-2.0-only */
/* What struct store is, for those who implement it */
#ifndef KVCD_STORAGE_H
#define KVCD_STORAGE_H

#include "store.h"

/**
 * struct store - an open store
 * @path: its directory
 * @staging: where runs are written
 * @reserve: bytes to be left free
 * @db: the database
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
	char *staging;
	uint64_t reserve;
	rocksdb_t *db;
	rocksdb_cache_t *blocks;
	rocksdb_compactionfilter_t *expired;
	rocksdb_options_t *options;
	rocksdb_readoptions_t *read;
	rocksdb_ingestexternalfileoptions_t *ingest;
	struct column *columns;
	size_t count;
};

#endif /* KVCD_STORAGE_H */
