/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs kvcctl in this process, against the device in memory. */
#ifndef SELFTESTS_CTL_H
#define SELFTESTS_CTL_H

#include <stddef.h>
#include <jansson.h>

/* What the last run said. */
extern struct run {
	int status;
	char out[1 << 19];
	size_t out_len;
	char err[1 << 12];
} last;

/* Runs a command line of words without blanks; gives the exit status. */
int run(const char *line);

/* The same with something on stdin. */
int run_with(const char *line, const void *data, size_t len);

/* The command succeeds and prints exactly this. */
void assert_out(const char *line, const char *out);

/* The command fails, says this among others, and prints nothing. */
void assert_fails(const char *line, int status, const char *says);

/* The command prints a JSON object with this member. */
void assert_json(const char *line, const char *member, const char *expected);

/* The command fails because its output goes to /dev/full. */
void assert_full(const char *line);

/* The JSON object that a text is; it has its version. */
json_t *parse_json(const char *text);

/* The member ttl_ns of what a command prints. */
json_int_t ttl_of(const char *line);

/* Before each test: an empty cache named c, nothing else. */
int ctl_setup(void **state);

#endif /* SELFTESTS_CTL_H */
