// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests on rings, and what they answer
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ringctl.h"

void ring_begin(struct kvcnl_msg *m, struct kvcnl *nl, __u8 cmd,
		const char *ring)
{
	kvcnl_begin(m, nl, cmd);
	kvcnl_put_name(m, KVC_A_RING, KVC_A_RING_NAME, ring);
}

void ring_begin_node(struct kvcnl_msg *m, struct kvcnl *nl, __u8 cmd,
		     const char *ring, __u32 node)
{
	__u32 at;

	ring_begin(m, nl, cmd, ring);
	at = kvcnl_nest(m, KVC_A_NODE);
	kvcnl_put_u32(m, KVC_A_NODE_ID, node);
	kvcnl_nest_end(m, at);
}

static void put_given(struct kvcnl_msg *m, int attr, __u32 value)
{
	if (value)
		kvcnl_put_u32(m, attr, value);
}

void ring_put_node(struct kvcnl_msg *m, const struct ring_node *node)
{
	__u32 at = kvcnl_nest(m, KVC_A_NODE);

	if (node->name)
		kvcnl_put_str(m, KVC_A_NODE_NAME, node->name);
	if (node->address)
		kvcnl_put_str(m, KVC_A_NODE_ADDRESS, node->address);
	put_given(m, KVC_A_NODE_JOIN, node->join);
	put_given(m, KVC_A_NODE_WEIGHT, node->weight);
	put_given(m, KVC_A_NODE_POINTS, node->points);
	put_given(m, KVC_A_NODE_INSTANCES, node->instances);
	if (node->point)
		kvcnl_put(m, KVC_A_NODE_POINT, node->point,
			  node->point_count * sizeof(*node->point));
	kvcnl_nest_end(m, at);
}

int ring_simple_call(struct kvcnl *nl, __u8 cmd, const char *ring)
{
	struct kvcnl_msg m;

	ring_begin(&m, nl, cmd, ring);
	return kvcnl_call(nl, &m, NULL, NULL);
}

static int ring_set(struct kvcnl *nl, __u8 cmd, const char *ring, int attr,
		    const void *value, __u32 len)
{
	struct kvcnl_msg m;
	__u32 at;

	kvcnl_begin(&m, nl, cmd);
	at = kvcnl_nest(&m, KVC_A_RING);
	kvcnl_put_str(&m, KVC_A_RING_NAME, ring);
	kvcnl_put(&m, attr, value, len);
	kvcnl_nest_end(&m, at);
	return kvcnl_call(nl, &m, NULL, NULL);
}

int ring_set_u32(struct kvcnl *nl, __u8 cmd, const char *ring, int attr,
		 __u32 value)
{
	return ring_set(nl, cmd, ring, attr, &value, sizeof(value));
}

int ring_set_u64(struct kvcnl *nl, __u8 cmd, const char *ring, int attr,
		 __u64 value)
{
	return ring_set(nl, cmd, ring, attr, &value, sizeof(value));
}

int ring_add(struct kvcnl *nl, const char *ring, const struct ring_node *nodes,
	     unsigned int count)
{
	struct kvcnl_msg m;
	unsigned int i;

	ring_begin(&m, nl, KVC_CMD_NODE_NEW, ring);
	for (i = 0; i < count; i++)
		ring_put_node(&m, &nodes[i]);
	return kvcnl_call(nl, &m, NULL, NULL);
}

int ring_del_node(struct kvcnl *nl, const char *ring, __u32 node)
{
	struct kvcnl_msg m;

	ring_begin_node(&m, nl, KVC_CMD_NODE_DEL, ring, node);
	return kvcnl_call(nl, &m, NULL, NULL);
}

int ring_set_node(struct kvcnl *nl, const char *ring, __u32 node, int attr,
		  __u32 value)
{
	struct kvcnl_msg m;
	__u32 at;

	ring_begin(&m, nl, KVC_CMD_NODE_SET, ring);
	at = kvcnl_nest(&m, KVC_A_NODE);
	kvcnl_put_u32(&m, KVC_A_NODE_ID, node);
	kvcnl_put_u32(&m, attr, value);
	kvcnl_nest_end(&m, at);
	return kvcnl_call(nl, &m, NULL, NULL);
}

