// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes of nodes and points
 *
 * A change makes a new table, publishes it by one pointer store and frees the
 * old one after a grace period.  Everything that can fail comes first.
 *
 * It counts as a status change of the servers whose arcs moved (P17).  In
 * which order a key meets two nodes depends on the points of these two and of
 * no other.  So a node that gets points may be ahead now of some that got the
 * requests before: it is "shaken", and a purge does not stop at it.  A node
 * that loses points may be behind some now, at which a purge could stop: it
 * has "lost", and a purge goes to it in any case.  A node that leaves is not
 * read any more, and when it comes back nothing is known of it.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "defer.h"
#include "ring.h"

#define KVC_CHANGE_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/**
 * struct change - a table that is being made
 * @old: the table in force, or NULL
 * @table: the new one
 * @index: of each node of @old its index in @table, if its points stay
 * @fresh: points that are new
 * @count: their number
 */
struct change {
	const struct kvc_ring_table *old;
	struct kvc_ring_table *table;
	u32 *index;
	struct kvc_point *fresh;
	u32 count;
};

/* Room for @nodes with @points, of which @fresh are new */
static int change_begin(struct kvc_ring *ring, struct change *c, u32 nodes,
			u64 points, u64 fresh)
{
	if (nodes > KVC_RING_NODES_MAX || points > KVC_RING_POINTS_MAX)
		return -E2BIG;
	c->old = kvc_ring_current(ring);
	c->count = fresh;
	c->table = kvc_points_table_alloc(nodes, points);
	c->fresh = kvmalloc_array(fresh + !fresh, sizeof(*c->fresh),
				  KVC_CHANGE_GFP);
	c->index = kvmalloc_array(c->old ? c->old->nodes : 1,
				  sizeof(*c->index), KVC_CHANGE_GFP);
	if (!c->table || !c->fresh || !c->index)
		return -ENOMEM;
	c->table->generation = c->old ? c->old->generation + 1 : 1;
	c->table->lost = c->old ? c->old->lost : KVC_STAMP_NEVER;
	return 0;
}

static void change_free(struct change *c)
{
	kvfree(c->index);
	kvfree(c->fresh);
	kvc_points_table_free(c->table);
}

static u32 table_serving(struct kvc_ring_table *t)
{
	u32 i, serving = 0;

	for (i = 0; i < t->nodes; i++) {
		t->node[i]->index = i;
		t->in[i] = kvc_node_in_operation(t->node[i]);
		serving += t->in[i];
	}
	return serving;
}

/* The new table takes over, and the old one is to be freed. */
static void change_publish(struct kvc_ring *ring, struct change *c)
{
	lockdep_assert_held(&ring->lock);
	c->table->serving = table_serving(c->table);
	rcu_assign_pointer(ring->table, c->table);
	c->table = (struct kvc_ring_table *)c->old;
}

/* Afterwards nobody can hold the table before, or a node that was only there. */
static void change_end(struct change *c)
{
	if (c->table)
		synchronize_rcu();
	change_free(c);
}

static void keep_nodes(struct change *c)
{
	u32 i;

	for (i = 0; c->old && i < c->old->nodes; i++) {
		c->table->node[i] = c->old->node[i];
		c->index[i] = i;
	}
}

static bool same(const struct kvc_node *a, const struct kvc_node *b)
{
	return (a->name_hash == b->name_hash && !strcmp(a->name, b->name)) ||
	       (a->address_hash == b->address_hash &&
		!strcmp(a->address, b->address));
}

static bool is_there(struct kvc_node **nodes, u32 count,
		     const struct kvc_node *n)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (same(nodes[i], n))
			return true;
		if (i % SZ_64K == 0)
			cond_resched();
	}
	return false;
}

/* What the status table says of a node that joins */
static void node_join(struct kvc_ring *ring, struct kvc_node *n,
		      enum kvc_join join, u64 now)
{
	bool alone = !kvc_ring_current(ring) || !kvc_ring_current(ring)->nodes;

	n->order = ring->next_order++;
	if (join == KVC_JOIN_FOUNDER || (join == KVC_JOIN_EMPTY && alone))
		return;
	n->since = now;
	n->shaken = now;
	if (join != KVC_JOIN_UNKNOWN)
		return;
	n->status = KVC_NODE_DOWN;
	n->deferred.flush = true;
	n->deferred.flush_until = U64_MAX;
	n->deferred.flush_seq = ++ring->defer_seq;
}

static void nodes_free(struct kvc_node **nodes, u32 count)
{
	u32 i;

	for (i = 0; nodes && i < count; i++)
		kvc_node_free(nodes[i]);
	kvfree(nodes);
}

