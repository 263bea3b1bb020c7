// SPDX-License-Identifier: GPL-2.0-only
/*
 * Version slots: who may map them, what they show, and when a slot changes
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "kvcnl.h"
#include "kvctest.h"

#define PAGE	4096u

FIXTURE(near) {
	struct kvc_info info;
	struct kvc_op op;
	const struct kvc_slots *slots;
	int fd;
};

static const void *map(int fd, size_t len, int prot, int flags, off_t at)
{
	return mmap(NULL, len, prot, flags, fd, at);
}

/* What mmap() gives, which should be an errno; 0: it was mapped. */
static int map_errno(int fd, size_t len, int prot, int flags, off_t at)
{
	const void *p = map(fd, len, prot, flags, at);

	if (p == MAP_FAILED)
		return -errno;
	munmap((void *)p, len);
	return 0;
}

FIXTURE_SETUP(near)
{
	self->fd = kvc_setup_default();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_INFO, &self->info));
	self->slots = map(self->fd, self->info.slots, PROT_READ, MAP_SHARED, 0);
	ASSERT_NE(MAP_FAILED, self->slots);
}

FIXTURE_TEARDOWN(near)
{
	munmap((void *)self->slots, self->info.slots);
	close(self->fd);
}

static __u32 count_of(const struct kvc_slots *slots, __u64 slot)
{
	const __u32 *first = (const void *)((const char *)slots +
					    slots->offset);

	return __atomic_load_n(&first[KVC_SLOT_NUMBER(slot)], __ATOMIC_ACQUIRE);
}

static int get_slot(int fd, struct kvc_op *op)
{
	char value[64];

	kvc_op_init(op, KVC_OP_GET, "key", 3);
	kvc_op_value(op, value, sizeof(value));
	op->flags = KVC_OP_F_SLOT;
	return kvc_do(fd, op);
}

/* Reads the key and its slot; is that what is shown, and even? */
static bool kept(int fd, const struct kvc_slots *slots, struct kvc_op *op)
{
	return !get_slot(fd, op) &&
	       KVC_SLOT_NUMBER(op->slot) < slots->count &&
	       !(KVC_SLOT_COUNT(op->slot) & 1) &&
	       count_of(slots, op->slot) == KVC_SLOT_COUNT(op->slot);
}

/* Has it changed since, and is it even again? */
static bool changed(const struct kvc_slots *slots, const struct kvc_op *op)
{
	__u32 count = count_of(slots, op->slot);

	return count != KVC_SLOT_COUNT(op->slot) && !(count & 1);
}

TEST_F(near, info)
{
	struct timespec ts;
	__u64 before = kvc_now();

	EXPECT_TRUE(self->info.features & KVC_FEATURE_SLOTS);
	EXPECT_EQ(0, self->info.slots % PAGE);
	EXPECT_LE(2 * PAGE, self->info.slots);
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_INFO, &self->info));
	EXPECT_LE(before, self->info.now);
	EXPECT_EQ(0, clock_gettime(CLOCK_BOOTTIME, &ts));
	EXPECT_GE(ts.tv_sec * KVC_NSEC + ts.tv_nsec, self->info.now);
}

TEST_F(near, head)
{
	const struct kvc_slots *s = self->slots;
	__u32 odd = 0, i;

	EXPECT_EQ(KVC_ABI_LEVEL, s->abi_level);
	EXPECT_EQ(0, s->flags);
	EXPECT_EQ(self->info.cache, s->cache);
	EXPECT_EQ(0, s->fence);
	EXPECT_LE(sizeof(*s), s->offset);
	EXPECT_GE(self->info.slots, s->offset + s->count * sizeof(__u32));
	for (i = 0; i < s->count; i++)
		odd += count_of(s, i) & 1;
	EXPECT_EQ(0, odd);
}

