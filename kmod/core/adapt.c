// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the cache tier is switched off and on, and how large it is
 *
 * A window is a number of operations.  When it is full, whoever completed it
 * compares what the tier did for it with the thresholds (L6, L7).  A switch
 * needs two windows in a row, the thresholds for off and on differ, and after
 * a switch some windows pass before the next one is considered: the more, the
 * sooner the last switches came one after the other.
 *
 * A tier that is switched off is still used by one key in %KVC_ADAPT_PROBES, by
 * hash, at that share of its size: their hit rate says what the whole tier
 * would do (spatial sampling, as in SHARDS, Waldspurger et al., FAST'15).
 */
#include <linux/math64.h>
#include <linux/minmax.h>
#include "cache.h"

#define AGAINST		2	/* windows in a row that make a switch */
#define SETTLE_MIN	4	/* windows after a switch */
#define SETTLE_MAX	256
#define SOON		32	/* windows after these: it came back early */
#define QUIET		8	/* windows in a row that shrink the tier */
#define PROBES_MIN	32	/* a window with fewer says nothing */

/* What happened in one window */
struct window {
	u64 ops;
	u64 tier_hits;
	u64 probes;
	u64 probe_hits;
	u64 touched;
};

static void take_window(struct kvc_cache *c, struct window *w)
{
	struct kvc_adapt *a = &c->adapt;
	struct kvc_counters now;
	u64 d[KVC_COUNTERS];
	u32 i;

	kvc_counters_sum(c->counters, &now);
	for (i = 0; i < KVC_COUNTERS; i++)
		d[i] = now.count[i] - a->last.count[i];
	a->last = now;
	WRITE_ONCE(a->epoch, a->epoch % 255 + 1);
	w->tier_hits = d[KVC_COUNT_HIT_TIER] + d[KVC_COUNT_UPDATE_TIER];
	w->ops = d[KVC_COUNT_HIT_TIER] + d[KVC_COUNT_HIT_MEMTABLE] +
		 d[KVC_COUNT_MISS] + d[KVC_COUNT_PUT];
	w->probes = d[KVC_COUNT_PROBE];
	w->probe_hits = d[KVC_COUNT_PROBE_HIT];
	w->touched = d[KVC_COUNT_MEMTABLE_TOUCHED];
}

static u32 per_mille(u64 part, u64 whole)
{
	return whole ? div64_u64(part * 1000, whole) : 0;
}

static void switch_bypass(struct kvc_cache *c, bool off, u32 rate)
{
	struct kvc_adapt *a = &c->adapt;

	if (a->since < a->settle_next + SOON)
		a->settle_next = min(max(a->settle_next, SETTLE_MIN) * 2,
				     SETTLE_MAX);
	else
		a->settle_next = SETTLE_MIN;
	a->settle = a->settle_next;
	a->since = 0;
	a->against = 0;
	WRITE_ONCE(a->switches, a->switches + 1);
	/* What was sorted away meanwhile comes back as it is used. */
	WRITE_ONCE(c->promote, !off);
	WRITE_ONCE(c->bypass, off);
	/* The probes try the size that was asked for, not what it had shrunk to. */
	if (off)
		kvc_cache_set_tier(c, READ_ONCE(c->config.tier));
	if (c->observer->bypass)
		c->observer->bypass(c->ctx, off, rate);
}

static void judge_bypass(struct kvc_cache *c, const struct window *w)
{
	struct kvc_adapt *a = &c->adapt;
	bool against;
	u32 rate;

	a->since++;
	if (READ_ONCE(c->config.flags) & KVC_CACHE_F_NOBYPASS) {
		if (c->bypass)
			switch_bypass(c, false, 0);
		return;
	}
	if (a->settle) {
		a->settle--;
		return;
	}
	if (c->bypass) {
		if (w->probes < PROBES_MIN)
			return;
		rate = per_mille(w->probe_hits, w->probes);
		against = rate >= READ_ONCE(c->config.bypass_on);
	} else {
		rate = per_mille(w->tier_hits, w->ops);
		against = rate < READ_ONCE(c->config.bypass_off);
	}
	a->against = against ? a->against + 1 : 0;
	if (a->against >= AGAINST)
		switch_bypass(c, !c->bypass, rate);
}

static void resize_tier(struct kvc_cache *c, u64 target)
{
	target = clamp(target, READ_ONCE(c->config.tier_min),
		       READ_ONCE(c->config.tier_max));
	if (target == c->tier_target)
		return;
	WRITE_ONCE(c->adapt.resizes, c->adapt.resizes + 1);
	kvc_cache_set_tier(c, target);
}

static void judge_size(struct kvc_cache *c, const struct window *w)
{
	struct kvc_adapt *a = &c->adapt;
	u64 tier = 0, entries = 0, bytes = 0, threshold;
	u32 i;

	for (i = 0; i < kvc_cache_shards(c); i++) {
		tier += READ_ONCE(c->shards[i].tier.entries);
		entries += READ_ONCE(c->shards[i].index.count);
		bytes += kvc_shard_bytes(&c->shards[i]);
	}
	threshold = max(tier * READ_ONCE(c->config.grow) / 1000, 1ULL);
	if (w->touched > threshold) {
		a->quiet = 0;
		WRITE_ONCE(c->promote, true);
		resize_tier(c, c->tier_target +
			    w->touched * div64_u64(bytes, max(entries, 1ULL)));
	} else if (w->touched && w->touched >= threshold / 4) {
		a->quiet = 0;
	} else if (++a->quiet >= QUIET) {
		a->quiet = 0;
		resize_tier(c, c->tier_target - c->tier_target / 8);
	}
}

static void judge(struct kvc_cache *c)
{
	struct window w;

	take_window(c, &w);
	judge_bypass(c, &w);
	if (!c->bypass && !(READ_ONCE(c->config.flags) & KVC_CACHE_F_STATIC))
		judge_size(c, &w);
}

/**
 * kvc_adapt_init - begin the first window
 * @a: zeroed
 */
void kvc_adapt_init(struct kvc_adapt *a)
{
	spin_lock_init(&a->lock);
	a->epoch = 1;
}

/**
 * kvc_adapt_tick - %KVC_ADAPT_TICK operations were done
 * @c: the cache
 *
 * Context: no shard lock is held; does not sleep.
 */
void kvc_adapt_tick(struct kvc_cache *c)
{
	struct kvc_adapt *a = &c->adapt;
	int window = READ_ONCE(c->config.window);

	if (atomic_add_return(KVC_ADAPT_TICK, &a->ops) < window)
		return;
	if (!spin_trylock(&a->lock))
		return;
	/* Somebody else may have judged this window just now. */
	if (atomic_read(&a->ops) >= window) {
		atomic_set(&a->ops, 0);
		judge(c);
	}
	spin_unlock(&a->lock);
}
