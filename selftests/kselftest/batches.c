// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVC_IOC_BATCH: many operations, each with its result
 */
#include <errno.h>
#include <fcntl.h>

#include "harness.h"
#include "kvctest.h"

#define MANY	256

FIXTURE(batch) {
	struct kvc_batch batch;
	struct kvc_op ops[MANY];
	char keys[MANY][KVC_TEST_KEY];
	char values[MANY][KVC_TEST_KEY];
	int fd;
};

FIXTURE_SETUP(batch)
{
	unsigned int i;

	self->fd = kvc_setup_default();
	ASSERT_LE(0, self->fd);
	for (i = 0; i < MANY; i++) {
		kvc_key(self->keys[i], i);
		kvc_op_init(&self->ops[i], KVC_OP_PUT, self->keys[i], 8);
		kvc_op_value(&self->ops[i], self->keys[i], 8);
		self->ops[i].result = 77;
	}
	self->batch.ops = kvc_ptr(self->ops);
	self->batch.count = MANY;
	self->batch.op_size = sizeof(struct kvc_op);
	self->batch.done = 77;
}

FIXTURE_TEARDOWN(batch)
{
	close(self->fd);
}

TEST_F(batch, puts_and_gets)
{
	unsigned int i;

	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	EXPECT_EQ(MANY, self->batch.done);
	for (i = 0; i < MANY; i++) {
		EXPECT_EQ(0, self->ops[i].result);
		EXPECT_NE(0, self->ops[i].version);
		kvc_op_init(&self->ops[i], KVC_OP_GET, self->keys[i], 8);
		kvc_op_value(&self->ops[i], self->values[i], KVC_TEST_KEY);
	}
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	EXPECT_EQ(MANY, self->batch.done);
	for (i = 0; i < MANY; i++) {
		EXPECT_EQ(0, self->ops[i].result);
		EXPECT_EQ(8, self->ops[i].value_len);
		EXPECT_EQ(0, memcmp(self->values[i], self->keys[i], 8));
	}
}

TEST_F(batch, in_order)
{
	unsigned int i;

	/* All on one key: the last value stays, and versions climb. */
	for (i = 0; i < MANY; i++)
		self->ops[i].key = kvc_ptr("same key");
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	for (i = 1; i < MANY; i++)
		EXPECT_LT(self->ops[i - 1].version, self->ops[i].version);
	EXPECT_EQ(0, kvc_expect(self->fd, "same key", self->keys[MANY - 1]));
}

TEST_F(batch, sees_its_own_writes)
{
	kvc_op_init(&self->ops[1], KVC_OP_GET, self->keys[0], 8);
	kvc_op_value(&self->ops[1], self->values[1], KVC_TEST_KEY);
	kvc_op_init(&self->ops[2], KVC_OP_DEL, self->keys[0], 8);
	kvc_op_init(&self->ops[3], KVC_OP_GET, self->keys[0], 8);
	self->batch.count = 4;
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	EXPECT_EQ(0, self->ops[1].result);
	EXPECT_EQ(0, memcmp(self->values[1], self->keys[0], 8));
	EXPECT_EQ(0, self->ops[2].result);
	EXPECT_EQ(-ENOENT, self->ops[3].result);
}

TEST_F(batch, one_failure_does_not_stop_the_others)
{
	unsigned int i;

	self->ops[0].flags = KVC_OP_F_REPLACE;
	self->ops[1].opcode = 99;
	self->ops[2].key_len = 0;
	self->ops[3].key = 8;
	self->ops[4].value = 8;
	self->ops[5].reserved = 1;
	self->ops[6].key_len = KVC_KEY_MAX + 1;
	self->ops[7].value_len = (1 << 20) + 1;
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	EXPECT_EQ(MANY, self->batch.done);
	EXPECT_EQ(-ENOENT, self->ops[0].result);
	EXPECT_EQ(-EINVAL, self->ops[1].result);
	EXPECT_EQ(-EINVAL, self->ops[2].result);
	EXPECT_EQ(-EFAULT, self->ops[3].result);
	EXPECT_EQ(-EFAULT, self->ops[4].result);
	EXPECT_EQ(-EINVAL, self->ops[5].result);
	EXPECT_EQ(-ENAMETOOLONG, self->ops[6].result);
	EXPECT_EQ(-E2BIG, self->ops[7].result);
	for (i = 8; i < MANY; i++) {
		EXPECT_EQ(0, self->ops[i].result);
		EXPECT_EQ(0, kvc_expect(self->fd, self->keys[i],
					self->keys[i]));
	}
	for (i = 0; i < 8; i++)
		EXPECT_EQ(-ENOENT, kvc_expect(self->fd, self->keys[i], ""));
}

