// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cases.h"
#include "ctl.h"
#include "fake.h"
#include "kvcctl.h"

#define WORDS	24

struct run last;

static int saved[3];

static void redirect(int fd, int to)
{
	saved[fd] = dup(fd);
	assert_true(saved[fd] >= 0);
	dup2(to, fd);
	close(to);
}

static void restore(int fd)
{
	dup2(saved[fd], fd);
	close(saved[fd]);
}

static size_t slurp(int fd, char *text, size_t room)
{
	ssize_t len = pread(fd, text, room - 1, 0);

	/* Of /dev/full there is nothing to read back. */
	if (len < 0 || len == (ssize_t)room - 1)
		len = 0;
	text[len] = '\0';
	return len;
}

static int words(char *text, char **argv)
{
	int argc = 0;

	for (argv[argc] = strtok(text, " "); argv[argc];
	     argv[argc] = strtok(NULL, " "))
		assert_true(++argc < WORDS);
	return argc;
}

static void run_argv(int argc, char **argv, int in, int out)
{
	fflush(stdout);
	redirect(STDIN_FILENO, in);
	redirect(STDOUT_FILENO, out);
	redirect(STDERR_FILENO, memfd_create("err", 0));
	/* What an earlier command left unread is not seeked away from. */
	__fpurge(stdin);
	rewind(stdin);
	last.status = kvcctl_run(argc, argv);
	last.out_len = slurp(STDOUT_FILENO, last.out, sizeof(last.out));
	slurp(STDERR_FILENO, last.err, sizeof(last.err));
	restore(STDIN_FILENO);
	restore(STDOUT_FILENO);
	restore(STDERR_FILENO);
	assert_int_equal(fake_calls.open_files, 0);
}

static int input(const void *data, size_t len)
{
	int fd = memfd_create("in", 0);

	assert_int_equal(write(fd, data, len), len);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

int run_with(const char *line, const void *data, size_t len)
{
	char *argv[WORDS], *text = strdup(line);
	int argc = words(text, argv);

	run_argv(argc, argv, input(data, len), memfd_create("out", 0));
	free(text);
	return last.status;
}

int run(const char *line)
{
	return run_with(line, "", 0);
}

void assert_out(const char *line, const char *out)
{
	assert_int_equal(run(line), 0);
	assert_string_equal(last.err, "");
	assert_string_equal(last.out, out);
}

void assert_fails(const char *line, int status, const char *says)
{
	run(line);
	if (last.status != status)
		fail_msg("'%s' gave %d, not %d: %s", line, last.status, status,
			 last.err);
	if (!strstr(last.err, says))
		fail_msg("'%s' said: %s", line, last.err);
	assert_int_equal(last.out_len, 0);
}

json_t *parse_json(const char *text)
{
	json_t *json = json_loads(text, JSON_ALLOW_NUL, NULL);

	assert_non_null(json);
	assert_int_equal(json_integer_value(json_object_get(json, "version")),
			 1);
	return json;
}

void assert_json(const char *line, const char *member, const char *expected)
{
	json_t *json;
	char *text;

	assert_int_equal(run(line), 0);
	json = parse_json(last.out);
	text = json_dumps(json_object_get(json, member),
			  JSON_ENCODE_ANY | JSON_COMPACT);
	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
	json_decref(json);
}

void assert_full(const char *line)
{
	char *argv[WORDS], *text = strdup(line);
	int argc = words(text, argv);

	run_argv(argc, argv, input("", 0), open("/dev/full", O_WRONLY));
	free(text);
	if (last.status != 2 || !strstr(last.err, "No space left on device"))
		fail_msg("'%s' gave %d: %s", line, last.status, last.err);
}

json_int_t ttl_of(const char *line)
{
	json_t *json;
	json_int_t ttl;

	assert_int_equal(run(line), 0);
	json = parse_json(last.out);
	ttl = json_integer_value(json_object_get(json, "ttl_ns"));
	json_decref(json);
	return ttl;
}

int ctl_setup(void **state)
{
	(void)state;
	fake_reset();
	assert_int_equal(run("kvcctl cache create c limit 64M"), 0);
	return 0;
}
