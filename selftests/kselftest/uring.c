// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands by io_uring: what an SQE may say, and in which order they are done
 *
 * That each operation does the same as by ioctl, right or wrong, is tested by
 * the programs NAME-uring.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#include "flushing.h"
#include "harness.h"
#include "iouring.h"

#define ENTRIES	64u

/* A pair in the making, with room for the answer */
struct slot {
	struct kvc_op op;
	char key[KVC_TEST_KEY];
	char value[64];
};

FIXTURE(uring) {
	struct iou ring;
	struct slot slots[ENTRIES];
	struct kvc_op op;
	int fd;
};

FIXTURE_SETUP(uring)
{
	self->fd = kvc_setup_default();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, iou_open(&self->ring, ENTRIES, 0));
}

FIXTURE_TEARDOWN(uring)
{
	iou_close(&self->ring);
	close(self->fd);
}

/* Value number @round of key number @i */
static void slot_put(struct slot *s, unsigned int i, unsigned int round)
{
	kvc_op_init(&s->op, KVC_OP_PUT, kvc_key(s->key, i), 8);
	kvc_pattern(s->value, sizeof(s->value), i + round);
	kvc_op_value(&s->op, s->value, sizeof(s->value));
}

static void slot_get(struct slot *s, unsigned int i)
{
	kvc_op_init(&s->op, KVC_OP_GET, kvc_key(s->key, i), 8);
	memset(s->value, 0, sizeof(s->value));
	kvc_op_value(&s->op, s->value, sizeof(s->value));
}

static struct io_uring_sqe *add(struct iou *ring, int fd, struct slot *s,
				__u64 tag)
{
	return iou_cmd(ring, fd, KVC_IOC_OP, &s->op, tag);
}

TEST_F(uring, struct_is_written_back)
{
	struct slot *s = self->slots;

	slot_put(s, 1, 0);
	s->op.client_flags = 77;
	s->op.expiry = 1ull << 62;
	EXPECT_EQ(0, iou_call(&self->ring, self->fd, KVC_IOC_OP, &s->op));
	EXPECT_EQ(0, s->op.result);
	EXPECT_NE(0, s->op.version);
	slot_get(&s[1], 1);
	s[1].op.result = 1;
	EXPECT_EQ(0, iou_call(&self->ring, self->fd, KVC_IOC_OP, &s[1].op));
	EXPECT_EQ(0, s[1].op.result);
	EXPECT_EQ(s->op.version, s[1].op.version);
	EXPECT_EQ(sizeof(s->value), s[1].op.value_len);
	EXPECT_EQ(77, s[1].op.client_flags);
	EXPECT_EQ(1ull << 62, s[1].op.expiry);
	EXPECT_TRUE(kvc_pattern_ok(s[1].value, sizeof(s->value), 1));
	/* A failure is told in both places. */
	slot_get(s, 2);
	EXPECT_EQ(-ENOENT, iou_call(&self->ring, self->fd, KVC_IOC_OP, &s->op));
	EXPECT_EQ(-ENOENT, s->op.result);
}

TEST_F(uring, other_commands)
{
	static const unsigned int cmds[] = {
		KVC_IOC_INFO, KVC_IOC_ATTACH, KVC_IOC_SCAN, KVC_IOC_CLEAR,
		KVC_IOC_ROUTE, KVC_IOC_REPORT, KVC_IOC_FLUSH_OPEN,
		KVC_IOC_FLUSH_COMMIT, KVC_IOC_FLUSH_FAIL, 0, 1, ~0u,
		_IOC(_IOC_READ, KVC_IOC_MAGIC, 2, sizeof(struct kvc_op)),
		_IOC(_IOC_NONE, KVC_IOC_MAGIC, 3, 0),
	};
	static char arg[4096];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++)
		EXPECT_EQ(-ENOTTY, iou_call(&self->ring, self->fd, cmds[i],
					    arg)) {
			TH_LOG("command %x", cmds[i]);
		}
}

TEST_F(uring, reserved_field)
{
	struct slot *s = self->slots;
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		slot_put(s, 1, 0);
		iou_area(add(&self->ring, self->fd, s, bit))->reserved =
			1ull << bit;
		EXPECT_EQ(-EINVAL, iou_answer(&self->ring, bit));
	}
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, kvc_key(s->key, 1), ""));
}

