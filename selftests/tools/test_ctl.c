// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl: caches, keys, usage, figures, and output that fails. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "ctl.h"
#include "fake.h"
#include "fake_nl.h"
#include "util.h"

/* C4, the tool's part: what an operator does with caches */
static void test_cache(void **state)
{
	(void)state;
	assert_int_equal(run("kvcctl cache create b limit 1G tier 256M policy s3fifo mode 0640"),
			 0);
	assert_int_equal(run("kvcctl cache create a limit 64K owner 7 group 8 key-max 250 events 8K noevict"),
			 0);
	assert_out("kvcctl cache show a",
		   "a\n\tlimit 64K\n\ttier 0\n\ttier-min 0\n\ttier-max 0\n"
		   "\tpolicy default\n\towner lp\n\tgroup mail\n\tmode 0600\n"
		   "\tkey-max 250\n\tvalue-max 1M\n\twindow 0\n"
		   "\tbypass-off 0\n\tbypass-on 0\n\tgrow 0\n\tevents 8K\n"
		   "\tnoevict\n");
	assert_json("kvcctl -j cache show a", "uid", "7");
	assert_json("kvcctl -j cache show a", "noevict", "true");
	assert_int_equal(run("kvcctl cache set a evict"), 0);
	assert_int_equal(fake_calls.given, 1u << KVC_A_CACHE_FLAGS |
					   1u << KVC_A_CACHE_NAME);
	assert_json("kvcctl -j cache show a", "noevict", "false");
	assert_json("kvcctl -j cache show b", "policy", "\"s3fifo\"");
	assert_json("kvcctl -j cache show b", "mode", "\"0640\"");
	assert_json("kvcctl -j cache show b", "static", "false");
	assert_int_equal(run("kvcctl cache set b static mode 0600 limit 2G"),
			 0);
	assert_json("kvcctl -j cache show b", "static", "true");
	assert_json("kvcctl -j cache show b", "limit", "2147483648");
	assert_json("kvcctl -j cache show b", "tier", "268435456");
	assert_int_equal(run("kvcctl -p cache list"), 0);
	assert_non_null(strstr(last.out, "\n  \"caches\": ["));
	assert_int_equal(run("kvcctl cache list"), 0);
	assert_non_null(strstr(last.out, "\nb  "));
	assert_out("kvcctl cache destroy b", "");
	assert_fails("kvcctl cache destroy b", 2, "no such cache");
}

static void test_cache_clear(void **state)
{
	(void)state;
	assert_out("kvcctl put c k v", "");
	assert_out("kvcctl cache clear c", "");
	assert_fails("kvcctl get c k", 3, "no key");
}

static void test_cache_refused(void **state)
{
	(void)state;
	assert_fails("kvcctl cache create c limit 64M", 2, "there is one");
	assert_fails("kvcctl cache create d limit 1K", 2,
		     "cache create 'd': cache.limit: 64 KiB to 64 TiB");
	assert_fails("kvcctl cache create d limit 1K", 2, "64K or more");
	assert_fails("kvcctl cache show d", 2, "no such cache");
	assert_fails("kvcctl cache set d mode 0600", 2, "no such cache");
	assert_fails("kvcctl get d k", 2, "no such cache");
	assert_fails("kvcctl stats d", 2, "no such cache");
}

