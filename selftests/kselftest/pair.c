// SPDX-License-Identifier: GPL-2.0-only
/*
 * What each operation does to one pair
 */
#include <errno.h>
#include <fcntl.h>

#include "harness.h"
#include "kvctest.h"

FIXTURE(pair) {
	struct kvc_op op;
	int fd;
};

FIXTURE_SETUP(pair)
{
	self->fd = kvc_setup_default();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(pair)
{
	close(self->fd);
}

/* Puts "a" in the given way. */
static int put(int fd, struct kvc_op *op, const char *value, __u32 flags,
	       __u64 version)
{
	kvc_op_init(op, KVC_OP_PUT, "a", 1);
	kvc_op_value(op, value, strlen(value));
	op->flags = flags;
	op->version = version;
	return kvc_do(fd, op);
}

static __u64 version_of(int fd)
{
	char buf[64];
	struct kvc_op op;

	kvc_op_value(&op, buf, sizeof(buf));
	return kvc_get(fd, "a", &op) ? 0 : op.version;
}

TEST_F(pair, put_get_del)
{
	/* C2 */
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "a", ""));
	EXPECT_EQ(0, kvc_put(self->fd, "a", "one"));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "one"));
	EXPECT_EQ(0, kvc_put(self->fd, "a", "another"));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "another"));
	EXPECT_EQ(0, kvc_del(self->fd, "a"));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "a", ""));
	EXPECT_EQ(-ENOENT, kvc_del(self->fd, "a"));
}

TEST_F(pair, result_is_the_errno)
{
	kvc_op_init(&self->op, KVC_OP_GET, "none", 4);
	self->op.result = 77;
	EXPECT_EQ(-ENOENT, kvc_call(self->fd, KVC_IOC_OP, &self->op));
	EXPECT_EQ(-ENOENT, self->op.result);
	kvc_op_init(&self->op, KVC_OP_PUT, "some", 4);
	self->op.result = 77;
	EXPECT_EQ(0, kvc_call(self->fd, KVC_IOC_OP, &self->op));
	EXPECT_EQ(0, self->op.result);
}

TEST_F(pair, get_tells_all)
{
	char buf[16] = "................";

	kvc_op_init(&self->op, KVC_OP_PUT, "a", 1);
	kvc_op_value(&self->op, "value", 5);
	self->op.client_flags = 0xdeadbeef;
	self->op.expiry = 1ull << 62;
	ASSERT_EQ(0, kvc_do(self->fd, &self->op));
	kvc_op_value(&self->op, buf, sizeof(buf));
	ASSERT_EQ(0, kvc_get(self->fd, "a", &self->op));
	EXPECT_EQ(5, self->op.value_len);
	EXPECT_EQ(0, memcmp(buf, "value...........", sizeof(buf)));
	EXPECT_EQ(0xdeadbeef, self->op.client_flags);
	EXPECT_EQ(1ull << 62, self->op.expiry);
	EXPECT_NE(0, self->op.version);
	EXPECT_EQ(0, self->op.reserved);
}

TEST_F(pair, put_forgets_old_flags_and_expiry)
{
	char buf[16];

	kvc_op_init(&self->op, KVC_OP_PUT, "a", 1);
	self->op.client_flags = 7;
	self->op.expiry = 1ull << 62;
	ASSERT_EQ(0, kvc_do(self->fd, &self->op));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	kvc_op_value(&self->op, buf, sizeof(buf));
	ASSERT_EQ(0, kvc_get(self->fd, "a", &self->op));
	EXPECT_EQ(0, self->op.client_flags);
	EXPECT_EQ(0, self->op.expiry);
}

TEST_F(pair, create_and_replace)
{
	EXPECT_EQ(-ENOENT, put(self->fd, &self->op, "r", KVC_OP_F_REPLACE, 0));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "a", "r"));
	EXPECT_EQ(0, put(self->fd, &self->op, "c", KVC_OP_F_CREATE, 0));
	EXPECT_EQ(-EEXIST, put(self->fd, &self->op, "d", KVC_OP_F_CREATE, 0));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "c"));
	EXPECT_EQ(0, put(self->fd, &self->op, "r", KVC_OP_F_REPLACE, 0));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "r"));
}