/* With a registered buffer the pointer would have another meaning. */
TEST_F(uring, registered_buffer)
{
	struct iovec iov = { self->slots, sizeof(self->slots) };
	struct io_uring_sqe *sqe;

	ASSERT_EQ(0, syscall(__NR_io_uring_register, self->ring.fd,
			     IORING_REGISTER_BUFFERS, &iov, 1));
	slot_put(self->slots, 1, 0);
	sqe = add(&self->ring, self->fd, self->slots, 1);
	sqe->uring_cmd_flags = IORING_URING_CMD_FIXED;
	EXPECT_EQ(-EINVAL, iou_answer(&self->ring, 1));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, self->slots->key, ""));
}

TEST_F(uring, other_files)
{
	int behind = flush_cache("behind", FLUSH_NEVER);
	int unbound = kvc_open(O_RDWR), stream = flush_open(behind);

	ASSERT_LE(0, behind);
	ASSERT_LE(0, unbound);
	ASSERT_LE(0, stream);
	slot_get(self->slots, 1);
	EXPECT_EQ(-ENOTCONN, iou_call(&self->ring, unbound, KVC_IOC_OP,
				      &self->slots->op));
	EXPECT_EQ(-EOPNOTSUPP, iou_call(&self->ring, stream, KVC_IOC_OP,
					&self->slots->op));
	close(stream);
	close(unbound);
	close(behind);
}

/* One after the other, each answer being right: the number of failures */
static unsigned int answers(struct iou *ring, unsigned int count)
{
	unsigned int i, bad = 0;
	__u64 tag;
	int res;

	for (i = 0; i < count; i++)
		bad += iou_wait(ring, &tag, &res) || res;
	return bad;
}

/* All of @ring at once, done by workers if @flags say so */
static void many(struct __test_metadata *_metadata, struct iou *ring, int fd,
		 struct slot *slots, unsigned int flags, unsigned int round)
{
	unsigned int i;

	for (i = 0; i < ENTRIES; i++) {
		slot_put(&slots[i], i, round);
		add(ring, fd, &slots[i], i)->flags = flags;
	}
	ASSERT_EQ(ENTRIES, iou_submit(ring));
	ASSERT_EQ(0, answers(ring, ENTRIES));
	for (i = 0; i < ENTRIES; i++) {
		slot_get(&slots[i], i);
		add(ring, fd, &slots[i], i)->flags = flags;
	}
	ASSERT_EQ(ENTRIES, iou_submit(ring));
	ASSERT_EQ(0, answers(ring, ENTRIES));
	for (i = 0; i < ENTRIES; i++)
		EXPECT_TRUE(kvc_pattern_ok(slots[i].value,
					   sizeof(slots[i].value), i + round));
}

TEST_F(uring, many_in_flight)
{
	unsigned int round;

	for (round = 0; round < 8; round++)
		many(_metadata, &self->ring, self->fd, self->slots,
		     round % 2 ? IOSQE_ASYNC : 0, round);
}

TEST_F(uring, kernel_thread)
{
	unsigned int round;
	struct iou ring;

	ASSERT_EQ(0, iou_open(&ring, ENTRIES, IORING_SETUP_SQPOLL));
	for (round = 0; round < 8; round++)
		many(_metadata, &ring, self->fd, self->slots,
		     round % 2 ? IOSQE_ASYNC : 0, round);
	iou_close(&ring);
}

TEST_F(uring, large_entries)
{
	struct slot *s = self->slots;
	struct io_uring_sqe *sqe;
	struct iou ring;

	ASSERT_EQ(0, iou_open(&ring, 4, IORING_SETUP_SQE128 |
					IORING_SETUP_CQE32));
	slot_put(s, 1, 0);
	sqe = add(&ring, self->fd, s, 1);
	/* What is behind our 16 bytes is not looked at. */
	memset(iou_area(sqe) + 1, 0xa5, 64);
	EXPECT_EQ(0, iou_answer(&ring, 1));
	slot_get(&s[1], 1);
	add(&ring, self->fd, &s[1], 2)->flags = IOSQE_ASYNC;
	EXPECT_EQ(0, iou_answer(&ring, 2));
	EXPECT_TRUE(kvc_pattern_ok(s[1].value, sizeof(s[1].value), 1));
	iou_close(&ring);
}

