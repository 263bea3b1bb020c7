// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl ring add, ring remove, node: the nodes of a ring */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "command.h"
#include "control.h"
#include "drain.h"
#include "error.h"
#include "output.h"
#include "ring.h"
#include "ringwords.h"

int node_failed(const struct kvc_ctl *ctl, const char *what, const char *ring,
		const char *node, int err)
{
	const char *said = kvc_ctl_error(ctl);

	if (err == -ENOENT && !said[0])
		return fail(STATUS_REFUSED, err,
			    "'kvcctl node list' shows the nodes that there are",
			    "%s '%s' in '%s': no such node or ring", what, node,
			    ring);
	return control_failed(ctl, err, NULL, "%s '%s' in '%s'", what, node,
			      ring);
}

struct all {
	struct kvc_node *nodes;
	size_t count;
};

static int keep(const struct kvc_node *node, void *arg)
{
	struct all *all = arg;

	all->nodes = xrealloc(all->nodes, (all->count + 1) * sizeof(*node));
	all->nodes[all->count++] = *node;
	return 0;
}

int node_all(struct kvc_ctl *ctl, const char *ring, struct kvc_node **nodes,
	     size_t *count)
{
	struct all all = { 0 };
	int ret = kvc_node_list(ctl, ring, keep, &all);

	if (ret) {
		free(all.nodes);
		return ring_failed(ctl, "node list of", ring, ret);
	}
	*nodes = all.nodes;
	*count = all.count;
	return STATUS_OK;
}

struct search {
	const char *name;
	struct kvc_node *node;
};

static int match(const struct kvc_node *node, void *arg)
{
	struct search *search = arg;

	if (strcmp(node->name, search->name))
		return 0;
	*search->node = *node;
	return 1;
}

int node_find(struct kvc_ctl *ctl, const char *ring, const char *name,
	      struct kvc_node *node)
{
	struct search search = { name, node };
	int ret = kvc_node_list(ctl, ring, match, &search);

	if (ret > 0)
		return STATUS_OK;
	if (ret)
		return ring_failed(ctl, "node list of", ring, ret);
	return node_failed(ctl, "node", ring, name, -ENOENT);
}

static const char *tag_text(const struct kvc_node *node, char *text, size_t len)
{
	if (!(node->given & 1u << KVC_A_NODE_TAG_LEFT))
		return "-";
	snprintf(text, len, "%.1fs", node->tag_left / 1e9);
	return text;
}

void node_table(const struct kvc_node *nodes, size_t count)
{
	const struct kvc_node *n;
	char tag[32];

	printf("%-16s %4s %-8s %6s %6s %8s %8s %8s %-5s %s\n", "NODE", "ID",
	       "STATUS", "WEIGHT", "POINTS", "FAILURES", "TAG", "DEFERRED",
	       "FLUSH", "ADDRESS");
	for (n = nodes; n < nodes + count; n++)
		printf("%-16s %4u %-8s %6u %6u %8u %8s %8u %-5s %s\n", n->name,
		       n->id, node_status_text(n->status), n->weight, n->points,
		       n->failures, tag_text(n, tag, sizeof(tag)), n->deferrals,
		       n->flush ? "yes" : "-", n->address);
}

json_t *node_array(const struct kvc_node *nodes, size_t count)
{
	json_t *array = json_array(), *object;
	size_t i;

	for (i = 0; i < count; i++) {
		object = json_object();
		node_json(object, &nodes[i]);
		json_array_append_new(array, object);
	}
	return array;
}

int cmd_node_list(const struct options *opt, int argc, char **argv)
{
	struct kvc_node *nodes = NULL;
	struct kvc_ctl *ctl;
	size_t count;
	json_t *top;
	int status;

	(void)argc;
	status = control_open(&ctl);
	if (status)
		return status;
	status = node_all(ctl, argv[0], &nodes, &count);
	if (!status && !opt->json)
		node_table(nodes, count);
	if (!status && opt->json) {
		top = json_new();
		json_add(top, "ring", json_string(argv[0]));
		json_add(top, "nodes", node_array(nodes, count));
		output_json(opt, top);
	}
	free(nodes);
	kvc_ctl_close(ctl);
	return status;
}

