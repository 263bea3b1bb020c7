// SPDX-License-Identifier: GPL-2.0-only
/*
 * The named caches of each network namespace
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <net/netns/generic.h>
#include "registry.h"

static unsigned long uid_quota;
module_param(uid_quota, ulong, 0644);
MODULE_PARM_DESC(uid_quota,
		 "bytes that the limits of one owner's caches may add up to; 0: any");

/* One network namespace's caches, in the order of names */
struct kvc_ns {
	struct list_head caches;
	unsigned int generation;
};

static unsigned int kvc_ns_id;
static DEFINE_MUTEX(kvc_registry_lock);
static LIST_HEAD(kvc_registry_all);
static struct workqueue_struct *kvc_registry_wq;
static const struct kvc_registry_watch *const *kvc_registry_watches;
static const struct kvc_observer *kvc_registry_observer;

static struct kvc_ns *ns_of(struct net *net)
{
	return net_generic(net, kvc_ns_id);
}

/**
 * kvc_registry_kick - observer: maintenance is due
 * @ctx: &struct kvc_instance
 * @delay_ms: when
 */
void kvc_registry_kick(void *ctx, unsigned int delay_ms)
{
	struct kvc_instance *inst = ctx;

	mod_delayed_work(kvc_registry_wq, &inst->work,
			 msecs_to_jiffies(delay_ms));
}

static void maintain(struct work_struct *work)
{
	struct kvc_instance *inst = container_of(to_delayed_work(work),
						 struct kvc_instance, work);

	unsigned int delay_ms = kvc_cache_maintain(inst->cache);

	/* What was asked for meanwhile may be due earlier, and stays. */
	if (delay_ms)
		queue_delayed_work(kvc_registry_wq, &inst->work,
				   msecs_to_jiffies(delay_ms));
}

static void release(struct kref *ref)
{
	const struct kvc_registry_watch *const *watch;
	struct kvc_instance *inst = container_of(ref, struct kvc_instance, ref);

	/* Readers of the list of all caches may still look at it. */
	synchronize_rcu();
	/* Nobody operates on it, so once it ran nothing asks for it again. */
	cancel_delayed_work_sync(&inst->work);
	for (watch = kvc_registry_watches; *watch; watch++)
		if ((*watch)->released)
			(*watch)->released(inst);
	kvc_cache_free(inst->cache);
	kfree(inst);
}

/**
 * kvc_registry_put - give a reference back
 * @inst: the cache
 *
 * Context: may sleep.
 */
void kvc_registry_put(struct kvc_instance *inst)
{
	kref_put(&inst->ref, release);
}

static struct kvc_instance *find(struct net *net, const char *name)
{
	struct kvc_instance *inst;

	lockdep_assert_held(&kvc_registry_lock);
	list_for_each_entry(inst, &ns_of(net)->caches, in_ns)
		if (!strcmp(inst->cache->config.name, name))
			return inst;
	return NULL;
}

static bool may_control(const struct kvc_instance *inst,
			const struct kvc_who *who)
{
	return who->admin || uid_eq(who->uid, inst->uid);
}

/* Do the mode bits allow an access?  Groups count for whom the uid does. */
static bool may_access(const struct kvc_instance *inst,
		       const struct kvc_who *who, unsigned int access)
{
	umode_t mode = READ_ONCE(inst->mode);

	if (uid_eq(who->uid, inst->uid))
		mode >>= 6;
	else if (uid_valid(who->uid) && in_group_p(inst->gid))
		mode >>= 3;
	return (mode & access) == access || who->any;
}

/**
 * kvc_registry_get - take a reference on a cache
 * @net: its namespace
 * @who: asks for it
 * @name: its name
 * @access: what is wanted of it, KVC_ACCESS_*
 *
 * Return: the cache; ERR_PTR: -ENOENT, -EACCES.
 */
