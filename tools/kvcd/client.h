/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A connection: bytes in, messages to request.c, answers out.  It reads no more
 * than it may have answers for, and who does not take them is dropped.
 */
#ifndef KVCD_CLIENT_H
#define KVCD_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include <kvcd_proto.h>

#include "body.h"
#include "cache.h"
#include "loop.h"
#include "request.h"
#include "server.h"

/* Requests that a client may have under way, and bytes of their answers. */
#define CLIENT_REQUESTS	64
#define CLIENT_BYTES	(64u << 20)

struct answer;

/**
 * struct client - a connection
 * @watch: its socket
 * @server: whose client it is
 * @next: of the server's
 * @prev: what points here
 * @passed: the file that came and waits for KVCD_ATTACH, -1: none
 * @front: to which cache it is bound, NULL: none yet
 * @rights: of the file by which it was bound, KVC_RIGHT_*
 * @in: what came and is not done with
 * @in_len: bytes there
 * @at_end: nothing more will come
 * @busy: it is within client_pump()
 * @dead: it is to be dropped, as soon as it is not busy
 * @requests: those under way
 * @answers: to be written, in order
 * @last: where the next one is added
 * @written: bytes of the first one that were
 * @held: requests, and answers that are not written yet
 * @stalled: since when the socket has taken nothing, CLOCK_BOOTTIME; 0: it does
 */
struct client {
	struct watch watch;
	struct server *server;
	struct client *next;
	struct client **prev;
	int passed;
	struct front *front;
	uint32_t rights;
	unsigned char *in;
	size_t in_len;
	bool at_end;
	bool busy;
	bool dead;
	struct request *requests;
	struct answer *answers;
	struct answer **last;
	size_t written;
	unsigned int held;
	uint64_t stalled;
};

/* Takes over the socket. */
int client_start(struct server *server, int fd);

/* Ends the connection. */
void client_drop(struct client *client);

/* Gives up on one that has taken nothing of its answers for too long. */
void client_check(struct client *client, uint64_t now);

/* Sends an answer; the body stays the caller's. */
void client_answer(struct client *client, uint32_t type, uint64_t tag,
		   int result, struct body *body);

#endif /* KVCD_CLIENT_H */
