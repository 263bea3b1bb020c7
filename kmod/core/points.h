/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_POINTS_H
#define _KVC_POINTS_H

#include "node.h"

/* The most points of a ring: 128 MiB */
#define KVC_RING_POINTS_MAX	(16u << 20)

/* In a map from one table's nodes to another's: the node is not there */
#define KVC_POINTS_NONE		(~0u)

/**
 * struct kvc_point - where a node is on the ring
 * @at: 0 to 2^32 - 1
 * @node: index in the table
 */
struct kvc_point {
	u32 at;
	u32 node;
};

/**
 * struct kvc_ring_table - a ring at one moment, as its readers see it
 * @generation: of the ring: one more with each table
 * @lost: when a node of it last lost points to others
 * @nodes: their number
 * @points: likewise
 * @serving: nodes in operation
 * @node: by id
 * @point: by place, then by id
 * @in: of each node: is it in operation?
 *
 * Never changes once it is published, but for @serving and @in, which the
 * ring's lock guards.
 */
struct kvc_ring_table {
	u64 generation;
	u64 lost;
	u32 nodes;
	u32 points;
	u32 serving;
	struct kvc_node **node;
	struct kvc_point *point;
	u8 *in;
};

struct kvc_ring_table *kvc_points_table_alloc(u32 nodes, u32 points);
void kvc_points_table_free(struct kvc_ring_table *t);
u32 kvc_points_count(const struct kvc_node_spec *spec, u32 points, u32 weight);
u32 kvc_points_of(const char *address, u32 number);
void kvc_points_fill(struct kvc_point *p, u32 count, u32 node,
		     const struct kvc_node *n, const u32 *supplied);
void kvc_points_sort(struct kvc_point *p, u32 count, struct kvc_point *scratch);
void kvc_points_merge(struct kvc_ring_table *t,
		      const struct kvc_ring_table *old, const u32 *index,
		      const struct kvc_point *fresh, u32 count);
void kvc_points_compare(const struct kvc_ring_table *old, u32 node,
			const struct kvc_point *fresh, u32 count, bool *gained,
			bool *lost);
u32 kvc_points_first(const struct kvc_ring_table *t, u32 hash);

#endif
