// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shape of the ABI: layouts, command numbers, structs that may grow, INFO
 */
#include <errno.h>
#include <fcntl.h>

#include "calls.h"
#include "harness.h"

#define AT(type, member, offset) \
	EXPECT_EQ((size_t)(offset), offsetof(struct type, member))

TEST(layout_of_data_structs)
{
	AT(kvc_op, opcode, 0);
	AT(kvc_op, flags, 4);
	AT(kvc_op, result, 8);
	AT(kvc_op, key_len, 12);
	AT(kvc_op, key, 16);
	AT(kvc_op, value, 24);
	AT(kvc_op, value_len, 32);
	AT(kvc_op, client_flags, 36);
	AT(kvc_op, version, 40);
	AT(kvc_op, expiry, 48);
	AT(kvc_op, reserved, 56);
	AT(kvc_op, slot, 56);
	AT(kvc_batch, ops, 0);
	AT(kvc_batch, count, 8);
	AT(kvc_batch, op_size, 12);
	AT(kvc_batch, done, 16);
	AT(kvc_batch, flags, 20);
	AT(kvc_scan, start, 0);
	AT(kvc_scan, end, 8);
	AT(kvc_scan, after, 16);
	AT(kvc_scan, start_len, 24);
	AT(kvc_scan, flags, 36);
	AT(kvc_scan, buf, 40);
	AT(kvc_scan, buf_len, 48);
	AT(kvc_scan, used, 52);
	AT(kvc_scan, more, 60);
	AT(kvc_scan, needed, 64);
	AT(kvc_scan_rec, rec_len, 0);
	AT(kvc_scan_rec, data_len, 12);
	AT(kvc_scan_rec, version, 24);
	AT(kvc_scan_rec, expiry, 32);
	EXPECT_EQ((size_t)40, sizeof(struct kvc_scan_rec));
}

TEST(layout_of_other_structs)
{
	AT(kvc_attach, flags, 64);
	AT(kvc_info, features, 0);
	AT(kvc_info, abi_level, 8);
	AT(kvc_info, rights, 24);
	AT(kvc_info, flags, 28);
	AT(kvc_info, name, 32);
	AT(kvc_info, cache, 96);
	AT(kvc_info, slots, 104);
	AT(kvc_info, now, 112);
	AT(kvc_slots, flags, 4);
	AT(kvc_slots, count, 8);
	AT(kvc_slots, offset, 12);
	AT(kvc_slots, cache, 16);
	AT(kvc_slots, fence, 24);
	AT(kvc_uring_cmd, arg, 0);
	AT(kvc_uring_cmd, reserved, 8);
	EXPECT_EQ((size_t)16, sizeof(struct kvc_uring_cmd));
	AT(kvc_route, key, 64);
	AT(kvc_route, key_len, 72);
	AT(kvc_route, hash, 76);
	AT(kvc_route, nodes, 80);
	AT(kvc_route, count, 88);
	AT(kvc_route, flags, 92);
	AT(kvc_route, reserved, 96);
	AT(kvc_route_node, name, 8);
	AT(kvc_route_node, address, 72);
	EXPECT_EQ((size_t)328, sizeof(struct kvc_route_node));
	AT(kvc_report, node, 64);
	AT(kvc_report, flags, 68);
}

TEST(layout_of_flush_structs)
{
	AT(kvc_flush_open, fd, 4);
	AT(kvc_flush_open, reserved, 8);
	AT(kvc_flush_frame, len, 4);
	AT(kvc_flush_frame, run, 8);
	AT(kvc_flush_frame, cache, 16);
	AT(kvc_flush_frame, seq, 24);
	AT(kvc_flush_frame, count, 28);
	AT(kvc_flush_frame, flags, 32);
	AT(kvc_flush_frame, total, 40);
	AT(kvc_flush_frame, checksum, 48);
	EXPECT_EQ((size_t)56, sizeof(struct kvc_flush_frame));
	AT(kvc_flush_rec, value_len, 8);
	AT(kvc_flush_rec, flags, 16);
	AT(kvc_flush_rec, version, 24);
	AT(kvc_flush_rec, expiry, 32);
	EXPECT_EQ((size_t)40, sizeof(struct kvc_flush_rec));
	AT(kvc_flush_commit, flags, 8);
	AT(kvc_flush_fail, error, 8);
	AT(kvc_flush_fail, reserved, 12);
}

