/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's side in memory: write-behind caches, their runs and the stream.
 * It is linked instead of kvcd's kernel.c, and driven by the test.  All is under
 * one lock; the functions may be called from any thread.
 */
#ifndef SELFTESTS_FAKE_H
#define SELFTESTS_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/kvcache.h>

#define FAKE_DEVICE	"/dev/null"	/* whatever; it is there */

/* What the test can look at and set. */
extern struct fake {
	uint64_t version;	/* the clock of versions */
	size_t frame;		/* bytes of a frame, about */
	uint64_t gets;		/* GETs so far */
	uint64_t fills;		/* FILLs so far */
	uint64_t commits;
	int commit_err;		/* what a commit gives instead */
	int fill_err;
	int fail_err;		/* what KVC_IOC_FLUSH_FAIL said last */
	uint64_t fail_run;
	uint64_t failures;
	uint32_t rights;	/* of files that fake_file() gives */
	bool silent;		/* fsync() does not end with failures */
	bool hold_gets;		/* GETs wait until it is false */
	bool hold_fills;
	uint64_t held;		/* operations that wait now */
	void (*at_commit)(uint64_t run);	/* called before a commit */
	void (*change)(unsigned char *bytes, size_t len);	/* of a frame */
} fake;

void fake_reset(void);

/* A cache; its id.  An older one of the name is destroyed. */
uint64_t fake_create(const char *name, uint32_t flags);
void fake_destroy(const char *name);

/* What programs do.  fake_del() leaves a tombstone. */
void fake_put(const char *name, const void *key, size_t len, const void *value,
	      size_t value_len, uint64_t expiry);
void fake_del(const char *name, const void *key, size_t len);

/* Seals what is dirty into a run: its number, 0: nothing is. */
uint64_t fake_seal(const char *name);

/* The next cache has the id that the first one had. */
void fake_fix_ids(void);

/* As if somebody had flushed all that is sealed. */
void fake_commit_all(const char *name);

/* Offers a run anew that was committed already: what a kernel never does. */
void fake_offer_again(const char *name, uint64_t run);

/* The highest run that was committed. */
uint64_t fake_committed(const char *name);

/* The highest run that was sealed. */
uint64_t fake_newest(const char *name);

/* The cache forgets what is clean. */
void fake_evict(const char *name);

/* Waits until the runs up to this one are committed, or a minute is over. */
bool fake_wait(const char *name, uint64_t run);

/* Waits until the field of fake is at least that, or a minute is over. */
bool fake_reaches(const uint64_t *field, uint64_t value);

/* What the cache has: 0, or -ENOENT; *@dirty: not committed. */
int fake_peek(const char *name, const void *key, size_t len, bool *dirty);

/* A file that is attached to the cache, as a program has one. */
int fake_file(const char *name);

/* Changes fake under its lock, and wakes who waits. */
void fake_lock(void);
void fake_unlock(void);

#endif /* SELFTESTS_FAKE_H */