/* An array with a longer stride, as a later version of struct kvc_op has. */
static char *stretch(const struct kvc_op *ops, unsigned int stride)
{
	char *array = calloc(MANY, stride);
	unsigned int i;

	for (i = 0; array && i < MANY; i++)
		memcpy(array + i * stride, &ops[i], sizeof(*ops));
	return array;
}

static void check_stride(struct __test_metadata *_metadata, int fd,
			 struct kvc_batch *batch, const char *array,
			 unsigned int stride)
{
	struct kvc_op op;
	unsigned int i;

	batch->ops = kvc_ptr(array);
	batch->op_size = stride;
	ASSERT_EQ(0, kvc_call(fd, KVC_IOC_BATCH, batch));
	EXPECT_EQ(MANY, batch->done);
	for (i = 0; i < MANY; i++) {
		memcpy(&op, array + i * stride, sizeof(op));
		EXPECT_EQ(0, op.result);
		EXPECT_NE(0, op.version);
	}
}

TEST_F(batch, stride)
{
	static const unsigned int strides[] = { 64, 72, 128, 1000, 4096 };
	unsigned int i;
	char *array;

	for (i = 0; i < ARRAY_SIZE(strides); i++) {
		array = stretch(self->ops, strides[i]);
		ASSERT_NE(NULL, array);
		check_stride(_metadata, self->fd, &self->batch, array,
			     strides[i]);
		free(array);
	}
}

TEST_F(batch, stride_with_nonzero_tail)
{
	char *array = stretch(self->ops, 72);

	ASSERT_NE(NULL, array);
	array[3 * 72 + 64] = 1;
	self->batch.ops = kvc_ptr(array);
	self->batch.op_size = 72;
	ASSERT_EQ(-E2BIG, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	EXPECT_EQ(3, self->batch.done);
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, self->keys[3], ""));
	EXPECT_EQ(0, kvc_expect(self->fd, self->keys[2], self->keys[2]));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, self->keys[4], ""));
	free(array);
}

