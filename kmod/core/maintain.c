// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is done beside the operations: bucket arrays get another size, expired
 * entries are removed, retired ones are freed, runs are sealed; all in bounded
 * steps.
 */
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include "lookup.h"
#include "spare.h"

/* Buckets that a resize moves under one hold of the lock */
#define KVC_MAINTAIN_STEP	64
/* Buckets in one run of the sweep, a multiple of KVC_SHARD_SWEEP */
#define KVC_MAINTAIN_SWEEP	4096
/* Milliseconds after which an expiry that is further away is looked at again */
#define KVC_MAINTAIN_LATEST	3600000u

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
	spin_lock(&s->lock);
	s->cramped = !next;
	begun = next && kvc_index_resize_begin(&s->index, next);
	/* Its position has no meaning in another array. */
	s->sweep = 0;
	spin_unlock(&s->lock);
	if (!begun) {
		kvc_index_table_free(next);
		return;
	}
	observe_resize(s, buckets, wanted);
	finish_resize(s);
}

static void sweep_expired(struct kvc_shard *s)
{
	u64 now = ktime_get_boottime_ns();
	u32 left = KVC_MAINTAIN_SWEEP;
	bool going;

	do {
		spin_lock(&s->lock);
		going = kvc_shard_sweep(s, now);
		spin_unlock(&s->lock);
		cond_resched();
		left -= KVC_SHARD_SWEEP;
	} while (going && left);
}

/* What writers use again is left to them, until they do not any more. */
static void mark_kept(struct kvc_shard *s)
{
	spin_lock(&s->lock);
	s->kept = s->reused;
	s->reused = false;
	spin_unlock(&s->lock);
}

static void free_retired(struct kvc_shard *s)
{
	struct kvc_entry *chain;

	do {
		spin_lock(&s->lock);
		chain = kvc_limbo_reap(&s->limbo,
				       s->kept ? 0 : KVC_SHARD_BUDGET);
		spin_unlock(&s->lock);
		kvc_limbo_free(chain);
		cond_resched();
	} while (chain);
}

/* In how many milliseconds is there something to do?  UINT_MAX: nothing. */
static unsigned int next_due(struct kvc_shard *s)
{
	u64 now = ktime_get_boottime_ns(), wait = 0;
	bool hurry, expiring;

	spin_lock(&s->lock);
	hurry = s->limbo.bytes || s->cramped || s->sweep;
	expiring = s->expiring;
	if (expiring && s->soonest > now)
		wait = div64_u64(s->soonest - now, NSEC_PER_MSEC) + 1;
	spin_unlock(&s->lock);
	if (hurry)
		return KVC_MAINTAIN_MS;
	if (!expiring)
		return UINT_MAX;
	return clamp_t(u64, wait, KVC_MAINTAIN_MS, KVC_MAINTAIN_LATEST);
}

/* As next_due(), of the fence; tells of it when it has passed. */
static unsigned int fence_due(struct kvc_cache *c)
{
	u64 due = kvc_fence_due(&c->fence), now = ktime_get_boottime_ns();

	if (!due || kvc_cache_is_fenced(c, &now))
		return UINT_MAX;
	/* It may have been set anew meanwhile. */
	if (due <= now)
		return KVC_MAINTAIN_MS;
	return clamp_t(u64, div64_u64(due - now, NSEC_PER_MSEC) + 1,
		       KVC_MAINTAIN_MS, KVC_MAINTAIN_LATEST);
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
	unsigned int due;
	u32 i;

	atomic_set(&c->kicked, 0);
	due = fence_due(c);
	/* First what gives memory back: the rest may have to wait for some. */
	kvc_spare_tidy(c);
	for (i = 0; i < kvc_cache_shards(c); i++) {
		mark_kept(&c->shards[i]);
		free_retired(&c->shards[i]);
	}
	due = min(due, kvc_flush_maintain(c));
	for (i = 0; i < kvc_cache_shards(c); i++) {
		resize_index(&c->shards[i]);
		sweep_expired(&c->shards[i]);
		free_retired(&c->shards[i]);
		due = min(due, next_due(&c->shards[i]));
	}
	if (kvc_spare_bytes(c))
		due = min_t(unsigned int, due, KVC_MAINTAIN_MS);
	return due == UINT_MAX ? 0 : max(due, 1u);
}
