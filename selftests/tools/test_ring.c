// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl: rings, nodes, purges on them, with servers that this test plays. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"
#include "ctl.h"
#include "fake.h"
#include "fake_nl.h"
#include "ketama.h"
#include "mc.h"
#include "util.h"

#define TEMPLATE	"/tmp/kvc-ring-XXXXXX"

static char dir[sizeof(TEMPLATE)];
static int server;

/* One line in, one line out; every line is kept in the file "seen". */
static void serve(int fd, FILE *seen)
{
	FILE *in = fdopen(fd, "r+");
	char line[512];

	while (fgets(line, sizeof(line), in)) {
		fputs(line, seen);
		fflush(seen);
		fseek(in, 0, SEEK_CUR);
		if (!strncmp(line, "version", 7))
			fputs("VERSION 1.2.3\r\n", in);
		else if (!strncmp(line, "flush_all", 9))
			fputs("OK\r\n", in);
		else if (!strncmp(line, "delete there", 12))
			fputs("DELETED\r\n", in);
		else if (!strncmp(line, "delete odd", 10))
			fputs("ERROR\r\n", in);
		else
			fputs("NOT_FOUND\r\n", in);
		fflush(in);
		fseek(in, 0, SEEK_CUR);
	}
	fclose(in);
}

static int listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(at.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static int start(void **state)
{
	char path[64];
	int fd, peer;

	(void)state;
	strcpy(dir, TEMPLATE);
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/a", dir);
	fd = listen_at(path);
	server = fork();
	if (server) {
		close(fd);
		return 0;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(path, sizeof(path), "%s/seen", dir);
	for (;;) {
		peer = accept(fd, NULL, NULL);
		if (peer < 0)
			_exit(1);
		serve(peer, fopen(path, "a"));
	}
}

static int stop(void **state)
{
	char command[64];

	(void)state;
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	fake_reset();
	return system(command);
}

/* What the server was told since the last time. */
static const char *seen(void)
{
	static char text[4096];
	char path[64];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/seen", dir);
	file = fopen(path, "r+");
	if (!file)
		return "";
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	assert_int_equal(ftruncate(fileno(file), 0), 0);
	fclose(file);
	return text;
}

/* A ring r of node a, which answers, and node b, which does not. */
static int ring_setup(void **state)
{
	char line[256];

	ctl_setup(state);
	seen();
	assert_int_equal(run("kvcctl ring create r points 160"), 0);
	snprintf(line, sizeof(line), "kvcctl ring add r a address %s/a", dir);
	assert_int_equal(run(line), 0);
	snprintf(line, sizeof(line), "kvcctl ring add r b address %s/b", dir);
	assert_int_equal(run(line), 0);
	return 0;
}

static void test_ring(void **state)
{
	(void)state;
	assert_json("kvcctl -j ring list", "version", "1");
	assert_json("kvcctl -j ring show r", "node_count", "2");
	assert_json("kvcctl -j ring show r", "mode", "\"active\"");
	assert_int_equal(run("kvcctl ring show r"), 0);
	assert_non_null(strstr(last.out, "\n\tvalidity 10s\n"));
	assert_int_equal(run("kvcctl -j node list r"), 0);
	assert_non_null(strstr(last.out, "\"age_ns\":null"));
	assert_int_equal(run("kvcctl node list r"), 0);
	assert_non_null(strstr(last.out, "\nb  "));
	assert_fails("kvcctl ring create r", 2, "there is one of that name");
	assert_fails("kvcctl ring show s", 2, "no such ring");
	assert_fails("kvcctl node down r none", 2, "no such node");
	assert_out("kvcctl ring remove r b", "");
	assert_json("kvcctl -j ring show r", "node_count", "1");
	assert_out("kvcctl ring destroy r", "");
	assert_fails("kvcctl ring destroy r", 2, "no such ring");
}

/* C4; P5, P18 */
static void test_purge(void **state)
{
	char line[256];

	(void)state;
	assert_int_equal(run("kvcctl purge --ring r there"), 0);
	assert_string_equal(seen(), "delete there\r\n");
	assert_non_null(strstr(last.out, "\tfailed, deferred\n"));
	assert_int_equal(fake_calls.defer, 1);
	assert_out("kvcctl deferred list r", "2\t5.0\tthere\n");
	assert_json("kvcctl -j deferred list r b", "deferrals",
		    "[{\"node\":2,\"key\":\"there\",\"seq\":1,\"left_ns\":5000000000}]");
	/* An answer that is none is a failure, too. */
	assert_out("kvcctl ring remove r b", "");
	assert_int_equal(run("kvcctl -j purge --ring r odd"), 0);
	assert_non_null(strstr(last.out, "\"result\":\"failed, deferred\""));
	assert_int_equal(fake_calls.defer, 2);
	seen();
	snprintf(line, sizeof(line), "kvcctl purge --ring r there --source false");
	assert_fails(line, 2, "the source command failed");
	assert_string_equal(seen(), "");
	assert_int_equal(run("kvcctl purge --ring r there --source true"), 0);
	assert_string_equal(seen(), "delete there\r\n");
}

static void test_purge_dry(void **state)
{
	(void)state;
	assert_out("kvcctl node down r b", "");
	assert_int_equal(run("kvcctl purge --ring r there --dry-run --source false"),
			 0);
	/* ... and why */
	assert_non_null(strstr(last.out, "/a\twould be purged\tup ever since\n"));
	assert_non_null(strstr(last.out,
			       "/b\twould be deferred\tdown for 3.0s\n"));
	assert_int_equal(run("kvcctl -j purge --ring r there --dry-run"), 0);
	assert_non_null(strstr(last.out, "\"why\":\"down for 3.0s\""));
	assert_string_equal(seen(), "");
	assert_int_equal(fake_calls.defer, 0);
}

/* Nothing is done for a key that cannot be sent. */
static void test_purge_keys(void **state)
{
	char line[400];

	(void)state;
	assert_fails("kvcctl purge --ring r --hex 6120", 1, "cannot carry");
	snprintf(line, sizeof(line), "kvcctl purge --ring r %0251d", 0);
	assert_fails(line, 1, "cannot carry");
	assert_int_equal(run_with("kvcctl purge --ring r --from-file -",
				  "there\na\\tb\n", 11), 1);
	assert_non_null(strstr(last.err, "cannot carry"));
	assert_true(mc_key_ok("a\xff\x80", 3));
	assert_false(mc_key_ok("", 0));
	assert_false(mc_key_ok("\x7f", 1));
	assert_fails("kvcctl purge --ring none there", 2, "no such ring");
}

static void test_purge_self(void **state)
{
	(void)state;
	assert_out("kvcctl ring set r self a", "");
	assert_fails("kvcctl purge --ring r there", 1, "--cache");
	assert_out("kvcctl put c there v", "");
	assert_int_equal(run("kvcctl purge --ring r --cache c there"), 0);
	assert_string_equal(seen(), "");
	assert_fails("kvcctl get c there", 3, "no key");
}

/* P11, P14 */
static void test_up(void **state)
{
	(void)state;
	assert_out("kvcctl node down r a", "");
	assert_out("kvcctl ring remove r b", "");
	assert_int_equal(run("kvcctl purge --ring r there"), 0);
	assert_int_equal(run("kvcctl purge --ring r gone"), 0);
	assert_string_equal(seen(), "");
	assert_json("kvcctl -j node list r", "version", "1");
	assert_out("kvcctl node up r a", "");
	assert_string_equal(seen(), "delete gone\r\ndelete there\r\n");
	assert_int_equal(run("kvcctl -j node list r"), 0);
	assert_non_null(strstr(last.out, "\"status\":\"up\""));
	assert_out("kvcctl deferred list r", "");
	assert_out("kvcctl node up r a", "");
}

/* P11: the same, without bringing it back */
static void test_drain(void **state)
{
	(void)state;
	assert_out("kvcctl node down r a", "");
	assert_out("kvcctl ring remove r b", "");
	assert_int_equal(run("kvcctl purge --ring r there"), 0);
	assert_out("kvcctl deferred drain r a", "");
	assert_string_equal(seen(), "delete there\r\n");
	assert_out("kvcctl deferred list r", "");
	assert_int_equal(run("kvcctl -j node list r"), 0);
	assert_non_null(strstr(last.out, "\"status\":\"down\""));
	assert_fails("kvcctl deferred drain r none", 2, "no such node");
}

/* A2: what a program saw of a node */
static void test_node(void **state)
{
	(void)state;
	assert_out("kvcctl node report r b failure", "");
	assert_out("kvcctl node report r b failure", "");
	assert_int_equal(run("kvcctl -j node list r"), 0);
	assert_non_null(strstr(last.out, "\"failures\":2"));
	assert_out("kvcctl node report r b success", "");
	assert_int_equal(run("kvcctl -j node list r"), 0);
	assert_null(strstr(last.out, "\"failures\":2"));
	assert_out("kvcctl node set r b weight 250", "");
	assert_int_equal(run("kvcctl -j node list r"), 0);
	assert_non_null(strstr(last.out, "\"weight\":250"));
	assert_fails("kvcctl node report r none success", 2, "no such node");
}

/* One that does not answer stays out, and keeps what it owes. */
static void test_up_fails(void **state)
{
	(void)state;
	assert_out("kvcctl node down r b", "");
	assert_int_equal(run("kvcctl purge --ring r there"), 0);
	assert_fails("kvcctl node up r b", 2, "its deferrals are kept");
	assert_out("kvcctl deferred list r", "2\t5.0\tthere\n");
	assert_int_equal(run("kvcctl -j node list r"), 0);
	assert_non_null(strstr(last.out, "\"status\":\"draining\""));
	assert_fails("kvcctl deferred drain r b", 2, "kept");
}

/* A18 */
static void test_heartbeat(void **state)
{
	(void)state;
	assert_out("kvcctl heartbeat",
		   "r\ta\tok\nr\tb\tNo such file or directory\n");
	assert_string_equal(seen(), "version\r\n");
	assert_int_equal(run("kvcctl heartbeat --ring r --interval 1ms --count 2"),
			 0);
	assert_int_equal(run("kvcctl -j node list r"), 0);
	assert_non_null(strstr(last.out, "\"failures\":3"));
	assert_fails("kvcctl heartbeat --ring none", 2, "no such ring");
}

static void test_file(void **state)
{
	char text[4096];
	size_t len;

	(void)state;
	assert_int_equal(run("kvcctl ring dump r"), 0);
	len = last.out_len;
	memcpy(text, last.out, len);
	assert_memory_equal(text, "ring r mode active ", 19);
	assert_out("kvcctl ring destroy r", "");
	assert_int_equal(run_with("kvcctl ring load - join serving", text, len),
			 0);
	assert_int_equal(run("kvcctl ring dump r"), 0);
	assert_memory_equal(last.out, text, len);
	assert_int_equal(run_with("kvcctl ring load -", "node x address y\n", 17),
			 1);
	assert_int_equal(run_with("kvcctl ring load -", "what\n", 5), 1);
	assert_full("kvcctl ring dump r");
}

/* P4: known values, and what the kernel is told */
static void test_ketama(void **state)
{
	uint32_t point[KETAMA_POINTS_MOST(2)];

	(void)state;
	assert_int_equal(ketama_hash("fnv1a_64")("a", 1),
			 (uint32_t)0xaf63dc4c8601ec8cull);
	assert_int_equal(ketama_hash("fnv1a_32")("a", 1), 0xe40c292c);
	assert_int_equal(ketama_hash("crc32a")("123456789", 9), 0xcbf43926);
	assert_int_equal(ketama_hash("crc32")("123456789", 9), 0x4bf4);
	assert_int_equal(ketama_hash("one_at_a_time")("a", 1), 0xca2e9442);
	/* d41d8cd9...: the first four bytes, the least first */
	assert_int_equal(ketama_hash("md5")("", 0), 0xd98c1dd4);
	assert_null(ketama_hash("none"));
	assert_int_equal(ketama_points("a", 100, 200, 2, point), 160);
	assert_int_equal(ketama_points("a", 100, 400, 2, point), 80);
	assert_out("kvcctl ring place --placement ketama r", "");
	assert_int_equal(run("kvcctl ring route --placement ketama r a"), 0);
	assert_int_equal(fake_calls.hash, (uint32_t)0xaf63dc4c8601ec8cull);
	assert_int_equal(run("kvcctl purge --ring r --placement ketama --hash crc32a 123456789"),
			 0);
	assert_int_equal(fake_calls.hash, 0xcbf43926);
	assert_fails("kvcctl ring route --placement x r a", 1, "ketama");
	assert_fails("kvcctl ring route --placement ketama --hash x r a", 1,
		     "fnv1a_64");
}

#define CASE(f) cmocka_unit_test_setup(f, ring_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_ring), CASE(test_purge), CASE(test_purge_dry),
		CASE(test_purge_keys), CASE(test_purge_self), CASE(test_up),
		CASE(test_up_fails), CASE(test_drain), CASE(test_node),
		CASE(test_heartbeat), CASE(test_file), CASE(test_ketama),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