TEST_F(pair, cas_put)
{
	__u64 version;

	EXPECT_EQ(-ENOENT, put(self->fd, &self->op, "x", KVC_OP_F_CAS, 1));
	ASSERT_EQ(0, put(self->fd, &self->op, "one", 0, 0));
	version = self->op.version;
	EXPECT_EQ(version, version_of(self->fd));
	EXPECT_EQ(-ESTALE, put(self->fd, &self->op, "x", KVC_OP_F_CAS, version + 1));
	EXPECT_EQ(-ESTALE, put(self->fd, &self->op, "x", KVC_OP_F_CAS, version - 1));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "one"));
	EXPECT_EQ(0, put(self->fd, &self->op, "two", KVC_OP_F_CAS, version));
	EXPECT_LT(version, self->op.version);
	/* The version that was right is not any more. */
	EXPECT_EQ(-ESTALE, put(self->fd, &self->op, "x", KVC_OP_F_CAS, version));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "two"));
}

TEST_F(pair, cas_del)
{
	__u64 version;

	ASSERT_EQ(0, put(self->fd, &self->op, "one", 0, 0));
	version = self->op.version;
	kvc_op_init(&self->op, KVC_OP_DEL, "a", 1);
	self->op.flags = KVC_OP_F_CAS;
	self->op.version = version + 1;
	EXPECT_EQ(-ESTALE, kvc_do(self->fd, &self->op));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "one"));
	self->op.version = version;
	EXPECT_EQ(0, kvc_do(self->fd, &self->op));
	EXPECT_EQ(version, self->op.version);
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "a", "one"));
	EXPECT_EQ(-ENOENT, kvc_do(self->fd, &self->op));
}

TEST_F(pair, versions_grow_over_delete)
{
	__u64 last = 0;
	int i;

	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, put(self->fd, &self->op, "x", 0, 0));
		EXPECT_LT(last, self->op.version);
		last = self->op.version;
		kvc_op_init(&self->op, KVC_OP_DEL, "a", 1);
		ASSERT_EQ(0, kvc_do(self->fd, &self->op));
		EXPECT_EQ(last, self->op.version);
	}
}

TEST_F(pair, fill)
{
	ASSERT_EQ(0, put(self->fd, &self->op, "1000", KVC_OP_F_FILL, 1000000));
	EXPECT_EQ(1000000, self->op.version);
	EXPECT_EQ(1000000, version_of(self->fd));
	EXPECT_EQ(-ESTALE, put(self->fd, &self->op, "x", KVC_OP_F_FILL, 999999));
	EXPECT_EQ(-ESTALE, put(self->fd, &self->op, "x", KVC_OP_F_FILL, 1000000));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "1000"));
	EXPECT_EQ(0, put(self->fd, &self->op, "1001", KVC_OP_F_FILL, 1000001));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "1001"));
}

TEST_F(pair, late_fill_does_not_hide_a_write)
{
	ASSERT_EQ(0, put(self->fd, &self->op, "filled", KVC_OP_F_FILL, 1000000));
	ASSERT_EQ(0, put(self->fd, &self->op, "written", 0, 0));
	EXPECT_LT(1000000, self->op.version);
	EXPECT_EQ(-ESTALE, put(self->fd, &self->op, "late", KVC_OP_F_FILL, 1000000));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "written"));
}

/* What a GET that misses says of the fill */
static __u64 miss(int fd)
{
	char buf[64];
	struct kvc_op op;

	kvc_op_value(&op, buf, sizeof(buf));
	op.version = 0;
	return kvc_get(fd, "a", &op) == -ENOENT ? op.version : 0;
}

TEST_F(pair, fill_of_what_was_missed)
{
	__u64 version = miss(self->fd);

	ASSERT_LT(0, version);
	EXPECT_EQ(0, put(self->fd, &self->op, "v", KVC_OP_F_FILL, version));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "v"));
	EXPECT_EQ(-ESTALE, put(self->fd, &self->op, "w", KVC_OP_F_FILL, version));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "v"));
}

TEST_F(pair, late_fill_brings_nothing_back)
{
	__u64 version = miss(self->fd);

	EXPECT_EQ(-ENOENT, kvc_del(self->fd, "a"));
	/* P16 */
	EXPECT_EQ(-ESTALE, put(self->fd, &self->op, "v", KVC_OP_F_FILL, version));
	version = miss(self->fd);
	ASSERT_EQ(0, kvc_put(self->fd, "a", "new"));
	ASSERT_EQ(0, kvc_del(self->fd, "a"));
	EXPECT_EQ(-ESTALE, put(self->fd, &self->op, "v", KVC_OP_F_FILL, version));
	version = miss(self->fd);
	ASSERT_EQ(0, kvc_clear(self->fd));
	EXPECT_EQ(-ESTALE, put(self->fd, &self->op, "v", KVC_OP_F_FILL, version));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "a", ""));
	version = miss(self->fd);
	EXPECT_EQ(0, put(self->fd, &self->op, "v", KVC_OP_F_FILL, version));
}

