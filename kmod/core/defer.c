// SPDX-License-Identifier: GPL-2.0-only
/*
 * What servers have to forget before they serve again (P9, P11, P14)
 *
 * A deferral counts until the server's copy would have expired anyway, whether
 * or not the server runs meanwhile (P15).  None is lost for want of room: a
 * server with too many has to forget everything instead.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "defer.h"
#include "deferred.h"
#include "purge.h"

/* How many expire under one hold of the lock */
#define KVC_DEFER_STEPS	64u

/**
 * kvc_defer_forget - free the deferrals of a node that is in no ring any more
 * @ring: its ring
 * @n: the node
 *
 * Context: may sleep.
 */
void kvc_defer_forget(struct kvc_ring *ring, struct kvc_node *n)
{
	struct rb_root tree;

	spin_lock(&ring->lock);
	tree = kvc_deferred_take(ring, n);
	spin_unlock(&ring->lock);
	kvc_deferred_free(&tree);
}

/**
 * kvc_defer_owes - does a node have to forget something before it goes up?
 * @n: the node, whose ring is locked
 * @now: the clock
 */
bool kvc_defer_owes(const struct kvc_node *n, u64 now)
{
	const struct kvc_deferral *last;

	if (n->deferred.flush && now < n->deferred.flush_until)
		return true;
	last = kvc_deferred_last(&n->deferred);
	return last && now < last->expiry;
}

/* Return: true when there may be more */
static bool expire_some(struct kvc_ring *ring, u32 id, u64 now)
{
	struct kvc_deferral *chain = NULL, *d = NULL;
	struct kvc_node *n;
	u32 i = 0;

	spin_lock(&ring->lock);
	n = kvc_ring_lookup(ring, id);
	if (n && n->deferred.flush && now >= n->deferred.flush_until)
		WRITE_ONCE(n->deferred.flush, false);
	for (; n && i < KVC_DEFER_STEPS; i++) {
		d = kvc_deferred_first(&n->deferred);
		if (!d || now < d->expiry)
			break;
		kvc_deferred_remove(ring, n, d);
		d->next = chain;
		chain = d;
	}
	spin_unlock(&ring->lock);
	kvc_deferred_free_chain(chain);
	return i == KVC_DEFER_STEPS;
}

/**
 * kvc_defer_expire - free what a node does not have to forget any more
 * @ring: the ring
 * @id: of the node
 * @now: the clock
 *
 * The other functions do it for their node; this is for those that nobody
 * asks about.  Context: may sleep.
 */
void kvc_defer_expire(struct kvc_ring *ring, u32 id, u64 now)
{
	while (expire_some(ring, id, now))
		cond_resched();
}

/**
 * struct record - what happens when a deferral is recorded
 * @unused: the deferral, if it was not needed
 * @tree: deferrals that a flush has made superfluous
 * @status: there was a status change
 * @flush: the node has to forget everything from now on
 * @ev: the events of the two
 */
struct record {
	struct kvc_deferral *unused;
	struct rb_root tree;
	bool status;
	bool flush;
	struct kvc_ring_event ev[2];
};

static void need_flush(struct kvc_ring *ring, struct kvc_node *n,
		       struct kvc_deferral *d, struct record *r)
{
	struct kvc_deferral *last;

	last = kvc_deferred_last(&n->deferred);
	n->deferred.flush_until = max(d->expiry, last ? last->expiry : 0);
	n->deferred.flush_seq = d->seq;
	WRITE_ONCE(n->deferred.flush, true);
	r->tree = kvc_deferred_take(ring, n);
	r->unused = d;
	r->flush = true;
	kvc_ring_note(ring, n, KVC_RING_FLUSH, &r->ev[1]);
}

static void refresh(struct kvc_node *n, struct kvc_deferral *old,
		    const struct kvc_deferral *d)
{
	old->seq = d->seq;
	if (old->expiry < d->expiry)
		kvc_deferred_prolong(&n->deferred, old, d->expiry);
}

static void record(struct kvc_ring *ring, struct kvc_node *n,
		   struct kvc_deferral *d, u64 now, struct record *r)
{
	struct kvc_deferral *old = kvc_deferred_find(&n->deferred, d->key, d->len);

