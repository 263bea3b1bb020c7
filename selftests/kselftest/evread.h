/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events as a subscriber gets them, in order or with what was lost told of
 */
#ifndef EVREAD_H
#define EVREAD_H

#include "kvcnl.h"
#include "kvctest.h"

struct event {
	__u64 seq;
	__u64 version;
	__u64 lost;	/* then only @seq is there, too */
	__u32 reason;
	__u32 key_len;
	const void *key;
};

typedef void (*event_t)(void *arg, const struct event *ev);

/* Number of the first event that is sent for certain; -errno */
int ev_subscribe(struct kvcnl *nl, const char *cache, __u64 *since);
/* Calls for each event of a message; how many there were. */
unsigned int ev_read(const struct nlmsghdr *nlh, event_t each, void *arg);
/*
 * The log from a number on; @next gets the number at which the replay ended,
 * from which on events may come.
 */
int ev_replay(struct kvcnl *nl, const char *cache, __u64 since, event_t each,
	      void *arg, __u64 *next);
/* The next message of events within a minute or so; -errno */
int ev_wait(struct kvcnl *nl, event_t each, void *arg);
/* Is there a message now? */
bool ev_pending(struct kvcnl *nl);

#endif /* EVREAD_H */
