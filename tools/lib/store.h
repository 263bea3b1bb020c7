/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_STORE_H
#define KVC_STORE_H

#include <pthread.h>
#include <stdint.h>

#include "conn.h"

struct kvc;

/* Requests that kvc_store_ask() takes at a time. */
#define KVC_STORE_ASKS	32

#define KVC_STORE_PATH_MAX	108

/* Why kvcd was of no use. */
enum kvc_store_why {
	KVC_STORE_FINE,
	KVC_STORE_ABSENT,	/* cannot connect, with an errno */
	KVC_STORE_REFUSED,	/* it does not want the cache, with an errno */
	KVC_STORE_LOST,		/* it closed the connection */
	KVC_STORE_SLOW,
	KVC_STORE_NONSENSE,
};

/**
 * struct kvc_store - how the store daemon is reached
 * @lock: for @idle, @why and @err
 * @idle: connections that nobody uses; who needs one takes it, or makes one
 * @idle_count: how many
 * @path: of the socket; empty: the default
 * @timeout: ns that an answer may take
 * @why: it was of no use the last time
 * @err: the errno that goes with it
 */
struct kvc_store {
	pthread_mutex_t lock;
	struct kvc_conn *idle;
	unsigned int idle_count;
	char path[KVC_STORE_PATH_MAX];
	uint64_t timeout;
	enum kvc_store_why why;
	int err;
};

void kvc_store_init(struct kvc_store *store);
void kvc_store_exit(struct kvc_store *store);

/*
 * Asks on a connection that is attached to the handle's cache.  One that was
 * lost is made anew, once.  0: all were answered; else what the header says of
 * the store, and those that were answered have their results all the same.
 */
int kvc_store_ask(struct kvc *kvc, struct kvc_ask *asks, size_t count);

/* One request on a connection of its own, which is attached to no cache. */
int kvc_store_ask_bare(struct kvc *kvc, struct kvc_ask *ask);

/* An answer was well-framed, but has no sense: -EPROTO, and notes that. */
int kvc_store_nonsense(struct kvc *kvc);

#endif /* KVC_STORE_H */
