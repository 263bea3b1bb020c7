/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_CONN_H
#define KVC_CONN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct kvc_conn - a connection to kvcd, of one thread at a time
 * @next: in the list of those that nobody uses
 * @fd: the socket
 * @pid: the process that made it: a child must not talk on it, too
 * @timeout: ns that each answer may take; UINT64_MAX: any
 * @until: when the next one has to be there, on CLOCK_MONOTONIC
 * @tag: of the next request
 */
struct kvc_conn {
	struct kvc_conn *next;
	int fd;
	pid_t pid;
	uint64_t timeout;
	uint64_t until;
	uint64_t tag;
};

/**
 * struct kvc_ask - a request and its answer
 * @type: &enum kvcd_type
 * @len: bytes at @body
 * @body: of the request
 * @take: reads the @len bytes of an answer without an error, by
 *	kvc_conn_read() or kvc_conn_skip(), and may set @result; an error that
 *	it returns ends the connection.  NULL: there is nothing to read
 * @arg: for @take
 * @patient: the answer may take any time
 * @answered: it was; 0 at first
 * @result: of the answer, 0 or a negative errno
 */
struct kvc_ask {
	uint32_t type;
	uint32_t len;
	const void *body;
	int (*take)(struct kvc_conn *conn, struct kvc_ask *ask, uint32_t len);
	void *arg;
	int patient;
	int answered;
	int result;
};

/*
 * These give 0 or a negative errno, after which the connection is of no more
 * use: EPIPE: it was lost; ETIMEDOUT; EPROTO: nonsense came; ENOMEM.
 */

/* Connects to a socket; else what connect() said, or ETIMEDOUT. */
int kvc_conn_open(struct kvc_conn *conn, const char *path, uint64_t timeout);

/* Shows the device's file; *result: what kvcd says to it. */
int kvc_conn_attach(struct kvc_conn *conn, int file, int *result);

/*
 * Sends the requests that are not answered and waits for all answers, in
 * whatever order they come.
 */
int kvc_conn_ask(struct kvc_conn *conn, struct kvc_ask *asks, size_t count);

int kvc_conn_read(struct kvc_conn *conn, void *to, size_t len);
int kvc_conn_skip(struct kvc_conn *conn, size_t len);

/* A take() that reads nothing of the answer. */
int kvc_conn_ignore(struct kvc_conn *conn, struct kvc_ask *ask, uint32_t len);

void kvc_conn_close(struct kvc_conn *conn);

#endif /* KVC_CONN_H */
