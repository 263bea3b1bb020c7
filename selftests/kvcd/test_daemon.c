// SPDX-License-Identifier: GPL-2.0-only
/* The whole daemon, from its configuration to the last flush */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../tools/kvcd/daemon.h"
#include "talk.h"

#define MINUTE	60000000000ull

static char file[128];

static void write_file(const char *text)
{
	FILE *out;

	snprintf(file, sizeof(file), "%s/conf", bench.dir);
	out = fopen(file, "w");
	fputs(text, out);
	fclose(out);
}

static void refused(const char *text, const char *says)
{
	struct config config;
	struct why why = { "" };

	write_file(text);
	assert_int_not_equal(config_read(&config, file, &why), 0);
	if (!strstr(why.text, says))
		fail_msg("it says: %s", why.text);
}

static void test_config(void **state)
{
	struct config config;
	struct why why = { "" };

	(void)state;
	write_file("; a comment\n[store]\npath = /s\nsync=full\nreserve = 1M\n"
		   "readers = 7\n\n[socket]\nmode = 0600\ndrop-after = 5s\n"
		   "[cache one]\n[cache two]\ncompression = zstd\n"
		   "filter-bits = 0\n");
	if (config_read(&config, file, &why))
		fail_msg("%s", why.text);
	assert_string_equal(config.path, "/s");
	assert_string_equal(config.staging, "/s/staging");
	assert_string_equal(config.socket, KVCD_SOCKET);
	assert_true(config.full_sync);
	assert_int_equal(config.reserve, 1 << 20);
	assert_int_equal(config.readers, 7);
	assert_int_equal(config.mode, 0600);
	assert_int_equal(config.idle, 5000000000);
	assert_int_equal(config.count, 2);
	assert_string_equal(config.caches[0].name, "one");
	assert_int_equal(config.caches[0].compression,
			 rocksdb_lz4_compression);
	assert_string_equal(config.caches[1].name, "two");
	assert_int_equal(config.caches[1].compression,
			 rocksdb_zstd_compression);
	assert_int_equal(config.caches[1].filter_bits, 0);
	config_free(&config);
	assert_int_equal(config_read(&config, "/nonexistent", &why), -ENOENT);
}

/* bad input row: configuration: the line, and what is wrong with it */
static void test_bad_config(void **state)
{
	static char far[400];

	(void)state;
	refused("", "[store] needs a path");
	refused("[store]\npath=/s\n", "no [cache NAME]");
	refused("[store]\npath=s\n", "conf:2: 's' is no absolute path");
	refused("[store]\npath=\n", "conf:2: a path is missing");
	refused("[store]\n\nwhat=1\n", "conf:3: [store] has no setting 'what'");
	refused("path=/s\n", "conf:1: 'path' is in no section");
	refused("[what]\n", "conf:1: there is no section [what]");
	refused("[store\npath=/s\n", "conf:1: neither [SECTION] nor");
	refused("[store]\nnonsense\n", "conf:2: neither [SECTION] nor");
	refused("[store]\npath=/s\npath=/t\n", "conf:3: 'path' is set twice");
	refused("[store]\nsync=no\n", "conf:2: sync is 'data' or 'full'");
	refused("[store]\nreaders=0\n", "conf:2: '0' is no number from 1 to");
	refused("[store]\nreaders=x\n", "conf:2: 'x' is no number");
	refused("[store]\nreserve=1X\n", "conf:2: '1X' is no size");
	refused("[store]\nblock-cache=99999999999T\n", "is no size");
	refused("[socket]\nmode=9\n", "conf:2: '9' is no mode");
	refused("[socket]\ngroup=no such group\n", "there is no group");
	refused("[socket]\ndrop-after=0\n", "is no time");
	refused("[cache ]\n", "conf:1: ");
	refused("[cache a/b]\n", "conf:1: 'a/b' is no cache's name");
	refused("[cache -a]\n", "is no cache's name");
	refused("[cache 0123456789012345678901234567890123456789012345678901234567890123]\n",
		"is no cache's name");
	refused("[cache a]\n[cache b]\n[cache a]\n",
		"conf:3: [cache a] is there twice, first on line 1");
	refused("[cache a]\nwhat=1\n", "conf:2: a cache has no setting 'what'");
	refused("[cache a]\ncompression=gzip\n", "conf:2: compression is none");
	refused("[cache a]\nfilter-bits=65\n", "conf:2: '65' is no number");
	memset(far, 'x', sizeof(far) - 1);
	memcpy(far, "[store]\npath=/", 14);
	far[398] = '\n';
	refused(far, "is too long");
}

