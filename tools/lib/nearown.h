/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_NEAROWN_H
#define KVC_NEAROWN_H

#include <stdbool.h>
#include <kvcache.h>

#include "neartab.h"

struct kvc;

/**
 * struct kvc_near_own - what one thread keeps of one handle's answers
 * @tab: the pairs
 * @stats: written by the thread alone
 * @clock_ok: its clock is the kernel's
 * @forks: how often its process had forked when that was looked at
 * @thread: whose it is
 * @next: the same handle's, of another thread
 */
struct kvc_near_own {
	struct kvc_near_tab tab;
	struct kvc_near_stats stats;
	bool clock_ok;
	uint64_t forks;
	uint64_t thread;
	struct kvc_near_own *next;
};

/**
 * struct kvc_near - a handle that keeps answers
 * @slots: what the kernel shows
 * @slot: the slots of it
 * @count: their number
 * @value_max: larger values are not kept
 * @bytes: of pairs, for each thread, a power of two
 * @size: of the mapping
 * @id: that no other handle has, or had
 * @owns: what the threads keep; this and all that follows is under the lock of
 *	nearown.c
 * @gone: the figures of threads that have ended
 * @next: of all handles that keep
 */
struct kvc_near {
	const struct kvc_slots *slots;
	const uint32_t *slot;
	uint32_t count;
	uint32_t value_max;
	size_t bytes;
	size_t size;
	uint64_t id;
	struct kvc_near_own *owns;
	struct kvc_near_stats gone;
	struct kvc_near *next;
};

/* A handle of which a thread has its own at hand. */
struct kvc_near_hand {
	uint64_t id;
	struct kvc_near_own *own;
};

#define KVC_NEAR_HANDS	4

/* No call is needed to come to it: few bytes, which are there from the start. */
extern __thread struct kvc_near_hand kvc_near_hands[KVC_NEAR_HANDS]
	__attribute__((tls_model("initial-exec"), visibility("hidden")));

struct kvc_near_own *kvc_near_own_find(struct kvc *kvc);

int kvc_near_own_begin(struct kvc_near *near);
void kvc_near_own_end(struct kvc_near *near);
void kvc_near_own_sum(struct kvc_near *near, struct kvc_near_stats *sum);

/* In near.c */
bool kvc_near_clock_ok(struct kvc *kvc);

#endif /* KVC_NEAROWN_H */
