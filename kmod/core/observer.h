/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_OBSERVER_H
#define _KVC_OBSERVER_H

#include <linux/types.h>

struct kvc_entry;

/* Why an entry left the cache without anybody deleting or purging it */
enum kvc_reason {
	KVC_REASON_LIMIT,	/* to make room for another */
	KVC_REASON_LOWERED,	/* the limit was lowered */
	KVC_REASON_PRESSURE,
	KVC_REASON_EXPIRED,
	KVC_REASON_CLEARED,
	KVC_REASONS
};

/**
 * struct kvc_observer - the only way in which the core calls outward
 * @kick: kvc_cache_maintain() should be called in some milliseconds
 * @evict: an entry leaves
 * @migrate: an entry moves to the memtable, or up to the cache tier
 * @bypass: the cache tier is switched off or on; its hit rate, of 1000
 * @resize: a bucket array or the cache tier gets another size
 * @listened: does anybody listen to the cache's events?  Asked of each event
 *	until the answer was yes once.
 * @event: there is a new event, of this number; called while the log is armed,
 *	of events of different shards in any order
 * @flush: a run was sealed or committed, or the cache was killed: who waits for
 *	kvc_flush_progress() or kvc_stream_ready() should look again
 *
 * All but @kick may be NULL.  Context: @kick, @evict, @migrate, @listened and
 * @event may be called under a shard lock or rcu_read_lock(), @flush under a
 * mutex; none may sleep.
 */
struct kvc_observer {
	void (*kick)(void *ctx, unsigned int delay_ms);
	void (*evict)(void *ctx, const struct kvc_entry *e,
		      enum kvc_reason reason);
	void (*migrate)(void *ctx, const struct kvc_entry *e, bool up);
	void (*bypass)(void *ctx, bool off, unsigned int rate);
	void (*resize)(void *ctx, bool tier, u64 from, u64 to);
	bool (*listened)(void *ctx);
	void (*event)(void *ctx, u64 seq);
	void (*flush)(void *ctx);
};

#endif
