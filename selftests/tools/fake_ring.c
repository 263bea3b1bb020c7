// SPDX-License-Identifier: GPL-2.0-only
/* One ring of the fake, whose plans name every node. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <kvcache.h>

#include "fake.h"
#include "fake_nl.h"

#define NODES		8
#define DEFERRALS	32

static struct kvc_ring ring;
static struct kvc_node nodes[NODES];
static unsigned int node_count;
static struct kvc_deferral deferrals[DEFERRALS];
static unsigned int deferral_count;

void fake_rings_reset(void)
{
	ring = (struct kvc_ring){ 0 };
	node_count = 0;
	deferral_count = 0;
}

static void put_ring(struct nlmsghdr *nlh)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, KVC_A_RING);

	mnl_attr_put_strz(nlh, KVC_A_RING_NAME, ring.name);
	mnl_attr_put_u32(nlh, KVC_A_RING_MODE, ring.mode);
	mnl_attr_put_u32(nlh, KVC_A_RING_POINTS, 160);
	mnl_attr_put_u64(nlh, KVC_A_RING_VALIDITY, 10000000000);
	mnl_attr_put_u32(nlh, KVC_A_RING_SELF, ring.self);
	mnl_attr_put_u32(nlh, KVC_A_RING_NODES, node_count);
	mnl_attr_nest_end(nlh, nest);
}

static unsigned int owed(uint32_t node)
{
	unsigned int i, sum = 0;

	for (i = 0; i < deferral_count; i++)
		sum += deferrals[i].node == node;
	return sum;
}

static void put_node(struct nlmsghdr *nlh, const struct kvc_node *node)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, KVC_A_NODE);

	mnl_attr_put_u32(nlh, KVC_A_NODE_ID, node->id);
	mnl_attr_put_strz(nlh, KVC_A_NODE_NAME, node->name);
	mnl_attr_put_strz(nlh, KVC_A_NODE_ADDRESS, node->address);
	mnl_attr_put_u32(nlh, KVC_A_NODE_STATUS, node->status);
	mnl_attr_put_u32(nlh, KVC_A_NODE_WEIGHT, node->weight);
	mnl_attr_put_u32(nlh, KVC_A_NODE_POINTS, node->points);
	mnl_attr_put_u32(nlh, KVC_A_NODE_FAILURES, node->failures);
	mnl_attr_put_u32(nlh, KVC_A_NODE_DEFERRALS, owed(node->id));
	if (node->status != KVC_NODE_UP)
		mnl_attr_put_u64(nlh, KVC_A_NODE_AGE, 3000000000);
	mnl_attr_nest_end(nlh, nest);
}

static struct kvc_node *find(const struct nlattr *nest)
{
	const struct nlattr *id = fake_inner(nest, KVC_A_NODE_ID);
	unsigned int i;

	for (i = 0; i < node_count; i++) {
		if (id ? nodes[i].id == mnl_attr_get_u32(id) :
		    !strcmp(nodes[i].name, fake_text(nest, KVC_A_NODE_NAME)))
			return &nodes[i];
	}
	return NULL;
}

static void add_node(const struct nlattr *nest)
{
	struct kvc_node *node = &nodes[node_count];

	*node = (struct kvc_node){
		.id = ++node_count, .points = 160, .weight = 100,
	};
	strcpy(node->name, fake_text(nest, KVC_A_NODE_NAME));
	strcpy(node->address, fake_text(nest, KVC_A_NODE_ADDRESS));
}

/* All of them or none */
static int add_nodes(struct request *req)
{
	const struct nlattr *nest;

	mnl_attr_for_each(nest, req->nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(nest) == KVC_A_NODE && find(nest))
			return -EEXIST;
	}
	mnl_attr_for_each(nest, req->nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(nest) == KVC_A_NODE)
			add_node(nest);
	}
	return 0;
}

