// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who comes first: binding, creating, destroying, growing beside each other
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <pthread.h>
#include <stdatomic.h>

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

TEST_F_TIMEOUT(concurrent, one_attach_wins, 120)
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
	runner->ret = kvc_create(runner->fd, &config);
	return NULL;
}

static void *job_destroy(void *arg)
{
	struct runner *runner = arg;

	pthread_barrier_wait(runner->barrier);
	runner->ret = kvc_destroy(runner->fd, "new");
	return NULL;
}

TEST_F_TIMEOUT(concurrent, one_create_and_one_destroy_win, 120)
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
		kvc_key(key, i % 5000);
		ret = i % 2 ? kvc_put(runner->fd, key, key) :
			      kvc_expect(runner->fd, key, key);
		if (ret && ret != -ENOENT && ret != -ESHUTDOWN)
			runner->wrong++;
		if (i == 3000 &&
		    pthread_barrier_wait(runner->barrier) ==
		    PTHREAD_BARRIER_SERIAL_THREAD)
			runner->ret = kvc_destroy(runner->fd, KVC_TEST_NAME);
	}
	return NULL;
}

TEST_F_TIMEOUT(concurrent, destroy_under_traffic, 300)
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
		ASSERT_EQ(0, kvc_create(self->fd, &self->config));
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

TEST_F_TIMEOUT(concurrent, visible_while_all_moves_and_grows, 300)
{
	struct runner runner = { .fd = self->fd };
	atomic_uint progress = 0;
	struct kvc_stats stats;
	char key[KVC_TEST_KEY];
	unsigned int i;

	runner.progress = &progress;
	ASSERT_EQ(0, pthread_create(&runner.thread, NULL, job_read_behind,
				    &runner));
	for (i = 0; i < MANY; i++) {
		kvc_key(key, i);
		ASSERT_EQ(0, kvc_put(self->fd, key, key));
		atomic_store(&progress, i + 1);
	}
	ASSERT_EQ(0, pthread_join(runner.thread, NULL));
	EXPECT_EQ(0, runner.wrong); /* C1, L9 */
	/* It did grow meanwhile, or this has shown nothing. */
	ASSERT_EQ(0, kvc_stats(self->fd, &stats));
	EXPECT_LT(0, stats.index_resizes);
}

TEST_F_TIMEOUT(concurrent, visible_while_the_tier_overflows, 300)
{
	struct runner runner = { .fd = -1 };
	atomic_uint progress = 0;
	struct kvc_config config;
	struct kvc_stats stats;
	char key[KVC_TEST_KEY];
	unsigned int i;

	kvc_config_init(&config, "small", 32 << 20);
	config.tier = 128 << 10;
	config.flags = KVC_CACHE_F_NOBYPASS;
	config.window = 1024;
	ASSERT_EQ(0, kvc_create(self->fd, &config));
	runner.fd = kvc_open_bound(O_RDWR, "small");
	ASSERT_LE(0, runner.fd);
	runner.progress = &progress;
	ASSERT_EQ(0, pthread_create(&runner.thread, NULL, job_read_behind,
				    &runner));
	for (i = 0; i < MANY; i++) {
		kvc_key(key, i);
		ASSERT_EQ(0, kvc_put(runner.fd, key, key));
		atomic_store(&progress, i + 1);
	}
	ASSERT_EQ(0, pthread_join(runner.thread, NULL));
	EXPECT_EQ(0, runner.wrong); /* L9 */
	ASSERT_EQ(0, kvc_stats(runner.fd, &stats));
	EXPECT_LT(MANY / 2, stats.migrated); /* L2 */
	EXPECT_EQ(MANY, stats.entries_tier + stats.entries_memtable);
	close(runner.fd);
}

TEST_HARNESS_MAIN