TEST(command_numbers)
{
	EXPECT_EQ(0xc078be00u, (unsigned int)KVC_IOC_INFO);
	EXPECT_EQ(0xc048be01u, (unsigned int)KVC_IOC_ATTACH);
	EXPECT_EQ(0xc040be02u, (unsigned int)KVC_IOC_OP);
	EXPECT_EQ(0xc018be03u, (unsigned int)KVC_IOC_BATCH);
	EXPECT_EQ(0xc048be04u, (unsigned int)KVC_IOC_SCAN);
	EXPECT_EQ(0x0000be05u, (unsigned int)KVC_IOC_CLEAR);
	EXPECT_EQ(0xc068be06u, (unsigned int)KVC_IOC_ROUTE);
	EXPECT_EQ(0xc048be07u, (unsigned int)KVC_IOC_REPORT);
	EXPECT_EQ(0xc010be08u, (unsigned int)KVC_IOC_FLUSH_OPEN);
	EXPECT_EQ(0xc010be09u, (unsigned int)KVC_IOC_FLUSH_COMMIT);
	EXPECT_EQ(0xc010be0au, (unsigned int)KVC_IOC_FLUSH_FAIL);
}

static unsigned int known(const struct call *call)
{
	return call->known ? call->known : call->size;
}

FIXTURE(call) {
	const struct call *call;
	char arg[CALL_ARG_MAX];
	int fd;
};

FIXTURE_VARIANT(call) {
	enum call_id id;
};

FIXTURE_VARIANT_ADD(call, info) { .id = CALL_INFO };
FIXTURE_VARIANT_ADD(call, attach) { .id = CALL_ATTACH };
FIXTURE_VARIANT_ADD(call, op) { .id = CALL_OP };
FIXTURE_VARIANT_ADD(call, batch) { .id = CALL_BATCH };
FIXTURE_VARIANT_ADD(call, scan) { .id = CALL_SCAN };
FIXTURE_VARIANT_ADD(call, route) { .id = CALL_ROUTE };
FIXTURE_VARIANT_ADD(call, report) { .id = CALL_REPORT };
FIXTURE_VARIANT_ADD(call, flush_open) { .id = CALL_FLUSH_OPEN };
FIXTURE_VARIANT_ADD(call, flush_commit) { .id = CALL_FLUSH_COMMIT };
FIXTURE_VARIANT_ADD(call, flush_fail) { .id = CALL_FLUSH_FAIL };

