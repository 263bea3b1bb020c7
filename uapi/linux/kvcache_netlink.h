/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/kvcache.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_KVCACHE_NETLINK_H
#define _UAPI_LINUX_KVCACHE_NETLINK_H

#define KVC_GENL_NAME		"kvcache"
#define KVC_GENL_VERSION	1

/**
 * enum kvc_policy - Which pair leaves the cache tier when it is full.
 * @KVC_POLICY_DEFAULT: The one that the module takes for the best.
 * @KVC_POLICY_FIFO: The least recently added.
 * @KVC_POLICY_LRU: The least recently used, exactly; a hit takes a lock.
 * @KVC_POLICY_SIEVE: SIEVE (NSDI'24), a hand moves past visited pairs.
 * @KVC_POLICY_S3FIFO: S3-FIFO (SOSP'23), small, main and ghost queue.
 */
enum kvc_policy {
	KVC_POLICY_DEFAULT,
	KVC_POLICY_FIFO,
	KVC_POLICY_LRU,
	KVC_POLICY_SIEVE,
	KVC_POLICY_S3FIFO,
};

/**
 * enum kvc_cache_flags - Flags of a cache.
 * @KVC_CACHE_F_STATIC: The cache tier keeps its size (L8).
 * @KVC_CACHE_F_NOBYPASS: The cache tier is never switched off.
 * @KVC_CACHE_F_NOEVICT: A full cache refuses pairs with ENOSPC.
 * @KVC_CACHE_F_NOEVENTS: The cache keeps no event log.
 * @KVC_CACHE_F_WRITEBEHIND: The cache is the front of a store; fixed at
 *   creation.
 * @KVC_CACHE_F_LOG: Events are logged from the beginning, not since somebody
 *   listens.
 */
enum kvc_cache_flags {
	KVC_CACHE_F_STATIC = 1,
	KVC_CACHE_F_NOBYPASS = 2,
	KVC_CACHE_F_NOEVICT = 4,
	KVC_CACHE_F_NOEVENTS = 8,
	KVC_CACHE_F_WRITEBEHIND = 16,
	KVC_CACHE_F_LOG = 32,
};

/**
 * enum kvc_event_reason - Why what is known of a pair is out of date.
 * @KVC_EVENT_UPDATED: A put or a fill replaced it.
 * @KVC_EVENT_DELETED: It was deleted.
 * @KVC_EVENT_EXPIRED: Its time had come.
 * @KVC_EVENT_EVICTED: The cache needed its room.
 * @KVC_EVENT_PURGED: It was purged; without a key, all pairs were.
 * @KVC_EVENT_FENCED: Nothing kept the cache fresh in time; it has no key.
 */
enum kvc_event_reason {
	KVC_EVENT_UPDATED = 1,
	KVC_EVENT_DELETED,
	KVC_EVENT_EXPIRED,
	KVC_EVENT_EVICTED,
	KVC_EVENT_PURGED,
	KVC_EVENT_FENCED,
};

/**
 * enum kvc_ring_mode - Who of the nodes works.
 * @KVC_RING_ACTIVE: All.
 * @KVC_RING_STANDBY: The first one of an ordered list.
 */
enum kvc_ring_mode {
	KVC_RING_ACTIVE,
	KVC_RING_STANDBY,
};

/**
 * enum kvc_ring_select - How the node for a key is chosen in active mode.
 * @KVC_SELECT_CONSISTENT: The first node in operation clockwise from the hash
 *   of the key.
 * @KVC_SELECT_HASH: The hash of the key modulo the number of nodes.
 * @KVC_SELECT_LOAD: The best rank by capacity, volume and response time.
 */
enum kvc_ring_select {
	KVC_SELECT_CONSISTENT,
	KVC_SELECT_HASH,
	KVC_SELECT_LOAD,
};

/**
 * enum kvc_join - What is known of a node that is added.
 * @KVC_JOIN_UNKNOWN: Nothing. It joins as down and has to be emptied before it
 *   is up.
 * @KVC_JOIN_EMPTY: Its cache is empty. It joins as up.
 * @KVC_JOIN_FOUNDER: All caches are empty, the ring was not used yet. It joins
 *   as up.
 * @KVC_JOIN_SERVING: It serves in this ring already and missed no purge. It
 *   joins as up.
 */
enum kvc_join {
	KVC_JOIN_UNKNOWN,
	KVC_JOIN_EMPTY,
	KVC_JOIN_FOUNDER,
	KVC_JOIN_SERVING,
};

/**
 * enum kvc_node_status - Whether a node is routed to.
 * @KVC_NODE_UP: It is.
 * @KVC_NODE_DOWN: It is not, and does not answer.
 * @KVC_NODE_DRAINING: It is not, but answers, and its deferrals are carried
 *   out.
 */
enum kvc_node_status {
	KVC_NODE_UP,
	KVC_NODE_DOWN,
	KVC_NODE_DRAINING,
};

/**
 * enum kvc_purge_action - What a purge does on a node.
 * @KVC_PURGE_SEND: Tell it to remove the key.
 * @KVC_PURGE_DEFER: Record that it has to, before it is up again.
 * @KVC_PURGE_NONE: Nothing any more.
 */
