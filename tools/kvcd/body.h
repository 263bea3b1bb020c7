/* SPDX-License-Identifier: GPL-2.0-only */
/* The body of an answer; many answers may share one */
#ifndef KVCD_BODY_H
#define KVCD_BODY_H

#include <stdatomic.h>
#include <stddef.h>

#include "record.h"

struct body {
	atomic_int refs;
	size_t len;
	unsigned char data[];
};

/* NULL: no memory. */
struct body *body_new(size_t len);

/* Room for @len bytes instead; the contents stay.  NULL: @body is gone. */
struct body *body_resize(struct body *body, size_t len);

struct body *body_get(struct body *body);
void body_put(struct body *body);	/* NULL is nothing */

/* &struct kvcd_pair and its value, of @r but for its expiry, as @version. */
struct body *body_of_record(const struct record *r, uint64_t version);

#endif /* KVCD_BODY_H */
