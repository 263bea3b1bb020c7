// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a cache's event log to those who listen
 *
 * The log is the only source: writers add to it from the first listener on,
 * and a worker reads it and builds messages of many events.  Without a
 * listener there is no worker and no message.  What the log has lost before
 * the worker came to it is told with its number.
 */
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include "feed.h"
#include "genl.h"
#include "genl_event.h"

/* Subscribers of one cache */
#define FEED_SUBS_MAX	256

/**
 * struct kvc_feed_sub - a socket that gets one cache's events
 * @on: in the cache's list
 * @sk: the socket, referenced: its number may be given to another one before
 *	the kernel tells of its end
 * @portid: its number
 */
struct kvc_feed_sub {
	struct list_head on;
	struct sock *sk;
	u32 portid;
};

/* Covers the lists of subscribers, but for the lockless look at whether empty. */
static DEFINE_MUTEX(feed_lock);
static LIST_HEAD(feed_all);
static struct workqueue_struct *feed_wq;
static bool feed_running;

static bool has_group(struct net *net)
{
	return genl_has_listeners(&kvc_genl_family, net,
				  KVCACHE_NLGRP_INVALIDATE);
}

static bool has_listeners(struct kvc_instance *inst)
{
	return READ_ONCE(inst->feed.subs) || has_group(inst->net);
}

/* The family goes before the last caches do. */
static bool is_open(struct kvc_instance *inst)
{
	return READ_ONCE(inst->feed.open) && READ_ONCE(feed_running);
}

/**
 * kvc_feed_listened - observer: does anybody listen?
 * @ctx: &struct kvc_instance
 */
bool kvc_feed_listened(void *ctx)
{
	return has_listeners(ctx);
}

/**
 * kvc_feed_event - observer: there is a new event
 * @ctx: &struct kvc_instance
 * @seq: its number
 *
 * Without a listener it only notes that nobody was there for this one.  Nor was
 * then anybody for those with smaller numbers, whose calls may come later: who
 * listens to them came after they were written.
 *
 * Context: under a shard lock.
 */
void kvc_feed_event(void *ctx, u64 seq)
{
	struct kvc_instance *inst = ctx;

	if (!is_open(inst))
		return;
	if (!has_listeners(inst)) {
		WRITE_ONCE(inst->feed.unheard, seq);
	} else if (kvc_event_disarm(&inst->cache->log)) {
		inst->feed.next = max(inst->feed.next,
				      READ_ONCE(inst->feed.unheard) + 1);
		queue_work(feed_wq, &inst->feed.work);
	}
}

/*
 * The worker has nobody left to send to.  The newest event is asked for first:
 * who comes after that gets what comes after.
 */
static void wait_for_listeners(struct kvc_instance *inst)
{
	struct kvc_event_log *log = &inst->cache->log;
	u64 newest, oldest;

	do {
		newest = kvc_event_range(log, &oldest);
		if (has_listeners(inst)) {
			queue_work(feed_wq, &inst->feed.work);
			return;
		}
		WRITE_ONCE(inst->feed.unheard, newest);
	} while (kvc_event_arm(log, newest));
}

static void sub_free(struct kvc_instance *inst, struct kvc_feed_sub *sub)
{
	lockdep_assert_held(&feed_lock);
	list_del(&sub->on);
	WRITE_ONCE(inst->feed.subs, inst->feed.subs - 1);
	sock_put(sub->sk);
	kfree(sub);
}

/* As a socket's owner is told of a message for which there was no room. */
static void tell_overrun(struct sock *sk)
{
	sk->sk_err = ENOBUFS;
	sk_error_report(sk);
}

static void send_to_subs(struct kvc_instance *inst, struct sk_buff *skb)
{
	struct kvc_feed_sub *sub, *next;
	struct sk_buff *copy;

	mutex_lock(&feed_lock);
	list_for_each_entry_safe(sub, next, &inst->feed.list, on) {
		if (sock_flag(sub->sk, SOCK_DEAD)) {
			sub_free(inst, sub);
			continue;
		}
		copy = skb ? skb_clone(skb, GFP_KERNEL) : NULL;
		if (copy)
			genlmsg_unicast(inst->net, copy, sub->portid);
		else
			tell_overrun(sub->sk);
	}
	mutex_unlock(&feed_lock);
}

