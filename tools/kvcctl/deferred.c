// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl deferred: removals that wait for nodes */
#include <stdio.h>

#include "command.h"
#include "control.h"
#include "drain.h"
#include "error.h"
#include "escape.h"
#include "output.h"
#include "ring.h"

struct list {
	const struct options *opt;
	json_t *array;		/* NULL: lines */
};

static void print_line(const struct list *list,
		       const struct kvc_deferral *deferral)
{
	struct buf key = { 0 };

	if (list->opt->coding == CODING_PLAIN)
		escape(&key, deferral->key, deferral->key_len);
	else
		coding_encode(&key, list->opt->coding, deferral->key,
			      deferral->key_len);
	printf("%u\t%.1f\t%.*s\n", deferral->node, deferral->left / 1e9,
	       (int)key.len, (const char *)key.data);
	buf_free(&key);
}

static int list_one(const struct kvc_deferral *deferral, void *arg)
{
	const struct list *list = arg;
	json_t *object;

	if (!list->array) {
		print_line(list, deferral);
		return 0;
	}
	object = json_object();
	json_add_u64(object, "node", deferral->node);
	json_add_bytes(object, "key", list->opt->coding, deferral->key,
		       deferral->key_len);
	json_add_u64(object, "seq", deferral->seq);
	json_add_u64(object, "left_ns", deferral->left);
	json_array_append_new(list->array, object);
	return 0;
}

static int list_all(const struct options *opt, struct kvc_ctl *ctl,
		    const char *ring, uint32_t node)
{
	struct list list = { .opt = opt };
	json_t *top = NULL;
	int ret;

	if (opt->json) {
		top = json_new();
		list.array = json_array();
		json_add(top, "deferrals", list.array);
	}
	ret = kvc_deferral_list(ctl, ring, node, list_one, &list);
	if (ret) {
		json_decref(top);
		return ring_failed(ctl, "deferred list of", ring, ret);
	}
	if (top)
		output_json(opt, top);
	return STATUS_OK;
}

int cmd_deferred_list(const struct options *opt, int argc, char **argv)
{
	struct kvc_node node = { 0 };
	struct kvc_ctl *ctl;
	int status;

	status = control_open(&ctl);
	if (status)
		return status;
	if (argc > 1)
		status = node_find(ctl, argv[0], argv[1], &node);
	if (!status)
		status = list_all(opt, ctl, argv[0], node.id);
	kvc_ctl_close(ctl);
	return status;
}

int cmd_deferred_drain(const struct options *opt, int argc, char **argv)
{
	struct kvc_ctl *ctl;
	int status;

	(void)argc;
	status = control_open(&ctl);
	if (status)
		return status;
	status = drain_node(opt, ctl, argv[0], argv[1]);
	kvc_ctl_close(ctl);
	return status;
}
