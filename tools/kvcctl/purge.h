/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_PURGE_H
#define KVCCTL_PURGE_H

#include <kvcache.h>

#include "buf.h"
#include "options.h"

/* Purges a cache of this host and adds to @count; gives an exit status. */
int purge_local(struct kvc_ctl *ctl, const char *cache, const struct buf *key,
		uint32_t flags, uint64_t revision, uint64_t *count);

/* Purges keys of a ring; gives an exit status. */
int purge_ring(const struct options *opt, int argc, char **argv);

#endif /* KVCCTL_PURGE_H */
