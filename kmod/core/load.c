// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dynamic load selection (A9)
 *
 * Each node in operation gets ranks among them: for its capacity, the greater
 * the better, for its volume and its response time, the smaller the better.
 * The rank is the number of nodes that are worse, so equal figures have equal
 * ranks.  The response time counts as much as the other two together, so the
 * percentages 25, 25 and 50 are weights of 1, 1 and 2.
 */
#include <linux/kernel.h>
#include "route.h"

static u32 score_of(const struct kvc_ring_table *t, const struct kvc_node *n)
{
	u64 w = READ_ONCE(n->load.capacity);
	u64 c = READ_ONCE(n->load.volume);
	u64 r = READ_ONCE(n->load.response);
	const struct kvc_load *other;
	u32 i, score = 0;

	for (i = 0; i < t->nodes; i++) {
		if (!READ_ONCE(t->in[i]))
			continue;
		other = &t->node[i]->load;
		score += READ_ONCE(other->capacity) < w;
		score += READ_ONCE(other->volume) > c;
		score += 2 * (READ_ONCE(other->response) > r);
	}
	return score;
}

/**
 * kvc_load_route - nodes in operation, the least loaded one first
 * @t: a table of %KVC_RING_LOAD_MAX nodes at the most
 * @ids: gets their ids; of equal ones the lowest comes first
 * @most: room in @ids
 *
 * Context: under rcu_read_lock().  Return: how many.
 */
u32 kvc_load_route(const struct kvc_ring_table *t, u32 *ids, u32 most)
{
	/* One more than the score; 0: not in operation, or chosen already */
	u16 left[KVC_RING_LOAD_MAX] = {};
	u32 i, best, count;

	for (i = 0; i < t->nodes && i < ARRAY_SIZE(left); i++)
		if (READ_ONCE(t->in[i]))
			left[i] = score_of(t, t->node[i]) + 1;
	for (count = 0; count < most; count++) {
		best = 0;
		for (i = 1; i < ARRAY_SIZE(left); i++)
			if (left[i] > left[best])
				best = i;
		if (!left[best])
			break;
		left[best] = 0;
		ids[count] = t->node[best]->id;
	}
	return count;
}
