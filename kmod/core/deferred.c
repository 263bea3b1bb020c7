// SPDX-License-Identifier: GPL-2.0-only
/*
 * A node's deferrals, by key and by expiry
 */
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "deferred.h"

#define KVC_DEFERRED_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

static struct kvc_deferral *key_entry(struct rb_node *node)
{
	return rb_entry_safe(node, struct kvc_deferral, by_key);
}

static struct kvc_deferral *expiry_entry(struct rb_node *node)
{
	return rb_entry_safe(node, struct kvc_deferral, by_expiry);
}

/**
 * kvc_deferred_free_chain - free deferrals that are on no list
 * @chain: linked by @next; may be NULL
 *
 * Context: may sleep.
 */
void kvc_deferred_free_chain(struct kvc_deferral *chain)
{
	struct kvc_deferral *d;
	u32 i;

	for (i = 1; chain; i++) {
		d = chain;
		chain = d->next;
		kfree(d);
		if (i % 1024 == 0)
			cond_resched();
	}
}

/**
 * kvc_deferred_alloc - a deferral that is on no list yet
 * @key: of the object
 * @len: bytes of the key
 *
 * Context: may sleep.  Return: the deferral, without @expiry, @seq and @next, or
 * NULL.
 */
struct kvc_deferral *kvc_deferred_alloc(const void *key, u32 len)
{
	size_t bytes = sizeof(struct kvc_deferral) + len;
	struct kvc_deferral *d = kmalloc(bytes, KVC_DEFERRED_GFP);

	if (!d)
		return NULL;
	d->bytes = kmalloc_size_roundup(bytes);
	d->len = len;
	memcpy(d->key, key, len);
	return d;
}

static int key_compare(const struct kvc_deferral *d, const void *key, u32 len)
{
	int order = memcmp(d->key, key, min(d->len, len));

	return order ?: (d->len > len) - (d->len < len);
}

/**
 * kvc_deferred_find - the deferral of an object
 * @l: a node's
 * @key: of the object
 * @len: bytes of the key
 *
 * Context: the ring's lock is held.  Return: it or NULL.
 */
struct kvc_deferral *kvc_deferred_find(const struct kvc_deferred *l,
				       const void *key, u32 len)
{
	struct rb_node *node = l->by_key.rb_node;
	int order;

	while (node) {
		order = key_compare(key_entry(node), key, len);
		if (!order)
			return key_entry(node);
		node = order > 0 ? node->rb_left : node->rb_right;
	}
	return NULL;
}

/**
 * kvc_deferred_after - the first deferral after a key
 * @l: a node's
 * @key: need not be there itself
 * @len: bytes of the key
 *
 * Context: the ring's lock is held.  Return: it or NULL.
 */
struct kvc_deferral *kvc_deferred_after(const struct kvc_deferred *l,
					const void *key, u32 len)
{
	struct rb_node *node = l->by_key.rb_node;
	struct kvc_deferral *after = NULL;

	while (node) {
		if (key_compare(key_entry(node), key, len) > 0) {
			after = key_entry(node);
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return after;
}

static void link_by_key(struct kvc_deferred *l, struct kvc_deferral *d)
{
	struct rb_node **link = &l->by_key.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		if (key_compare(key_entry(parent), d->key, d->len) > 0)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&d->by_key, parent, link);
	rb_insert_color(&d->by_key, &l->by_key);
}

static void link_by_expiry(struct kvc_deferred *l, struct kvc_deferral *d)
{
	struct rb_node **link = &l->by_expiry.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		if (expiry_entry(parent)->expiry > d->expiry)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&d->by_expiry, parent, link);
	rb_insert_color(&d->by_expiry, &l->by_expiry);
}

/**
 * kvc_deferred_add - put a deferral on a node's list
 * @ring: the ring
 * @n: the node, which has none for this key
 * @d: the deferral
 */
void kvc_deferred_add(struct kvc_ring *ring, struct kvc_node *n,
		      struct kvc_deferral *d)
{
	lockdep_assert_held(&ring->lock);
	link_by_key(&n->deferred, d);
	link_by_expiry(&n->deferred, d);
	n->deferred.bytes += d->bytes;
	ring->defer_bytes += d->bytes;
	WRITE_ONCE(n->deferred.count, n->deferred.count + 1);
}

/**
 * kvc_deferred_remove - take a deferral off a node's list
 * @ring: the ring
 * @n: the node
 * @d: the deferral, the caller's from now on
 */
void kvc_deferred_remove(struct kvc_ring *ring, struct kvc_node *n,
			 struct kvc_deferral *d)
{
	lockdep_assert_held(&ring->lock);
	rb_erase(&d->by_key, &n->deferred.by_key);
	rb_erase(&d->by_expiry, &n->deferred.by_expiry);
	n->deferred.bytes -= d->bytes;
	ring->defer_bytes -= d->bytes;
	WRITE_ONCE(n->deferred.count, n->deferred.count - 1);
}

/**
 * kvc_deferred_take - take all deferrals of a node
 * @ring: the ring
 * @n: the node
 *
 * Return: them, for kvc_deferred_free().
 */
struct rb_root kvc_deferred_take(struct kvc_ring *ring, struct kvc_node *n)
{
	struct rb_root tree = n->deferred.by_key;

	lockdep_assert_held(&ring->lock);
	ring->defer_bytes -= n->deferred.bytes;
	n->deferred.by_key = RB_ROOT;
	n->deferred.by_expiry = RB_ROOT;
	n->deferred.bytes = 0;
	WRITE_ONCE(n->deferred.count, 0);
	return tree;
}

/**
 * kvc_deferred_free - free what was a node's list
 * @tree: from kvc_deferred_take()
 *
 * Context: may sleep.
 */
void kvc_deferred_free(struct rb_root *tree)
{
	struct rb_node *node = rb_first_postorder(tree), *next;
	u32 i;

	for (i = 1; node; i++) {
		next = rb_next_postorder(node);
		kfree(key_entry(node));
		node = next;
		if (i % 1024 == 0)
			cond_resched();
	}
}

/**
 * kvc_deferred_prolong - let a deferral expire later
 * @l: the list that it is on
 * @d: the deferral
 * @expiry: when; not before it did
 *
 * Context: the ring's lock is held.
 */
void kvc_deferred_prolong(struct kvc_deferred *l, struct kvc_deferral *d,
			  u64 expiry)
{
	rb_erase(&d->by_expiry, &l->by_expiry);
	d->expiry = expiry;
	link_by_expiry(l, d);
}

/**
 * kvc_deferred_first - the deferral that expires first
 * @l: a node's
 *
 * Context: the ring's lock is held.  Return: it or NULL.
 */
struct kvc_deferral *kvc_deferred_first(const struct kvc_deferred *l)
{
	return expiry_entry(rb_first(&l->by_expiry));
}

/**
 * kvc_deferred_last - the deferral that expires last
 * @l: a node's
 *
 * Context: the ring's lock is held.  Return: it or NULL.
 */
struct kvc_deferral *kvc_deferred_last(const struct kvc_deferred *l)
{
	return expiry_entry(rb_last(&l->by_expiry));
}
