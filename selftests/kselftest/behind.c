// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations of a write-behind cache: what it knows of keys, and does not
 */
#include <errno.h>
#include <fcntl.h>

#include "behindfixture.h"

static int put_as(int fd, struct kvc_op *op, const char *key, __u32 flags,
		  __u64 version)
{
	kvc_op_init(op, KVC_OP_PUT, key, strlen(key));
	kvc_op_value(op, "filled", flags & KVC_OP_F_GONE ? 0 : 6);
	op->flags = flags;
	op->version = version;
	return kvc_do(fd, op);
}

static int del_at(int fd, struct kvc_op *op, const char *key, __u64 version)
{
	kvc_op_init(op, KVC_OP_DEL, key, strlen(key));
	op->flags = version ? KVC_OP_F_CAS : 0;
	op->version = version;
	return kvc_do(fd, op);
}

static int touch(int fd, struct kvc_op *op, const char *key, __u64 ttl)
{
	kvc_op_init(op, KVC_OP_TOUCH, key, strlen(key));
	op->flags = KVC_OP_F_TTL;
	op->expiry = ttl;
	return kvc_do(fd, op);
}

/* A GET that has to miss: its token, or ~0 */
static __u64 token_of(int fd, const char *key)
{
	struct kvc_op op = { 0 };

	return kvc_get(fd, key, &op) == -ENOENT ? op.version : ~0ull;
}

TEST_F(behind, info)
{
	__u64 cache;

	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_INFO, &self->info));
	EXPECT_EQ(KVC_INFO_F_WRITEBEHIND, self->info.flags);
	EXPECT_EQ(KVC_ABI_LEVEL, self->info.abi_level);
	EXPECT_NE(0, self->info.cache);
	cache = self->info.cache;
	/* One that is made anew is another one. */
	close(self->stream);
	self->stream = -1;
	ASSERT_EQ(0, kvc_destroy("b"));
	close(self->fd);
	self->fd = flush_cache("b", FLUSH_NEVER);
	ASSERT_LE(0, self->fd);
	memset(&self->info, 0, sizeof(self->info));
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_INFO, &self->info));
	EXPECT_NE(0, self->info.cache);
	EXPECT_NE(cache, self->info.cache);
}

TEST_F(behind, info_of_the_first_version)
{
	const unsigned long cmd = _IOWR(KVC_IOC_MAGIC, 0,
					char[KVC_INFO_SIZE_VER0]);

	memset(&self->info, 0x5a, sizeof(self->info));
	ASSERT_EQ(0, kvc_call(self->fd, cmd, &self->info));
	EXPECT_EQ(KVC_INFO_F_WRITEBEHIND, self->info.flags);
	EXPECT_STREQ("b", self->info.name);
	EXPECT_EQ(0x5a5a5a5a5a5a5a5aull, self->info.cache);
}

TEST_F(behind, conditions_on_what_is_unknown)
{
	ASSERT_EQ(0, kvc_put(self->fd, "other", "x"));
	EXPECT_EQ(-ENODATA, put_as(self->fd, &self->op, "a", KVC_OP_F_CREATE,
				   0));
	EXPECT_EQ(-ENODATA, put_as(self->fd, &self->op, "a", KVC_OP_F_REPLACE,
				   0));
	EXPECT_EQ(-ENODATA, put_as(self->fd, &self->op, "a", KVC_OP_F_CAS, 5));
	EXPECT_EQ(-ENODATA, del_at(self->fd, &self->op, "a", 5));
	EXPECT_EQ(-ENODATA, touch(self->fd, &self->op, "a", 0));
	/* Nothing was left behind by these. */
	EXPECT_NE(0, token_of(self->fd, "a"));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(1, self->stats.dirty_entries);
}