TEST_F(uring, polled_ring)
{
	struct iou ring;

	ASSERT_EQ(0, iou_open(&ring, 4, IORING_SETUP_IOPOLL));
	slot_put(self->slots, 1, 0);
	EXPECT_EQ(-EOPNOTSUPP, iou_call(&ring, self->fd, KVC_IOC_OP,
					&self->slots->op));
	iou_close(&ring);
}

/* PUT, GET, DEL, GET, each after the one before is complete */
static void link_four(struct iou *ring, int fd, struct slot *s,
		      unsigned int flags)
{
	static const __u32 opcodes[] = {
		KVC_OP_PUT, KVC_OP_GET, KVC_OP_DEL, KVC_OP_GET,
	};
	unsigned int i;

	for (i = 0; i < 4; i++) {
		slot_get(&s[i], 1);
		s[i].op.opcode = opcodes[i];
		if (opcodes[i] == KVC_OP_PUT)
			slot_put(&s[i], 1, 0);
		if (opcodes[i] == KVC_OP_DEL)
			s[i].op.value_len = 0;
		add(ring, fd, &s[i], i)->flags = flags |
						 (i < 3 ? IOSQE_IO_LINK : 0);
	}
}

static void expect_four(struct __test_metadata *_metadata, struct iou *ring,
			const int *results)
{
	unsigned int i;
	__u64 tag;
	int res;

	ASSERT_EQ(4, iou_submit(ring));
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, iou_wait(ring, &tag, &res));
		EXPECT_EQ(i, tag);
		EXPECT_EQ(results[i], res);
	}
}

TEST_F(uring, links)
{
	static const int good[] = { 0, 0, 0, -ENOENT };
	static const int bad[] = { -EEXIST, -ECANCELED, -ECANCELED,
				   -ECANCELED };
	struct slot *s = self->slots;
	unsigned int round;

	for (round = 0; round < 16; round++) {
		link_four(&self->ring, self->fd, s,
			  round % 2 ? IOSQE_ASYNC : 0);
		expect_four(_metadata, &self->ring, good);
		EXPECT_TRUE(kvc_pattern_ok(s[1].value, sizeof(s[1].value), 1));
	}
	/* The first that fails ends the chain. */
	ASSERT_EQ(0, kvc_put(self->fd, "k0000001", "present"));
	for (round = 0; round < 2; round++) {
		link_four(&self->ring, self->fd, s,
			  round % 2 ? IOSQE_ASYNC : 0);
		s->op.flags = KVC_OP_F_CREATE;
		expect_four(_metadata, &self->ring, bad);
		EXPECT_EQ(0, kvc_expect(self->fd, "k0000001", "present"));
	}
}

