// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl: write-behind caches, and the store behind them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "ctl.h"
#include "fake.h"
#include "fake_behind.h"
#include "fake_kvcd.h"
#include "util.h"

static struct cache *cache;

static void flushed(void)
{
	fake_lock();
	behind_commit(cache);
	behind_evict(cache);
	fake_unlock();
}

static int setup(void **state)
{
	(void)state;
	fake_reset();
	fake_kvcd_reset();
	fake_kvcd_start();
	assert_int_equal(run("kvcctl cache create w limit 64M writebehind"), 0);
	cache = fake_cache("w");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_kvcd_stop();
	fake_reset();
	return 0;
}

static void test_settings(void **state)
{
	(void)state;
	assert_int_equal(run("kvcctl cache create v limit 64M writebehind memtable 8M runs 3 flush-ms 250"),
			 0);
	assert_int_equal(run("kvcctl cache show v"), 0);
	assert_non_null(strstr(last.out,
			       "\tmemtable 8M\n\truns 3\n\tflush-ms 250\n\twritebehind\n"));
	assert_json("kvcctl -j cache show v", "memtable", "8388608");
	assert_json("kvcctl -j cache show v", "runs", "3");
	assert_json("kvcctl -j cache show v", "flush_ms", "250");
	assert_json("kvcctl -j cache show v", "writebehind", "true");
	assert_out("kvcctl cache set v runs 4 flush-ms 1000 memtable 16M", "");
	assert_json("kvcctl -j cache show v", "runs", "4");
	assert_json("kvcctl -j cache show v", "writebehind", "true");
	assert_fails("kvcctl cache set v writebehind", 1, "only be said at create");
	/* The words that are shown make such a cache again. */
	assert_int_equal(run("kvcctl cache create c limit 64M"), 0);
	assert_int_equal(run("kvcctl cache show c"), 0);
	assert_null(strstr(last.out, "runs"));
	assert_json("kvcctl -j cache show c", "writebehind", "false");
	assert_json("kvcctl -j cache show c", "runs", "0");
	assert_fails("kvcctl cache create d limit 64M memtable 8M", 2,
		     "cache.memtable: for write-behind caches");
	assert_int_equal(run("kvcctl cache list"), 0);
	assert_non_null(strstr(last.out, "0600 writebehind\n"));
	assert_non_null(strstr(last.out, "0600 cache\n"));
}

static void test_figures(void **state)
{
	(void)state;
	run("kvcctl put w k v");
	assert_json("kvcctl -j stats w", "dirty_entries", "1");
	assert_json("kvcctl -j stats w", "runs_waiting", "3");
	assert_json("kvcctl -j stats w", "flusher", "false");
	assert_json("kvcctl -j stats w", "flush_error", "null");
	assert_int_equal(run("kvcctl stats w"), 0);
	assert_non_null(strstr(last.out, "\ndirty       pairs 1, bytes"));
	assert_non_null(strstr(last.out, "\nflusher     none\n"));
	fake.flusher = true;
	fake.flush_error = ENOSPC;
	assert_json("kvcctl -j stats w", "flusher", "true");
	assert_json("kvcctl -j stats w", "flush_error", "\"ENOSPC\"");
	assert_int_equal(run("kvcctl stats w"), 0);
	assert_non_null(strstr(last.out,
			       "there, last error: No space left on device\n"));
	run("kvcctl cache create c limit 64M");
	assert_int_equal(run("kvcctl stats c"), 0);
	assert_null(strstr(last.out, "flusher"));
	assert_json("kvcctl -j stats c", "dirty_entries", "0");
}

static void test_destroy(void **state)
{
	(void)state;
	run("kvcctl put w k v");
	run("kvcctl del w gone");
	assert_fails("kvcctl cache destroy w", 2,
		     "cache destroy 'w': 2 pairs are not in the store");
	assert_fails("kvcctl cache destroy w", 2, "kvcctl cache flush");
	assert_fails("kvcctl cache destroy w", 2, "--discard-dirty");
	assert_out("kvcctl cache destroy --discard-dirty w", "");
	assert_fails("kvcctl cache destroy --discard-dirty w", 2,
		     "no such cache");
	assert_int_equal(run("kvcctl cache create w limit 64M writebehind"), 0);
	run("kvcctl put w k v");
	assert_int_equal(run("kvcctl cache flush w"), 0);
	assert_out("kvcctl cache destroy w", "");
}