enum kvc_purge_action {
	KVC_PURGE_SEND,
	KVC_PURGE_DEFER,
	KVC_PURGE_NONE,
};

/**
 * enum kvc_ring_event_type - What happened to a ring.
 * @KVC_RING_ADDED: A node was added.
 * @KVC_RING_REMOVED: A node was removed.
 * @KVC_RING_POINTS: A node got other points.
 * @KVC_RING_STATUS: A node has another status.
 * @KVC_RING_TAGGED: A node is not routed to until its tag ends.
 * @KVC_RING_UNTAGGED: A node is routed to again.
 * @KVC_RING_FLUSH: A node must be emptied before it is up again.
 * @KVC_RING_CREATED: The ring was created.
 * @KVC_RING_DESTROYED: The ring was destroyed.
 * @KVC_RING_CHANGED: Its settings were changed.
 */
enum kvc_ring_event_type {
	KVC_RING_ADDED,
	KVC_RING_REMOVED,
	KVC_RING_POINTS,
	KVC_RING_STATUS,
	KVC_RING_TAGGED,
	KVC_RING_UNTAGGED,
	KVC_RING_FLUSH,
	KVC_RING_CREATED,
	KVC_RING_DESTROYED,
	KVC_RING_CHANGED,
};

enum {
	KVC_A_CACHE_PAD = 1,
	KVC_A_CACHE_NAME,
	KVC_A_CACHE_UID,
	KVC_A_CACHE_GID,
	KVC_A_CACHE_MODE,
	KVC_A_CACHE_POLICY,
	KVC_A_CACHE_FLAGS,
	KVC_A_CACHE_KEY_MAX,
	KVC_A_CACHE_VALUE_MAX,
	KVC_A_CACHE_WINDOW,
	KVC_A_CACHE_BYPASS_OFF,
	KVC_A_CACHE_BYPASS_ON,
	KVC_A_CACHE_GROW,
	KVC_A_CACHE_EVENTS,
	KVC_A_CACHE_LIMIT,
	KVC_A_CACHE_TIER,
	KVC_A_CACHE_TIER_MIN,
	KVC_A_CACHE_TIER_MAX,
	KVC_A_CACHE_MEMTABLE,
	KVC_A_CACHE_RUNS,
	KVC_A_CACHE_FLUSH_MS,

	__KVC_A_CACHE_MAX
};
#define KVC_A_CACHE_MAX (__KVC_A_CACHE_MAX - 1)

enum {
	KVC_A_STATS_PAD = 1,
	KVC_A_STATS_NAME,
	KVC_A_STATS_GETS,
	KVC_A_STATS_HITS_TIER,
	KVC_A_STATS_HITS_MEMTABLE,
	KVC_A_STATS_MISSES,
	KVC_A_STATS_PUTS,
	KVC_A_STATS_UPDATES_TIER,
	KVC_A_STATS_UPDATES_MEMTABLE,
	KVC_A_STATS_DELETES,
	KVC_A_STATS_TOUCHES,
	KVC_A_STATS_REFUSED,
	KVC_A_STATS_MIGRATED,
	KVC_A_STATS_PROMOTED,
	KVC_A_STATS_EVICTED_LIMIT,
	KVC_A_STATS_EVICTED_PRESSURE,
	KVC_A_STATS_EXPIRED,
	KVC_A_STATS_CLEARED,
	KVC_A_STATS_PURGED,
	KVC_A_STATS_FENCED,
	KVC_A_STATS_BYPASS_SWITCHES,
	KVC_A_STATS_TIER_RESIZES,
	KVC_A_STATS_INDEX_RESIZES,
	KVC_A_STATS_ENTRIES_TIER,
	KVC_A_STATS_ENTRIES_MEMTABLE,
	KVC_A_STATS_BYTES_TIER,
	KVC_A_STATS_BYTES_MEMTABLE,
	KVC_A_STATS_BYTES_INDEX,
	KVC_A_STATS_BYTES_DEFERRED,
	KVC_A_STATS_LIMIT,
	KVC_A_STATS_TIER_TARGET,
	KVC_A_STATS_EVENTS,
	KVC_A_STATS_BYTES_EVENTS,
	KVC_A_STATS_DIRTY_ENTRIES,
	KVC_A_STATS_DIRTY_BYTES,
	KVC_A_STATS_RUNS_SEALED,
	KVC_A_STATS_RUNS_COMMITTED,
	KVC_A_STATS_RECORDS_FLUSHED,
	KVC_A_STATS_FLUSH_WAITS,
	KVC_A_STATS_DIRTY_MS,
	KVC_A_STATS_SHARDS,
	KVC_A_STATS_BYPASS,
	KVC_A_STATS_RUNS_WAITING,
	KVC_A_STATS_FLUSHER,
	KVC_A_STATS_FLUSH_ERROR,

	__KVC_A_STATS_MAX
};
#define KVC_A_STATS_MAX (__KVC_A_STATS_MAX - 1)

