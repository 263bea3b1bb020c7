// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl: scan, dump and load. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "ctl.h"
#include "fake.h"

static void test_scan(void **state)
{
	(void)state;
	assert_out("kvcctl scan c", "");
	assert_json("kvcctl -j scan c", "pairs", "[]");
	run("kvcctl put c a 1");
	run("kvcctl put c ab 2");
	run("kvcctl put c b 3");
	run("kvcctl put c c 4");
	fake.page_intr = 2;
	assert_out("kvcctl scan c", "a\t1\nab\t2\nb\t3\nc\t4\n");
	assert_out("kvcctl scan --prefix a c", "a\t1\nab\t2\n");
	assert_out("kvcctl scan --from ab --to c c", "ab\t2\nb\t3\n");
	assert_out("kvcctl scan --after ab --keys c", "b\nc\n");
	assert_out("kvcctl scan --limit 1 c", "a\t1\n");
	assert_json("kvcctl -j scan --keys --limit 1 c", "pairs",
		    "[{\"key\":\"a\",\"value_length\":1,\"flags\":0,\"ttl_ns\":null,\"cas\":1}]");
}

/* Moves the pairs over by dump and load, and gives both caches as JSON. */
static void assert_moved(const char *format)
{
	char line[128], *dumped = malloc(sizeof(last.out));
	size_t len;

	snprintf(line, sizeof(line), "kvcctl dump --format %s c", format);
	assert_int_equal(run(line), 0);
	len = last.out_len;
	memcpy(dumped, last.out, len);
	assert_int_equal(run("kvcctl cache create d limit 64M"), 0);
	snprintf(line, sizeof(line), "kvcctl load --format %s d -", format);
	assert_int_equal(run_with(line, dumped, len), 0);
	snprintf(line, sizeof(line), "kvcctl dump --format %s d", format);
	assert_int_equal(run(line), 0);
	assert_int_equal(last.out_len, len);
	assert_memory_equal(last.out, dumped, len);
	assert_int_equal(run("kvcctl cache destroy d"), 0);
	free(dumped);
}

static void put_random(uint64_t *seed)
{
	static const char digits[] = "0123456789abcdef";
	char line[256] = "kvcctl put c --hex --flags 4294967295 ";
	size_t at = strlen(line), part, i;

	for (part = 0; part < 2; part++) {
		for (i = 2 + 2 * (random_next(seed) % 20); i; i--)
			line[at++] = digits[random_next(seed) % 16];
		line[at++] = part ? '\0' : ' ';
	}
	assert_int_equal(run(line), 0);
}

/* bad input row: tool: keys of any bytes: exact round trip */
static void test_dump_load(void **state)
{
	uint64_t seed = 4711;
	int i;

	(void)state;
	assert_moved("tsv");
	for (i = 0; i < 600; i++)
		put_random(&seed);
	assert_out("kvcctl put c empty", "");
	assert_moved("tsv");
	assert_moved("jsonl");
	/* Several batches, and a kernel that takes few at a time. */
	fake.batch_max = 7;
	assert_moved("tsv");
}

static void test_dump_ttl(void **state)
{
	char dumped[256];
	json_int_t ttl;

	(void)state;
	assert_out("kvcctl put --ttl 1h c k v", "");
	assert_int_equal(run("kvcctl dump c"), 0);
	strcpy(dumped, last.out);
	assert_out("kvcctl cache clear c", "");
	assert_int_equal(run_with("kvcctl -j load c -", dumped, strlen(dumped)),
			 0);
	assert_string_equal(last.out,
			    "{\"version\":1,\"loaded\":1,\"failed\":0}\n");
	ttl = ttl_of("kvcctl -j get c k");
	assert_in_range(ttl, 1, 3600000000000);
}

static void load_fails(const char *line, const char *data, int status,
		       const char *says)
{
	run_with(line, data, strlen(data));
	assert_int_equal(last.status, status);
	if (!strstr(last.err, says))
		fail_msg("'%s' said: %s", line, last.err);
}

static void test_load_errors(void **state)
{
	(void)state;
	load_fails("kvcctl load c -", "a\t1\nb\nc\t3\n", 1, "stdin:2: ");
	assert_out("kvcctl scan c", "a\t1\n");
	load_fails("kvcctl load --keep-going c -", "a\t1\nb\nc\t3", 1,
		   "stdin:2: ");
	assert_out("kvcctl scan c", "a\t1\nc\t3\n");
	fake.put_err = ENOSPC;
	fake.put_err_after = 1;
	load_fails("kvcctl load c -", "a\t1\nb\t2\nc\t3\n", 2,
		   "stdin:2: put: No space");
	assert_null(strstr(last.err, "stdin:3"));
	load_fails("kvcctl load -k c -", "a\t1\nb\t2\nc\t3\n", 2, "stdin:3: ");
	load_fails("kvcctl -j load c -", "a\t1\nb\t2\nc\t3\n", 2, "ENOSPC");
	assert_string_equal(last.out,
			    "{\"version\":1,\"loaded\":0,\"failed\":3}\n");
	load_fails("kvcctl load c /none", "", 2, "/none");
	load_fails("kvcctl load c /", "", 2, "cannot read");
	load_fails("kvcctl load d -", "", 2, "no such cache");
}

#define CASE(f) cmocka_unit_test_setup(f, ctl_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_scan), CASE(test_dump_load), CASE(test_dump_ttl),
		CASE(test_load_errors),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	fake_reset();
	return failed;
}
