/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the store has under a key: a head of 24 bytes, little-endian, and the
 * value.  The empty key, which no pair has, carries the mark: up to which run
 * of which cache the store has everything.
 */
#ifndef KVCD_RECORD_H
#define KVCD_RECORD_H

#include <stddef.h>
#include <stdint.h>

#define RECORD_FORMAT	1
#define RECORD_HEAD	24
#define MARK_SIZE	24

/**
 * struct record - a pair's value as stored
 * @client_flags: of the pair
 * @version: of the pair
 * @expiry: CLOCK_REALTIME in ns, 0: never
 * @value: may point into what was decoded
 * @value_len: bytes there
 */
struct record {
	uint32_t client_flags;
	uint64_t version;
	uint64_t expiry;
	const void *value;
	size_t value_len;
};

/**
 * struct mark - what the store has of a cache
 * @cache: the cache's id
 * @run: the highest run that was ingested
 */
struct mark {
	uint64_t cache;
	uint64_t run;
};

/* The head only; the value follows it. */
void record_encode(unsigned char head[RECORD_HEAD], const struct record *r);

/* 0; -EBADMSG: not what record_encode() makes. */
int record_decode(const void *bytes, size_t len, struct record *r);

void mark_encode(unsigned char bytes[MARK_SIZE], const struct mark *mark);

/* 0; -EBADMSG. */
int mark_decode(const void *bytes, size_t len, struct mark *mark);

#endif /* KVCD_RECORD_H */
