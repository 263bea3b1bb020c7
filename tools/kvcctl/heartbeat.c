// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl heartbeat: asks each node whether it is there, and tells the kernel */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "control.h"
#include "error.h"
#include "mc.h"
#include "output.h"
#include "ring.h"

#define TIMEOUT_NS	2000000000ull
#define NSEC_PER_SEC	1000000000ull

struct beat {
	const struct options *opt;
	struct kvc_ctl *ctl;
	const struct kvc_ring *ring;
	int status;
};

static int probe(const struct beat *beat, const struct kvc_node *node)
{
	const struct options *opt = beat->opt;
	int fd, ret;

	ret = mc_open(node->address, opt->timeout ? opt->timeout : TIMEOUT_NS,
		      &fd);
	if (ret)
		return ret;
	ret = mc_version(fd);
	close(fd);
	return ret;
}

static void tell(const struct beat *beat, const struct kvc_node *node, int err)
{
	json_t *top;

	if (!beat->opt->json) {
		printf("%s\t%s\t%s\n", beat->ring->name, node->name,
		       err ? strerror(-err) : "ok");
		return;
	}
	top = json_new();
	json_add(top, "ring", json_string(beat->ring->name));
	json_add(top, "node", json_string(node->name));
	json_add(top, "success", json_boolean(!err));
	if (err)
		json_add(top, "error", json_string(strerror(-err)));
	output_json(beat->opt, top);
}

/* A18, A19: the kernel counts, tags and takes tags away. */
static int beat_node(const struct kvc_node *node, void *arg)
{
	struct beat *beat = arg;
	int err, ret;

	if (node->id == beat->ring->self || node->status == KVC_NODE_DOWN)
		return 0;
	err = probe(beat, node);
	tell(beat, node, err);
	ret = kvc_node_report(beat->ctl, beat->ring->name, node, !err);
	/* It may have been removed meanwhile. */
	if (ret && ret != -ENOENT)
		beat->status = node_failed(beat->ctl, "heartbeat of",
					   beat->ring->name, node->name, ret);
	return beat->status;
}

static int beat_ring(const struct kvc_ring *ring, void *arg)
{
	struct beat *beat = arg;
	int ret;

	beat->ring = ring;
	ret = kvc_node_list(beat->ctl, ring->name, beat_node, beat);
	if (ret < 0 && ret != -ENOENT)
		beat->status = ring_failed(beat->ctl, "heartbeat of",
					   ring->name, ret);
	return beat->status;
}

static int beat_once(struct beat *beat)
{
	const char *name = beat->opt->ring;
	struct kvc_ring ring;
	int ret;

	ret = name ? kvc_ring_get(beat->ctl, name, &ring) :
		     kvc_ring_list(beat->ctl, beat_ring, beat);
	if (ret < 0)
		return ring_failed(beat->ctl, "heartbeat of",
				   name ? name : "all rings", ret);
	if (name)
		beat_ring(&ring, beat);
	if (beat->status)
		return beat->status;
	return output_flush(stdout, "the output");
}

static void pause_for(uint64_t ns)
{
	struct timespec left = {
		.tv_sec = ns / NSEC_PER_SEC,
		.tv_nsec = ns % NSEC_PER_SEC,
	};

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

int cmd_heartbeat(const struct options *opt, int argc, char **argv)
{
	struct beat beat = { .opt = opt };
	uint64_t rounds = opt->given & OPT_COUNT ? opt->count :
			  opt->given & OPT_INTERVAL ? UINT64_MAX : 1;
	int status;

	(void)argc;
	(void)argv;
	if ((opt->given & OPT_COUNT) && !(opt->given & OPT_INTERVAL))
		return bad_usage("--count needs --interval");
	status = control_open(&beat.ctl);
	if (status)
		return status;
	while (!status && rounds) {
		status = beat_once(&beat);
		if (!status && --rounds)
			pause_for(opt->interval);
	}
	kvc_ctl_close(beat.ctl);
	return status;
}
