// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is done beside the operations: bucket arrays get another size, expired
 * entries are removed, retired ones are freed; all in bounded steps.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include "cache.h"

/* Buckets under one hold of the lock, and in one run of the sweep */
#define KVC_MAINTAIN_STEP	64
#define KVC_MAINTAIN_SWEEP	4096

static void finish_resize(struct kvc_shard *s)
{
	struct kvc_table *old;
	bool going;

	do {
		spin_lock(&s->lock);
		old = kvc_index_resize_step(&s->index, KVC_MAINTAIN_STEP);
		going = kvc_index_resizing(&s->index);
		spin_unlock(&s->lock);
		cond_resched();
	} while (going);
	if (!old)
		return;
	synchronize_rcu();
	kvc_index_table_free(old);
}

static void observe_resize(struct kvc_shard *s, u32 from, u32 to)
{
	struct kvc_cache *c = s->cache;

	kvc_counters_inc(c->counters, KVC_COUNT_INDEX_RESIZE);
	if (c->observer->resize)
		c->observer->resize(c->ctx, false, from, to);
}

/* Without memory for it the old size stays; the next run tries again. */
static void resize_index(struct kvc_shard *s)
{
	struct kvc_table *next;
	u32 wanted, buckets;
	bool begun;

	spin_lock(&s->lock);
	buckets = kvc_index_buckets(&s->index);
	wanted = kvc_index_wanted(&s->index);
	spin_unlock(&s->lock);
	if (!wanted)
		return;
	next = kvc_index_table_alloc(wanted);
	if (!next)
		return;
	spin_lock(&s->lock);
	begun = kvc_index_resize_begin(&s->index, next);
	spin_unlock(&s->lock);
	if (!begun) {
		kvc_index_table_free(next);
		return;
	}
	observe_resize(s, buckets, wanted);
	finish_resize(s);
}

struct sweep {
	struct kvc_shard *shard;
	u64 now;
};

static void sweep_entry(void *arg, struct kvc_entry *e)
{
	struct sweep *sweep = arg;

	if (kvc_entry_expired(e, &sweep->now) &&
	    !kvc_entry_is(e, KVC_ENTRY_DIRTY))
		kvc_shard_discard(sweep->shard, e, KVC_REASON_EXPIRED);
}

static void sweep_expired(struct kvc_shard *s)
{
	struct sweep sweep = { .shard = s };
	u32 left = KVC_MAINTAIN_SWEEP;
	bool going;

	do {
		spin_lock(&s->lock);
		going = s->expiring;
		if (going)
			s->sweep = kvc_index_walk(&s->index, s->sweep,
						  KVC_MAINTAIN_STEP,
						  sweep_entry, &sweep);
		going = going && s->sweep;
		spin_unlock(&s->lock);
		cond_resched();
		left -= KVC_MAINTAIN_STEP;
	} while (going && left);
}

static bool free_retired(struct kvc_shard *s)
{
	struct kvc_entry *chain;
	bool left;

	do {
		spin_lock(&s->lock);
		chain = kvc_limbo_reap(&s->limbo, KVC_SHARD_BUDGET);
		left = s->limbo.bytes || s->expiring;
		spin_unlock(&s->lock);
		kvc_limbo_free(chain);
		cond_resched();
	} while (chain);
	return left;
}

/**
 * kvc_cache_maintain - do what the operations leave to the background
 * @c: the cache; calls are serialised by the caller
 *
 * Context: may sleep, also for a grace period.  Return: 0, or in how many
 * milliseconds it should be called again.
 */
unsigned int kvc_cache_maintain(struct kvc_cache *c)
{
	bool again = false;
	u32 i;

	atomic_set(&c->kicked, 0);
	for (i = 0; i < kvc_cache_shards(c); i++) {
		resize_index(&c->shards[i]);
		sweep_expired(&c->shards[i]);
		again |= free_retired(&c->shards[i]);
	}
	return again ? KVC_MAINTAIN_MS : 0;
}