enum {
	KVC_A_EVENT_PAD = 1,
	KVC_A_EVENT_SEQ,
	KVC_A_EVENT_REASON,
	KVC_A_EVENT_KEY,
	KVC_A_EVENT_VERSION,
	KVC_A_EVENT_LOST,

	__KVC_A_EVENT_MAX
};
#define KVC_A_EVENT_MAX (__KVC_A_EVENT_MAX - 1)

enum {
	KVC_A_RING_PAD = 1,
	KVC_A_RING_NAME,
	KVC_A_RING_MODE,
	KVC_A_RING_SELECT,
	KVC_A_RING_POINTS,
	KVC_A_RING_THRESHOLD,
	KVC_A_RING_RISE,
	KVC_A_RING_VALIDITY,
	KVC_A_RING_DEFER_MAX,
	KVC_A_RING_SELF,
	KVC_A_RING_NODES,
	KVC_A_RING_GENERATION,

	__KVC_A_RING_MAX
};
#define KVC_A_RING_MAX (__KVC_A_RING_MAX - 1)

enum {
	KVC_A_NODE_PAD = 1,
	KVC_A_NODE_ID,
	KVC_A_NODE_NAME,
	KVC_A_NODE_ADDRESS,
	KVC_A_NODE_JOIN,
	KVC_A_NODE_STATUS,
	KVC_A_NODE_WEIGHT,
	KVC_A_NODE_POINTS,
	KVC_A_NODE_POINT,
	KVC_A_NODE_ORDER,
	KVC_A_NODE_CAPACITY,
	KVC_A_NODE_VOLUME,
	KVC_A_NODE_RESPONSE,
	KVC_A_NODE_INSTANCES,
	KVC_A_NODE_FAILURES,
	KVC_A_NODE_TAG_LEFT,
	KVC_A_NODE_AGE,
	KVC_A_NODE_DEFERRALS,
	KVC_A_NODE_FLUSH,

	__KVC_A_NODE_MAX
};
#define KVC_A_NODE_MAX (__KVC_A_NODE_MAX - 1)

enum {
	KVC_A_STEP_PAD = 1,
	KVC_A_STEP_NODE,
	KVC_A_STEP_NAME,
	KVC_A_STEP_ADDRESS,
	KVC_A_STEP_ACTION,

	__KVC_A_STEP_MAX
};
#define KVC_A_STEP_MAX (__KVC_A_STEP_MAX - 1)

enum {
	KVC_A_DEFERRAL_PAD = 1,
	KVC_A_DEFERRAL_NODE,
	KVC_A_DEFERRAL_KEY,
	KVC_A_DEFERRAL_SEQ,
	KVC_A_DEFERRAL_LEFT,

	__KVC_A_DEFERRAL_MAX
};
#define KVC_A_DEFERRAL_MAX (__KVC_A_DEFERRAL_MAX - 1)

enum {
	KVC_A_PAD = 1,
	KVC_A_CACHE,
	KVC_A_STATS,
	KVC_A_EVENT,
	KVC_A_RING,
	KVC_A_NODE,
	KVC_A_STEP,
	KVC_A_DEFERRAL,
	KVC_A_CHANGE,
	KVC_A_KEY,
	KVC_A_HASH,
	KVC_A_SINCE,
	KVC_A_REVISION,
	KVC_A_FENCE,
	KVC_A_LIFETIME,
	KVC_A_SUCCESS,
	KVC_A_PREFIX,
	KVC_A_DISCARD_DIRTY,
	KVC_A_DRY_RUN,
	KVC_A_COUNT,

	__KVC_A_MAX
};
#define KVC_A_MAX (__KVC_A_MAX - 1)

enum {
	KVC_CMD_UNSPEC,
	KVC_CMD_CACHE_NEW,
	KVC_CMD_CACHE_DEL,
	KVC_CMD_CACHE_SET,
	KVC_CMD_CACHE_GET,
	KVC_CMD_STATS_GET,
	KVC_CMD_FENCE_SET,
	KVC_CMD_PURGE,
	KVC_CMD_EVENT_GET,
	KVC_CMD_SUBSCRIBE,
	KVC_CMD_EVENT_NTF,
	KVC_CMD_RING_NEW,
	KVC_CMD_RING_DEL,
	KVC_CMD_RING_SET,
	KVC_CMD_RING_GET,
	KVC_CMD_RING_NTF,
	KVC_CMD_NODE_NEW,
	KVC_CMD_NODE_DEL,
	KVC_CMD_NODE_SET,
	KVC_CMD_NODE_GET,
	KVC_CMD_NODE_REPORT,
	KVC_CMD_ROUTE,
	KVC_CMD_PLAN,
	KVC_CMD_DEFERRAL_NEW,
	KVC_CMD_DEFERRAL_DEL,
	KVC_CMD_DEFERRAL_GET,
	KVC_CMD_FLUSH_NTF,

	__KVC_CMD_MAX
};
#define KVC_CMD_MAX (__KVC_CMD_MAX - 1)

#define KVCACHE_MCGRP_INVALIDATE	"invalidate"
#define KVCACHE_MCGRP_RING		"ring"
#define KVCACHE_MCGRP_FLUSH		"flush"

#endif /* _UAPI_LINUX_KVCACHE_NETLINK_H */
