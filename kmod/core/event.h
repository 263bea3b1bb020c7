/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_EVENT_H
#define _KVC_EVENT_H

#include <linux/kernel.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <uapi/linux/kvcache.h>
#include <uapi/linux/kvcache_netlink.h>

/**
 * struct kvc_event - that something which may have been read holds no more
 * @seq: its number in the cache: 1, 2, and so on, without a gap
 * @version: UPDATED: of the new pair.  DELETED, EXPIRED, EVICTED: of the pair
 *	that left.  PURGED: what is older is refused from now on (P16).  0 when
 *	there is no key.
 * @key_len: bytes of the key, which follows this struct; 0: of all keys
 * @reason: &enum kvc_event_reason
 *
 * In the log and in the buffers of readers alike; the next one begins
 * kvc_event_bytes() later.
 */
struct kvc_event {
	u64 seq;
	u64 version;
	u32 key_len;
	u32 reason;
};

/* A buffer of this size has room for any event. */
#define KVC_EVENT_MAX	(sizeof(struct kvc_event) + KVC_KEY_MAX)

/**
 * struct kvc_event_log - the last events of a cache
 * @lock: covers the rest.  Innermost, taken under shard locks too; nothing
 *	sleeps, allocates or calls outward under it.
 * @ring: the events, one after the other, the oldest overwritten first
 * @marks: where the event is that has number n * %KVC_EVENT_MARK
 * @size: bytes of @ring, 0: no events are written
 * @mark_mask: number of marks minus 1, which is a power of two
 * @tail: where the oldest event is
 * @used: bytes of all events
 * @oldest: number of the oldest event, or @next when there is none
 * @next: number that the next event gets
 * @armed: the observer is to be told of each event
 * @heard: somebody has listened, from when on events are written; never
 *	cleared, read without the lock
 */
struct kvc_event_log {
	spinlock_t lock;
	u8 *ring;
	u32 *marks;
	u32 size;
	u32 mark_mask;
	u32 tail;
	u32 used;
	u64 oldest;
	u64 next;
	bool armed;
	bool heard;
};

static inline size_t kvc_event_bytes(u32 key_len)
{
	return ALIGN(sizeof(struct kvc_event) + key_len, 8);
}

static inline const u8 *kvc_event_key(const struct kvc_event *ev)
{
	return (const u8 *)(ev + 1);
}

int kvc_event_init(struct kvc_event_log *log, u32 bytes);
void kvc_event_exit(struct kvc_event_log *log);
u64 kvc_event_add(struct kvc_event_log *log, enum kvc_event_reason reason,
		  u64 version, const void *key, u32 key_len);
long kvc_event_read(struct kvc_event_log *log, u64 *seq, void *buf, size_t size,
		    u64 *lost);
bool kvc_event_arm(struct kvc_event_log *log, u64 seen);
bool kvc_event_disarm(struct kvc_event_log *log);
u64 kvc_event_range(struct kvc_event_log *log, u64 *oldest);
size_t kvc_event_log_bytes(const struct kvc_event_log *log);

#endif
