// SPDX-License-Identifier: GPL-2.0-only
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xxhash.h>
#include "cache.h"
#include "node.h"

#define KVC_NODE_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

static int spec_check(const struct kvc_node_spec *s)
{
	char name[KVC_NAME_MAX] = "";
	size_t len = strnlen(s->name, KVC_NAME_MAX);

	if (len == KVC_NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, s->name, len);
	if (!kvc_config_name_ok(name))
		return -EINVAL;
	len = strnlen(s->address, KVC_ADDRESS_MAX);
	if (len == KVC_ADDRESS_MAX)
		return -ENAMETOOLONG;
	if (!len || s->join > KVC_JOIN_SERVING || (s->point && !s->points))
		return -EINVAL;
	if (s->weight > KVC_WEIGHT_MAX || s->points > KVC_NODE_POINTS_MAX)
		return -ERANGE;
	return 0;
}

static void node_begin(struct kvc_node *n, const struct kvc_node_spec *s,
		       spinlock_t *lock)
{
	size_t name_len = strlen(s->name), address_len = strlen(s->address);

	memcpy(n->name, s->name, name_len);
	memcpy(n->address, s->address, address_len);
	n->name_hash = xxh32(n->name, name_len, 0);
	n->address_hash = xxh32(n->address, address_len, 0);
	n->weight = s->weight ?: KVC_WEIGHT_ONE;
	n->instances = s->instances ?: 1;
	n->since = KVC_STAMP_NEVER;
	n->shaken = KVC_STAMP_NEVER;
	n->lost = KVC_STAMP_NEVER;
	seqcount_spinlock_init(&n->seq, lock);
	INIT_LIST_HEAD(&n->tags);
	n->deferred.by_key = RB_ROOT;
	n->deferred.by_expiry = RB_ROOT;
}

/**
 * kvc_node_alloc - make a node that is in no ring yet
 * @spec: what it is to be; anything may be in it
 * @lock: of its ring
 *
 * Context: may sleep.  Return: the node, or an error pointer: -EINVAL,
 * -ENAMETOOLONG, -ERANGE (weight, points), -ENOMEM.
 */
struct kvc_node *kvc_node_alloc(const struct kvc_node_spec *spec,
				spinlock_t *lock)
{
	struct kvc_node *n;
	int err = spec_check(spec);

	if (err)
		return ERR_PTR(err);
	n = kzalloc(sizeof(*n), KVC_NODE_GFP);
	if (!n)
		return ERR_PTR(-ENOMEM);
	node_begin(n, spec, lock);
	return n;
}

/**
 * kvc_node_free - free a node that no reader can hold
 * @n: without deferrals; may be NULL
 */
void kvc_node_free(struct kvc_node *n)
{
	kfree(n);
}

/**
 * kvc_node_read - read a node's line of the status table
 * @n: the node
 * @now: decides whether a tag still counts
 * @v: gets it, all of one moment
 *
 * Context: under rcu_read_lock(), without the ring's lock.
 */
void kvc_node_read(const struct kvc_node *n, u64 now, struct kvc_node_view *v)
{
	unsigned int seq;
	u64 tag_until;

	do {
		seq = read_seqcount_begin(&n->seq);
		v->status = READ_ONCE(n->status);
		v->tagged = READ_ONCE(n->tagged);
		v->since = READ_ONCE(n->since);
		v->shaken = READ_ONCE(n->shaken);
		v->lost = READ_ONCE(n->lost);
		tag_until = READ_ONCE(n->tag_until);
	} while (read_seqcount_retry(&n->seq, seq));
	/* Nobody has removed the tag yet, but it counts for nobody any more. */
	if (v->tagged && now >= tag_until) {
		v->tagged = false;
		v->since = tag_until;
	}
}

/**
 * kvc_stamp_longer - is something longer ago than a time?
 * @stamp: when it was, or %KVC_STAMP_NEVER
 * @now: the clock
 * @known: the moment up to which stamps are complete; past it something may
 *	have happened that is not known here
 * @expiry: the time, in ns
 *
 * What is not known is "no", as is equality, and as is a stamp of the future.
 */
bool kvc_stamp_longer(u64 stamp, u64 now, u64 known, u64 expiry)
{
	if (now > known)
		return false;
	if (stamp == KVC_STAMP_NEVER)
		return true;
	return now > stamp && now - stamp > expiry;
}
