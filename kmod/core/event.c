// SPDX-License-Identifier: GPL-2.0-only
/*
 * A cache's numbered events and the log from which they can be read again
 *
 * The log is a ring of bytes that is allocated with the cache.  Writing an
 * event allocates nothing and waits for nobody: what has no room any more is
 * lost to a reader that comes too late, and the reader is told how much.
 */
#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "event.h"

/* The place of every so many events is kept, so that none is far from one. */
#define KVC_EVENT_MARK	64
/* Bytes, and one event, that a reader copies under one hold of the lock */
#define KVC_EVENT_STEP	4096
#define KVC_EVENT_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/**
 * kvc_event_init - make an empty log
 * @log: zeroed
 * @bytes: of its ring, 0: no events are written
 *
 * Context: may sleep.  Return: 0 or -ENOMEM; kvc_event_exit() either way.
 */
int kvc_event_init(struct kvc_event_log *log, u32 bytes)
{
	u32 marks = roundup_pow_of_two(bytes / (KVC_EVENT_MARK *
						sizeof(struct kvc_event)) + 2);

	spin_lock_init(&log->lock);
	log->oldest = 1;
	log->next = 1;
	if (!bytes)
		return 0;
	log->ring = kvmalloc(bytes, KVC_EVENT_GFP);
	log->marks = kvmalloc_array(marks, sizeof(*log->marks), KVC_EVENT_GFP);
	if (!log->ring || !log->marks)
		return -ENOMEM;
	log->mark_mask = marks - 1;
	log->size = bytes;
	return 0;
}

/**
 * kvc_event_exit - free a log that nobody uses any more
 * @log: the log; one that was never initialised is all zero
 */
void kvc_event_exit(struct kvc_event_log *log)
{
	kvfree(log->ring);
	kvfree(log->marks);
}

static u32 ring_after(const struct kvc_event_log *log, u32 at, u32 bytes)
{
	at += bytes;
	return at < log->size ? at : at - log->size;
}

static u32 ring_write(struct kvc_event_log *log, u32 at, const void *from,
		      u32 bytes)
{
	u32 first = min(bytes, log->size - at);

	memcpy(log->ring + at, from, first);
	memcpy(log->ring, from + first, bytes - first);
	return ring_after(log, at, bytes);
}

static u32 ring_read(const struct kvc_event_log *log, u32 at, void *to,
		     u32 bytes)
{
	u32 first = min(bytes, log->size - at);

	memcpy(to, log->ring + at, first);
	memcpy(to + first, log->ring, bytes - first);
	return ring_after(log, at, bytes);
}

/* Bytes of the event at a place of the ring */
static u32 bytes_at(const struct kvc_event_log *log, u32 at)
{
	struct kvc_event ev;

	ring_read(log, at, &ev, sizeof(ev));
	return kvc_event_bytes(ev.key_len);
}

/* At most as many events go as the largest one takes the room of. */
static void make_room(struct kvc_event_log *log, u32 bytes)
{
	u32 gone;

	while (log->used && log->size - log->used < bytes) {
		gone = bytes_at(log, log->tail);
		log->tail = ring_after(log, log->tail, gone);
		log->used -= gone;
		log->oldest++;
	}
}

static void append(struct kvc_event_log *log, const struct kvc_event *ev,
		   const void *key)
{
	static const u8 zeros[8];
	u32 at = ring_after(log, log->tail, log->used);
	u32 bytes = kvc_event_bytes(ev->key_len);

	if (ev->seq % KVC_EVENT_MARK == 0)
		log->marks[ev->seq / KVC_EVENT_MARK & log->mark_mask] = at;
	at = ring_write(log, at, ev, sizeof(*ev));
	at = ring_write(log, at, key, ev->key_len);
	ring_write(log, at, zeros, bytes - sizeof(*ev) - ev->key_len);
	log->used += bytes;
}

/**
 * kvc_event_add - write an event
 * @log: the log
 * @reason: what happened
 * @version: see &struct kvc_event
 * @key: the key, may be NULL when it is empty
 * @key_len: its length
 *
 * One that is larger than the whole log has a number too, and is lost.
 *
 * Context: any lock but this one may be held; bounded, never sleeps.  Return:
 * the event's number when the log is armed, so that the observer is to be told;
 * else 0.
 */
u64 kvc_event_add(struct kvc_event_log *log, enum kvc_event_reason reason,
		  u64 version, const void *key, u32 key_len)
{
	struct kvc_event ev = {
		.version = version,
		.key_len = key_len,
		.reason = reason,
	};
	u32 bytes = kvc_event_bytes(key_len);
	bool armed;

	if (!log->size)
		return 0;
	spin_lock(&log->lock);
	make_room(log, bytes);
	ev.seq = log->next++;
	if (bytes <= log->size)
		append(log, &ev, key);
	else
		log->oldest = log->next;
	armed = log->armed;
	spin_unlock(&log->lock);
	return armed ? ev.seq : 0;
}

