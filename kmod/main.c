// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvcache: one key-value cache per host, in the kernel
 */
#include <linux/module.h>
#include "cdev.h"
#include "core/entry.h"
#include "core/pool.h"
#include "debugfs.h"
#include "feed.h"
#include "genl.h"
#include "registry.h"
#include "rings.h"
#include "session.h"
#include "shrinker.h"
#include "trace.h"

static void flush_changed(void *ctx)
{
	kvc_flush_changed(ctx);
	kvc_genl_flush_changed(ctx);
}

static const struct kvc_observer kvc_observer = {
	.kick = kvc_registry_kick,
	.evict = kvc_trace_evict,
	.migrate = kvc_trace_migrate,
	.bypass = kvc_trace_bypass,
	.resize = kvc_trace_resize,
	.listened = kvc_feed_listened,
	.event = kvc_feed_event,
	.flush = flush_changed,
};

static const struct kvc_registry_watch *const kvc_watches[] = {
	&kvc_debugfs_watch,
	&kvc_feed_watch,
	NULL
};

static int __init kvc_init(void)
{
	int err;

	err = kvc_pool_init(offsetof(struct kvc_entry, data));
	if (err)
		return err;
	kvc_debugfs_init();
	err = kvc_feed_init();
	if (err)
		goto err_feed;
	err = kvc_registry_init(kvc_watches, &kvc_observer);
	if (err)
		goto err_registry;
	err = kvc_rings_init();
	if (err)
		goto err_rings;
	err = kvc_shrinker_init();
	if (err)
		goto err_shrinker;
	err = kvc_genl_init();
	if (err)
		goto err_genl;
	err = kvc_cdev_init();
	if (err)
		goto err_cdev;
	return 0;

err_cdev:
	kvc_feed_stop();
	kvc_genl_exit();
err_genl:
	kvc_shrinker_exit();
err_shrinker:
	kvc_rings_exit();
err_rings:
	kvc_registry_exit();
err_registry:
	kvc_feed_exit();
err_feed:
	kvc_debugfs_exit();
	kvc_pool_exit();
	return err;
}

static void __exit kvc_exit(void)
{
	kvc_cdev_exit();
	kvc_feed_stop();
	kvc_genl_exit();
	kvc_shrinker_exit();
	kvc_rings_exit();
	kvc_registry_exit();
	kvc_feed_exit();
	kvc_debugfs_exit();
	rcu_barrier();
	kvc_pool_exit();
}

module_init(kvc_init);
module_exit(kvc_exit);
MODULE_DESCRIPTION("Key-value cache shared by the processes of a host");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