TEST_F(pair, get_into_too_little_room)
{
	char buf[8] = "........";
	__u32 len;

	ASSERT_EQ(0, kvc_put(self->fd, "a", "value"));
	for (len = 0; len < 5; len++) {
		kvc_op_value(&self->op, buf, len);
		EXPECT_EQ(-ERANGE, kvc_get(self->fd, "a", &self->op));
		EXPECT_EQ(5, self->op.value_len);
		EXPECT_EQ(0, memcmp(buf, "........", sizeof(buf)));
	}
	kvc_op_value(&self->op, NULL, 0);
	EXPECT_EQ(-ERANGE, kvc_get(self->fd, "a", &self->op));
	EXPECT_EQ(5, self->op.value_len);
	kvc_op_value(&self->op, buf, 5);
	EXPECT_EQ(0, kvc_get(self->fd, "a", &self->op));
	EXPECT_EQ(0, memcmp(buf, "value...", sizeof(buf)));
}

TEST_F(pair, empty_value)
{
	kvc_op_init(&self->op, KVC_OP_PUT, "a", 1);
	ASSERT_EQ(0, kvc_do(self->fd, &self->op));
	kvc_op_value(&self->op, NULL, 0);
	EXPECT_EQ(0, kvc_get(self->fd, "a", &self->op));
	EXPECT_EQ(0, self->op.value_len);
	EXPECT_EQ(0, kvc_expect(self->fd, "a", ""));
}

TEST_F(pair, keys_of_any_bytes)
{
	unsigned char key[3];
	unsigned int i;

	for (i = 0; i < 256 * 3; i++) {
		memset(key, i / 3, sizeof(key));
		kvc_op_init(&self->op, KVC_OP_PUT, key, i % 3 + 1);
		kvc_op_value(&self->op, &i, sizeof(i));
		ASSERT_EQ(0, kvc_do(self->fd, &self->op));
	}
	for (i = 0; i < 256 * 3; i++) {
		unsigned int seen = ~0u;

		memset(key, i / 3, sizeof(key));
		kvc_op_init(&self->op, KVC_OP_GET, key, i % 3 + 1);
		kvc_op_value(&self->op, &seen, sizeof(seen));
		ASSERT_EQ(0, kvc_do(self->fd, &self->op));
		EXPECT_EQ(i, seen);
	}
}

static int round_trip(int fd, __u32 key_len, __u32 value_len, char *room)
{
	char *key = room, *value = room + key_len;
	struct kvc_op op;
	int ret;

	kvc_pattern(key, key_len, value_len);
	kvc_pattern(value, value_len, key_len);
	kvc_op_init(&op, KVC_OP_PUT, key, key_len);
	kvc_op_value(&op, value, value_len);
	ret = kvc_do(fd, &op);
	if (ret)
		return ret;
	memset(value, 0, value_len);
	kvc_op_init(&op, KVC_OP_GET, key, key_len);
	kvc_op_value(&op, value, value_len);
	ret = kvc_do(fd, &op);
	if (ret)
		return ret;
	return op.value_len == value_len &&
	       kvc_pattern_ok(value, value_len, key_len) ? 0 : -EPROTO;
}

TEST_F(pair, sizes)
{
	static const __u32 lens[] = {
		1, 7, 8, 9, 255, 256, 4095, 4096, 4097, 8192, 65535, 65536,
		200000, 1 << 20
	};
	char *room = malloc(KVC_KEY_MAX + (1 << 20));
	unsigned int i;

	ASSERT_NE(NULL, room);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		EXPECT_EQ(0, round_trip(self->fd, 1, lens[i], room));
		EXPECT_EQ(0, round_trip(self->fd, KVC_KEY_MAX, lens[i], room));
	}
	for (i = 1; i <= KVC_KEY_MAX; i += 65)
		EXPECT_EQ(0, round_trip(self->fd, i, 10, room));
	free(room);
}

