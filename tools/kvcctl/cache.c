// SPDX-License-Identifier: GPL-2.0-only
/* kvcctl cache: caches as a whole */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <kvcache.h>

#include "command.h"
#include "device.h"
#include "error.h"
#include "number.h"
#include "output.h"
#include "settings.h"

#define DEFAULT_MODE	0600
#define THE_CALLER	((uint32_t)-1)

static const char bounds[] =
	"limit: 64K or more; tier-min <= tier <= tier-max < limit/2; see kvcctl(8)";

static int cache_failed(const char *what, const char *name, int err)
{
	const char *hint = NULL;

	if (err == -EINVAL || err == -ERANGE)
		hint = bounds;
	else if (err == -ENOENT)
		hint = "'kvcctl cache list' shows the caches that there are";
	return fail(STATUS_REFUSED, err, hint, "cache %s '%s': %s", what, name,
		    err == -ENOENT ? "no such cache" : strerror(-err));
}

static int set_name(struct kvc_config *config, const char *name)
{
	size_t len = strlen(name);

	if (!len || len >= sizeof(config->name))
		return bad_usage("a cache's name has 1 to %zu characters",
				 sizeof(config->name) - 1);
	memcpy(config->name, name, len);
	return STATUS_OK;
}

int cmd_cache_create(const struct options *opt, int argc, char **argv)
{
	struct kvc_config config = {
		.uid = THE_CALLER,
		.gid = THE_CALLER,
		.mode = DEFAULT_MODE,
	};
	struct kvc *kvc;
	uint32_t mask = 0;
	int status, ret;

	status = set_name(&config, argv[0]);
	if (!status)
		status = settings_parse(argc - 1, argv + 1, &config, &mask, false);
	if (!status && !config.limit)
		status = bad_usage("cache create needs a limit, for example: limit 64M");
	if (!status)
		status = device_open(opt, O_RDWR, &kvc);
	if (status)
		return status;
	ret = kvc_cache_create(kvc, &config);
	kvc_close(kvc);
	if (ret == -EEXIST)
		return fail(STATUS_REFUSED, ret, "'kvcctl cache set' changes it",
			    "cache create '%s': there is one of that name",
			    argv[0]);
	return ret ? cache_failed("create", argv[0], ret) : STATUS_OK;
}

int cmd_cache_destroy(const struct options *opt, int argc, char **argv)
{
	struct kvc *kvc;
	int status, ret;

	(void)argc;
	status = device_open(opt, O_RDWR, &kvc);
	if (status)
		return status;
	ret = kvc_cache_destroy(kvc, argv[0]);
	kvc_close(kvc);
	return ret ? cache_failed("destroy", argv[0], ret) : STATUS_OK;
}

static void list_line(const struct kvc_config *config)
{
	char limit[32], tier[32], owner[64], group[64];

	printf("%-24s %10s %10s %-8s %-12s %-12s %04o\n", config->name,
	       size_text(config->limit, limit, sizeof(limit)),
	       size_text(config->tier, tier, sizeof(tier)),
	       policy_text(config->policy),
	       owner_text(config->uid, owner, sizeof(owner)),
	       group_text(config->gid, group, sizeof(group)), config->mode);
}

/* Prints the caches, or adds them to @caches; gives 0 or a negative errno. */
static int list_all(struct kvc *kvc, json_t *caches)
{
	struct kvc_config config = { 0 };
	json_t *object;
	int ret;

	while (!(ret = kvc_cache_next(kvc, config.name, &config))) {
		if (!caches) {
			list_line(&config);
			continue;
		}
		object = json_object();
		settings_json(object, &config);
		json_array_append_new(caches, object);
	}
	return ret == -ENOENT ? 0 : ret;
}

static int list_json(const struct options *opt, struct kvc *kvc)
{
	json_t *caches = json_array();
	json_t *top = json_new();
	int ret;

	json_add(top, "caches", caches);
	ret = list_all(kvc, caches);
	if (ret)
		json_decref(top);
	else
		output_json(opt, top);
	return ret;
}

static int list_text(struct kvc *kvc)
{
	printf("%-24s %10s %10s %-8s %-12s %-12s %s\n", "NAME", "LIMIT", "TIER",
	       "POLICY", "OWNER", "GROUP", "MODE");
	return list_all(kvc, NULL);
}

int cmd_cache_list(const struct options *opt, int argc, char **argv)
{
	struct kvc *kvc;
	int status, ret;

	(void)argc;
	(void)argv;
	status = device_open(opt, O_RDONLY, &kvc);
	if (status)
		return status;
	ret = opt->json ? list_json(opt, kvc) : list_text(kvc);
	kvc_close(kvc);
	if (ret)
		return fail(STATUS_REFUSED, ret, NULL, "cache list: %s",
			    strerror(-ret));
	return STATUS_OK;
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
	struct kvc *kvc;
	int status, ret;

	(void)argc;
	status = device_open(opt, O_RDONLY, &kvc);
	if (status)
		return status;
	ret = kvc_cache_find(kvc, argv[0], &config);
	kvc_close(kvc);
	if (ret)
		return cache_failed("show", argv[0], ret);
	show(opt, &config);
	return STATUS_OK;
}

/*
 * The kernel takes settings in groups, so what was not said keeps the value
 * that it had a moment ago.
 */
static int change(struct kvc *kvc, int argc, char **argv)
{
	struct kvc_config config;
	uint32_t mask = 0;
	int status, ret;

	ret = kvc_cache_find(kvc, argv[0], &config);
	if (ret)
		return cache_failed("set", argv[0], ret);
	status = settings_parse(argc - 1, argv + 1, &config, &mask, true);
	if (status)
		return status;
	if (!mask)
		return bad_usage("cache set needs a setting, for example: limit 64M");
	ret = kvc_cache_set(kvc, mask, &config);
	return ret ? cache_failed("set", argv[0], ret) : STATUS_OK;
}

int cmd_cache_set(const struct options *opt, int argc, char **argv)
{
	struct kvc *kvc;
	int status;

	status = device_open(opt, O_RDWR, &kvc);
	if (status)
		return status;
	status = change(kvc, argc, argv);
	kvc_close(kvc);
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
	return ret ? cache_failed("clear", argv[0], ret) : STATUS_OK;
}
