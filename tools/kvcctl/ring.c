// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl ring: rings as a whole */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "control.h"
#include "error.h"
#include "key.h"
#include "output.h"
#include "placement.h"
#include "ring.h"
#include "ringwords.h"

int ring_failed(const struct kvc_ctl *ctl, const char *what, const char *ring,
		int err)
{
	const char *said = kvc_ctl_error(ctl);

	if (err == -ENOENT && !said[0])
		return fail(STATUS_REFUSED, err,
			    "'kvcctl ring list' shows the rings that there are",
			    "%s '%s': no such ring", what, ring);
	return control_failed(ctl, err, NULL, "%s '%s'", what, ring);
}

static int begin(const char *name, struct kvc_ring *ring, struct kvc_ctl **ctl)
{
	int status = take_name(ring->name, "ring", name);

	return status ? status : control_open(ctl);
}

int cmd_ring_create(const struct options *opt, int argc, char **argv)
{
	struct kvc_ring ring = { 0 };
	struct kvc_ctl *ctl;
	uint64_t given = 0;
	int status, ret;

	(void)opt;
	status = words_parse(&ring_words, argc - 1, argv + 1, &ring, &given,
			     false);
	if (!status)
		status = begin(argv[0], &ring, &ctl);
	if (status)
		return status;
	ret = kvc_ring_create(ctl, &ring);
	if (ret == -EEXIST)
		status = fail(STATUS_REFUSED, ret, "'kvcctl ring set' changes it",
			      "ring create '%s': there is one of that name",
			      argv[0]);
	else if (ret)
		status = ring_failed(ctl, "ring create", argv[0], ret);
	kvc_ctl_close(ctl);
	return status;
}

int cmd_ring_destroy(const struct options *opt, int argc, char **argv)
{
	struct kvc_ctl *ctl;
	int status, ret;

	(void)opt;
	(void)argc;
	status = control_open(&ctl);
	if (status)
		return status;
	ret = kvc_ring_destroy(ctl, argv[0]);
	if (ret)
		status = ring_failed(ctl, "ring destroy", argv[0], ret);
	kvc_ctl_close(ctl);
	return status;
}

/* "self NODE" and "self none" are no words of the struct: they need the id. */
static int take_self(struct kvc_ctl *ctl, struct kvc_ring *ring,
		     const char *name, uint64_t *given)
{
	struct kvc_node node;
	int status;

	*given |= 1ull << KVC_A_RING_SELF;
	if (!strcmp(name, "none"))
		return STATUS_OK;
	status = node_find(ctl, ring->name, name, &node);
	ring->self = status ? 0 : node.id;
	return status;
}

static int change(struct kvc_ctl *ctl, struct kvc_ring *ring, int argc,
		  char **argv)
{
	uint64_t given = 0;
	int status = STATUS_OK, ret;

	if (argc >= 2 && !strcmp(argv[0], "self")) {
		status = take_self(ctl, ring, argv[1], &given);
		argc -= 2;
		argv += 2;
	}
	if (!status)
		status = words_parse(&ring_words, argc, argv, ring, &given,
				     true);
	if (status)
		return status;
	ret = kvc_ring_set(ctl, ring, given);
	return ret ? ring_failed(ctl, "ring set", ring->name, ret) : STATUS_OK;
}

int cmd_ring_set(const struct options *opt, int argc, char **argv)
{
	struct kvc_ring ring = { 0 };
	struct kvc_ctl *ctl;
	int status;

	(void)opt;
	status = begin(argv[0], &ring, &ctl);
	if (status)
		return status;
	status = change(ctl, &ring, argc - 1, argv + 1);
	kvc_ctl_close(ctl);
	return status;
}

static void ring_json(json_t *object, const struct kvc_ring *ring)
{
	json_add(object, "name", json_string(ring->name));
	words_json(&ring_words, object, ring);
	json_add_u64(object, "self", ring->self);
	json_add_u64(object, "node_count", ring->nodes);
	json_add_u64(object, "generation", ring->generation);
}

static int list_object(const struct kvc_ring *ring, void *arg)
{
	json_t *object = json_object();

	ring_json(object, ring);
	json_array_append_new(arg, object);
	return 0;
}

