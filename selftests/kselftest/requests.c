// SPDX-License-Identifier: GPL-2.0-only
/*
 * A valid request of every command of the family
 */
#include <errno.h>
#include <string.h>

#include "control.h"
#include "requests.h"
#include "ringctl.h"

#define CACHE(attr, kind, ...) \
	{ KVC_A_CACHE, KVC_A_CACHE_##attr, PART_##kind, __VA_ARGS__ }
#define RING(attr, kind, ...) \
	{ KVC_A_RING, KVC_A_RING_##attr, PART_##kind, __VA_ARGS__ }
#define NODE(attr, kind, ...) \
	{ KVC_A_NODE, KVC_A_NODE_##attr, PART_##kind, __VA_ARGS__ }
#define DEFERRAL(attr, kind, ...) \
	{ KVC_A_DEFERRAL, KVC_A_DEFERRAL_##attr, PART_##kind, __VA_ARGS__ }
#define TOP(attr, kind, ...) \
	{ 0, KVC_A_##attr, PART_##kind, __VA_ARGS__ }

#define THE_CACHE	CACHE(NAME, STR, .needed = true, .text = KVC_TEST_NAME)
#define THE_RING	RING(NAME, STR, .needed = true, .text = KVC_TEST_NAME)
#define A_NODE		NODE(ID, U32, .needed = true, .value = 1)
#define ITS_DEFERRAL	DEFERRAL(NODE, U32, .needed = true, .value = 2)
#define A_KEY		TOP(KEY, BIN, .needed = true, .text = "key")
#define A_LIFETIME	TOP(LIFETIME, U64, .needed = true, .value = 1ull << 40)

const struct request requests[REQUESTS] = {
	{ "cache-new", KVC_CMD_CACHE_NEW, .admin = true, .part = {
		CACHE(NAME, STR, .needed = true, .text = "new"),
		CACHE(LIMIT, U64, .value = 1 << 20) } },
	{ "cache-del", KVC_CMD_CACHE_DEL, .owner = true,
		.part = { THE_CACHE, TOP(DISCARD_DIRTY, FLAG) } },
	{ "cache-set", KVC_CMD_CACHE_SET, .owner = true, .part = {
		THE_CACHE, CACHE(MODE, U32, .value = 0600) } },
	{ "cache-get", KVC_CMD_CACHE_GET, .part = { THE_CACHE } },
	{ "stats-get", KVC_CMD_STATS_GET, .part = { THE_CACHE } },
	{ "fence-set", KVC_CMD_FENCE_SET, .owner = true, .part = {
		THE_CACHE, TOP(FENCE, U64, .needed = true) } },
	{ "purge", KVC_CMD_PURGE, .part = { THE_CACHE, A_KEY,
		TOP(REVISION, U64, .value = 1) } },
	{ "event-get", KVC_CMD_EVENT_GET, .dump = true, .part = {
		THE_CACHE, TOP(SINCE, U64, .needed = true, .value = 1) } },
	{ "subscribe", KVC_CMD_SUBSCRIBE, .part = { THE_CACHE } },
	{ "ring-new", KVC_CMD_RING_NEW, .admin = true, .part = {
		RING(NAME, STR, .needed = true, .text = "new"),
		RING(VALIDITY, U64, .value = 1) } },
	{ "ring-del", KVC_CMD_RING_DEL, .admin = true,
		.part = { THE_RING } },
	{ "ring-set", KVC_CMD_RING_SET, .admin = true, .part = {
		THE_RING, RING(THRESHOLD, U32, .value = 2) } },
	{ "ring-get", KVC_CMD_RING_GET, .part = { THE_RING } },
	{ "node-new", KVC_CMD_NODE_NEW, .admin = true, .part = { THE_RING,
		NODE(NAME, STR, .needed = true, .text = "new"),
		NODE(ADDRESS, STR, .needed = true, .text = "host:1") } },
	{ "node-del", KVC_CMD_NODE_DEL, .admin = true,
		.part = { THE_RING, A_NODE } },
	{ "node-set", KVC_CMD_NODE_SET, .admin = true, .part = {
		THE_RING, A_NODE, NODE(CAPACITY, U64, .value = 5) } },
	{ "node-get", KVC_CMD_NODE_GET, .dump = true,
		.part = { THE_RING } },
	{ "node-report", KVC_CMD_NODE_REPORT, .admin = true, .part = {
		THE_RING, A_NODE, TOP(SUCCESS, FLAG) } },
	{ "route", KVC_CMD_ROUTE, .part = { THE_RING, A_KEY } },
	{ "plan", KVC_CMD_PLAN, .admin = true, .part = {
		THE_RING, A_KEY, A_LIFETIME, TOP(HASH, U32, .value = 7),
		TOP(DRY_RUN, FLAG) } },
	{ "deferral-new", KVC_CMD_DEFERRAL_NEW, .admin = true, .part = {
		THE_RING, ITS_DEFERRAL,
		DEFERRAL(KEY, BIN, .needed = true, .text = "key"),
		A_LIFETIME } },
	{ "deferral-del", KVC_CMD_DEFERRAL_DEL, .admin = true, .part = {
		THE_RING, ITS_DEFERRAL,
		DEFERRAL(SEQ, U64, .needed = true, .value = 1),
		DEFERRAL(KEY, BIN, .text = "deferred") } },
	{ "deferral-get", KVC_CMD_DEFERRAL_GET, .admin = true,
		.part = { THE_RING, ITS_DEFERRAL } },
};

const struct change change_none = {
	.leave_out = -1, .leave_out_nest = -1, .other = -1,
};

int request_parts(const struct request *r)
{
	int i;

	for (i = 0; i < REQUEST_PARTS && r->part[i].type; i++)
		;
	return i;
}

bool request_has_nest(const struct request *r)
{
	return r->part[0].nest;
}

static void put_part(struct kvcnl_msg *m, const struct part *p)
{
	__u32 word = p->value;

	switch (p->kind) {
	case PART_U32:
		kvcnl_put(m, p->type, &word, sizeof(word));
		break;
	case PART_U64:
		kvcnl_put(m, p->type, &p->value, sizeof(p->value));
		break;
	case PART_STR:
		kvcnl_put_str(m, p->type, p->text);
		break;
	case PART_BIN:
		kvcnl_put(m, p->type, p->text, strlen(p->text));
		break;
	case PART_FLAG:
		kvcnl_put_flag(m, p->type);
		break;
	}
}

static bool is_added(const struct part *p, const struct change *change)
{
	return change->add_type == p->type && change->add_nest == p->nest;
}

/* The parts of one nest, which stand together */
static __u32 build_nest(struct kvcnl_msg *m, const struct request *r,
			const struct change *change, int i)
{
	int nest = r->part[i].nest;
	__u32 at = 0, found = 0;

	if (nest)
		at = kvcnl_nest(m, nest);
	for (; i < request_parts(r) && r->part[i].nest == nest; i++) {
		if (i == change->leave_out || is_added(&r->part[i], change))
			continue;
		if (i == change->other) {
			found = m->len;
			kvcnl_put(m, r->part[i].type, change->data,
				  change->len);
			continue;
		}
		put_part(m, &r->part[i]);
	}
	if (nest && change->add_type && change->add_nest == nest) {
		found = m->len;
		kvcnl_put(m, change->add_type, change->data, change->len);
	}
	if (nest && change->extra_in_nest && !found) {
		found = m->len;
		kvcnl_put_u32(m, 100, 0);
	}
	if (nest)
		kvcnl_nest_end(m, at);
	return found;
}

__u32 request_build(struct kvcnl_msg *m, struct kvcnl *nl,
		    const struct request *r, const struct change *change)
{
	__u32 found = 0, at;
	int i, nest;

	if (r->dump)
		kvcnl_dump(m, nl, r->cmd);
	else
		kvcnl_begin(m, nl, r->cmd);
	for (i = 0; i < request_parts(r);) {
		nest = r->part[i].nest;
		if (change->leave_out_nest < 0 ||
		    r->part[change->leave_out_nest].nest != nest) {
			at = build_nest(m, r, change, i);
			found = found ? found : at;
		}
		while (i < request_parts(r) && r->part[i].nest == nest)
			i++;
	}
	if (change->add_type && !change->add_nest) {
		found = m->len;
		kvcnl_put(m, change->add_type, change->data, change->len);
	}
	if (change->extra_at_end) {
		found = m->len;
		kvcnl_put_u32(m, 100, 0);
	}
	return found;
}

int request_world(struct kvcnl *nl)
{
	struct kvc_config config;
	int ret;

	kvc_config_init(&config, KVC_TEST_NAME, KVC_TEST_LIMIT);
	ret = kvc_create_on(nl, &config);
	if (!ret || ret == -EEXIST)
		ret = ring_make(nl, KVC_TEST_NAME, 3);
	if (ret == -EEXIST)
		ret = 0;
	if (!ret)
		ret = ring_set_node(nl, KVC_TEST_NAME, 2, KVC_A_NODE_STATUS,
				    KVC_NODE_DOWN);
	if (!ret)
		ret = ring_defer(nl, KVC_TEST_NAME, 2, "deferred", 1ull << 50);
	return ret;
}
