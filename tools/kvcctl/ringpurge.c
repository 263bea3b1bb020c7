// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvcctl purge --ring: removes a key from the nodes of a ring
 *
 * The source comes first (P5), then the nodes that the kernel's plan names.  A
 * node that does not answer has to forget the key before it is up again (P18).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "control.h"
#include "error.h"
#include "key.h"
#include "keyfile.h"
#include "mc.h"
#include "output.h"
#include "placement.h"
#include "purge.h"
#include "ring.h"
#include "ringwords.h"
#include "target.h"

struct job {
	const struct options *opt;
	struct kvc_ctl *ctl;
	struct reach reach;
	json_t *steps;		/* of the key, with -j */
	struct kvc_node *nodes;	/* of the ring, with --dry-run */
	size_t node_count;
};

static int check_key(const struct buf *key)
{
	if (mc_key_ok(key->data, key->len))
		return STATUS_OK;
	return bad_usage("the memcached protocol cannot carry this key: it must have 1 to 250 bytes, without blanks and control characters");
}

/* P5 */
static int purge_source(const struct job *job, const struct buf *key)
{
	char *text;
	int ret;

	if (!job->opt->source || (job->opt->given & OPT_DRY_RUN))
		return STATUS_OK;
	text = strndup((const char *)key->data, key->len);
	if (!text || setenv("KVC_KEY", text, 1)) {
		free(text);
		return fail(STATUS_REFUSED, ENOMEM, NULL, "out of memory");
	}
	free(text);
	fflush(stdout);
	ret = system(job->opt->source);
	unsetenv("KVC_KEY");
	if (ret == -1)
		return fail(STATUS_REFUSED, errno, NULL, "cannot run '%s': %s",
			    job->opt->source, strerror(errno));
	if (!WIFEXITED(ret) || WEXITSTATUS(ret))
		return fail(STATUS_REFUSED, EIO,
			    "no cache was purged: they would be filled again",
			    "the source command failed: %s", job->opt->source);
	return STATUS_OK;
}

/* @why: NULL: what was done speaks for itself */
static void tell(const struct job *job, const struct kvc_step *step,
		 const char *result, const char *why)
{
	json_t *object;

	if (!job->steps) {
		printf("%s\t%s\t%s%s%s\n", step->name, step->address, result,
		       why ? "\t" : "", why ? why : "");
		return;
	}
	object = json_object();
	json_add(object, "node", json_string(step->name));
	json_add_u64(object, "id", step->node);
	json_add(object, "address", json_string(step->address));
	json_add(object, "result", json_string(result));
	if (why)
		json_add(object, "why", json_string(why));
	json_array_append_new(job->steps, object);
}

/* What the walk went by: "down for 12.3s" */
static const char *why_text(const struct job *job, uint32_t id, char *text,
			    size_t len)
{
	const struct kvc_node *n = job->nodes, *end = n + job->node_count;
	const char *state;

	while (n < end && n->id != id)
		n++;
	if (n == end)
		return "joined just now";
	state = n->given & 1u << KVC_A_NODE_TAG_LEFT ?
		"tagged" : node_status_text(n->status);
	if (n->given & 1u << KVC_A_NODE_AGE)
		snprintf(text, len, "%s for %.1fs", state, n->age / 1e9);
	else
		snprintf(text, len, "%s ever since", state);
	return text;
}

/* P18 */
static int defer(const struct job *job, const struct kvc_step *step,
		 const struct buf *key, int err)
{
	struct kvc_node node = { .id = step->node };
	const char *ring = job->opt->ring;
	int ret;

	fprintf(stderr, "kvcctl: node '%s' at %s: %s: deferred\n", step->name,
		step->address, strerror(-err));
	ret = kvc_deferral_add(job->ctl, ring, step->node, key->data, key->len,
			       job->opt->lifetime);
	if (ret)
		return node_failed(job->ctl, "the key was not removed and not deferred: node",
				   ring, step->name, ret);
	kvc_node_report(job->ctl, ring, &node, 0);
	tell(job, step, "failed, deferred", NULL);
	return STATUS_OK;
}

