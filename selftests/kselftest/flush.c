// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stream file: who gets it, what it gives, when a run is done
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/uio.h>

#include "flushing.h"
#include "harness.h"

#define PAGE		4096
#define HEAD		sizeof(struct kvc_flush_frame)

FIXTURE(flush) {
	struct kvc_config config;
	struct kvc_stats stats;
	struct flush_run run;
	struct caller sync;
	struct kvc_op op;
	char *buf;
	int fd;
	int stream;
};

#define ROOM	(4u << 20)

FIXTURE_SETUP(flush)
{
	ASSERT_EQ(0, kvc_fresh_netns());
	self->fd = flush_cache("f", FLUSH_NEVER);
	ASSERT_LE(0, self->fd);
	self->stream = flush_open(self->fd);
	ASSERT_LE(0, self->stream);
	self->buf = malloc(ROOM);
	ASSERT_NE(NULL, self->buf);
}

FIXTURE_TEARDOWN(flush)
{
	free(self->buf);
	close(self->stream);
	close(self->fd);
}

static int nonblock(int fd)
{
	return fcntl(fd, F_SETFL, O_NONBLOCK) ? -errno : 0;
}

TEST_F(flush, open_needs_both)
{
	int fd;

	close(self->stream);
	self->stream = -1;
	fd = kvc_open(O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENOTCONN, flush_open(fd));
	close(fd);
	fd = kvc_open_bound(O_RDONLY, "f");
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBADF, flush_open(fd));
	close(fd);
	fd = kvc_open_bound(O_WRONLY, "f");
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBADF, flush_open(fd));
	close(fd);
	self->stream = flush_open(self->fd);
	EXPECT_LE(0, self->stream);
}

TEST_F(flush, open_of_others)
{
	int fd;

	kvc_config_init(&self->config, "plain", KVC_TEST_LIMIT);
	ASSERT_EQ(0, kvc_create(&self->config));
	fd = kvc_open_bound(O_RDWR, "plain");
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EOPNOTSUPP, flush_open(fd));
	ASSERT_EQ(0, kvc_destroy("plain"));
	EXPECT_EQ(-ESHUTDOWN, flush_open(fd));
	close(fd);
}

TEST_F(flush, open_flags)
{
	struct kvc_flush_open open = { .flags = 1 };

	close(self->stream);
	self->stream = -1;
	EXPECT_EQ(-EINVAL, kvc_call(self->fd, KVC_IOC_FLUSH_OPEN, &open));
	open.flags = 0;
	open.reserved = 1;
	EXPECT_EQ(-EINVAL, kvc_call(self->fd, KVC_IOC_FLUSH_OPEN, &open));
	open.reserved = 0;
	open.fd = -77;
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_FLUSH_OPEN, &open));
	self->stream = open.fd;
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->stream, F_GETFD));
}

TEST_F(flush, one_flusher)
{
	int fd = kvc_open_bound(O_RDWR, "f"), again;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBUSY, flush_open(self->fd));
	EXPECT_EQ(-EBUSY, flush_open(fd));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(1, self->stats.flusher);
	again = dup(self->stream);
	close(self->stream);
	EXPECT_EQ(-EBUSY, flush_open(fd));
	close(again);
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(0, self->stats.flusher);
	self->stream = flush_open(fd);
	EXPECT_LE(0, self->stream);
	close(fd);
}

static unsigned int open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

TEST_F(flush, open_that_cannot_be_told)
{
	void *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	unsigned int before;

	ASSERT_NE(MAP_FAILED, page);
	close(self->stream);
	self->stream = -1;
	before = open_files();
	EXPECT_EQ(-EFAULT, kvc_call(self->fd, KVC_IOC_FLUSH_OPEN, page));
	EXPECT_EQ(before, open_files());
	/* Nobody has it. */
	self->stream = flush_open(self->fd);
	EXPECT_LE(0, self->stream);
}

