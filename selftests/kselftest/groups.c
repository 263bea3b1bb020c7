// SPDX-License-Identifier: GPL-2.0-only
/*
 * A batch is read ahead of what it does, a few operations at a time: it has to
 * be the same as its operations one by one
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "harness.h"
#include "kvctest.h"

#define KEYS	24
#define MOST	40
#define ROUNDS	400
#define ROOM	6000
#define PAGE	4096u

/* A key's length tells it from others; some are read ahead and some are not. */
static const __u32 key_lens[KEYS] = {
	1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 40, 63, 64, 65, 66,
	100, 127, 128, 300, 4096,
};

static const __u32 value_lens[] = {
	0, 1, 7, 8, 9, 32, 100, 255, 256, 257, 511, 512, 513, 1000, 1024, 1025, 5000,
};

struct pair {
	bool there;
	__u32 len;
	__u32 seed;
};

/* What an operation should have done */
struct wanted {
	int result;
	struct pair pair;
};

FIXTURE(groups) {
	struct kvc_op ops[MOST];
	struct wanted wanted[MOST];
	struct pair pairs[KEYS];
	char (*values)[ROOM];
	char *key;
	__u64 random;
	int fd;
};

FIXTURE_SETUP(groups)
{
	self->fd = kvc_setup_default();
	ASSERT_LE(0, self->fd);
	self->values = calloc(MOST, ROOM);
	self->key = malloc(PAGE);
	ASSERT_NE(NULL, self->values);
	ASSERT_NE(NULL, self->key);
	kvc_pattern(self->key, PAGE, 1);
	self->random = 88172645463325252;
}

FIXTURE_TEARDOWN(groups)
{
	free(self->values);
	free(self->key);
	close(self->fd);
}

/* xorshift64, Marsaglia 2003 */
static __u32 below(__u64 *state, __u32 n)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (*state >> 11) % n;
}

static void want(struct wanted *w, struct pair *p, const struct kvc_op *op,
		 __u32 seed)
{
	w->result = 0;
	if (op->opcode == KVC_OP_PUT)
		*p = (struct pair){ true, op->value_len, seed };
	else if (!p->there)
		w->result = -ENOENT;
	w->pair = *p;
	if (op->opcode == KVC_OP_DEL)
		p->there = false;
}

static int call(int fd, struct kvc_op *ops, __u32 count, __u32 *done)
{
	struct kvc_batch batch = {
		.ops = kvc_ptr(ops), .count = count, .op_size = sizeof(*ops),
	};
	int ret = kvc_call(fd, KVC_IOC_BATCH, &batch);

	*done = batch.done;
	return ret;
}

TEST_F(groups, same_as_one_by_one)
{
	static const __u32 codes[] = {
		KVC_OP_GET, KVC_OP_GET, KVC_OP_PUT, KVC_OP_PUT, KVC_OP_DEL,
		KVC_OP_TOUCH,
	};
	__u32 round, count, i, k, done;
	struct kvc_op *op;

	for (round = 0; round < ROUNDS; round++) {
		count = 1 + below(&self->random, MOST);
		for (i = 0; i < count; i++) {
			op = &self->ops[i];
			k = below(&self->random, KEYS);
			kvc_op_init(op, codes[below(&self->random,
						    ARRAY_SIZE(codes))],
				    self->key, key_lens[k]);
			if (op->opcode == KVC_OP_PUT) {
				kvc_op_value(op, self->values[i],
					     value_lens[below(&self->random,
							ARRAY_SIZE(value_lens))]);
				kvc_pattern(self->values[i], op->value_len,
					    round * MOST + i);
			} else if (op->opcode == KVC_OP_GET) {
				kvc_op_value(op, self->values[i], ROOM);
			}
			want(&self->wanted[i], &self->pairs[k], op,
			     round * MOST + i);
		}
		ASSERT_EQ(0, call(self->fd, self->ops, count, &done));
		ASSERT_EQ(count, done);
		for (i = 0; i < count; i++) {
			op = &self->ops[i];
			ASSERT_EQ(self->wanted[i].result, op->result);
			if (op->opcode != KVC_OP_GET || op->result)
				continue;
			ASSERT_EQ(self->wanted[i].pair.len, op->value_len);
			ASSERT_TRUE(kvc_pattern_ok(self->values[i],
						   op->value_len,
						   self->wanted[i].pair.seed));
		}
	}
}

/*
 * The third operation's answer cannot be told: it and those before it were
 * done, and those after it, which were read already, were not.
 */
TEST_F(groups, array_that_turns_read_only)
{
	struct kvc_op *ops, op;
	__u32 i, done;
	char *pages;

	pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE((void *)-1, pages);
	ops = (struct kvc_op *)(pages + PAGE) - 2;
	for (i = 0; i < 8; i++) {
		kvc_op_init(&ops[i], KVC_OP_PUT, self->key, i + 1);
		kvc_op_value(&ops[i], "value", 5);
	}
	ASSERT_EQ(0, mprotect(pages + PAGE, PAGE, PROT_READ));
	EXPECT_EQ(-EFAULT, call(self->fd, ops, 8, &done));
	EXPECT_EQ(2, done);
	for (i = 0; i < 8; i++) {
		kvc_op_init(&op, KVC_OP_GET, self->key, i + 1);
		kvc_op_value(&op, self->values[0], ROOM);
		EXPECT_EQ(i < 3 ? 0 : -ENOENT, kvc_do(self->fd, &op));
	}
	munmap(pages, 2 * PAGE);
}

/* Room that faults at first, as fresh memory does, or for good */
TEST_F(groups, hits_into_memory_that_is_not_there)
{
	__u32 i, done;
	char *pages;

	ASSERT_EQ(0, kvc_put(self->fd, "a", "value"));
	pages = mmap(NULL, MOST * PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE((void *)-1, pages);
	ASSERT_EQ(0, mprotect(pages + 5 * PAGE, PAGE, PROT_READ));
	ASSERT_EQ(0, munmap(pages + 6 * PAGE, PAGE));
	for (i = 0; i < 16; i++) {
		kvc_op_init(&self->ops[i], KVC_OP_GET, "a", 1);
		kvc_op_value(&self->ops[i], pages + i * PAGE, 100);
	}
	/* Across the end of a page, the second half of which is not there yet. */
	kvc_op_value(&self->ops[15], pages + 20 * PAGE - 3, 100);
	ASSERT_EQ(0, call(self->fd, self->ops, 16, &done));
	for (i = 0; i < 16; i++) {
		if (i == 5 || i == 6) {
			EXPECT_EQ(-EFAULT, self->ops[i].result);
			continue;
		}
		EXPECT_EQ(0, self->ops[i].result);
		EXPECT_EQ(5, self->ops[i].value_len);
		EXPECT_EQ(0, memcmp((void *)(uintptr_t)self->ops[i].value,
				    "value", 5));
	}
	munmap(pages, MOST * PAGE);
}

TEST_HARNESS_MAIN
