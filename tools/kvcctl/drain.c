// SPDX-License-Identifier: GPL-2.0-only
/* The return of a node: what was deferred is carried out before it serves. */
#include <errno.h>
#include <string.h>

#include "control.h"
#include "drain.h"
#include "error.h"
#include "ring.h"
#include "target.h"

struct drain {
	struct kvc_ctl *ctl;
	const char *ring;
	struct reach reach;
	struct kvc_node node;
	struct target target;
};

static int node_trouble(const struct drain *drain, int err)
{
	kvc_node_report(drain->ctl, drain->ring, &drain->node, 0);
	if (err == -EINVAL)
		return fail(STATUS_REFUSED, err,
			    "empty the node and add it again with 'join empty'",
			    "node '%s': a deferred key cannot be sent by the memcached protocol",
			    drain->node.name);
	return fail(STATUS_REFUSED, err, "its deferrals are kept",
		    "node '%s' at %s: %s", drain->node.name,
		    drain->node.address, strerror(-err));
}

static int flush(struct drain *drain)
{
	int ret = target_flush(&drain->target);

	if (ret)
		return node_trouble(drain, ret);
	ret = kvc_deferral_flushed(drain->ctl, drain->ring, drain->node.id,
				   drain->node.flush);
	if (ret && ret != -ENOENT)
		return node_failed(drain->ctl, "flush of", drain->ring,
				   drain->node.name, ret);
	return STATUS_OK;
}

/* One that is not there any more has expired, or was deferred again. */
static int carry_out(const struct kvc_deferral *deferral, void *arg)
{
	struct drain *drain = arg;
	int ret;

	ret = target_delete(&drain->target, deferral->key, deferral->key_len);
	if (ret)
		return node_trouble(drain, ret);
	ret = kvc_deferral_done(drain->ctl, drain->ring, deferral);
	if (ret && ret != -ENOENT && ret != -ESTALE)
		return node_failed(drain->ctl, "deferral of", drain->ring,
				   drain->node.name, ret);
	return STATUS_OK;
}

static int deferrals(struct drain *drain)
{
	int ret = kvc_deferral_list(drain->ctl, drain->ring, drain->node.id,
				    carry_out, drain);

	return ret < 0 ? ring_failed(drain->ctl, "deferrals of", drain->ring,
				     ret) : ret;
}

/* What a flush covers need not be sent one by one. */
static int carry_out_all(struct drain *drain)
{
	int status = STATUS_OK, ret;

	if (!drain->node.flush && !drain->node.deferrals)
		return STATUS_OK;
	ret = target_open(&drain->reach, drain->node.id, drain->node.address,
			  &drain->target);
	if (ret)
		return node_trouble(drain, ret);
	if (drain->node.flush)
		status = flush(drain);
	if (!status)
		status = deferrals(drain);
	target_close(&drain->target);
	return status;
}

static int begin(const struct options *opt, struct kvc_ctl *ctl,
		 const char *ring, struct drain *drain)
{
	*drain = (struct drain){ .ctl = ctl, .ring = ring };
	return reach_begin(opt, ctl, ring, &drain->reach);
}

int drain_node(const struct options *opt, struct kvc_ctl *ctl, const char *ring,
	       const char *name)
{
	struct drain drain;
	int status = begin(opt, ctl, ring, &drain);

	if (!status)
		status = node_find(ctl, ring, name, &drain.node);
	return status ? status : carry_out_all(&drain);
}

static int set_status(struct kvc_ctl *ctl, const char *ring, const char *name,
		      uint32_t to)
{
	struct kvc_node node = { .status = to };

	strcpy(node.name, name);
	return kvc_node_set(ctl, ring, &node, 1u << KVC_A_NODE_STATUS, NULL, 0);
}

/* New deferrals come until the node is up: then the kernel says EBUSY. */
static int drain_until_up(struct drain *drain, const char *name)
{
	int status, ret;

	do {
		status = node_find(drain->ctl, drain->ring, name, &drain->node);
		if (!status)
			status = carry_out_all(drain);
		if (status)
			return status;
		/* P14 */
		ret = set_status(drain->ctl, drain->ring, name, KVC_NODE_UP);
	} while (ret == -EBUSY);
	return ret ? node_failed(drain->ctl, "node up", drain->ring, name,
				 ret) : STATUS_OK;
}

int drain_up(const struct options *opt, struct kvc_ctl *ctl, const char *ring,
	     const char *name)
{
	struct drain drain;
	char checked[KVC_NAME_MAX];
	int status, ret;

	status = take_name(checked, "node", name);
	if (!status)
		status = begin(opt, ctl, ring, &drain);
	if (!status)
		status = node_find(ctl, ring, checked, &drain.node);
	if (status)
		return status;
	if (drain.node.status == KVC_NODE_UP)
		return STATUS_OK;
	ret = set_status(ctl, ring, checked, KVC_NODE_DRAINING);
	if (ret)
		return node_failed(ctl, "node up", ring, name, ret);
	return drain_until_up(&drain, checked);
}