/* Without memory for a message its receivers hear that they miss one. */
static void send_nothing(struct kvc_instance *inst)
{
	send_to_subs(inst, NULL);
	genl_set_err(&kvc_genl_family, inst->net, 0,
		     KVCACHE_NLGRP_INVALIDATE, ENOBUFS);
}

static void send(struct kvc_instance *inst, struct sk_buff *skb)
{
	if (READ_ONCE(inst->feed.subs))
		send_to_subs(inst, skb);
	genlmsg_multicast_netns(&kvc_genl_family, inst->net, skb, 0,
				KVCACHE_NLGRP_INVALIDATE, GFP_KERNEL);
}

/* Returns false when there was nothing. */
static bool send_some(struct kvc_instance *inst, void *buf)
{
	struct kvc_event_log *log = &inst->cache->log;
	struct sk_buff *skb;
	u64 lost = 0;
	long bytes;

	bytes = kvc_event_read(log, &inst->feed.next, buf, KVC_EVENT_MAX,
			       &lost);
	if (bytes <= 0 && !lost)
		return false;
	skb = kvc_genl_event_message(inst, buf, bytes, inst->feed.next, lost);
	if (skb)
		send(inst, skb);
	else
		send_nothing(inst);
	return true;
}

/*
 * Sends all there is.  Returns true when the log was armed after that, from
 * when on the next number is the observer's.
 */
static bool send_all(struct kvc_instance *inst, void *buf)
{
	while (is_open(inst) && has_listeners(inst)) {
		cond_resched();
		if (send_some(inst, buf))
			continue;
		WRITE_ONCE(inst->feed.unheard, inst->feed.next - 1);
		if (!kvc_event_arm(&inst->cache->log, inst->feed.next - 1))
			return true;
	}
	return false;
}

static void feed_work(struct work_struct *work)
{
	struct kvc_instance *inst = container_of(work, struct kvc_instance,
						 feed.work);
	/* Small, and without it the events would wait for the next one. */
	void *buf = kmalloc(KVC_EVENT_MAX, GFP_KERNEL | __GFP_NOFAIL);

	if (!send_all(inst, buf) && is_open(inst))
		wait_for_listeners(inst);
	kfree(buf);
}

static struct kvc_feed_sub *find_sub(struct kvc_instance *inst,
				     const struct sock *sk)
{
	struct kvc_feed_sub *sub;

	lockdep_assert_held(&feed_lock);
	list_for_each_entry(sub, &inst->feed.list, on)
		if (sub->sk == sk)
			return sub;
	return NULL;
}

static int add_sub(struct kvc_instance *inst, struct kvc_feed_sub *sub)
{
	lockdep_assert_held(&feed_lock);
	if (!is_open(inst))
		return -ESHUTDOWN;
	if (find_sub(inst, sub->sk))
		return -EEXIST;
	if (inst->feed.subs >= FEED_SUBS_MAX)
		return -ENOSPC;
	list_add_tail(&sub->on, &inst->feed.list);
	WRITE_ONCE(inst->feed.subs, inst->feed.subs + 1);
	return 0;
}

/**
 * kvc_feed_subscribe - send a cache's events to a socket from now on
 * @inst: the cache, which the socket's owner may read
 * @sk: the socket, of the cache's network namespace
 * @portid: its number
 * @since: gets the number of the first event that is sent for certain
 *
 * Context: may sleep.  Return: 0; -EEXIST: it has them already; -ENOSPC: too
 * many have; -EOPNOTSUPP: the cache has no log; -ESHUTDOWN, -ENOMEM.
 */