static int set_node(struct request *req, struct kvc_node *node)
{
	const struct nlattr *nest = req->attr[KVC_A_NODE];
	const struct nlattr *status = fake_inner(nest, KVC_A_NODE_STATUS);
	const struct nlattr *point = fake_inner(nest, KVC_A_NODE_POINT);
	const struct nlattr *weight = fake_inner(nest, KVC_A_NODE_WEIGHT);

	if (weight)
		node->weight = mnl_attr_get_u32(weight);
	if (point)
		node->points = mnl_attr_get_payload_len(point) / 4;
	if (!status)
		return 0;
	/* P14 */
	if (mnl_attr_get_u32(status) == KVC_NODE_UP && owed(node->id))
		return -EBUSY;
	node->status = mnl_attr_get_u32(status);
	return 0;
}

static int list_nodes(const struct request *req)
{
	struct nlmsghdr *nlh;
	unsigned int i;

	for (i = 0; i < node_count; i++) {
		nlh = fake_begin(req);
		put_ring(nlh);
		put_node(nlh, &nodes[i]);
		fake_send(req, nlh);
	}
	return 0;
}

static int defer(uint32_t node, const struct nlattr *key)
{
	struct kvc_deferral *d = &deferrals[deferral_count++];

	if (deferral_count > DEFERRALS || !key)
		abort();
	*d = (struct kvc_deferral){
		.node = node,
		.seq = ++fake_calls.defer,
		.key_len = mnl_attr_get_payload_len(key),
	};
	memcpy(d->key, mnl_attr_get_payload(key), d->key_len);
	return 0;
}

static int plan(struct request *req)
{
	struct nlmsghdr *nlh = fake_begin(req);
	struct nlattr *nest;
	unsigned int i;
	bool up;

	for (i = 0; i < node_count; i++) {
		up = nodes[i].status == KVC_NODE_UP;
		nest = mnl_attr_nest_start(nlh, KVC_A_STEP);
		mnl_attr_put_u32(nlh, KVC_A_STEP_NODE, nodes[i].id);
		mnl_attr_put_strz(nlh, KVC_A_STEP_NAME, nodes[i].name);
		mnl_attr_put_strz(nlh, KVC_A_STEP_ADDRESS, nodes[i].address);
		mnl_attr_put_u32(nlh, KVC_A_STEP_ACTION,
				 up ? KVC_PURGE_SEND : KVC_PURGE_DEFER);
		mnl_attr_nest_end(nlh, nest);
		if (!up && !req->attr[KVC_A_DRY_RUN] &&
		    req->cmd == KVC_CMD_PLAN)
			defer(nodes[i].id, req->attr[KVC_A_KEY]);
	}
	fake_calls.hash = req->attr[KVC_A_HASH] ?
			  mnl_attr_get_u32(req->attr[KVC_A_HASH]) : 0;
	fake_send(req, nlh);
	return 0;
}

static int new_deferral(struct request *req)
{
	const struct nlattr *nest = req->attr[KVC_A_DEFERRAL];

	return defer(mnl_attr_get_u32(fake_inner(nest, KVC_A_DEFERRAL_NODE)),
		     fake_inner(nest, KVC_A_DEFERRAL_KEY));
}

static int end_deferral(struct request *req)
{
	const struct nlattr *nest = req->attr[KVC_A_DEFERRAL];
	uint64_t seq = mnl_attr_get_u64(fake_inner(nest, KVC_A_DEFERRAL_SEQ));
	unsigned int i = 0;

	while (i < deferral_count && deferrals[i].seq != seq)
		i++;
	if (i == deferral_count)
		return -ENOENT;
	deferrals[i] = deferrals[--deferral_count];
	return 0;
}

static int compare(const struct kvc_deferral *a, const void *key, size_t len)
{
	int ret = memcmp(a->key, key, a->key_len < len ? a->key_len : len);

	return ret ? ret : (int)a->key_len - (int)len;
}

