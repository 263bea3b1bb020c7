// SPDX-License-Identifier: GPL-2.0-only
/*
 * The flusher: it reads the runs, stores each as a whole when it has read the
 * last frame, and commits it; or ends at any moment, and another one begins
 */
#include <stdlib.h>
#include <linux/sizes.h>
#include <linux/xxhash.h>
#include "behind.h"
#include "check.h"

#define ROOM	SZ_1M

void behind_flush_begin(struct behind *b)
{
	b->buf = malloc(ROOM);
	CHECK(b->buf);
	CHECK(!kvc_stream_init(&b->stream, b->cache));
}

void behind_flush_end(struct behind *b)
{
	kvc_stream_exit(&b->stream);
	while (b->waiting)
		free(b->runs[--b->waiting].record);
	free(b->buf);
}

/* Is it written, and not newer than the newest run? */
static bool is_sealed(const struct behind *b, u32 number)
{
	const struct cell *cell = &b->cells[number];

	return cell->run == BEHIND_UNSEALED &&
	       cell->truth.version <= behind_shard(b, number)->sealed;
}

/*
 * A run was sealed: it has all that was written since the one before, and up to
 * a moment of each shard.
 */
void behind_sealed(struct behind *b)
{
	struct sealed *run = &b->runs[b->waiting++];
	struct cell *cell;
	u32 i;

	CHECK(b->waiting <= b->config.runs, "too many runs wait");
	*run = (struct sealed){ .run = b->cache->flush.sealed };
	CHECK(run->run == kvc_flush_committed(b->cache) + b->waiting);
	run->record = calloc(b->keys, sizeof(*run->record));
	CHECK(run->record);
	for (i = 0; i < b->keys; i++) {
		cell = &b->cells[b->order[i]];
		if (!cell->early && !is_sealed(b, b->order[i]))
			continue;
		run->record[run->count].number = b->order[i];
		run->record[run->count++].value = cell->early ?
						  cell->early_value :
						  cell->truth;
		if (!cell->early)
			cell->run = run->run;
		cell->early = false;
	}
	CHECK(run->count, "a run of nothing");
}

static bool is_unsealed(const struct behind *b)
{
	u32 i;

	for (i = 0; i < b->keys; i++)
		if (b->cells[i].run == BEHIND_UNSEALED)
			return true;
	return false;
}

void behind_seal(struct behind *b)
{
	bool full = b->waiting == b->config.runs, dirty = is_unsealed(b);
	u64 run = 0, tick = b->tick;
	int err;

	behind_open(b, false);
	err = kvc_flush_seal(b->cache, &run);
	behind_close(b);
	CHECK(err == (full && dirty ? -EAGAIN : 0), "%d", err);
	CHECK(err || run == (b->waiting ? b->runs[b->waiting - 1].run : 0));
	CHECK(err || !is_unsealed(b) || b->tick != tick);
}

static void check_record(struct behind *b, const struct kvc_flush_rec *rec)
{
	const struct sealed *run = &b->runs[0];
	const u8 *got = (const u8 *)(rec + 1);
	const struct value *v;
	u8 key[KEYS_LEN];
	u32 len;

	CHECK(b->at < run->count, "a record too many");
	v = &run->record[b->at].value;
	len = keys_make(key, run->record[b->at].number);
	/* L4: in the order of keys, each once; L10: tombstones too */
	CHECK(rec->key_len == len && !memcmp(got, key, len), "key %u, not %u",
	      keys_number(got, rec->key_len), run->record[b->at].number);
	CHECK(rec->flags == (v->there ? 0 : KVC_FLUSH_REC_GONE));
	CHECK(rec->version == v->version, "%llu, not %llu", rec->version,
	      v->version);
	CHECK(rec->value_len == (v->there ? v->len : 0) && !rec->reserved);
	if (v->there) {
		CHECK(rec->client_flags == v->flags);
		CHECK(rec->expiry == v->expiry);
		CHECK(behind_is_value(got + len, v));
	}
	b->seen.tombstones += !v->there;
	b->at++;
}