struct kvc_instance *kvc_registry_get(struct net *net,
				      const struct kvc_who *who,
				      const char *name, unsigned int access)
{
	struct kvc_instance *inst;

	mutex_lock(&kvc_registry_lock);
	inst = find(net, name);
	if (!inst)
		inst = ERR_PTR(-ENOENT);
	else if (!may_access(inst, who, access))
		inst = ERR_PTR(-EACCES);
	else
		kref_get(&inst->ref);
	mutex_unlock(&kvc_registry_lock);
	return inst;
}

/**
 * kvc_registry_get_to_control - take a reference on a cache to change it
 * @net: its namespace
 * @who: asks for it
 * @name: its name
 *
 * Return: the cache; ERR_PTR: -ENOENT, -EPERM.
 */
struct kvc_instance *kvc_registry_get_to_control(struct net *net,
						 const struct kvc_who *who,
						 const char *name)
{
	struct kvc_instance *inst;

	mutex_lock(&kvc_registry_lock);
	inst = find(net, name);
	if (!inst)
		inst = ERR_PTR(-ENOENT);
	else if (!may_control(inst, who))
		inst = ERR_PTR(-EPERM);
	else
		kref_get(&inst->ref);
	mutex_unlock(&kvc_registry_lock);
	return inst;
}

/*
 * The namespace's root disposes of its own users, not of those outside.  What
 * is not given stays.
 */
static int take_owner(struct net *net, const struct kvc_config *config,
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

/* Would @limit be too much for what the owner has beside @but? */
static int check_quota(kuid_t uid, u64 limit, const struct kvc_instance *but)
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

static void add(struct net *net, struct kvc_instance *inst)
{
	const struct kvc_registry_watch *const *watch;
	struct list_head *caches = &ns_of(net)->caches;
	struct kvc_instance *next;

	list_for_each_entry(next, caches, in_ns)
		if (strcmp(next->cache->config.name,
			   inst->cache->config.name) > 0)
			break;
	list_add_tail(&inst->in_ns, &next->in_ns);
	WRITE_ONCE(ns_of(net)->generation, ns_of(net)->generation + 1);
	list_add_tail_rcu(&inst->in_all, &kvc_registry_all);
	for (watch = kvc_registry_watches; *watch; watch++)
		(*watch)->added(inst);
}

static struct kvc_instance *instance_new(struct net *net,
					 const struct kvc_config *config)
{
	struct kvc_instance *inst = kzalloc(sizeof(*inst), GFP_KERNEL_ACCOUNT);
	struct kvc_cache *cache;

	if (!inst)
		return ERR_PTR(-ENOMEM);
	cache = kvc_cache_create(config, num_possible_cpus(),
				 kvc_registry_observer, inst);
	if (IS_ERR(cache)) {
		kfree(inst);
		return ERR_CAST(cache);
	}
	inst->cache = cache;
	inst->net = net;
	inst->mode = config->mode;
	kref_init(&inst->ref);
	INIT_DELAYED_WORK(&inst->work, maintain);
	return inst;
}

static int add_locked(struct net *net, struct kvc_instance *inst)
{
	const struct kvc_config *config = &inst->cache->config;
	int err;

	if (find(net, config->name))
		return -EEXIST;
	err = check_quota(inst->uid, config->limit, NULL);
	if (!err)
		add(net, inst);
	return err;
}

/**
 * kvc_registry_create - create a cache
 * @net: where
 * @config: as the user gave it, who may do that; gets the defaults
 *
 * Context: may sleep.  Return: 0; -EPERM: an owner of outside; -EINVAL,
 * -EEXIST, -EDQUOT, -ENOMEM.
 */
int kvc_registry_create(struct net *net, struct kvc_config *config)
{
	kuid_t uid = current_fsuid();
	kgid_t gid = current_fsgid();
	struct kvc_instance *inst;
	int err;

	err = kvc_config_complete(config) ?:
	      take_owner(net, config, &uid, &gid);
	if (err)
		return err;
	inst = instance_new(net, config);
	if (IS_ERR(inst))
		return PTR_ERR(inst);
	inst->uid = uid;
	inst->gid = gid;
	mutex_lock(&kvc_registry_lock);
	err = add_locked(net, inst);
	mutex_unlock(&kvc_registry_lock);
	if (err)
		goto err_add;
	return 0;

err_add:
	kvc_registry_put(inst);
	return err;
}

static void unlist(struct kvc_instance *inst)
{
	const struct kvc_registry_watch *const *watch;
	struct kvc_ns *ns = ns_of(inst->net);

	lockdep_assert_held(&kvc_registry_lock);
	WRITE_ONCE(inst->dead, true);
	for (watch = kvc_registry_watches; *watch; watch++)
		(*watch)->removed(inst);
	list_del(&inst->in_ns);
	WRITE_ONCE(ns->generation, ns->generation + 1);
	list_del_rcu(&inst->in_all);
}

static void destroy(struct kvc_instance *inst)
{
	kvc_cache_kill(inst->cache);
	kvc_registry_put(inst);
}

/**
 * kvc_registry_destroy - destroy a cache; files attached to it stay open
 * @net: where
 * @who: asks for it
 * @name: which
 *
 * Context: may sleep.  Return: 0; -ENOENT, -EPERM.
 */
int kvc_registry_destroy(struct net *net, const struct kvc_who *who,
			 const char *name)
{
	struct kvc_instance *inst;
	int err = 0;

	mutex_lock(&kvc_registry_lock);
	inst = find(net, name);
	if (!inst)
		err = -ENOENT;
	else if (!may_control(inst, who))
		err = -EPERM;
	else
		unlist(inst);
	mutex_unlock(&kvc_registry_lock);
	if (!err)
		destroy(inst);
	return err;
}

#define BIT_OF(attr)	KVC_CONFIG_BIT(KVC_A_CACHE_##attr)
#define OWNER_BITS	(BIT_OF(UID) | BIT_OF(GID))
/* What cannot be changed without making everything anew */
#define FIXED_BITS	(BIT_OF(POLICY) | BIT_OF(KEY_MAX) | \
			 BIT_OF(VALUE_MAX) | BIT_OF(EVENTS))

