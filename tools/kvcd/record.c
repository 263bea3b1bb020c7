// SPDX-License-Identifier: GPL-2.0-only
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "record.h"

static void put32(unsigned char *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof(value));
}

static void put64(unsigned char *at, uint64_t value)
{
	value = htole64(value);
	memcpy(at, &value, sizeof(value));
}

static uint32_t get32(const unsigned char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

static uint64_t get64(const unsigned char *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return le64toh(value);
}

void record_encode(unsigned char head[RECORD_HEAD], const struct record *r)
{
	put32(head, RECORD_FORMAT);
	put32(head + 4, r->client_flags);
	put64(head + 8, r->version);
	put64(head + 16, r->expiry);
}

int record_decode(const void *bytes, size_t len, struct record *r)
{
	const unsigned char *head = bytes;

	if (len < RECORD_HEAD || get32(head) != RECORD_FORMAT)
		return -EBADMSG;
	r->client_flags = get32(head + 4);
	r->version = get64(head + 8);
	r->expiry = get64(head + 16);
	r->value = head + RECORD_HEAD;
	r->value_len = len - RECORD_HEAD;
	return 0;
}

void mark_encode(unsigned char bytes[MARK_SIZE], const struct mark *mark)
{
	put32(bytes, RECORD_FORMAT);
	put32(bytes + 4, 0);
	put64(bytes + 8, mark->cache);
	put64(bytes + 16, mark->run);
}

int mark_decode(const void *bytes, size_t len, struct mark *mark)
{
	if (len != MARK_SIZE || get32(bytes) != RECORD_FORMAT)
		return -EBADMSG;
	mark->cache = get64((const unsigned char *)bytes + 8);
	mark->run = get64((const unsigned char *)bytes + 16);
	return 0;
}
