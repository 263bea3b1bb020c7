/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCD_ROCKS_H
#define KVCD_ROCKS_H

#include <rocksdb/c.h>

#include "config.h"
#include "why.h"

/*
 * What RocksDB said, with @doing before it, as an errno: it gives texts only.
 * Frees the text.  0 when @said is NULL.
 */
int rocks_error(char *said, const char *doing, struct why *why);

/* Options of the whole store. */
rocksdb_options_t *rocks_store_options(const struct config *config);

/* Leaves out of compactions what has expired. */
rocksdb_compactionfilter_t *rocks_expired_filter(void);

/*
 * Those of a column; the filter has to live longer.  @cache may be NULL: one
 * that is not served.
 */
rocksdb_options_t *rocks_column_options(const struct config *config,
					const struct config_cache *cache,
					rocksdb_cache_t *blocks,
					rocksdb_compactionfilter_t *expired);

#endif /* KVCD_ROCKS_H */
