// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pointers out of reach: EFAULT, and nothing done
 */
#include <errno.h>
#include <fcntl.h>

#include "calls.h"
#include "harness.h"

#define PAGE	4096u

/* Two pages of memory, of which the second is taken away again. */
static char *page_before_a_hole(void)
{
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || munmap(pages + PAGE, PAGE))
		return NULL;
	return pages;
}

FIXTURE(arg) {
	const struct call *call;
	char *page;
	int fd;
};

FIXTURE_VARIANT(arg) {
	enum call_id id;
};

FIXTURE_VARIANT_ADD(arg, info) { .id = CALL_INFO };
FIXTURE_VARIANT_ADD(arg, attach) { .id = CALL_ATTACH };
FIXTURE_VARIANT_ADD(arg, op) { .id = CALL_OP };
FIXTURE_VARIANT_ADD(arg, batch) { .id = CALL_BATCH };
FIXTURE_VARIANT_ADD(arg, scan) { .id = CALL_SCAN };
FIXTURE_VARIANT_ADD(arg, route) { .id = CALL_ROUTE };
FIXTURE_VARIANT_ADD(arg, report) { .id = CALL_REPORT };
FIXTURE_VARIANT_ADD(arg, flush_open) { .id = CALL_FLUSH_OPEN };
FIXTURE_VARIANT_ADD(arg, flush_commit) { .id = CALL_FLUSH_COMMIT };
FIXTURE_VARIANT_ADD(arg, flush_fail) { .id = CALL_FLUSH_FAIL };

FIXTURE_SETUP(arg)
{
	struct kvc_info info = { 0 };

	ASSERT_EQ(0, kvc_fresh_netns());
	self->call = &calls[variant->id];
	self->fd = call_prepare(self->call);
	ASSERT_LE(0, self->fd);
	/* What calls need of memory is there before the hole is. */
	EXPECT_LE(-ENOTTY, kvc_call(self->fd, KVC_IOC_INFO, &info));
	self->page = page_before_a_hole();
	ASSERT_NE(NULL, self->page);
}

FIXTURE_TEARDOWN(arg)
{
	munmap(self->page, PAGE);
	close(self->fd);
}

TEST_F(arg, out_of_reach)
{
	unsigned long cmd = call_cmd(self->call, self->call->size);
	/* Nothing there, behind the end, kernel's half, wrapping around. */
	void *const bad[] = {
		NULL, (void *)8, self->page + PAGE, (void *)-PAGE,
		(void *)(uintptr_t)(~0ull / 2 + 1), (void *)-8,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(-EFAULT, kvc_call(self->fd, cmd, bad[i]));
}

TEST_F(arg, across_the_end)
{
	unsigned long cmd = call_cmd(self->call, self->call->size);
	char *arg = self->page + PAGE - self->call->size;

	self->call->fill(arg);
	memmove(arg + 8, arg, self->call->size - 8);
	EXPECT_EQ(-EFAULT, kvc_call(self->fd, cmd, arg + 8));
	/* Up to the very end is fine. */
	EXPECT_EQ(0, call_sized(self->call, self->fd, arg, self->call->size));
}

TEST_F(arg, tail_across_the_end)
{
	char *arg = self->page + PAGE - self->call->size;

	EXPECT_EQ(-EFAULT, call_sized(self->call, self->fd, arg,
				      self->call->size + 8));
}

FIXTURE(pointer) {
	struct kvc_op op;
	char *page;
	int fd;
};

FIXTURE_SETUP(pointer)
{
	self->fd = kvc_setup_default();
	ASSERT_LE(0, self->fd);
	self->page = page_before_a_hole();
	ASSERT_NE(NULL, self->page);
	memset(self->page, 'a', PAGE);
	ASSERT_EQ(0, kvc_put(self->fd, "a", "present"));
}

FIXTURE_TEARDOWN(pointer)
{
	munmap(self->page, PAGE);
	close(self->fd);
}

/* Addresses at which 16 bytes are not to be had. */
static unsigned int bad_addresses(const char *page, __u64 *bad)
{
	unsigned int n = 0;

	bad[n++] = 0;
	bad[n++] = 8;
	bad[n++] = kvc_ptr(page) + PAGE;
	bad[n++] = kvc_ptr(page) + PAGE - 15;
	bad[n++] = ~0ull;
	bad[n++] = ~0ull - 14;
	bad[n++] = ~0ull - 4095;
	bad[n++] = 1ull << 63;
	bad[n++] = 0xffffffff81000000ull;
	bad[n++] = 0xffff888000000000ull;
	bad[n++] = 0x00007ffffffff000ull;
	bad[n++] = 0x00007fffffffeff8ull;
	return n;
}

TEST_F(pointer, key)
{
	__u64 bad[16];
	unsigned int i, n = bad_addresses(self->page, bad);
	__u32 opcode;

	for (i = 0; i < n; i++) {
		for (opcode = KVC_OP_GET; opcode <= KVC_OP_TOUCH; opcode++) {
			kvc_op_init(&self->op, opcode, NULL, 16);
			self->op.key = bad[i];
			EXPECT_EQ(-EFAULT, kvc_do(self->fd, &self->op)) {
				TH_LOG("address %llx", bad[i]);
			}
		}
	}
}

/* What was allocated for a long key was freed twice when it could not be read. */
TEST_F(pointer, long_key)
{
	const __u32 lens[] = { 64, 65, 200 };
	struct kvc_op ops[9];
	struct kvc_batch batch = {
		.ops = kvc_ptr(ops), .op_size = sizeof(*ops),
		.count = ARRAY_SIZE(ops),
	};
	unsigned int i, n;
	__u32 opcode;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		for (opcode = KVC_OP_GET; opcode <= KVC_OP_TOUCH; opcode++) {
			kvc_op_init(&self->op, opcode, NULL, lens[i]);
			self->op.key = kvc_ptr(self->page) + PAGE - lens[i] + 1;
			EXPECT_EQ(-EFAULT, kvc_do(self->fd, &self->op));
			for (n = 0; n < ARRAY_SIZE(ops); n++)
				ops[n] = self->op;
			EXPECT_EQ(0, kvc_call(self->fd, KVC_IOC_BATCH, &batch));
			for (n = 0; n < ARRAY_SIZE(ops); n++)
				EXPECT_EQ(-EFAULT, ops[n].result);
		}
	}
}

