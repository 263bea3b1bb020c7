// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvcache/NETNS-NAME: the inner figures of a cache, shard by shard, for root
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "debugfs.h"

static struct dentry *kvc_debugfs_dir;

static void show_shard(struct seq_file *m, u32 i, struct kvc_shard *s)
{
	spin_lock(&s->lock);
	seq_printf(m, "%-5u %10u %10u %8u %12zu %12zu %10zu %8u %s\n", i,
		   s->tier.entries, s->memtable.entries,
		   kvc_index_buckets(&s->index), s->tier.bytes,
		   s->memtable.bytes, s->limbo.bytes, s->expiring,
		   kvc_index_resizing(&s->index) ? "resizing" : "");
	spin_unlock(&s->lock);
}

static void show_dirty(struct seq_file *m, u32 i, struct kvc_shard *s)
{
	spin_lock(&s->lock);
	seq_printf(m, "%-5u %10u %10u %12zu %12zu %12zu %12llu\n", i,
		   s->dirty_entries, s->unsealed, s->dirty_bytes,
		   s->dirty.bytes, s->run_bytes, s->sealed);
	spin_unlock(&s->lock);
}

static void show_behind(struct seq_file *m, struct kvc_instance *inst)
{
	struct kvc_cache *c = inst->cache;
	u32 i;

	seq_printf(m, "sealed %llu committed %llu waiting %u/%u wanted %d flusher %d error %d fails %u\n",
		   READ_ONCE(c->flush.sealed), kvc_flush_committed(c),
		   READ_ONCE(c->flush.waiting), READ_ONCE(c->config.runs),
		   READ_ONCE(c->flush.wanted),
		   atomic_read(&inst->behind->taken),
		   READ_ONCE(inst->behind->error),
		   READ_ONCE(inst->behind->fails));
	seq_puts(m, "shard      dirty   unsealed  bytes_dirty  bytes_dtree   bytes_runs       sealed\n");
	for (i = 0; i < kvc_cache_shards(c); i++)
		show_dirty(m, i, &c->shards[i]);
}

static int cache_show(struct seq_file *m, void *unused)
{
	struct kvc_instance *inst = m->private;
	struct kvc_cache *c = inst->cache;
	struct kvc_adapt *a = &c->adapt;
	u32 i;

	seq_printf(m, "policy %s limit_share %zu tier_share %zu bypass %d promote %d\n",
		   c->policy->name, c->limit_share, c->tier_share, c->bypass,
		   c->promote);
	seq_printf(m, "window %d/%u against %u settle %u since %u quiet %u\n",
		   atomic_read(&a->ops), c->config.window, a->against,
		   a->settle, a->since, a->quiet);
	seq_puts(m, "shard       tier   memtable  buckets   bytes_tier bytes_memtbl   deferred expiring\n");
	for (i = 0; i < kvc_cache_shards(c); i++)
		show_shard(m, i, &c->shards[i]);
	if (inst->behind)
		show_behind(m, inst);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cache);

static void watch_added(struct kvc_instance *inst)
{
	char name[KVC_NAME_MAX + 16];

	snprintf(name, sizeof(name), "%u-%s", inst->net->ns.inum,
		 inst->cache->config.name);
	inst->debugfs = debugfs_create_file(name, 0400, kvc_debugfs_dir, inst,
					    &cache_fops);
}

static void watch_removed(struct kvc_instance *inst)
{
	/* Returns when nobody reads the file any more. */
	debugfs_remove(inst->debugfs);
}

const struct kvc_registry_watch kvc_debugfs_watch = {
	.added = watch_added,
	.removed = watch_removed,
};

/* Like everybody's, it does without when debugfs fails. */
void kvc_debugfs_init(void)
{
	kvc_debugfs_dir = debugfs_create_dir("kvcache", NULL);
}

void kvc_debugfs_exit(void)
{
	debugfs_remove(kvc_debugfs_dir);
}
