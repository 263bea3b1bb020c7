// SPDX-License-Identifier: GPL-2.0-only
/* What RocksDB is told, and what it says */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "record.h"
#include "rocks.h"

static int errno_of(const char *said)
{
	static const int numbers[] = {
		ENOSPC, EDQUOT, EFBIG, EROFS, EACCES, EPERM, EMFILE, ENOMEM,
		EAGAIN, ENOTDIR,
	};
	size_t i;

	if (!strncmp(said, "Corruption", 10))
		return -EUCLEAN;
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (strstr(said, strerror(numbers[i])))
			return -numbers[i];
	}
	return -EIO;
}

int rocks_error(char *said, const char *doing, struct why *why)
{
	int err;

	if (!said)
		return 0;
	err = errno_of(said);
	why_set(why, "%s: %s", doing, said);
	rocksdb_free(said);
	return err;
}

/*
 * The log in the store's directory is off, all but what is worse than any
 * message.  Debian builds RocksDB with assertions, and one of them ends the
 * process when the log is written to again after the disk was full.
 */
#define NO_LOG	5

/*
 * Nothing is written but by ingestion, so there is no write-ahead log to sync.
 * use_fsync says by which call files are synced; that they are is no option.
 */
rocksdb_options_t *rocks_store_options(const struct config *config)
{
	rocksdb_options_t *o = rocksdb_options_create();

	rocksdb_options_set_create_if_missing(o, 1);
	rocksdb_options_set_create_missing_column_families(o, 1);
	rocksdb_options_set_paranoid_checks(o, 1);
	rocksdb_options_set_use_fsync(o, config->full_sync);
	rocksdb_options_set_max_background_jobs(o, config->jobs);
	rocksdb_options_set_max_open_files(o, 1024);
	rocksdb_options_set_info_log_level(o, NO_LOG);
	rocksdb_options_set_keep_log_file_num(o, 2);
	return o;
}

static unsigned char is_over(void *state, int level, const char *key,
			     size_t key_len, const char *value, size_t value_len,
			     char **new_value, size_t *new_len,
			     unsigned char *changed)
{
	struct record record;

	(void)state;
	(void)level;
	(void)key;
	(void)new_value;
	(void)new_len;
	*changed = 0;
	return key_len && !record_decode(value, value_len, &record) &&
	       expiry_passed(record.expiry, clock_real());
}

static const char *filter_name(void *state)
{
	(void)state;
	return "kvcd.expired";
}

static void no_state(void *state)
{
	(void)state;
}

rocksdb_compactionfilter_t *rocks_expired_filter(void)
{
	return rocksdb_compactionfilter_create(NULL, no_state, is_over,
					       filter_name);
}

rocksdb_options_t *rocks_column_options(const struct config *config,
					const struct config_cache *cache,
					rocksdb_cache_t *blocks,
					rocksdb_compactionfilter_t *expired)
{
	rocksdb_block_based_table_options_t *table;
	rocksdb_options_t *o = rocks_store_options(config);

	if (cache)
		rocksdb_options_set_compression(o, cache->compression);
	rocksdb_options_set_compaction_filter(o, expired);
	table = rocksdb_block_based_options_create();
	rocksdb_block_based_options_set_block_cache(table, blocks);
	if (cache && cache->filter_bits)
		rocksdb_block_based_options_set_filter_policy(table,
			rocksdb_filterpolicy_create_bloom_full(cache->filter_bits));
	rocksdb_options_set_block_based_table_factory(o, table);
	rocksdb_block_based_options_destroy(table);
	return o;
}