/* The node's next one in the order of keys, or NULL */
static const struct kvc_deferral *after(uint32_t node, const void *key,
					size_t len)
{
	const struct kvc_deferral *d, *next = NULL;

	for (d = deferrals; d < deferrals + deferral_count; d++) {
		if (d->node == node && compare(d, key, len) > 0 &&
		    (!next || compare(next, d->key, d->key_len) > 0))
			next = d;
	}
	return next;
}

/* An answer has room for one only, so that whoever asks has to go on. */
static int list_deferrals(const struct request *req)
{
	const struct nlattr *inner = req->attr[KVC_A_DEFERRAL];
	const struct nlattr *key = fake_inner(inner, KVC_A_DEFERRAL_KEY);
	uint32_t node = mnl_attr_get_u32(fake_inner(inner, KVC_A_DEFERRAL_NODE));
	const struct kvc_deferral *d;
	struct nlmsghdr *nlh = fake_begin(req);
	struct nlattr *nest;

	d = after(node, key ? mnl_attr_get_payload(key) : "",
		  key ? mnl_attr_get_payload_len(key) : 0);
	if (d) {
		nest = mnl_attr_nest_start(nlh, KVC_A_DEFERRAL);
		mnl_attr_put_u32(nlh, KVC_A_DEFERRAL_NODE, d->node);
		mnl_attr_put(nlh, KVC_A_DEFERRAL_KEY, d->key_len, d->key);
		mnl_attr_put_u64(nlh, KVC_A_DEFERRAL_SEQ, d->seq);
		mnl_attr_put_u64(nlh, KVC_A_DEFERRAL_LEFT, 5000000000);
		mnl_attr_nest_end(nlh, nest);
	}
	fake_send(req, nlh);
	return 0;
}

static int on_ring(struct request *req)
{
	const struct nlattr *nest = req->attr[KVC_A_RING];
	const struct nlattr *self = fake_inner(nest, KVC_A_RING_SELF);
	struct nlmsghdr *nlh;

	switch (req->cmd) {
	case KVC_CMD_RING_DEL:
		fake_rings_reset();
		return 0;
	case KVC_CMD_RING_SET:
		if (self)
			ring.self = mnl_attr_get_u32(self);
		return 0;
	default:
		nlh = fake_begin(req);
		put_ring(nlh);
		fake_send(req, nlh);
		return 0;
	}
}

static int on_node(struct request *req)
{
	struct kvc_node *node = find(req->attr[KVC_A_NODE]);

	if (!node)
		return -ENOENT;
	switch (req->cmd) {
	case KVC_CMD_NODE_SET:
		return set_node(req, node);
	case KVC_CMD_NODE_DEL:
		*node = nodes[--node_count];
		return 0;
	default:
		node->failures = req->attr[KVC_A_SUCCESS] ? 0 :
				 node->failures + 1;
		return 0;
	}
}

int fake_ring_request(struct request *req)
{
	const char *name = fake_text(req->attr[KVC_A_RING], KVC_A_RING_NAME);

	if (req->cmd == KVC_CMD_RING_NEW) {
		if (ring.name[0])
			return -EEXIST;
		strcpy(ring.name, name);
		return 0;
	}
	if (req->cmd == KVC_CMD_RING_GET && req->dump)
		return ring.name[0] ? on_ring(req) : 0;
	if (!ring.name[0] || strcmp(ring.name, name))
		return -ENOENT;
	switch (req->cmd) {
	case KVC_CMD_NODE_NEW:
		return add_nodes(req);
	case KVC_CMD_NODE_GET:
		return list_nodes(req);
	case KVC_CMD_ROUTE:
	case KVC_CMD_PLAN:
		return plan(req);
	case KVC_CMD_DEFERRAL_NEW:
		return new_deferral(req);
	case KVC_CMD_DEFERRAL_DEL:
		return end_deferral(req);
	case KVC_CMD_DEFERRAL_GET:
		return list_deferrals(req);
	case KVC_CMD_RING_DEL:
	case KVC_CMD_RING_SET:
	case KVC_CMD_RING_GET:
		return on_ring(req);
	default:
		return on_node(req);
	}
}