TEST_F(uring, ring_holds_its_files)
{
	const long before = 1;
	struct io_uring_sqe *sqe;
	int fd, registered;

	/* What a test before has left is over. */
	ASSERT_TRUE(kvc_eventually_referenced(before));
	fd = kvc_open_bound(O_RDWR, KVC_TEST_NAME);
	ASSERT_LE(0, fd);
	registered = fd;
	ASSERT_EQ(0, iou_files(&self->ring, &registered, 1));
	close(fd);
	EXPECT_EQ(before + 1, kvc_references());
	slot_put(self->slots, 1, 0);
	sqe = add(&self->ring, 0, self->slots, 1);
	sqe->flags = IOSQE_FIXED_FILE;
	EXPECT_EQ(0, iou_answer(&self->ring, 1));
	/* The namespace's cache is the file's, too: it is still the same. */
	slot_get(&self->slots[1], 1);
	sqe = add(&self->ring, 0, &self->slots[1], 2);
	sqe->flags = IOSQE_FIXED_FILE | IOSQE_ASYNC;
	EXPECT_EQ(0, iou_answer(&self->ring, 2));
	EXPECT_TRUE(kvc_pattern_ok(self->slots[1].value,
				   sizeof(self->slots[1].value), 1));
	EXPECT_EQ(-1, syscall(SYS_delete_module, "kvcache", O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
	iou_close(&self->ring);
	EXPECT_TRUE(kvc_eventually_referenced(before));
	ASSERT_EQ(0, iou_open(&self->ring, ENTRIES, 0));
}

TEST_F(uring, file_closed_in_flight)
{
	const long before = 1;
	unsigned int i, round;
	int fd;

	for (round = 0; round < 20; round++) {
		fd = kvc_open_bound(O_RDWR, KVC_TEST_NAME);
		ASSERT_LE(0, fd);
		for (i = 0; i < ENTRIES; i++) {
			slot_put(&self->slots[i], i, round);
			add(&self->ring, fd, &self->slots[i], i)->flags =
				IOSQE_ASYNC;
		}
		ASSERT_EQ(ENTRIES, iou_submit(&self->ring));
		close(fd);
		ASSERT_EQ(0, answers(&self->ring, ENTRIES));
	}
	EXPECT_TRUE(kvc_eventually_referenced(before));
}

TEST_F(uring, cache_destroyed_in_flight)
{
	unsigned int i, round, gone;
	struct kvc_config config;
	__u64 tag;
	int fd, res;

	kvc_config_init(&config, "short", KVC_TEST_LIMIT);
	for (round = 0; round < 20; round++) {
		ASSERT_EQ(0, kvc_create(&config));
		fd = kvc_open_bound(O_RDWR, "short");
		ASSERT_LE(0, fd);
		for (i = 0; i < ENTRIES; i++) {
			slot_put(&self->slots[i], i, round);
			add(&self->ring, fd, &self->slots[i], i)->flags =
				IOSQE_ASYNC;
		}
		ASSERT_EQ(ENTRIES, iou_submit(&self->ring));
		ASSERT_EQ(0, kvc_destroy("short"));
		for (i = gone = 0; i < ENTRIES; i++) {
			ASSERT_EQ(0, iou_wait(&self->ring, &tag, &res));
			ASSERT_TRUE(!res || res == -ESHUTDOWN);
			gone += !!res;
		}
		slot_get(self->slots, 1);
		EXPECT_EQ(-ESHUTDOWN, iou_call(&self->ring, fd, KVC_IOC_OP,
					       &self->slots->op));
		close(fd);
	}
}

/* Once it was taken, an SQE is the program's again. */
TEST_F(uring, entry_reused_at_once)
{
	struct io_uring_sqe *sqes[ENTRIES];
	unsigned int i;

	for (i = 0; i < ENTRIES; i++) {
		slot_put(&self->slots[i], i, 0);
		sqes[i] = add(&self->ring, self->fd, &self->slots[i], i);
		sqes[i]->flags = IOSQE_ASYNC;
	}
	ASSERT_EQ(ENTRIES, iou_submit(&self->ring));
	for (i = 0; i < ENTRIES; i++)
		memset(sqes[i], 0xff, sizeof(*sqes[i]));
	ASSERT_EQ(0, answers(&self->ring, ENTRIES));
}

/*
 * Fields that are read more than once could be two different things; here they
 * change all the time while the kernel's own thread reads them.
 */
TEST_F(uring, entry_that_changes)
{
	struct kvc_uring_cmd *area;
	unsigned int i, good = 0;
	struct iou ring;
	__u64 tag;
	int res;

	ASSERT_EQ(0, iou_open(&ring, 4, IORING_SETUP_SQPOLL));
	for (i = 0; i < 1000; i++) {
		slot_put(self->slots, 1, i);
		area = iou_area(add(&ring, self->fd, self->slots, i));
		ASSERT_EQ(1, iou_submit(&ring));
		while (!iou_take(&ring, &tag, &res)) {
			*(volatile __u64 *)&area->reserved ^= 1;
			*(volatile __u64 *)&area->arg ^= 1ull << 63;
		}
		ASSERT_TRUE(!res || res == -EINVAL || res == -EFAULT);
		good += !res;
	}
	TH_LOG("%u were read before they changed", good);
	iou_close(&ring);
}

TEST_HARNESS_MAIN