TEST_F(behind, conditions_on_what_is_known)
{
	__u64 version;

	ASSERT_EQ(0, put_as(self->fd, &self->op, "a", 0, 0));
	version = self->op.version;
	EXPECT_EQ(-EEXIST, put_as(self->fd, &self->op, "a", KVC_OP_F_CREATE,
				  0));
	EXPECT_EQ(-ESTALE, put_as(self->fd, &self->op, "a", KVC_OP_F_CAS,
				  version + 1));
	ASSERT_EQ(0, put_as(self->fd, &self->op, "a", KVC_OP_F_CAS, version));
	EXPECT_LT(version, self->op.version);
	ASSERT_EQ(0, put_as(self->fd, &self->op, "a", KVC_OP_F_REPLACE, 0));
	version = self->op.version;
	EXPECT_EQ(-ESTALE, del_at(self->fd, &self->op, "a", version - 1));
	EXPECT_EQ(0, del_at(self->fd, &self->op, "a", version));
	/* Known to be deleted. */
	EXPECT_EQ(-ENOENT, put_as(self->fd, &self->op, "a", KVC_OP_F_REPLACE,
				  0));
	EXPECT_EQ(-ENOENT, put_as(self->fd, &self->op, "a", KVC_OP_F_CAS,
				  version));
	EXPECT_EQ(-ENOENT, del_at(self->fd, &self->op, "a", version));
	EXPECT_EQ(-ENOENT, touch(self->fd, &self->op, "a", 0));
	EXPECT_EQ(0, put_as(self->fd, &self->op, "a", KVC_OP_F_CREATE, 0));
}

TEST_F(behind, delete_of_what_is_unknown)
{
	/* The store may have it. */
	EXPECT_EQ(0, del_at(self->fd, &self->op, "a", 0));
	EXPECT_EQ(0, self->op.version);
	/* L10: nor is the store asked, while it has not seen that. */
	EXPECT_EQ(0, token_of(self->fd, "a"));
	EXPECT_EQ(-ENOENT, del_at(self->fd, &self->op, "a", 0));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(1, self->stats.dirty_entries);
}

TEST_F(behind, delete_shadows_until_it_is_flushed)
{
	__u64 token = token_of(self->fd, "a");

	ASSERT_NE(0, token);
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, kvc_del(self->fd, "a"));
	/* L10: what was read from the store before is refused. */
	EXPECT_EQ(-ESTALE, put_as(self->fd, &self->op, "a", KVC_OP_F_FILL,
				  token));
	EXPECT_EQ(0, token_of(self->fd, "a"));
	ASSERT_EQ(1, flush_all(&self->sync, self->fd, self->stream));
	/* The store has seen it: it may be asked again. */
	token = token_of(self->fd, "a");
	EXPECT_NE(0, token);
	EXPECT_NE(~0ull, token);
	EXPECT_EQ(0, put_as(self->fd, &self->op, "a", KVC_OP_F_FILL, token));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "filled"));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(0, self->stats.dirty_entries);
}

TEST_F(behind, fill_never_replaces_what_is_dirty)
{
	struct timespec pause = { .tv_nsec = 2000000 };
	__u64 token = token_of(self->fd, "a");

	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	EXPECT_EQ(-ESTALE, put_as(self->fd, &self->op, "a", KVC_OP_F_FILL,
				  token));
	EXPECT_EQ(-ESTALE, put_as(self->fd, &self->op, "a", KVC_OP_F_FILL,
				  1ull << 62));
	EXPECT_EQ(-ESTALE, put_as(self->fd, &self->op, "a",
				  KVC_OP_F_FILL | KVC_OP_F_GONE, 1ull << 62));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "x"));
	/* Nor what has ended and the store does not know. */
	ASSERT_EQ(0, touch(self->fd, &self->op, "a", 1));
	nanosleep(&pause, NULL);
	EXPECT_EQ(0, token_of(self->fd, "a"));
	EXPECT_EQ(-ESTALE, put_as(self->fd, &self->op, "a", KVC_OP_F_FILL,
				  1ull << 62));
	EXPECT_EQ(0, token_of(self->fd, "a"));
}