int ring_report(struct kvcnl *nl, const char *ring, __u32 node, bool success)
{
	struct kvcnl_msg m;

	ring_begin_node(&m, nl, KVC_CMD_NODE_REPORT, ring, node);
	if (success)
		kvcnl_put_flag(&m, KVC_A_SUCCESS);
	return kvcnl_call(nl, &m, NULL, NULL);
}

static void copy_string(char *to, size_t room, const struct nlattr *a)
{
	snprintf(to, room, "%.*s", a ? (int)kvcnl_len(a) : 0,
		 a ? (const char *)kvcnl_data(a) : "");
}

static void read_node(const struct nlmsghdr *nlh, struct ring_seen *n)
{
	const struct nlattr *nest = kvcnl_attr(nlh, KVC_A_NODE);

	memset(n, 0, sizeof(*n));
	n->id = kvcnl_u32(kvcnl_in(nest, KVC_A_NODE_ID));
	copy_string(n->name, sizeof(n->name),
		    kvcnl_in(nest, KVC_A_NODE_NAME));
	copy_string(n->address, sizeof(n->address),
		    kvcnl_in(nest, KVC_A_NODE_ADDRESS));
	n->status = kvcnl_u32(kvcnl_in(nest, KVC_A_NODE_STATUS));
	n->weight = kvcnl_u32(kvcnl_in(nest, KVC_A_NODE_WEIGHT));
	n->points = kvcnl_u32(kvcnl_in(nest, KVC_A_NODE_POINTS));
	n->instances = kvcnl_u32(kvcnl_in(nest, KVC_A_NODE_INSTANCES));
	n->failures = kvcnl_u32(kvcnl_in(nest, KVC_A_NODE_FAILURES));
	n->deferrals = kvcnl_u32(kvcnl_in(nest, KVC_A_NODE_DEFERRALS));
	n->flush = kvcnl_u64(kvcnl_in(nest, KVC_A_NODE_FLUSH));
	n->tagged = kvcnl_in(nest, KVC_A_NODE_TAG_LEFT);
	n->tag_left = kvcnl_u64(kvcnl_in(nest, KVC_A_NODE_TAG_LEFT));
	n->aged = kvcnl_in(nest, KVC_A_NODE_AGE);
	n->age = kvcnl_u64(kvcnl_in(nest, KVC_A_NODE_AGE));
}

struct node_list {
	struct ring_seen *seen;
	unsigned int room;
	unsigned int count;
};

static void keep_node(void *arg, const struct nlmsghdr *nlh)
{
	struct node_list *l = arg;

	if (l->count < l->room)
		read_node(nlh, &l->seen[l->count]);
	l->count++;
}

int ring_nodes(struct kvcnl *nl, const char *ring, struct ring_seen *seen,
	       unsigned int room)
{
	struct node_list l = { seen, room, 0 };
	struct kvcnl_msg m;
	int err;

	kvcnl_dump(&m, nl, KVC_CMD_NODE_GET);
	kvcnl_put_name(&m, KVC_A_RING, KVC_A_RING_NAME, ring);
	err = kvcnl_call(nl, &m, keep_node, &l);
	return err ? err : (int)l.count;
}

int ring_node(struct kvcnl *nl, const char *ring, __u32 node,
	      struct ring_seen *seen)
{
	struct ring_seen all[64];
	int i, count = ring_nodes(nl, ring, all, ARRAY_SIZE(all));

	for (i = 0; i < count && i < (int)ARRAY_SIZE(all); i++)
		if (all[i].id == node) {
			*seen = all[i];
			return 0;
		}
	return count < 0 ? count : -ENOENT;
}

static void keep_steps(void *arg, const struct nlmsghdr *nlh)
{
	const struct nlattr *a = NULL;
	struct ring_steps *s = arg;

	while ((a = kvcnl_next(nlh, a, KVC_A_STEP)) && s->count < RING_STEPS) {
		s->step[s->count].node = kvcnl_u32(kvcnl_in(a,
						   KVC_A_STEP_NODE));
		s->step[s->count].action = kvcnl_u32(kvcnl_in(a,
						     KVC_A_STEP_ACTION));
		copy_string(s->step[s->count].name, KVC_NAME_MAX,
			    kvcnl_in(a, KVC_A_STEP_NAME));
		s->count++;
	}
}

