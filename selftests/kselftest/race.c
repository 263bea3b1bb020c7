// SPDX-License-Identifier: GPL-2.0-only
/*
 * What another thread or a signal does during a call
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sched.h>

#include "harness.h"
#include "kvctest.h"

#define SHORT	16u
#define LONG	4000u

/* A word that another thread switches between two values all the time. */
struct flipper {
	_Atomic __u32 *word;
	__u32 one, other;
	atomic_bool stop;
	pthread_t thread;
};

static void *flip(void *arg)
{
	struct flipper *f = arg;

	while (!atomic_load_explicit(&f->stop, memory_order_relaxed)) {
		atomic_store_explicit(f->word, f->one, memory_order_relaxed);
		atomic_store_explicit(f->word, f->other, memory_order_relaxed);
	}
	return NULL;
}

static int flipper_start(struct flipper *f, __u32 *word, __u32 one, __u32 other)
{
	f->word = (_Atomic __u32 *)word;
	f->one = one;
	f->other = other;
	atomic_init(&f->stop, false);
	return pthread_create(&f->thread, NULL, flip, f);
}

static int flipper_stop(struct flipper *f)
{
	atomic_store(&f->stop, true);
	return pthread_join(f->thread, NULL);
}

FIXTURE(flip) {
	struct flipper flipper;
	struct kvc_op op;
	struct kvc_op get;
	unsigned char value[LONG];
	unsigned char seen[LONG];
	int fd;
};

FIXTURE_SETUP(flip)
{
	self->fd = kvc_setup_default();
	ASSERT_LE(0, self->fd);
	kvc_pattern(self->value, LONG, 1);
}

FIXTURE_TEARDOWN(flip)
{
	close(self->fd);
}

TEST_F(flip, value_length_of_put)
{
	unsigned int i, len;

	kvc_op_init(&self->op, KVC_OP_PUT, "a", 1);
	kvc_op_value(&self->op, self->value, SHORT);
	ASSERT_EQ(0, flipper_start(&self->flipper, &self->op.value_len, SHORT,
				   LONG));
	for (i = 0; i < kvc_effort(20000); i++) {
		self->op.version = 0;
		ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_OP, &self->op));
		kvc_op_value(&self->get, self->seen, LONG);
		ASSERT_EQ(0, kvc_get(self->fd, "a", &self->get));
		len = self->get.value_len;
		ASSERT_TRUE(len == SHORT || len == LONG);
		ASSERT_EQ(0, memcmp(self->seen, self->value, len));
	}
	ASSERT_EQ(0, flipper_stop(&self->flipper));
}

TEST_F(flip, room_of_get)
{
	unsigned char untouched[LONG];
	unsigned int i, from;
	int ret;

	memset(untouched, 0xee, LONG);
	ASSERT_EQ(0, kvc_put_len(self->fd, "a", self->value, 1000));
	kvc_op_init(&self->op, KVC_OP_GET, "a", 1);
	kvc_op_value(&self->op, self->seen, SHORT);
	ASSERT_EQ(0, flipper_start(&self->flipper, &self->op.value_len, SHORT,
				   1000));
	for (i = 0; i < kvc_effort(20000); i++) {
		memset(self->seen, 0xee, LONG);
		self->op.version = 0;
		self->op.expiry = 0;
		ret = kvc_call(self->fd, KVC_IOC_OP, &self->op);
		ASSERT_TRUE(!ret || ret == -ERANGE);
		/* All of the value or nothing of it. */
		from = ret ? 0 : 1000;
		ASSERT_EQ(0, memcmp(self->seen, self->value, from));
		ASSERT_EQ(0, memcmp(self->seen + from, untouched, LONG - from));
	}
	ASSERT_EQ(0, flipper_stop(&self->flipper));
}

/* Flags are checked where they are used: one would fail, the other is unknown. */
TEST_F(flip, flags_of_put)
{
	unsigned int i;
	int ret;

	ASSERT_EQ(0, kvc_put(self->fd, "a", "first"));
	kvc_op_init(&self->op, KVC_OP_PUT, "a", 1);
	kvc_op_value(&self->op, self->value, SHORT);
	self->op.flags = KVC_OP_F_CREATE;
	ASSERT_EQ(0, flipper_start(&self->flipper, &self->op.flags,
				   KVC_OP_F_CREATE, 1u << 31));
	for (i = 0; i < kvc_effort(20000); i++) {
		self->op.version = 0;
		ret = kvc_call(self->fd, KVC_IOC_OP, &self->op);
		ASSERT_TRUE(ret == -EEXIST || ret == -EINVAL);
	}
	ASSERT_EQ(0, flipper_stop(&self->flipper));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "first"));
}

static void count_keys(void *arg, const struct kvc_scan_rec *rec)
{
	const unsigned char *key = kvc_rec_key(rec);
	unsigned int *wrong = arg;

	*wrong += (rec->key_len != 3 && rec->key_len != 300) ||
		  memcmp(key, "xyz", 3);
}

TEST_F(flip, key_length)
{
	struct kvc_scan scan;
	unsigned int i, wrong = 0;
	char key[300];
	__aligned_u64 buf[512];

	memset(key, 'x', sizeof(key));
	memcpy(key, "xyz", 3);
	kvc_op_init(&self->op, KVC_OP_PUT, key, 3);
	ASSERT_EQ(0, flipper_start(&self->flipper, &self->op.key_len, 3, 300));
	for (i = 0; i < kvc_effort(20000); i++) {
		self->op.version = 0;
		ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_OP, &self->op));
	}
	ASSERT_EQ(0, flipper_stop(&self->flipper));
	kvc_scan_init(&scan, buf, sizeof(buf));
	EXPECT_GE(2, kvc_scan_all(self->fd, &scan, count_keys, &wrong));
	EXPECT_EQ(0, wrong);
}

