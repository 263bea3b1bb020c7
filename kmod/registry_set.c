// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose a cache may be, and changes of its settings
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/module.h>
#include <linux/user_namespace.h>
#include "registry_in.h"

static unsigned long uid_quota;
module_param(uid_quota, ulong, 0644);
MODULE_PARM_DESC(uid_quota,
		 "bytes that the limits of one owner's caches may add up to; 0: any");

/**
 * kvc_registry_take_owner - the owner and group that a cache is to have
 * @net: its namespace
 * @config: has them as the caller sees them
 * @uid: gets the owner; what is not given stays
 * @gid: gets the group, likewise
 *
 * The namespace's root disposes of its own users, not of those outside.
 *
 * Return: 0; -EINVAL: there is none such; -EPERM: an owner of outside.
 */
int kvc_registry_take_owner(struct net *net, const struct kvc_config *config,
			    kuid_t *uid, kgid_t *gid)
{
	struct user_namespace *ns = current_user_ns();

	if (config->uid != -1U)
		*uid = make_kuid(ns, config->uid);
	if (config->gid != -1U)
		*gid = make_kgid(ns, config->gid);
	if (!uid_valid(*uid) || !gid_valid(*gid))
		return -EINVAL;
	if (!kuid_has_mapping(net->user_ns, *uid) ||
	    !kgid_has_mapping(net->user_ns, *gid))
		return -EPERM;
	return 0;
}

/**
 * kvc_registry_check_quota - would a limit be too much for what an owner has?
 * @uid: the owner
 * @limit: of the cache
 * @but: the cache, whose present limit does not count; or NULL
 *
 * Return: 0 or -EDQUOT.
 */
int kvc_registry_check_quota(kuid_t uid, u64 limit,
			     const struct kvc_instance *but)
{
	u64 quota = READ_ONCE(uid_quota), sum = limit;
	struct kvc_instance *inst;

	lockdep_assert_held(&kvc_registry_lock);
	if (!quota || capable(CAP_SYS_RESOURCE))
		return 0;
	list_for_each_entry(inst, &kvc_registry_all, in_all)
		if (inst != but && uid_eq(inst->uid, uid))
			sum += inst->cache->config.limit;
	return sum > quota ? -EDQUOT : 0;
}

#define BIT_OF(attr)	KVC_CONFIG_BIT(KVC_A_CACHE_##attr)
#define OWNER_BITS	(BIT_OF(UID) | BIT_OF(GID))
/* What cannot be changed without making everything anew */
#define FIXED_BITS	(BIT_OF(POLICY) | BIT_OF(KEY_MAX) | \
			 BIT_OF(VALUE_MAX) | BIT_OF(EVENTS))
/* The log and the store are there or not from the beginning. */
#define FIXED_FLAGS	(KVC_CACHE_F_NOEVENTS | KVC_CACHE_F_WRITEBEHIND)

/* The cache's settings with those that are given in @from, complete */
static int merge(const struct kvc_instance *inst, u32 given,
		 const struct kvc_config *from, struct kvc_config *to)
{
	const struct kvc_config *now = &inst->cache->config;

	*to = *now;
	to->mode = inst->mode;
	kvc_config_overlay(to, from, given & ~OWNER_BITS);
	to->flags = (to->flags & ~FIXED_FLAGS) | (now->flags & FIXED_FLAGS);
	/* What is no longer static gets the room to adapt that others have. */
	if (now->flags & ~to->flags & KVC_CACHE_F_STATIC) {
		if (!(given & BIT_OF(TIER_MIN)))
			to->tier_min = 0;
		if (!(given & BIT_OF(TIER_MAX)))
			to->tier_max = 0;
	}
	return kvc_config_complete(to);
}

/* limit, tier, tier_min and tier_max stand together, memtable apart. */
#define SIZES	(offsetofend(struct kvc_config, tier_max) - \
		 offsetof(struct kvc_config, limit))