static int list_line(const struct kvc_ring *ring, void *arg)
{
	(void)arg;
	printf("%-24s %-8s %-10s %6u %10llu\n", ring->name,
	       choice_text(ring_words.word[0].choices, ring->mode),
	       choice_text(ring_words.word[1].choices, ring->select),
	       ring->nodes, (unsigned long long)ring->generation);
	return 0;
}

static int list(const struct options *opt, struct kvc_ctl *ctl)
{
	json_t *rings, *top;
	int ret;

	if (!opt->json) {
		printf("%-24s %-8s %-10s %6s %10s\n", "NAME", "MODE", "SELECT",
		       "NODES", "GENERATION");
		return kvc_ring_list(ctl, list_line, NULL);
	}
	rings = json_array();
	top = json_new();
	json_add(top, "rings", rings);
	ret = kvc_ring_list(ctl, list_object, rings);
	if (ret)
		json_decref(top);
	else
		output_json(opt, top);
	return ret;
}

int cmd_ring_list(const struct options *opt, int argc, char **argv)
{
	struct kvc_ctl *ctl;
	int status, ret;

	(void)argc;
	(void)argv;
	status = control_open(&ctl);
	if (status)
		return status;
	ret = list(opt, ctl);
	if (ret)
		status = control_failed(ctl, ret, NULL, "ring list");
	kvc_ctl_close(ctl);
	return status;
}

static void show(const struct options *opt, const struct kvc_ring *ring,
		 const struct kvc_node *nodes, size_t count)
{
	json_t *top;

	if (!opt->json) {
		printf("%s\n", ring->name);
		words_print(&ring_words, ring);
		node_table(nodes, count);
		return;
	}
	top = json_new();
	ring_json(top, ring);
	json_add(top, "nodes", node_array(nodes, count));
	output_json(opt, top);
}

int cmd_ring_show(const struct options *opt, int argc, char **argv)
{
	struct kvc_node *nodes = NULL;
	struct kvc_ring ring;
	struct kvc_ctl *ctl;
	size_t count;
	int status, ret;

	(void)argc;
	status = control_open(&ctl);
	if (status)
		return status;
	ret = kvc_ring_get(ctl, argv[0], &ring);
	if (ret)
		status = ring_failed(ctl, "ring show", argv[0], ret);
	if (!status)
		status = node_all(ctl, argv[0], &nodes, &count);
	if (!status && opt->placement)
		status = placement_apply(opt, nodes, count);
	if (!status)
		show(opt, &ring, nodes, count);
	free(nodes);
	kvc_ctl_close(ctl);
	return status;
}

static void print_route(const struct options *opt, const struct kvc_step *steps,
			size_t count)
{
	json_t *nodes, *object;
	size_t i;

	if (!opt->json) {
		for (i = 0; i < count; i++)
			printf("%s\t%s\n", steps[i].name, steps[i].address);
		return;
	}
	object = json_new();
	nodes = json_array();
	for (i = 0; i < count; i++)
		json_array_append_new(nodes, json_string(steps[i].name));
	json_add(object, "nodes", nodes);
	output_json(opt, object);
}

static int route(const struct options *opt, struct kvc_ctl *ctl,
		 struct kvc_query *query)
{
	struct kvc_step *steps;
	size_t count;
	int ret;

	ret = kvc_route(ctl, query, &steps, &count);
	if (ret)
		return ring_failed(ctl, "ring route", query->ring, ret);
	print_route(opt, steps, count);
	free(steps);
	return STATUS_OK;
}

int cmd_ring_route(const struct options *opt, int argc, char **argv)
{
	struct kvc_query query = { .ring = argv[0] };
	struct buf key = { 0 };
	struct kvc_ctl *ctl;
	int status;

	(void)argc;
	status = key_decode(opt, "key", argv[1], &key);
	if (!status)
		status = placement_query(opt, &key, &query);
	if (!status)
		status = control_open(&ctl);
	if (!status) {
		status = route(opt, ctl, &query);
		kvc_ctl_close(ctl);
	}
	buf_free(&key);
	return status;
}
