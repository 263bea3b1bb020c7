// SPDX-License-Identifier: GPL-2.0-only
/* RocksDB by its C interface: all in one memtable, no write-ahead log */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <rocksdb/c.h>
#include "native.h"

struct store {
	char path[256];
	rocksdb_t *db;
	rocksdb_options_t *options;
	rocksdb_writeoptions_t *write;
	rocksdb_readoptions_t *read;
};

static void need(const char *what, char *error)
{
	if (error)
		native_fail(what, error);
}

static void store_open(struct store *s, const char *directory)
{
	char *error = NULL;

	snprintf(s->path, sizeof(s->path), "%s/kvcache-native-%d", directory,
		 (int)getpid());
	s->options = rocksdb_options_create();
	rocksdb_options_set_create_if_missing(s->options, 1);
	/* Nothing is flushed before that is asked for. */
	rocksdb_options_set_write_buffer_size(s->options, 1UL << 30);
	rocksdb_options_set_compression(s->options, rocksdb_no_compression);
	rocksdb_options_set_disable_auto_compactions(s->options, 1);
	s->write = rocksdb_writeoptions_create();
	rocksdb_writeoptions_disable_WAL(s->write, 1);
	s->read = rocksdb_readoptions_create();
	s->db = rocksdb_open(s->options, s->path, &error);
	need("rocksdb_open", error);
}

static void store_end(struct store *s)
{
	char *error = NULL;

	rocksdb_close(s->db);
	rocksdb_destroy_db(s->options, s->path, &error);
	need("rocksdb_destroy_db", error);
	rocksdb_readoptions_destroy(s->read);
	rocksdb_writeoptions_destroy(s->write);
	rocksdb_options_destroy(s->options);
}

static void put_many(struct store *s, u32 pairs)
{
	char key[KEY_LEN], value[VALUE_LEN];
	char *error = NULL;
	u32 i;

	for (i = 0; i < pairs; i++) {
		native_key((u8 *)key, i);
		memset(value, (u8)i, VALUE_LEN);
		rocksdb_put(s->db, s->write, key, KEY_LEN, value, VALUE_LEN,
			    &error);
		need("rocksdb_put", error);
	}
}

static void get(struct store *s, u64 number, u8 *value)
{
	rocksdb_pinnableslice_t *slice;
	char *error = NULL;
	const char *got;
	u8 key[KEY_LEN];
	size_t len;

	native_key(key, number);
	slice = rocksdb_get_pinned(s->db, s->read, (char *)key, KEY_LEN,
				   &error);
	need("rocksdb_get_pinned", error);
	got = slice ? rocksdb_pinnableslice_value(slice, &len) : NULL;
	if (!got || len != VALUE_LEN || (u8)got[0] != (u8)number)
		native_fail("rocksdb_get_pinned", "not what was put");
	memcpy(value, got, len);
	rocksdb_pinnableslice_destroy(slice);
}

static void run_memtable(struct store *s, u32 pairs, struct figures *figures)
{
	u8 value[VALUE_LEN];
	u64 begin = native_now(), middle;
	u32 i;

	put_many(s, pairs);
	middle = native_now();
	for (i = 0; i < pairs; i++)
		get(s, native_mix(i) % pairs, value);
	figures->insert = (double)(middle - begin) / pairs;
	figures->get = (double)(native_now() - middle) / pairs;
}

static void iterate(struct store *s, u32 pairs)
{
	rocksdb_iterator_t *it = rocksdb_create_iterator(s->db, s->read);
	char *error = NULL;
	size_t len;
	u32 seen = 0;

	for (rocksdb_iter_seek_to_first(it); rocksdb_iter_valid(it);
	     rocksdb_iter_next(it)) {
		rocksdb_iter_key(it, &len);
		rocksdb_iter_value(it, &len);
		seen++;
	}
	rocksdb_iter_get_error(it, &error);
	need("iterator", error);
	rocksdb_iter_destroy(it);
	if (seen != pairs)
		native_fail("iterator", "not what was put");
}

static void run_flush(struct store *s, u32 pairs, struct figures *figures)
{
	rocksdb_flushoptions_t *wait = rocksdb_flushoptions_create();
	char *error = NULL;
	u64 begin, middle;

	rocksdb_flushoptions_set_wait(wait, 1);
	put_many(s, pairs);
	begin = native_now();
	iterate(s, pairs);
	middle = native_now();
	rocksdb_flush(s->db, wait, &error);
	need("rocksdb_flush", error);
	figures->flush = (double)(native_now() - begin) / pairs;
	figures->iterate = (double)(middle - begin) / pairs;
	rocksdb_flushoptions_destroy(wait);
}

void native_rocksdb(const struct load *load, struct figures *figures)
{
	struct store s;

	store_open(&s, load->directory);
	run_memtable(&s, load->memtable, figures);
	store_end(&s);
	store_open(&s, load->directory);
	run_flush(&s, load->flush, figures);
	store_end(&s);
}