static void check_frame(struct behind *b, struct kvc_flush_frame *frame)
{
	const struct sealed *run = &b->runs[0];
	u64 checksum = frame->checksum;
	u8 *at = (u8 *)(frame + 1);
	u32 i;

	CHECK(b->waiting, "there is no run");
	CHECK(frame->magic == KVC_FLUSH_MAGIC && !frame->reserved);
	CHECK(frame->run == run->run && frame->cache == b->cache->id);
	CHECK(frame->seq == b->seq++, "%u", frame->seq);
	CHECK(!(frame->len & 7) && (frame->len <= SZ_256K ||
				      frame->count == 1));
	frame->checksum = 0;
	CHECK(checksum == xxh64(frame, frame->len, 0));
	for (i = 0; i < frame->count; i++) {
		CHECK(at < (u8 *)frame + frame->len);
		check_record(b, (struct kvc_flush_rec *)at);
		at += ((struct kvc_flush_rec *)at)->rec_len;
	}
	CHECK(at == (u8 *)frame + frame->len);
	CHECK(frame->total == b->at);
	CHECK(frame->flags == (b->at == run->count ? KVC_FLUSH_LAST : 0));
}

static bool is_read(const struct behind *b)
{
	return b->waiting && b->at == b->runs[0].count;
}

/* The store takes a run as a whole; one that it has already changes nothing. */
static void store_run(struct behind *b)
{
	const struct sealed *run = &b->runs[0];
	u32 i;

	if (b->stored == run->run) {
		b->seen.again++;
		return;
	}
	for (i = 0; i < run->count; i++)
		b->cells[run->record[i].number].store = run->record[i].value;
	b->stored = run->run;
}

void behind_read(struct behind *b, size_t room)
{
	bool ready = b->waiting && !is_read(b);
	size_t most = min_t(size_t, room & ~7UL, ROOM);
	long bytes, at;

	CHECK(kvc_stream_ready(&b->stream) == ready);
	behind_open(b, false);
	bytes = kvc_stream_read(&b->stream, b->buf, most);
	behind_close(b);
	if (bytes == -EMSGSIZE) {
		CHECK(b->stream.needed > most && b->stream.needed <= ROOM);
		bytes = kvc_stream_read(&b->stream, b->buf, b->stream.needed);
	}
	CHECK(ready ? bytes > 0 : !bytes, "%ld", bytes);
	for (at = 0; at < bytes;
	     at += ((struct kvc_flush_frame *)(b->buf + at))->len)
		check_frame(b, (struct kvc_flush_frame *)(b->buf + at));
	CHECK(at == max(bytes, 0L));
	if (ready && is_read(b))
		store_run(b);
}

static void committed(struct behind *b)
{
	const struct sealed run = b->runs[0];
	struct cell *cell;
	u32 i;

	for (i = 0; i < run.count; i++) {
		cell = &b->cells[run.record[i].number];
		b->seen.replaced += cell->run != run.run;
		if (cell->run == run.run)
			cell->run = 0;
	}
	b->seen.records += run.count;
	b->seen.commits++;
	free(run.record);
	b->waiting--;
	memmove(b->runs, b->runs + 1, b->waiting * sizeof(*b->runs));
	b->at = 0;
	b->seq = 0;
}

void behind_commit(struct behind *b)
{
	u32 progress = kvc_flush_progress(b->cache);
	u64 run = b->waiting ? b->runs[0].run : b->stored;
	u64 wakes = b->wakes;
	bool read = is_read(b);
	int err;

	CHECK(kvc_stream_commit(&b->stream, run + 1) == -EINVAL);
	/* What the observer is told is of the model as it is afterwards. */
	if (read)
		committed(b);
	behind_open(b, false);
	err = kvc_stream_commit(&b->stream, run);
	behind_close(b);
	CHECK(err == (read ? 0 : -EINVAL), "%d", err);
	CHECK(read == (kvc_flush_progress(b->cache) != progress));
	CHECK(read == (b->wakes != wakes));
	CHECK(kvc_flush_committed(b->cache) == (read ? run : b->waiting ?
						run - 1 : b->stored));
}

void behind_abandon(struct behind *b)
{
	kvc_stream_exit(&b->stream);
	CHECK(!kvc_stream_init(&b->stream, b->cache));
	b->seen.abandons += b->at != 0;
	b->at = 0;
	b->seq = 0;
}

/* Nobody writes meanwhile: who waits for room, or for the end, would starve. */
void behind_flush_one(struct behind *b)
{
	b->inside = true;
	if (!b->waiting)
		behind_seal(b);
	CHECK(b->waiting, "nothing to flush");
	while (!is_read(b))
		behind_read(b, SZ_4K + random_below(&b->random, SZ_256K));
	behind_commit(b);
	b->inside = false;
}