	d->seq = ++ring->defer_seq;
	if (n->deferred.flush) {
		n->deferred.flush_until = max(n->deferred.flush_until, d->expiry);
		n->deferred.flush_seq = d->seq;
		r->unused = d;
	} else if (old) {
		refresh(n, old, d);
		r->unused = d;
	} else if (ring->defer_bytes + d->bytes > ring->config.defer_max) {
		need_flush(ring, n, d, r);
	} else {
		kvc_deferred_add(ring, n, d);
	}
	if (n->status != KVC_NODE_UP)
		return;
	/* P18: it missed a purge, so it cannot go on serving. */
	kvc_status_set(ring, n, KVC_NODE_DRAINING, now);
	r->status = true;
	kvc_ring_note(ring, n, KVC_RING_STATUS, &r->ev[0]);
}

static void record_end(struct kvc_ring *ring, struct record *r)
{
	kfree(r->unused);
	kvc_deferred_free(&r->tree);
	if (r->status)
		kvc_ring_tell(ring, &r->ev[0]);
	if (r->flush)
		kvc_ring_tell(ring, &r->ev[1]);
}

static int key_check(u32 len)
{
	if (!len)
		return -EINVAL;
	return len > KVC_KEY_MAX ? -ENAMETOOLONG : 0;
}

/**
 * kvc_defer_add - record that a node has to forget an object
 * @ring: the ring
 * @id: of the node, which a purge message did not get to (P18)
 * @key: of the object
 * @len: bytes of the key
 * @expiry: E, in ns, as for kvc_purge_make()
 * @now: the clock
 *
 * A node that was up is draining from then on.  Context: may sleep; as the
 * observer's.  Return: 0; -ENOENT: no such node, so nothing is to be done;
 * -EINVAL, -ENAMETOOLONG, -ENOMEM: nothing is recorded.
 */
int kvc_defer_add(struct kvc_ring *ring, u32 id, const void *key, u32 len,
		  u64 expiry, u64 now)
{
	struct record r = { .tree = RB_ROOT };
	struct kvc_deferral *d;
	struct kvc_node *n;
	int err = key_check(len);

	if (err)
		return err;
	kvc_defer_expire(ring, id, now);
	d = kvc_deferred_alloc(key, len);
	if (!d)
		return -ENOMEM;
	d->expiry = kvc_deadline(now, expiry);
	r.unused = d;
	spin_lock(&ring->lock);
	n = kvc_ring_lookup(ring, id);
	if (n) {
		r.unused = NULL;
		record(ring, n, d, now, &r);
	}
	spin_unlock(&ring->lock);
	record_end(ring, &r);
	return n ? 0 : -ENOENT;
}

/* A deferral for each step that needs one, or none */
static struct kvc_deferral *chain_alloc(const struct kvc_purge_plan *plan,
					const void *key, u32 len, u64 expiry)
{
	struct kvc_deferral *chain = NULL, *d;
	u32 i;

	for (i = 0; i < plan->count; i++) {
		if (plan->step[i].action != KVC_PURGE_DEFER)
			continue;
		d = kvc_deferred_alloc(key, len);
		if (!d)
			goto err_alloc;
		d->expiry = expiry;
		d->next = chain;
		chain = d;
	}
	return chain;

err_alloc:
	kvc_deferred_free_chain(chain);
	return ERR_PTR(-ENOMEM);
}

static int step_record(struct kvc_ring *ring, u64 generation,
		       struct kvc_purge_step *step, struct kvc_deferral *d,
		       u64 now)
{
	struct record r = { .tree = RB_ROOT, .unused = d };
	struct kvc_ring_table *t;
	struct kvc_node *n;
	int err = 0;

	spin_lock(&ring->lock);
	t = kvc_ring_current(ring);
	n = kvc_ring_find(t, step->node);
	if (t->generation != generation) {
		err = -ESTALE;
	} else if (n->status == KVC_NODE_UP) {
		/* It went up since, so nothing would hold it back. */
		step->action = KVC_PURGE_SEND;
	} else {
		r.unused = NULL;
		record(ring, n, d, now, &r);
	}
	spin_unlock(&ring->lock);
	record_end(ring, &r);
	return err;
}

/**
 * kvc_defer_plan - record what a purge's plan wants deferred
 * @ring: the ring
 * @plan: from kvc_purge_make(); steps become messages where a node is up now
 * @key: of the object
 * @len: bytes of the key
 * @expiry: E, in ns, as for kvc_purge_make()
 * @now: the clock
 *
 * Called before the messages are sent.  Context: may sleep; as the observer's.
 * Return: 0; -ESTALE: nodes or points have changed since the plan was made, so
 * another one is needed, what was recorded does no harm; -EINVAL,
 * -ENAMETOOLONG, -ENOMEM: nothing is recorded.
 */
