/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_NODE_H
#define _KVC_NODE_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <uapi/linux/kvcache.h>
#include <uapi/linux/kvcache_netlink.h>

/* Bytes of an address with its closing NUL: host:port or a unix path */
#define KVC_ADDRESS_MAX		256
#define KVC_WEIGHT_ONE		100u
#define KVC_WEIGHT_MAX		10000u
/* The most points of one node */
#define KVC_NODE_POINTS_MAX	65536u

/* A stamp of what never happened; all others are ns of CLOCK_BOOTTIME. */
#define KVC_STAMP_NEVER		(~0ULL)

/**
 * struct kvc_load - the figures of dynamic load selection
 * @capacity: W, an index of what the node can do
 * @volume: C, how much it caches now
 * @response: R, its response time
 */
struct kvc_load {
	u64 capacity;
	u64 volume;
	u64 response;
};

/**
 * struct kvc_node_spec - a node as it is asked for
 * @name: of the operator's choice, by the rules of cache names
 * @address: where the server is; its hash gives the points
 * @weight: 1 to %KVC_WEIGHT_MAX; 0: %KVC_WEIGHT_ONE
 * @points: how many at %KVC_WEIGHT_ONE, up to %KVC_NODE_POINTS_MAX; 0: as the
 *	ring has it
 * @point: the points themselves, @points of them, or NULL to compute them;
 *	the weight then changes nothing
 * @instances: cache instances that the node consists of; 0: 1
 * @join: what is known of it
 */
struct kvc_node_spec {
	const char *name;
	const char *address;
	u32 weight;
	u32 points;
	const u32 *point;
	u32 instances;
	enum kvc_join join;
};

/**
 * struct kvc_deferred - what a node has to forget before it serves again
 * @by_key: struct kvc_deferral
 * @by_expiry: the same ones
 * @count: of them
 * @bytes: that they take
 * @flush: they were too many, or are not known: it has to forget everything
 * @flush_until: when nothing is left to be flushed
 * @flush_seq: which of the reasons for a flush was the last
 */
struct kvc_deferred {
	struct rb_root by_key;
	struct rb_root by_expiry;
	u32 count;
	bool flush;
	u64 bytes;
	u64 flush_until;
	u64 flush_seq;
};

/**
 * struct kvc_node - a server of a ring and its line of the status table
 * @id: never used again; 1 and up
 * @index: in the newest table
 * @name: does not change, nor does @address
 * @address: see &struct kvc_node_spec
 * @name_hash: to compare names quickly, as does @address_hash
 * @address_hash: see there
 * @weight: see &struct kvc_node_spec
 * @points: in the newest table
 * @instances: see &struct kvc_node_spec
 * @seq: changes with what follows, up to @tag_until
 * @status: as it was set
 * @tagged: there is a tag, which counts until @tag_until
 * @since: when it last went into or out of operation
 * @shaken: when requests may last have passed it by, though it was in
 *	operation: it got points, or a failure was reported
 * @lost: when it last lost points to others
 * @tag_until: see @tagged
 * @failures: without a success in between
 * @successes: while tagged, without a failure in between
 * @order: place in a standby ring: the smallest is the master
 * @load: see &struct kvc_load
 * @tags: place among the tagged ones
 * @deferred: see &struct kvc_deferred; nothing when @status is up
 *
 * A node is in operation when it is up and has no tag.  What changes does so
 * under the ring's lock; single words are read without.
 */
struct kvc_node {
	u32 id;
	u32 index;
	char name[KVC_NAME_MAX];
	char address[KVC_ADDRESS_MAX];
	u32 name_hash;
	u32 address_hash;
	u32 weight;
	u32 points;
	u32 instances;
	seqcount_spinlock_t seq;
	u8 status;
	bool tagged;
	u64 since;
	u64 shaken;
	u64 lost;
	u64 tag_until;
	u32 failures;
	u32 successes;
	u64 order;
	struct kvc_load load;
	struct list_head tags;
	struct kvc_deferred deferred;
};

/**
 * struct kvc_node_view - a node's line of the status table at one moment
 * @status: see &struct kvc_node, as are the others
 * @tagged: and the tag still counts
 * @since: see there
 * @shaken: see there
 * @lost: see there
 */
struct kvc_node_view {
	enum kvc_node_status status;
	bool tagged;
	u64 since;
	u64 shaken;
	u64 lost;
};

struct kvc_node *kvc_node_alloc(const struct kvc_node_spec *spec,
				spinlock_t *lock);
void kvc_node_free(struct kvc_node *n);
void kvc_node_read(const struct kvc_node *n, u64 now, struct kvc_node_view *v);
bool kvc_stamp_longer(u64 stamp, u64 now, u64 known, u64 expiry);

/* The caller holds the ring's lock, or looks at one moment's answer only. */
static inline bool kvc_node_in_operation(const struct kvc_node *n)
{
	return READ_ONCE(n->status) == KVC_NODE_UP && !READ_ONCE(n->tagged);
}

/* A time from now on, U64_MAX when the clock never gets there */
static inline u64 kvc_deadline(u64 now, u64 span)
{
	return span > ~0ULL - now ? ~0ULL : now + span;
}

#endif
