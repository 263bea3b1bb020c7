// SPDX-License-Identifier: GPL-2.0-only
/*
 * FIFO: the least recently added pair leaves (claim 8 of the layered cache).
 * An update keeps its pair's place.
 */
#include "policy.h"
#include "tier.h"

static void fifo_insert(struct kvc_tier *t, struct kvc_entry *e)
{
	list_add(&e->link, &t->main);
}

static void fifo_remove(struct kvc_tier *t, struct kvc_entry *e)
{
	kvc_tier_unlink(t, e);
}

static struct kvc_entry *fifo_victim(struct kvc_tier *t)
{
	struct kvc_entry *e = list_last_entry(&t->main, struct kvc_entry, link);

	kvc_tier_unlink(t, e);
	return e;
}

const struct kvc_policy_ops kvc_policy_fifo = {
	.name = "fifo",
	.ref_max = 1,
	.insert = fifo_insert,
	.remove = fifo_remove,
	.victim = fifo_victim,
};
