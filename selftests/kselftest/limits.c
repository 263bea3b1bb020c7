// SPDX-License-Identifier: GPL-2.0-only
/*
 * Full: the cache's limit, the user's quota, the memory cgroup
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>

#include "harness.h"
#include "kvctest.h"

#define QUOTA	"/sys/module/kvcache/parameters/uid_quota"
#define CGROUP	"/sys/fs/cgroup"
#define GROUP	CGROUP "/kvctest"

/* Largest value that a test here stores. */
#define LARGE	(1u << 20)

static char room[LARGE];

struct outcome {
	unsigned int stored;
	int ret;
};

/* Fills until a put fails. */
static void fill(int fd, __u32 len, unsigned int most, struct outcome *outcome)
{
	char key[KVC_TEST_KEY];

	outcome->stored = 0;
	outcome->ret = 0;
	while (outcome->stored < most) {
		kvc_pattern(room, len, outcome->stored);
		outcome->ret = kvc_put_len(fd, kvc_key(key, outcome->stored),
					   room, len);
		if (outcome->ret)
			break;
		outcome->stored++;
	}
}

/* How many of the first @count pairs are there as they were put. */
static unsigned int intact(int fd, __u32 len, unsigned int count)
{
	char key[KVC_TEST_KEY];
	unsigned int i, good = 0;
	struct kvc_op op;

	for (i = 0; i < count; i++) {
		kvc_op_value(&op, room, len);
		good += !kvc_get(fd, kvc_key(key, i), &op) &&
			op.value_len == len && kvc_pattern_ok(room, len, i);
	}
	return good;
}

FIXTURE(limit) {
	struct kvc_config config;
	struct kvc_stats stats;
	int fd;
};

FIXTURE_SETUP(limit)
{
	kvc_config_init(&self->config, KVC_TEST_NAME, 256 << 10);
}

FIXTURE_TEARDOWN(limit)
{
	close(self->fd);
}

TEST_F(limit, pair_larger_than_the_cache)
{
	self->fd = kvc_setup(&self->config);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, kvc_put(self->fd, "a", "present"));
	EXPECT_EQ(-ENOSPC, kvc_put_len(self->fd, "b", room, 256 << 10));
	EXPECT_EQ(-ENOSPC, kvc_put_len(self->fd, "a", room, 256 << 10));
	/* Nothing was evicted for what cannot fit anyway. */
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "present"));
}

TEST_F(limit, noevict_refuses)
{
	struct outcome outcome;

	self->config.flags = KVC_CACHE_F_NOEVICT;
	self->fd = kvc_setup(&self->config);
	ASSERT_LE(0, self->fd);
	fill(self->fd, 500, 100000, &outcome);
	EXPECT_EQ(-ENOSPC, outcome.ret);
	EXPECT_LT(100, outcome.stored);
	/* L9 */
	EXPECT_EQ(outcome.stored, intact(self->fd, 500, outcome.stored));
	ASSERT_EQ(0, kvc_stats(self->fd, &self->stats));
	EXPECT_EQ(0, self->stats.evicted_limit);
	EXPECT_EQ(outcome.stored,
		  self->stats.entries_tier + self->stats.entries_memtable);
	EXPECT_GE(256 << 10,
		  self->stats.bytes_tier + self->stats.bytes_memtable);
}

TEST_F(limit, noevict_takes_again_after_del)
{
	struct outcome outcome, again;
	char key[KVC_TEST_KEY];
	unsigned int i;

	self->config.flags = KVC_CACHE_F_NOEVICT;
	self->fd = kvc_setup(&self->config);
	ASSERT_LE(0, self->fd);
	fill(self->fd, 500, 100000, &outcome);
	ASSERT_EQ(-ENOSPC, outcome.ret);
	for (i = 0; i < outcome.stored; i++)
		ASSERT_EQ(0, kvc_del(self->fd, kvc_key(key, i)));
	fill(self->fd, 500, outcome.stored, &again);
	EXPECT_EQ(0, again.ret);
	/* A replacement of the same size needs no further room. */
	EXPECT_EQ(0, kvc_put_len(self->fd, "k0000000", room, 500));
}

FIXTURE(quota) {
	struct kvc_config config;
};

FIXTURE_SETUP(quota)
{
	ASSERT_EQ(0, kvc_fresh_netns());
	ASSERT_EQ(0, kvc_write_file(QUOTA, "1048576"));
	ASSERT_EQ(0, kvc_drop_cap(CAP_SYS_RESOURCE));
	kvc_config_init(&self->config, "one", 600 << 10);
	/* Caches of earlier tests may not be gone yet: an owner for each. */
	self->config.uid = 2 * getpid();
}

FIXTURE_TEARDOWN(quota)
{
	kvc_write_file(QUOTA, "0");
}

static int create_also(struct kvc_config config, const char *name)
{
	memset(config.name, 0, sizeof(config.name));
	strcpy(config.name, name);
	return kvc_create(&config);
}

TEST_F(quota, limits_add_up)
{
	ASSERT_EQ(0, kvc_create(&self->config));
	EXPECT_EQ(-EDQUOT, create_also(self->config, "two"));
	/* Another user's account is another one. */
	self->config.uid++;
	EXPECT_EQ(0, create_also(self->config, "three"));
	self->config.uid--;
	ASSERT_EQ(0, kvc_destroy("one"));
	EXPECT_EQ(0, create_also(self->config, "two"));
}

TEST_F(quota, up_to_the_byte)
{
	self->config.limit = 1 << 20;
	EXPECT_EQ(0, kvc_create(&self->config));
	ASSERT_EQ(0, kvc_destroy("one"));
	self->config.limit++;
	EXPECT_EQ(-EDQUOT, kvc_create(&self->config));
}

