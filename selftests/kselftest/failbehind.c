// SPDX-License-Identifier: GPL-2.0-only
/*
 * Failures, see failinject.h, in what brings a write-behind cache into its store
 */
#include <errno.h>

#include "failinject.h"

/* A write-behind cache: what was acknowledged is in the stream, whatever fails. */
struct store {
	unsigned int records;
	bool gone;
	char value[8];
};

static void store(void *arg, const struct kvc_flush_rec *rec)
{
	struct store *s = arg;

	s->records++;
	s->gone = rec->flags & KVC_FLUSH_REC_GONE;
	memset(s->value, 0, sizeof(s->value));
	memcpy(s->value, flush_value(rec), rec->value_len);
}

TEST_F(failnth, flush_open)
{
	int fd = flush_cache("behind", FLUSH_NEVER), stream;
	struct injector *in = &self->injector;
	bool hit;

	ASSERT_LE(0, fd);
	do {
		ASSERT_EQ(0, arm(in));
		stream = flush_open(fd);
		hit = disarm(in);
		ASSERT_TRUE(stream == -ENFILE || stream == -EMFILE ||
			    answer_ok(stream < 0 ? stream : 0, hit));
		if (stream >= 0)
			close(stream);
		ASSERT_LT(in->nth, MOST);
	} while (hit);
	/* Nobody was left as the flusher. */
	stream = flush_open(fd);
	EXPECT_LE(0, stream);
	EXPECT_LT(0, in->injected);
	close(stream);
	close(fd);
}

static int del_and_put(int fd, unsigned int i)
{
	return i % 2 ? kvc_del(fd, "a") : kvc_put(fd, "a", "x");
}

TEST_F_TIMEOUT(failnth, writes_behind, 600)
{
	int fd = flush_cache("behind", FLUSH_NEVER), ret, seen;
	struct injector *in = &self->injector;
	unsigned int round;
	struct kvc_op op;
	bool hit;

	ASSERT_LE(0, fd);
	/* Tombstones and copies for TOUCH need memory, too. */
	for (round = 0; round < 2; round++) {
		in->nth = 0;
		do {
			ASSERT_EQ(0, kvc_put(fd, "a", "x"));
			if (round) {
				kvc_op_init(&op, KVC_OP_TOUCH, "a", 1);
				hit = TRY(in, ret, kvc_do(fd, &op));
				ASSERT_EQ(0, kvc_expect(fd, "a", "x"));
			} else {
				hit = TRY(in, ret, kvc_del(fd, "a"));
				seen = kvc_expect(fd, "a", "x");
				ASSERT_TRUE(outcome_ok(ret, seen, 0, -ENOENT));
			}
		} while (hit);
	}
	EXPECT_LT(0, in->injected);
	close(fd);
}

/* Another process flushes, in which nothing fails. */
static int flush_beside(int stream)
{
	int pid = fork();

	if (pid)
		return pid;
	while (flush_one(stream, NULL, NULL) > 0)
		;
	_exit(1);
}

/* What fsync() promises it keeps; what it cannot seal is sealed later. */
TEST_F_TIMEOUT(failnth, fsync, 600)
{
	int fd = flush_cache("behind", FLUSH_NEVER), stream, pid, ret;
	struct injector *in = &self->injector;
	char key[KVC_TEST_KEY];
	struct kvc_stats stats;
	unsigned int i;
	bool hit;

	ASSERT_LE(0, fd);
	stream = flush_open(fd);
	ASSERT_LE(0, stream);
	pid = flush_beside(stream);
	ASSERT_LE(0, pid);
	do {
		for (i = 0; i < 100; i++)
			ASSERT_EQ(0, kvc_put(fd, kvc_key(key, i), "x"));
		hit = TRY(in, ret, fsync(fd) ? -errno : 0);
		ASSERT_TRUE(!ret || ret == -ENOMEM);
		if (ret)
			ASSERT_EQ(0, fsync(fd));
		ASSERT_EQ(0, kvc_stats(fd, &stats));
		ASSERT_EQ(0, stats.dirty_entries);
	} while (hit);
	EXPECT_LT(0, in->injected);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(-EPROTO, kvc_wait(pid));
	close(stream);
	close(fd);
}

/* Reading and committing, each with one failure */
TEST_F_TIMEOUT(failnth, flush, 900)
{
	int fd = flush_cache("behind", FLUSH_NEVER), stream, ret;
	struct injector *in = &self->injector;
	struct flush_run run;
	struct store s;
	bool hit;
	unsigned int i = 0;

	ASSERT_LE(0, fd);
	stream = flush_open(fd);
	ASSERT_LE(0, stream);
	do {
		memset(&s, 0, sizeof(s));
		ret = del_and_put(fd, i);
		ASSERT_TRUE(!ret || ret == -ENOENT);
		ASSERT_EQ(0, kvc_set(KVC_SET_BEHIND, &(struct kvc_config){
			.name = "behind", .flush_ms = 10 }));
		/* What fails is asked for again: the stream begins anew. */
		ASSERT_EQ(0, arm(in));
		ret = flush_read_run(stream, &run, store, &s);
		hit = disarm(in);
		ASSERT_TRUE(answer_ok(ret < 0 ? ret : 0, hit) || ret == -EPROTO);
		if (ret < 0) {
			close(stream);
			stream = flush_open(fd);
			ASSERT_LE(0, stream);
			memset(&s, 0, sizeof(s));
			ret = flush_read_run(stream, &run, store, &s);
		}
		ASSERT_EQ(1, ret);
		ASSERT_EQ(i % 2, s.gone);
		ASSERT_STREQ(i % 2 ? "" : "x", s.value);
		ASSERT_EQ(0, arm(in));
		ret = flush_commit(stream, run.run);
		disarm(in);
		if (ret)
			ASSERT_EQ(0, flush_commit(stream, run.run));
		in->nth--;
		i++;
	} while (hit);
	EXPECT_LT(0, in->injected);
	close(stream);
	close(fd);
}

TEST_HARNESS_MAIN
