// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who comes first: binding, creating, destroying, growing beside each other
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "harness.h"
#include "kvctest.h"

#define THREADS	4u

FIXTURE(concurrent) {
	struct kvc_config config;
	pthread_barrier_t barrier;
	int fd;
};

FIXTURE_SETUP(concurrent)
{
	kvc_config_init(&self->config, KVC_TEST_NAME, 64 << 20);
	self->fd = kvc_setup(&self->config);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, pthread_barrier_init(&self->barrier, NULL, THREADS));
}

FIXTURE_TEARDOWN(concurrent)
{
	close(self->fd);
}

struct runner {
	pthread_t thread;
	pthread_barrier_t *barrier;
	atomic_uint *progress;
	unsigned int lag;
	int fd;
	int ret;
	unsigned int wrong;
};

static int run_all(struct runner *runners, void *(*job)(void *arg), int fd,
		   pthread_barrier_t *barrier)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < THREADS && !ret; i++) {
		runners[i] = (struct runner){ .fd = fd, .barrier = barrier };
		ret = pthread_create(&runners[i].thread, NULL, job,
				     &runners[i]);
	}
	for (i = 0; i < THREADS && !ret; i++)
		ret = pthread_join(runners[i].thread, NULL);
	return ret;
}

/* How many of the runners have this answer. */
static unsigned int answers(const struct runner *runners, int ret)
{
	unsigned int i, count = 0;

	for (i = 0; i < THREADS; i++)
		count += runners[i].ret == ret;
	return count;
}

static void *job_attach(void *arg)
{
	struct runner *runner = arg;

	pthread_barrier_wait(runner->barrier);
	runner->ret = kvc_attach(runner->fd, KVC_TEST_NAME);
	return NULL;
}

TEST_F(concurrent, one_attach_wins)
{
	struct runner runners[THREADS];
	unsigned int round;
	int fd;

	for (round = 0; round < 100; round++) {
		fd = kvc_open(O_RDWR);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, run_all(runners, job_attach, fd, &self->barrier));
		ASSERT_EQ(1, answers(runners, 0));
		ASSERT_EQ(THREADS - 1, answers(runners, -EISCONN));
		close(fd);
	}
}

static void *job_create(void *arg)
{
	struct runner *runner = arg;
	struct kvc_config config;

	kvc_config_init(&config, "new", 1 << 20);
	pthread_barrier_wait(runner->barrier);
	runner->ret = kvc_create(&config);
	return NULL;
}

static void *job_destroy(void *arg)
{
	struct runner *runner = arg;

	pthread_barrier_wait(runner->barrier);
	runner->ret = kvc_destroy("new");
	return NULL;
}

TEST_F(concurrent, one_create_and_one_destroy_win)
{
	struct runner runners[THREADS];
	unsigned int round;

	for (round = 0; round < 50; round++) {
		ASSERT_EQ(0, run_all(runners, job_create, self->fd,
				     &self->barrier));
		ASSERT_EQ(1, answers(runners, 0));
		ASSERT_EQ(THREADS - 1, answers(runners, -EEXIST));
		ASSERT_EQ(0, run_all(runners, job_destroy, self->fd,
				     &self->barrier));
		ASSERT_EQ(1, answers(runners, 0));
		ASSERT_EQ(THREADS - 1, answers(runners, -ENOENT));
	}
}

/* Puts and gets until the cache is gone: only then another answer is right. */
static void *job_until_shutdown(void *arg)
{
	struct runner *runner = arg;
	char key[KVC_TEST_KEY];
	unsigned int i;
	int ret = 0;

	pthread_barrier_wait(runner->barrier);
	for (i = 0; ret != -ESHUTDOWN; i++) {
		kvc_key(key, i / 2 % 2500);
		ret = i % 2 ? kvc_expect(runner->fd, key, key) :
			      kvc_put(runner->fd, key, key);
		if (ret && ret != -ESHUTDOWN)
			runner->wrong++;
		if (i == 3000 &&
		    pthread_barrier_wait(runner->barrier) ==
		    PTHREAD_BARRIER_SERIAL_THREAD)
			runner->ret = kvc_destroy(KVC_TEST_NAME);
	}
	return NULL;
}