static void added(const struct options *opt, const struct kvc_node *node)
{
	json_t *top;

	if (!opt->json)
		return;
	top = json_new();
	json_add(top, "name", json_string(node->name));
	output_json(opt, top);
}

int cmd_ring_add(const struct options *opt, int argc, char **argv)
{
	struct kvc_node node = { 0 };
	struct kvc_ctl *ctl;
	uint64_t given = 0;
	int status, ret;

	status = take_name(node.name, "node", argv[1]);
	if (!status)
		status = words_parse(&node_words, argc - 2, argv + 2, &node,
				     &given, false);
	if (!status && !node.address[0])
		status = bad_usage("ring add needs an address, for example: address 10.0.0.1:11211");
	if (!status)
		status = control_open(&ctl);
	if (status)
		return status;
	ret = kvc_node_add(ctl, argv[0], &node, NULL, 0);
	if (ret)
		status = node_failed(ctl, "ring add", argv[0], argv[1], ret);
	else
		added(opt, &node);
	kvc_ctl_close(ctl);
	return status;
}

int cmd_ring_remove(const struct options *opt, int argc, char **argv)
{
	struct kvc_node node = { 0 };
	struct kvc_ctl *ctl;
	int status, ret;

	(void)opt;
	(void)argc;
	status = take_name(node.name, "node", argv[1]);
	if (!status)
		status = control_open(&ctl);
	if (status)
		return status;
	ret = kvc_node_remove(ctl, argv[0], &node);
	if (ret)
		status = node_failed(ctl, "ring remove", argv[0], argv[1], ret);
	kvc_ctl_close(ctl);
	return status;
}

/* Sets what is given of a node. */
static int set(const char *ring, const struct kvc_node *node, uint64_t given)
{
	struct kvc_ctl *ctl;
	int status, ret;

	status = control_open(&ctl);
	if (status)
		return status;
	ret = kvc_node_set(ctl, ring, node, given, NULL, 0);
	if (ret)
		status = node_failed(ctl, "node", ring, node->name, ret);
	kvc_ctl_close(ctl);
	return status;
}

int cmd_node_set(const struct options *opt, int argc, char **argv)
{
	struct kvc_node node = { 0 };
	uint64_t given = 0;
	int status;

	(void)opt;
	status = take_name(node.name, "node", argv[1]);
	if (!status)
		status = words_parse(&node_words, argc - 2, argv + 2, &node,
				     &given, true);
	return status ? status : set(argv[0], &node, given);
}

int cmd_node_down(const struct options *opt, int argc, char **argv)
{
	struct kvc_node node = { .status = KVC_NODE_DOWN };
	int status = take_name(node.name, "node", argv[1]);

	(void)opt;
	(void)argc;
	return status ? status :
	       set(argv[0], &node, 1ull << KVC_A_NODE_STATUS);
}

int cmd_node_up(const struct options *opt, int argc, char **argv)
{
	struct kvc_ctl *ctl;
	int status;

	(void)argc;
	status = control_open(&ctl);
	if (status)
		return status;
	status = drain_up(opt, ctl, argv[0], argv[1]);
	kvc_ctl_close(ctl);
	return status;
}

int cmd_node_report(const struct options *opt, int argc, char **argv)
{
	struct kvc_node node = { 0 };
	struct kvc_ctl *ctl;
	bool success = !strcmp(argv[2], "success");
	int status, ret;

	(void)opt;
	(void)argc;
	if (!success && strcmp(argv[2], "failure"))
		return bad_usage("'%s' is neither success nor failure",
				 argv[2]);
	status = take_name(node.name, "node", argv[1]);
	if (!status)
		status = control_open(&ctl);
	if (status)
		return status;
	ret = kvc_node_report(ctl, argv[0], &node, success);
	if (ret)
		status = node_failed(ctl, "node report", argv[0], argv[1], ret);
	kvc_ctl_close(ctl);
	return status;
}