static void test_usage(void **state)
{
	static const char *const lines[] = {
		"kvcctl cache", "kvcctl cache none", "kvcctl none",
		"kvcctl get", "kvcctl get c", "kvcctl get c k k",
		"kvcctl --none", "kvcctl get --none c k", "kvcctl get c -k",
		"kvcctl get --prefix x c k", "kvcctl put c k v --ttl",
		"kvcctl put c k v --ttl soon", "kvcctl put c k v --ttl 0",
		"kvcctl put c k v --ttl 400d --ttl 200000d",
		"kvcctl put c k v --flags 4294967296",
		"kvcctl put c k v --create --replace",
		"kvcctl put c k v --create --cas 1",
		"kvcctl put c k v -i /dev/null", "kvcctl put c k --cas x",
		"kvcctl get c 0g --hex", "kvcctl get c Zg --base64",
		"kvcctl get c 00 --hex --base64", "kvcctl touch c k",
		"kvcctl touch c k x", "kvcctl scan", "kvcctl scan c --limit 0",
		"kvcctl scan c --prefix a --from b", "kvcctl load c",
		"kvcctl dump c --format xml", "kvcctl stats c --count 2",
		"kvcctl stats c --interval 0", "kvcctl cache create",
		"kvcctl cache create d", "kvcctl cache create d limit",
		"kvcctl cache create d limit 0", "kvcctl cache create d limit 1X",
		"kvcctl cache create d limit 99999999999999999999",
		"kvcctl cache create d limit 1M policy best",
		"kvcctl cache create d limit 1M mode 0888",
		"kvcctl cache create d limit 1M mode 01000",
		"kvcctl cache create d limit 1M owner nobody-of-that-name",
		"kvcctl cache create d limit 1M owner 4294967295",
		"kvcctl cache create d limit 1M value-max 4G",
		"kvcctl cache create d limit 1M lively",
		"kvcctl cache create 0123456789012345678901234567890123456789012345678901234567890123 limit 1M",
		"kvcctl cache set c", "kvcctl cache set c policy lru",
		"kvcctl cache set c events 8K", "kvcctl cache set c noevents",
		"kvcctl monitor --reason none c", "kvcctl monitor --since 0",
		"kvcctl events", "kvcctl fence c", "kvcctl fence c soon",
		"kvcctl purge", "kvcctl purge c", "kvcctl purge c k --dry-run",
		"kvcctl purge c k --prefix k", "kvcctl purge --ring r",
		"kvcctl purge --ring r --prefix k", "kvcctl ring",
		"kvcctl ring add r n weight 1", "kvcctl ring create r mode none",
		"kvcctl ring place r", "kvcctl heartbeat --count 2",
		"kvcctl node report r n maybe",
		"kvcctl cache list c",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(lines); i++)
		assert_fails(lines[i], 1, "kvcctl: ");
	run("kvcctl");
	assert_int_equal(last.status, 1);
	assert_int_equal(last.out_len, 0);
}

static void test_help(void **state)
{
	(void)state;
	assert_int_equal(run("kvcctl help"), 0);
	assert_non_null(strstr(last.out, "kvcctl cache create NAME"));
	assert_int_equal(run("kvcctl get -h"), 0);
	assert_non_null(strstr(last.out, "kvcctl cache create NAME"));
	assert_int_equal(run("kvcctl -V"), 0);
	assert_memory_equal(last.out, "kvcctl ", 7);
	assert_json("kvcctl -jV", "kvcctl", "\"" KVC_TOOLS_VERSION "\"");
}

static void test_absent(void **state)
{
	json_t *json, *error;

	(void)state;
	assert_fails("kvcctl -D /dev/null get c k", 4, "modprobe kvcache");
	fake.absent = true;
	assert_fails("kvcctl get c k", 4, "modprobe kvcache");
	assert_fails("kvcctl stats c", 4, "modprobe kvcache");
	assert_fails("kvcctl -j cache list", 4, "modprobe kvcache");
	json = parse_json(last.err);
	error = json_object_get(json, "error");
	assert_string_equal(json_string_value(json_object_get(error, "errno")),
			    "ENOENT");
	json_decref(json);
	fake.absent = false;
	fake.open_err = EACCES;
	assert_fails("kvcctl get c k", 2, "group");
}

static void test_get_put(void **state)
{
	(void)state;
	assert_out("kvcctl put c k v", "");
	assert_out("kvcctl get c k", "v");
	assert_out("kvcctl get --hex c 6b", "76\n");
	assert_out("kvcctl -- get --base64 c aw==", "dg==\n");
}

static void test_coded(void **state)
{
	(void)state;
	assert_out("kvcctl put --hex c 00ff0a09 2d0061", "");
	assert_out("kvcctl get --hex c 00FF0A09", "2d0061\n");
	assert_out("kvcctl get --base64 c AP8KCQ==", "LQBh\n");
	assert_out("kvcctl scan c", "\\0\\xff\\n\\t\t-\\0a\n");
	assert_out("kvcctl scan --hex c", "00ff0a09\t2d0061\n");
	assert_int_equal(run("kvcctl get --raw --hex c 00ff0a09"), 0);
	assert_string_equal(last.out, "2d0061");
	assert_json("kvcctl -j get --hex c 00ff0a09", "key_hex", "\"00ff0a09\"");
	assert_json("kvcctl -j scan c", "pairs",
		    "[{\"key_base64\":\"AP8KCQ==\",\"value\":\"-\\u0000a\",\"flags\":0,\"ttl_ns\":null,\"cas\":1}]");
	assert_out("kvcctl put c -- -k -v", "");
	assert_out("kvcctl get c -- -k", "-v");
	assert_out("kvcctl del -- c -k", "");
	assert_fails("kvcctl get c -- -k", 3, "no key '-k'");
}