TEST_F(behind, gone_is_told)
{
	__u64 token = token_of(self->fd, "a");

	ASSERT_NE(0, token);
	ASSERT_EQ(0, put_as(self->fd, &self->op, "a",
			    KVC_OP_F_FILL | KVC_OP_F_GONE, token));
	EXPECT_EQ(0, token_of(self->fd, "a"));
	/* Now all that needs to know can be decided. */
	EXPECT_EQ(-ENOENT, put_as(self->fd, &self->op, "a", KVC_OP_F_REPLACE,
				  0));
	EXPECT_EQ(-ENOENT, put_as(self->fd, &self->op, "a", KVC_OP_F_CAS, 5));
	EXPECT_EQ(-ENOENT, del_at(self->fd, &self->op, "a", 5));
	EXPECT_EQ(-ENOENT, del_at(self->fd, &self->op, "a", 0));
	EXPECT_EQ(-ENOENT, touch(self->fd, &self->op, "a", 0));
	/* The store knew it: there is nothing to flush. */
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(0, self->stats.dirty_entries);
	EXPECT_EQ(0, put_as(self->fd, &self->op, "a", KVC_OP_F_CREATE, 0));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "filled"));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(1, self->stats.dirty_entries);
}

TEST_F(behind, gone_needs_its_form)
{
	const __u32 gone = KVC_OP_F_FILL | KVC_OP_F_GONE;
	int fd;

	EXPECT_EQ(-EINVAL, put_as(self->fd, &self->op, "a", KVC_OP_F_GONE, 5));
	EXPECT_EQ(-EINVAL, put_as(self->fd, &self->op, "a", gone, 0));
	EXPECT_EQ(-EINVAL, put_as(self->fd, &self->op, "a", gone, 1ull << 63));
	EXPECT_EQ(-EINVAL, put_as(self->fd, &self->op, "a",
				  gone | KVC_OP_F_CREATE, 5));
	EXPECT_EQ(-EINVAL, put_as(self->fd, &self->op, "a",
				  gone | KVC_OP_F_CAS, 5));
	kvc_op_init(&self->op, KVC_OP_PUT, "a", 1);
	kvc_op_value(&self->op, "x", 1);
	self->op.flags = gone;
	self->op.version = 5;
	EXPECT_EQ(-EINVAL, kvc_do(self->fd, &self->op));
	self->op.value_len = 0;
	self->op.expiry = 1;
	EXPECT_EQ(-EINVAL, kvc_do(self->fd, &self->op));
	kvc_op_init(&self->op, KVC_OP_GET, "a", 1);
	self->op.flags = KVC_OP_F_GONE;
	EXPECT_EQ(-EINVAL, kvc_do(self->fd, &self->op));
	kvc_config_init(&self->config, "plain", KVC_TEST_LIMIT);
	ASSERT_EQ(0, kvc_create(&self->config));
	fd = kvc_open_bound(O_RDWR, "plain");
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EOPNOTSUPP, put_as(fd, &self->op, "a", gone, 5));
	EXPECT_NE(0, token_of(fd, "a"));
	close(fd);
}

TEST_F(behind, touch_is_a_write)
{
	__u64 version;

	ASSERT_EQ(0, put_as(self->fd, &self->op, "a", 0, 0));
	version = self->op.version;
	ASSERT_EQ(1, flush_all(&self->sync, self->fd, self->stream));
	ASSERT_EQ(0, touch(self->fd, &self->op, "a", 1ull << 40));
	EXPECT_LT(version, self->op.version);
	version = self->op.version;
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "filled"));
	self->op.value_len = 0;
	EXPECT_EQ(-ERANGE, kvc_get(self->fd, "a", &self->op));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(1, self->stats.dirty_entries);
	EXPECT_EQ(1, flush_all(&self->sync, self->fd, self->stream));
}

struct seen {
	unsigned int live, gone;
	bool odd;
};

static void see(void *arg, const struct kvc_scan_rec *rec)
{
	struct seen *seen = arg;

	if (!(rec->flags & KVC_SCAN_REC_GONE)) {
		seen->live++;
		return;
	}
	seen->gone++;
	seen->odd |= rec->value_len || rec->expiry || rec->client_flags ||
		     !rec->version;
}