/* Nodes of the specs, with their number of points */
static int nodes_make(struct kvc_ring *ring, const struct kvc_node_spec *specs,
		      struct kvc_node **nodes, u32 count, u64 *points)
{
	struct kvc_node *n;
	u32 i;

	for (i = 0; i < count; i++) {
		n = kvc_node_alloc(&specs[i], &ring->lock);
		if (IS_ERR(n))
			return PTR_ERR(n);
		nodes[i] = n;
		if (is_there(nodes, i, n))
			return -EEXIST;
		n->points = kvc_points_count(&specs[i], ring->config.points,
					     n->weight);
		*points += n->points;
		n->id = ring->next_id + i;
	}
	return 0;
}

static int nodes_fit(struct kvc_ring *ring, struct kvc_node **nodes, u32 count)
{
	const struct kvc_ring_table *old = kvc_ring_current(ring);
	u32 i, total = count + (old ? old->nodes : 0);

	if (total > KVC_RING_NODES_MAX ||
	    (ring->config.mode == KVC_RING_ACTIVE &&
	     ring->config.select == KVC_SELECT_LOAD &&
	     total > KVC_RING_LOAD_MAX))
		return -E2BIG;
	if (count > U32_MAX - ring->next_id)
		return -ENOSPC;
	for (i = 0; old && i < count; i++)
		if (is_there(old->node, old->nodes, nodes[i]))
			return -EEXIST;
	return 0;
}

static void points_add(struct change *c, const struct kvc_node_spec *specs,
		       struct kvc_node **nodes, u32 count)
{
	u32 i, first = c->table->nodes - count;
	struct kvc_point *p = c->fresh;

	keep_nodes(c);
	for (i = 0; i < count; i++) {
		c->table->node[first + i] = nodes[i];
		kvc_points_fill(p, nodes[i]->points, first + i, nodes[i],
				specs[i].point);
		p += nodes[i]->points;
	}
	kvc_points_sort(c->fresh, c->count, c->table->point);
	kvc_points_merge(c->table, c->old, c->index, c->fresh, c->count);
}

static void tell(struct kvc_ring *ring, const struct kvc_node *n,
		 enum kvc_ring_event_type type)
{
	struct kvc_ring_event ev;

	spin_lock(&ring->lock);
	kvc_ring_note(ring, n, type, &ev);
	spin_unlock(&ring->lock);
	kvc_ring_tell(ring, &ev);
}

static int nodes_add(struct kvc_ring *ring, const struct kvc_node_spec *specs,
		     struct kvc_node **nodes, u32 count, u64 points, u64 now)
{
	const struct kvc_ring_table *old = kvc_ring_current(ring);
	struct change c = {};
	u32 i;
	int err;

	err = change_begin(ring, &c, count + (old ? old->nodes : 0),
			   points + (old ? old->points : 0), points);
	if (err)
		goto err_begin;
	points_add(&c, specs, nodes, count);
	ring->next_id += count;
	spin_lock(&ring->lock);
	for (i = 0; i < count; i++)
		node_join(ring, nodes[i], specs[i].join, now);
	change_publish(ring, &c);
	spin_unlock(&ring->lock);
	change_end(&c);
	return 0;

err_begin:
	change_free(&c);
	return err;
}

/**
 * kvc_ring_add - let nodes join, all at once
 * @ring: the ring, under its control mutex
 * @specs: the nodes
 * @count: how many, 1 and up
 * @now: the clock
 * @ids: gets their ids; may be NULL
 *
 * Nodes that join an empty ring with empty caches are founders (&enum
 * kvc_join).  Context: may sleep, for a grace period.  Return: 0, or with
 * nothing changed -EINVAL, -ENAMETOOLONG, -ERANGE, -EEXIST (name or address),
 * -E2BIG (more nodes or points than a ring can have), -ENOSPC (ids), -ENOMEM.
 */
int kvc_ring_add(struct kvc_ring *ring, const struct kvc_node_spec *specs,
		 u32 count, u64 now, u32 *ids)
{
	struct kvc_node **nodes;
	u64 points = 0;
	u32 i;
	int err;

	lockdep_assert_held(ring->control);
	if (!count)
		return -EINVAL;
	if (count > KVC_RING_NODES_MAX)
		return -E2BIG;
	nodes = kvcalloc(count, sizeof(*nodes), KVC_CHANGE_GFP);
	if (!nodes)
		return -ENOMEM;
	err = nodes_make(ring, specs, nodes, count, &points) ?:
	      nodes_fit(ring, nodes, count) ?:
	      nodes_add(ring, specs, nodes, count, points, now);
	if (err)
		goto err_add;
	for (i = 0; i < count; i++) {
		if (ids)
			ids[i] = nodes[i]->id;
		tell(ring, nodes[i], KVC_RING_ADDED);
	}
	kvfree(nodes);
	return 0;

err_add:
	nodes_free(nodes, count);
	return err;
}

