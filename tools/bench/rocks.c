// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <rocksdb/c.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "rocks.h"

/* One that is written and one that is on its way to a file */
#define MEMTABLES	2

struct rocks {
	rocksdb_t *db;
	rocksdb_options_t *options;
	rocksdb_readoptions_t *reading;
	rocksdb_writeoptions_t *writing;
};

static rocksdb_options_t *options_of(size_t memory)
{
	rocksdb_block_based_table_options_t *table =
		rocksdb_block_based_options_create();
	rocksdb_cache_t *cache = rocksdb_cache_create_lru(memory / 2);
	rocksdb_options_t *options = rocksdb_options_create();

	rocksdb_block_based_options_set_block_cache(table, cache);
	rocksdb_block_based_options_set_filter_policy(
		table, rocksdb_filterpolicy_create_bloom(10));
	rocksdb_options_set_block_based_table_factory(options, table);
	rocksdb_options_set_create_if_missing(options, 1);
	rocksdb_options_set_compression(options, rocksdb_no_compression);
	rocksdb_options_set_max_write_buffer_number(options, MEMTABLES);
	rocksdb_options_set_write_buffer_size(options, memory / 2 / MEMTABLES);
	rocksdb_cache_destroy(cache);
	rocksdb_block_based_options_destroy(table);
	return options;
}

struct rocks *rocks_open(const char *path, size_t memory)
{
	struct rocks *rocks = calloc(1, sizeof(*rocks));
	char *error = NULL;

	if (!rocks)
		err(1, "no memory");
	rocks->options = options_of(memory);
	rocks->reading = rocksdb_readoptions_create();
	rocks->writing = rocksdb_writeoptions_create();
	rocks->db = rocksdb_open(rocks->options, path, &error);
	if (error)
		errx(1, "%s", error);
	return rocks;
}

void rocks_close(struct rocks *rocks)
{
	rocksdb_close(rocks->db);
	rocksdb_writeoptions_destroy(rocks->writing);
	rocksdb_readoptions_destroy(rocks->reading);
	rocksdb_options_destroy(rocks->options);
	free(rocks);
}

int rocks_get(struct rocks *rocks, const char key[KEY_LEN])
{
	char *error = NULL, *value;
	size_t len;

	value = rocksdb_get(rocks->db, rocks->reading, key, KEY_LEN, &len,
			    &error);
	free(value);
	free(error);
	return !value;
}

int rocks_put(struct rocks *rocks, const char key[KEY_LEN], const void *value,
	      size_t len)
{
	char *error = NULL;

	rocksdb_put(rocks->db, rocks->writing, key, KEY_LEN, value, len,
		    &error);
	free(error);
	return !!error;
}
