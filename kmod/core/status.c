// SPDX-License-Identifier: GPL-2.0-only
/*
 * The status table: up, down, draining; failures and tags
 *
 * A tag takes a node out of operation as "down" does, but by itself and for a
 * time.  Whoever routes or reports first sees whether a tag has come to its
 * end; nothing else removes it but successes.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include "defer.h"
#include "ring.h"

/* Counts a node in or out, after its status or tag changed. */
static void count_in(struct kvc_ring *ring, struct kvc_node *n)
{
	struct kvc_ring_table *t = kvc_ring_current(ring);
	u8 in = kvc_node_in_operation(n);

	if (t->in[n->index] == in)
		return;
	WRITE_ONCE(t->in[n->index], in);
	WRITE_ONCE(t->serving, in ? t->serving + 1 : t->serving - 1);
	/* A7: one that recovers is appended at the end */
	if (in)
		WRITE_ONCE(n->order, ring->next_order++);
}

static void tags_note_first(struct kvc_ring *ring)
{
	struct kvc_node *first;

	first = list_first_entry_or_null(&ring->tags, struct kvc_node, tags);
	WRITE_ONCE(ring->tag_next, first ? first->tag_until : U64_MAX);
}

/* The one whose tag ends first stays in front. */
static void tags_insert(struct kvc_ring *ring, struct kvc_node *n)
{
	struct kvc_node *before;

	list_for_each_entry_reverse(before, &ring->tags, tags)
		if (before->tag_until <= n->tag_until)
			break;
	list_add(&n->tags, &before->tags);
	tags_note_first(ring);
}

static void tags_remove(struct kvc_ring *ring, struct kvc_node *n)
{
	list_del_init(&n->tags);
	tags_note_first(ring);
}

static void untag(struct kvc_ring *ring, struct kvc_node *n, u64 since)
{
	lockdep_assert_held(&ring->lock);
	write_seqcount_begin(&n->seq);
	WRITE_ONCE(n->tagged, false);
	WRITE_ONCE(n->since, since);
	write_seqcount_end(&n->seq);
	WRITE_ONCE(n->failures, 0);
	tags_remove(ring, n);
	count_in(ring, n);
}

static void tag(struct kvc_ring *ring, struct kvc_node *n, u64 now)
{
	lockdep_assert_held(&ring->lock);
	write_seqcount_begin(&n->seq);
	if (!n->tagged)
		WRITE_ONCE(n->since, now);
	WRITE_ONCE(n->tagged, true);
	WRITE_ONCE(n->tag_until, kvc_deadline(now, ring->config.validity));
	write_seqcount_end(&n->seq);
	n->successes = 0;
	list_del_init(&n->tags);
	tags_insert(ring, n);
	count_in(ring, n);
}

static bool tag_end(struct kvc_ring *ring, u64 now, struct kvc_ring_event *ev)
{
	struct kvc_node *n;
	bool ended;

	spin_lock(&ring->lock);
	n = list_first_entry_or_null(&ring->tags, struct kvc_node, tags);
	ended = n && now >= n->tag_until;
	if (ended) {
		untag(ring, n, n->tag_until);
		kvc_ring_note(ring, n, KVC_RING_UNTAGGED, ev);
	}
	spin_unlock(&ring->lock);
	return ended;
}

/**
 * kvc_ring_end_tags - remove the tags that count no more
 * @ring: the ring, not locked
 * @now: the clock
 *
 * Context: as the observer's; not in a read section.
 */
void kvc_ring_end_tags(struct kvc_ring *ring, u64 now)
{
	struct kvc_ring_event ev;

	while (unlikely(now >= READ_ONCE(ring->tag_next)) &&
	       tag_end(ring, now, &ev))
		kvc_ring_tell(ring, &ev);
}

/**
 * kvc_status_forget - take a node that leaves off the status table's lists
 * @ring: the ring, locked
 * @n: the node
 */
void kvc_status_forget(struct kvc_ring *ring, struct kvc_node *n)
{
	lockdep_assert_held(&ring->lock);
	tags_remove(ring, n);
}

/**
 * kvc_status_set - change a node's status and remove its tag
 * @ring: the ring, locked
 * @n: the node; owes nothing if it is to be up
 * @status: the new one
 * @now: the clock
 */
void kvc_status_set(struct kvc_ring *ring, struct kvc_node *n,
		    enum kvc_node_status status, u64 now)
{
	bool was = n->status == KVC_NODE_UP &&
		   (!n->tagged || now >= n->tag_until);

