// SPDX-License-Identifier: GPL-2.0-only
/*
 * A ring: nodes, their points and the status table
 *
 * Which nodes there are and where is in a table that never changes; a change
 * makes another one.  The status is in the nodes, which tables share, so that
 * a status change costs the same however many points there are.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/xxhash.h>
#include "cache.h"
#include "defer.h"
#include "ring.h"

#define KVC_RING_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

static int config_complete(struct kvc_ring_config *g)
{
	size_t used = strnlen(g->name, KVC_NAME_MAX);

	memset(g->name + used, 0, KVC_NAME_MAX - used);
	g->points = g->points ?: 160;
	g->rise = g->rise ?: 1;
	g->validity = g->validity ?: 10 * (u64)NSEC_PER_SEC;
	g->defer_max = g->defer_max ?: SZ_64M;
	if (!kvc_config_name_ok(g->name) || g->mode > KVC_RING_STANDBY ||
	    g->select > KVC_SELECT_LOAD)
		return -EINVAL;
	return g->points > KVC_NODE_POINTS_MAX ? -ERANGE : 0;
}

/**
 * kvc_ring_create - make a ring of no nodes
 * @config: settings; copied, and completed there
 * @control: a mutex that the caller holds when it changes nodes or points
 * @observer: told of changes; may be NULL
 * @ctx: for @observer
 *
 * Context: may sleep.  Return: the ring, or an error pointer: -EINVAL;
 * -ERANGE: @points; -ENOMEM.
 */
struct kvc_ring *kvc_ring_create(const struct kvc_ring_config *config,
				 struct mutex *control,
				 const struct kvc_ring_observer *observer,
				 void *ctx)
{
	struct kvc_ring *ring = kzalloc(sizeof(*ring), KVC_RING_GFP);
	int err;

	if (!ring)
		return ERR_PTR(-ENOMEM);
	ring->config = *config;
	err = config_complete(&ring->config);
	if (err)
		goto err_config;
	ring->control = control;
	spin_lock_init(&ring->lock);
	ring->observer = observer;
	ring->ctx = ctx;
	ring->next_id = 1;
	INIT_LIST_HEAD(&ring->tags);
	ring->tag_next = U64_MAX;
	ring->known = U64_MAX;
	return ring;

err_config:
	kfree(ring);
	return ERR_PTR(err);
}

/**
 * kvc_ring_configure - give a ring other settings
 * @ring: the ring, under its control mutex
 * @config: all settings but the name; @points counts for nodes that join
 *
 * Context: may sleep.  Return: 0, or with nothing changed -EINVAL; -ERANGE:
 * @points; -E2BIG: too many nodes for the selection by load.
 */
int kvc_ring_configure(struct kvc_ring *ring,
		       const struct kvc_ring_config *config)
{
	struct kvc_ring_config g = *config;
	int err;

	lockdep_assert_held(ring->control);
	memcpy(g.name, ring->config.name, sizeof(g.name));
	err = config_complete(&g);
	if (err)
		return err;
	if (g.mode == KVC_RING_ACTIVE && g.select == KVC_SELECT_LOAD &&
	    kvc_ring_nodes(ring) > KVC_RING_LOAD_MAX)
		return -E2BIG;
	spin_lock(&ring->lock);
	WRITE_ONCE(ring->config.mode, g.mode);
	WRITE_ONCE(ring->config.select, g.select);
	ring->config.points = g.points;
	ring->config.threshold = g.threshold;
	ring->config.rise = g.rise;
	ring->config.validity = g.validity;
	ring->config.defer_max = g.defer_max;
	spin_unlock(&ring->lock);
	return 0;
}

/**
 * kvc_ring_free - free a ring, its nodes and its deferrals
 * @ring: that no reader can find, for a grace period at least
 *
 * Context: may sleep.
 */
void kvc_ring_free(struct kvc_ring *ring)
{
	struct kvc_ring_table *t = rcu_dereference_protected(ring->table, true);
	u32 i;

	for (i = 0; t && i < t->nodes; i++) {
		kvc_defer_forget(ring, t->node[i]);
		kvc_node_free(t->node[i]);
	}
	kvc_points_table_free(t);
	kfree(ring);
}

