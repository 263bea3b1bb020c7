// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an open file allows: by its binding, its mode, the life of its cache
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

#include "harness.h"
#include "kvctest.h"

FIXTURE(session) {
	struct kvc_config config;
	struct kvc_op op;
	int fd;
};

FIXTURE_SETUP(session)
{
	self->fd = kvc_setup_default();
	ASSERT_LE(0, self->fd);
	kvc_config_init(&self->config, "new", KVC_TEST_LIMIT);
}

FIXTURE_TEARDOWN(session)
{
	close(self->fd);
}

TEST_F(session, not_attached)
{
	__aligned_u64 buf[64];
	struct kvc_stats stats;
	struct kvc_batch batch = {
		.ops = kvc_ptr(&self->op), .count = 1,
		.op_size = sizeof(self->op),
	};
	struct kvc_scan scan;
	int fd = kvc_open(O_RDWR);
	__u32 opcode;

	ASSERT_LE(0, fd);
	for (opcode = KVC_OP_GET; opcode <= KVC_OP_TOUCH; opcode++) {
		kvc_op_init(&self->op, opcode, "a", 1);
		EXPECT_EQ(-ENOTCONN, kvc_do(fd, &self->op));
	}
	EXPECT_EQ(-ENOTCONN, kvc_call(fd, KVC_IOC_BATCH, &batch));
	kvc_scan_init(&scan, buf, sizeof(buf));
	EXPECT_EQ(-ENOTCONN, kvc_call(fd, KVC_IOC_SCAN, &scan));
	EXPECT_EQ(-ENOTCONN, kvc_clear(fd));
	EXPECT_EQ(-ENOTCONN, kvc_stats(fd, &stats));
	close(fd);
}

TEST_F(session, attached_already)
{
	ASSERT_EQ(0, kvc_create(&self->config));
	EXPECT_EQ(-EISCONN, kvc_attach(self->fd, "new"));
	EXPECT_EQ(-EISCONN, kvc_attach(self->fd, KVC_TEST_NAME));
	/* Still bound to the first. */
	ASSERT_EQ(0, kvc_put(self->fd, "a", "first"));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "first"));
}

TEST_F(session, open_for_reading_only)
{
	int fd = kvc_open_bound(O_RDONLY, KVC_TEST_NAME);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	EXPECT_EQ(-EBADF, kvc_put(fd, "a", "y"));
	EXPECT_EQ(-EBADF, kvc_del(fd, "a"));
	kvc_op_init(&self->op, KVC_OP_TOUCH, "a", 1);
	EXPECT_EQ(-EBADF, kvc_do(fd, &self->op));
	EXPECT_EQ(-EBADF, kvc_clear(fd));
	EXPECT_EQ(0, kvc_expect(fd, "a", "x"));
	close(fd);
}

TEST_F(session, open_for_writing_only)
{
	int fd = kvc_open_bound(O_WRONLY, KVC_TEST_NAME);
	__aligned_u64 buf[64];
	struct kvc_scan scan;

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, kvc_put(fd, "a", "x"));
	EXPECT_EQ(-EBADF, kvc_expect(fd, "a", "x"));
	kvc_scan_init(&scan, buf, sizeof(buf));
	EXPECT_EQ(-EBADF, kvc_call(fd, KVC_IOC_SCAN, &scan));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "x"));
	close(fd);
}

/* By its name something may be known: of another cache. */
static void expect_shutdown(struct __test_metadata *_metadata, int fd,
			    int known)
{
	struct kvc_stats stats;
	struct kvc_batch batch;
	struct kvc_scan scan;
	struct kvc_op op;
	__aligned_u64 buf[64];
	__u32 opcode;

	for (opcode = KVC_OP_GET; opcode <= KVC_OP_TOUCH; opcode++) {
		kvc_op_init(&op, opcode, "a", 1);
		EXPECT_EQ(-ESHUTDOWN, kvc_do(fd, &op));
	}
	memset(&batch, 0, sizeof(batch));
	batch.ops = kvc_ptr(&op);
	batch.count = 1;
	batch.op_size = sizeof(op);
	EXPECT_EQ(-ESHUTDOWN, kvc_call(fd, KVC_IOC_BATCH, &batch));
	kvc_scan_init(&scan, buf, sizeof(buf));
	EXPECT_EQ(-ESHUTDOWN, kvc_call(fd, KVC_IOC_SCAN, &scan));
	EXPECT_EQ(-ESHUTDOWN, kvc_clear(fd));
	EXPECT_EQ(known, kvc_stats(fd, &stats));
}

TEST_F(session, destroyed_while_open)
{
	struct kvc_info info = { 0 };

	ASSERT_EQ(0, kvc_put(self->fd, "a", "x"));
	ASSERT_EQ(0, kvc_destroy(KVC_TEST_NAME));
	expect_shutdown(_metadata, self->fd, -ENOENT);
	EXPECT_EQ(0, kvc_call(self->fd, KVC_IOC_INFO, &info));
	/* A new cache of the old name is another one. */
	kvc_config_init(&self->config, KVC_TEST_NAME, KVC_TEST_LIMIT);
	ASSERT_EQ(0, kvc_create(&self->config));
	expect_shutdown(_metadata, self->fd, 0);
	EXPECT_EQ(-EISCONN, kvc_attach(self->fd, KVC_TEST_NAME));
}

TEST_F(session, seek)
{
	EXPECT_EQ(-1, lseek(self->fd, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, lseek(self->fd, 0, SEEK_CUR));
	EXPECT_EQ(ESPIPE, errno);
}

TEST_F(session, unload_while_open)
{
	EXPECT_EQ(-1, syscall(SYS_delete_module, "kvcache", O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
	EXPECT_EQ(0, kvc_put(self->fd, "a", "x"));
}

TEST_HARNESS_MAIN