TEST_F(near, sizes_and_offsets)
{
	const size_t all = self->info.slots;

	EXPECT_EQ(0, map_errno(self->fd, all, PROT_READ, MAP_SHARED, 0));
	EXPECT_EQ(0, map_errno(self->fd, PAGE, PROT_READ, MAP_SHARED, 0));
	EXPECT_EQ(0, map_errno(self->fd, all, PROT_READ, MAP_PRIVATE, 0));
	EXPECT_EQ(-EINVAL, map_errno(self->fd, all + 1, PROT_READ, MAP_SHARED,
				     0));
	EXPECT_EQ(-EINVAL, map_errno(self->fd, all * 1024, PROT_READ,
				     MAP_SHARED, 0));
	EXPECT_EQ(-EINVAL, map_errno(self->fd, PAGE, PROT_READ, MAP_SHARED,
				     PAGE));
	EXPECT_EQ(-EINVAL, map_errno(self->fd, PAGE, PROT_READ, MAP_SHARED,
				     all));
	/* Nor can it grow later. */
	EXPECT_EQ(MAP_FAILED, mremap((void *)self->slots, all, all + PAGE,
				     MREMAP_MAYMOVE));
}

TEST_F(near, is_not_written)
{
	void *p = (void *)self->slots;
	__u32 there = count_of(self->slots, 0);
	int fd;

	EXPECT_EQ(-EPERM, map_errno(self->fd, PAGE, PROT_READ | PROT_WRITE,
				    MAP_SHARED, 0));
	EXPECT_EQ(-EPERM, map_errno(self->fd, PAGE, PROT_WRITE, MAP_SHARED, 0));
	EXPECT_EQ(-EPERM, map_errno(self->fd, PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE, 0));
	EXPECT_EQ(-1, mprotect(p, PAGE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-1, mprotect(p, PAGE, PROT_READ | PROT_EXEC));
	EXPECT_EQ(EACCES, errno);
	/* Nor as a debugger does */
	fd = open("/proc/self/mem", O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, pwrite(fd, &there, sizeof(there), (uintptr_t)p));
	close(fd);
	p = (void *)map(self->fd, PAGE, PROT_READ, MAP_PRIVATE, 0);
	ASSERT_NE(MAP_FAILED, p);
	EXPECT_EQ(-1, mprotect(p, PAGE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	munmap(p, PAGE);
}

TEST_F(near, rights)
{
	int fd = kvc_open(O_RDWR);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENOTCONN, map_errno(fd, PAGE, PROT_READ, MAP_SHARED, 0));
	ASSERT_EQ(0, kvc_attach(fd, KVC_TEST_NAME));
	EXPECT_EQ(0, map_errno(fd, PAGE, PROT_READ, MAP_SHARED, 0));
	close(fd);
	fd = kvc_open_bound(O_RDONLY, KVC_TEST_NAME);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, map_errno(fd, PAGE, PROT_READ, MAP_SHARED, 0));
	close(fd);
	fd = kvc_open_bound(O_WRONLY, KVC_TEST_NAME);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EACCES, map_errno(fd, PAGE, PROT_READ, MAP_SHARED, 0));
	close(fd);
}

TEST_F(near, flag_is_for_gets)
{
	char value[8];

	kvc_op_init(&self->op, KVC_OP_PUT, "key", 3);
	kvc_op_value(&self->op, "v", 1);
	self->op.flags = KVC_OP_F_SLOT;
	EXPECT_EQ(-EINVAL, kvc_do(self->fd, &self->op));
	kvc_op_init(&self->op, KVC_OP_DEL, "key", 3);
	self->op.flags = KVC_OP_F_SLOT;
	EXPECT_EQ(-EINVAL, kvc_do(self->fd, &self->op));
	ASSERT_EQ(0, kvc_put(self->fd, "key", "v"));
	/* Who does not ask is not told. */
	kvc_op_init(&self->op, KVC_OP_GET, "key", 3);
	kvc_op_value(&self->op, value, sizeof(value));
	ASSERT_EQ(0, kvc_do(self->fd, &self->op));
	EXPECT_EQ(0, self->op.slot);
	self->op.flags = KVC_OP_F_SLOT;
	self->op.slot = 1;
	EXPECT_EQ(-EINVAL, kvc_do(self->fd, &self->op));
}

