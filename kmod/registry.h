/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_REGISTRY_H
#define _KVC_REGISTRY_H

#include <linux/atomic.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/percpu-rwsem.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include "core/cache.h"

/**
 * struct kvc_feed - who listens to a cache's events, in feed.c
 * @work: sends them
 * @next: number of the first event that was not sent, while @work is queued or
 *	runs
 * @unheard: number of an event that needs not be sent, nor do those before it
 * @open: events may be sent
 * @subs: how many sockets get them, beside those of the group
 * @list: these
 * @in_all: list of all feeds
 */
struct kvc_feed {
	struct work_struct work;
	u64 next;
	u64 unheard;
	bool open;
	unsigned int subs;
	struct list_head list;
	struct list_head in_all;
};

/**
 * struct kvc_behind - what a write-behind cache has more, in flush.c and wait.c
 * @gate: writes are tried under it for reading.  Who destroys the cache takes
 *	it for writing, so that none is acknowledged after the look at whether
 *	there is dirty data.
 * @wait: who waits for a run, a commit or the end
 * @changes: what may let readers and fsync() go on; grows before @wait is woken
 * @grown: how often the limit was changed, which may let writes go on
 * @fails: errors that flushers told
 * @error: errno of the last one; 0: none since the last commit
 * @taken: somebody has the stream file open
 * @traced: the newest run of which a trace event told
 */
struct kvc_behind {
	struct percpu_rw_semaphore gate;
	wait_queue_head_t wait;
	atomic_t changes;
	atomic_t grown;
	unsigned int fails;
	int error;
	atomic_t taken;
	u64 traced;
};

/**
 * struct kvc_instance - a cache with its name and owner
 * @cache: the cache
 * @in_ns: list of its namespace's caches, in the order of names
 * @in_all: list of all caches, read under RCU
 * @ref: one of the lists, one of each attached file
 * @uid: owner
 * @gid: group
 * @mode: permission bits
 * @net: its network namespace, not referenced: the cache dies before it
 * @work: maintenance of @cache
 * @dead: destroyed; files that are attached get ESHUTDOWN
 * @debugfs: its file there
 * @feed: see &struct kvc_feed
 * @behind: see &struct kvc_behind; NULL: not a write-behind cache
 *
 * kvc_registry_lock covers the lists, owner, mode and settings.  It is taken
 * before any shard lock and may be held over allocations; the shrinker, which
 * may run inside of one, does not take it.
 */
struct kvc_instance {
	struct kvc_cache *cache;
	struct list_head in_ns;
	struct list_head in_all;
	struct kref ref;
	kuid_t uid;
	kgid_t gid;
	umode_t mode;
	struct net *net;
	struct delayed_work work;
	bool dead;
	struct dentry *debugfs;
	struct kvc_feed feed;
	struct kvc_behind *behind;
};

/**
 * struct kvc_who - who asks for something
 * @uid: has the rights of an owner; may be invalid
 * @admin: has CAP_NET_ADMIN over the network namespace
 * @any: has CAP_DAC_OVERRIDE over it
 */
struct kvc_who {
	kuid_t uid;
	bool admin;
	bool any;
};

/**
 * struct kvc_registry_watch - told of caches that come and go
 * @added: a cache was created
 * @removed: it was destroyed
 * @released: nobody uses it any more; last call, also for one that never was
 *	added; may be NULL
 *
 * Context: may sleep; the first two under kvc_registry_lock.
 */
struct kvc_registry_watch {
	void (*added)(struct kvc_instance *inst);
	void (*removed)(struct kvc_instance *inst);
	void (*released)(struct kvc_instance *inst);
};

int kvc_registry_init(const struct kvc_registry_watch *const *watches,
		      const struct kvc_observer *observer);
void kvc_registry_exit(void);

int kvc_registry_create(struct net *net, struct kvc_config *config);
int kvc_registry_destroy(struct net *net, const struct kvc_who *who,
			 const char *name, bool discard, u64 *dirty);
int kvc_registry_set(struct net *net, const struct kvc_who *who, u32 given,
		     struct kvc_config *config);
void kvc_registry_describe(struct kvc_instance *inst,
			   struct kvc_config *config);
struct kvc_instance *kvc_registry_next(struct net *net,
				       const struct kvc_who *who,
				       unsigned int *at);
unsigned int kvc_registry_generation(struct net *net);
struct kvc_instance *kvc_registry_get(struct net *net,
				      const struct kvc_who *who,
				      const char *name, unsigned int access);
struct kvc_instance *kvc_registry_get_to_control(struct net *net,
						 const struct kvc_who *who,
						 const char *name);
unsigned long kvc_registry_entries(void);
unsigned long kvc_registry_shrink(unsigned long entries);

/* One cache, in instance.c */
struct kvc_instance *kvc_instance_new(struct net *net,
				      const struct kvc_config *config);
int kvc_instance_init(const struct kvc_registry_watch *const *watches,
		      const struct kvc_observer *observer);
void kvc_instance_exit(void);
void kvc_instance_wake(struct kvc_instance *inst);
void kvc_registry_put(struct kvc_instance *inst);
void kvc_registry_kick(void *ctx, unsigned int delay_ms);

/* Accesses, as in a file's mode */
#define KVC_ACCESS_READ		4u
#define KVC_ACCESS_WRITE	2u

#endif
