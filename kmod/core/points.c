// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sorted points of a ring
 *
 * Point 0 of a node is xxh32 of its address, point i is xxh32 of the address,
 * "-" and i in decimal, all with seed 0.  So a node with one point is where
 * the hash of its address is, and more weight adds points without moving
 * those that are there.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xxhash.h>
#include "points.h"

#define KVC_POINTS_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/**
 * kvc_points_table_alloc - make a table with room for nodes and points
 * @nodes: how many
 * @points: how many
 *
 * Context: may sleep.  Return: the table or NULL.
 */
struct kvc_ring_table *kvc_points_table_alloc(u32 nodes, u32 points)
{
	struct kvc_ring_table *t = kzalloc(sizeof(*t), KVC_POINTS_GFP);

	if (!t)
		return NULL;
	t->node = kvcalloc(nodes, sizeof(*t->node), KVC_POINTS_GFP);
	t->point = kvmalloc_array(points, sizeof(*t->point), KVC_POINTS_GFP);
	t->in = kvcalloc(nodes, sizeof(*t->in), KVC_POINTS_GFP);
	if (!t->node || !t->point || !t->in)
		goto err_arrays;
	t->nodes = nodes;
	t->lost = KVC_STAMP_NEVER;
	return t;

err_arrays:
	kvc_points_table_free(t);
	return NULL;
}

/**
 * kvc_points_table_free - free a table that no reader can hold
 * @t: not its nodes; may be NULL
 */
void kvc_points_table_free(struct kvc_ring_table *t)
{
	if (!t)
		return;
	kvfree(t->in);
	kvfree(t->point);
	kvfree(t->node);
	kfree(t);
}

/**
 * kvc_points_count - how many points a node gets
 * @spec: checked by kvc_node_alloc()
 * @points: of a node of weight %KVC_WEIGHT_ONE, unless @spec says
 * @weight: of the node
 *
 * Return: 1 to %KVC_NODE_POINTS_MAX.
 */
u32 kvc_points_count(const struct kvc_node_spec *spec, u32 points, u32 weight)
{
	u64 count = spec->points ?: points;

	if (!spec->point)
		count = count * weight / KVC_WEIGHT_ONE;
	return clamp_t(u64, count, 1, KVC_NODE_POINTS_MAX);
}

/**
 * kvc_points_of - compute a point
 * @address: of the node
 * @number: of the point, from 0 on
 */
u32 kvc_points_of(const char *address, u32 number)
{
	char name[KVC_ADDRESS_MAX + 12];
	int len;

	if (!number)
		return xxh32(address, strlen(address), 0);
	len = snprintf(name, sizeof(name), "%s-%u", address, number);
	return xxh32(name, len, 0);
}

/**
 * kvc_points_fill - write a node's points, not sorted
 * @p: where to
 * @count: how many
 * @node: index of the node
 * @n: the node
 * @supplied: the points, or NULL: they are computed
 */
void kvc_points_fill(struct kvc_point *p, u32 count, u32 node,
		     const struct kvc_node *n, const u32 *supplied)
{
	u32 i;

	for (i = 0; i < count; i++) {
		p[i].at = supplied ? supplied[i] : kvc_points_of(n->address, i);
		p[i].node = node;
	}
	cond_resched();
}

/* Two nodes on one point: the lower index, which is the lower id, is first. */
static bool comes_before(const struct kvc_point *a, const struct kvc_point *b)
{
	return a->at != b->at ? a->at < b->at : a->node < b->node;
}

static void merge_runs(struct kvc_point *to, const struct kvc_point *a,
		       u32 a_count, const struct kvc_point *b, u32 b_count)
{
	while (a_count || b_count) {
		if (!b_count || (a_count && !comes_before(b, a))) {
			*to++ = *a++;
			a_count--;
		} else {
			*to++ = *b++;
			b_count--;
		}
	}
}

/**
 * kvc_points_sort - sort points
 * @p: the points
 * @count: how many
 * @scratch: room for as many
 *
 * A merge sort, since sort() may keep a CPU for seconds.  Context: may sleep.
 */
void kvc_points_sort(struct kvc_point *p, u32 count, struct kvc_point *scratch)
{
	struct kvc_point *from = p, *to = scratch;
	u32 run, i, a, b;

	for (run = 1; run < count; run *= 2) {
		for (i = 0; i < count; i += a + b) {
			a = min(run, count - i);
			b = min(run, count - i - a);
			merge_runs(to + i, from + i, a, from + i + a, b);
			if (i % SZ_64K < a)
				cond_resched();
		}
		swap(from, to);
	}
	if (from != p)
		memcpy(p, from, sizeof(*p) * count);
}

/**
 * kvc_points_merge - fill the points of a new table
 * @t: the new table, with room for them
 * @old: the table before, or NULL
 * @index: of each node of @old its index in @t, or %KVC_POINTS_NONE when its points
 *	are not to be taken over
 * @fresh: sorted points of @t
 * @count: their number
 *
 * Context: may sleep.
 */
void kvc_points_merge(struct kvc_ring_table *t,
		      const struct kvc_ring_table *old, const u32 *index,
		      const struct kvc_point *fresh, u32 count)
{
	u32 points = 0, i, taken = 0;
	struct kvc_point p;

	for (i = 0; old && i < old->points; i++) {
		p = old->point[i];
		p.node = index[p.node];
		if (p.node == KVC_POINTS_NONE)
			continue;
		for (; taken < count && comes_before(&fresh[taken], &p); taken++)
			t->point[points++] = fresh[taken];
		t->point[points++] = p;
		if (i % SZ_64K == 0)
			cond_resched();
	}
	for (; taken < count; taken++)
		t->point[points++] = fresh[taken];
	t->points = points;
}

/**
 * kvc_points_compare - what changes when a node gets other points?
 * @old: a table with the node
 * @node: its index there
 * @fresh: its sorted points from now on
 * @count: their number
 * @gained: set when one is new
 * @lost: set when one is gone
 *
 * Context: may sleep.
 */
void kvc_points_compare(const struct kvc_ring_table *old, u32 node,
			const struct kvc_point *fresh, u32 count, bool *gained,
			bool *lost)
{
	u32 i, taken = 0;

	for (i = 0; i < old->points; i++) {
		if (i % SZ_64K == 0)
			cond_resched();
		if (old->point[i].node != node)
			continue;
		for (; taken < count && fresh[taken].at < old->point[i].at; taken++)
			*gained = true;
		if (taken == count || fresh[taken].at != old->point[i].at)
			*lost = true;
		else
			taken++;
	}
	*gained |= taken < count;
}

/**
 * kvc_points_first - the first point clockwise from a hash
 * @t: a table with points
 * @hash: of a key
 *
 * Return: index of the point; a point at the hash itself is the first.
 */
u32 kvc_points_first(const struct kvc_ring_table *t, u32 hash)
{
	u32 low = 0, high = t->points, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (t->point[middle].at < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low < t->points ? low : 0;
}