/* Where an event is that the log has: less than KVC_EVENT_MARK steps away */
static u32 place_of(const struct kvc_event_log *log, u64 seq)
{
	u64 from = seq - seq % KVC_EVENT_MARK;
	u32 at = log->tail;

	if (from >= log->oldest)
		at = log->marks[from / KVC_EVENT_MARK & log->mark_mask];
	else
		from = log->oldest;
	for (; from < seq; from++)
		at = ring_after(log, at, bytes_at(log, at));
	return at;
}

/* Returns the bytes copied: 0 when there is no such event, or no room. */
static size_t read_some(struct kvc_event_log *log, u64 *seq, void *buf,
			size_t room)
{
	size_t done = 0;
	u32 at, bytes;

	lockdep_assert_held(&log->lock);
	if (*seq < log->oldest || *seq >= log->next)
		return 0;
	at = place_of(log, *seq);
	while (*seq < log->next && done < KVC_EVENT_STEP) {
		bytes = bytes_at(log, at);
		if (bytes > room - done)
			break;
		at = ring_read(log, at, buf + done, bytes);
		done += bytes;
		++*seq;
	}
	return done;
}

/* The first hold of the lock, which tells what was lost */
static long read_begin(struct kvc_event_log *log, u64 *seq, void *buf,
		       size_t size, u64 *lost)
{
	long done = -EINVAL;

	spin_lock(&log->lock);
	if (!*seq || *seq > log->next)
		goto out;
	if (*seq < log->oldest) {
		*lost = log->oldest - *seq;
		*seq = log->oldest;
	}
	done = read_some(log, seq, buf, size);
out:
	spin_unlock(&log->lock);
	return done;
}

/**
 * kvc_event_read - copy events out
 * @log: the log
 * @seq: number of the first event wanted, 1 or more; afterwards of the first
 *	that has not been read
 * @buf: gets &struct kvc_event with their keys, aligned to 8 bytes
 * @size: bytes there, at least %KVC_EVENT_MAX
 * @lost: gets how many events, from @seq on, the log has no more; what is
 *	copied begins after them
 *
 * A call copies no event that follows a gap, but for the one it tells of.  It
 * keeps writers waiting for a bounded copy at a time.
 *
 * Return: bytes copied, 0: nothing new; -EINVAL: there cannot be a reader at
 * this number, no event has the one before it yet; -ERANGE: @size is too
 * small; -EOPNOTSUPP: the cache has no log.
 */
long kvc_event_read(struct kvc_event_log *log, u64 *seq, void *buf, size_t size,
		    u64 *lost)
{
	long done, more;

	*lost = 0;
	if (!log->size)
		return -EOPNOTSUPP;
	if (size < KVC_EVENT_MAX)
		return -ERANGE;
	more = done = read_begin(log, seq, buf, size, lost);
	while (more > 0) {
		spin_lock(&log->lock);
		more = read_some(log, seq, buf + done, size - done);
		spin_unlock(&log->lock);
		done += more;
	}
	return done;
}

/**
 * kvc_event_arm - ask to be told of events from now on
 * @log: the log
 * @seen: number of the last event that the reader has seen, 0: of none
 *
 * Return: true when there is a newer one already; then nothing was armed.
 * Else the observer's event() is called of each event until kvc_event_disarm().
 */
bool kvc_event_arm(struct kvc_event_log *log, u64 seen)
{
	bool newer;

	spin_lock(&log->lock);
	newer = log->next - 1 > seen;
	log->armed = !newer;
	spin_unlock(&log->lock);
	return newer;
}

/**
 * kvc_event_disarm - be told of no more events
 * @log: the log
 *
 * A call of the observer that has begun may still go on.
 *
 * Return: whether the log was armed: of those who disarm it at once, one gets
 * true.
 */
bool kvc_event_disarm(struct kvc_event_log *log)
{
	bool armed;

	spin_lock(&log->lock);
	armed = log->armed;
	log->armed = false;
	spin_unlock(&log->lock);
	return armed;
}

/**
 * kvc_event_range - which events are there?
 * @log: the log
 * @oldest: gets the number of the oldest that can be read; that of the next
 *	one to come when there is none
 *
 * Return: the number of the newest, 0 when there never was one.
 */
u64 kvc_event_range(struct kvc_event_log *log, u64 *oldest)
{
	u64 newest;

	spin_lock(&log->lock);
	*oldest = log->oldest;
	newest = log->next - 1;
	spin_unlock(&log->lock);
	return newest;
}

size_t kvc_event_log_bytes(const struct kvc_event_log *log)
{
	return log->size ? log->size + (log->mark_mask + 1) * sizeof(u32) : 0;
}
