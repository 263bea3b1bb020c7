// SPDX-License-Identifier: GPL-2.0-only
/* The settings of rings and nodes as words and as JSON. */
#include <stddef.h>

#include "ringwords.h"
#include "util.h"

static const char *const modes[] = { "active", "standby", NULL };
static const char *const selects[] = { "consistent", "hash", "load", NULL };
static const char *const joins[] = {
	"unknown", "empty", "founder", "serving", NULL,
};
static const char *const statuses[] = { "up", "down", "draining", NULL };

#define RING(n, j, k, f, a) \
	.name = n, .json = j, .kind = k, \
	.field = offsetof(struct kvc_ring, f), .attr = KVC_A_RING_##a
#define NODE(n, j, k, f, a) \
	.name = n, .json = j, .kind = k, \
	.field = offsetof(struct kvc_node, f), .attr = KVC_A_NODE_##a

static const struct word of_ring[] = {
	{ RING("mode", "mode", KIND_CHOICE, mode, MODE), .choices = modes },
	{ RING("select", "select", KIND_CHOICE, select, SELECT),
	  .choices = selects },
	{ RING("points", "points", KIND_COUNT, points, POINTS) },
	{ RING("threshold", "threshold", KIND_NUMBER, threshold, THRESHOLD) },
	{ RING("rise", "rise", KIND_COUNT, rise, RISE) },
	{ RING("validity", "validity_ns", KIND_TIME, validity, VALIDITY) },
	{ RING("defer-max", "defer_max", KIND_SIZE64, defer_max, DEFER_MAX) },
};

const struct words ring_words = { of_ring, ARRAY_SIZE(of_ring) };

static const struct word of_node[] = {
	{ NODE("address", "address", KIND_TEXT, address, ADDRESS),
	  .fixed = true, .size = KVC_ADDRESS_MAX },
	{ NODE("join", NULL, KIND_CHOICE, join, JOIN), .fixed = true,
	  .choices = joins },
	{ NODE("weight", "weight", KIND_NUMBER, weight, WEIGHT) },
	{ NODE("capacity", "capacity", KIND_NUMBER64, capacity, CAPACITY) },
	{ NODE("volume", "volume", KIND_NUMBER64, volume, VOLUME) },
	{ NODE("response", "response", KIND_NUMBER64, response, RESPONSE) },
	{ NODE("instances", "instances", KIND_NUMBER, instances, INSTANCES) },
};

const struct words node_words = { of_node, ARRAY_SIZE(of_node) };

const char *node_status_text(uint32_t status)
{
	return choice_text(statuses, status);
}

static void add_given(json_t *object, const struct kvc_node *node, uint32_t attr,
		      const char *name, uint64_t value)
{
	if (node->given & 1u << attr)
		json_add_u64(object, name, value);
	else
		json_add(object, name, json_null());
}

void node_json(json_t *object, const struct kvc_node *node)
{
	json_add(object, "name", json_string(node->name));
	json_add_u64(object, "id", node->id);
	json_add(object, "status", json_string(node_status_text(node->status)));
	words_json(&node_words, object, node);
	json_add_u64(object, "order", node->order);
	json_add_u64(object, "points", node->points);
	json_add_u64(object, "failures", node->failures);
	json_add_u64(object, "deferrals", node->deferrals);
	json_add(object, "flush", json_boolean(node->flush));
	add_given(object, node, KVC_A_NODE_TAG_LEFT, "tag_left_ns",
		  node->tag_left);
	add_given(object, node, KVC_A_NODE_AGE, "age_ns", node->age);
}
