// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "stats.h"

static void set_u64(json_t *object, const char *name, uint64_t value)
{
	json_object_set_new(object, name, json_integer((json_int_t)value));
}

static json_t *flush_of(struct cache *cache)
{
	struct counts *c = &cache->counts;
	json_t *flush = json_object();

	set_u64(flush, "runs", c->runs);
	set_u64(flush, "repeated_runs", c->repeats);
	set_u64(flush, "pairs", c->records);
	set_u64(flush, "tombstones", c->tombstones);
	set_u64(flush, "bytes", c->bytes);
	set_u64(flush, "failures", c->failures);
	return flush;
}

static json_t *reads_of(struct cache *cache)
{
	struct counts *c = &cache->counts;
	json_t *reads = json_object();

	set_u64(reads, "requests", c->gets);
	set_u64(reads, "joined", c->joined);
	set_u64(reads, "lookups", c->lookups);
	set_u64(reads, "found", c->found);
	set_u64(reads, "filled", c->filled);
	set_u64(reads, "fill_refused", c->refused);
	set_u64(reads, "errors", c->errors);
	return reads;
}

static json_t *store_of(struct cache *cache)
{
	static const struct {
		const char *name, *property;
	} figures[] = {
		{ "keys_estimate", "rocksdb.estimate-num-keys" },
		{ "bytes", "rocksdb.live-sst-files-size" },
		{ "bytes_with_old_files", "rocksdb.total-sst-files-size" },
		{ "pending_compaction_bytes",
		  "rocksdb.estimate-pending-compaction-bytes" },
		{ "write_stopped", "rocksdb.is-write-stopped" },
		{ "background_errors", "rocksdb.background-errors" },
		{ "running_compactions", "rocksdb.num-running-compactions" },
	};
	json_t *object = json_object();
	struct mark mark;
	struct why why;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(figures); i++)
		set_u64(object, figures[i].name,
			store_figure(cache->store, cache->column,
				     figures[i].property));
	if (!store_mark(cache->store, cache->column, &mark, &why))
		set_u64(object, "run", mark.run);
	return object;
}

static json_t *state_of(struct cache *cache)
{
	json_t *object = json_object();
	char id[20];

	pthread_mutex_lock(&cache->lock);
	json_object_set_new(object, "name", json_string(cache->name));
	json_object_set_new(object, "attached",
			    json_boolean(cache->front && !cache->front->gone));
	if (cache->front) {
		snprintf(id, sizeof(id), "%016llx",
			 (unsigned long long)cache->front->id);
		json_object_set_new(object, "id", json_string(id));
	}
	if (cache->err) {
		json_object_set_new(object, "errno",
				    json_string(strerrorname_np(-cache->err)));
		json_object_set_new(object, "error",
				    json_string(cache->why.text));
	}
	pthread_mutex_unlock(&cache->lock);
	return object;
}

static json_t *cache_of(struct cache *cache)
{
	json_t *object = state_of(cache);

	json_object_set_new(object, "flush", flush_of(cache));
	json_object_set_new(object, "read_through", reads_of(cache));
	json_object_set_new(object, "store", store_of(cache));
	return object;
}

static json_t *all_of(struct server *server)
{
	json_t *top = json_object(), *caches = json_array();
	size_t i;

	set_u64(top, "version", 1);
	json_object_set_new(top, "store", json_string(server->config->path));
	set_u64(top, "clients", server->connected);
	for (i = 0; i < server->count; i++)
		json_array_append_new(caches, cache_of(&server->caches[i]));
	json_object_set_new(top, "caches", caches);
	return top;
}

int stats_make(struct server *server, struct body **out)
{
	json_t *top = all_of(server);
	char *text = json_dumps(top, JSON_COMPACT);
	int ret = -ENOMEM;

	*out = text ? body_new(strlen(text)) : NULL;
	if (*out) {
		memcpy((*out)->data, text, (*out)->len);
		ret = 0;
	}
	free(text);
	json_decref(top);
	return ret;
}