struct running {
	pthread_t thread;
	uint64_t timeout;
	int status;
};

static void *run_daemon(void *arg)
{
	struct running *r = arg;

	r->status = daemon_run(&bench.config, FAKE_DEVICE, r->timeout);
	return NULL;
}

static void start(struct running *r, uint64_t timeout)
{
	r->timeout = timeout;
	assert_int_equal(pthread_create(&r->thread, NULL, run_daemon, r), 0);
}

static int wait_end(struct running *r)
{
	pthread_join(r->thread, NULL);
	return r->status;
}

static void put(const char *key, const char *value)
{
	fake_put("a", key, strlen(key), value, strlen(value), 0);
}

/* It serves, takes what is dirty along at its end, and leaves no socket. */
static void test_stop(void **state)
{
	struct running r;
	struct stat st;
	int fd;

	(void)state;
	put("k", "1");
	start(&r, MINUTE);
	flush_now();
	put("k", "2");
	fake_del("a", "l", 1);
	wait_until(!stat(bench.config.socket, &st) &&
		   (st.st_mode & 0777) == bench.config.mode);
	fd = talk_attached();
	assert_read(fd, "k", "2");
	close(fd);
	kill(getpid(), SIGHUP);
	kill(getpid(), SIGTERM);
	assert_int_equal(wait_end(&r), STATUS_OK);
	assert_int_not_equal(stat(bench.config.socket, &st), 0);
	bench_open();
	assert_stored("k", "2");
}

/* The store cannot take it: it ends all the same, and says so. */
static void test_stop_dirty(void **state)
{
	struct running r;
	bool dirty = false;

	(void)state;
	bench.config.reserve = INT64_MAX;
	put("k", "1");
	start(&r, MINUTE);
	assert_int_equal(fake_seal("a"), 1);
	assert_true(fake_reaches(&fake.failures, 1));
	kill(getpid(), SIGTERM);
	assert_int_equal(wait_end(&r), STATUS_DIRTY);
	assert_int_equal(fake_peek("a", "k", 1, &dirty), 0);
	assert_true(dirty);
}

/* Nobody commits, and the time is up; or there is a second signal. */
static int end_in_child(uint64_t timeout, int signals)
{
	struct running r;
	pid_t pid = fork();
	int status;

	if (pid) {
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		return WEXITSTATUS(status);
	}
	alarm(PATIENCE);
	fake.commit_err = -EIO;
	put("k", "1");
	fake_seal("a");
	start(&r, timeout);
	if (!fake_reaches(&fake.failures, 1))
		_exit(98);
	put("k", "2");
	kill(getpid(), SIGTERM);
	if (signals > 1) {
		/* The first one has been taken. */
		while (fake_newest("a") < 2)
			usleep(1000);
		kill(getpid(), SIGINT);
	}
	pthread_join(r.thread, NULL);
	_exit(99);
}

static void test_stop_late(void **state)
{
	(void)state;
	fake.silent = true;
	assert_int_equal(end_in_child(200000000, 1), STATUS_DIRTY);
	assert_int_equal(end_in_child(MINUTE, 2), STATUS_DIRTY);
}

static void test_no_start(void **state)
{
	struct running r;
	char line[256];

	(void)state;
	bench_open();
	start(&r, MINUTE);
	assert_int_equal(wait_end(&r), STATUS_STORE);
	bench_close();
	snprintf(line, sizeof(line), "touch %s", bench.config.socket);
	assert_int_equal(system(line), 0);
	start(&r, MINUTE);
	assert_int_equal(wait_end(&r), STATUS_SOCKET);
	free(bench.config.socket);
	bench.config.socket = strdup("/nonexistent/socket");
	start(&r, MINUTE);
	assert_int_equal(wait_end(&r), STATUS_SOCKET);
}

static int daemon_setup(void **state)
{
	sigset_t set;

	/* The daemon's thread takes them. */
	sigfillset(&set);
	sigdelset(&set, SIGALRM);
	sigprocmask(SIG_SETMASK, &set, NULL);
	if (bench_setup(state))
		return -1;
	fake_create("a", KVC_INFO_F_WRITEBEHIND);
	fake_create("b", KVC_INFO_F_WRITEBEHIND);
	return 0;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, daemon_setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_config), CASE(test_bad_config), CASE(test_stop),
		CASE(test_stop_dirty), CASE(test_stop_late),
		CASE(test_no_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
