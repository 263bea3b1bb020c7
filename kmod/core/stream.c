// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stream of sealed runs: all parts of a run, merged, as framed records in
 * the order of keys
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/xxhash.h>
#include "cache.h"
#include "stream.h"

/* A frame is not larger, but for a single record that is. */
#define KVC_STREAM_FRAME	SZ_256K

/**
 * kvc_stream_init - begin to read the runs of a cache
 * @st: the stream; there is no other one of this cache
 * @c: a write-behind cache, which stays until kvc_stream_exit()
 *
 * The oldest run comes first, from its first frame on.
 *
 * Context: may sleep.  Return: 0 or -ENOMEM.
 */
int kvc_stream_init(struct kvc_stream *st, struct kvc_cache *c)
{
	*st = (struct kvc_stream){ .cache = c };
	return kvc_merge_init(&st->merge, 2 * kvc_cache_shards(c));
}

/**
 * kvc_stream_exit - give the stream up
 * @st: the stream; runs that were not committed stay
 */
void kvc_stream_exit(struct kvc_stream *st)
{
	kvc_merge_exit(&st->merge);
}

/* L4: the list from the tier and the sorted one, of every shard */
static void begin_run(struct kvc_stream *st, const struct kvc_run *run)
{
	u32 i;

	WRITE_ONCE(st->ended, false);
	WRITE_ONCE(st->run, run->id);
	st->seq = 0;
	st->total = 0;
	kvc_merge_restart(&st->merge);
	for (i = 0; i < run->parts; i++) {
		kvc_merge_add_held(&st->merge, &run->part[i].held);
		kvc_merge_add_tree(&st->merge, &run->part[i].tree);
	}
	kvc_merge_begin(&st->merge);
}

static size_t record_bytes(const struct kvc_entry *e)
{
	return ALIGN(sizeof(struct kvc_flush_rec) + e->key_len + e->value_len,
		     8);
}

static void write_record(u8 *to, struct kvc_entry *e, size_t bytes)
{
	bool gone = kvc_entry_is(e, KVC_ENTRY_TOMBSTONE);
	size_t data = e->key_len + e->value_len;

	*(struct kvc_flush_rec *)to = (struct kvc_flush_rec){
		.rec_len = bytes,
		.key_len = e->key_len,
		.value_len = e->value_len,
		.client_flags = e->client_flags,
		.flags = gone ? KVC_FLUSH_REC_GONE : 0,
		.version = e->version,
		.expiry = e->expiry,
	};
	to += sizeof(struct kvc_flush_rec);
	/* The value follows the key there, too. */
	memcpy(to, kvc_entry_key(e), data);
	memset(to + data, 0, bytes - sizeof(struct kvc_flush_rec) - data);
}

static void write_head(struct kvc_stream *st, void *frame, size_t bytes,
		       u32 count)
{
	struct kvc_flush_frame *head = frame;
	bool last = !kvc_merge_peek(&st->merge);

	st->total += count;
	*head = (struct kvc_flush_frame){
		.magic = KVC_FLUSH_MAGIC,
		.len = bytes,
		.run = st->run,
		.cache = st->cache->id,
		.seq = st->seq++,
		.count = count,
		.flags = last ? KVC_FLUSH_LAST : 0,
		.total = st->total,
	};
	head->checksum = xxh64(frame, bytes, 0);
	if (last)
		WRITE_ONCE(st->ended, true);
}

/* Returns the frame's bytes, or -EMSGSIZE when there is no room for a record. */
static long make_frame(struct kvc_stream *st, u8 *frame, size_t room)
{
	size_t bytes = sizeof(struct kvc_flush_frame), record = 0;
	struct kvc_entry *e;
	u32 count = 0;

	while ((e = kvc_merge_peek(&st->merge))) {
		record = record_bytes(e);
		if (bytes + record > (count ? min_t(size_t, room,
						    KVC_STREAM_FRAME) : room))
			break;
		write_record(frame + bytes, e, record);
		bytes += record;
		count++;
		kvc_merge_next(&st->merge);
	}
	if (!count) {
		st->needed = bytes + record;
		return -EMSGSIZE;
	}
	write_head(st, frame, bytes, count);
	return bytes;
}

static long read_run(struct kvc_stream *st, u8 *buf, size_t size)
{
	size_t used = 0;
	long bytes = 0;

	while (!st->ended && bytes >= 0 && !READ_ONCE(st->cache->dead)) {
		bytes = make_frame(st, buf + used, size - used);
		used += max(bytes, 0L);
		cond_resched();
	}
	return used ? used : bytes;
}

static long read_locked(struct kvc_stream *st, u8 *buf, size_t size)
{
	const struct kvc_run *run = kvc_flush_oldest(st->cache);

	if (READ_ONCE(st->cache->dead))
		return -ESHUTDOWN;
	if (!run || (run->id == st->run && st->ended))
		return 0;
	if (run->id != st->run)
		begin_run(st, run);
	return read_run(st, buf, size);
}

/**
 * kvc_stream_read - read some frames
 * @st: the stream
 * @buf: gets them, &struct kvc_flush_frame; aligned to 8 bytes
 * @size: bytes there
 *
 * Only whole frames, as many as fit, of one run.  Calls wait for each other.
 *
 * Context: may sleep.  Return: their bytes; 0: there is nothing to be read
 * before the run is committed, or one is sealed; -EMSGSIZE: the next frame has
 * no room, &struct kvc_stream.needed bytes would do; -ESHUTDOWN: the cache was
 * killed.
 */
long kvc_stream_read(struct kvc_stream *st, void *buf, size_t size)
{
	struct kvc_flush *f = &st->cache->flush;
	long ret;

	mutex_lock(&f->reader);
	ret = read_locked(st, buf, size);
	mutex_unlock(&f->reader);
	return ret;
}

/**
 * kvc_stream_commit - the run that was read is in the store for good
 * @st: the stream
 * @run: its id
 *
 * Context: may sleep.  Return: 0; -EINVAL: it is not the oldest run, or its last
 * frame was not read by @st; -ESHUTDOWN: the cache was killed.
 */
int kvc_stream_commit(struct kvc_stream *st, u64 run)
{
	struct kvc_flush *f = &st->cache->flush;
	int err = -EINVAL;

	mutex_lock(&f->reader);
	if (READ_ONCE(st->cache->dead))
		err = -ESHUTDOWN;
	else if (st->ended && st->run == run)
		err = kvc_flush_commit(st->cache, run);
	mutex_unlock(&f->reader);
	return err;
}

/**
 * kvc_stream_ready - would a read give something, or an error?
 * @st: the stream
 *
 * Context: any.
 */
bool kvc_stream_ready(struct kvc_stream *st)
{
	u64 oldest = READ_ONCE(st->cache->flush.oldest);

	if (READ_ONCE(st->cache->dead))
		return true;
	return oldest &&
	       (oldest != READ_ONCE(st->run) || !READ_ONCE(st->ended));
}