TEST_F(concurrent, destroy_under_traffic)
{
	struct runner runners[THREADS];
	unsigned int round, i;
	int fd;

	for (round = 0; round < 10; round++) {
		fd = kvc_open_bound(O_RDWR, KVC_TEST_NAME);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, run_all(runners, job_until_shutdown, fd,
				     &self->barrier));
		for (i = 0; i < THREADS; i++)
			ASSERT_EQ(0, runners[i].wrong);
		ASSERT_EQ(THREADS, answers(runners, 0));
		close(fd);
		ASSERT_EQ(0, kvc_create(&self->config));
	}
}

#define MANY	60000u

/* Reads pairs that were acknowledged: each must be there. */
static void *job_read_behind(void *arg)
{
	struct runner *runner = arg;
	char key[KVC_TEST_KEY];
	unsigned int done, i = 0;

	do {
		done = atomic_load(runner->progress);
		for (i = 0; i < 100 && done; i++) {
			kvc_key(key, (i * 7919 + done) % done);
			runner->wrong += !!kvc_expect(runner->fd, key, key);
		}
	} while (done < MANY);
	return NULL;
}

static int put_numbers(int fd, unsigned int from, unsigned int to,
		       atomic_uint *progress)
{
	char key[KVC_TEST_KEY];
	unsigned int i;
	int ret = 0;

	for (i = from; i < to && !ret; i++) {
		kvc_key(key, i);
		ret = kvc_put(fd, key, key);
		atomic_store(progress, i + 1);
	}
	return ret;
}

TEST_F(concurrent, visible_while_all_moves_and_grows)
{
	struct runner runner = { .fd = self->fd };
	atomic_uint progress = 0;
	struct kvc_stats stats;

	runner.progress = &progress;
	ASSERT_EQ(0, pthread_create(&runner.thread, NULL, job_read_behind,
				    &runner));
	ASSERT_EQ(0, put_numbers(self->fd, 0, MANY, &progress));
	ASSERT_EQ(0, pthread_join(runner.thread, NULL));
	EXPECT_EQ(0, runner.wrong); /* C1, L9 */
	/* It did grow meanwhile, or this has shown nothing. */
	ASSERT_EQ(0, kvc_stats(self->fd, &stats));
	EXPECT_LT(0, stats.index_resizes);
}

/* Reads the pairs that are the next to leave the tier. */
static void *job_read_leaving(void *arg)
{
	struct runner *runner = arg;
	char key[KVC_TEST_KEY];
	unsigned int done, i;

	do {
		done = atomic_load(runner->progress);
		for (i = 0; i < 4; i++) {
			kvc_key(key, done - runner->lag + i);
			runner->wrong += !!kvc_expect(runner->fd, key, key);
		}
	} while (done < MANY);
	return NULL;
}

TEST_F(concurrent, visible_while_leaving_the_tier)
{
	struct runner runner = { .fd = -1 };
	atomic_uint progress = 0;
	struct kvc_config config;
	struct kvc_stats stats;

	/* By age, in one part: it is known which pair leaves next. */
	kvc_config_init(&config, "small", 8 << 20);
	config.policy = KVC_POLICY_FIFO;
	config.tier = 128 << 10;
	config.flags = KVC_CACHE_F_NOBYPASS | KVC_CACHE_F_STATIC;
	ASSERT_EQ(0, kvc_create(&config));
	runner.fd = kvc_open_bound(O_RDWR, "small");
	ASSERT_LE(0, runner.fd);
	ASSERT_EQ(0, put_numbers(runner.fd, 0, 5000, &progress));
	ASSERT_EQ(0, kvc_stats(runner.fd, &stats));
	ASSERT_EQ(1, stats.shards);
	runner.lag = stats.entries_tier;
	runner.progress = &progress;
	ASSERT_EQ(0, pthread_create(&runner.thread, NULL, job_read_leaving,
				    &runner));
	ASSERT_EQ(0, put_numbers(runner.fd, 5000, MANY, &progress));
	ASSERT_EQ(0, pthread_join(runner.thread, NULL));
	EXPECT_EQ(0, runner.wrong); /* L9 */
	ASSERT_EQ(0, kvc_stats(runner.fd, &stats));
	EXPECT_EQ(MANY - runner.lag, stats.migrated); /* L2 */
	EXPECT_EQ(MANY, stats.entries_tier + stats.entries_memtable);
	EXPECT_EQ(0, stats.misses);
	close(runner.fd);
}

TEST_HARNESS_MAIN
