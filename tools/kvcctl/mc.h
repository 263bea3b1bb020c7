/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_MC_H
#define KVCCTL_MC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A client of the memcached text protocol, as far as a purge needs it.  Every
 * function gives 0 or a negative errno; -EPROTO is an answer that is none.
 */

/* Can the protocol carry the key: 1 to 250 bytes, no blanks, no controls? */
bool mc_key_ok(const void *key, size_t len);

/* Connects to host:port, [host]:port or the path of a socket. */
int mc_open(const char *address, uint64_t timeout_ns, int *fd);

/* -ENOENT: the server did not have it. */
int mc_delete(int fd, const void *key, size_t len);
int mc_flush_all(int fd);
int mc_version(int fd);

#endif /* KVCCTL_MC_H */
