/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_PLACEMENT_H
#define KVCCTL_PLACEMENT_H

#include <kvcache.h>

#include "buf.h"
#include "options.h"

/*
 * The placement that the options name (P4): the kernel's own, or ketama, whose
 * points and hashes are computed here.  All give an exit status.
 */

/* Fills in key and hash of a query. */
int placement_query(const struct options *opt, const struct buf *key,
		    struct kvc_query *query);

/* Says in each node how many points it has by the placement. */
int placement_apply(const struct options *opt, struct kvc_node *nodes,
		    size_t count);

/* Gives the nodes of a ring the points of the placement. */
int placement_set(const struct options *opt, struct kvc_ctl *ctl,
		  const char *ring, const struct kvc_node *nodes, size_t count);

#endif /* KVCCTL_PLACEMENT_H */