static void test_flush(void **state)
{
	(void)state;
	assert_out("kvcctl cache flush w", "");
	run("kvcctl put w k v");
	fake.flusher = true;
	fake.fsync_err = ENOSPC;
	assert_fails("kvcctl cache flush w", 2,
		     "the store could not take it: No space left on device");
	assert_fails("kvcctl cache flush w", 2, "still in the cache");
	fake.fsync_err = 0;
	fake.fsync_intr = 2;
	assert_out("kvcctl cache flush w", "");
	assert_int_equal(behind_dirty(cache), 0);
	/* Who waits for nobody is told so. */
	fake.flusher = false;
	run("kvcctl put w k v");
	assert_int_equal(run("kvcctl cache flush w"), 0);
	assert_string_equal(last.err,
			    "kvcctl: waiting: no flusher, is kvcd running?\n");
	run("kvcctl put w k v");
	assert_int_equal(run("kvcctl -j cache flush w"), 0);
	assert_string_equal(last.err,
			    "{\"version\":1,\"note\":\"waiting: no flusher, is kvcd running?\"}\n");
	run("kvcctl cache create c limit 64M");
	assert_fails("kvcctl cache flush c", 2, "not a write-behind cache");
	assert_fails("kvcctl cache flush none", 2, "no such cache");
}

/* Each command finds what only the store has. */
static void test_through(void **state)
{
	(void)state;
	assert_out("kvcctl put --hex w 00ff 2d0061", "");
	flushed();
	assert_out("kvcctl get --hex w 00ff", "2d0061\n");
	flushed();
	assert_out("kvcctl get --base64 w AP8=", "LQBh\n");
	flushed();
	assert_json("kvcctl -j get --hex w 00ff", "value_hex", "\"2d0061\"");
	flushed();
	assert_out("kvcctl scan --hex w", "00ff\t2d0061\n");
	assert_out("kvcctl dump w", "\\0\\xff\t-\\0a\t0\t0\n");
	assert_fails("kvcctl put --create --hex w 00ff 00", 2, "already");
	flushed();
	assert_out("kvcctl put --replace --hex w 00ff 01", "");
	flushed();
	assert_out("kvcctl touch --hex w 00ff 1h", "");
	assert_in_range(ttl_of("kvcctl -j get --hex w 00ff"), 1, 3600000000000);
	flushed();
	assert_fails("kvcctl del --cas 1 --hex w 00ff", 2, "changed meanwhile");
	assert_out("kvcctl del --hex w 00ff", "");
	assert_fails("kvcctl get --hex w 00ff", 3, "no key");
	assert_out("kvcctl scan w", "");
	assert_fails("kvcctl touch w none 1h", 3, "no key");
}

static void test_cache_only(void **state)
{
	(void)state;
	run("kvcctl put w k v");
	flushed();
	run("kvcctl put w l w");
	assert_fails("kvcctl get --cache-only w k", 3, "no key");
	assert_fails("kvcctl put --create --cache-only w k v", 2,
		     "the cache knows nothing of the key");
	assert_fails("kvcctl touch --cache-only w k 1h", 2,
		     "leave --cache-only out");
	assert_fails("kvcctl del --cas 7 --cache-only w k", 2, "knows nothing");
	assert_out("kvcctl scan --cache-only w", "l\tw\n");
	assert_out("kvcctl dump --cache-only w", "l\tw\t0\t0\n");
	assert_int_equal(fake_kvcd.connections, 0);
	assert_out("kvcctl scan w", "k\tv\nl\tw\n");
}

static void test_store(void **state)
{
	(void)state;
	run("kvcctl put w k v");
	run("kvcctl put w key w");
	assert_fails("kvcctl store get w k", 3, "no key 'k' in 'w'");
	assert_out("kvcctl store scan w", "");
	flushed();
	run("kvcctl put w k newer");
	assert_out("kvcctl store get w k", "v");
	assert_out("kvcctl store get --hex w 6b", "76\n");
	assert_json("kvcctl -j store get w k", "value", "\"v\"");
	assert_out("kvcctl store scan w", "k\tv\nkey\tw\n");
	assert_out("kvcctl store scan --prefix ke w", "key\tw\n");
	assert_out("kvcctl store scan --keys --limit 1 w", "k\n");
	assert_out("kvcctl scan w", "k\tnewer\nkey\tw\n");
	assert_json("kvcctl -j store scan --keys --after k w", "pairs",
		    "[{\"key\":\"key\",\"value_length\":1,\"flags\":0,\"ttl_ns\":null,\"cas\":2}]");
	assert_out("kvcctl store compact w", "");
	assert_int_equal(fake_kvcd.compacted, 1);
}

