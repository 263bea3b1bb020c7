/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that the store's MANIFEST names and that is not there
 *
 * When the disk fails as the MANIFEST is synced, ingestion fails, and RocksDB 7.8
 * removes the file that it had linked into the store.  But the MANIFEST may well
 * have the entry, and then the store cannot be opened any more.  The staged file
 * is the same one, so that it can be linked once more.  RocksDB checks its size
 * and unique id against the MANIFEST.
 */
#ifndef KVCD_RESCUE_H
#define KVCD_RESCUE_H

#include <stddef.h>

/* The path of the table file that this error names, if it is not there; or NULL. */
char *rescue_missing(const char *base, const char *error);

/* The n-th staged file, NULL: there are no more. */
char *rescue_staged(const char *staging, size_t n);

/* 0 or -errno; the directory is synced. */
int rescue_link(const char *base, const char *staged, const char *file);

#endif /* KVCD_RESCUE_H */
