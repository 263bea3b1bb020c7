/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_KETAMA_H
#define KVCCTL_KETAMA_H

#include <stddef.h>
#include <stdint.h>

/*
 * The placement of libketama, as twemproxy does it: a server has points that
 * are MD5 digests of its name, and a key belongs to the first one from its hash
 * on.
 */

/* The most points that a server gets: the share of all of them that is its. */
#define KETAMA_POINTS_MOST(servers)	(160u * (servers))

/* The hash of a key by name; NULL when there is no such name. */
typedef uint32_t (*ketama_hash_fn)(const void *key, size_t len);
ketama_hash_fn ketama_hash(const char *name);

/* The names of all, for a message. */
extern const char ketama_hashes[];

/*
 * The points of a server whose weight is a part of @total, among @servers;
 * gives how many there are.
 */
uint32_t ketama_points(const char *name, uint32_t weight, uint64_t total,
		       uint32_t servers, uint32_t *point);

#endif /* KVCCTL_KETAMA_H */
