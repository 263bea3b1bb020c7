/* SPDX-License-Identifier: GPL-2.0-only */
/* The server on a thread, and clients that say to it what they like */
#ifndef SELFTESTS_KVCD_TALK_H
#define SELFTESTS_KVCD_TALK_H

#include <kvcd_proto.h>

#include "../../tools/kvcd/server.h"
#include "lib.h"

extern struct server server;

/* cmocka's: as store_setup(), and the server runs. */
int talk_setup(void **state);
int talk_teardown(void **state);

/* What came; the body ends with a NUL that is not of it. */
struct answer_in {
	struct kvcd_head head;
	unsigned char *body;
};

int talk_connect(void);

/* @pass: a file to go with it, -1: none. */
void talk_send(int fd, uint32_t type, uint64_t tag, const void *body,
	       uint32_t len, int pass);

/* Writes bytes as they are. */
void talk_write(int fd, const void *bytes, size_t len);

/* False: the server has ended the connection. */
bool talk_receive(int fd, struct answer_in *in);

/* One request and its answer's result; the body is forgotten. */
int talk_ask(int fd, uint32_t type, const void *body, uint32_t len);

/* A connection that is bound to "a". */
int talk_attached(void);

/* Reads a key through, and compares what comes. */
void assert_read(int fd, const char *key, const char *value);

#endif /* SELFTESTS_KVCD_TALK_H */
