// SPDX-License-Identifier: GPL-2.0-only
/*
 * S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction",
 * SOSP'23): new pairs enter a small queue of a tenth of the tier.  One that
 * leaves it with two visits or more goes to the main queue, the others leave the
 * tier and their hash is remembered: a key that comes back while it is
 * remembered enters the main queue at once.  The main queue gives visited
 * pairs another round.
 */
#include "policy.h"
#include "tier.h"

#define SMALL_SHARE	10	/* of the tier's bytes: one in */
#define PROMOTE_REF	2

static void main_insert(struct kvc_tier *t, struct kvc_entry *e)
{
	kvc_entry_set(e, KVC_ENTRY_MAIN);
	list_add(&e->link, &t->main);
}

static void small_insert(struct kvc_tier *t, struct kvc_entry *e)
{
	kvc_entry_clear(e, KVC_ENTRY_MAIN);
	list_add(&e->link, &t->small);
	t->small_bytes += kvc_entry_size(e);
}

static void s3fifo_insert(struct kvc_tier *t, struct kvc_entry *e)
{
	/* What was in the main queue once, and comes up again, belongs there. */
	if (kvc_ghost_forget(&t->ghost, e->hash) ||
	    kvc_entry_is(e, KVC_ENTRY_MAIN))
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

static void s3fifo_replace(struct kvc_tier *t, struct kvc_entry *old,
			   struct kvc_entry *e)
{
	if (kvc_entry_is(old, KVC_ENTRY_MAIN))
		kvc_entry_set(e, KVC_ENTRY_MAIN);
	else
		t->small_bytes += kvc_entry_size(e) - kvc_entry_size(old);
	kvc_tier_relink(t, old, e);
}

/* The tail of the small queue leaves, or is moved to the main queue. */
static struct kvc_entry *small_victim(struct kvc_tier *t, bool last)
{
	struct kvc_entry *e = list_last_entry(&t->small, struct kvc_entry, link);
	bool keep = READ_ONCE(e->ref) >= PROMOTE_REF && !last;

	s3fifo_remove(t, e);
	if (!keep) {
		kvc_ghost_remember(&t->ghost, e->hash);
		return e;
	}
	WRITE_ONCE(e->ref, 0);
	main_insert(t, e);
	return NULL;
}

/* The tail of the main queue leaves, or gets another round. */
static struct kvc_entry *main_victim(struct kvc_tier *t, bool last)
{
	struct kvc_entry *e = list_last_entry(&t->main, struct kvc_entry, link);
	u8 ref = READ_ONCE(e->ref);

	if (ref && !last) {
		WRITE_ONCE(e->ref, ref - 1);
		if (list_is_singular(&t->main))
			return NULL;
		kvc_tier_unlink(t, e);
		list_add(&e->link, &t->main);
		return NULL;
	}
	s3fifo_remove(t, e);
	return e;
}

static bool small_is_over(const struct kvc_tier *t)
{
	if (list_empty(&t->small))
		return false;
	return t->small_bytes > t->bytes / SMALL_SHARE || list_empty(&t->main);
}

static struct kvc_entry *s3fifo_victim(struct kvc_tier *t)
{
	unsigned int steps = KVC_POLICY_STEPS;
	struct kvc_entry *e;

	do {
		steps--;
		if (small_is_over(t))
			e = small_victim(t, !steps);
		else
			e = main_victim(t, !steps);
	} while (!e);
	return e;
}

const struct kvc_policy_ops kvc_policy_s3fifo = {
	.name = "s3fifo",
	.ref_max = 3,
	.ghosts = true,
	.insert = s3fifo_insert,
	.remove = s3fifo_remove,
	.replace = s3fifo_replace,
	.victim = s3fifo_victim,
};
