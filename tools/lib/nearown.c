// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which thread keeps what of which handle: until it ends, or the handle does. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "internal.h"
#include "nearown.h"

/*
 * Covers who owns what, of all handles.  What a thread owns it uses without;
 * it is freed by the thread's end, or by the handle's, when nobody uses that.
 */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int begun = -ENOMEM;
static struct kvc_near *nears;
static uint64_t ids, threads;
/* Of this process and its ancestors since they began */
static uint64_t forks;

__thread struct kvc_near_hand kvc_near_hands[KVC_NEAR_HANDS];
/* This one's number; 0: it owns nothing */
static __thread uint64_t thread __attribute__((tls_model("initial-exec")));

/* A cache line, to which the table's sets are aligned */
#define LINE	64

/* All of it in one piece: the struct, then the table's memory. */
static struct kvc_near_own *own_new(const struct kvc_near *near)
{
	struct kvc_near_own *own;
	int saved = errno;
	uintptr_t memory;

	own = calloc(1, sizeof(*own) + LINE - 1 +
		     kvc_near_tab_size(near->bytes));
	errno = saved;
	if (!own)
		return NULL;
	memory = ((uintptr_t)(own + 1) + LINE - 1) / LINE * LINE;
	kvc_near_tab_init(&own->tab, (void *)memory, near->bytes);
	own->thread = thread;
	return own;
}

static void add(uint64_t *to, const uint64_t *from)
{
	*to += __atomic_load_n(from, __ATOMIC_RELAXED);
}

static void add_stats(struct kvc_near_stats *to,
		      const struct kvc_near_stats *from)
{
	add(&to->hits, &from->hits);
	add(&to->misses, &from->misses);
	add(&to->stale, &from->stale);
	add(&to->asked, &from->asked);
	add(&to->kept, &from->kept);
}

/* Frees what the thread owns of a handle. */
static void leave(struct kvc_near *near, uint64_t who)
{
	struct kvc_near_own **at = &near->owns, *own;

	while ((own = *at)) {
		if (own->thread != who) {
			at = &own->next;
			continue;
		}
		*at = own->next;
		add_stats(&near->gone, &own->stats);
		free(own);
	}
}

static void thread_ends(void *arg)
{
	struct kvc_near *near;
	int i;

	(void)arg;
	pthread_mutex_lock(&lock);
	for (near = nears; near; near = near->next)
		leave(near, thread);
	pthread_mutex_unlock(&lock);
	for (i = 0; i < KVC_NEAR_HANDS; i++)
		kvc_near_hands[i] = (struct kvc_near_hand){ 0 };
	thread = 0;
}

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

/*
 * The child has a copy of what its thread kept, which is as good as it was, but
 * the child's clock may be another one.  What other threads kept is freed with
 * the handle.
 */
static void after_fork_child(void)
{
	int i;

	forks++;
	for (i = 0; i < KVC_NEAR_HANDS; i++)
		kvc_near_hands[i] = (struct kvc_near_hand){ 0 };
	pthread_mutex_unlock(&lock);
}

static void begin(void)
{
	begun = -pthread_key_create(&key, thread_ends);
	if (begun)
		return;
	begun = -pthread_atfork(before_fork, after_fork, after_fork_child);
	if (begun)
		pthread_key_delete(key);
}

int kvc_near_own_begin(struct kvc_near *near)
{
	pthread_once(&once, begin);
	if (begun)
		return begun;
	pthread_mutex_lock(&lock);
	near->id = ++ids;
	near->next = nears;
	nears = near;
	pthread_mutex_unlock(&lock);
	return 0;
}

void kvc_near_own_end(struct kvc_near *near)
{
	struct kvc_near **at = &nears;

	pthread_mutex_lock(&lock);
	while (*at != near)
		at = &(*at)->next;
	*at = near->next;
	pthread_mutex_unlock(&lock);
	while (near->owns)
		leave(near, near->owns->thread);
}

void kvc_near_own_sum(struct kvc_near *near, struct kvc_near_stats *sum)
{
	const struct kvc_near_own *own;

	pthread_mutex_lock(&lock);
	add_stats(sum, &near->gone);
	for (own = near->owns; own; own = own->next)
		add_stats(sum, &own->stats);
	pthread_mutex_unlock(&lock);
}

/* A thread that cannot be told of its end is one that keeps nothing. */
static bool know_thread(void)
{
	if (thread)
		return true;
	if (pthread_setspecific(key, &thread))
		return false;
	pthread_mutex_lock(&lock);
	thread = ++threads;
	pthread_mutex_unlock(&lock);
	return true;
}

static struct kvc_near_own *get_own(struct kvc_near *near)
{
	struct kvc_near_own *own;

	pthread_mutex_lock(&lock);
	for (own = near->owns; own && own->thread != thread; own = own->next)
		;
	if (!own) {
		own = own_new(near);
		if (own) {
			own->forks = UINT64_MAX;
			own->next = near->owns;
			near->owns = own;
		}
	}
	pthread_mutex_unlock(&lock);
	return own;
}

struct kvc_near_own *kvc_near_own_find(struct kvc *kvc)
{
	struct kvc_near *near = kvc->near;
	struct kvc_near_hand *hand = &kvc_near_hands[near->id % KVC_NEAR_HANDS];
	struct kvc_near_own *own;

	if (!know_thread())
		return NULL;
	own = get_own(near);
	if (own && own->forks != forks) {
		own->clock_ok = kvc_near_clock_ok(kvc);
		own->forks = forks;
	}
	*hand = (struct kvc_near_hand){ near->id, own };
	return own;
}