TEST_F(flush, no_other_file)
{
	struct kvc_info info = { 0 };
	char byte = 0;

	EXPECT_EQ(-1, lseek(self->stream, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pread(self->stream, self->buf, ROOM, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, write(self->stream, &byte, 1));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ, MAP_SHARED,
				   self->stream, 0));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(-ENOTTY, kvc_call(self->stream, KVC_IOC_INFO, &info));
	EXPECT_EQ(-ENOTTY, flush_open(self->stream));
	EXPECT_EQ(-ENOTTY, kvc_call(self->stream, KVC_IOC_CLEAR, NULL));
	EXPECT_EQ(-ENOTTY, kvc_call(self->stream,
				    _IOWR(KVC_IOC_MAGIC, 0x0b, __u64), &info));
	/* Nor are its commands the device's. */
	EXPECT_EQ(-ENOTTY, flush_commit(self->fd, 1));
	EXPECT_EQ(-ENOTTY, flush_fail(self->fd, 1, -EIO));
	EXPECT_EQ(-1, read(self->fd, &byte, 1));
	EXPECT_EQ(EINVAL, errno);
}

/* What the store has: by number, 0: nothing, else 1 + the seed of the value */
#define MODEL	3000u

struct model {
	unsigned int seed[MODEL];
	unsigned int len[MODEL];
	__u64 version[MODEL];
	bool gone[MODEL];
	unsigned int wrong;
};

static void learn(void *arg, const struct kvc_flush_rec *rec)
{
	char key[KVC_TEST_KEY] = { 0 };
	struct model *m = arg;
	unsigned int n;

	memcpy(key, flush_key(rec), rec->key_len < 15 ? rec->key_len : 15);
	n = strtoul(key + 1, NULL, 10);
	if (n >= MODEL || rec->key_len != 8) {
		m->wrong++;
		return;
	}
	m->wrong += m->version[n] >= rec->version;
	m->version[n] = rec->version;
	m->gone[n] = rec->flags & KVC_FLUSH_REC_GONE;
	m->seed[n] = rec->client_flags;
	m->len[n] = rec->value_len;
	if (!m->gone[n])
		m->wrong += !kvc_pattern_ok(flush_value(rec), rec->value_len,
					    rec->client_flags);
}

static int put_seeded(int fd, unsigned int n, unsigned int seed)
{
	char key[KVC_TEST_KEY], value[300];
	__u32 len = seed * 37 % sizeof(value);
	struct kvc_op op;

	kvc_pattern(value, len, seed);
	kvc_op_init(&op, KVC_OP_PUT, kvc_key(key, n), 8);
	kvc_op_value(&op, value, len);
	op.client_flags = seed;
	return kvc_do(fd, &op);
}

/* The cache has what the model says, version and all. */
static unsigned int differences(int fd, const struct model *m)
{
	char key[KVC_TEST_KEY], value[300];
	unsigned int n, count = 0;
	struct kvc_op op;
	int ret;

	for (n = 0; n < MODEL; n++) {
		kvc_op_value(&op, value, sizeof(value));
		ret = kvc_get(fd, kvc_key(key, n), &op);
		if (!m->version[n] || m->gone[n])
			count += ret != -ENOENT;
		else
			count += ret || op.version != m->version[n] ||
				 op.client_flags != m->seed[n] ||
				 op.value_len != m->len[n];
	}
	return count;
}

/* L4, L10: sorted, each key once, the newest; tombstones among them */
TEST_F(flush, stream_is_what_was_written)
{
	struct model *m = calloc(1, sizeof(*m));
	unsigned int i, n, round, deleted = 0;
	char key[KVC_TEST_KEY];

	ASSERT_NE(NULL, m);
	for (round = 0; round < 4; round++) {
		for (i = 0; i < 2 * MODEL; i++) {
			n = i * 7919u % MODEL;
			if (i % 5 == round)
				deleted += !kvc_del(self->fd, kvc_key(key, n));
			else
				ASSERT_EQ(0, put_seeded(self->fd, n,
							i + round * 31337));
		}
		ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
		ASSERT_LT(0, flush_read_run(self->stream, &self->run, learn,
					    m));
		EXPECT_EQ(round + 1, self->run.run);
		EXPECT_EQ(0, m->wrong);
		/* L9: all of it is there while the run is on its way. */
		EXPECT_EQ(0, differences(self->fd, m));
		ASSERT_EQ(0, flush_commit(self->stream, self->run.run));
		ASSERT_EQ(0, caller_join(&self->sync));
		EXPECT_EQ(0, differences(self->fd, m));
	}
	EXPECT_LT(100, deleted);
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(4, self->stats.runs_sealed);
	EXPECT_EQ(4, self->stats.runs_committed);
	EXPECT_EQ(0, self->stats.runs_waiting);
	EXPECT_EQ(0, self->stats.dirty_entries);
	EXPECT_EQ(0, self->stats.dirty_bytes);
	EXPECT_LT(MODEL, self->stats.records_flushed);
	free(m);
}