	lockdep_assert_held(&ring->lock);
	write_seqcount_begin(&n->seq);
	WRITE_ONCE(n->status, status);
	WRITE_ONCE(n->tagged, false);
	if (was != (status == KVC_NODE_UP))
		WRITE_ONCE(n->since, now);
	write_seqcount_end(&n->seq);
	WRITE_ONCE(n->failures, 0);
	tags_remove(ring, n);
	count_in(ring, n);
}

static int status_change(struct kvc_ring *ring, struct kvc_node *n,
			 enum kvc_node_status status, u64 now)
{
	/* P14 */
	if (status == KVC_NODE_UP && kvc_defer_owes(n, now))
		return -EBUSY;
	kvc_status_set(ring, n, status, now);
	return 0;
}

/**
 * kvc_ring_set_status - say that a node is up, down or draining
 * @ring: the ring
 * @id: of the node
 * @status: draining: it can be reached, forgets its deferred objects and is
 *	not routed to
 * @now: the clock
 *
 * Removes a tag.  Context: as the observer's.  Return: 0; -ENOENT: no such
 * node; -EBUSY: it cannot go up before it has forgotten what was deferred.
 */
int kvc_ring_set_status(struct kvc_ring *ring, u32 id,
			enum kvc_node_status status, u64 now)
{
	struct kvc_ring_event ev;
	struct kvc_node *n;
	int err = -ENOENT;

	if (status > KVC_NODE_DRAINING)
		return -EINVAL;
	kvc_ring_end_tags(ring, now);
	kvc_defer_expire(ring, id, now);
	spin_lock(&ring->lock);
	n = kvc_ring_lookup(ring, id);
	if (n)
		err = status_change(ring, n, status, now);
	if (!err)
		kvc_ring_note(ring, n, KVC_RING_STATUS, &ev);
	spin_unlock(&ring->lock);
	if (!err)
		kvc_ring_tell(ring, &ev);
	return err;
}

/* Each returns whether there is something to tell. */

static bool node_failed(struct kvc_ring *ring, struct kvc_node *n, u64 now,
			struct kvc_ring_event *ev)
{
	if (n->failures < U32_MAX)
		WRITE_ONCE(n->failures, n->failures + 1);
	/* The request goes to another node, which then has the object too. */
	write_seqcount_begin(&n->seq);
	WRITE_ONCE(n->shaken, now);
	write_seqcount_end(&n->seq);
	if (!n->tagged && n->failures <= ring->config.threshold)
		return false;
	tag(ring, n, now);
	kvc_ring_note(ring, n, KVC_RING_TAGGED, ev);
	return true;
}

static bool node_succeeded(struct kvc_ring *ring, struct kvc_node *n, u64 now,
			   struct kvc_ring_event *ev)
{
	WRITE_ONCE(n->failures, 0);
	if (!n->tagged || ++n->successes < ring->config.rise)
		return false;
	untag(ring, n, now);
	kvc_ring_note(ring, n, KVC_RING_UNTAGGED, ev);
	return true;
}

/* The usual: a success of a node that never failed.  Return: -ENOENT or 0 */
static int report_needed(struct kvc_ring *ring, u32 id, bool success,
			 bool *needed)
{
	const struct kvc_node *n;

	rcu_read_lock();
	n = kvc_ring_find(rcu_dereference(ring->table), id);
	*needed = n && (!success || READ_ONCE(n->failures) ||
			READ_ONCE(n->tagged));
	rcu_read_unlock();
	return n ? 0 : -ENOENT;
}

/**
 * kvc_ring_report - say how a request or heartbeat to a node ended
 * @ring: the ring
 * @id: of the node
 * @success: false: an error code, a bad checksum or a time-out (A1)
 * @now: the clock
 *
 * More than the threshold's failures with no success in between tag the node;
 * a failure of a tagged one renews the tag, successes remove it.  A failure is
 * reported before the request goes to the next node.  What is said of a node
 * that is not up changes nothing.
 *
 * Context: as the observer's.  Return: 0 or -ENOENT.
 */
int kvc_ring_report(struct kvc_ring *ring, u32 id, bool success, u64 now)
{
	struct kvc_ring_event ev;
	struct kvc_node *n;
	bool told = false;
	int err;

	kvc_ring_end_tags(ring, now);
	err = report_needed(ring, id, success, &told);
	if (err || !told)
		return err;
	told = false;
	spin_lock(&ring->lock);
	n = kvc_ring_lookup(ring, id);
	if (n && n->status == KVC_NODE_UP)
		told = success ? node_succeeded(ring, n, now, &ev) :
				 node_failed(ring, n, now, &ev);
	spin_unlock(&ring->lock);
	if (told)
		kvc_ring_tell(ring, &ev);
	return 0;
}
