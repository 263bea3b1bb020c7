// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl cache: caches as a whole */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <kvcache.h>

#include "cache.h"
#include "command.h"
#include "control.h"
#include "device.h"
#include "error.h"
#include "number.h"
#include "output.h"
#include "settings.h"

#define GIVEN_MODE	(1ull << KVC_A_CACHE_MODE)

static const char bounds[] =
	"limit: 64K or more; tier-min <= tier <= tier-max < limit/2; see kvcctl(8)";

int cache_failed(const struct kvc_ctl *ctl, const char *what, const char *name,
		 int err)
{
	const char *said = ctl ? kvc_ctl_error(ctl) : "";
	const char *hint = NULL;

	if (err == -ERANGE)
		hint = bounds;
	else if (err == -ENOENT)
		hint = "'kvcctl cache list' shows the caches that there are";
	if (err == -ENOENT && !said[0])
		return fail(STATUS_REFUSED, err, hint, "%s '%s': no such cache",
			    what, name);
	return control_failed(ctl, err, hint, "%s '%s'", what, name);
}

/* Nobody's mode is 0, as is what was not said: it has to be set. */
static int create(struct kvc_ctl *ctl, const struct kvc_config *config,
		  uint64_t given)
{
	int ret = kvc_cache_create(ctl, config);

	if (!ret && (given & GIVEN_MODE) && !config->mode)
		ret = kvc_cache_set(ctl, config, GIVEN_MODE);
	if (ret == -EEXIST)
		return fail(STATUS_REFUSED, ret, "'kvcctl cache set' changes it",
			    "cache create '%s': there is one of that name",
			    config->name);
	return ret ? cache_failed(ctl, "cache create", config->name, ret) :
		     STATUS_OK;
}

int cmd_cache_create(const struct options *opt, int argc, char **argv)
{
	struct kvc_config config = {
		.uid = KVC_ID_CALLER,
		.gid = KVC_ID_CALLER,
	};
	struct kvc_ctl *ctl;
	uint64_t given = 0;
	int status;

	(void)opt;
	status = take_name(config.name, "cache", argv[0]);
	if (!status)
		status = settings_parse(argc - 1, argv + 1, &config, &given,
					false);
	if (!status && !config.limit)
		status = bad_usage("cache create needs a limit, for example: limit 64M");
	if (!status)
		status = control_open(&ctl);
	if (status)
		return status;
	status = create(ctl, &config, given);
	kvc_ctl_close(ctl);
	return status;
}

static const char dirty[] =
	"'kvcctl cache flush' waits until they are; --discard-dirty gives them up";

/* How many pairs would be lost: not every kernel can say it itself. */
static int not_stored(struct kvc_ctl *ctl, const char *name, int err)
{
	struct kvc_stats stats;

	if (kvc_stats(ctl, name, &stats))
		return fail(STATUS_REFUSED, err, dirty,
			    "cache destroy '%s': not all of it is in the store",
			    name);
	return fail(STATUS_REFUSED, err, dirty,
		    "cache destroy '%s': %" PRIu64 " pairs are not in the store",
		    name, stats.dirty_entries);
}

int cmd_cache_destroy(const struct options *opt, int argc, char **argv)
{
	struct kvc_ctl *ctl;
	int status, ret;

	(void)argc;
	status = control_open(&ctl);
	if (status)
		return status;
	if (opt->given & OPT_DISCARD)
		ret = kvc_cache_discard(ctl, argv[0]);
	else
		ret = kvc_cache_destroy(ctl, argv[0]);
	if (ret == -EBUSY)
		status = not_stored(ctl, argv[0], ret);
	else if (ret)
		status = cache_failed(ctl, "cache destroy", argv[0], ret);
	kvc_ctl_close(ctl);
	return status;
}