struct last {
	unsigned int records;
	bool gone;
	char value[16];
};

static void remember(void *arg, const struct kvc_flush_rec *rec)
{
	struct last *last = arg;

	last->records++;
	last->gone = rec->flags & KVC_FLUSH_REC_GONE;
	memset(last->value, 0, sizeof(last->value));
	memcpy(last->value, flush_value(rec), rec->value_len);
}

TEST_F(flush, what_was_written_since_is_the_next_run)
{
	struct last last = { 0 };

	ASSERT_EQ(0, kvc_put(self->fd, "a", "one"));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "two"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "three"));
	ASSERT_EQ(1, flush_one(self->stream, remember, &last));
	EXPECT_STREQ("two", last.value);
	ASSERT_EQ(0, caller_join(&self->sync));
	/* The commit made clean what it was about, no more. */
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "three"));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(1, self->stats.dirty_entries);
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(0, kvc_del(self->fd, "a"));
	ASSERT_EQ(1, flush_one(self->stream, remember, &last));
	EXPECT_STREQ("three", last.value);
	ASSERT_EQ(0, caller_join(&self->sync));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "a", "three"));
	/* L10 */
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(1, flush_one(self->stream, remember, &last));
	EXPECT_TRUE(last.gone);
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, expired_pairs_are_flushed)
{
	struct last last = { 0 };

	kvc_op_init(&self->op, KVC_OP_PUT, "a", 1);
	kvc_op_value(&self->op, "ended", 5);
	self->op.expiry = 1;
	ASSERT_EQ(0, kvc_do(self->fd, &self->op));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(1, flush_one(self->stream, remember, &last));
	EXPECT_STREQ("ended", last.value);
	EXPECT_FALSE(last.gone);
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, sealed_by_age)
{
	kvc_config_init(&self->config, "f", KVC_TEST_LIMIT);
	self->config.flush_ms = 10;
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, kvc_set(KVC_GIVEN(FLUSH_MS), &self->config));
	EXPECT_EQ(1, flush_one(self->stream, NULL, NULL));
	ASSERT_EQ(0, kvc_put(self->fd, "b", "x"));
	EXPECT_EQ(1, flush_one(self->stream, NULL, NULL));
}

/* L4: a memtable that is full is sealed. */
TEST_F(flush, sealed_by_size)
{
	unsigned int i;

	for (i = 0; i < 60000; i++)
		ASSERT_EQ(0, put_seeded(self->fd, i, i));
	EXPECT_TRUE(flush_eventually_sealed(self->fd, 1));
	EXPECT_LT(100, flush_one(self->stream, NULL, NULL));
}

static unsigned int put_some(int fd, unsigned int count)
{
	unsigned int n, good = 0;

	for (n = 0; n < count; n++)
		good += !put_seeded(fd, n, 7 * n + 7);
	return good;
}

/* Frames are made for the room that there is. */
TEST_F(flush, room_of_any_size)
{
	static const size_t rooms[] = {
		420, 1000, 4096, 70001, 256 << 10, 300000, 3 << 20,
	};
	unsigned int i;

	ASSERT_EQ(10000, put_some(self->fd, 10000));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		ASSERT_EQ(10000, flush_read_in(self->stream, rooms[i],
					       &self->run));
		EXPECT_LE(i < 6 ? 2000000 / rooms[i] : 7, self->run.frames);
		EXPECT_EQ(1, self->run.run);
		close(self->stream);
		self->stream = flush_open(self->fd);
		ASSERT_LE(0, self->stream);
	}
	ASSERT_EQ(10000, flush_one(self->stream, NULL, NULL));
	ASSERT_EQ(0, caller_join(&self->sync));
}

#define FRAMES	64

