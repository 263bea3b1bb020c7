// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include <kvcd_proto.h>

#include "body.h"
#include "clock.h"

struct body *body_new(size_t len)
{
	struct body *body = malloc(sizeof(*body) + len);

	if (!body)
		return NULL;
	body->refs = 1;
	body->len = len;
	return body;
}

struct body *body_resize(struct body *body, size_t len)
{
	struct body *moved = realloc(body, sizeof(*body) + len);

	if (!moved) {
		body_put(body);
		return NULL;
	}
	moved->len = len;
	return moved;
}

struct body *body_get(struct body *body)
{
	if (body)
		atomic_fetch_add(&body->refs, 1);
	return body;
}

void body_put(struct body *body)
{
	if (body && atomic_fetch_sub(&body->refs, 1) == 1)
		free(body);
}

struct body *body_of_record(const struct record *r, uint64_t version)
{
	struct kvcd_pair pair = {
		.version = version,
		.expiry = expiry_from_store(r->expiry),
		.client_flags = r->client_flags,
		.value_len = r->value_len,
	};
	struct body *body = body_new(sizeof(pair) + r->value_len);

	if (!body)
		return NULL;
	memcpy(body->data, &pair, sizeof(pair));
	memcpy(body->data + sizeof(pair), r->value, r->value_len);
	return body;
}