TEST_F(quota, larger_limit)
{
	ASSERT_EQ(0, kvc_create(&self->config));
	self->config.limit = 1 << 20;
	EXPECT_EQ(0, kvc_set(KVC_SET_SIZE, &self->config));
	self->config.limit++;
	EXPECT_EQ(-EDQUOT, kvc_set(KVC_SET_SIZE, &self->config));
	/* The refused change took nothing. */
	self->config.limit = 64 << 10;
	EXPECT_EQ(0, kvc_set(KVC_SET_SIZE, &self->config));
	self->config.limit = (1 << 20) - (64 << 10);
	EXPECT_EQ(0, create_also(self->config, "two"));
}

TEST_F(quota, new_owner)
{
	ASSERT_EQ(0, kvc_create(&self->config));
	self->config.uid++;
	ASSERT_EQ(0, create_also(self->config, "two"));
	EXPECT_EQ(-EDQUOT, kvc_set(KVC_SET_OWNER, &self->config));
	ASSERT_EQ(0, kvc_destroy("two"));
	EXPECT_EQ(0, kvc_set(KVC_SET_OWNER, &self->config));
	self->config.uid--;
	EXPECT_EQ(0, create_also(self->config, "two"));
}

TEST(quota_passed_with_the_capability)
{
	struct kvc_config config;

	ASSERT_EQ(0, kvc_fresh_netns());
	kvc_config_init(&config, "one", 2 << 20);
	config.uid = 1000;
	ASSERT_EQ(0, kvc_write_file(QUOTA, "1048576"));
	EXPECT_EQ(0, kvc_create(&config));
	EXPECT_EQ(0, kvc_write_file(QUOTA, "0"));
}

FIXTURE(memcg) {
	struct outcome *outcome;	/* the child's, too */
	int fd;
};

FIXTURE_SETUP(memcg)
{
	struct kvc_config config;

	self->outcome = mmap(NULL, sizeof(*self->outcome),
			     PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->outcome);
	kvc_config_init(&config, KVC_TEST_NAME, 1 << 30);
	self->fd = kvc_setup(&config);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, kvc_write_file(CGROUP "/cgroup.subtree_control",
				    "+memory"));
	ASSERT_EQ(0, mkdir(GROUP, 0755));
	ASSERT_EQ(0, kvc_write_file(GROUP "/memory.max", "33554432"));
}

FIXTURE_TEARDOWN(memcg)
{
	close(self->fd);
	EXPECT_EQ(0, rmdir(GROUP));
}

/*
 * A child in the group fills the cache, which may allow far more than the group
 * does.  It only puts, and the parent looks at the rest: memory of its own
 * that the child touches first at the group's limit would be its end.
 */
static int fill_in_group(int fd, struct outcome *outcome, __u32 len,
			 unsigned int most)
{
	int pid = fork();

	if (!pid) {
		if (kvc_write_file(GROUP "/cgroup.procs", "0"))
			_exit(1);
		fill(fd, len, most, outcome);
		_exit(0);
	}
	return kvc_wait(pid);
}

static int oom_kills(void)
{
	char line[64];
	int kills = -1;
	FILE *file = fopen(GROUP "/memory.events", "r");

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "oom_kill %d", &kills);
	if (file)
		fclose(file);
	return kills;
}

static void expect_refusal(struct __test_metadata *_metadata, int fd,
			   const struct outcome *outcome, __u32 len)
{
	EXPECT_EQ(-ENOMEM, outcome->ret);
	EXPECT_EQ(0, oom_kills());
	EXPECT_LT((4u << 20) / len, outcome->stored);
	EXPECT_EQ(outcome->stored, intact(fd, len, outcome->stored));
}

TEST_F(memcg, large_values)
{
	ASSERT_EQ(0, fill_in_group(self->fd, self->outcome, 1 << 20, 256));
	expect_refusal(_metadata, self->fd, self->outcome, 1 << 20);
}

TEST_F(memcg, small_values)
{
	ASSERT_EQ(0, fill_in_group(self->fd, self->outcome, 1000, 1 << 18));
	expect_refusal(_metadata, self->fd, self->outcome, 1000);
}

TEST_F(memcg, present_pair_survives)
{
	ASSERT_EQ(0, kvc_put(self->fd, "k0000999", "present"));
	ASSERT_EQ(0, fill_in_group(self->fd, self->outcome, 1 << 20, 256));
	ASSERT_EQ(-ENOMEM, self->outcome->ret);
	EXPECT_EQ(0, kvc_expect(self->fd, "k0000999", "present"));
	/* Outside the group there is memory. */
	EXPECT_EQ(0, kvc_put(self->fd, "k0000999", "new"));
}

/* Bytes of the kernel's objects that are charged to the group, or -1 */
static long charged(void)
{
	FILE *file = fopen(GROUP "/memory.stat", "r");
	long bytes = -1;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		sscanf(line, "slab %ld", &bytes);
	if (file)
		fclose(file);
	return bytes;
}

/*
 * What others stored before, and overwrote, is not what the group gets: else it
 * would have memory that is charged to nobody.
 */
TEST_F(memcg, overwrites_are_charged_to_who_stores)
{
	const unsigned int pairs = 20000, len = 300;
	struct outcome before;
	int round;

	for (round = 0; round < 3; round++) {
		fill(self->fd, len, pairs, &before);
		ASSERT_EQ(pairs, before.stored);
	}
	ASSERT_GT(1 << 20, charged());
	ASSERT_EQ(0, fill_in_group(self->fd, self->outcome, len, pairs));
	ASSERT_EQ(pairs, self->outcome->stored);
	EXPECT_LE((long)pairs * len, charged());
}

TEST_HARNESS_MAIN
