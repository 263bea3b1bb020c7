// SPDX-License-Identifier: GPL-2.0-only
/* Rows events: what the event log and a listener cost those who write */
#include <err.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <kvcache.h>

#include "report.h"
#include "row.h"
#include "store.h"

#define KEYS	10000
#define LIMIT	(64ull << 20)

/**
 * struct listener - a thread that reads all events of a cache
 * @sub: the subscription
 * @thread: the thread
 * @stop: it has to end
 * @events: how many it got
 * @lost: how many it was told were lost
 */
struct listener {
	struct kvc_sub *sub;
	pthread_t thread;
	atomic_bool stop;
	unsigned long events;
	unsigned long lost;
};

static void *listen_to(void *arg)
{
	struct listener *l = arg;
	struct pollfd fd = { kvc_sub_fd(l->sub), POLLIN, 0 };
	struct kvc_event event;
	int ret;

	while (!atomic_load(&l->stop)) {
		poll(&fd, 1, 100);
		while ((ret = kvc_sub_next(l->sub, &event)) > 0) {
			l->events += !event.lost;
			l->lost += event.lost;
		}
		if (ret < 0)
			errx(1, "kvc_sub_next: %s", strerror(-ret));
	}
	return NULL;
}

static void listener_start(struct listener *l, const char *cache)
{
	if (kvc_sub_open(cache, 0, &l->sub) ||
	    pthread_create(&l->thread, NULL, listen_to, l))
		errx(1, "cannot listen to '%s'", cache);
}

static void listener_end(struct listener *l)
{
	atomic_store(&l->stop, true);
	pthread_join(l->thread, NULL);
	kvc_sub_close(l->sub);
}

static long run_put(const struct contender *c, size_t from, size_t to)
{
	struct kvc *kvc = c->ctx;
	char value[VALUE_LEN];
	long failed = 0;
	size_t i;

	for (i = from; i < to; i++) {
		value_make(value, c->seq->keys, i, i);
		failed |= kvc_put(kvc, sequence_key(c->seq, i), KEY_LEN, value,
				  VALUE_LEN, NULL, NULL);
	}
	return failed;
}

static struct kvc *make(const char *name, uint32_t flags,
			const struct keys *keys)
{
	struct kvc *kvc = store_create_with(name, LIMIT, flags);

	store_fill(kvc, keys);
	return kvc;
}

static void contest(const struct bench *bench, const struct keys *keys,
		    const struct result *row, bool listen)
{
	struct result result = *row;
	struct sample with = { .name = row->ours->name };
	struct sample without = { .name = row->other->name };
	struct listener listener = { 0 };
	struct kvc *loud, *quiet;
	struct sequence seq;

	sequence_zipf(&seq, keys, bench->ops, bench->seed);
	loud = make("loud", 0, keys);
	quiet = make("quiet", KVC_CACHE_F_NOEVENTS, keys);
	if (listen)
		listener_start(&listener, "loud");
	sample_contest((struct contender[]){
		{ &with, &seq, run_put, loud },
		{ &without, &seq, run_put, quiet },
	}, 2, &bench->rounds);
	result.ours = &with;
	result.other = &without;
	report_row(&result);
	if (listen) {
		listener_end(&listener);
		report_note("the listener got %lu events and was told of %lu lost",
			    listener.events, listener.lost);
	}
	store_destroy(loud, "loud");
	store_destroy(quiet, "quiet");
	sequence_free(&seq);
}

void row_events(const struct bench *bench)
{
	struct result result = {
		.unit = "ns", .cost = true,
		.what = "updates, Zipf .99 over 10,000 keys of 16 B, values of 32 B",
		.other = &(struct sample){ .name = "PUT, no event log" },
	};
	struct keys keys;

	keys_make(&keys, KEYS);
	result.row = "events-log";
	result.ours = &(struct sample){ .name = "PUT, event log" };
	contest(bench, &keys, &result, false);
	result.row = "events-heard";
	result.ours = &(struct sample){ .name = "PUT, a listener" };
	contest(bench, &keys, &result, true);
	keys_free(&keys);
}