int kvc_feed_subscribe(struct kvc_instance *inst, struct sock *sk, u32 portid,
		       u64 *since)
{
	struct kvc_feed_sub *sub;
	u64 oldest;
	int err;

	if (!kvc_event_log_bytes(&inst->cache->log))
		return -EOPNOTSUPP;
	sub = kmalloc(sizeof(*sub), GFP_KERNEL_ACCOUNT);
	if (!sub)
		return -ENOMEM;
	sub->portid = portid;
	sub->sk = sk;
	sock_hold(sk);
	mutex_lock(&feed_lock);
	err = add_sub(inst, sub);
	mutex_unlock(&feed_lock);
	if (err) {
		sock_put(sk);
		kfree(sub);
		return err;
	}
	kvc_cache_listen(inst->cache);
	*since = kvc_event_range(&inst->cache->log, &oldest) + 1;
	return 0;
}

static void drop_dead(struct kvc_instance *inst)
{
	struct kvc_feed_sub *sub, *next;

	list_for_each_entry_safe(sub, next, &inst->feed.list, on)
		if (sock_flag(sub->sk, SOCK_DEAD))
			sub_free(inst, sub);
}

static int socket_closed(struct notifier_block *nb, unsigned long event,
			 void *arg)
{
	struct netlink_notify *n = arg;
	struct kvc_instance *inst;

	if (event != NETLINK_URELEASE || n->protocol != NETLINK_GENERIC)
		return NOTIFY_DONE;
	mutex_lock(&feed_lock);
	list_for_each_entry(inst, &feed_all, feed.in_all)
		if (net_eq(inst->net, n->net))
			drop_dead(inst);
	mutex_unlock(&feed_lock);
	return NOTIFY_DONE;
}

static struct notifier_block feed_notifier = {
	.notifier_call = socket_closed,
};

static void feed_added(struct kvc_instance *inst)
{
	INIT_WORK(&inst->feed.work, feed_work);
	INIT_LIST_HEAD(&inst->feed.list);
	inst->feed.open = true;
	mutex_lock(&feed_lock);
	list_add_tail(&inst->feed.in_all, &feed_all);
	mutex_unlock(&feed_lock);
	kvc_event_arm(&inst->cache->log, 0);
}

/*
 * The last event tells that there are no pairs any more; what was written
 * before it is sent, too.
 */
static void feed_removed(struct kvc_instance *inst)
{
	struct kvc_feed_sub *sub, *next;

	kvc_cache_event(inst->cache, KVC_EVENT_PURGED, 0, NULL, 0);
	flush_work(&inst->feed.work);
	WRITE_ONCE(inst->feed.open, false);
	mutex_lock(&feed_lock);
	list_del(&inst->feed.in_all);
	list_for_each_entry_safe(sub, next, &inst->feed.list, on)
		sub_free(inst, sub);
	mutex_unlock(&feed_lock);
	/* Observers that still saw it open have left when their lock is free. */
	kvc_event_disarm(&inst->cache->log);
}

/* Nobody operates on the cache any more. */
static void feed_released(struct kvc_instance *inst)
{
	if (inst->feed.work.func)
		cancel_work_sync(&inst->feed.work);
}

const struct kvc_registry_watch kvc_feed_watch = {
	.added = feed_added,
	.removed = feed_removed,
	.released = feed_released,
};

int __init kvc_feed_init(void)
{
	int err;

	feed_wq = alloc_workqueue("kvcache_feed", WQ_UNBOUND, 0);
	if (!feed_wq)
		return -ENOMEM;
	err = netlink_register_notifier(&feed_notifier);
	if (err)
		goto err_notifier;
	feed_running = true;
	return 0;

err_notifier:
	destroy_workqueue(feed_wq);
	return err;
}

/**
 * kvc_feed_stop - send nothing any more: the family is about to go
 */
void kvc_feed_stop(void)
{
	WRITE_ONCE(feed_running, false);
	flush_workqueue(feed_wq);
}

void kvc_feed_exit(void)
{
	netlink_unregister_notifier(&feed_notifier);
	destroy_workqueue(feed_wq);
}
