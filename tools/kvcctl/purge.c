// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl purge: of a cache of this host; of a ring see ringpurge.c */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cache.h"
#include "command.h"
#include "control.h"
#include "error.h"
#include "json.h"
#include "key.h"
#include "keyfile.h"
#include "output.h"
#include "purge.h"

int purge_local(struct kvc_ctl *ctl, const char *cache, const struct buf *key,
		uint32_t flags, uint64_t revision, uint64_t *count)
{
	uint64_t part;
	int ret;

	/* A signal that did not end the program does not end the purge. */
	do {
		ret = kvc_purge(ctl, cache, key->data, key->len, flags,
				revision, &part);
		*count += part;
	} while (ret == -EINTR);
	return ret ? cache_failed(ctl, "purge of", cache, ret) : STATUS_OK;
}

struct job {
	const struct options *opt;
	struct kvc_ctl *ctl;
	const char *cache;
	uint64_t count;
};

static int purge_key(const struct buf *key, void *arg)
{
	struct job *job = arg;

	return purge_local(job->ctl, job->cache, key, 0, job->opt->revision,
			   &job->count);
}

static int purge_text(struct job *job, const char *text, uint32_t flags)
{
	struct buf key = { 0 };
	int status = key_decode(job->opt, "key", text, &key);

	if (status)
		return status;
	if (!key.len)
		status = bad_usage("the key is empty; 'kvcctl cache clear' removes all");
	else
		status = purge_local(job->ctl, job->cache, &key, flags,
				     job->opt->revision, &job->count);
	buf_free(&key);
	return status;
}

static void print_count(const struct options *opt, uint64_t count)
{
	json_t *top;

	if (!opt->json) {
		printf("purged %" PRIu64 "\n", count);
		return;
	}
	top = json_new();
	json_add_u64(top, "purged", count);
	output_json(opt, top);
}

static int run(struct job *job, int argc, char **argv)
{
	const struct options *opt = job->opt;

	if (opt->file)
		return keyfile_read(opt, opt->file, purge_key, job);
	if (opt->prefix)
		return purge_text(job, opt->prefix, KVC_PURGE_F_PREFIX);
	(void)argc;
	return purge_text(job, argv[1], 0);
}

static int purge_cache(const struct options *opt, int argc, char **argv)
{
	struct job job = { .opt = opt, .cache = argv[0] };
	int ways = (argc > 1) + !!opt->prefix + !!opt->file;
	int status;

	if (!argc || ways != 1)
		return bad_usage("purge needs a cache and one of KEY, --prefix and --from-file, or --ring");
	if (opt->given & OPT_RING_PURGE)
		return bad_usage("this option is for a ring: say which by --ring");
	status = control_open(&job.ctl);
	if (status)
		return status;
	status = run(&job, argc, argv);
	if (!status)
		print_count(opt, job.count);
	kvc_ctl_close(job.ctl);
	return status;
}

int cmd_purge(const struct options *opt, int argc, char **argv)
{
	if (opt->given & OPT_RING)
		return purge_ring(opt, argc, argv);
	return purge_cache(opt, argc, argv);
}