static void points_remove(struct change *c, u32 gone)
{
	u32 i, kept = 0;

	for (i = 0; i < c->old->nodes; i++) {
		c->index[i] = i == gone ? KVC_POINTS_NONE : kept;
		if (i != gone)
			c->table->node[kept++] = c->old->node[i];
	}
	kvc_points_merge(c->table, c->old, c->index, NULL, 0);
}

/**
 * kvc_ring_remove - let a node leave, and forget its deferrals
 * @ring: the ring, under its control mutex
 * @id: of the node
 *
 * Context: may sleep, for a grace period.  Return: 0, or with nothing changed
 * -ENOENT, -ENOMEM.
 */
int kvc_ring_remove(struct kvc_ring *ring, u32 id)
{
	struct kvc_node *n = kvc_ring_lookup(ring, id);
	struct kvc_ring_event ev;
	struct change c = {};
	int err;

	lockdep_assert_held(ring->control);
	if (!n)
		return -ENOENT;
	c.old = kvc_ring_current(ring);
	err = change_begin(ring, &c, c.old->nodes - 1,
			   c.old->points - n->points, 0);
	if (err)
		goto err_begin;
	points_remove(&c, n->index);
	spin_lock(&ring->lock);
	kvc_status_forget(ring, n);
	change_publish(ring, &c);
	if (ring->self == id)
		WRITE_ONCE(ring->self, 0);
	kvc_ring_note(ring, n, KVC_RING_REMOVED, &ev);
	spin_unlock(&ring->lock);
	change_end(&c);
	kvc_defer_forget(ring, n);
	kvc_node_free(n);
	kvc_ring_tell(ring, &ev);
	return 0;

err_begin:
	change_free(&c);
	return err;
}

static void points_reshape(struct change *c, const struct kvc_node *n,
			   const u32 *supplied, bool *gained, bool *lost)
{
	keep_nodes(c);
	c->index[n->index] = KVC_POINTS_NONE;
	kvc_points_fill(c->fresh, c->count, n->index, n, supplied);
	kvc_points_sort(c->fresh, c->count, c->table->point);
	kvc_points_compare(c->old, n->index, c->fresh, c->count, gained, lost);
	kvc_points_merge(c->table, c->old, c->index, c->fresh, c->count);
}

static void node_reshape(struct change *c, struct kvc_node *n, u32 weight,
			 bool gained, bool lost, u64 now)
{
	WRITE_ONCE(n->weight, weight);
	WRITE_ONCE(n->points, c->count);
	write_seqcount_begin(&n->seq);
	if (gained)
		WRITE_ONCE(n->shaken, now);
	if (lost)
		WRITE_ONCE(n->lost, now);
	write_seqcount_end(&n->seq);
	if (lost)
		c->table->lost = now;
}

/**
 * kvc_ring_reshape - give a node another weight or other points
 * @ring: the ring, under its control mutex
 * @id: of the node
 * @spec: @weight, @points, @point and @instances of it count
 * @now: the clock
 *
 * Context: may sleep, for a grace period.  Return: 0, or with nothing changed
 * -EINVAL, -ERANGE, -ENOENT, -E2BIG, -ENOMEM.
 */
int kvc_ring_reshape(struct kvc_ring *ring, u32 id,
		     const struct kvc_node_spec *spec, u64 now)
{
	struct kvc_node *n = kvc_ring_lookup(ring, id);
	u32 weight = spec->weight ?: KVC_WEIGHT_ONE, count;
	bool gained = false, lost = false;
	struct change c = {};
	int err;

	lockdep_assert_held(ring->control);
	if (!n)
		return -ENOENT;
	if (spec->point && !spec->points)
		return -EINVAL;
	if (weight > KVC_WEIGHT_MAX || spec->points > KVC_NODE_POINTS_MAX)
		return -ERANGE;
	count = kvc_points_count(spec, ring->config.points, weight);
	c.old = kvc_ring_current(ring);
	err = change_begin(ring, &c, c.old->nodes,
			   (u64)c.old->points - n->points + count, count);
	if (err)
		goto err_begin;
	points_reshape(&c, n, spec->point, &gained, &lost);
	spin_lock(&ring->lock);
	node_reshape(&c, n, weight, gained, lost, now);
	WRITE_ONCE(n->instances, spec->instances ?: 1);
	change_publish(ring, &c);
	spin_unlock(&ring->lock);
	change_end(&c);
	tell(ring, n, KVC_RING_POINTS);
	return 0;

err_begin:
	change_free(&c);
	return err;
}
