// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dirs.h"
#include "log.h"
#include "rescue.h"
#include "rocks.h"
#include "storage.h"

#define COLUMN_PREFIX	"cache:"

static bool have_column(const struct store *store, const char *name)
{
	size_t i;

	for (i = 0; i < store->count; i++) {
		if (!strcmp(store->columns[i].name, name))
			return true;
	}
	return false;
}

static const struct config_cache *config_of(const struct config *config,
					    const char *name)
{
	size_t i;

	for (i = 0; i < config->count; i++) {
		if (!strcmp(config->caches[i].name, name))
			return &config->caches[i];
	}
	return NULL;
}

static void add_column(struct store *store, const struct config *config,
		       const char *name)
{
	struct column *column = &store->columns[store->count];

	if (have_column(store, name) || strlen(name) >= sizeof(column->name))
		return;
	store->count++;
	strcpy(column->name, name);
	column->options = rocks_column_options(config, config_of(config, name),
					       store->blocks,
					       store->expired);
}

/* Those of the configuration, and all others there are: RocksDB insists. */
static void list_columns(struct store *store, const struct config *config)
{
	size_t len = strlen(COLUMN_PREFIX), count = 0, i;
	char *err = NULL, **names;

	names = rocksdb_list_column_families(store->options, store->base, &count,
					     &err);
	/* No database yet, or one that opening it will tell more of. */
	rocksdb_free(err);
	store->columns = calloc(count + config->count + 1,
				sizeof(*store->columns));
	if (!store->columns)
		abort();
	add_column(store, config, "");
	for (i = 0; i < config->count; i++)
		add_column(store, config, config->caches[i].name);
	for (i = 0; i < count; i++) {
		if (!strncmp(names[i], COLUMN_PREFIX, len))
			add_column(store, config, names[i] + len);
	}
	rocksdb_list_column_families_destroy(names, count);
}

static int open_failed(const struct store *store, char *err, struct why *why)
{
	bool locked = strstr(err, "While lock file") ||
		      strstr(err, "lock hold by");
	struct why said;
	int ret = rocks_error(err, store->path, &said);

	if (locked)
		why_set(why, "%s: is in use by another process: stop it, or set another path in [store]",
			store->path);
	else if (ret == -EUCLEAN)
		why_set(why, "%s; the store is damaged: restore it from a backup, or move it away and begin with an empty one",
			said.text);
	else
		*why = said;
	return locked ? -EBUSY : ret;
}

static int open_once(struct store *store, struct why *why)
{
	rocksdb_column_family_handle_t **handles;
	const rocksdb_options_t **options;
	char **names, *err = NULL;
	size_t i;

	handles = calloc(store->count, sizeof(*handles));
	options = calloc(store->count, sizeof(*options));
	names = calloc(store->count, sizeof(*names));
	if (!handles || !options || !names)
		abort();
	for (i = 0; i < store->count; i++) {
		options[i] = store->columns[i].options;
		if (asprintf(&names[i], "%s%s", i ? COLUMN_PREFIX : "default",
			     store->columns[i].name) < 0)
			abort();
	}
	store->db = rocksdb_open_column_families(store->options, store->base,
		store->count, (const char *const *)names, options, handles, &err);
	for (i = 0; i < store->count; i++) {
		store->columns[i].handle = handles[i];
		free(names[i]);
	}
	free(handles);
	free(options);
	free(names);
	if (err)
		store->db = NULL;
	return err ? open_failed(store, err, why) : 0;
}

int store_connect(struct store *store, struct why *why)
{
	char *file = NULL, *staged;
	size_t i;
	int ret;

	ret = open_once(store, why);
	for (i = 0; ret && (staged = rescue_staged(store->staging, i)); i++) {
		file = rescue_missing(store->base, why->text);
		if (file && !rescue_link(store->base, staged, file)) {
			ret = open_once(store, why);
			if (ret)
				unlink(file);
			else
				log_say(LOG_NOTICE, "put back %s, which the store missed after an error",
					file);
		}
		free(staged);
		free(file);
	}
	return ret;
}

void store_disconnect(struct store *store)
{
	size_t i;

	if (!store->db)
		return;
	rocksdb_cancel_all_background_work(store->db, 1);
	for (i = 0; i < store->count; i++)
		rocksdb_column_family_handle_destroy(store->columns[i].handle);
	rocksdb_close(store->db);
	store->db = NULL;
}

/* Who opens it anew must not wait for ever for those who read. */
static void init_lock(pthread_rwlock_t *lock)
{
	pthread_rwlockattr_t attr;

	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr,
		PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(lock, &attr);
	pthread_rwlockattr_destroy(&attr);
}

static struct store *prepare(const struct config *config)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store || asprintf(&store->base, "%s/db", config->path) < 0)
		abort();
	init_lock(&store->lock);
	store->path = strdup(config->path);
	store->staging = strdup(config->staging);
	store->reserve = config->reserve;
	store->blocks = rocksdb_cache_create_lru(config->block_cache);
	store->expired = rocks_expired_filter();
	store->options = rocks_store_options(config);
	store->read = rocksdb_readoptions_create();
	store->ingest = rocksdb_ingestexternalfileoptions_create();
	rocksdb_ingestexternalfileoptions_set_move_files(store->ingest, 1);
	return store;
}

int store_open(const struct config *config, struct store **out, struct why *why)
{
	struct store *store;
	int ret;

	ret = dirs_make(config, why);
	if (ret)
		return ret;
	store = prepare(config);
	list_columns(store, config);
	ret = store_connect(store, why);
	if (!ret) {
		why_set(why, "%s cannot be synced", store->path);
		ret = dirs_sync(store->path);
	}
	if (ret) {
		store_close(store);
		return ret;
	}
	dirs_clear(store->staging);
	*out = store;
	return 0;
}

void store_close(struct store *store)
{
	size_t i;

	store_disconnect(store);
	for (i = 0; i < store->count; i++)
		rocksdb_options_destroy(store->columns[i].options);
	rocksdb_ingestexternalfileoptions_destroy(store->ingest);
	rocksdb_readoptions_destroy(store->read);
	rocksdb_options_destroy(store->options);
	rocksdb_compactionfilter_destroy(store->expired);
	rocksdb_cache_destroy(store->blocks);
	pthread_rwlock_destroy(&store->lock);
	free(store->columns);
	free(store->staging);
	free(store->base);
	free(store->path);
	free(store);
}
