/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The flusher's side of a write-behind cache: the stream, read and checked
 */
#ifndef FLUSHING_H
#define FLUSHING_H

#include <pthread.h>
#include <stdatomic.h>

#include "kvctest.h"

/* Nothing is sealed for its age. */
#define FLUSH_NEVER	3600000u

/* What was read of a run */
struct flush_run {
	__u64 run;
	__u64 cache;
	unsigned int frames;
	__u64 records;
};

typedef void (*flush_each_t)(void *arg, const struct kvc_flush_rec *rec);

static inline const void *flush_key(const struct kvc_flush_rec *rec)
{
	return rec + 1;
}

static inline const void *flush_value(const struct kvc_flush_rec *rec)
{
	return (const char *)(rec + 1) + rec->key_len;
}

/* A write-behind cache's settings; sealed after so many milliseconds. */
void flush_config(struct kvc_config *config, const char *name, __u64 limit,
		  __u32 flush_ms);
/* Such a cache in the caller's namespace, and a file that is bound to it. */
int flush_cache(const char *name, __u32 flush_ms);

int flush_open(int fd);
int flush_commit(int stream, __u64 run);
int flush_fail(int stream, __u64 run, int error);

/* One read(): bytes, or a negative errno. */
long flush_read(int stream, void *buf, size_t size);
/*
 * The whole oldest run, of which nothing was read before, in reads of a
 * megabyte: how many records; -EPROTO: its form, order or checksums are wrong.
 * Waits for a run if there is none.  @run and @each may be NULL.
 */
int flush_read_run(int stream, struct flush_run *run, flush_each_t each,
		   void *arg);
/* The same in reads of @room bytes, or more if a frame needs that. */
int flush_read_in(int stream, size_t room, struct flush_run *run);
/* Reads and commits one run: its records. */
int flush_one(int stream, flush_each_t each, void *arg);

/*
 * Puts "k0000000" and so on until no pair of 500 bytes has room, and no smaller
 * one.
 */
int flush_fill(int fd);

/* Somebody in a call that does not return at once */
struct caller {
	int (*call)(struct caller *c);
	int fd;
	const char *key;
	unsigned int count;
	pthread_t thread;
	atomic_int tid;		/* 0 before it calls */
	atomic_int ret;
	atomic_bool done;
};

/* For @call */
int caller_fsync(struct caller *c);
/* Puts @count pairs, "k0000000" and so on, until one fails. */
int caller_put(struct caller *c);
int caller_read(struct caller *c);

int caller_start(struct caller *c, int (*call)(struct caller *c), int fd);
/* Until it sleeps in the kernel: 'S', or where only death ends that 'D'. */
bool caller_sleeps(struct caller *c, char state);
/* What it returned. */
int caller_join(struct caller *c);

/* Starts an fsync() and waits until there is a run more. */
int flush_seal(struct caller *c, int fd);

bool flush_eventually_sealed(int fd, __u64 runs);
bool flush_eventually_waits(int fd, __u64 waits);

#endif /* FLUSHING_H */
