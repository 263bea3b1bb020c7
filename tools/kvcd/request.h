/* SPDX-License-Identifier: GPL-2.0-only */
/* What a client asked for and has no answer to yet */
#ifndef KVCD_REQUEST_H
#define KVCD_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <kvcd_proto.h>

#include "body.h"

struct client;

/**
 * struct request - a request
 * @client: who asked; NULL: it has gone
 * @type: &enum kvcd_type
 * @tag: the client's own
 * @next: of the client's
 * @prev: what points here
 * @next_waiting: of those who wait for the same look-up
 * @late: it came when that had begun
 */
struct request {
	struct client *client;
	uint32_t type;
	uint64_t tag;
	struct request *next;
	struct request **prev;
	struct request *next_waiting;
	bool late;
};

/*
 * Does what a whole message asks for, or begins to.  Negative: the connection
 * is of no use any more.
 */
int request_take(struct client *client, const struct kvcd_head *head,
		 const unsigned char *data);

/* Answers; the request is gone, the body stays the caller's. */
void request_end(struct request *request, int result, struct body *body);

#endif /* KVCD_REQUEST_H */
