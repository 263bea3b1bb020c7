/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_ROCKS_H
#define BENCH_ROCKS_H

#include <stddef.h>

#include "sequence.h"

/*
 * RocksDB alone, with a log that is written but not synced: what was
 * acknowledged survives the process and not the machine, as in a write-behind
 * cache.
 */
struct rocks;

/* @memory: for its memtables and its block cache, half for each */
struct rocks *rocks_open(const char *path, size_t memory);
void rocks_close(struct rocks *rocks);

/* 0, or 1: it failed or has no such key */
int rocks_get(struct rocks *rocks, const char key[KEY_LEN]);
int rocks_put(struct rocks *rocks, const char key[KEY_LEN], const void *value,
	      size_t len);

#endif