/**
 * kvc_ring_hash - where a key is on the ring
 * @key: its bytes
 * @len: their number
 *
 * Every node must agree on it, so it is plain xxh32 with seed 0.
 */
u32 kvc_ring_hash(const void *key, size_t len)
{
	return xxh32(key, len, 0);
}

/* Index of the first node whose id is at least @id */
static u32 table_at(const struct kvc_ring_table *t, u32 id)
{
	u32 low = 0, high = t ? t->nodes : 0, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (t->node[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/**
 * kvc_ring_find - find a node by its id
 * @t: the table, or NULL
 * @id: of the node
 *
 * Return: the node or NULL.
 */
struct kvc_node *kvc_ring_find(const struct kvc_ring_table *t, u32 id)
{
	u32 at = table_at(t, id);

	return t && at < t->nodes && t->node[at]->id == id ? t->node[at] : NULL;
}

/**
 * kvc_ring_current - the newest table
 * @ring: locked, by @control or by @lock
 *
 * Return: the table, or NULL when there was never a node.
 */
struct kvc_ring_table *kvc_ring_current(struct kvc_ring *ring)
{
	return rcu_dereference_protected(ring->table,
					 lockdep_is_held(&ring->lock) ||
					 lockdep_is_held(ring->control));
}

/**
 * kvc_ring_lookup - find a node by its id
 * @ring: locked, by @control or by @lock
 * @id: of the node
 *
 * Return: the node or NULL.
 */
struct kvc_node *kvc_ring_lookup(struct kvc_ring *ring, u32 id)
{
	return kvc_ring_find(kvc_ring_current(ring), id);
}

/**
 * kvc_ring_note - make an event of a change
 * @ring: the ring, locked
 * @n: the node that changed
 * @type: how
 * @ev: the event, for kvc_ring_tell() without the lock
 */
void kvc_ring_note(struct kvc_ring *ring, const struct kvc_node *n,
		    enum kvc_ring_event_type type, struct kvc_ring_event *ev)
{
	struct kvc_ring_table *t = kvc_ring_current(ring);

	lockdep_assert_held(&ring->lock);
	*ev = (struct kvc_ring_event){
		.type = type,
		.status = n->status,
		.node = n->id,
		.seq = ++ring->event_seq,
		.generation = t ? t->generation : 0,
		.stamp = n->since,
		.tag_until = n->tagged ? n->tag_until : 0,
	};
	memcpy(ev->name, n->name, sizeof(ev->name));
}

/**
 * kvc_ring_tell - let the observer know
 * @ring: the ring, not locked
 * @ev: from kvc_ring_note()
 */
void kvc_ring_tell(struct kvc_ring *ring, const struct kvc_ring_event *ev)
{
	if (ring->observer && ring->observer->event)
		ring->observer->event(ring->ctx, ev);
}

static void info_fill(struct kvc_ring_node *info, const struct kvc_node *n,
		      u64 now)
{
	struct kvc_node_view v;

	kvc_node_read(n, now, &v);
	*info = (struct kvc_ring_node){
		.id = n->id,
		.weight = READ_ONCE(n->weight),
		.points = READ_ONCE(n->points),
		.instances = READ_ONCE(n->instances),
		.status = v.status,
		.failures = READ_ONCE(n->failures),
		.tagged = v.tagged,
		.flush = READ_ONCE(n->deferred.flush),
		.deferred = READ_ONCE(n->deferred.count),
		.since = v.since,
		.shaken = v.shaken,
		.lost = v.lost,
		.tag_until = v.tagged ? READ_ONCE(n->tag_until) : 0,
		.order = READ_ONCE(n->order),
		.load.capacity = READ_ONCE(n->load.capacity),
		.load.volume = READ_ONCE(n->load.volume),
		.load.response = READ_ONCE(n->load.response),
	};
	memcpy(info->name, n->name, sizeof(info->name));
	memcpy(info->address, n->address, sizeof(info->address));
}

/**
 * kvc_ring_next - read the status table, line by line
 * @ring: the ring
 * @after: id of the line before; 0: from the start
 * @now: decides whether a tag still counts
 * @info: gets the line of the next id
 *
 * Return: 0, or -ENOENT when there is none.
 */
int kvc_ring_next(struct kvc_ring *ring, u32 after, u64 now,
		  struct kvc_ring_node *info)
{
	const struct kvc_ring_table *t;
	int err = -ENOENT;
	u32 at;

	if (after == U32_MAX)
		return err;
	rcu_read_lock();
	t = rcu_dereference(ring->table);
	at = table_at(t, after + 1);
	if (t && at < t->nodes) {
		info_fill(info, t->node[at], now);
		err = 0;
	}
	rcu_read_unlock();
	return err;
}

/**
 * kvc_ring_id - find a node by its name
 * @ring: the ring
 * @name: of the node
 *
 * Looks at one node after the other.  Return: the id, or 0.
 */
u32 kvc_ring_id(struct kvc_ring *ring, const char *name)
{
	const struct kvc_ring_table *t;
	u32 i, id = 0;

	rcu_read_lock();
	t = rcu_dereference(ring->table);
	for (i = 0; t && !id && i < t->nodes; i++)
		if (!strcmp(t->node[i]->name, name))
			id = t->node[i]->id;
	rcu_read_unlock();
	return id;
}

/**
 * kvc_ring_generation - which table is in force
 * @ring: the ring
 *
 * Return: the generation; 0: there was never a node.
 */
u64 kvc_ring_generation(struct kvc_ring *ring)
{
	const struct kvc_ring_table *t;
	u64 generation;

	rcu_read_lock();
	t = rcu_dereference(ring->table);
	generation = t ? t->generation : 0;
	rcu_read_unlock();
	return generation;
}

/**
 * kvc_ring_nodes - how many nodes there are
 * @ring: the ring
 */
u32 kvc_ring_nodes(struct kvc_ring *ring)
{
	const struct kvc_ring_table *t;
	u32 nodes;

	rcu_read_lock();
	t = rcu_dereference(ring->table);
	nodes = t ? t->nodes : 0;
	rcu_read_unlock();
	return nodes;
}

/**
 * kvc_ring_set_self - say which node this host is
 * @ring: the ring, under its control mutex
 * @id: of the node; 0: none
 *
 * Return: 0 or -ENOENT.
 */
int kvc_ring_set_self(struct kvc_ring *ring, u32 id)
{
	lockdep_assert_held(ring->control);
	if (id && !kvc_ring_lookup(ring, id))
		return -ENOENT;
	WRITE_ONCE(ring->self, id);
	return 0;
}

/**
 * kvc_ring_set_load - give a node other figures for dynamic load selection
 * @ring: the ring
 * @id: of the node
 * @load: the figures
 *
 * Return: 0 or -ENOENT.
 */
int kvc_ring_set_load(struct kvc_ring *ring, u32 id,
		      const struct kvc_load *load)
{
	struct kvc_node *n;

	spin_lock(&ring->lock);
	n = kvc_ring_lookup(ring, id);
	if (n) {
		WRITE_ONCE(n->load.capacity, load->capacity);
		WRITE_ONCE(n->load.volume, load->volume);
		WRITE_ONCE(n->load.response, load->response);
	}
	spin_unlock(&ring->lock);
	return n ? 0 : -ENOENT;
}

/**
 * kvc_ring_set_instances - say of how many cache instances a node is made
 * @ring: the ring
 * @id: of the node
 * @instances: how many; 0: 1
 *
 * Return: 0 or -ENOENT.
 */
int kvc_ring_set_instances(struct kvc_ring *ring, u32 id, u32 instances)
{
	struct kvc_node *n;

	spin_lock(&ring->lock);
	n = kvc_ring_lookup(ring, id);
	if (n)
		WRITE_ONCE(n->instances, instances ?: 1);
	spin_unlock(&ring->lock);
	return n ? 0 : -ENOENT;
}

/**
 * kvc_ring_set_known - say how far the status table is complete
 * @ring: the ring
 * @known: CLOCK_BOOTTIME in ns; U64_MAX: changes are made here, so it always is
 *
 * For a table that follows another one.  Past @known every duration in it
 * counts as unknown (P19).
 */
void kvc_ring_set_known(struct kvc_ring *ring, u64 known)
{
	WRITE_ONCE(ring->known, known);
}