FIXTURE_SETUP(call)
{
	ASSERT_EQ(0, kvc_fresh_netns());
	self->call = &calls[variant->id];
	self->fd = call_prepare(self->call);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(call)
{
	close(self->fd);
}

TEST_F(call, first_version)
{
	/* C2 */
	EXPECT_EQ(0, call_sized(self->call, self->fd, self->arg,
				self->call->size));
}

TEST_F(call, shorter)
{
	EXPECT_EQ(-EINVAL, call_sized(self->call, self->fd, self->arg,
				      self->call->size - 8));
	EXPECT_EQ(-EINVAL, call_sized(self->call, self->fd, self->arg, 8));
	EXPECT_EQ(-EINVAL, call_sized(self->call, self->fd, self->arg, 0));
	/* None of these had an effect that hinders the valid one. */
	EXPECT_EQ(0, call_sized(self->call, self->fd, self->arg,
				self->call->size));
}

TEST_F(call, longer_with_zero_tail)
{
	unsigned int i, size = known(self->call) + 64;

	EXPECT_EQ(0, call_sized(self->call, self->fd, self->arg, size));
	for (i = known(self->call); i < size; i++)
		EXPECT_EQ(0, self->arg[i]);
}

TEST_F(call, as_long_as_a_page)
{
	EXPECT_EQ(0, call_sized(self->call, self->fd, self->arg, 4096));
}

TEST_F(call, longer_with_nonzero_tail)
{
	unsigned int at = known(self->call);

	self->arg[at] = 1;
	EXPECT_EQ(-E2BIG,
		  call_sized(self->call, self->fd, self->arg, at + 8));
	self->arg[at] = 0;
	self->arg[at + 7] = 1;
	EXPECT_EQ(-E2BIG,
		  call_sized(self->call, self->fd, self->arg, at + 8));
	/* Refused before it had an effect. */
	EXPECT_EQ(0, call_sized(self->call, self->fd, self->arg, at));
}

TEST_F(call, longer_than_a_page)
{
	EXPECT_EQ(-E2BIG,
		  call_sized(self->call, self->fd, self->arg, 4096 + 8));
	EXPECT_EQ(-E2BIG, call_sized(self->call, self->fd, self->arg,
				     CALL_ARG_MAX - 8));
}

FIXTURE(info) {
	struct kvc_info info;
	int fd;
};

FIXTURE_SETUP(info)
{
	memset(&self->info, 0xa5, sizeof(self->info));
	self->info.flags = 0;
	self->info.cache = 0;
	ASSERT_EQ(0, kvc_fresh_netns());
	self->fd = kvc_open(O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(info)
{
	close(self->fd);
}

TEST_F(info, before_attach)
{
	const __u64 features = KVC_FEATURE_SCAN | KVC_FEATURE_BATCH |
			       KVC_FEATURE_FLUSH | KVC_FEATURE_URING |
			       KVC_FEATURE_SLOTS;
	unsigned int i;

	ASSERT_EQ(0, kvc_call(self->fd, KVC_IOC_INFO, &self->info));
	EXPECT_EQ(features, self->info.features);
	EXPECT_EQ(KVC_ABI_LEVEL, self->info.abi_level);
	EXPECT_EQ(KVC_BATCH_MAX, self->info.batch_max);
	EXPECT_EQ(KVC_KEY_MAX, self->info.key_max);
	EXPECT_EQ(KVC_VALUE_MAX, self->info.value_max);
	EXPECT_EQ(0, self->info.rights);
	EXPECT_EQ(0, self->info.flags);
	EXPECT_EQ(0, self->info.cache);
	EXPECT_EQ(0, self->info.slots);
	for (i = 0; i < sizeof(self->info.name); i++)
		EXPECT_EQ(0, self->info.name[i]);
}

static int info_of(struct kvc_info *info, int flags)
{
	int fd, ret;

	fd = kvc_open_bound(flags, "bound");
	if (fd < 0)
		return fd;
	ret = kvc_call(fd, KVC_IOC_INFO, info);
	close(fd);
	return ret;
}

TEST_F(info, after_attach)
{
	struct kvc_config config;
	unsigned int i;

	kvc_config_init(&config, "bound", KVC_TEST_LIMIT);
	config.key_max = 100;
	config.value_max = 2000;
	ASSERT_EQ(0, kvc_create(&config));
	ASSERT_EQ(0, info_of(&self->info, O_RDWR));
	EXPECT_EQ(100, self->info.key_max);
	EXPECT_EQ(2000, self->info.value_max);
	EXPECT_EQ(KVC_RIGHT_READ | KVC_RIGHT_WRITE, self->info.rights);
	EXPECT_STREQ("bound", self->info.name);
	/* No old bytes of the kernel's or the caller's behind the name. */
	for (i = sizeof("bound"); i < sizeof(self->info.name); i++)
		EXPECT_EQ(0, self->info.name[i]);
	ASSERT_EQ(0, info_of(&self->info, O_RDONLY));
	EXPECT_EQ(KVC_RIGHT_READ, self->info.rights);
	ASSERT_EQ(0, info_of(&self->info, O_WRONLY));
	EXPECT_EQ(KVC_RIGHT_WRITE, self->info.rights);
}

TEST_F(info, value_max_has_a_default)
{
	struct kvc_config config;

	kvc_config_init(&config, "bound", KVC_TEST_LIMIT);
	ASSERT_EQ(0, kvc_create(&config));
	ASSERT_EQ(0, info_of(&self->info, O_RDWR));
	EXPECT_EQ(KVC_KEY_MAX, self->info.key_max);
	EXPECT_EQ(1u << 20, self->info.value_max);
}

TEST_HARNESS_MAIN