static int send_to(const struct job *job, const struct kvc_step *step,
		   const struct buf *key)
{
	struct kvc_node node = { .id = step->node };
	struct target target;
	int ret;

	ret = target_open(&job->reach, step->node, step->address, &target);
	if (!ret) {
		ret = target_delete(&target, key->data, key->len);
		target_close(&target);
	}
	if (ret)
		return defer(job, step, key, ret);
	if (!target.cache)
		kvc_node_report(job->ctl, job->opt->ring, &node, 1);
	tell(job, step, "purged", NULL);
	return STATUS_OK;
}

static void tell_plan(const struct job *job, const struct kvc_step *step)
{
	char text[64];

	tell(job, step, step->action == KVC_PURGE_SEND ? "would be purged" :
							 "would be deferred",
	     why_text(job, step->node, text, sizeof(text)));
}

static int act(const struct job *job, const struct kvc_step *step,
	       const struct buf *key)
{
	if (job->opt->given & OPT_DRY_RUN) {
		tell_plan(job, step);
		return STATUS_OK;
	}
	switch (step->action) {
	case KVC_PURGE_SEND:
		return send_to(job, step, key);
	case KVC_PURGE_DEFER:
		tell(job, step, "deferred", NULL);
		break;
	}
	return STATUS_OK;
}

/* A step that cannot even be deferred does not keep the others from theirs. */
static int act_all(struct job *job, const struct buf *key)
{
	struct kvc_query query = {
		.ring = job->opt->ring,
		.lifetime = job->opt->lifetime,
	};
	struct kvc_step *steps;
	int status, ret;
	size_t count, i;

	if (job->opt->given & OPT_DRY_RUN)
		query.flags = KVC_QUERY_F_DRY_RUN;
	status = placement_query(job->opt, key, &query);
	if (status)
		return status;
	ret = kvc_plan(job->ctl, &query, &steps, &count);
	if (ret)
		return ring_failed(job->ctl, "purge of", query.ring, ret);
	for (i = 0; i < count; i++) {
		ret = act(job, &steps[i], key);
		if (!status)
			status = ret;
	}
	free(steps);
	return status;
}

static int purge_key(const struct buf *key, void *arg)
{
	struct job *job = arg;
	json_t *top = NULL;
	int status;

	status = check_key(key);
	if (!status)
		status = purge_source(job, key);
	if (status)
		return status;
	if (job->opt->json) {
		top = json_new();
		job->steps = json_array();
		json_add_bytes(top, "key", job->opt->coding, key->data,
			       key->len);
		json_add(top, "steps", job->steps);
	}
	status = act_all(job, key);
	if (top)
		output_json(job->opt, top);
	return status;
}

/* Before anything is done, whether all of a file can be. */
static int look_at_key(const struct buf *key, void *arg)
{
	(void)arg;
	return check_key(key);
}

static int purge_all(struct job *job, char **argv)
{
	const struct options *opt = job->opt;
	struct buf key = { 0 };
	int status;

	if (opt->file && strcmp(opt->file, "-")) {
		status = keyfile_read(opt, opt->file, look_at_key, NULL);
		if (status)
			return status;
	}
	if (opt->file)
		return keyfile_read(opt, opt->file, purge_key, job);
	status = key_decode(opt, "key", argv[0], &key);
	if (!status)
		status = purge_key(&key, job);
	buf_free(&key);
	return status;
}

int purge_ring(const struct options *opt, int argc, char **argv)
{
	struct job job = { .opt = opt };
	int status;

	if (opt->prefix)
		return bad_usage("the nodes of a ring know no --prefix");
	if (argc + !!opt->file != 1)
		return bad_usage("purge --ring needs a KEY or --from-file");
	status = control_open(&job.ctl);
	if (status)
		return status;
	status = reach_begin(opt, job.ctl, opt->ring, &job.reach);
	if (!status && (opt->given & OPT_DRY_RUN))
		status = node_all(job.ctl, opt->ring, &job.nodes,
				  &job.node_count);
	if (!status)
		status = purge_all(&job, argv);
	free(job.nodes);
	kvc_ctl_close(job.ctl);
	return status;
}
