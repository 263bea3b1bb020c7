/* SPDX-License-Identifier: GPL-2.0-only */
/* The socket by which local programs read through, and who is connected */
#ifndef KVCD_SERVER_H
#define KVCD_SERVER_H

#include <stddef.h>

#include "cache.h"
#include "closer.h"
#include "config.h"
#include "lookup.h"
#include "loop.h"
#include "pool.h"

struct client;

/**
 * struct server - the server
 * @config: the configuration
 * @device: by which the kernel is reached
 * @loop: the main loop
 * @caches: @count of them, that can be asked for
 * @count: how many
 * @listener: the socket
 * @readers: threads that read the store
 * @upkeep: a thread that compacts it
 * @lookups: keys that are being read through
 * @closer: who closes the files that are none of ours
 * @clients: who is connected
 * @connected: how many
 */
struct server {
	const struct config *config;
	const char *device;
	struct loop *loop;
	struct cache *caches;
	size_t count;
	struct watch listener;
	struct pool readers;
	struct pool upkeep;
	struct lookups lookups;
	struct closer *closer;
	struct client *clients;
	atomic_uint connected;
};

/* @config to @count are set.  0, or -errno and why. */
int server_start(struct server *server, struct why *why);

/* Drops the clients and waits for what the threads are at. */
void server_stop(struct server *server);

struct cache *server_cache(struct server *server, const char *name);

/* A client has come or gone. */
void server_count(struct server *server, int by);

#endif /* KVCD_SERVER_H */