int kvc_defer_plan(struct kvc_ring *ring, struct kvc_purge_plan *plan,
		   const void *key, u32 len, u64 expiry, u64 now)
{
	struct kvc_deferral *chain, *d;
	int err = key_check(len);
	u32 i;

	if (err)
		return err;
	if (plan->generation != kvc_ring_generation(ring))
		return -ESTALE;
	chain = chain_alloc(plan, key, len, kvc_deadline(now, expiry));
	if (IS_ERR(chain))
		return PTR_ERR(chain);
	for (i = 0; !err && i < plan->count; i++) {
		if (plan->step[i].action != KVC_PURGE_DEFER)
			continue;
		d = chain;
		chain = d->next;
		kvc_defer_expire(ring, plan->step[i].node, now);
		err = step_record(ring, plan->generation, &plan->step[i], d,
				  now);
	}
	kvc_deferred_free_chain(chain);
	return err;
}

/**
 * kvc_defer_next - read what a node has to forget, one object after the other
 * @ring: the ring
 * @id: of the node
 * @now: the clock
 * @item: the one before, or @len 0; gets the next in the order of keys
 *
 * Return: 0, or -ENOENT when there is none or no such node.
 */
int kvc_defer_next(struct kvc_ring *ring, u32 id, u64 now,
		   struct kvc_defer_item *item)
{
	const struct kvc_deferral *d = NULL;
	const struct kvc_node *n;

	kvc_defer_expire(ring, id, now);
	spin_lock(&ring->lock);
	n = kvc_ring_lookup(ring, id);
	if (n)
		d = kvc_deferred_after(&n->deferred, item->key, item->len);
	if (d) {
		item->seq = d->seq;
		item->expiry = d->expiry;
		item->len = d->len;
		memcpy(item->key, d->key, d->len);
	}
	spin_unlock(&ring->lock);
	return d ? 0 : -ENOENT;
}

/**
 * kvc_defer_ack - a node has forgotten an object
 * @ring: the ring
 * @id: of the node
 * @key: of the object
 * @len: bytes of the key
 * @seq: that kvc_defer_next() gave before the node was told
 *
 * Return: 0; -ENOENT: it is not on the list; -ESTALE: it was purged once more
 * meanwhile, so the node has to forget it once more.
 */
int kvc_defer_ack(struct kvc_ring *ring, u32 id, const void *key, u32 len,
		  u64 seq)
{
	struct kvc_deferral *d = NULL;
	struct kvc_node *n;
	int err = -ENOENT;

	spin_lock(&ring->lock);
	n = kvc_ring_lookup(ring, id);
	if (n)
		d = kvc_deferred_find(&n->deferred, key, len);
	if (d)
		err = d->seq == seq ? 0 : -ESTALE;
	if (!err)
		kvc_deferred_remove(ring, n, d);
	spin_unlock(&ring->lock);
	if (!err)
		kfree(d);
	return err;
}

/**
 * kvc_defer_flushed - a node has forgotten everything
 * @ring: the ring
 * @id: of the node
 * @seq: that kvc_defer_read() gave before the node was told
 *
 * Return: 0; -ENOENT: no such node; -ESTALE: something was purged meanwhile,
 * so the node has to be flushed once more.
 */
int kvc_defer_flushed(struct kvc_ring *ring, u32 id, u64 seq)
{
	struct kvc_node *n;
	int err = -ENOENT;

	spin_lock(&ring->lock);
	n = kvc_ring_lookup(ring, id);
	if (n)
		err = n->deferred.flush && n->deferred.flush_seq != seq ?
		      -ESTALE : 0;
	if (!err)
		WRITE_ONCE(n->deferred.flush, false);
	spin_unlock(&ring->lock);
	return err;
}

/**
 * kvc_defer_read - what does a node owe?
 * @ring: the ring
 * @id: of the node
 * @now: the clock
 * @state: gets the answer
 *
 * Return: 0 or -ENOENT.
 */
int kvc_defer_read(struct kvc_ring *ring, u32 id, u64 now,
		   struct kvc_defer_state *state)
{
	const struct kvc_node *n;

	kvc_defer_expire(ring, id, now);
	spin_lock(&ring->lock);
	n = kvc_ring_lookup(ring, id);
	if (n)
		*state = (struct kvc_defer_state){
			.count = n->deferred.count,
			.bytes = n->deferred.bytes,
			.flush = n->deferred.flush,
			.flush_seq = n->deferred.flush_seq,
		};
	spin_unlock(&ring->lock);
	return n ? 0 : -ENOENT;
}
