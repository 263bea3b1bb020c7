/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's flush stream, taken apart and verified
 *
 * A frame is looked at as a whole before anything of it is used.  What does not
 * hold together is a bug or broken memory, and nothing for the store.
 */
#ifndef KVCD_FRAMES_H
#define KVCD_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/kvcache.h>

/**
 * struct frames - how far a run was read
 * @cache: the cache's id, which all frames must have
 * @run: the run, 0 before its first frame
 * @seq: number of the frame that has to come next
 * @total: records so far
 * @done: the last frame was seen
 * @key_len: bytes of @key
 * @key: the last one, before which none may come
 * @why: what was wrong, when frame_verify() failed
 */
struct frames {
	uint64_t cache;
	uint64_t run;
	uint32_t seq;
	uint64_t total;
	bool done;
	uint32_t key_len;
	unsigned char key[KVC_KEY_MAX];
	const char *why;
};

/**
 * struct frame_rec - a record, in the frame's memory
 * @rec: its head
 * @key: @rec.key_len bytes
 * @value: @rec.value_len bytes
 */
struct frame_rec {
	struct kvc_flush_rec rec;
	const unsigned char *key;
	const unsigned char *value;
};

/* Expects the first frame of a run of the cache @cache. */
void frames_start(struct frames *f, uint64_t cache);

/*
 * Looks at the frame with which @buf begins, and takes note of it.  Its bytes,
 * or -EBADMSG, with @f->why set and @f not to be used any more.
 */
long frame_verify(struct frames *f, const void *buf, size_t len);

/* How many records has a frame that frame_verify() let pass? */
uint32_t frame_count(const void *frame);

/*
 * The record at *@at, of such a frame, and *@at the next one's; begin with 0 and
 * call it frame_count() times.
 */
void frame_next(const void *frame, size_t *at, struct frame_rec *out);

#endif /* KVCD_FRAMES_H */
