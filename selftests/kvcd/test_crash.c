// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvcd killed at each of its steps, and the disk failing at each
 *
 * The calls by which RocksDB and kvcd change the disk are counted here, before
 * they reach the C library.  A child ends at the n-th one by SIGKILL, for each
 * n; its parent, who is the kernel that offers what was not committed once more,
 * then opens the store and looks what it has.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib.h"

#define RUNS_TAKEN	3

/* What parent and child share. */
static struct shared {
	_Atomic uint64_t calls;		/* that change the disk, so far */
	_Atomic uint64_t kill_at;	/* the one before which it ends, 0: none */
	_Atomic uint64_t fail_from;	/* ... that fail, 0: none */
	_Atomic uint64_t fail_to;
	_Atomic int fail_err;
	_Atomic uint64_t committed;	/* the highest run */
	_Atomic int counting;
	_Atomic uint64_t unopened;	/* stores that could not be opened */
	_Atomic uint64_t aborted;	/* children that RocksDB ended */
} *shared;

/* -1 and errno when the call is to fail. */
static int step(void)
{
	uint64_t call;

	if (!shared || !shared->counting)
		return 0;
	call = ++shared->calls;
	if (call == shared->kill_at)
		kill(getpid(), SIGKILL);
	if (shared->fail_from && call >= shared->fail_from &&
	    call <= shared->fail_to) {
		errno = shared->fail_err;
		return -1;
	}
	return 0;
}

/* RocksDB's log and other output is not the store. */
static int is_store(int fd)
{
	char link[64], path[512];
	ssize_t len;

	if (fd <= STDERR_FILENO)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return 0;
	path[len] = '\0';
	return strstr(path, "/store/") && !strstr(path, "/LOG");
}

ssize_t write(int fd, const void *buf, size_t len)
{
	return is_store(fd) && step() ? -1 : syscall(SYS_write, fd, buf, len);
}

ssize_t pwrite64(int fd, const void *buf, size_t len, off64_t at)
{
	return is_store(fd) && step() ? -1 :
	       syscall(SYS_pwrite64, fd, buf, len, at);
}

ssize_t pwrite(int fd, const void *buf, size_t len, off_t at)
{
	return pwrite64(fd, buf, len, at);
}

