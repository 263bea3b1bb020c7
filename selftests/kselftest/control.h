/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Caches as the control plane knows them
 *
 * The caches are those of the caller's network namespace.  Functions return 0
 * and a negative errno on failure.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include <linux/kvcache.h>
#include <linux/kvcache_netlink.h>

/* A cache's settings; the kernel knows no such struct. */
struct kvc_config {
	char name[KVC_NAME_MAX];
	__u32 uid;
	__u32 gid;
	__u32 mode;
	__u32 policy;
	__u32 flags;
	__u32 key_max;
	__u32 value_max;
	__u32 window;
	__u32 bypass_off;
	__u32 bypass_on;
	__u32 grow;
	__u32 events;
	__u64 limit;
	__u64 tier;
	__u64 tier_min;
	__u64 tier_max;
};

struct kvc_stats {
	__u64 gets;
	__u64 hits_tier;
	__u64 hits_memtable;
	__u64 misses;
	__u64 puts;
	__u64 updates_tier;
	__u64 updates_memtable;
	__u64 deletes;
	__u64 touches;
	__u64 refused;
	__u64 migrated;
	__u64 promoted;
	__u64 evicted_limit;
	__u64 evicted_pressure;
	__u64 expired;
	__u64 cleared;
	__u64 purged;
	__u64 fenced;
	__u64 bypass_switches;
	__u64 tier_resizes;
	__u64 index_resizes;
	__u64 entries_tier;
	__u64 entries_memtable;
	__u64 bytes_tier;
	__u64 bytes_memtable;
	__u64 bytes_index;
	__u64 bytes_deferred;
	__u64 limit;
	__u64 tier_target;
	__u64 events;
	__u64 bytes_events;
	__u64 shards;
	__u64 bypass;
};

/* Which settings a change is about. */
#define KVC_GIVEN(attr)	(1u << KVC_A_CACHE_##attr)
#define KVC_SET_OWNER	(KVC_GIVEN(UID) | KVC_GIVEN(GID))
#define KVC_SET_MODE	KVC_GIVEN(MODE)
#define KVC_SET_SIZE	(KVC_GIVEN(LIMIT) | KVC_GIVEN(TIER) | \
			 KVC_GIVEN(TIER_MIN) | KVC_GIVEN(TIER_MAX))
#define KVC_SET_ADAPT	(KVC_GIVEN(WINDOW) | KVC_GIVEN(BYPASS_OFF) | \
			 KVC_GIVEN(BYPASS_ON) | KVC_GIVEN(GROW) | \
			 KVC_GIVEN(FLAGS))

void kvc_config_init(struct kvc_config *config, const char *name, __u64 limit);

/*
 * By a socket that is open.  What is said of a new cache is everything; an id
 * of -1 is left out, and makes the caller the owner.
 */
int kvc_nl_create(int nl, const struct kvc_config *config);
int kvc_nl_destroy(int nl, const char *name);
int kvc_nl_set(int nl, __u32 given, const struct kvc_config *config);
int kvc_nl_stats(int nl, const char *name, struct kvc_stats *stats);

/*
 * By a socket of their own.  The device's file stands for nothing in these but
 * in kvc_stats(), where it says which cache.
 */
int kvc_create(int fd, const struct kvc_config *config);
int kvc_destroy(int fd, const char *name);
int kvc_set(int fd, __u32 given, const struct kvc_config *config);
int kvc_stats(int fd, struct kvc_stats *stats);
int kvc_stats_of(const char *name, struct kvc_stats *stats);
int kvc_show(const char *name, struct kvc_config *config);
/* Calls with each cache in the order of the kernel's list; how many. */
int kvc_list(void (*each)(void *arg, const struct kvc_config *config),
	     void *arg);

#endif /* CONTROL_H */
