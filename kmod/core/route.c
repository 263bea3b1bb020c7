// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which nodes are in operation for a key, in order of preference
 *
 * Only nodes that are up and have no tag are chosen (A4).  A table has a byte
 * for each node that says so, so points of nodes that are not are passed over
 * without a look at the node.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include "route.h"

static bool is_in(const struct kvc_ring_table *t, u32 node)
{
	return READ_ONCE(t->in[node]);
}

static bool has(const u32 *ids, u32 count, u32 id)
{
	while (count--)
		if (ids[count] == id)
			return true;
	return false;
}

/* P1: the first servers in operation clockwise */
static u32 route_consistent(const struct kvc_ring_table *t, u32 hash, u32 *ids,
			    u32 most)
{
	u32 at = kvc_points_first(t, hash), i, id, count = 0;

	for (i = 0; count < most && i < t->points; i++) {
		if (is_in(t, t->point[at].node)) {
			id = t->node[t->point[at].node]->id;
			if (!has(ids, count, id))
				ids[count++] = id;
		}
		at = at + 1 < t->points ? at + 1 : 0;
	}
	return count;
}

static u32 route_hash(const struct kvc_ring_table *t, u32 hash, u32 *ids,
		      u32 most)
{
	u32 at = hash % t->nodes, i, count = 0;

	for (i = 0; count < most && i < t->nodes; i++) {
		if (is_in(t, at))
			ids[count++] = t->node[at]->id;
		at = at + 1 < t->nodes ? at + 1 : 0;
	}
	return count;
}

/* The node in operation with the next place after @order, which it sets */
static const struct kvc_node *standby_next(const struct kvc_ring_table *t,
					   bool first, u64 *order)
{
	const struct kvc_node *next = NULL;
	u64 place, best = 0;
	u32 i;

	for (i = 0; i < t->nodes; i++) {
		place = READ_ONCE(t->node[i]->order);
		if (!is_in(t, i) || (!first && place <= *order) ||
		    (next && place >= best))
			continue;
		next = t->node[i];
		best = place;
	}
	*order = best;
	return next;
}

/* A7: the first of the list is master */
static u32 route_standby(const struct kvc_ring_table *t, u32 *ids, u32 most)
{
	const struct kvc_node *n;
	u32 count = 0;
	u64 order = 0;

	while (count < most) {
		n = standby_next(t, !count, &order);
		if (!n)
			break;
		if (!has(ids, count, n->id))
			ids[count++] = n->id;
	}
	return count;
}

static int route(const struct kvc_ring *ring, const struct kvc_ring_table *t,
		 u32 hash, u32 *ids, u32 most)
{
	u32 serving, count;

	if (!t || !t->nodes)
		return -ENOENT;
	serving = READ_ONCE(t->serving);
	most = min(most, serving);
	if (!most)
		return -EHOSTUNREACH;
	if (READ_ONCE(ring->config.mode) == KVC_RING_STANDBY)
		count = route_standby(t, ids, most);
	else if (READ_ONCE(ring->config.select) == KVC_SELECT_HASH)
		count = route_hash(t, hash, ids, most);
	else if (READ_ONCE(ring->config.select) == KVC_SELECT_LOAD)
		count = kvc_load_route(t, ids, most);
	else
		count = route_consistent(t, hash, ids, most);
	return count ?: -EHOSTUNREACH;
}

/**
 * kvc_ring_route - find the nodes of a key
 * @ring: the ring
 * @hash: of the key: kvc_ring_hash(), or what another placement has
 * @now: the clock
 * @ids: gets the nodes' ids, in order of preference: the first one is master,
 *	the next ones take over when it fails
 * @most: room in @ids, 1 to %KVC_ROUTE_MAX
 *
 * Logarithmic in the number of points, and linear in the points of nodes that
 * are not in operation and lie between the key and the answer.  The first
 * nodes are always right; when others come into operation during the call, the
 * last ones may be missing.
 *
 * Context: as the observer's, which is told of tags that have come to their
 * end; not in a read section.  Return: how many nodes; -EINVAL: @most;
 * -ENOENT: the ring has no nodes; -EHOSTUNREACH: none is in operation.
 */
int kvc_ring_route(struct kvc_ring *ring, u32 hash, u64 now, u32 *ids,
		   u32 most)
{
	int ret;

	if (!most || most > KVC_ROUTE_MAX)
		return -EINVAL;
	/* A3 */
	kvc_ring_end_tags(ring, now);
	rcu_read_lock();
	ret = route(ring, rcu_dereference(ring->table), hash, ids, most);
	rcu_read_unlock();
	return ret;
}