static void test_put_stdin(void **state)
{
	char data[100000];
	uint64_t seed = 99;

	(void)state;
	random_bytes(&seed, (unsigned char *)data, sizeof(data));
	assert_int_equal(run_with("kvcctl put c k", data, sizeof(data)), 0);
	assert_int_equal(run("kvcctl get c k"), 0);
	assert_int_equal(last.out_len, sizeof(data));
	assert_memory_equal(last.out, data, sizeof(data));
	assert_int_equal(run_with("kvcctl put c k -i -", "x\n", 2), 0);
	assert_out("kvcctl get c k", "x\n");
	assert_out("kvcctl put c k -i /dev/null", "");
	assert_out("kvcctl get c k", "");
	assert_fails("kvcctl put c k -i /none", 2, "/none");
	assert_fails("kvcctl put c k -i /", 2, "cannot read");
}

static void test_put_how(void **state)
{
	(void)state;
	assert_fails("kvcctl put --replace c k v", 3, "no key");
	assert_fails("kvcctl put --cas 1 c k v", 3, "no key");
	assert_json("kvcctl -j put --create --flags 0x10 c k v", "cas", "1");
	assert_fails("kvcctl put --create c k v", 2, "already");
	assert_out("kvcctl put --replace c k w", "");
	assert_fails("kvcctl put --cas 1 c k v", 2, "changed meanwhile");
	assert_out("kvcctl put --cas 2 --flags 9 c k x", "");
	assert_json("kvcctl -j get c k", "flags", "9");
	assert_json("kvcctl -j get c k", "cas", "3");
	assert_fails("kvcctl del --cas 2 c k", 2, "changed meanwhile");
	assert_out("kvcctl del --cas 3 c k", "");
	assert_fails("kvcctl del c k", 3, "no key");
}

static void test_ttl(void **state)
{
	json_int_t ttl;

	(void)state;
	assert_out("kvcctl put --ttl 1h c k v", "");
	ttl = ttl_of("kvcctl -j get c k");
	assert_in_range(ttl, 1, 3600000000000);
	assert_out("kvcctl touch c k 2h", "");
	ttl = ttl_of("kvcctl -j get c k");
	assert_in_range(ttl, 3600000000001, 7200000000000);
	assert_out("kvcctl touch c k never", "");
	assert_json("kvcctl -j get c k", "ttl_ns", "null");
	assert_fails("kvcctl touch c none never", 3, "no key");
	assert_out("kvcctl put --ttl 1ns c k v", "");
	assert_fails("kvcctl get c k", 3, "no key");
}

static void test_stats(void **state)
{
	(void)state;
	run("kvcctl put c a 1");
	run("kvcctl put c b 1");
	run("kvcctl get c a");
	run("kvcctl get c none");
	run("kvcctl del c b");
	assert_json("kvcctl -j stats c", "gets", "2");
	assert_json("kvcctl -j stats c", "misses", "1");
	assert_json("kvcctl -j stats c", "hit_rate", "0.5");
	assert_json("kvcctl -j stats c", "puts", "2");
	assert_json("kvcctl -j stats c", "deletes", "1");
	assert_json("kvcctl -j stats c", "entries", "1");
	assert_json("kvcctl -j stats c", "bypass", "false");
	assert_int_equal(run("kvcctl stats c"), 0);
	assert_non_null(strstr(last.out, "50.0 %"));
	assert_int_equal(run("kvcctl stats --interval 1ms --count 3 c"), 0);
	assert_non_null(strstr(last.out, "gets/s"));
	assert_json("kvcctl -j stats --interval 1ms --count 1 c", "gets", "2");
}

/* Output that cannot be written is no success. */
static void test_full(void **state)
{
	static const char *const lines[] = {
		"kvcctl get c k", "kvcctl -j get c k", "kvcctl scan c",
		"kvcctl -j scan c", "kvcctl dump c", "kvcctl dump c /dev/full",
		"kvcctl stats c", "kvcctl -j stats c", "kvcctl cache list",
		"kvcctl cache show c", "kvcctl -j put c k v", "kvcctl help",
		"kvcctl -V",
	};
	size_t i;

	(void)state;
	assert_out("kvcctl put c k v", "");
	for (i = 0; i < ARRAY_SIZE(lines); i++)
		assert_full(lines[i]);
}

/* Also what is longer than the buffer, in which the error comes earlier. */
static void test_full_long(void **state)
{
	static const char data[50000];

	(void)state;
	assert_int_equal(run_with("kvcctl put c k", data, sizeof(data)), 0);
	assert_full("kvcctl get c k");
	assert_full("kvcctl scan c");
	assert_full("kvcctl dump c");
}

#define CASE(f) cmocka_unit_test_setup(f, ctl_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_cache), CASE(test_cache_clear),
		CASE(test_cache_refused), CASE(test_usage), CASE(test_help),
		CASE(test_absent), CASE(test_get_put), CASE(test_coded),
		CASE(test_put_stdin), CASE(test_put_how), CASE(test_ttl),
		CASE(test_stats), CASE(test_full), CASE(test_full_long),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	fake_reset();
	return failed;
}