static void test_store_stats(void **state)
{
	(void)state;
	fake_kvcd.stats =
		"{\"version\":1,\"store\":\"/s\",\"clients\":2,\"caches\":[{\"name\":\"w\",\"attached\":true,\"flush\":{\"runs\":3}},{\"name\":\"v\",\"attached\":false,\"error\":null}]}";
	assert_out("kvcctl store stats",
		   "store /s\nclients 2\n"
		   "caches w\n\tattached yes\n\tflush\n\t\truns 3\n"
		   "caches v\n\tattached no\n\terror -\n");
	assert_json("kvcctl -j store stats", "clients", "2");
	assert_json("kvcctl -j store stats", "caches",
		    "[{\"name\":\"w\",\"attached\":true,\"flush\":{\"runs\":3}},{\"name\":\"v\",\"attached\":false,\"error\":null}]");
	fake_kvcd.stats = "[]";
	assert_fails("kvcctl store stats", 2, "no JSON object");
	fake_kvcd.stats = "{";
	assert_fails("kvcctl -j store stats", 2, "EPROTO");
	/* It takes no module. */
	fake_kvcd.stats = "{\"version\":1}";
	fake.absent = true;
	assert_out("kvcctl store stats", "");
	assert_fails("kvcctl store get w k", 4, "modprobe");
}

/* Without kvcd: a status and a hint of its own, and only where it is needed. */
static void test_absent(void **state)
{
	static const char *const lines[] = {
		"kvcctl get w k", "kvcctl put --create w k v",
		"kvcctl put --cas 1 w k v", "kvcctl del --cas 1 w k",
		"kvcctl touch w k 1h", "kvcctl scan w", "kvcctl -j scan w",
		"kvcctl dump w", "kvcctl store stats", "kvcctl store get w k",
		"kvcctl store scan w", "kvcctl store compact w",
		"kvcctl get --socket /tmp/none w k",
	};
	char line[128];
	size_t i;

	(void)state;
	fake_kvcd_stop();
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_fails(lines[i], 4, "the store daemon does not answer");
		assert_fails(lines[i], 4, "start kvcd");
		if (!strstr(lines[i], "--socket"))
			assert_fails(lines[i], 4, fake_kvcd_path());
	}
	assert_fails("kvcctl get --socket /tmp/none w k", 4, "/tmp/none");
	assert_out("kvcctl put w k v", "");
	assert_out("kvcctl get w k", "v");
	assert_out("kvcctl del w k", "");
	assert_fails("kvcctl -j get w l", 4, "\"errno\":\"EHOSTDOWN\"");
	/* The path on the command line is taken before the environment's. */
	fake_kvcd_start();
	setenv("KVC_KVCD_SOCKET", "/tmp/none", 1);
	assert_fails("kvcctl get w l", 4, "/tmp/none");
	snprintf(line, sizeof(line), "kvcctl get --socket %s w l",
		 fake_kvcd_path());
	assert_fails(line, 3, "no key");
	snprintf(line, sizeof(line), "kvcctl store stats --socket %s",
		 fake_kvcd_path());
	assert_out(line, "");
}

static void test_wrong(void **state)
{
	(void)state;
	fake_kvcd.fault = FAULT_MAGIC;
	assert_fails("kvcctl get w k", 2, "makes no sense");
	assert_fails("kvcctl scan w", 2, "is not kvcd");
	assert_fails("kvcctl store stats", 2, "makes no sense");
	fake_kvcd.fault = FAULT_NONE;
	fake_kvcd.result = -EIO;
	assert_fails("kvcctl get w l", 2, "the store cannot be read");
	assert_fails("kvcctl scan w", 2, "kvcd's log");
	fake_kvcd.result = 0;
	fake_kvcd.attach_err = -ENOENT;
	assert_fails("kvcctl get w l", 4, "does not serve this cache");
	fake_kvcd.attach_err = 0;
	fake_kvcd.no_fill = UINT32_MAX;
	assert_fails("kvcctl put --create w l v", 2, "could not be kept");
}

static void test_usage(void **state)
{
	static const char *const lines[] = {
		"kvcctl store", "kvcctl store none", "kvcctl store stats w",
		"kvcctl store get w", "kvcctl store scan",
		"kvcctl store compact", "kvcctl store get --cache-only w k",
		"kvcctl cache flush", "kvcctl cache show --discard-dirty w",
		"kvcctl load --cache-only w -", "kvcctl get --socket",
		"kvcctl cache create x limit 1M runs",
		"kvcctl cache create x limit 1M flush-ms 1s",
		"kvcctl cache set w nowritebehind",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++)
		assert_fails(lines[i], 1, "kvcctl: ");
}

static void test_full(void **state)
{
	(void)state;
	fake_kvcd.stats = "{\"version\":1,\"store\":\"/s\"}";
	run("kvcctl put w k v");
	flushed();
	assert_full("kvcctl get w k");
	assert_full("kvcctl store get w k");
	assert_full("kvcctl store scan w");
	assert_full("kvcctl store stats");
	assert_full("kvcctl -j store stats");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_settings), CASE(test_figures), CASE(test_destroy),
		CASE(test_flush), CASE(test_through), CASE(test_cache_only),
		CASE(test_store), CASE(test_store_stats), CASE(test_absent),
		CASE(test_wrong), CASE(test_usage), CASE(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
