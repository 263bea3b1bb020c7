// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control ioctls, until generic netlink takes their place
 */
#include <linux/err.h>
#include "copy.h"
#include "session.h"

#define SET_MASK (KVC_SET_OWNER | KVC_SET_MODE | KVC_SET_SIZE | KVC_SET_ADAPT)

int kvc_control_create(struct kvc_session *ses, void __user *arg, size_t usize)
{
	struct kvc_config config;
	int err;

	err = kvc_copy_in(&config, sizeof(config), arg, usize,
			  KVC_CONFIG_SIZE_VER0);
	return err ?: kvc_registry_create(ses->net, &config);
}

int kvc_control_destroy(struct kvc_session *ses, void __user *arg, size_t usize)
{
	struct kvc_name name;
	int err;

	err = kvc_copy_in(&name, sizeof(name), arg, usize, KVC_NAME_SIZE_VER0);
	if (err)
		return err;
	if (name.flags || !kvc_config_name_ok(name.name))
		return -EINVAL;
	return kvc_registry_destroy(ses->net, name.name);
}

int kvc_control_set(struct kvc_session *ses, void __user *arg, size_t usize)
{
	struct kvc_set set;
	int err;

	err = kvc_copy_in(&set, sizeof(set), arg, usize, KVC_SET_SIZE_VER0);
	if (err)
		return err;
	if (set.mask & ~SET_MASK || !set.mask || set.reserved ||
	    !kvc_config_name_ok(set.config.name))
		return -EINVAL;
	return kvc_registry_set(ses->net, set.mask, &set.config);
}

int kvc_control_list(struct kvc_session *ses, void __user *arg, size_t usize)
{
	struct kvc_list list;
	int err;

	err = kvc_copy_in(&list, sizeof(list), arg, usize, KVC_LIST_SIZE_VER0);
	if (err)
		return err;
	if (list.after[0] && !kvc_config_name_ok(list.after))
		return -EINVAL;
	err = kvc_registry_next(ses->net, list.after, &list.config);
	return err ?: kvc_copy_out(arg, usize, &list, sizeof(list));
}

static struct kvc_instance *bound(struct kvc_session *ses, fmode_t mode)
{
	/* Pairs with the release in cdev_attach(). */
	struct kvc_instance *inst = smp_load_acquire(&ses->inst);

	if (!inst)
		return ERR_PTR(-ENOTCONN);
	if (READ_ONCE(inst->dead))
		return ERR_PTR(-ESHUTDOWN);
	if (!(mode & FMODE_READ))
		return ERR_PTR(-EBADF);
	kref_get(&inst->ref);
	return inst;
}

static struct kvc_instance *stats_of(struct kvc_session *ses, fmode_t mode,
				     const char *name)
{
	if (!name[0])
		return bound(ses, mode);
	if (!kvc_config_name_ok(name))
		return ERR_PTR(-EINVAL);
	return kvc_registry_get(ses->net, name, KVC_ACCESS_READ);
}

int kvc_control_stats(struct kvc_session *ses, fmode_t mode, void __user *arg,
		      size_t usize)
{
	struct kvc_instance *inst;
	struct kvc_stats stats;
	int err;

	err = kvc_copy_in(&stats, sizeof(stats), arg, usize,
			  KVC_STATS_SIZE_VER0);
	if (err)
		return err;
	inst = stats_of(ses, mode, stats.name);
	if (IS_ERR(inst))
		return PTR_ERR(inst);
	kvc_cache_stats(inst->cache, &stats);
	memcpy(stats.name, inst->cache->config.name, KVC_NAME_MAX);
	kvc_registry_put(inst);
	return kvc_copy_out(arg, usize, &stats, sizeof(stats));
}
