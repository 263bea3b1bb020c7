// SPDX-License-Identifier: GPL-2.0-only
/*
 * behindrace: the store, and the flusher that comes and goes
 */
#include <sched.h>
#include <stdlib.h>
#include "core/stream.h"
#include "behindrace.h"
#include "check.h"
#include "selfcheck.h"

struct stored race_stored(struct field *f, u32 number)
{
	struct stored s;

	pthread_mutex_lock(&f->lock);
	s = f->store[number];
	pthread_mutex_unlock(&f->lock);
	return s;
}

static void take_record(struct field *f, const struct kvc_flush_rec *rec)
{
	const u8 *key = (const u8 *)(rec + 1);
	struct stored *s = &f->store[keys_number(key, rec->key_len)];
	struct selfcheck v = {};

	CHECK(rec->version > s->version, "%llu after %llu",
	      (unsigned long long)rec->version,
	      (unsigned long long)s->version);
	if (!(rec->flags & KVC_FLUSH_REC_GONE))
		memcpy(&v, key + rec->key_len, sizeof(v));
	*s = (struct stored){ .version = rec->version, .count = v.count };
}

/* Keys of a run so far, to be stored as a whole */
struct batch {
	u8 *data;
	size_t used;
	size_t room;
	u32 records;
};

static void store_batch(struct field *f, const struct batch *b, u64 run)
{
	const struct kvc_flush_rec *rec;
	size_t at;

	pthread_mutex_lock(&f->lock);
	if (run <= f->runs)
		race_add(&f->again);
	for (at = 0; at < b->used && run > f->runs; at += rec->rec_len) {
		rec = (const void *)(b->data + at);
		take_record(f, rec);
	}
	f->runs = max(f->runs, run);
	pthread_mutex_unlock(&f->lock);
}

static void append(struct batch *b, const struct kvc_flush_frame *frame)
{
	size_t bytes = frame->len - sizeof(*frame);

	if (b->used + bytes > b->room) {
		b->room = 2 * (b->used + bytes);
		b->data = realloc(b->data, b->room);
		CHECK(b->data);
	}
	memcpy(b->data + b->used, frame + 1, bytes);
	b->used += bytes;
	b->records += frame->count;
	CHECK(b->records == frame->total);
}

/* One stream, until it ends by chance, or there is nothing left at the end */
static bool flush(struct worker *w, struct batch *b, u8 *buf)
{
	const struct kvc_flush_frame *frame;
	struct field *f = w->field;
	struct kvc_stream st;
	bool idle = false;
	long bytes, at;

	CHECK(!kvc_stream_init(&st, f->cache));
	b->used = 0;
	b->records = 0;
	while (random_below(&w->random, 60) && !idle) {
		bytes = kvc_stream_read(&st, buf, BUF);
		CHECK(bytes >= 0, "%ld", bytes);
		idle = !bytes && !race_goes_on(f);
		if (!bytes)
			sched_yield();
		for (at = 0; at < bytes; at += frame->len) {
			frame = (const void *)(buf + at);
			append(b, frame);
			if (!(frame->flags & KVC_FLUSH_LAST))
				continue;
			store_batch(f, b, frame->run);
			b->used = 0;
			b->records = 0;
			if (random_below(&w->random, 5) == 0)
				goto out;
			CHECK(!kvc_stream_commit(&st, frame->run));
		}
	}
out:
	kvc_stream_exit(&st);
	return !idle;
}

/* Nobody flushes for a while, or until somebody waits for it. */
static void be_away(struct worker *w)
{
	u64 busy = __atomic_load_n(&w->field->busy, __ATOMIC_RELAXED);
	u32 turns = random_below(&w->random, 2) ? 0 : 3000;

	for (; turns && race_goes_on(w->field) &&
	     __atomic_load_n(&w->field->busy, __ATOMIC_RELAXED) == busy; turns--)
		sched_yield();
}

void *race_flusher(void *arg)
{
	struct worker *w = arg;
	struct batch b = {};
	u8 *buf = malloc(BUF);

	CHECK(buf);
	check_doing("behindrace: flusher");
	while (flush(w, &b, buf))
		be_away(w);
	free(buf);
	free(b.data);
	return NULL;
}