TEST_F(flush, room_for_a_frame)
{
	static char value[300000];
	const struct kvc_flush_frame *frame = (const void *)self->buf;
	size_t pair = sizeof(struct kvc_flush_rec) + 1 + sizeof(value);
	long bytes;

	kvc_pattern(value, sizeof(value), 5);
	ASSERT_EQ(0, kvc_put_len(self->fd, "a", value, sizeof(value)));
	ASSERT_EQ(0, kvc_put_len(self->fd, "b", value, 10));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	EXPECT_EQ(-EMSGSIZE, flush_read(self->stream, self->buf, 0));
	EXPECT_EQ(-EMSGSIZE, flush_read(self->stream, self->buf, HEAD));
	EXPECT_EQ(-EMSGSIZE, flush_read(self->stream, self->buf,
					HEAD + pair - 1));
	/* As the header promises */
	bytes = flush_read(self->stream, self->buf, 64 + pair);
	ASSERT_LT(0, bytes);
	EXPECT_EQ(0, frame->seq);
	EXPECT_EQ(1, frame->count);
	EXPECT_EQ(frame->len, bytes);
	EXPECT_EQ(0, frame->flags);
	/* Its last frame was not read. */
	EXPECT_EQ(-EINVAL, flush_commit(self->stream, 1));
	bytes = flush_read(self->stream, self->buf, 64 + 40 + 1 + 10);
	ASSERT_LT(0, bytes);
	EXPECT_EQ(1, frame->seq);
	while (!frame->flags && bytes > 0)
		bytes = flush_read(self->stream, self->buf, 64);
	EXPECT_EQ(KVC_FLUSH_LAST, frame->flags);
	EXPECT_EQ(0, flush_commit(self->stream, 1));
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, pairs_larger_than_a_read)
{
	char *value = malloc(3u << 20);
	struct kvc_config config;
	int fd, stream;

	ASSERT_NE(NULL, value);
	/* A third of a shard's part takes one, or it would be sealed at once. */
	flush_config(&config, "large", 256 << 20, FLUSH_NEVER);
	config.value_max = 3u << 20;
	ASSERT_EQ(0, kvc_create(&config));
	fd = kvc_open_bound(O_RDWR, "large");
	stream = flush_open(fd);
	ASSERT_LE(0, stream);
	kvc_pattern(value, 3u << 20, 5);
	ASSERT_EQ(0, kvc_put_len(fd, "a", value, 3u << 20));
	ASSERT_EQ(0, kvc_put(fd, "b", "small"));
	ASSERT_EQ(0, kvc_put_len(fd, "c", value, (3u << 20) - 1));
	ASSERT_EQ(0, flush_seal(&self->sync, fd));
	EXPECT_EQ(3, flush_one(stream, NULL, NULL));
	ASSERT_EQ(0, caller_join(&self->sync));
	close(stream);
	close(fd);
	free(value);
}

