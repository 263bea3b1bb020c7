// SPDX-License-Identifier: GPL-2.0-only
/*
 * The named rings of each network namespace
 */
#include <linux/err.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <net/netns/generic.h>
#include "rings.h"

/* One network namespace's rings, in the order of names */
struct rings_ns {
	struct list_head rings;
	unsigned int generation;
};

static unsigned int rings_ns_id;
static DEFINE_MUTEX(rings_lock);

static struct rings_ns *ns_of(struct net *net)
{
	return net_generic(net, rings_ns_id);
}

static void changed(struct net *net)
{
	lockdep_assert_held(&rings_lock);
	WRITE_ONCE(ns_of(net)->generation, ns_of(net)->generation + 1);
}

static void release(struct kref *ref)
{
	struct kvc_ringed *r = container_of(ref, struct kvc_ringed, ref);

	/* Readers of the list may still look at it, others at its nodes. */
	synchronize_rcu();
	kvc_ring_free(r->ring);
	mutex_destroy(&r->control);
	kfree(r);
}

/**
 * kvc_rings_put - give a reference back
 * @r: the ring
 *
 * Context: may sleep.
 */
void kvc_rings_put(struct kvc_ringed *r)
{
	kref_put(&r->ref, release);
}

static struct kvc_ringed *find(struct net *net, const char *name)
{
	struct kvc_ringed *r;

	list_for_each_entry_rcu(r, &ns_of(net)->rings, in_ns,
				lockdep_is_held(&rings_lock))
		if (!strcmp(r->ring->config.name, name))
			return r;
	return NULL;
}

/**
 * kvc_rings_get - take a reference on a ring
 * @net: its namespace
 * @name: its name
 *
 * Return: the ring, or NULL: there is none.
 */
struct kvc_ringed *kvc_rings_get(struct net *net, const char *name)
{
	struct kvc_ringed *r;

	rcu_read_lock();
	r = find(net, name);
	if (r && !kref_get_unless_zero(&r->ref))
		r = NULL;
	rcu_read_unlock();
	return r;
}

/**
 * kvc_rings_next - the next ring
 * @net: where
 * @at: 0 at first; the position
 *
 * Return: the ring, referenced, or NULL.
 */
struct kvc_ringed *kvc_rings_next(struct net *net, unsigned int *at)
{
	struct kvc_ringed *r, *found = NULL;
	unsigned int i = 0;

	mutex_lock(&rings_lock);
	list_for_each_entry(r, &ns_of(net)->rings, in_ns) {
		if (i++ < *at)
			continue;
		kref_get(&r->ref);
		found = r;
		*at = i;
		break;
	}
	mutex_unlock(&rings_lock);
	return found;
}

/**
 * kvc_rings_generation - changes when a ring comes or goes; never 0
 * @net: where
 */
unsigned int kvc_rings_generation(struct net *net)
{
	return READ_ONCE(ns_of(net)->generation) << 1 | 1;
}

static int add(struct net *net, struct kvc_ringed *r)
{
	struct list_head *rings = &ns_of(net)->rings;
	const char *name = r->ring->config.name;
	struct kvc_ringed *next;

	lockdep_assert_held(&rings_lock);
	if (find(net, name))
		return -EEXIST;
	list_for_each_entry(next, rings, in_ns)
		if (strcmp(next->ring->config.name, name) > 0)
			break;
	list_add_tail_rcu(&r->in_ns, &next->in_ns);
	changed(net);
	return 0;
}

/**
 * kvc_rings_create - create a ring without nodes
 * @net: where
 * @config: its settings
 * @observer: told of its changes; its context is &struct kvc_ringed
 *
 * Context: may sleep.  Return: 0; -EINVAL, -EEXIST, -ENOMEM.
 */
int kvc_rings_create(struct net *net, const struct kvc_ring_config *config,
		     const struct kvc_ring_observer *observer)
{
	struct kvc_ringed *r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	int err;

	if (!r)
		return -ENOMEM;
	mutex_init(&r->control);
	kref_init(&r->ref);
	r->net = net;
	r->ring = kvc_ring_create(config, &r->control, observer, r);
	if (IS_ERR(r->ring)) {
		err = PTR_ERR(r->ring);
		kfree(r);
		return err;
	}
	mutex_lock(&rings_lock);
	err = add(net, r);
	mutex_unlock(&rings_lock);
	if (err)
		kvc_rings_put(r);
	return err;
}

static void unlist(struct kvc_ringed *r)
{
	lockdep_assert_held(&rings_lock);
	WRITE_ONCE(r->dead, true);
	list_del_rcu(&r->in_ns);
	changed(r->net);
}

/**
 * kvc_rings_destroy - destroy a ring
 * @net: where
 * @name: which
 *
 * Context: may sleep.  Return: 0; -ENOENT.
 */
int kvc_rings_destroy(struct net *net, const char *name)
{
	struct kvc_ringed *r;

	mutex_lock(&rings_lock);
	r = find(net, name);
	if (r)
		unlist(r);
	mutex_unlock(&rings_lock);
	if (!r)
		return -ENOENT;
	kvc_rings_put(r);
	return 0;
}

static int __net_init ns_init(struct net *net)
{
	INIT_LIST_HEAD(&ns_of(net)->rings);
	return 0;
}

static void __net_exit ns_exit(struct net *net)
{
	struct kvc_ringed *r;

	while ((r = list_first_entry_or_null(&ns_of(net)->rings,
					     struct kvc_ringed, in_ns))) {
		mutex_lock(&rings_lock);
		unlist(r);
		mutex_unlock(&rings_lock);
		kvc_rings_put(r);
	}
}

static struct pernet_operations rings_ns_ops = {
	.init = ns_init,
	.exit = ns_exit,
	.id = &rings_ns_id,
	.size = sizeof(struct rings_ns),
};

int __init kvc_rings_init(void)
{
	return register_pernet_subsys(&rings_ns_ops);
}

/**
 * kvc_rings_exit - destroy all rings; nobody uses any
 */
void kvc_rings_exit(void)
{
	unregister_pernet_subsys(&rings_ns_ops);
}
