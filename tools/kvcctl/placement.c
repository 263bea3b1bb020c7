// SPDX-License-Identifier: GPL-2.0-only
/* Placements that other dispatchers use. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "command.h"
#include "control.h"
#include "error.h"
#include "ketama.h"
#include "placement.h"
#include "ring.h"

static int check(const struct options *opt)
{
	if (opt->placement && strcmp(opt->placement, "ketama"))
		return bad_usage("--placement: '%s' is not ketama",
				 opt->placement);
	if (opt->hash && !opt->placement)
		return bad_usage("--hash needs --placement ketama");
	if (opt->hash && !ketama_hash(opt->hash))
		return bad_usage("--hash: '%s' is not %s", opt->hash,
				 ketama_hashes);
	return STATUS_OK;
}

int placement_query(const struct options *opt, const struct buf *key,
		    struct kvc_query *query)
{
	int status = check(opt);

	if (status)
		return status;
	if (!key->len)
		return bad_usage("the key is empty");
	query->key = key->data;
	query->key_len = key->len;
	if (!opt->placement)
		return STATUS_OK;
	query->flags |= KVC_QUERY_F_HASH;
	query->hash = ketama_hash(opt->hash ? opt->hash : "fnv1a_64")
		(key->data, key->len);
	return STATUS_OK;
}

static uint64_t total_weight(const struct kvc_node *nodes, size_t count)
{
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < count; i++)
		total += nodes[i].weight;
	return total;
}

static uint32_t *room_for(size_t count)
{
	return xrealloc(NULL, KETAMA_POINTS_MOST(count) * sizeof(uint32_t));
}

int placement_apply(const struct options *opt, struct kvc_node *nodes,
		    size_t count)
{
	uint64_t total = total_weight(nodes, count);
	int status = check(opt);
	uint32_t *point;
	size_t i;

	if (status)
		return status;
	point = room_for(count);
	for (i = 0; i < count; i++)
		nodes[i].points = ketama_points(nodes[i].name, nodes[i].weight,
						total, count, point);
	free(point);
	return STATUS_OK;
}

int placement_set(const struct options *opt, struct kvc_ctl *ctl,
		  const char *ring, const struct kvc_node *nodes, size_t count)
{
	uint64_t total = total_weight(nodes, count);
	int status = check(opt), ret;
	uint32_t *point, points;
	size_t i;

	if (status)
		return status;
	point = room_for(count);
	for (i = 0; !status && i < count; i++) {
		points = ketama_points(nodes[i].name, nodes[i].weight, total,
				       count, point);
		ret = kvc_node_set(ctl, ring, &nodes[i], 0, point, points);
		if (ret)
			status = node_failed(ctl, "points of", ring,
					     nodes[i].name, ret);
	}
	free(point);
	return status;
}

int cmd_ring_place(const struct options *opt, int argc, char **argv)
{
	struct kvc_node *nodes = NULL;
	struct kvc_ctl *ctl;
	size_t count;
	int status;

	(void)argc;
	if (!opt->placement)
		return bad_usage("ring place needs --placement ketama");
	status = control_open(&ctl);
	if (status)
		return status;
	status = node_all(ctl, argv[0], &nodes, &count);
	if (!status)
		status = placement_set(opt, ctl, argv[0], nodes, count);
	free(nodes);
	kvc_ctl_close(ctl);
	return status;
}
