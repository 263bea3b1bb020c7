// SPDX-License-Identifier: GPL-2.0-only
/*
 * LRU: the least recently used pair leaves.  Exact, so every hit moves its
 * pair to the front under the shard lock.
 */
#include "policy.h"
#include "tier.h"

static void lru_insert(struct kvc_tier *t, struct kvc_entry *e)
{
	list_add(&e->link, &t->main);
}

static void lru_remove(struct kvc_tier *t, struct kvc_entry *e)
{
	kvc_tier_unlink(t, e);
}

static void lru_hit(struct kvc_tier *t, struct kvc_entry *e)
{
	/* A cursor at the front would take its entry's move there for the end. */
	if (t->main.next == &e->link)
		return;
	kvc_tier_unlink(t, e);
	list_add(&e->link, &t->main);
}

static void lru_replaced(struct kvc_tier *t, struct kvc_entry *old,
			 struct kvc_entry *e)
{
	lru_hit(t, e);
}

static struct kvc_entry *lru_victim(struct kvc_tier *t)
{
	struct kvc_entry *e = list_last_entry(&t->main, struct kvc_entry, link);

	lru_remove(t, e);
	return e;
}

const struct kvc_policy_ops kvc_policy_lru = {
	.name = "lru",
	.ref_max = 1,
	.insert = lru_insert,
	.remove = lru_remove,
	.replaced = lru_replaced,
	.victim = lru_victim,
	.hit = lru_hit,
};