TEST_F(flush, nothing_is_lost_by_a_fault)
{
	char *pages = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	ASSERT_NE(MAP_FAILED, pages);
	ASSERT_EQ(0, munmap(pages + (4 << 20), 4 << 20));
	ASSERT_EQ(3000, put_some(self->fd, 3000));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(-EFAULT, flush_read(self->stream, NULL, ROOM));
		/* Only the end of it is not there. */
		EXPECT_EQ(-EFAULT, flush_read(self->stream,
					      pages + (4 << 20) - 10000, ROOM));
	}
	/* What was read in the kernel was not read by anybody. */
	EXPECT_EQ(-EINVAL, flush_commit(self->stream, 1));
	/* And it comes in smaller pieces, too. */
	EXPECT_EQ(-EMSGSIZE, flush_read(self->stream, self->buf, 100));
	EXPECT_EQ(3000, flush_one(self->stream, NULL, NULL));
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, vectors)
{
	struct iovec iov[2] = {
		{ .iov_base = self->buf, .iov_len = 100 },
		{ .iov_base = self->buf + 100, .iov_len = ROOM - 100 },
	};

	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	/* A frame is not cut. */
	EXPECT_EQ(-1, readv(self->stream, iov, 2));
	EXPECT_EQ(EMSGSIZE, errno);
	iov[0].iov_len = ROOM;
	EXPECT_LT(0, readv(self->stream, iov, 1));
	EXPECT_EQ(0, flush_commit(self->stream, 1));
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, abandoned_runs_are_offered_again)
{
	unsigned int i;

	ASSERT_EQ(20000, put_some(self->fd, 20000));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	for (i = 0; i < 3; i++) {
		/* A part of it, all of it */
		if (i == 1)
			ASSERT_LT(0, flush_read(self->stream, self->buf,
						300 << 10));
		if (i == 2)
			ASSERT_EQ(20000, flush_read_run(self->stream,
							&self->run, NULL,
							NULL));
		close(self->stream);
		ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
		EXPECT_EQ(1, self->stats.runs_waiting);
		EXPECT_EQ(20000, self->stats.dirty_entries);
		self->stream = flush_open(self->fd);
		ASSERT_LE(0, self->stream);
		/* It has read nothing of it. */
		EXPECT_EQ(-EINVAL, flush_commit(self->stream, 1));
	}
	EXPECT_EQ(20000, flush_read_run(self->stream, &self->run, NULL, NULL));
	EXPECT_EQ(1, self->run.run);
	EXPECT_EQ(0, flush_commit(self->stream, 1));
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, commit_of_another_run)
{
	struct kvc_flush_commit commit = { .run = 1, .flags = 1 };
	struct caller second = { 0 };

	EXPECT_EQ(-EINVAL, flush_commit(self->stream, 0));
	EXPECT_EQ(-EINVAL, flush_commit(self->stream, 1));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(0, kvc_put(self->fd, "b", "x"));
	ASSERT_EQ(0, flush_seal(&second, self->fd));
	EXPECT_EQ(-EINVAL, flush_commit(self->stream, 1));
	ASSERT_EQ(1, flush_read_run(self->stream, NULL, NULL, NULL));
	EXPECT_EQ(-EINVAL, flush_commit(self->stream, 0));
	EXPECT_EQ(-EINVAL, flush_commit(self->stream, 2));
	EXPECT_EQ(-EINVAL, flush_commit(self->stream, ~0ull));
	EXPECT_EQ(-EINVAL, kvc_call(self->stream, KVC_IOC_FLUSH_COMMIT,
				    &commit));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(2, self->stats.runs_waiting);
	EXPECT_EQ(0, flush_commit(self->stream, 1));
	EXPECT_EQ(-EINVAL, flush_commit(self->stream, 1));
	EXPECT_EQ(-EINVAL, flush_commit(self->stream, 2));
	ASSERT_EQ(0, caller_join(&self->sync));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(1, self->stats.runs_waiting);
	EXPECT_EQ(1, flush_one(self->stream, NULL, NULL));
	ASSERT_EQ(0, caller_join(&second));
}

TEST_F(flush, fail_needs_its_form)
{
	struct kvc_flush_fail fail = { .run = 1, .error = -EIO,
				       .reserved = 1 };

	/* There is no run. */
	EXPECT_EQ(-EINVAL, flush_fail(self->stream, 0, -EIO));
	EXPECT_EQ(-EINVAL, flush_fail(self->stream, 1, -EIO));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	EXPECT_EQ(-EINVAL, flush_fail(self->stream, 1, 0));
	EXPECT_EQ(-EINVAL, flush_fail(self->stream, 1, 5));
	EXPECT_EQ(-EINVAL, flush_fail(self->stream, 1, -512));
	EXPECT_EQ(-EINVAL, flush_fail(self->stream, 1, -2147483647 - 1));
	EXPECT_EQ(-EINVAL, flush_fail(self->stream, 2, -EIO));
	EXPECT_EQ(-EINVAL, kvc_call(self->stream, KVC_IOC_FLUSH_FAIL, &fail));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(0, self->stats.flush_error);
	EXPECT_EQ(1, flush_one(self->stream, NULL, NULL));
	ASSERT_EQ(0, caller_join(&self->sync));
	EXPECT_EQ(-EINVAL, flush_fail(self->stream, 1, -EIO));
}