int fsync(int fd)
{
	return is_store(fd) && step() ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return is_store(fd) && step() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int link(const char *from, const char *to)
{
	return step() ? -1 : (int)syscall(SYS_link, from, to);
}

int rename(const char *from, const char *to)
{
	return step() ? -1 : (int)syscall(SYS_rename, from, to);
}

int unlink(const char *path)
{
	return step() ? -1 : (int)syscall(SYS_unlink, path);
}

/* What run @run does to the keys k0 to k9, and what they then are. */
static void write_run(uint64_t run)
{
	uint64_t seed = run * 1000003;
	char key[16], value[16];
	int i;

	for (i = 0; i < 10; i++) {
		sprintf(key, "k%d", i);
		sprintf(value, "r%u", (unsigned int)run);
		switch (random_next(&seed) % 3) {
		case 0:
			fake_put("a", key, strlen(key), value, strlen(value),
				 0);
			break;
		case 1:
			fake_del("a", key, strlen(key));
			break;
		}
	}
	fake_put("a", "last", 4, value, strlen(value), 0);
}

static void model_at(uint64_t runs, char model[10][16])
{
	uint64_t run, seed;
	int i;

	memset(model, 0, 10 * 16);
	for (run = 1; run <= runs; run++) {
		seed = run * 1000003;
		for (i = 0; i < 10; i++) {
			switch (random_next(&seed) % 3) {
			case 0:
				sprintf(model[i], "r%u", (unsigned int)run);
				break;
			case 1:
				model[i][0] = '\0';
				break;
			}
		}
	}
}

/* The store has these runs and nothing of later ones. */
static void assert_state(uint64_t runs)
{
	char model[10][16], key[16];
	int i;

	model_at(runs, model);
	for (i = 0; i < 10; i++) {
		sprintf(key, "k%d", i);
		if (model[i][0])
			assert_stored(key, model[i]);
		else
			assert_not_stored(key);
	}
}

static void note_commit(uint64_t run)
{
	struct mark mark;
	struct why why;

	/* The very thing: it is in the store before the kernel hears of it. */
	if (store_mark(bench.store, bench.caches[0].column, &mark, &why) ||
	    mark.run < run)
		abort();
	if (step())
		abort();
	shared->committed = run;
}

/* In a child: opens the store, and takes the runs as they are offered. */
static void child(void)
{
	struct why why;
	uint64_t run;

	/* It is not to hang, and no test is to fail in it. */
	alarm(PATIENCE);
	shared->counting = 1;
	if (bench_try_open(&why))
		_exit(3);
	bench_flush();
	for (run = shared->committed + 1; run <= RUNS_TAKEN; run++) {
		write_run(run);
		fake_seal("a");
		/* There is no need to wait for its next attempt. */
		while (shared->committed < run) {
			flusher_kick(&bench.flushers[0]);
			usleep(1000);
		}
	}
	if (!fake_wait("a", RUNS_TAKEN))
		abort();
	bench_unflush();
	bench_close();
	_exit(0);
}

/* The kernel as it is when runs up to this one were committed. */
static void offer_from(uint64_t committed)
{
	uint64_t run;

	fake_reset();
	fake_fix_ids();		/* it is the same cache */
	fake_create("a", KVC_INFO_F_WRITEBEHIND);
	fake.at_commit = note_commit;
	for (run = 1; run <= committed; run++) {
		write_run(run);
		fake_seal("a");
	}
	if (committed)
		fake_commit_all("a");
}

static int run_child(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		child();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* After a crash: nothing that was committed is lost, nothing is half there. */
static void check(void)
{
	uint64_t committed = shared->committed;
	struct mark mark;
	struct why why;

	shared->counting = 0;
	bench_open();
	assert_int_equal(store_mark(bench.store, bench.caches[0].column, &mark,
				    &why), 0);
	assert_in_range(mark.run, committed, committed + 1);
	assert_state(mark.run);
	bench_close();
}

/* L9, L10, L4: ends at the n-th call, goes on after it, and all is there */
static void crash_at(uint64_t call)
{
	int status;

	shared->calls = 0;
	shared->committed = 0;
	shared->kill_at = call;
	offer_from(0);
	status = run_child();
	if (WIFEXITED(status)) {
		assert_int_equal(status, 0);
		return;
	}
	assert_int_equal(WTERMSIG(status), SIGKILL);
	check();
	shared->kill_at = 0;
	offer_from(shared->committed);
	assert_int_equal(run_child(), 0);
	assert_int_equal(shared->committed, RUNS_TAKEN);
	check();
}

static uint64_t calls_of_a_run_through(void)
{
	shared->kill_at = 0;
	shared->fail_from = 0;
	shared->calls = 0;
	shared->committed = 0;
	offer_from(0);
	assert_int_equal(run_child(), 0);
	assert_int_equal(shared->committed, RUNS_TAKEN);
	shell("rm -rf %s/store");
	return shared->calls;
}

static void test_crash(void **state)
{
	uint64_t calls = calls_of_a_run_through(), call;

	(void)state;
	for (call = 1; call <= calls; call++) {
		crash_at(call);
		shell("rm -rf %s/store");
	}
	print_message("# killed before each of %llu calls\n",
		      (unsigned long long)calls);
	assert_in_range(calls, 50, 1000);
}

/*
 * The disk fails for a while from the n-th call on.  kvcd goes on, or ends and is
 * started anew; it never commits what the store has not got.
 */
static void count_end(int status)
{
	if (WIFEXITED(status))
		assert_int_equal(WEXITSTATUS(status), 3);
	else
		assert_int_equal(WTERMSIG(status), SIGABRT);
	if (WIFEXITED(status))
		shared->unopened++;
	else
		shared->aborted++;
}

static void fail_at(uint64_t call, uint64_t count, int err)
{
	int status;

	shared->calls = 0;
	shared->committed = 0;
	shared->fail_from = call;
	shared->fail_to = call + count - 1;
	shared->fail_err = err;
	offer_from(0);
	status = run_child();
	shared->fail_from = 0;
	if (status) {
		/* RocksDB's assertion, the store could not be opened, hangs */
		count_end(status);
		offer_from(shared->committed);
		assert_int_equal(run_child(), 0);
	}
	assert_int_equal(shared->committed, RUNS_TAKEN);
	check();
}

static void test_disk_fails(void **state)
{
	uint64_t calls = calls_of_a_run_through(), call;

	(void)state;
	for (call = 1; call <= calls; call++) {
		fail_at(call, 1, EIO);
		shell("rm -rf %s/store");
		fail_at(call, 1 + call % 5, ENOSPC);
		shell("rm -rf %s/store");
	}
	print_message("# the disk failed from each of %llu calls on; not opened: %llu, ended by RocksDB: %llu\n",
		      (unsigned long long)calls,
		      (unsigned long long)shared->unopened,
		      (unsigned long long)shared->aborted);
}

static int setup(void **state)
{
	struct rlimit none = { 0, 0 };

	/* RocksDB may end by an assertion: no core is of use. */
	setrlimit(RLIMIT_CORE, &none);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -1;
	return bench_setup(state);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_crash), CASE(test_disk_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