/* Every length that is copied word by word, and what is behind it stays. */
TEST_F(pair, short_sizes)
{
	char room[128 + 1200];
	__u32 len;

	for (len = 1; len <= 80; len++)
		EXPECT_EQ(0, round_trip(self->fd, len, 40, room));
	for (len = 0; len <= 1100; len++) {
		memset(room, 0x5a, sizeof(room));
		ASSERT_EQ(0, round_trip(self->fd, 9, len, room)) {
			TH_LOG("length %u", len);
		}
		ASSERT_EQ(0x5a, room[9 + len]);
		ASSERT_EQ(0x5a, room[9 + len + 7]);
	}
}

TEST_F(pair, value_beyond_the_default)
{
	const __u32 len = 5 << 20;
	struct kvc_config config;
	char *room = malloc(len + 8);
	int fd;

	ASSERT_NE(NULL, room);
	kvc_config_init(&config, "large", 64 << 20);
	config.value_max = len;
	ASSERT_EQ(0, kvc_create(&config));
	fd = kvc_open_bound(O_RDWR, "large");
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, round_trip(fd, 8, len, room));
	EXPECT_EQ(-E2BIG, kvc_put_len(fd, "a", room, len + 1));
	close(fd);
	free(room);
}

TEST_F(pair, value_page_not_there_yet)
{
	const size_t len = 256 << 10;
	char *value = malloc(len), *fresh;

	ASSERT_NE(NULL, value);
	kvc_pattern(value, len, 9);
	ASSERT_EQ(0, kvc_put_len(self->fd, "a", value, len));
	fresh = mmap(NULL, len, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE((void *)-1, fresh);
	kvc_op_value(&self->op, fresh, len);
	ASSERT_EQ(0, kvc_get(self->fd, "a", &self->op));
	EXPECT_TRUE(kvc_pattern_ok(fresh, len, 9));
	munmap(fresh, len);
	free(value);
}

TEST_F(pair, clear)
{
	char key[KVC_TEST_KEY];
	struct kvc_stats stats;
	unsigned int i;

	for (i = 0; i < 1000; i++)
		ASSERT_EQ(0, kvc_put(self->fd, kvc_key(key, i), "x"));
	ASSERT_EQ(0, kvc_clear(self->fd));
	for (i = 0; i < 1000; i++)
		EXPECT_EQ(-ENOENT, kvc_expect(self->fd, kvc_key(key, i), "x"));
	ASSERT_EQ(0, kvc_stats(self->fd, &stats));
	EXPECT_EQ(1000, stats.cleared);
	EXPECT_EQ(0, stats.entries_tier + stats.entries_memtable);
	EXPECT_EQ(0, stats.bytes_tier + stats.bytes_memtable);
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "x"));
}

TEST_F(pair, stats_count)
{
	struct kvc_stats stats;

	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, kvc_put(self->fd, "a", "y"));
	ASSERT_EQ(0, kvc_expect(self->fd, "a", "y"));
	ASSERT_EQ(-ENOENT, kvc_expect(self->fd, "b", "y"));
	ASSERT_EQ(-EEXIST, put(self->fd, &self->op, "d", KVC_OP_F_CREATE, 0));
	kvc_op_init(&self->op, KVC_OP_TOUCH, "a", 1);
	ASSERT_EQ(0, kvc_do(self->fd, &self->op));
	ASSERT_EQ(0, kvc_stats(self->fd, &stats));
	EXPECT_EQ(2, stats.gets);
	EXPECT_EQ(1, stats.hits_tier);
	EXPECT_EQ(0, stats.hits_memtable);
	EXPECT_EQ(1, stats.misses);
	EXPECT_EQ(2, stats.puts);
	EXPECT_EQ(1, stats.updates_tier);
	EXPECT_EQ(1, stats.refused);
	EXPECT_EQ(1, stats.touches);
	EXPECT_EQ(1, stats.entries_tier);
	EXPECT_LT(0, stats.bytes_tier);
	EXPECT_EQ(KVC_TEST_LIMIT, stats.limit);
	EXPECT_LT(0, stats.shards);
	ASSERT_EQ(0, kvc_del(self->fd, "a"));
	ASSERT_EQ(0, kvc_stats(self->fd, &stats));
	EXPECT_EQ(1, stats.deletes);
	EXPECT_EQ(0, stats.entries_tier);
	EXPECT_EQ(0, stats.bytes_tier);
}

TEST_HARNESS_MAIN
