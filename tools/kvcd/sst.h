/* SPDX-License-Identifier: GPL-2.0-only */
/* A run as a file that the store can ingest */
#ifndef KVCD_SST_H
#define KVCD_SST_H

#include <limits.h>

#include "frames.h"
#include "store.h"

/**
 * struct sst - a file that is being written
 * @store: for which it is
 * @path: in the staging directory
 * @writer: RocksDB's, NULL: there is none
 * @value: room for a value with its head
 * @room: bytes there
 */
struct sst {
	struct store *store;
	char path[PATH_MAX];
	rocksdb_sstfilewriter_t *writer;
	unsigned char *value;
	size_t room;
};

/* Begins the file with the mark, which becomes the store's with its pairs. */
int sst_begin(struct sst *sst, struct store *store, struct column *column,
	      const struct mark *mark, struct why *why);

int sst_add(struct sst *sst, const struct frame_rec *rec, struct why *why);

/* The file is on the disk. */
int sst_finish(struct sst *sst, struct why *why);

/* After any of the others, also when they failed: away with it. */
void sst_drop(struct sst *sst);

#endif /* KVCD_SST_H */
