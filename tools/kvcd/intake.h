/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs, from the kernel's stream into the store */
#ifndef KVCD_INTAKE_H
#define KVCD_INTAKE_H

#include <stdbool.h>

#include "cache.h"
#include "frames.h"
#include "sst.h"

/**
 * struct intake - a stream, and what of its present run was written
 * @cache: whose runs they are
 * @stream: the kernel's file
 * @frames: how far the run was read
 * @sst: the file that it becomes
 * @run: the run that is read, also when its first frame is not to be trusted
 * @repeat: the store has the run already
 * @ready: the file is finished; the store was behind with compacting
 * @tombstones: in the run so far
 * @bytes: likewise
 * @buf: room for frames
 * @size: bytes there
 */
struct intake {
	struct cache *cache;
	int stream;
	struct frames frames;
	struct sst sst;
	uint64_t run;
	bool repeat;
	bool ready;
	uint64_t tombstones;
	uint64_t bytes;
	unsigned char *buf;
	size_t size;
};

int intake_init(struct intake *in, const struct front *front, int stream);
void intake_exit(struct intake *in);

/*
 * Takes in what there is to read.  0: nothing more now, wait until the stream
 * can be read; -EAGAIN: the store is behind, try again a little later; or what
 * went wrong: then the stream has to be opened anew, which rewinds it.
 */
int intake_step(struct intake *in, struct why *why);

#endif /* KVCD_INTAKE_H */