TEST_F(flush, error_is_shown_until_a_commit)
{
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(0, flush_fail(self->stream, 1, -ENOSPC));
	EXPECT_EQ(-ENOSPC, caller_join(&self->sync));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(ENOSPC, self->stats.flush_error);
	/* Whoever flushes next has to be successful first. */
	close(self->stream);
	self->stream = flush_open(self->fd);
	ASSERT_LE(0, self->stream);
	ASSERT_EQ(0, flush_fail(self->stream, 1, -EIO));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(EIO, self->stats.flush_error);
	EXPECT_EQ(1, self->stats.runs_waiting);
	EXPECT_EQ(1, flush_one(self->stream, NULL, NULL));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(0, self->stats.flush_error);
}

static int poll_of(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int ret = poll(&p, 1, 0);

	return ret < 0 ? -errno : p.revents;
}

static void *poll_for_input(void *arg)
{
	struct pollfd p = { .fd = *(int *)arg, .events = POLLIN };

	return poll(&p, 1, 60000) == 1 ? arg : NULL;
}

TEST_F(flush, without_waiting)
{
	pthread_t thread;
	void *woken;

	ASSERT_EQ(0, nonblock(self->stream));
	EXPECT_EQ(-EAGAIN, flush_read(self->stream, self->buf, ROOM));
	EXPECT_EQ(0, poll_of(self->stream));
	ASSERT_EQ(0, pthread_create(&thread, NULL, poll_for_input,
				    &self->stream));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	EXPECT_EQ(-EAGAIN, flush_read(self->stream, self->buf, ROOM));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(0, pthread_join(thread, &woken));
	EXPECT_NE(NULL, woken);
	EXPECT_EQ(POLLIN, poll_of(self->stream));
	EXPECT_EQ(-EMSGSIZE, flush_read(self->stream, self->buf, 10));
	EXPECT_EQ(POLLIN, poll_of(self->stream));
	EXPECT_LT(0, flush_read(self->stream, self->buf, ROOM));
	EXPECT_EQ(0, poll_of(self->stream));
	EXPECT_EQ(-EAGAIN, flush_read(self->stream, self->buf, ROOM));
	EXPECT_EQ(0, flush_commit(self->stream, 1));
	EXPECT_EQ(0, poll_of(self->stream));
	EXPECT_EQ(-EAGAIN, flush_read(self->stream, self->buf, ROOM));
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, input_after_a_fault)
{
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	EXPECT_EQ(-EFAULT, flush_read(self->stream, NULL, ROOM));
	EXPECT_EQ(POLLIN, poll_of(self->stream));
	EXPECT_EQ(1, flush_one(self->stream, NULL, NULL));
	EXPECT_EQ(0, poll_of(self->stream));
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, read_waits_for_a_run)
{
	struct caller reader = { 0 };

	ASSERT_EQ(0, caller_start(&reader, caller_read, self->stream));
	ASSERT_TRUE(caller_sleeps(&reader, 'S'));
	/* Others may use the file meanwhile. */
	EXPECT_EQ(-EINVAL, flush_commit(self->stream, 1));
	EXPECT_EQ(0, poll_of(self->stream));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	EXPECT_LT(0, caller_join(&reader));
	EXPECT_EQ(0, flush_commit(self->stream, 1));
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, read_waits_for_the_commit)
{
	struct caller reader = { 0 }, second = { 0 };

	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "y"));
	ASSERT_EQ(0, flush_seal(&second, self->fd));
	ASSERT_EQ(1, flush_read_run(self->stream, NULL, NULL, NULL));
	ASSERT_EQ(0, caller_start(&reader, caller_read, self->stream));
	ASSERT_TRUE(caller_sleeps(&reader, 'S'));
	EXPECT_EQ(0, flush_commit(self->stream, 1));
	/* That was the other one's first and last frame. */
	EXPECT_LT(0, caller_join(&reader));
	EXPECT_EQ(0, flush_commit(self->stream, 2));
	ASSERT_EQ(0, caller_join(&self->sync));
	ASSERT_EQ(0, caller_join(&second));
}

static void on_signal(int number)
{
	(void)number;
}

