/* SPDX-License-Identifier: GPL-2.0-only */
/* The directories of the store, and the room on their disk */
#ifndef KVCD_DIRS_H
#define KVCD_DIRS_H

#include <stdint.h>

#include "config.h"
#include "why.h"

/* Creates what is missing; the one above the store's has to be there. */
int dirs_make(const struct config *config, struct why *why);

/* What was staged and not ingested is offered again by the kernel: away. */
void dirs_clear(const char *staging);

/* -ENOSPC when less than @least bytes are free. */
int dirs_room(const char *path, uint64_t least, struct why *why);

int dirs_sync(const char *path);

#endif /* KVCD_DIRS_H */
