// SPDX-License-Identifier: GPL-2.0-only
/* Row route: which node has a key, in rings of 1,600 and of 160,000 points */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kvcache.h>

#include "report.h"
#include "row.h"

#define KEYS	10000

/**
 * struct place - a ring that is asked
 * @name: its name
 * @kvc: the device
 */
struct place {
	char name[KVC_NAME_MAX];
	struct kvc *kvc;
};

static void place_make(struct place *p, struct kvc_ctl *ctl, unsigned int nodes)
{
	struct kvc_node *node = calloc(nodes, sizeof(*node));
	struct kvc_ring ring = { 0 };
	unsigned int i;

	if (!node)
		err(1, "nodes");
	snprintf(p->name, sizeof(p->name), "bench%u", nodes);
	snprintf(ring.name, sizeof(ring.name), "%s", p->name);
	for (i = 0; i < nodes; i++) {
		snprintf(node[i].name, sizeof(node[i].name), "n%u", i);
		snprintf(node[i].address, sizeof(node[i].address),
			 "10.0.%u.%u:11211", i / 250, i % 250);
		node[i].join = KVC_JOIN_FOUNDER;
	}
	if (kvc_ring_create(ctl, &ring) ||
	    kvc_node_add_all(ctl, p->name, node, nodes))
		errx(1, "ring of %u nodes: %s", nodes, kvc_ctl_error(ctl));
	if (kvc_open(O_RDONLY, &p->kvc))
		errx(1, "no device");
	free(node);
}

static void place_end(struct place *p, struct kvc_ctl *ctl)
{
	kvc_close(p->kvc);
	if (kvc_ring_destroy(ctl, p->name))
		errx(1, "ring '%s' stays", p->name);
}

static long run_place(const struct contender *c, size_t from, size_t to)
{
	struct place *p = c->ctx;
	struct kvc_route_node node;
	size_t i, count;
	long failed = 0;

	for (i = from; i < to; i++) {
		count = 1;
		failed |= kvc_locate(p->kvc, p->name, sequence_key(c->seq, i),
				     KEY_LEN, &node, &count);
	}
	return failed;
}

void row_route(const struct bench *bench)
{
	struct sample large = { .name = "1,000 nodes" };
	struct sample small = { .name = "10 nodes" };
	struct place places[2];
	struct kvc_ctl *ctl;
	struct sequence seq;
	struct keys keys;

	if (kvc_ctl_open(&ctl))
		errx(1, "no control plane");
	keys_make(&keys, KEYS);
	sequence_zipf(&seq, &keys, bench->ops, bench->seed);
	place_make(&places[0], ctl, 1000);
	place_make(&places[1], ctl, 10);
	sample_contest((struct contender[]){
		{ &large, &seq, run_place, &places[0] },
		{ &small, &seq, run_place, &places[1] },
	}, 2, &bench->rounds);
	report_row(&(struct result){
		.row = "route", .unit = "ns",
		.what = "KVC_IOC_ROUTE, one answer, 160 points a node, Zipf .99 over 10,000 keys",
		.ours = &large, .other = &small, .cost = true,
	});
	report_note("a hundred times the points are 1.6 times the steps of the search");
	place_end(&places[0], ctl);
	place_end(&places[1], ctl);
	sequence_free(&seq);
	keys_free(&keys);
	kvc_ctl_close(ctl);
}
