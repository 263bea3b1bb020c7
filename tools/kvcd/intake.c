// SPDX-License-Identifier: GPL-2.0-only
/*
 * A run becomes one file that begins with the run's number, so that the store
 * has either both or neither.  The kernel hears of it only then: who is killed
 * in between gets the run again, finds its number in the store and has only the
 * commit left to do.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "intake.h"
#include "kernel.h"

#define BUF_FIRST	(1 << 20)
/* The longest frame: a pair, its head, the frame's. */
#define BUF_MOST	((size_t)KVC_VALUE_MAX + KVC_KEY_MAX + 4096)

int intake_init(struct intake *in, const struct front *front, int stream)
{
	memset(in, 0, sizeof(*in));
	in->cache = front->cache;
	in->stream = stream;
	frames_start(&in->frames, front->id);
	in->size = BUF_FIRST;
	in->buf = malloc(in->size);
	return in->buf ? 0 : -ENOMEM;
}

void intake_exit(struct intake *in)
{
	sst_drop(&in->sst);
	free(in->buf);
}

static int begin_run(struct intake *in, struct why *why)
{
	struct mark want = { in->frames.cache, in->frames.run }, have;
	struct cache *cache = in->cache;
	int ret;

	in->tombstones = 0;
	in->bytes = 0;
	ret = store_mark(cache->store, cache->column, &have, why);
	if (ret)
		return ret;
	in->repeat = have.cache == want.cache && want.run <= have.run;
	if (in->repeat)
		return 0;
	ret = store_room(cache->store, why);
	if (ret)
		return ret;
	return sst_begin(&in->sst, cache->store, cache->column, &want, why);
}

static int add_records(struct intake *in, const void *frame, struct why *why)
{
	uint32_t left = frame_count(frame);
	struct frame_rec rec;
	size_t at = 0;
	int ret = 0;

	for (; left && !ret; left--) {
		frame_next(frame, &at, &rec);
		in->bytes += (uint64_t)rec.rec.key_len + rec.rec.value_len;
		in->tombstones += rec.rec.flags & KVC_FLUSH_REC_GONE ? 1 : 0;
		ret = sst_add(&in->sst, &rec, why);
	}
	return ret;
}

static void count_run(struct intake *in)
{
	struct counts *counts = &in->cache->counts;

	if (in->repeat) {
		count(&counts->repeats, 1);
		return;
	}
	count(&counts->runs, 1);
	count(&counts->records, in->frames.total);
	count(&counts->tombstones, in->tombstones);
	count(&counts->bytes, in->bytes);
}

static int ingest(struct intake *in, struct why *why)
{
	int ret = 0;

	if (!in->ready)
		ret = sst_finish(&in->sst, why);
	in->ready = !ret;
	if (!ret)
		ret = store_ingest(in->cache->store, in->cache->column,
				   in->sst.path, why);
	return ret;
}

static int end_run(struct intake *in, struct why *why)
{
	int ret = 0;

	if (!in->repeat)
		ret = ingest(in, why);
	if (ret)
		return ret;
	in->ready = false;
	sst_drop(&in->sst);
	ret = kernel_flush_commit(in->stream, in->frames.run);
	if (ret) {
		why_set(why, "run %llu cannot be committed: %s",
			(unsigned long long)in->frames.run, strerror(-ret));
		/* EAGAIN has a meaning of its own, see intake_step(). */
		return ret == -EAGAIN ? -EIO : ret;
	}
	count_run(in);
	in->run = 0;
	frames_start(&in->frames, in->frames.cache);
	cache_recovered(in->cache);
	return 0;
}

static int take_frame(struct intake *in, const void *frame, struct why *why)
{
	int ret = 0;

	if (in->frames.seq == 1)
		ret = begin_run(in, why);
	if (!ret && !in->repeat)
		ret = add_records(in, frame, why);
	if (!ret && in->frames.done)
		ret = end_run(in, why);
	return ret;
}

/* What the frame says, for messages. */
static uint64_t run_at(const struct intake *in, size_t at, size_t len)
{
	struct kvc_flush_frame head;

	if (in->frames.run || len - at < sizeof(head))
		return in->frames.run;
	memcpy(&head, in->buf + at, sizeof(head));
	return head.run;
}

static int take_frames(struct intake *in, size_t len, struct why *why)
{
	size_t at = 0;
	long used;
	int ret;

	while (at < len) {
		in->run = run_at(in, at, len);
		used = frame_verify(&in->frames, in->buf + at, len - at);
		if (used < 0) {
			why_set(why, "the kernel's stream is damaged in run %llu: %s",
				(unsigned long long)in->run, in->frames.why);
			return used;
		}
		ret = take_frame(in, in->buf + at, why);
		if (ret)
			return ret;
		at += used;
	}
	return 0;
}

static int grow(struct intake *in, struct why *why)
{
	size_t size = in->size < BUF_MOST / 2 ? in->size * 2 : BUF_MOST;
	unsigned char *buf;

	why_set(why, "no memory for a frame of the kernel's stream");
	if (in->size == BUF_MOST)
		return -EMSGSIZE;
	buf = realloc(in->buf, size);
	if (!buf)
		return -ENOMEM;
	in->buf = buf;
	in->size = size;
	return 0;
}

/* Bytes; 0: nothing now. */
static ssize_t read_more(struct intake *in, struct why *why)
{
	ssize_t got = kernel_flush_read(in->stream, in->buf, in->size);
	int ret;

	while (got == -EMSGSIZE || got == -EINTR) {
		ret = got == -EMSGSIZE ? grow(in, why) : 0;
		if (ret)
			return ret;
		got = kernel_flush_read(in->stream, in->buf, in->size);
	}
	if (got == -EAGAIN)
		return 0;
	if (!got)
		got = -EIO;
	if (got < 0)
		why_set(why, "the kernel's stream cannot be read: %s",
			strerror(-got));
	return got;
}

int intake_step(struct intake *in, struct why *why)
{
	ssize_t got;
	int ret;

	if (in->ready)
		return end_run(in, why);
	do {
		got = read_more(in, why);
		if (got <= 0)
			return got;
		ret = take_frames(in, got, why);
	} while (!ret);
	return ret;
}