int ring_route(struct kvcnl *nl, const char *ring, const char *key,
	       struct ring_steps *steps)
{
	struct kvcnl_msg m;

	steps->count = 0;
	ring_begin(&m, nl, KVC_CMD_ROUTE, ring);
	kvcnl_put(&m, KVC_A_KEY, key, strlen(key));
	return kvcnl_call(nl, &m, keep_steps, steps);
}

int ring_route_hash(struct kvcnl *nl, const char *ring, __u32 hash,
		    struct ring_steps *steps)
{
	struct kvcnl_msg m;

	steps->count = 0;
	ring_begin(&m, nl, KVC_CMD_ROUTE, ring);
	kvcnl_put_u32(&m, KVC_A_HASH, hash);
	return kvcnl_call(nl, &m, keep_steps, steps);
}

int ring_plan(struct kvcnl *nl, const char *ring, const char *key,
	      const __u32 *hash, __u64 lifetime, bool dry,
	      struct ring_steps *steps)
{
	struct kvcnl_msg m;

	steps->count = 0;
	ring_begin(&m, nl, KVC_CMD_PLAN, ring);
	kvcnl_put(&m, KVC_A_KEY, key, strlen(key));
	if (hash)
		kvcnl_put_u32(&m, KVC_A_HASH, *hash);
	kvcnl_put_u64(&m, KVC_A_LIFETIME, lifetime);
	if (dry)
		kvcnl_put_flag(&m, KVC_A_DRY_RUN);
	return kvcnl_call(nl, &m, keep_steps, steps);
}

static __u32 begin_deferral(struct kvcnl_msg *m, struct kvcnl *nl, __u8 cmd,
			    const char *ring, __u32 node, const char *key)
{
	__u32 at;

	ring_begin(m, nl, cmd, ring);
	at = kvcnl_nest(m, KVC_A_DEFERRAL);
	kvcnl_put_u32(m, KVC_A_DEFERRAL_NODE, node);
	if (key)
		kvcnl_put(m, KVC_A_DEFERRAL_KEY, key, strlen(key));
	return at;
}

int ring_defer(struct kvcnl *nl, const char *ring, __u32 node, const char *key,
	       __u64 lifetime)
{
	struct kvcnl_msg m;

	kvcnl_nest_end(&m, begin_deferral(&m, nl, KVC_CMD_DEFERRAL_NEW, ring,
					  node, key));
	kvcnl_put_u64(&m, KVC_A_LIFETIME, lifetime);
	return kvcnl_call(nl, &m, NULL, NULL);
}

int ring_ack(struct kvcnl *nl, const char *ring, __u32 node, const char *key,
	     __u64 seq)
{
	struct kvcnl_msg m;
	__u32 at;

	at = begin_deferral(&m, nl, KVC_CMD_DEFERRAL_DEL, ring, node, key);
	kvcnl_put_u64(&m, KVC_A_DEFERRAL_SEQ, seq);
	kvcnl_nest_end(&m, at);
	return kvcnl_call(nl, &m, NULL, NULL);
}

int ring_make(struct kvcnl *nl, const char *ring, unsigned int count)
{
	struct ring_node node = { .join = KVC_JOIN_FOUNDER };
	char name[16], address[16];
	struct kvcnl_msg m;
	unsigned int i;
	int err;

	err = ring_simple_call(nl, KVC_CMD_RING_NEW, ring);
	if (err || !count)
		return err;
	ring_begin(&m, nl, KVC_CMD_NODE_NEW, ring);
	for (i = 1; i <= count; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		snprintf(address, sizeof(address), "a%u", i);
		node.name = name;
		node.address = address;
		ring_put_node(&m, &node);
	}
	return kvcnl_call(nl, &m, NULL, NULL);
}

int kvc_ring_simple(const char *ring, unsigned int count)
{
	struct kvcnl nl;
	int err = kvcnl_open(&nl);

	if (err)
		return err;
	err = ring_make(&nl, ring, count);
	kvcnl_close(&nl);
	return err;
}