TEST_F(batch, bad_stride)
{
	self->batch.op_size = 56;
	EXPECT_EQ(-EINVAL, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	self->batch.op_size = 0;
	EXPECT_EQ(-EINVAL, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	self->batch.op_size = 4096 + 8;
	EXPECT_EQ(-E2BIG, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	self->batch.op_size = 0xffffffc0;
	EXPECT_EQ(-E2BIG, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, self->keys[0], ""));
}

TEST_F(batch, bad_count_and_flags)
{
	self->batch.count = 0;
	EXPECT_EQ(-EINVAL, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	self->batch.count = KVC_BATCH_MAX + 1;
	EXPECT_EQ(-EINVAL, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	self->batch.count = ~0u;
	EXPECT_EQ(-EINVAL, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	self->batch.count = 1;
	self->batch.flags = 1;
	EXPECT_EQ(-EINVAL, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, self->keys[0], ""));
}

TEST_F(batch, the_most)
{
	struct kvc_op *ops = calloc(KVC_BATCH_MAX, sizeof(*ops));
	unsigned int i;

	ASSERT_NE(NULL, ops);
	for (i = 0; i < KVC_BATCH_MAX; i++)
		ops[i] = self->ops[i % MANY];
	self->batch.ops = kvc_ptr(ops);
	self->batch.count = KVC_BATCH_MAX;
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	EXPECT_EQ(KVC_BATCH_MAX, self->batch.done);
	for (i = 0; i < KVC_BATCH_MAX; i++)
		EXPECT_EQ(0, ops[i].result);
	free(ops);
}

TEST_F(batch, array_out_of_reach)
{
	self->batch.ops = 8;
	EXPECT_EQ(-EFAULT, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	EXPECT_EQ(0, self->batch.done);
	self->batch.ops = ~0ull - 64;
	self->batch.done = 77;
	EXPECT_EQ(-EFAULT, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	EXPECT_EQ(0, self->batch.done);
}

TEST_F(batch, array_that_ends_early)
{
	const unsigned int fit = 4096 / sizeof(struct kvc_op);
	unsigned int i;
	char *pages;

	pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE((void *)-1, pages);
	memcpy(pages, self->ops, 4096);
	ASSERT_EQ(0, munmap(pages + 4096, 4096));
	self->batch.ops = kvc_ptr(pages);
	ASSERT_EQ(-EFAULT, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	/* What it says was carried out was, and nothing else. */
	EXPECT_LE(self->batch.done, fit);
	for (i = 0; i < MANY; i++)
		EXPECT_EQ(i < self->batch.done ? 0 : -ENOENT,
			  kvc_expect(self->fd, self->keys[i], self->keys[i]));
	munmap(pages, 4096);
}

#define GETS	24

static void make_gets(struct kvc_op *ops, char (*keys)[KVC_TEST_KEY],
		      char *values, size_t stride)
{
	unsigned int i;

	for (i = 0; i < GETS; i++) {
		kvc_op_init(&ops[i], KVC_OP_GET, keys[i], 8);
		kvc_op_value(&ops[i], values + i * stride, KVC_TEST_KEY);
	}
}

/* GETs are carried out some at a time; which one is unusual makes no odds. */
TEST_F(batch, one_get_is_unlike_the_others)
{
	static const int errors[] = { -EFAULT, -EFAULT, -ENOENT, -ERANGE };
	unsigned int i, bad;

	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	self->batch.count = GETS;
	for (bad = 0; bad < GETS * ARRAY_SIZE(errors); bad++) {
		struct kvc_op *op = &self->ops[bad % GETS];
		unsigned int kind = bad / GETS;

		memset(self->values, 0, sizeof(self->values));
		make_gets(self->ops, self->keys, self->values[0], KVC_TEST_KEY);
		if (kind == 0)
			op->value = 8;
		else if (kind == 1)
			op->key = 8;
		else if (kind == 2)
			kvc_op_init(op, KVC_OP_GET, "absent", 6);
		else
			op->value_len = 7;
		ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
		ASSERT_EQ(GETS, self->batch.done);
		for (i = 0; i < GETS; i++) {
			int want = i == bad % GETS ? errors[kind] : 0;

			ASSERT_EQ(want, self->ops[i].result);
			ASSERT_EQ(!want, !memcmp(self->values[i],
						 self->keys[i], 8));
		}
	}
}

TEST_F(batch, gets_into_pages_that_are_not_there_yet)
{
	unsigned int i;
	char *pages;

	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	pages = mmap(NULL, GETS * 4096, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE((void *)-1, pages);
	/* The values begin in one page and end in the next. */
	make_gets(self->ops, self->keys, pages + 4092, 4096);
	self->batch.count = GETS - 1;
	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_BATCH, &self->batch));
	EXPECT_EQ(GETS - 1, self->batch.done);
	for (i = 0; i < GETS - 1; i++) {
		EXPECT_EQ(0, self->ops[i].result);
		EXPECT_EQ(0, memcmp(pages + 4092 + i * 4096, self->keys[i], 8));
	}
	munmap(pages, GETS * 4096);
}

TEST_F(batch, read_only_file)
{
	int fd = kvc_open_bound(O_RDONLY, KVC_TEST_NAME);

	ASSERT_LE(0, fd);
	kvc_op_init(&self->ops[1], KVC_OP_GET, self->keys[1], 8);
	ASSERT_EQ(0, kvc_call(fd, KVC_IOC_BATCH, &self->batch));
	EXPECT_EQ(-EBADF, self->ops[0].result);
	EXPECT_EQ(-ENOENT, self->ops[1].result);
	EXPECT_EQ(-EBADF, self->ops[2].result);
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, self->keys[0], ""));
	close(fd);
}

TEST_HARNESS_MAIN
