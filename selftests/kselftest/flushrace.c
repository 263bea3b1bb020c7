// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stream file beside those who read, write and commit at the same time
 */
#include <errno.h>
#include <pthread.h>

#include "flushfixture.h"

#define FRAMES	64

#define HOT	500u

struct hammer {
	int fd;
	atomic_bool stop;
	unsigned int missed, back;
	unsigned long reads;
	pthread_t thread;
};

static void *hammer(void *arg)
{
	static const unsigned int step = 7919;
	__u64 version[HOT] = { 0 };
	char key[KVC_TEST_KEY], value[300];
	struct hammer *h = arg;
	struct kvc_op op;
	unsigned int n;

	while (!atomic_load(&h->stop)) {
		n = h->reads++ * step % HOT;
		kvc_op_value(&op, value, sizeof(value));
		if (kvc_get(h->fd, kvc_key(key, n), &op)) {
			h->missed++;
			continue;
		}
		h->back += op.version < version[n];
		version[n] = op.version;
	}
	return NULL;
}

/*
 * L9: keys are written, sealed, flushed and demoted all the time, and readers
 * see each of them all the time, no older than before.
 */
TEST_F(flush, nothing_is_invisible)
{
	struct hammer h[2] = { { 0 } };
	struct kvc_config config;
	unsigned int i, k, n = 0;
	int fd, stream;

	/* Room for all of them three times, but not in the tier */
	flush_config(&config, "l9", 512 << 10, 10);
	config.tier = 48 << 10;
	ASSERT_EQ(0, kvc_create(&config));
	fd = kvc_open_bound(O_RDWR, "l9");
	stream = flush_open(fd);
	ASSERT_LE(0, stream);
	for (i = 0; i < HOT; i++)
		ASSERT_EQ(0, put_seeded(fd, i, i));
	for (i = 0; i < 2; i++) {
		h[i].fd = fd;
		ASSERT_EQ(0, pthread_create(&h[i].thread, NULL, hammer, &h[i]));
	}
	for (i = 0; i < 60; i++) {
		/* All of them, so that none is clean and evicted. */
		for (k = 0; k < HOT; k++)
			ASSERT_EQ(0, put_seeded(fd, k, ++n));
		ASSERT_LT(0, flush_one(stream, NULL, NULL));
	}
	for (i = 0; i < 2; i++) {
		atomic_store(&h[i].stop, true);
		ASSERT_EQ(0, pthread_join(h[i].thread, NULL));
		EXPECT_EQ(0, h[i].missed);
		EXPECT_EQ(0, h[i].back);
		EXPECT_LT(100, h[i].reads);
	}
	close(stream);
	close(fd);
}

struct share {
	int stream;
	atomic_uint seen[FRAMES];
	atomic_uint frames;
	atomic_uint records;
};

/* Reads until the other has, or it has, read the last frame. */
static void *read_share(void *arg)
{
	struct share *s = arg;
	const struct kvc_flush_frame *frame;
	char *buf = malloc(ROOM);
	long bytes, at;

	do {
		bytes = flush_read(s->stream, buf, 300 << 10);
		for (at = 0; at < bytes; at += frame->len) {
			frame = (const void *)(buf + at);
			atomic_fetch_add(&s->seen[frame->seq % FRAMES], 1);
			atomic_fetch_add(&s->frames, 1);
			atomic_fetch_add(&s->records, frame->count);
		}
	} while (bytes > 0);
	free(buf);
	return NULL;
}

TEST_F(flush, two_readers_share_the_frames)
{
	struct share s = { .stream = self->stream };
	pthread_t threads[2];
	unsigned int i;

	ASSERT_EQ(20000, put_some(self->fd, 20000));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(0, nonblock(self->stream));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, read_share, &s));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
	EXPECT_EQ(20000, atomic_load(&s.records));
	for (i = 0; i < FRAMES; i++)
		EXPECT_EQ(i < atomic_load(&s.frames),
			  atomic_load(&s.seen[i]));
	EXPECT_EQ(0, flush_commit(self->stream, 1));
	ASSERT_EQ(0, caller_join(&self->sync));
}

struct flip {
	_Atomic __u32 *run;	/* the low half of the number */
	struct kvc_flush_commit commit;
	atomic_bool stop;
};

static void *flip_run(void *arg)
{
	struct flip *f = arg;
	__u32 run = *f->run;

	while (!atomic_load_explicit(&f->stop, memory_order_relaxed)) {
		atomic_store_explicit(f->run, run + 1, memory_order_relaxed);
		atomic_store_explicit(f->run, run, memory_order_relaxed);
	}
	return NULL;
}

/* The number changes during the call: the one or the other, nothing else. */
TEST_F(flush, commit_that_changes)
{
	unsigned int round, refused = 0;
	struct flip f = { 0 };
	pthread_t thread;
	int ret;

	kvc_config_init(&self->config, "f", KVC_TEST_LIMIT);
	self->config.flush_ms = 10;
	ASSERT_EQ(0, kvc_set(KVC_GIVEN(FLUSH_MS), &self->config));
	for (round = 1; round <= 50; round++) {
		ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
		ASSERT_EQ(1, flush_read_run(self->stream, &self->run, NULL,
					    NULL));
		ASSERT_EQ(round, self->run.run);
		f.commit.run = round;
		f.run = (_Atomic __u32 *)&f.commit.run;
		atomic_store(&f.stop, false);
		ASSERT_EQ(0, pthread_create(&thread, NULL, flip_run, &f));
		do {
			ret = kvc_call(self->stream, KVC_IOC_FLUSH_COMMIT,
				       &f.commit);
			refused += ret == -EINVAL;
		} while (ret == -EINVAL);
		ASSERT_EQ(0, ret);
		atomic_store(&f.stop, true);
		ASSERT_EQ(0, pthread_join(thread, NULL));
	}
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(50, self->stats.runs_committed);
}

TEST_HARNESS_MAIN
