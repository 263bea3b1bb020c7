/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_MEMCACHED_H
#define BENCH_MEMCACHED_H

#include <stdbool.h>
#include <stddef.h>

/* A memcached of this program's own, on a unix socket; all end it on failure. */
struct memcached;

/* Is it installed? */
bool memcached_is_there(void);
struct memcached *memcached_start(unsigned int megabytes);
void memcached_stop(struct memcached *m);

void memcached_send(struct memcached *m, const void *data, size_t len);
/*
 * Waits for an answer of so many bytes that ends as one to a get does.  Returns
 * it, good until the next call, or NULL: it is another one.
 */
const char *memcached_answer(struct memcached *m, size_t len);
/* Stores a pair without an answer. */
void memcached_set(struct memcached *m, const char *key, size_t key_len,
		   const char *value, size_t value_len);
/* Everything that was sent before is done. */
void memcached_settle(struct memcached *m);

/* What memcached writes for a pair in an answer, without the end of that */
size_t memcached_pair_len(size_t key_len, size_t value_len);
#define MEMCACHED_END		"END\r\n"
#define MEMCACHED_END_LEN	5

#endif
