/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_RINGS_H
#define _KVC_RINGS_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <net/net_namespace.h>
#include "core/ring.h"

/**
 * struct kvc_ringed - a ring of a network namespace
 * @ring: the ring
 * @control: held when its nodes, points or settings change
 * @in_ns: list of its namespace's rings, in the order of names; read under RCU
 * @ref: one of the list, one of each user
 * @net: its network namespace, not referenced: the ring dies before it
 * @dead: destroyed; nothing is told of it any more
 *
 * rings_lock covers the lists.  It is taken before @control.
 */
struct kvc_ringed {
	struct kvc_ring *ring;
	struct mutex control;
	struct list_head in_ns;
	struct kref ref;
	struct net *net;
	bool dead;
};

int kvc_rings_create(struct net *net, const struct kvc_ring_config *config,
		     const struct kvc_ring_observer *observer);
int kvc_rings_destroy(struct net *net, const char *name);
struct kvc_ringed *kvc_rings_get(struct net *net, const char *name);
struct kvc_ringed *kvc_rings_next(struct net *net, unsigned int *at);
void kvc_rings_put(struct kvc_ringed *r);
unsigned int kvc_rings_generation(struct net *net);

int kvc_rings_init(void);
void kvc_rings_exit(void);

#endif
