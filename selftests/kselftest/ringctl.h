/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rings over generic netlink
 */
#ifndef RINGCTL_H
#define RINGCTL_H

#include "kvcnl.h"
#include "kvctest.h"

/* What is asked for of a node; what is 0 or NULL is not given. */
struct ring_node {
	const char *name;
	const char *address;
	__u32 join;
	__u32 weight;
	__u32 points;
	__u32 instances;
	const __u32 *point;
	__u32 point_count;
};

/* What is seen of one; @tagged, @aged: the attributes were there. */
struct ring_seen {
	__u32 id;
	char name[KVC_NAME_MAX];
	char address[256];
	__u32 status;
	__u32 weight;
	__u32 points;
	__u32 instances;
	__u32 failures;
	__u32 deferrals;
	__u64 flush;
	__u64 tag_left;
	__u64 age;
	bool tagged;
	bool aged;
};

#define RING_STEPS	2048

struct ring_steps {
	__u32 count;
	struct {
		__u32 node;
		__u32 action;
		char name[KVC_NAME_MAX];
	} step[RING_STEPS];
};

/* A request on a ring: begins it with the nest of its name. */
void ring_begin(struct kvcnl_msg *m, struct kvcnl *nl, __u8 cmd,
		const char *ring);
/* And with the nest of a node's id. */
void ring_begin_node(struct kvcnl_msg *m, struct kvcnl *nl, __u8 cmd,
		     const char *ring, __u32 node);
void ring_put_node(struct kvcnl_msg *m, const struct ring_node *node);

int ring_simple_call(struct kvcnl *nl, __u8 cmd, const char *ring);
int ring_set_u32(struct kvcnl *nl, __u8 cmd, const char *ring, int attr,
		 __u32 value);
int ring_set_u64(struct kvcnl *nl, __u8 cmd, const char *ring, int attr,
		 __u64 value);
int ring_add(struct kvcnl *nl, const char *ring, const struct ring_node *nodes,
	     unsigned int count);
int ring_del_node(struct kvcnl *nl, const char *ring, __u32 node);
int ring_set_node(struct kvcnl *nl, const char *ring, __u32 node, int attr,
		  __u32 value);
int ring_report(struct kvcnl *nl, const char *ring, __u32 node, bool success);
/* How many nodes there are; the first @room of them. */
int ring_nodes(struct kvcnl *nl, const char *ring, struct ring_seen *seen,
	       unsigned int room);
/* One of them; -ENOENT when it is not there. */
int ring_node(struct kvcnl *nl, const char *ring, __u32 node,
	      struct ring_seen *seen);
int ring_route(struct kvcnl *nl, const char *ring, const char *key,
	       struct ring_steps *steps);
int ring_route_hash(struct kvcnl *nl, const char *ring, __u32 hash,
		    struct ring_steps *steps);
int ring_plan(struct kvcnl *nl, const char *ring, const char *key,
	      const __u32 *hash, __u64 lifetime, bool dry,
	      struct ring_steps *steps);
int ring_defer(struct kvcnl *nl, const char *ring, __u32 node, const char *key,
	       __u64 lifetime);
/* With @key NULL all of a node that was emptied. */
int ring_ack(struct kvcnl *nl, const char *ring, __u32 node, const char *key,
	     __u64 seq);

/* A ring of nodes n1, n2, ... at a1, a2, ... with ids 1, 2, ... */
int ring_make(struct kvcnl *nl, const char *ring, unsigned int count);
/* The same with a socket of its own. */
int kvc_ring_simple(const char *ring, unsigned int count);

#endif /* RINGCTL_H */