static void apply(struct kvc_instance *inst, const struct kvc_config *config)
{
	struct kvc_cache *c = inst->cache;

	WRITE_ONCE(inst->mode, config->mode);
	WRITE_ONCE(c->config.flags, config->flags);
	WRITE_ONCE(c->config.window, config->window);
	WRITE_ONCE(c->config.bypass_off, config->bypass_off);
	WRITE_ONCE(c->config.bypass_on, config->bypass_on);
	WRITE_ONCE(c->config.grow, config->grow);
	if (config->flags & KVC_CACHE_F_LOG)
		kvc_cache_listen(c);
	WRITE_ONCE(c->config.runs, config->runs);
	WRITE_ONCE(c->config.flush_ms, config->flush_ms);
	if (memcmp(&c->config.limit, &config->limit, SIZES) ||
	    c->config.memtable != config->memtable)
		kvc_cache_set_size(c, config);
}

static int set_locked(struct kvc_instance *inst, const struct kvc_who *who,
		      u32 given, struct kvc_config *config)
{
	kuid_t uid = inst->uid;
	kgid_t gid = inst->gid;
	struct kvc_config merged;
	int err;

	if (!kvc_registry_may_control(inst, who))
		return -EPERM;
	if (given & FIXED_BITS)
		return -EOPNOTSUPP;
	if (given & OWNER_BITS) {
		if (!who->admin)
			return -EPERM;
		err = kvc_registry_take_owner(inst->net, config, &uid, &gid);
		if (err)
			return err;
	}
	err = merge(inst, given, config, &merged);
	*config = merged;
	/* Who is over a quota already may still change what makes it no worse. */
	if (!err && (!uid_eq(uid, inst->uid) ||
		     merged.limit > inst->cache->config.limit))
		err = kvc_registry_check_quota(uid, merged.limit, inst);
	if (err)
		return err;
	inst->uid = uid;
	inst->gid = gid;
	apply(inst, &merged);
	return 0;
}

/**
 * kvc_registry_set - change a cache's settings
 * @net: where
 * @who: asks for it
 * @given: which settings, %KVC_CONFIG_BIT
 * @config: their values, and the cache's name; gets all of them, also if they
 *	do not go together
 *
 * Context: may sleep.  Return: 0; -ENOENT, -EPERM, -EINVAL, -ERANGE, -EDQUOT;
 * -EOPNOTSUPP: one that is fixed at creation.
 */
int kvc_registry_set(struct net *net, const struct kvc_who *who, u32 given,
		     struct kvc_config *config)
{
	struct kvc_instance *inst;
	u32 shard = 0;
	int err;

	mutex_lock(&kvc_registry_lock);
	inst = kvc_registry_find(net, config->name);
	err = inst ? set_locked(inst, who, given, config) : -ENOENT;
	if (!err)
		kref_get(&inst->ref);
	mutex_unlock(&kvc_registry_lock);
	if (err)
		return err;
	while (kvc_cache_fit_step(inst->cache, &shard))
		cond_resched();
	/* There may be room for who waits for it, and more to be sealed. */
	if (inst->behind) {
		kvc_cache_kick(inst->cache, false);
		atomic_inc(&inst->behind->grown);
		kvc_instance_wake(inst);
	}
	kvc_registry_put(inst);
	return 0;
}

/**
 * kvc_registry_describe - the settings of a cache as the caller sees them
 * @inst: the cache, referenced
 * @config: gets the settings
 */
void kvc_registry_describe(struct kvc_instance *inst,
			   struct kvc_config *config)
{
	struct user_namespace *ns = current_user_ns();

	mutex_lock(&kvc_registry_lock);
	*config = inst->cache->config;
	config->uid = from_kuid_munged(ns, inst->uid);
	config->gid = from_kgid_munged(ns, inst->gid);
	config->mode = inst->mode;
	mutex_unlock(&kvc_registry_lock);
}
