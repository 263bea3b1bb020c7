/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_RING_H
#define KVCCTL_RING_H

#include <kvcache.h>

#include "json.h"

/* Reports that something about a ring was refused; gives an exit status. */
int ring_failed(const struct kvc_ctl *ctl, const char *what, const char *ring,
		int err);

/* The same about a node. */
int node_failed(const struct kvc_ctl *ctl, const char *what, const char *ring,
		const char *node, int err);

/* What is known of a node by its name; gives an exit status. */
int node_find(struct kvc_ctl *ctl, const char *ring, const char *name,
	      struct kvc_node *node);

/* All nodes of a ring, in memory to free(); gives an exit status. */
int node_all(struct kvc_ctl *ctl, const char *ring, struct kvc_node **nodes,
	     size_t *count);

/* Nodes as a table, or as an array of objects. */
void node_table(const struct kvc_node *nodes, size_t count);
json_t *node_array(const struct kvc_node *nodes, size_t count);

#endif /* KVCCTL_RING_H */
