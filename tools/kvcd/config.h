/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCD_CONFIG_H
#define KVCD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/kvcache.h>

#include "why.h"

#define CONFIG_FILE	"/etc/kvcd.conf"

/**
 * struct config_cache - a cache that is served
 * @name: of the cache
 * @line: where its section begins
 * @compression: of its part of the store, as RocksDB's number
 * @filter_bits: bits a key for the filter of each file, 0: none
 * @seen: settings that were given
 */
struct config_cache {
	char name[KVC_NAME_MAX];
	int line;
	int compression;
	unsigned int filter_bits;
	uint32_t seen;
};

/**
 * struct config - what the configuration file says
 * @path: the store's directory
 * @staging: where runs are written before they are ingested
 * @full_sync: fsync(), not fdatasync()
 * @block_cache: bytes of the store's blocks that are kept in memory
 * @reserve: bytes that are left free on the store's disk
 * @jobs: threads that compact
 * @readers: threads that read through
 * @socket: where clients connect
 * @mode: of the socket
 * @group: of the socket, empty: not changed
 * @gid: its number
 * @clients: how many there may be at a time
 * @idle: ns after which one that does not take its answer is dropped
 * @caches: @count of them
 * @count: how many
 */
struct config {
	char *path;
	char *staging;
	bool full_sync;
	uint64_t block_cache;
	uint64_t reserve;
	unsigned int jobs;
	unsigned int readers;
	char *socket;
	mode_t mode;
	char *group;
	gid_t gid;
	unsigned int clients;
	uint64_t idle;
	struct config_cache *caches;
	size_t count;
};

/* 0, or -errno and why, with the file's name and the line. */
int config_read(struct config *config, const char *file, struct why *why);

void config_free(struct config *config);

#endif /* KVCD_CONFIG_H */