static int purge(const char *key, bool prefix)
{
	struct kvcnl_msg m;
	struct kvcnl nl;
	int ret = kvcnl_open(&nl);

	if (ret)
		return ret;
	kvcnl_begin(&m, &nl, KVC_CMD_PURGE);
	kvcnl_put_name(&m, KVC_A_CACHE, KVC_A_CACHE_NAME, KVC_TEST_NAME);
	kvcnl_put(&m, KVC_A_KEY, key, strlen(key));
	if (prefix)
		kvcnl_put_flag(&m, KVC_A_PREFIX);
	ret = kvcnl_call(&nl, &m, NULL, NULL);
	kvcnl_close(&nl);
	return ret;
}

static int set_fence(__u64 fence)
{
	struct kvcnl_msg m;
	struct kvcnl nl;
	int ret = kvcnl_open(&nl);

	if (ret)
		return ret;
	kvcnl_begin(&m, &nl, KVC_CMD_FENCE_SET);
	kvcnl_put_name(&m, KVC_A_CACHE, KVC_A_CACHE_NAME, KVC_TEST_NAME);
	kvcnl_put_u64(&m, KVC_A_FENCE, fence);
	ret = kvcnl_call(&nl, &m, NULL, NULL);
	kvcnl_close(&nl);
	return ret;
}

TEST_F(near, changes)
{
	struct kvc_op *op = &self->op, touch;

	ASSERT_EQ(0, kvc_put(self->fd, "key", "v"));
	ASSERT_TRUE(kept(self->fd, self->slots, op));
	EXPECT_FALSE(changed(self->slots, op));
	ASSERT_EQ(0, kvc_expect(self->fd, "key", "v"));
	EXPECT_FALSE(changed(self->slots, op));
	ASSERT_EQ(0, kvc_put(self->fd, "key", "v"));
	EXPECT_TRUE(changed(self->slots, op));
	ASSERT_TRUE(kept(self->fd, self->slots, op));
	kvc_op_init(&touch, KVC_OP_TOUCH, "key", 3);
	touch.expiry = kvc_now() + 3600 * KVC_NSEC;
	ASSERT_EQ(0, kvc_do(self->fd, &touch));
	EXPECT_TRUE(changed(self->slots, op));
	ASSERT_TRUE(kept(self->fd, self->slots, op));
	ASSERT_EQ(0, kvc_del(self->fd, "key"));
	EXPECT_TRUE(changed(self->slots, op));
}

TEST_F(near, removals_of_many)
{
	struct kvc_op *op = &self->op;

	ASSERT_EQ(0, kvc_put(self->fd, "key", "v"));
	ASSERT_TRUE(kept(self->fd, self->slots, op));
	ASSERT_EQ(0, kvc_clear(self->fd));
	EXPECT_TRUE(changed(self->slots, op));
	ASSERT_EQ(0, kvc_put(self->fd, "key", "v"));
	ASSERT_TRUE(kept(self->fd, self->slots, op));
	ASSERT_EQ(0, purge("key", false));
	EXPECT_TRUE(changed(self->slots, op));
	ASSERT_EQ(0, kvc_put(self->fd, "key", "v"));
	ASSERT_TRUE(kept(self->fd, self->slots, op));
	ASSERT_EQ(0, purge("k", true));
	EXPECT_TRUE(changed(self->slots, op));
}

TEST_F(near, fence)
{
	ASSERT_EQ(0, set_fence(12345));
	EXPECT_EQ(12345, self->slots->fence);
	ASSERT_EQ(0, set_fence(0));
	EXPECT_EQ(0, self->slots->fence);
}

TEST_F(near, in_a_batch)
{
	struct kvc_batch batch = { .count = 2, .op_size = sizeof(self->op) };
	struct kvc_op ops[2];
	char value[8];

	ASSERT_EQ(0, kvc_put(self->fd, "key", "v"));
	kvc_op_init(&ops[0], KVC_OP_PUT, "key", 3);
	kvc_op_value(&ops[0], "w", 1);
	kvc_op_init(&ops[1], KVC_OP_GET, "key", 3);
	kvc_op_value(&ops[1], value, sizeof(value));
	ops[1].flags = KVC_OP_F_SLOT;
	batch.ops = kvc_ptr(ops);
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_BATCH, &batch));
	EXPECT_EQ(0, ops[1].result);
	EXPECT_EQ(KVC_SLOT_COUNT(ops[1].slot),
		  count_of(self->slots, ops[1].slot));
}