/* The cache's settings with those that are given in @from, complete */
static int merge(const struct kvc_instance *inst, u32 given,
		 const struct kvc_config *from, struct kvc_config *to)
{
	const struct kvc_config *now = &inst->cache->config;

	*to = *now;
	to->mode = inst->mode;
	kvc_config_overlay(to, from, given & ~OWNER_BITS);
	/* The log is there or not from the beginning. */
	to->flags = (to->flags & ~KVC_CACHE_F_NOEVENTS) |
		    (now->flags & KVC_CACHE_F_NOEVENTS);
	/* What is no longer static gets the room to adapt that others have. */
	if (now->flags & ~to->flags & KVC_CACHE_F_STATIC) {
		if (!(given & BIT_OF(TIER_MIN)))
			to->tier_min = 0;
		if (!(given & BIT_OF(TIER_MAX)))
			to->tier_max = 0;
	}
	return kvc_config_complete(to);
}

/* limit, tier, tier_min and tier_max stand together. */
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
	if (memcmp(&c->config.limit, &config->limit, SIZES))
		kvc_cache_set_size(c, config);
}

static int set_locked(struct kvc_instance *inst, const struct kvc_who *who,
		      u32 given, struct kvc_config *config)
{
	kuid_t uid = inst->uid;
	kgid_t gid = inst->gid;
	struct kvc_config merged;
	int err;

	if (!may_control(inst, who))
		return -EPERM;
	if (given & FIXED_BITS)
		return -EOPNOTSUPP;
	if (given & OWNER_BITS) {
		if (!who->admin)
			return -EPERM;
		err = take_owner(inst->net, config, &uid, &gid);
		if (err)
			return err;
	}
	err = merge(inst, given, config, &merged);
	*config = merged;
	/* Who is over a quota already may still change what makes it no worse. */
	if (!err && (!uid_eq(uid, inst->uid) ||
		     merged.limit > inst->cache->config.limit))
		err = check_quota(uid, merged.limit, inst);
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
	inst = find(net, config->name);
	err = inst ? set_locked(inst, who, given, config) : -ENOENT;
	if (!err)
		kref_get(&inst->ref);
	mutex_unlock(&kvc_registry_lock);
	if (err)
		return err;
	while (kvc_cache_fit_step(inst->cache, &shard))
		cond_resched();
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

/**
 * kvc_registry_next - the next cache that somebody may read
 * @net: where
 * @who: asks for it
 * @at: 0 at first; the position
 *
 * Return: the cache, referenced, or NULL.
 */
struct kvc_instance *kvc_registry_next(struct net *net,
				       const struct kvc_who *who,
				       unsigned int *at)
{
	struct kvc_instance *inst, *found = NULL;
	unsigned int i = 0;

	mutex_lock(&kvc_registry_lock);
	list_for_each_entry(inst, &ns_of(net)->caches, in_ns) {
		if (i++ < *at || !may_access(inst, who, KVC_ACCESS_READ))
			continue;
		kref_get(&inst->ref);
		found = inst;
		*at = i;
		break;
	}
	mutex_unlock(&kvc_registry_lock);
	return found;
}

/**
 * kvc_registry_generation - changes when a cache comes or goes; never 0
 * @net: where
 */
unsigned int kvc_registry_generation(struct net *net)
{
	return READ_ONCE(ns_of(net)->generation) << 1 | 1;
}

/**
 * kvc_registry_entries - how many entries could be evicted, over all caches
 */
unsigned long kvc_registry_entries(void)
{
	struct kvc_instance *inst;
	unsigned long entries = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(inst, &kvc_registry_all, in_all)
		entries += kvc_cache_entries(inst->cache);
	rcu_read_unlock();
	return entries;
}

/**
 * kvc_registry_shrink - evict entries of all caches
 * @entries: about how many; each cache gives in proportion to what it has
 *
 * Context: does not sleep.  Return: how many it were.
 */
unsigned long kvc_registry_shrink(unsigned long entries)
{
	unsigned long all = kvc_registry_entries(), done = 0;
	struct kvc_instance *inst;
	u64 part;

	if (!all)
		return 0;
	rcu_read_lock();
	list_for_each_entry_rcu(inst, &kvc_registry_all, in_all) {
		part = (u64)entries * kvc_cache_entries(inst->cache);
		done += kvc_cache_shrink(inst->cache,
					 DIV64_U64_ROUND_UP(part, all));
	}
	rcu_read_unlock();
	return done;
}

static int __net_init ns_init(struct net *net)
{
	INIT_LIST_HEAD(&ns_of(net)->caches);
	return 0;
}

static void __net_exit ns_exit(struct net *net)
{
	struct kvc_instance *inst;

	/* No file is open in it and no task is in it: nobody else comes here. */
	while ((inst = list_first_entry_or_null(&ns_of(net)->caches,
						struct kvc_instance, in_ns))) {
		mutex_lock(&kvc_registry_lock);
		unlist(inst);
		mutex_unlock(&kvc_registry_lock);
		destroy(inst);
	}
}

static struct pernet_operations kvc_ns_ops = {
	.init = ns_init,
	.exit = ns_exit,
	.id = &kvc_ns_id,
	.size = sizeof(struct kvc_ns),
};

/**
 * kvc_registry_init - begin, with no cache
 * @watches: told of caches that come and go; ends with NULL
 * @observer: told what happens in them; its context is &struct kvc_instance
 */
int kvc_registry_init(const struct kvc_registry_watch *const *watches,
		      const struct kvc_observer *observer)
{
	int err;

	kvc_registry_watches = watches;
	kvc_registry_observer = observer;
	kvc_registry_wq = alloc_workqueue("kvcache",
					  WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!kvc_registry_wq)
		return -ENOMEM;
	err = register_pernet_subsys(&kvc_ns_ops);
	if (err)
		goto err_pernet;
	return 0;

err_pernet:
	destroy_workqueue(kvc_registry_wq);
	return err;
}

/**
 * kvc_registry_exit - destroy all caches; no file is attached to any
 */
void kvc_registry_exit(void)
{
	unregister_pernet_subsys(&kvc_ns_ops);
	destroy_workqueue(kvc_registry_wq);
}
