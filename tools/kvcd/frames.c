// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#define XXH_STATIC_LINKING_ONLY	/* a state on the stack */
#include <xxhash.h>

#include "frames.h"

#define HEAD	sizeof(struct kvc_flush_frame)
#define REC	sizeof(struct kvc_flush_rec)

void frames_start(struct frames *f, uint64_t cache)
{
	f->cache = cache;
	f->run = 0;
	f->seq = 0;
	f->total = 0;
	f->done = false;
	f->key_len = 0;
	f->why = NULL;
}

static uint64_t checksum_of(const void *buf, const struct kvc_flush_frame *head)
{
	struct kvc_flush_frame blank = *head;
	XXH64_state_t state;

	blank.checksum = 0;
	XXH64_reset(&state, 0);
	XXH64_update(&state, &blank, HEAD);
	XXH64_update(&state, (const char *)buf + HEAD, head->len - HEAD);
	return XXH64_digest(&state);
}

static const char *head_wrong(const struct frames *f, const void *buf,
			      size_t len, const struct kvc_flush_frame *head)
{
	if (head->magic != KVC_FLUSH_MAGIC)
		return "no frame begins here";
	if (head->len < HEAD || head->len > len || head->len % 8)
		return "a frame's length is wrong";
	if (checksum_of(buf, head) != head->checksum)
		return "a frame's checksum is wrong";
	if (head->flags & ~KVC_FLUSH_LAST || head->reserved)
		return "a frame has flags that are not known: kvcd is too old";
	if (head->cache != f->cache)
		return "a frame is of another cache";
	if (f->done)
		return "a frame follows the last one of its run";
	if (!head->run || (f->run && head->run != f->run))
		return "a frame is of another run";
	if (head->seq != f->seq)
		return "a frame is missing, or comes twice";
	if (head->total - f->total != head->count)
		return "a frame's total is wrong";
	return NULL;
}

/* Does @key come after the last one? */
static bool ascends(const struct frames *f, const unsigned char *key, size_t len)
{
	size_t least = len < f->key_len ? len : f->key_len;
	int cmp = memcmp(f->key, key, least);

	return cmp ? cmp < 0 : f->key_len < len;
}

static const char *record_wrong(const struct kvc_flush_rec *rec, size_t room)
{
	size_t used = REC + (size_t)rec->key_len + rec->value_len;

	if (rec->rec_len > room || rec->rec_len % 8 || used > rec->rec_len ||
	    rec->rec_len - used >= 8)
		return "a record's length is wrong";
	if (!rec->key_len || rec->key_len > KVC_KEY_MAX)
		return "a key's length is wrong";
	if (rec->value_len > KVC_VALUE_MAX)
		return "a value's length is wrong";
	if (rec->flags & ~KVC_FLUSH_REC_GONE || rec->reserved)
		return "a record has flags that are not known: kvcd is too old";
	if (rec->flags & KVC_FLUSH_REC_GONE && rec->value_len)
		return "a tombstone has a value";
	return NULL;
}

static const char *records_wrong(struct frames *f, const unsigned char *at,
				 size_t room, uint32_t count)
{
	struct kvc_flush_rec rec;
	const char *why;

	for (; count; count--) {
		if (room < REC)
			return "a frame has less records than it says";
		memcpy(&rec, at, REC);
		why = record_wrong(&rec, room);
		if (why)
			return why;
		if (!ascends(f, at + REC, rec.key_len))
			return "the keys do not ascend";
		memcpy(f->key, at + REC, rec.key_len);
		f->key_len = rec.key_len;
		at += rec.rec_len;
		room -= rec.rec_len;
	}
	return room ? "a frame is longer than its records" : NULL;
}

long frame_verify(struct frames *f, const void *buf, size_t len)
{
	struct kvc_flush_frame head;

	f->why = "a frame is cut off";
	if (len < HEAD)
		return -EBADMSG;
	memcpy(&head, buf, HEAD);
	f->why = head_wrong(f, buf, len, &head);
	if (!f->why)
		f->why = records_wrong(f, (const unsigned char *)buf + HEAD,
				       head.len - HEAD, head.count);
	if (f->why)
		return -EBADMSG;
	f->run = head.run;
	f->seq++;
	f->total = head.total;
	f->done = head.flags & KVC_FLUSH_LAST;
	return head.len;
}

uint32_t frame_count(const void *frame)
{
	struct kvc_flush_frame head;

	memcpy(&head, frame, HEAD);
	return head.count;
}

void frame_next(const void *frame, size_t *at, struct frame_rec *out)
{
	const unsigned char *rec = (const unsigned char *)frame + HEAD + *at;

	memcpy(&out->rec, rec, REC);
	out->key = rec + REC;
	out->value = out->key + out->rec.key_len;
	*at += out->rec.rec_len;
}