TEST_F(flush, signal_ends_a_read)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct caller reader = { 0 };

	ASSERT_EQ(0, sigaction(SIGUSR1, &action, NULL));
	ASSERT_EQ(0, caller_start(&reader, caller_read, self->stream));
	ASSERT_TRUE(caller_sleeps(&reader, 'S'));
	ASSERT_EQ(0, pthread_kill(reader.thread, SIGUSR1));
	EXPECT_EQ(-EINTR, caller_join(&reader));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	EXPECT_EQ(1, flush_one(self->stream, NULL, NULL));
	ASSERT_EQ(0, caller_join(&self->sync));
}

TEST_F(flush, destroyed_while_open)
{
	struct caller reader = { 0 };

	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(1, flush_read_run(self->stream, NULL, NULL, NULL));
	ASSERT_EQ(0, caller_start(&reader, caller_read, self->stream));
	ASSERT_TRUE(caller_sleeps(&reader, 'S'));
	ASSERT_EQ(-EBUSY, kvc_destroy("f"));
	ASSERT_EQ(0, kvc_discard("f"));
	EXPECT_EQ(-ESHUTDOWN, caller_join(&reader));
	EXPECT_EQ(-ESHUTDOWN, caller_join(&self->sync));
	EXPECT_EQ(-ESHUTDOWN, flush_read(self->stream, self->buf, ROOM));
	EXPECT_EQ(-ESHUTDOWN, flush_commit(self->stream, 1));
	EXPECT_EQ(-ESHUTDOWN, flush_fail(self->stream, 1, -EIO));
	EXPECT_EQ(-ESHUTDOWN, flush_open(self->fd));
	EXPECT_EQ(POLLIN | POLLHUP | POLLERR, poll_of(self->stream));
	close(self->stream);
	self->stream = -1;
	EXPECT_EQ(-ESHUTDOWN, flush_open(self->fd));
}

/* The stream alone keeps the cache's namespace, and so the cache. */
TEST_F(flush, stream_keeps_the_namespace)
{
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	/* Ends the wait, so that nobody else is there. */
	ASSERT_EQ(0, flush_fail(self->stream, 1, -EIO));
	ASSERT_EQ(-EIO, caller_join(&self->sync));
	close(self->fd);
	self->fd = -1;
	ASSERT_EQ(0, kvc_fresh_netns());
	EXPECT_EQ(1, flush_one(self->stream, NULL, NULL));
}

/* L11: what was flushed is still in the cache tier. */
TEST_F(flush, hot_pairs_stay)
{
	char key[KVC_TEST_KEY];
	__u64 hits, tier;
	unsigned int n;

	ASSERT_EQ(100, put_some(self->fd, 100));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	tier = self->stats.entries_tier;
	EXPECT_EQ(100, tier);
	hits = self->stats.hits_tier;
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(100, flush_one(self->stream, NULL, NULL));
	ASSERT_EQ(0, caller_join(&self->sync));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(tier, self->stats.entries_tier);
	EXPECT_EQ(0, self->stats.dirty_entries);
	for (n = 0; n < 100; n++) {
		kvc_op_value(&self->op, self->buf, ROOM);
		EXPECT_EQ(0, kvc_get(self->fd, kvc_key(key, n), &self->op));
	}
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(hits + 100, self->stats.hits_tier);
}

/* What was flushed makes room for others, and those need not wait. */
TEST_F(flush, clean_pairs_make_room)
{
	struct kvc_config config;
	unsigned int n;
	int fd, stream;

	flush_config(&config, "small", 1 << 20, 10);
	ASSERT_EQ(0, kvc_create(&config));
	fd = kvc_open_bound(O_RDWR, "small");
	stream = flush_open(fd);
	ASSERT_LE(0, stream);
	ASSERT_EQ(0, nonblock(stream));
	for (n = 0; n < 20000; n++) {
		ASSERT_EQ(0, nonblock(fd));
		while (put_seeded(fd, n, n) == -EAGAIN) {
			ASSERT_EQ(0, fcntl(stream, F_SETFL, 0));
			ASSERT_LT(0, flush_one(stream, NULL, NULL));
		}
	}
	ASSERT_EQ(0, kvc_stats(fd, &self->stats));
	EXPECT_LT(1000, self->stats.evicted_limit);
	EXPECT_LT(2, self->stats.runs_committed);
	close(stream);
	close(fd);
}

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