/* The value's bytes change while they are copied: any mix, but no crash. */
TEST_F(flip, bytes_of_value)
{
	unsigned int i;
	__u32 first;

	memset(self->value, 0x11, 4);
	ASSERT_EQ(0, flipper_start(&self->flipper, (__u32 *)self->value,
				   0x11111111, 0x22222222));
	for (i = 0; i < kvc_effort(20000); i++) {
		ASSERT_EQ(0, kvc_put_len(self->fd, "a", self->value, SHORT));
		kvc_op_value(&self->get, self->seen, LONG);
		ASSERT_EQ(0, kvc_get(self->fd, "a", &self->get));
		ASSERT_EQ(SHORT, self->get.value_len);
		memcpy(&first, self->seen, 4);
		ASSERT_TRUE((first & 0xff) == 0x11 || (first & 0xff) == 0x22);
	}
	ASSERT_EQ(0, flipper_stop(&self->flipper));
}

#define MANY	kvc_effort(100000)

FIXTURE(signal) {
	struct kvc_stats stats;
	int fd;
};

static int fill(int fd)
{
	char key[KVC_TEST_KEY];
	unsigned int i;
	int ret = 0;

	for (i = 0; i < MANY && !ret; i++)
		ret = kvc_put(fd, kvc_key(key, i), "value");
	return ret;
}

FIXTURE_SETUP(signal)
{
	struct kvc_config config;

	kvc_config_init(&config, KVC_TEST_NAME, 64 << 20);
	self->fd = kvc_setup(&config);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, fill(self->fd));
}

FIXTURE_TEARDOWN(signal)
{
	close(self->fd);
}

/* The figures agree with what a scan finds, and a CLEAR leaves nothing. */
static void expect_sound(struct __test_metadata *_metadata, int fd)
{
	static __aligned_u64 buf[1 << 17];
	struct kvc_stats stats;
	struct kvc_scan scan;
	int found;

	kvc_scan_init(&scan, buf, sizeof(buf));
	scan.flags = KVC_SCAN_F_KEYS;
	found = kvc_scan_all(fd, &scan, NULL, NULL);
	ASSERT_LE(0, found);
	ASSERT_EQ(0, kvc_stats(fd, &stats));
	EXPECT_EQ((__u64)found, stats.entries_tier + stats.entries_memtable);
	EXPECT_EQ(MANY, found + stats.cleared);
	EXPECT_EQ(0, kvc_clear(fd));
	ASSERT_EQ(0, kvc_stats(fd, &stats));
	EXPECT_EQ(0, stats.entries_tier + stats.entries_memtable);
	EXPECT_EQ(0, stats.bytes_tier + stats.bytes_memtable);
	EXPECT_EQ(0, kvc_put(fd, "a", "x"));
	EXPECT_EQ(0, kvc_expect(fd, "a", "x"));
}

TEST_F(signal, kill_during_clear)
{
	int ready[2], pid, status;
	char byte = 0;

	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (write(ready[1], &byte, 1) == 1)
			kvc_clear(self->fd);
		pause();
	}
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	expect_sound(_metadata, self->fd);
}

/* Ends a purge by prefix in the middle; how many pairs it had removed by then */
static int purge_killed(int fd)
{
	struct kvc_stats stats;
	__u64 before;
	int pid, status;

	if (kvc_stats(fd, &stats))
		return -EPROTO;
	before = stats.purged;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		kvc_purge(KVC_TEST_NAME, "k", true);
		pause();
	}
	do {
		sched_yield();
		if (kvc_stats(fd, &stats))
			return -EPROTO;
	} while (stats.purged == before);
	if (kill(pid, SIGKILL) || waitpid(pid, &status, 0) != pid ||
	    !WIFSIGNALED(status) || kvc_stats(fd, &stats))
		return -EPROTO;
	return stats.purged - before;
}

/* bad input row: a fatal signal in a long purge */
TEST_F(signal, kill_during_purge)
{
	int purged = purge_killed(self->fd);
	unsigned int again = 10;

	/* It may be done before the signal comes, but not each time. */
	while (purged == (int)MANY && again--) {
		ASSERT_EQ(0, fill(self->fd));
		purged = purge_killed(self->fd);
	}
	ASSERT_LT(0, purged);
	EXPECT_GT((int)MANY, purged);
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(MANY, self->stats.entries_tier +
			self->stats.entries_memtable + purged);
	/* Another one goes on where that was given up. */
	EXPECT_EQ(0, kvc_purge(KVC_TEST_NAME, "k", true));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(0, self->stats.entries_tier + self->stats.entries_memtable);
}

static void on_signal(int number)
{
	(void)number;
}

struct clearing {
	int fd;
	unsigned int interrupted;
	int ret;
	atomic_bool done;
};

static void *clear_all(void *arg)
{
	struct clearing *clearing = arg;

	do {
		clearing->ret = kvc_clear(clearing->fd);
		clearing->interrupted += clearing->ret == -EINTR;
	} while (clearing->ret == -EINTR);
	atomic_store(&clearing->done, true);
	return NULL;
}

TEST_F(signal, clear_is_resumed)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct clearing clearing = { .fd = self->fd };
	pthread_t thread;

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	ASSERT_EQ(0, pthread_create(&thread, NULL, clear_all, &clearing));
	while (!atomic_load(&clearing.done))
		pthread_kill(thread, SIGUSR1);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, clearing.ret);
	EXPECT_LT(0, clearing.interrupted);
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(MANY, self->stats.cleared);
	expect_sound(_metadata, self->fd);
}

TEST_HARNESS_MAIN
