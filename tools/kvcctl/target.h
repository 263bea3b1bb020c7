/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_TARGET_H
#define KVCCTL_TARGET_H

#include <stdbool.h>
#include <kvcache.h>

#include "options.h"

/* A node that pairs are removed from: a server, or a cache of this host. */
struct target {
	struct kvc_ctl *ctl;
	const char *cache;	/* NULL: it is a server */
	int fd;
};

/* How the nodes of a ring are reached. */
struct reach {
	struct kvc_ctl *ctl;
	const char *cache;	/* that is the node @self */
	uint32_t self;
	uint64_t timeout;
};

/* Finds out which node is this host; gives an exit status. */
int reach_begin(const struct options *opt, struct kvc_ctl *ctl,
		const char *ring, struct reach *reach);

/* These give 0 or a negative errno. */
int target_open(const struct reach *reach, uint32_t node, const char *address,
		struct target *target);
int target_delete(const struct target *target, const void *key, size_t len);
int target_flush(const struct target *target);
void target_close(struct target *target);

#endif /* KVCCTL_TARGET_H */
