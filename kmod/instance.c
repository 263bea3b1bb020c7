// SPDX-License-Identifier: GPL-2.0-only
/*
 * One cache with its name and owner, from its making to its last reference
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "registry.h"

static struct workqueue_struct *kvc_instance_wq;
static const struct kvc_registry_watch *const *kvc_instance_watches;
static const struct kvc_observer *kvc_instance_observer;

/**
 * kvc_registry_kick - observer: maintenance is due
 * @ctx: &struct kvc_instance
 * @delay_ms: when
 */
void kvc_registry_kick(void *ctx, unsigned int delay_ms)
{
	struct kvc_instance *inst = ctx;

	mod_delayed_work(kvc_instance_wq, &inst->work,
			 msecs_to_jiffies(delay_ms));
}

static void maintain(struct work_struct *work)
{
	struct kvc_instance *inst = container_of(to_delayed_work(work),
						 struct kvc_instance, work);

	unsigned int delay_ms = kvc_cache_maintain(inst->cache);

	/* What was asked for meanwhile may be due earlier, and stays. */
	if (delay_ms)
		queue_delayed_work(kvc_instance_wq, &inst->work,
				   msecs_to_jiffies(delay_ms));
}

/**
 * kvc_instance_wake - let who waits for a write-behind cache look again
 * @inst: the cache
 *
 * Context: any in which locks may be taken.
 */
void kvc_instance_wake(struct kvc_instance *inst)
{
	atomic_inc(&inst->behind->changes);
	/* Pairs with the barrier of who goes to sleep. */
	if (wq_has_sleeper(&inst->behind->wait))
		wake_up_all(&inst->behind->wait);
}

/* Dirty data lives in the module, so that stays as long as the cache does. */
static struct kvc_behind *behind_new(void)
{
	struct kvc_behind *behind;
	int err = -ENOMEM;

	behind = kzalloc(sizeof(*behind), GFP_KERNEL_ACCOUNT);
	if (!behind)
		goto err_alloc;
	err = percpu_init_rwsem(&behind->gate);
	if (err)
		goto err_gate;
	init_waitqueue_head(&behind->wait);
	err = -ESHUTDOWN;
	if (!try_module_get(THIS_MODULE))
		goto err_module;
	return behind;

err_module:
	percpu_free_rwsem(&behind->gate);
err_gate:
	kfree(behind);
err_alloc:
	return ERR_PTR(err);
}

/* Who comes here holds the module otherwise, too. */
static void behind_free(struct kvc_behind *behind)
{
	if (!behind)
		return;
	percpu_free_rwsem(&behind->gate);
	kfree(behind);
	module_put(THIS_MODULE);
}

/**
 * kvc_instance_new - make a cache that nobody knows yet
 * @net: its namespace
 * @config: passed kvc_config_complete()
 *
 * Context: may sleep.  Return: the cache with one reference; ERR_PTR: -ENOMEM,
 * -ESHUTDOWN: the module is being unloaded.
 */
struct kvc_instance *kvc_instance_new(struct net *net,
				      const struct kvc_config *config)
{
	struct kvc_instance *inst = kzalloc(sizeof(*inst), GFP_KERNEL_ACCOUNT);
	void *err = ERR_PTR(-ENOMEM);

	if (!inst)
		return err;
	if (config->flags & KVC_CACHE_F_WRITEBEHIND) {
		inst->behind = behind_new();
		err = inst->behind;
		if (IS_ERR(err))
			goto err_behind;
	}
	inst->cache = kvc_cache_create(config, num_possible_cpus(),
				       kvc_instance_observer, inst);
	err = inst->cache;
	if (IS_ERR(err))
		goto err_cache;
	inst->net = net;
	inst->mode = config->mode;
	kref_init(&inst->ref);
	INIT_DELAYED_WORK(&inst->work, maintain);
	return inst;

err_cache:
	behind_free(inst->behind);
err_behind:
	kfree(inst);
	return err;
}

static void release(struct kref *ref)
{
	const struct kvc_registry_watch *const *watch;
	struct kvc_instance *inst = container_of(ref, struct kvc_instance, ref);

	/* Readers of the list of all caches may still look at it. */
	synchronize_rcu();
	/* Nobody operates on it, so once it ran nothing asks for it again. */
	cancel_delayed_work_sync(&inst->work);
	for (watch = kvc_instance_watches; *watch; watch++)
		if ((*watch)->released)
			(*watch)->released(inst);
	kvc_cache_free(inst->cache);
	behind_free(inst->behind);
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

/**
 * kvc_instance_init - begin
 * @watches: told when a cache is used no more; ends with NULL
 * @observer: told what happens in them; its context is &struct kvc_instance
 */
int kvc_instance_init(const struct kvc_registry_watch *const *watches,
		      const struct kvc_observer *observer)
{
	kvc_instance_watches = watches;
	kvc_instance_observer = observer;
	kvc_instance_wq = alloc_workqueue("kvcache",
					  WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return kvc_instance_wq ? 0 : -ENOMEM;
}

/**
 * kvc_instance_exit - end; there is no cache any more
 */
void kvc_instance_exit(void)
{
	destroy_workqueue(kvc_instance_wq);
}
