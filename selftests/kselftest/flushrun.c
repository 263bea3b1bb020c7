// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs: what they have, when they are sealed, when one is done, and what stays in
 * the cache
 */
#include <errno.h>

#include "flushfixture.h"

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

TEST_HARNESS_MAIN
