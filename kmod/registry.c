// SPDX-License-Identifier: GPL-2.0-only
/*
 * The named caches of each network namespace
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/printk.h>
#include <linux/rculist.h>
#include <net/netns/generic.h>
#include "core/flush.h"
#include "registry_in.h"

/* One network namespace's caches, in the order of names */
struct kvc_ns {
	struct list_head caches;
	unsigned int generation;
};

static unsigned int kvc_ns_id;
static const struct kvc_registry_watch *const *kvc_registry_watches;

DEFINE_MUTEX(kvc_registry_lock);
LIST_HEAD(kvc_registry_all);

static struct kvc_ns *ns_of(struct net *net)
{
	return net_generic(net, kvc_ns_id);
}

/**
 * kvc_registry_find - the cache of a name
 * @net: its namespace
 * @name: the name
 */
struct kvc_instance *kvc_registry_find(struct net *net, const char *name)
{
	struct kvc_instance *inst;

	lockdep_assert_held(&kvc_registry_lock);
	list_for_each_entry(inst, &ns_of(net)->caches, in_ns)
		if (!strcmp(inst->cache->config.name, name))
			return inst;
	return NULL;
}

/**
 * kvc_registry_may_control - may somebody change or destroy a cache?
 * @inst: the cache
 * @who: asks for it
 */
bool kvc_registry_may_control(const struct kvc_instance *inst,
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
	inst = kvc_registry_find(net, name);
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
	inst = kvc_registry_find(net, name);
	if (!inst)
		inst = ERR_PTR(-ENOENT);
	else if (!kvc_registry_may_control(inst, who))
		inst = ERR_PTR(-EPERM);
	else
		kref_get(&inst->ref);
	mutex_unlock(&kvc_registry_lock);
	return inst;
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

static int add_locked(struct net *net, struct kvc_instance *inst)
{
	const struct kvc_config *config = &inst->cache->config;
	int err;

	if (kvc_registry_find(net, config->name))
		return -EEXIST;
	err = kvc_registry_check_quota(inst->uid, config->limit, NULL);
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
 * -EEXIST, -EDQUOT, -ENOMEM; -ERANGE: see kvc_config_why(); -ESHUTDOWN: the
 * module is being unloaded.
 */
int kvc_registry_create(struct net *net, struct kvc_config *config)
{
	kuid_t uid = current_fsuid();
	kgid_t gid = current_fsgid();
	struct kvc_instance *inst;
	int err;

	err = kvc_config_complete(config) ?:
	      kvc_registry_take_owner(net, config, &uid, &gid);
	if (err)
		return err;
	inst = kvc_instance_new(net, config);
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

/*
 * Dead from now on, unless there is dirty data.  A write that is under way was
 * acknowledged before, and then counts, or it sees that the cache is dead.
 */
static int end_clean(struct kvc_instance *inst, u64 *dirty)
{
	lockdep_assert_held(&kvc_registry_lock);
	if (!inst->behind)
		return 0;
	percpu_down_write(&inst->behind->gate);
	*dirty = kvc_flush_dirty(inst->cache);
	if (!*dirty)
		WRITE_ONCE(inst->dead, true);
	percpu_up_write(&inst->behind->gate);
	return *dirty ? -EBUSY : 0;
}

/**
 * kvc_registry_destroy - destroy a cache; files attached to it stay open
 * @net: where
 * @who: asks for it
 * @name: which
 * @discard: even if the store has not seen all of it
 * @dirty: gets, with -EBUSY, how many pairs the store has not seen
 *
 * Context: may sleep.  Return: 0; -ENOENT, -EPERM, -EBUSY.
 */
int kvc_registry_destroy(struct net *net, const struct kvc_who *who,
			 const char *name, bool discard, u64 *dirty)
{
	struct kvc_instance *inst;
	int err = 0;

	mutex_lock(&kvc_registry_lock);
	inst = kvc_registry_find(net, name);
	if (!inst)
		err = -ENOENT;
	else if (!kvc_registry_may_control(inst, who))
		err = -EPERM;
	else if (!discard)
		err = end_clean(inst, dirty);
	if (!err)
		unlist(inst);
	mutex_unlock(&kvc_registry_lock);
	if (!err)
		destroy(inst);
	return err;
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

/* Nobody can be asked any more. */
static void warn_if_dirty(struct kvc_instance *inst)
{
	u64 dirty = inst->behind ? kvc_flush_dirty(inst->cache) : 0;

	if (dirty)
		pr_warn_ratelimited("kvcache: cache %s ends with its network namespace, and with it %llu pairs that its store has not seen\n",
				    inst->cache->config.name, dirty);
}

static void __net_exit ns_exit(struct net *net)
{
	struct kvc_instance *inst;

	/* No file is open in it and no task is in it: nobody else comes here. */
	while ((inst = list_first_entry_or_null(&ns_of(net)->caches,
						struct kvc_instance, in_ns))) {
		warn_if_dirty(inst);
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
	err = kvc_instance_init(watches, observer);
	if (err)
		return err;
	err = register_pernet_subsys(&kvc_ns_ops);
	if (err)
		goto err_pernet;
	return 0;

err_pernet:
	kvc_instance_exit();
	return err;
}

/**
 * kvc_registry_exit - destroy all caches; no file is attached to any
 */
void kvc_registry_exit(void)
{
	unregister_pernet_subsys(&kvc_ns_ops);
	kvc_instance_exit();
}