static bool is_dead(const struct kvc_slots *slots)
{
	__u32 i;

	for (i = 0; i < slots->count; i++)
		if (!(count_of(slots, i) & 1))
			return false;
	return slots->flags == KVC_SLOTS_F_DEAD;
}

TEST_F(near, destroyed_while_mapped)
{
	ASSERT_EQ(0, kvc_put(self->fd, "key", "v"));
	ASSERT_EQ(0, kvc_destroy(KVC_TEST_NAME));
	EXPECT_TRUE(is_dead(self->slots));
	EXPECT_EQ(-ESHUTDOWN, map_errno(self->fd, PAGE, PROT_READ, MAP_SHARED,
					0));
	/* The mapping is enough to keep what it shows. */
	close(self->fd);
	self->fd = -1;
	EXPECT_TRUE(is_dead(self->slots));
}

/* ... and to keep the module, and the cache's namespace. */
TEST_F(near, mapping_keeps_what_it_shows)
{
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(-1, syscall(SYS_delete_module, "kvcache", O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
	ASSERT_EQ(0, kvc_fresh_netns());
	EXPECT_EQ(0, self->slots->flags);
	EXPECT_EQ(self->info.cache, self->slots->cache);
}

TEST_F(near, is_the_same_for_all)
{
	int fd = kvc_open_bound(O_RDWR, KVC_TEST_NAME), pid;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, kvc_put(self->fd, "key", "v"));
	ASSERT_TRUE(kept(fd, self->slots, &self->op));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		kvc_put(fd, "key", "child's");
		_exit(!changed(self->slots, &self->op));
	}
	EXPECT_EQ(0, kvc_wait(pid));
	EXPECT_TRUE(changed(self->slots, &self->op));
	close(fd);
}

/* Before somebody maps them nothing is counted, and nothing may be kept. */
TEST(nothing_is_kept_before_they_are_mapped)
{
	const struct kvc_slots *slots;
	struct kvc_stats before, after;
	struct kvc_info info = { 0 };
	struct kvc_op op;
	int fd = kvc_setup_default();

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, kvc_put(fd, "key", "v"));
	ASSERT_EQ(0, get_slot(fd, &op));
	EXPECT_EQ(1, KVC_SLOT_COUNT(op.slot) & 1);
	ASSERT_EQ(0, kvc_stats(fd, &before));
	ASSERT_EQ(0, kvc_call(fd, KVC_IOC_INFO, &info));
	slots = map(fd, info.slots, PROT_READ, MAP_SHARED, 0);
	ASSERT_NE(MAP_FAILED, slots);
	EXPECT_TRUE(kept(fd, slots, &op));
	ASSERT_EQ(0, kvc_stats(fd, &after));
	EXPECT_EQ(info.slots, after.bytes_index - before.bytes_index);
	munmap((void *)slots, info.slots);
	close(fd);
}

#define THREADS	4

static void *map_first(void *arg)
{
	return (void *)map(*(int *)arg, PAGE, PROT_READ, MAP_SHARED, 0);
}

TEST(many_map_them_first)
{
	pthread_t thread[THREADS];
	struct kvc_op op;
	void *slots;
	int fd = kvc_setup_default(), i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, kvc_put(fd, "key", "v"));
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, map_first, &fd));
	for (i = 0; i < THREADS; i++) {
		ASSERT_EQ(0, pthread_join(thread[i], &slots));
		ASSERT_NE(MAP_FAILED, slots);
		EXPECT_LT(0, ((struct kvc_slots *)slots)->count);
	}
	ASSERT_EQ(0, get_slot(fd, &op));
	EXPECT_EQ(0, KVC_SLOT_COUNT(op.slot) & 1);
	close(fd);
}

TEST_HARNESS_MAIN
