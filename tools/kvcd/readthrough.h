/* SPDX-License-Identifier: GPL-2.0-only */
/* A key that the kernel did not have, from the store and into the kernel */
#ifndef KVCD_READTHROUGH_H
#define KVCD_READTHROUGH_H

#include <stdatomic.h>
#include <stdbool.h>

#include "body.h"
#include "cache.h"

/*
 * How far a look-up is.  What it finds was true at some moment after LOOK_READS
 * began; what the kernel then took was still true after LOOK_FILLS began.
 */
enum look {
	LOOK_WAITS,
	LOOK_READS,
	LOOK_FILLS,
};

/**
 * struct readthrough - a look-up
 * @front: in which cache
 * @key: what
 * @key_len: bytes there
 * @phase: &enum look
 * @body: what was found: &struct kvcd_pair and the value
 * @sure: the kernel took it: it was true when LOOK_FILLS had begun
 */
struct readthrough {
	struct front *front;
	const unsigned char *key;
	uint32_t key_len;
	atomic_int phase;
	struct body *body;
	bool sure;
};

/*
 * 0 and a body; -ENOENT: neither has it; -EIO: the store cannot be read; or what
 * the kernel said.
 */
int readthrough(struct readthrough *rt);

/* What the store has, past the kernel. */
int readthrough_store(struct front *front, const void *key, size_t len,
		      struct body **out);

/* Logs, not too often, why the store could not be read, and counts it; -EIO. */
int readthrough_failed(struct cache *cache, const struct why *why);

#endif /* KVCD_READTHROUGH_H */
