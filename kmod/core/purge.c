// SPDX-License-Identifier: GPL-2.0-only
/*
 * The purge walk
 *
 * Which servers may hold a copy of an object that somebody could still read?
 * Only those that requests went to within the last E, since older copies have
 * expired.  Requests go to the first server in operation, so one that was in
 * operation all the time kept them from all behind it: there the walk stops
 * (P6).  A server that was out of operation all the time got none (P8).
 *
 * Behind the stop there may still be servers that were ahead of it until they
 * lost points, see change.c.  They are visited too.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "purge.h"

#define KVC_PURGE_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

static bool longer(const struct kvc_purge_query *q, u64 stamp)
{
	return kvc_stamp_longer(stamp, q->now, q->known, q->expiry);
}

/* P19: what is never is infinitely long ago; but not losing is not losing. */
static bool lost_lately(const struct kvc_purge_query *q, u64 stamp)
{
	return stamp != KVC_STAMP_NEVER && !longer(q, stamp);
}

static void plan_step(struct kvc_purge_plan *plan, const struct kvc_node *n,
		      enum kvc_purge_action action)
{
	plan->step[plan->count++] = (struct kvc_purge_step){
		.node = n->id,
		.action = action,
	};
}

/* Return: true when no later server can have got a request */
static bool visit(struct kvc_purge_plan *plan, const struct kvc_node *n,
		  const struct kvc_node_view *v,
		  const struct kvc_purge_query *q)
{
	bool since = longer(q, v->since) && longer(q, v->shaken);

	if (v->status == KVC_NODE_UP && !v->tagged) {
		plan_step(plan, n, KVC_PURGE_SEND);	/* P6, P7 */
		return since;
	}
	if (since)
		return false;				/* P8 */
	/* A tag is a guess: the server may well answer.  If not: P18 */
	plan_step(plan, n, v->status == KVC_NODE_UP ? KVC_PURGE_SEND :
						      KVC_PURGE_DEFER);	/* P9 */
	return false;
}

/**
 * kvc_purge_walk - find out what a purge has to do
 * @t: a table
 * @q: what is to be purged, and when
 * @plan: gets the steps, in the order of the servers clockwise from the key
 *
 * Context: under rcu_read_lock(), without the ring's lock.  Return: 0, or
 * -ENOSPC when the table has more nodes than the plan has room for.
 */
int kvc_purge_walk(const struct kvc_ring_table *t,
		   const struct kvc_purge_query *q,
		   struct kvc_purge_plan *plan)
{
	bool lost = lost_lately(q, t->lost), stopped = false;
	u32 i, at, node, left = t->nodes;
	struct kvc_node_view v;

	plan->generation = t->generation;
	plan->count = 0;
	if (t->nodes > plan->room)
		return -ENOSPC;
	memset(plan->seen, 0, t->nodes);
	at = kvc_points_first(t, q->hash);
	for (i = 0; left && i < t->points; i++, at = at + 1 < t->points ? at + 1 : 0) {
		node = t->point[at].node;
		if (plan->seen[node])
			continue;
		plan->seen[node] = 1;
		left--;
		kvc_node_read(t->node[node], q->now, &v);
		if (stopped && !lost_lately(q, v.lost))
			continue;
		if (visit(plan, t->node[node], &v, q) && !q->all)
			stopped = true;
		if (stopped && !lost)
			break;
	}
	return 0;
}

static struct kvc_purge_plan *plan_alloc(u32 room)
{
	struct kvc_purge_plan *plan;

	plan = kvmalloc(struct_size(plan, step, room) + room, KVC_PURGE_GFP);
	if (!plan)
		return NULL;
	plan->room = room;
	plan->count = 0;
	plan->seen = (u8 *)&plan->step[room];
	return plan;
}

/* Return: 0, or how many nodes there are if they are too many for the plan */
static u32 plan_fill(struct kvc_ring *ring, struct kvc_purge_query *q,
		     struct kvc_purge_plan *plan)
{
	const struct kvc_ring_table *t;
	u32 nodes = 0;

	rcu_read_lock();
	t = rcu_dereference(ring->table);
	plan->generation = 0;
	if (t && kvc_purge_walk(t, q, plan))
		nodes = t->nodes;
	rcu_read_unlock();
	return nodes;
}

/**
 * kvc_purge_make - find out what a purge has to do now
 * @ring: the ring
 * @hash: of the key
 * @expiry: E, in ns; with it the longest time that a program may still route
 *	by an older status table
 * @now: the clock
 *
 * The source is purged before (P5).  Only consistent hashing has an order of
 * nodes that is the same for a key at all times; in a ring that chooses
 * otherwise the walk does not stop.
 *
 * Context: may sleep.  Return: the plan, for kvc_purge_free(), or an error
 * pointer: -ENOMEM.
 */
struct kvc_purge_plan *kvc_purge_make(struct kvc_ring *ring, u32 hash,
				      u64 expiry, u64 now)
{
	struct kvc_purge_query q = {
		.hash = hash,
		.now = now,
		.expiry = expiry,
		.known = READ_ONCE(ring->known),
		.all = READ_ONCE(ring->config.mode) != KVC_RING_ACTIVE ||
		       READ_ONCE(ring->config.select) != KVC_SELECT_CONSISTENT,
	};
	struct kvc_purge_plan *plan;
	u32 room = 16;

	for (;;) {
		plan = plan_alloc(room);
		if (!plan)
			return ERR_PTR(-ENOMEM);
		room = plan_fill(ring, &q, plan);
		if (!room)
			return plan;
		kvc_purge_free(plan);
	}
}

/**
 * kvc_purge_free - free a plan
 * @plan: may be NULL
 */
void kvc_purge_free(struct kvc_purge_plan *plan)
{
	kvfree(plan);
}