/* Three live pairs; deleted, deleted unseen, never there, ended */
static int make_some_gone(int fd)
{
	struct timespec pause = { .tv_nsec = 2000000 };
	struct kvc_op op;
	int ret;

	ret = kvc_put(fd, "a", "1");
	ret = ret ? ret : kvc_put(fd, "c", "3");
	ret = ret ? ret : kvc_put(fd, "e", "5");
	ret = ret ? ret : kvc_put(fd, "b", "2");
	ret = ret ? ret : kvc_del(fd, "b");
	ret = ret ? ret : kvc_del(fd, "d");
	ret = ret ? ret : put_as(fd, &op, "f", KVC_OP_F_FILL | KVC_OP_F_GONE,
				 token_of(fd, "f"));
	ret = ret ? ret : kvc_put(fd, "g", "7");
	ret = ret ? ret : touch(fd, &op, "g", 1);
	nanosleep(&pause, NULL);
	return ret;
}

TEST_F(behind, scan_tells_what_is_gone)
{
	struct seen seen = { 0 };
	__aligned_u64 buf[64];
	struct kvc_scan scan;

	ASSERT_EQ(0, make_some_gone(self->fd));
	kvc_scan_init(&scan, buf, sizeof(buf));
	EXPECT_EQ(3, kvc_scan_all(self->fd, &scan, see, &seen));
	EXPECT_EQ(3, seen.live);
	kvc_scan_init(&scan, buf, sizeof(buf));
	scan.flags = KVC_SCAN_F_GONE;
	memset(&seen, 0, sizeof(seen));
	/* L10: who merges them with the store's does not show these. */
	EXPECT_EQ(7, kvc_scan_all(self->fd, &scan, see, &seen));
	EXPECT_EQ(3, seen.live);
	EXPECT_EQ(4, seen.gone);
	EXPECT_FALSE(seen.odd);
	/* In pages of one record, and without values */
	kvc_scan_init(&scan, buf, 64);
	scan.flags = KVC_SCAN_F_GONE | KVC_SCAN_F_KEYS;
	memset(&seen, 0, sizeof(seen));
	EXPECT_EQ(7, kvc_scan_all(self->fd, &scan, see, &seen));
	EXPECT_EQ(4, seen.gone);
}

TEST_F(behind, scan_of_gone_while_a_run_waits)
{
	struct seen seen = { 0 };
	__aligned_u64 buf[64];
	struct kvc_scan scan;

	ASSERT_EQ(0, make_some_gone(self->fd));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(0, kvc_put(self->fd, "b", "anew"));
	kvc_scan_init(&scan, buf, sizeof(buf));
	scan.flags = KVC_SCAN_F_GONE;
	/* L9, L10 */
	EXPECT_EQ(7, kvc_scan_all(self->fd, &scan, see, &seen));
	EXPECT_EQ(4, seen.live);
	EXPECT_EQ(3, seen.gone);
	EXPECT_EQ(6, flush_one(self->stream, NULL, NULL));
	EXPECT_EQ(0, caller_join(&self->sync));
	EXPECT_EQ(0, kvc_expect(self->fd, "b", "anew"));
}

TEST_F(behind, clear_leaves_what_is_dirty)
{
	ASSERT_EQ(0, kvc_put(self->fd, "clean", "1"));
	ASSERT_EQ(1, flush_all(&self->sync, self->fd, self->stream));
	ASSERT_EQ(0, kvc_put(self->fd, "dirty", "2"));
	ASSERT_EQ(0, kvc_del(self->fd, "deleted"));
	ASSERT_EQ(0, kvc_clear(self->fd));
	EXPECT_EQ(0, kvc_expect(self->fd, "dirty", "2"));
	EXPECT_EQ(0, token_of(self->fd, "deleted"));
	EXPECT_NE(0, token_of(self->fd, "clean"));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(2, self->stats.dirty_entries);
	EXPECT_EQ(1, self->stats.cleared);
}

TEST_F(behind, clear_while_a_run_waits)
{
	ASSERT_EQ(0, kvc_put(self->fd, "a", "1"));
	ASSERT_EQ(0, kvc_put(self->fd, "b", "1"));
	ASSERT_EQ(0, flush_seal(&self->sync, self->fd));
	ASSERT_EQ(0, kvc_clear(self->fd));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "1"));
	EXPECT_EQ(2, flush_one(self->stream, NULL, NULL));
	EXPECT_EQ(0, caller_join(&self->sync));
	ASSERT_EQ(0, kvc_clear(self->fd));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "a", "1"));
}

TEST_HARNESS_MAIN
