// SPDX-License-Identifier: GPL-2.0-only
/*
 * S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction",
 * SOSP'23) over both tiers: new pairs enter a small queue.  One that was
 * visited there goes to the main queue, which gives visited pairs another
 * round, and from there to the memtable.  One that was not leaves the cache at
 * once if that is full.  What leaves is remembered: a key that comes back
 * meanwhile enters the main queue.
 *
 * How large the small queue is follows from what comes back.  If more of what
 * was evicted unvisited comes back than of the rest, it was evicted too early,
 * and the queue grows: keys become popular faster than others cease to be.
 * Else it shrinks.  A queue that should have all of the tier goes on in the
 * memtable, so nothing is evicted before it was there.
 */
#include <linux/minmax.h>
#include "policy.h"
#include "tier.h"

/* Of the small queue, in 64ths of the tier's bytes */
#define SHARE_ONE	64u
#define SHARE_LEAST	3u
#define SHARE_TIER	58u	/* from here on it goes on in the memtable */
#define SHARE_MOST	96u
#define SHARE_STEP	3u
/*
 * Of the pairs that there are, one in so many was evicted when the share is
 * looked at, but not fewer than the least; what came before counts for half.
 */
#define WINDOW		4u
#define WINDOW_LEAST	64u

static void main_insert(struct kvc_tier *t, struct kvc_entry *e)
{
	kvc_entry_set(e, KVC_ENTRY_MAIN);
	list_add(&e->link, &t->main);
}

static void small_insert(struct kvc_tier *t, struct kvc_entry *e)
{
	list_add(&e->link, &t->small);
	t->small_bytes += kvc_entry_size(e);
}

static int s3fifo_init(struct kvc_tier *t, u32 ghosts)
{
	t->balance.share = SHARE_LEAST;
	return kvc_ghost_init(&t->ghost, ghosts);
}

static void s3fifo_insert(struct kvc_tier *t, struct kvc_entry *e)
{
	unsigned int mark = kvc_ghost_forget(&t->ghost, e->hash);

	if (mark)
		t->balance.back[mark - 1]++;
	/* What was in the main queue once, and comes up again, belongs there. */
	if (mark || kvc_entry_is(e, KVC_ENTRY_MAIN))
		main_insert(t, e);
	else
		small_insert(t, e);
}

static void s3fifo_remove(struct kvc_tier *t, struct kvc_entry *e)
{
	if (!kvc_entry_is(e, KVC_ENTRY_MAIN))
		t->small_bytes -= kvc_entry_size(e);
	kvc_tier_unlink(t, e);
}

static void s3fifo_resized(struct kvc_tier *t, const struct kvc_entry *old,
			   const struct kvc_entry *e)
{
	if (!kvc_entry_is(old, KVC_ENTRY_MAIN))
		t->small_bytes += kvc_entry_size(e) - kvc_entry_size(old);
}

/* The first, or another, round in the main queue */
static void move_on(struct kvc_tier *t, struct kvc_entry *e, u8 ref)
{
	s3fifo_remove(t, e);
	WRITE_ONCE(e->ref, ref);
	main_insert(t, e);
}

static struct kvc_entry *small_tail(struct kvc_tier *t)
{
	return list_last_entry(&t->small, struct kvc_entry, link);
}

static struct kvc_entry *main_tail(struct kvc_tier *t)
{
	return list_last_entry(&t->main, struct kvc_entry, link);
}

static bool small_is_over(const struct kvc_tier *t)
{
	u64 share = min(t->balance.share, SHARE_TIER);

	if (list_empty(&t->small))
		return false;
	return t->small_bytes > t->bytes * share / SHARE_ONE ||
	       list_empty(&t->main);
}

static struct kvc_entry *s3fifo_victim(struct kvc_tier *t)
{
	unsigned int steps = KVC_POLICY_STEPS;
	struct kvc_entry *e;
	bool small;
	u8 ref;

	for (;;) {
		small = small_is_over(t);
		e = small ? small_tail(t) : main_tail(t);
		ref = READ_ONCE(e->ref);
		if (!ref || !--steps)
			break;
		move_on(t, e, small ? 0 : ref - 1);
	}
	s3fifo_remove(t, e);
	return e;
}

/* However small the queue should be, the newest pair may still be wanted. */
static bool has_cold(const struct kvc_tier *t)
{
	return t->balance.share < SHARE_TIER && small_is_over(t) &&
	       !list_is_singular(&t->small);
}

static struct kvc_entry *s3fifo_cold(struct kvc_tier *t)
{
	unsigned int steps = KVC_POLICY_STEPS;
	struct kvc_entry *e;

	while (has_cold(t) && steps--) {
		e = small_tail(t);
		if (!READ_ONCE(e->ref))
			return e;
		move_on(t, e, 0);
	}
	return NULL;
}

static void balance(struct kvc_balance *b)
{
	/* Of which came more back, in proportion? */
	if ((u64)b->back[0] * b->left[1] > (u64)b->back[1] * b->left[0])
		b->share = min(b->share + SHARE_STEP, SHARE_MOST);
	else
		b->share = max(b->share - SHARE_STEP, SHARE_LEAST);
	b->left[0] /= 2;
	b->left[1] /= 2;
	b->back[0] /= 2;
	b->back[1] /= 2;
}

static void s3fifo_evicted(struct kvc_tier *t, const struct kvc_entry *e,
			   u32 entries)
{
	bool was_main = kvc_entry_is(e, KVC_ENTRY_MAIN);
	struct kvc_balance *b = &t->balance;

	kvc_ghost_remember(&t->ghost, e->hash, 1 + was_main);
	b->left[was_main]++;
	if (b->left[0] + b->left[1] < max(entries / WINDOW, WINDOW_LEAST))
		return;
	balance(b);
	kvc_ghost_fit(&t->ghost, entries);
}

const struct kvc_policy_ops kvc_policy_s3fifo = {
	.name = "s3fifo",
	.ref_max = 3,
	.init = s3fifo_init,
	.insert = s3fifo_insert,
	.remove = s3fifo_remove,
	.resized = s3fifo_resized,
	.victim = s3fifo_victim,
	.cold = s3fifo_cold,
	.evicted = s3fifo_evicted,
};
