// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../tools/kvcd/log.h"
#include "../../tools/kvcd/sst.h"
#include "lib.h"

struct bench bench;

static struct config_cache names[] = {
	{ .name = "a", .compression = rocksdb_lz4_compression,
	  .filter_bits = 10 },
	{ .name = "b" },
};

void shell(const char *command)
{
	char line[512];

	snprintf(line, sizeof(line), command, bench.dir, bench.dir);
	assert_int_equal(system(line), 0);
}

int bench_setup(void **state)
{
	(void)state;
	/* Errors are what is tested; KVCD_LOUD shows them. */
	log_limit(getenv("KVCD_LOUD") ? LOG_DEBUG : -1);
	fake_reset();
	memset(&bench, 0, sizeof(bench));
	snprintf(bench.dir, sizeof(bench.dir), "%s/kvcd.XXXXXX",
		 getenv("KVCD_TMP") ? getenv("KVCD_TMP") : "/tmp");
	if (!mkdtemp(bench.dir))
		return -1;
	bench.config.caches = names;
	bench.config.count = ARRAY_SIZE(names);
	bench.config.block_cache = 1 << 20;
	bench.config.jobs = 2;
	bench.config.readers = 2;
	bench.config.mode = 0600;
	bench.config.gid = -1;
	bench.config.clients = 64;
	bench.config.idle = 3600000000000ull;
	if (asprintf(&bench.config.path, "%s/store", bench.dir) < 0 ||
	    asprintf(&bench.config.staging, "%s/store/staging", bench.dir) < 0 ||
	    asprintf(&bench.config.socket, "%s/socket", bench.dir) < 0)
		return -1;
	return 0;
}

int bench_teardown(void **state)
{
	(void)state;
	bench_unflush();
	if (bench.store)
		bench_close();
	free(bench.config.path);
	free(bench.config.staging);
	free(bench.config.socket);
	shell("rm -rf %s");
	fake_reset();
	return 0;
}

int bench_try_open(struct why *why)
{
	int ret = store_open(&bench.config, &bench.store, why);
	size_t i;

	if (ret)
		return ret;
	for (i = 0; i < ARRAY_SIZE(names); i++)
		cache_init(&bench.caches[i], names[i].name, FAKE_DEVICE,
			   bench.store);
	return 0;
}

void bench_open(void)
{
	struct why why = { "" };

	if (bench_try_open(&why))
		fail_msg("%s", why.text);
}

void bench_close(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		cache_exit(&bench.caches[i]);
	store_close(bench.store);
	bench.store = NULL;
}

int store_setup(void **state)
{
	if (bench_setup(state))
		return -1;
	fake_create("a", KVC_INFO_F_WRITEBEHIND);
	fake_create("b", KVC_INFO_F_WRITEBEHIND);
	bench_open();
	return 0;
}

void bench_flush(void)
{
	assert_int_equal(flusher_start(&bench.flushers[0], &bench.caches[0]), 0);
}

void bench_unflush(void)
{
	if (bench.flushers[0].cache)
		flusher_stop(&bench.flushers[0]);
	bench.flushers[0].cache = NULL;
}

void flush_now(void)
{
	uint64_t run = fake_seal("a");

	assert_true(run);
	assert_true(fake_wait("a", run));
}

void assert_stored(const char *key, const char *value)
{
	struct found found;
	struct why why = { "" };

	if (store_get(bench.store, bench.caches[0].column, key, strlen(key),
		      &found, &why))
		fail_msg("no '%s' in the store: %s", key, why.text);
	assert_int_equal(found.record.value_len, strlen(value));
	assert_memory_equal(found.record.value, value, strlen(value));
	store_release(&found);
}

void assert_not_stored(const char *key)
{
	struct found found;
	struct why why;

	assert_int_equal(store_get(bench.store, bench.caches[0].column, key,
				   strlen(key), &found, &why), -ENOENT);
}

static int add_line(struct sst *sst, const struct line *line, struct why *why)
{
	struct frame_rec rec = {
		.rec.key_len = strlen(line->key),
		.rec.value_len = line->value ? strlen(line->value) : 0,
		.rec.client_flags = 7,
		.rec.version = 9,
		.rec.expiry = line->expiry,
		.rec.flags = line->value ? 0 : KVC_FLUSH_REC_GONE,
		.key = (const unsigned char *)line->key,
		.value = (const unsigned char *)line->value,
	};

	return sst_add(sst, &rec, why);
}

int take_run(struct column *column, uint64_t cache, uint64_t run,
	     const struct line *lines, size_t count)
{
	struct mark mark = { cache, run };
	struct sst sst = { .path = "" };
	struct why why;
	int ret;

	ret = sst_begin(&sst, bench.store, column, &mark, &why);
	for (; !ret && count; count--)
		ret = add_line(&sst, lines++, &why);
	if (!ret)
		ret = sst_finish(&sst, &why);
	if (!ret)
		ret = store_ingest(bench.store, column, sst.path, &why);
	sst_drop(&sst);
	return ret;
}
