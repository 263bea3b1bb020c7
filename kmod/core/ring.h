/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_RING_H
#define _KVC_RING_H

#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <uapi/linux/kvcache_netlink.h>
#include "points.h"

#define KVC_RING_NODES_MAX	65536u
/* Dynamic load compares every node with every other. */
#define KVC_RING_LOAD_MAX	64u

/**
 * struct kvc_ring_config - settings of a ring
 * @name: %KVC_NAME_MAX bytes, by the rules of cache names
 * @mode: &enum kvc_ring_mode
 * @select: &enum kvc_ring_select; a standby ring does not use it
 * @points: of a node of weight %KVC_WEIGHT_ONE; 0: 160
 * @threshold: a node is tagged when more failures than this were counted
 * @rise: successes that remove a tag; 0: 1
 * @validity: how long a tag counts, in ns; 0: 10 s
 * @defer_max: bytes that deferrals may take; 0: 64 MiB
 */
struct kvc_ring_config {
	char name[KVC_NAME_MAX];
	u32 mode;
	u32 select;
	u32 points;
	u32 threshold;
	u32 rise;
	u64 validity;
	u64 defer_max;
};

/**
 * struct kvc_ring_event - something that changed
 * @type: &enum kvc_ring_event_type
 * @status: &enum kvc_node_status, from then on
 * @node: id
 * @seq: of the ring: the order of the changes; events may come in another one
 * @generation: of the ring
 * @stamp: when the node went into or out of operation
 * @tag_until: %KVC_RING_TAGGED: how long the tag counts
 * @name: of the node
 */
struct kvc_ring_event {
	u32 type;
	u32 status;
	u32 node;
	u64 seq;
	u64 generation;
	u64 stamp;
	u64 tag_until;
	char name[KVC_NAME_MAX];
};

/**
 * struct kvc_ring_observer - the only way in which a ring calls outward
 * @event: may be NULL.  Context: of whoever made the change, with no lock of
 *	the ring and in no read section; it may allocate.  Under the control
 *	mutex if the change needs that.
 */
struct kvc_ring_observer {
	void (*event)(void *ctx, const struct kvc_ring_event *ev);
};

/**
 * struct kvc_ring - nodes, their points and the status table
 * @config: complete
 * @control: the caller's, under which tables are made
 * @lock: guards the status table and the deferrals; @table changes under both.
 *	Taken inside of @control; nothing is taken inside of it
 * @table: the newest; readers hold it by RCU
 * @observer: see &struct kvc_ring_observer
 * @ctx: for it
 * @next_id: of the next node; under @control
 * @next_order: place of the node that is appended next
 * @event_seq: of the last event
 * @defer_seq: of the last deferral
 * @defer_bytes: that all deferrals take
 * @tags: nodes with a tag, the one whose tag ends first in front
 * @tag_next: when that is; U64_MAX: there is none
 * @known: the moment up to which the status table is complete; U64_MAX: this
 *	table is where changes are made, so it always is
 * @self: id of the node that this host is, or 0
 *
 * Guarantees:
 *
 * A. Routing takes no lock and writes nothing, but once for each tag that has
 *    come to its end.
 * B. A reader sees all of a change of nodes and points or nothing of it.
 * C. A node that is up owes nothing: it has no deferrals, and needs no flush.
 */
struct kvc_ring {
	struct kvc_ring_config config;
	struct mutex *control;
	spinlock_t lock;
	struct kvc_ring_table __rcu *table;
	const struct kvc_ring_observer *observer;
	void *ctx;
	u32 next_id;
	u64 next_order;
	u64 event_seq;
	u64 defer_seq;
	u64 defer_bytes;
	struct list_head tags;
	u64 tag_next;
	u64 known;
	u32 self;
};

/**
 * struct kvc_ring_node - what a status table says of a node
 * @id: see &struct kvc_node, as are the others
 * @weight: see there
 * @points: see there
 * @instances: see there
 * @status: see there
 * @failures: see there
 * @tagged: and the tag still counts
 * @flush: needs a flush before it goes up
 * @deferred: objects that it has to forget before it goes up
 * @since: when it went into or out of operation, or %KVC_STAMP_NEVER
 * @shaken: see there
 * @lost: see there
 * @tag_until: when @tagged
 * @order: see there
 * @load: see there
 * @name: see there
 * @address: see there
 */
struct kvc_ring_node {
	u32 id;
	u32 weight;
	u32 points;
	u32 instances;
	u32 status;
	u32 failures;
	bool tagged;
	bool flush;
	u32 deferred;
	u64 since;
	u64 shaken;
	u64 lost;
	u64 tag_until;
	u64 order;
	struct kvc_load load;
	char name[KVC_NAME_MAX];
	char address[KVC_ADDRESS_MAX];
};

/* ring.c */
struct kvc_ring *kvc_ring_create(const struct kvc_ring_config *config,
				 struct mutex *control,
				 const struct kvc_ring_observer *observer,
				 void *ctx);
int kvc_ring_configure(struct kvc_ring *ring,
		       const struct kvc_ring_config *config);
void kvc_ring_free(struct kvc_ring *ring);
u32 kvc_ring_hash(const void *key, size_t len);
int kvc_ring_next(struct kvc_ring *ring, u32 after, u64 now,
		  struct kvc_ring_node *info);
u32 kvc_ring_id(struct kvc_ring *ring, const char *name);
u64 kvc_ring_generation(struct kvc_ring *ring);
u32 kvc_ring_nodes(struct kvc_ring *ring);
int kvc_ring_set_self(struct kvc_ring *ring, u32 id);
int kvc_ring_set_load(struct kvc_ring *ring, u32 id,
		      const struct kvc_load *load);
int kvc_ring_set_instances(struct kvc_ring *ring, u32 id, u32 instances);
void kvc_ring_set_known(struct kvc_ring *ring, u64 known);

/* change.c */
int kvc_ring_add(struct kvc_ring *ring, const struct kvc_node_spec *specs,
		 u32 count, u64 now, u32 *ids);
int kvc_ring_remove(struct kvc_ring *ring, u32 id);
int kvc_ring_reshape(struct kvc_ring *ring, u32 id,
		     const struct kvc_node_spec *spec, u64 now);

/* status.c */
int kvc_ring_set_status(struct kvc_ring *ring, u32 id,
			enum kvc_node_status status, u64 now);
int kvc_ring_report(struct kvc_ring *ring, u32 id, bool success, u64 now);
void kvc_ring_end_tags(struct kvc_ring *ring, u64 now);

/* For the files of the ring */
struct kvc_node *kvc_ring_find(const struct kvc_ring_table *t, u32 id);
struct kvc_ring_table *kvc_ring_current(struct kvc_ring *ring);
struct kvc_node *kvc_ring_lookup(struct kvc_ring *ring, u32 id);
void kvc_ring_note(struct kvc_ring *ring, const struct kvc_node *n,
		    enum kvc_ring_event_type type, struct kvc_ring_event *ev);
void kvc_ring_tell(struct kvc_ring *ring, const struct kvc_ring_event *ev);
void kvc_status_set(struct kvc_ring *ring, struct kvc_node *n,
		    enum kvc_node_status status, u64 now);
void kvc_status_forget(struct kvc_ring *ring, struct kvc_node *n);

#endif
