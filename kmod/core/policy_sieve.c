// SPDX-License-Identifier: GPL-2.0-only
/*
 * SIEVE (Zhang et al., "SIEVE is Simpler than LRU", NSDI'24): new pairs enter
 * at the head and never move.  A hand walks from the tail to the head, clears
 * the mark of visited pairs and takes the first one without.
 */
#include "policy.h"
#include "tier.h"

static void sieve_insert(struct kvc_tier *t, struct kvc_entry *e)
{
	list_add(&e->link, &t->main);
}

/* Towards the head; from the head on, back to the tail. */
static struct list_head *sieve_next(struct kvc_tier *t, struct list_head *pos)
{
	return pos->prev == &t->main ? t->main.prev : pos->prev;
}

static void sieve_remove(struct kvc_tier *t, struct kvc_entry *e)
{
	if (t->hand == &e->link) {
		t->hand = sieve_next(t, t->hand);
		if (t->hand == &e->link)
			t->hand = NULL;
	}
	kvc_tier_unlink(t, e);
}

static void sieve_replaced(struct kvc_tier *t, struct kvc_entry *old,
			   struct kvc_entry *e)
{
	if (t->hand == &old->link)
		t->hand = &e->link;
}

static struct kvc_entry *sieve_victim(struct kvc_tier *t)
{
	unsigned int steps = KVC_POLICY_STEPS;
	struct kvc_entry *e;

	if (!t->hand)
		t->hand = t->main.prev;
	for (;;) {
		e = list_entry(t->hand, struct kvc_entry, link);
		if (!READ_ONCE(e->ref) || !--steps)
			break;
		WRITE_ONCE(e->ref, 0);
		t->hand = sieve_next(t, t->hand);
	}
	sieve_remove(t, e);
	return e;
}

const struct kvc_policy_ops kvc_policy_sieve = {
	.name = "sieve",
	.ref_max = 1,
	.insert = sieve_insert,
	.remove = sieve_remove,
	.replaced = sieve_replaced,
	.victim = sieve_victim,
};
