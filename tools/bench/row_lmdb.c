// SPDX-License-Identifier: GPL-2.0-only
/* Row lmdb: GET beside a database in shared memory, many pairs */
#include <err.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"
#include "row.h"
#include "store.h"
#include "subject.h"

#define MANY		1000000
#define MANY_QUICK	100000
#define MAP_SIZE	(1ull << 30)
#define DIRECTORY	"/tmp/bench-lmdb"
#define NAME		"benchlmdb"

/**
 * struct tree - a database
 * @env: the file and its mapping
 * @dbi: the database
 * @txn: of all reads: nothing is cheaper
 */
struct tree {
	MDB_env *env;
	MDB_dbi dbi;
	MDB_txn *txn;
};

static void need(int ret, const char *what)
{
	if (ret)
		errx(1, "%s: %s", what, mdb_strerror(ret));
}

static MDB_val bytes(const void *data, size_t len)
{
	return (MDB_val){ len, (void *)data };
}

static void tree_fill(struct tree *t, const struct keys *keys)
{
	char value[VALUE_LEN];
	MDB_val key, data;
	uint32_t i;

	need(mdb_txn_begin(t->env, NULL, 0, &t->txn), "mdb_txn_begin");
	need(mdb_dbi_open(t->txn, NULL, 0, &t->dbi), "mdb_dbi_open");
	for (i = 0; i < keys->count; i++) {
		value_make(value, keys, i, 0);
		key = bytes(keys->bytes[i], KEY_LEN);
		data = bytes(value, VALUE_LEN);
		need(mdb_put(t->txn, t->dbi, &key, &data, MDB_APPEND), "mdb_put");
	}
	need(mdb_txn_commit(t->txn), "mdb_txn_commit");
}

static void tree_make(struct tree *t, const struct keys *keys)
{
	if (mkdir(DIRECTORY, 0700))
		err(1, DIRECTORY);
	need(mdb_env_create(&t->env), "mdb_env_create");
	need(mdb_env_set_mapsize(t->env, MAP_SIZE), "mdb_env_set_mapsize");
	need(mdb_env_open(t->env, DIRECTORY, MDB_NOSYNC, 0600), "mdb_env_open");
	tree_fill(t, keys);
	need(mdb_txn_begin(t->env, NULL, MDB_RDONLY, &t->txn), "mdb_txn_begin");
}

static void tree_end(struct tree *t)
{
	mdb_txn_abort(t->txn);
	mdb_env_close(t->env);
	if (unlink(DIRECTORY "/data.mdb") || unlink(DIRECTORY "/lock.mdb") ||
	    rmdir(DIRECTORY))
		err(1, DIRECTORY);
}

/* Into the caller's buffer, as a GET does it */
static long tree_get(struct tree *t, const char *name, char value[VALUE_LEN])
{
	MDB_val key = bytes(name, KEY_LEN), data;

	if (mdb_get(t->txn, t->dbi, &key, &data) || data.mv_size != VALUE_LEN)
		return -1;
	memcpy(value, data.mv_data, VALUE_LEN);
	return 0;
}

static long run_tree(const struct contender *c, size_t from, size_t to)
{
	char value[VALUE_LEN];
	long failed = 0;
	size_t i;

	for (i = from; i < to; i++)
		failed |= tree_get(c->ctx, sequence_key(c->seq, i), value);
	return failed;
}

static long cache_get(struct kvc *kvc, const char *key, char value[VALUE_LEN])
{
	size_t len = VALUE_LEN;

	return kvc_get(kvc, key, KEY_LEN, value, &len, NULL) | (len != VALUE_LEN);
}

static long run_cache(const struct contender *c, size_t from, size_t to)
{
	char value[VALUE_LEN];
	long failed = 0;
	size_t i;

	for (i = from; i < to; i++)
		failed |= cache_get(c->ctx, sequence_key(c->seq, i), value);
	return failed;
}

static void check(struct tree *t, struct kvc *kvc, const struct keys *keys)
{
	char ours[VALUE_LEN], theirs[VALUE_LEN];
	uint32_t i;

	for (i = 0; i < keys->count; i++)
		if (cache_get(kvc, keys->bytes[i], ours) ||
		    tree_get(t, keys->bytes[i], theirs) ||
		    memcmp(ours, theirs, VALUE_LEN))
			errx(1, "kvcache and LMDB differ in key %u", i);
}

void row_lmdb(const struct bench *bench)
{
	struct sample cache = { .name = "GET" };
	struct sample tree = { .name = "LMDB get" };
	struct sequence seq;
	struct keys keys;
	struct tree t;
	struct kvc *kvc;

	keys_make(&keys, bench->quick ? MANY_QUICK : MANY);
	sequence_uniform(&seq, &keys, bench->ops, bench->seed);
	kvc = store_create(NAME, subject_limit(&keys));
	store_fill(kvc, &keys);
	tree_make(&t, &keys);
	check(&t, kvc, &keys);
	sample_contest((struct contender[]){
		{ &cache, &seq, run_cache, kvc },
		{ &tree, &seq, run_tree, &t },
	}, 2, &bench->rounds);
	report_row(&(struct result){
		.row = "lmdb", .unit = "ns", .ours = &cache, .other = &tree,
		.what = "reads, each of the keys as likely, 16 B, values of 32 B; LMDB in one read transaction",
	});
	report_note("lmdb: %u keys; for scale: LMDB reads without a system call",
		    keys.count);
	tree_end(&t);
	store_destroy(kvc, NAME);
	sequence_free(&seq);
	keys_free(&keys);
}