static int list_line(const struct kvc_config *config, void *arg)
{
	char limit[32], tier[32], owner[64], group[64];

	(void)arg;
	printf("%-24s %10s %10s %-8s %-12s %-12s %04o %s\n", config->name,
	       size_text(config->limit, limit, sizeof(limit)),
	       size_text(config->tier, tier, sizeof(tier)),
	       policy_text(config->policy),
	       owner_text(config->uid, owner, sizeof(owner)),
	       group_text(config->gid, group, sizeof(group)), config->mode,
	       config->flags & KVC_CACHE_F_WRITEBEHIND ? "writebehind" :
							 "cache");
	return 0;
}

static int list_object(const struct kvc_config *config, void *arg)
{
	json_t *object = json_object();

	settings_json(object, config);
	json_array_append_new(arg, object);
	return 0;
}

static int list_json(const struct options *opt, struct kvc_ctl *ctl)
{
	json_t *caches = json_array();
	json_t *top = json_new();
	int ret;

	json_add(top, "caches", caches);
	ret = kvc_cache_list(ctl, list_object, caches);
	if (ret)
		json_decref(top);
	else
		output_json(opt, top);
	return ret;
}

static int list_text(struct kvc_ctl *ctl)
{
	printf("%-24s %10s %10s %-8s %-12s %-12s %s %s\n", "NAME",
	       "LIMIT", "TIER",
	       "POLICY", "OWNER", "GROUP", "MODE", "KIND");
	return kvc_cache_list(ctl, list_line, NULL);
}

int cmd_cache_list(const struct options *opt, int argc, char **argv)
{
	struct kvc_ctl *ctl;
	int status, ret;

	(void)argc;
	(void)argv;
	status = control_open(&ctl);
	if (status)
		return status;
	ret = opt->json ? list_json(opt, ctl) : list_text(ctl);
	if (ret)
		status = control_failed(ctl, ret, NULL, "cache list");
	kvc_ctl_close(ctl);
	return status;
}

static void show(const struct options *opt, const struct kvc_config *config)
{
	json_t *top;

	if (!opt->json) {
		settings_print(config);
		return;
	}
	top = json_new();
	settings_json(top, config);
	output_json(opt, top);
}

int cmd_cache_show(const struct options *opt, int argc, char **argv)
{
	struct kvc_config config;
	struct kvc_ctl *ctl;
	int status, ret;

	(void)argc;
	status = control_open(&ctl);
	if (status)
		return status;
	ret = kvc_cache_get(ctl, argv[0], &config);
	if (ret)
		status = cache_failed(ctl, "cache show", argv[0], ret);
	else
		show(opt, &config);
	kvc_ctl_close(ctl);
	return status;
}

/* The flags are one setting: those that were not said stay as they are. */
static int change(struct kvc_ctl *ctl, int argc, char **argv)
{
	struct kvc_config config;
	uint64_t given = 0;
	int status, ret;

	ret = kvc_cache_get(ctl, argv[0], &config);
	if (ret)
		return cache_failed(ctl, "cache set", argv[0], ret);
	status = settings_parse(argc - 1, argv + 1, &config, &given, true);
	if (status)
		return status;
	if (!given)
		return bad_usage("cache set needs a setting, for example: limit 64M");
	ret = kvc_cache_set(ctl, &config, given);
	return ret ? cache_failed(ctl, "cache set", argv[0], ret) : STATUS_OK;
}

int cmd_cache_set(const struct options *opt, int argc, char **argv)
{
	struct kvc_ctl *ctl;
	int status;

	(void)opt;
	status = control_open(&ctl);
	if (status)
		return status;
	status = change(ctl, argc, argv);
	kvc_ctl_close(ctl);
	return status;
}

int cmd_cache_clear(const struct options *opt, int argc, char **argv)
{
	struct kvc *kvc;
	int status, ret;

	(void)argc;
	status = device_attach(opt, O_WRONLY, argv[0], &kvc);
	if (status)
		return status;
	do {
		ret = kvc_clear(kvc);
	} while (ret == -EINTR);
	kvc_close(kvc);
	return ret ? cache_failed(NULL, "cache clear", argv[0], ret) :
		     STATUS_OK;
}