TEST_F(pointer, value_to_put)
{
	__u64 bad[16];
	unsigned int i, n = bad_addresses(self->page, bad);

	for (i = 0; i < n; i++) {
		kvc_op_init(&self->op, KVC_OP_PUT, "a", 1);
		self->op.value = bad[i];
		self->op.value_len = 16;
		EXPECT_EQ(-EFAULT, kvc_do(self->fd, &self->op)) {
			TH_LOG("address %llx", bad[i]);
		}
		EXPECT_EQ(0, kvc_expect(self->fd, "a", "present"));
	}
}

TEST_F(pointer, large_value_to_put)
{
	char *page = self->page;

	kvc_op_init(&self->op, KVC_OP_PUT, "a", 1);
	kvc_op_value(&self->op, page, 1 << 20);
	EXPECT_EQ(-EFAULT, kvc_do(self->fd, &self->op));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "present"));
}

TEST_F(pointer, room_to_get)
{
	__u64 bad[16];
	unsigned int i, n = bad_addresses(self->page, bad);

	ASSERT_EQ(0, kvc_put(self->fd, "a", "sixteen bytes ha"));
	for (i = 0; i < n; i++) {
		kvc_op_init(&self->op, KVC_OP_GET, "a", 1);
		self->op.value = bad[i];
		self->op.value_len = 16;
		EXPECT_EQ(-EFAULT, kvc_do(self->fd, &self->op)) {
			TH_LOG("address %llx", bad[i]);
		}
	}
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "sixteen bytes ha"));
}

TEST_F(pointer, read_only_room_to_get)
{
	ASSERT_EQ(0, mprotect(self->page, PAGE, PROT_READ));
	kvc_op_value(&self->op, self->page, 16);
	EXPECT_EQ(-EFAULT, kvc_get(self->fd, "a", &self->op));
	EXPECT_EQ('a', self->page[0]);
	EXPECT_EQ(0, kvc_expect(self->fd, "a", "present"));
}

TEST_F(pointer, read_only_op)
{
	kvc_op_init(&self->op, KVC_OP_GET, "a", 1);
	memcpy(self->page, &self->op, sizeof(self->op));
	ASSERT_EQ(0, mprotect(self->page, PAGE, PROT_READ));
	EXPECT_EQ(-EFAULT, kvc_call(self->fd, KVC_IOC_OP, self->page));
}

TEST_F(pointer, scan_bounds)
{
	__u64 bad[16];
	__aligned_u64 buf[64];
	unsigned int i, n = bad_addresses(self->page, bad);
	struct kvc_scan scan;

	for (i = 0; i < n; i++) {
		kvc_scan_init(&scan, buf, sizeof(buf));
		scan.start = bad[i];
		scan.start_len = 16;
		EXPECT_EQ(-EFAULT, kvc_call(self->fd, KVC_IOC_SCAN, &scan));
		kvc_scan_init(&scan, buf, sizeof(buf));
		scan.end = bad[i];
		scan.end_len = 16;
		EXPECT_EQ(-EFAULT, kvc_call(self->fd, KVC_IOC_SCAN, &scan));
		kvc_scan_init(&scan, buf, sizeof(buf));
		scan.after = bad[i];
		scan.after_len = 16;
		EXPECT_EQ(-EFAULT, kvc_call(self->fd, KVC_IOC_SCAN, &scan));
	}
	/* A length of 0 says that the pointer is none. */
	kvc_scan_init(&scan, buf, sizeof(buf));
	scan.start = 8;
	scan.end = 8;
	scan.after = 8;
	EXPECT_EQ(0, kvc_call(self->fd, KVC_IOC_SCAN, &scan));
	EXPECT_EQ(1, scan.count);
}

TEST_F(pointer, scan_room)
{
	struct kvc_scan scan;

	kvc_scan_init(&scan, self->page + PAGE, PAGE);
	EXPECT_EQ(-EFAULT, kvc_call(self->fd, KVC_IOC_SCAN, &scan));
	/* The record goes over the end. */
	kvc_scan_init(&scan, self->page + PAGE - 16, PAGE);
	EXPECT_EQ(-EFAULT, kvc_call(self->fd, KVC_IOC_SCAN, &scan));
	kvc_scan_init(&scan, (void *)-64, PAGE);
	EXPECT_EQ(-EFAULT, kvc_call(self->fd, KVC_IOC_SCAN, &scan));
	ASSERT_EQ(0, mprotect(self->page, PAGE, PROT_READ));
	kvc_scan_init(&scan, self->page, PAGE);
	EXPECT_EQ(-EFAULT, kvc_call(self->fd, KVC_IOC_SCAN, &scan));
}

TEST_HARNESS_MAIN
