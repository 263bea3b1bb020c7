// SPDX-License-Identifier: LGPL-2.1-or-later
/* Caches: making, changing, listing. */
#include <errno.h>
#include <string.h>

#include "fields.h"

static const struct kvc_field config_field[] = {
	KVC_FIELD(KVC_A_CACHE_NAME, struct kvc_config, name),
	KVC_FIELD(KVC_A_CACHE_UID, struct kvc_config, uid),
	KVC_FIELD(KVC_A_CACHE_GID, struct kvc_config, gid),
	KVC_FIELD(KVC_A_CACHE_MODE, struct kvc_config, mode),
	KVC_FIELD(KVC_A_CACHE_POLICY, struct kvc_config, policy),
	KVC_FIELD(KVC_A_CACHE_FLAGS, struct kvc_config, flags),
	KVC_FIELD(KVC_A_CACHE_KEY_MAX, struct kvc_config, key_max),
	KVC_FIELD(KVC_A_CACHE_VALUE_MAX, struct kvc_config, value_max),
	KVC_FIELD(KVC_A_CACHE_WINDOW, struct kvc_config, window),
	KVC_FIELD(KVC_A_CACHE_BYPASS_OFF, struct kvc_config, bypass_off),
	KVC_FIELD(KVC_A_CACHE_BYPASS_ON, struct kvc_config, bypass_on),
	KVC_FIELD(KVC_A_CACHE_GROW, struct kvc_config, grow),
	KVC_FIELD(KVC_A_CACHE_EVENTS, struct kvc_config, events),
	KVC_FIELD(KVC_A_CACHE_LIMIT, struct kvc_config, limit),
	KVC_FIELD(KVC_A_CACHE_TIER, struct kvc_config, tier),
	KVC_FIELD(KVC_A_CACHE_TIER_MIN, struct kvc_config, tier_min),
	KVC_FIELD(KVC_A_CACHE_TIER_MAX, struct kvc_config, tier_max),
	KVC_FIELD(KVC_A_CACHE_MEMTABLE, struct kvc_config, memtable),
	KVC_FIELD(KVC_A_CACHE_RUNS, struct kvc_config, runs),
	KVC_FIELD(KVC_A_CACHE_FLUSH_MS, struct kvc_config, flush_ms),
};

static const struct kvc_fields config_fields =
	KVC_FIELDS(KVC_A_CACHE, config_field);

#define NAME	KVC_BIT(KVC_A_CACHE_NAME)
#define IDS	(KVC_BIT(KVC_A_CACHE_UID) | KVC_BIT(KVC_A_CACHE_GID))

static int name_ok(const char *name)
{
	return strnlen(name, KVC_NAME_MAX) < KVC_NAME_MAX;
}

/* An id of 0 is root's, so these are left out by another value. */
static uint64_t without_caller(const struct kvc_config *config, uint64_t mask)
{
	if (config->uid == KVC_ID_CALLER)
		mask &= ~(uint64_t)KVC_BIT(KVC_A_CACHE_UID);
	if (config->gid == KVC_ID_CALLER)
		mask &= ~(uint64_t)KVC_BIT(KVC_A_CACHE_GID);
	return mask;
}

KVC_API int kvc_cache_create(struct kvc_ctl *ctl,
			     const struct kvc_config *config)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_CACHE_NEW);
	uint64_t mask = kvc_fields_used(&config_fields, config) | NAME | IDS;

	if (!name_ok(config->name))
		return -ENAMETOOLONG;
	kvc_fields_put(nlh, &config_fields, config,
		       without_caller(config, mask));
	return kvc_ctl_do(ctl, nlh, NULL, NULL);
}

KVC_API int kvc_cache_destroy(struct kvc_ctl *ctl, const char *name)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_CACHE_DEL);
	int ret = kvc_put_cache(nlh, name);

	return ret ? ret : kvc_ctl_do(ctl, nlh, NULL, NULL);
}

KVC_API int kvc_cache_discard(struct kvc_ctl *ctl, const char *name)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_CACHE_DEL);
	int ret = kvc_put_cache(nlh, name);

	if (ret)
		return ret;
	mnl_attr_put(nlh, KVC_A_DISCARD_DIRTY, 0, NULL);
	return kvc_ctl_do(ctl, nlh, NULL, NULL);
}

KVC_API int kvc_cache_set(struct kvc_ctl *ctl, const struct kvc_config *config,
			  uint32_t given)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_CACHE_SET);

	if (!name_ok(config->name))
		return -ENAMETOOLONG;
	kvc_fields_put(nlh, &config_fields, config,
		       without_caller(config, given | NAME));
	return kvc_ctl_do(ctl, nlh, NULL, NULL);
}

static int read_config(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *nest = kvc_ctl_attr(nlh, KVC_A_CACHE);
	struct kvc_config *config = arg;

	memset(config, 0, sizeof(*config));
	if (!nest || !(kvc_fields_read(nest, &config_fields, config) & NAME))
		return -EBADMSG;
	return 0;
}

KVC_API int kvc_cache_get(struct kvc_ctl *ctl, const char *name,
			  struct kvc_config *config)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_CACHE_GET);
	int ret = kvc_put_cache(nlh, name);

	return ret ? ret : kvc_ctl_do(ctl, nlh, read_config, config);
}

struct list {
	kvc_cache_fn fn;
	void *arg;
};

static int list_one(const struct nlmsghdr *nlh, void *arg)
{
	const struct list *list = arg;
	struct kvc_config config;
	int ret = read_config(nlh, &config);

	return ret ? ret : list->fn(&config, list->arg);
}

KVC_API int kvc_cache_list(struct kvc_ctl *ctl, kvc_cache_fn fn, void *arg)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, KVC_CMD_CACHE_GET);
	struct list list = { fn, arg };

	return kvc_ctl_dump(ctl, nlh, list_one, &list);
}
