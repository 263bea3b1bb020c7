// SPDX-License-Identifier: GPL-2.0-only
/* Who reads the events while all goes on, and sleeps when there are none */
#include <sched.h>
#include <stdlib.h>
#include "arena.h"
#include "check.h"

#define BUF	(2 * KVC_EVENT_MAX)

/* Observer: once for each arming */
void arena_woken(void *ctx, u64 seq)
{
	struct arena *a = ctx;

	if (!kvc_event_disarm(&a->cache->log))
		return;
	CHECK(__atomic_exchange_n(&a->listening, false, __ATOMIC_ACQ_REL),
	      "nobody listens");
	__atomic_fetch_add(&a->wakes, 1, __ATOMIC_RELAXED);
}

/* Changes of one key are told in their order. */
static void check_event(struct worker *w, const struct kvc_event *ev, u64 seq)
{
	u32 number;

	CHECK(ev->seq == seq, "%llu, not %llu", (unsigned long long)ev->seq,
	      (unsigned long long)seq);
	CHECK(ev->reason >= KVC_EVENT_UPDATED &&
	      ev->reason <= KVC_EVENT_FENCED);
	if (!ev->key_len)
		return;
	number = keys_number(kvc_event_key(ev), ev->key_len);
	arena_see_version(w, number, ev->version);
	CHECK(w->arena->lossy || ev->reason == KVC_EVENT_UPDATED ||
	      !arena_is_stable(number), "key %u left", number);
}

/* Returns false when there is nothing new. */
bool arena_listen(struct worker *w, u64 *next)
{
	struct arena *a = w->arena;
	static u64 buf[BUF / 8];
	const struct kvc_event *ev;
	u64 seq = *next, lost;
	long bytes, at = 0;

	bytes = kvc_event_read(&a->cache->log, next, buf, KVC_EVENT_MAX +
			       random_below(&w->random, BUF - KVC_EVENT_MAX),
			       &lost);
	CHECK(bytes >= 0, "%ld", bytes);
	for (seq += lost; at < bytes; seq++) {
		ev = (const struct kvc_event *)((u8 *)buf + at);
		check_event(w, ev, seq);
		at += kvc_event_bytes(ev->key_len);
		a->heard++;
	}
	CHECK(at == bytes && seq == *next);
	a->lost += lost;
	return bytes || lost;
}

/*
 * Sleep until there is more, or a call comes late that tells of an event which
 * has been read by now.  At the end only who has read everything may give
 * up: a wake-up that was lost would be waited for in vain.
 */
void arena_doze(struct worker *w, u64 next)
{
	struct arena *a = w->arena;
	u64 oldest;

	__atomic_store_n(&a->listening, true, __ATOMIC_RELEASE);
	if (kvc_event_arm(&a->cache->log, next - 1)) {
		__atomic_store_n(&a->listening, false, __ATOMIC_RELEASE);
		return;
	}
	while (__atomic_load_n(&a->listening, __ATOMIC_ACQUIRE)) {
		if (__atomic_load_n(&a->working, __ATOMIC_RELAXED) == 0 &&
		    kvc_event_range(&a->cache->log, &oldest) < next) {
			kvc_event_disarm(&a->cache->log);
			return;
		}
		sched_yield();
	}
}
