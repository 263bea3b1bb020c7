// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bad input, one thing at a time, everything else valid
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#include "calls.h"
#include "harness.h"

FIXTURE(bad) {
	struct kvc_config config;
	struct kvc_op op;
	char arg[CALL_ARG_MAX];
	int fd;
};

FIXTURE_SETUP(bad)
{
	self->fd = kvc_setup_default();
	ASSERT_LE(0, self->fd);
	kvc_config_init(&self->config, "new", KVC_TEST_LIMIT);
}

FIXTURE_TEARDOWN(bad)
{
	close(self->fd);
}

TEST_F(bad, unknown_ioctl)
{
	static const unsigned char numbers[] = {
		0x09, 0x0a, 0x0b, 0x10, 0x3f, 0x40, 0x44, 0x80, 0xff
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		EXPECT_EQ(-ENOTTY,
			  kvc_call(self->fd,
				   _IOWR(KVC_IOC_MAGIC, numbers[i], __u64),
				   self->arg));
	EXPECT_EQ(-ENOTTY, kvc_call(self->fd, _IOWR(0xbd, 0, struct kvc_info),
				    self->arg));
	EXPECT_EQ(-ENOTTY, kvc_call(self->fd, ~0u, self->arg));
}

/* A put with one field changed. */
static int put(int fd, struct kvc_op *op, __u32 flags)
{
	kvc_op_init(op, KVC_OP_PUT, "a", 1);
	kvc_op_value(op, "value", 5);
	op->flags = flags;
	if (flags & (KVC_OP_F_CAS | KVC_OP_F_FILL))
		op->version = 1000;
	return kvc_do(fd, op);
}

TEST_F(bad, op_unknown_flags)
{
	unsigned int bit;

	for (bit = 5; bit < 32; bit++)
		EXPECT_EQ(-EINVAL, put(self->fd, &self->op, 1u << bit));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "a", ""));
}

TEST_F(bad, op_contradicting_flags)
{
	static const __u32 flags[] = {
		KVC_OP_F_CREATE | KVC_OP_F_REPLACE,
		KVC_OP_F_CREATE | KVC_OP_F_FILL,
		KVC_OP_F_REPLACE | KVC_OP_F_FILL,
		KVC_OP_F_CAS | KVC_OP_F_FILL,
		KVC_OP_F_CREATE | KVC_OP_F_CAS,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		EXPECT_EQ(-EINVAL, put(self->fd, &self->op, flags[i]));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "a", ""));
}

TEST_F(bad, op_flags_of_another_operation)
{
	static const struct {
		__u32 opcode;
		__u32 flags;
	} cases[] = {
		{ KVC_OP_GET, KVC_OP_F_CREATE },
		{ KVC_OP_GET, KVC_OP_F_CAS },
		{ KVC_OP_GET, KVC_OP_F_TTL },
		{ KVC_OP_DEL, KVC_OP_F_CREATE },
		{ KVC_OP_DEL, KVC_OP_F_REPLACE },
		{ KVC_OP_DEL, KVC_OP_F_FILL },
		{ KVC_OP_DEL, KVC_OP_F_TTL },
		{ KVC_OP_TOUCH, KVC_OP_F_CREATE },
		{ KVC_OP_TOUCH, KVC_OP_F_FILL },
	};
	unsigned int i;

	ASSERT_EQ(0, kvc_put(self->fd, "a", ""));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		kvc_op_init(&self->op, cases[i].opcode, "a", 1);
		self->op.flags = cases[i].flags;
		EXPECT_EQ(-EINVAL, kvc_do(self->fd, &self->op));
	}
	EXPECT_EQ(0, kvc_expect(self->fd, "a", ""));
}

TEST_F(bad, op_reserved)
{
	kvc_op_init(&self->op, KVC_OP_PUT, "a", 1);
	self->op.reserved = 1;
	EXPECT_EQ(-EINVAL, kvc_do(self->fd, &self->op));
	self->op.reserved = 1ull << 63;
	EXPECT_EQ(-EINVAL, kvc_do(self->fd, &self->op));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "a", ""));
}

TEST_F(bad, op_unknown_opcode)
{
	static const __u32 opcodes[] = { 0, 5, 64, 1u << 31, ~0u };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		kvc_op_init(&self->op, opcodes[i], "a", 1);
		EXPECT_EQ(-EINVAL, kvc_do(self->fd, &self->op));
	}
}

TEST_F(bad, fill_without_version)
{
	kvc_op_init(&self->op, KVC_OP_PUT, "a", 1);
	self->op.flags = KVC_OP_F_FILL;
	EXPECT_EQ(-EINVAL, kvc_do(self->fd, &self->op));
}

TEST_F(bad, value_where_none_belongs)
{
	ASSERT_EQ(0, kvc_put(self->fd, "a", ""));
	kvc_op_init(&self->op, KVC_OP_DEL, "a", 1);
	kvc_op_value(&self->op, "value", 5);
	EXPECT_EQ(-EINVAL, kvc_do(self->fd, &self->op));
	self->op.opcode = KVC_OP_TOUCH;
	EXPECT_EQ(-EINVAL, kvc_do(self->fd, &self->op));
	EXPECT_EQ(0, kvc_expect(self->fd, "a", ""));
}

TEST_F(bad, key_length)
{
	char *key = calloc(1, KVC_KEY_MAX + 1);
	__u32 opcode;

	ASSERT_NE(NULL, key);
	for (opcode = KVC_OP_GET; opcode <= KVC_OP_TOUCH; opcode++) {
		kvc_op_init(&self->op, opcode, key, 0);
		EXPECT_EQ(-EINVAL, kvc_do(self->fd, &self->op));
		kvc_op_init(&self->op, opcode, key, KVC_KEY_MAX + 1);
		EXPECT_EQ(-ENAMETOOLONG, kvc_do(self->fd, &self->op));
		kvc_op_init(&self->op, opcode, key, ~0u);
		EXPECT_EQ(-ENAMETOOLONG, kvc_do(self->fd, &self->op));
	}
	free(key);
}

TEST_F(bad, value_length)
{
	const __u32 len = (1 << 20) + 1;
	char *value = calloc(1, len);

	ASSERT_NE(NULL, value);
	EXPECT_EQ(-E2BIG, kvc_put_len(self->fd, "a", value, len));
	EXPECT_EQ(-E2BIG, kvc_put_len(self->fd, "a", value, ~0u));
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "a", ""));
	free(value);
}

TEST_F(bad, limits_of_the_cache)
{
	int fd;

	self->config.key_max = 10;
	self->config.value_max = 20;
	ASSERT_EQ(0, kvc_create(&self->config));
	fd = kvc_open_bound(O_RDWR, "new");
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, kvc_put(fd, "0123456789", "01234567890123456789"));
	EXPECT_EQ(-ENAMETOOLONG, kvc_put(fd, "0123456789a", "x"));
	EXPECT_EQ(-E2BIG, kvc_put(fd, "a", "01234567890123456789x"));
	close(fd);
}

TEST_F(bad, missing_and_present)
{
	EXPECT_EQ(-ENOENT, kvc_expect(self->fd, "a", ""));
	EXPECT_EQ(-ENOENT, kvc_del(self->fd, "a"));
	EXPECT_EQ(-ENOENT, put(self->fd, &self->op, KVC_OP_F_REPLACE));
	EXPECT_EQ(-ENOENT, put(self->fd, &self->op, KVC_OP_F_CAS));
	ASSERT_EQ(0, put(self->fd, &self->op, 0));
	EXPECT_EQ(-EEXIST, put(self->fd, &self->op, KVC_OP_F_CREATE));
	EXPECT_EQ(-ESTALE, put(self->fd, &self->op, KVC_OP_F_CAS));
}

TEST_F(bad, scan_fields)
{
	__aligned_u64 buf[64];
	struct kvc_scan scan;

	kvc_scan_init(&scan, buf, sizeof(buf));
	scan.flags = 1u << 3;
	EXPECT_EQ(-EINVAL, kvc_call(self->fd, KVC_IOC_SCAN, &scan));
	scan.flags = 1u << 31;
	EXPECT_EQ(-EINVAL, kvc_call(self->fd, KVC_IOC_SCAN, &scan));
	kvc_scan_init(&scan, buf, sizeof(buf));
	scan.reserved = 1;
	EXPECT_EQ(-EINVAL, kvc_call(self->fd, KVC_IOC_SCAN, &scan));
	kvc_scan_init(&scan, (char *)buf + 1, sizeof(buf) - 8);
	EXPECT_EQ(-EINVAL, kvc_call(self->fd, KVC_IOC_SCAN, &scan));
	kvc_scan_init(&scan, buf, sizeof(buf));
	scan.start_len = KVC_KEY_MAX + 1;
	EXPECT_EQ(-ENAMETOOLONG, kvc_call(self->fd, KVC_IOC_SCAN, &scan));
}

TEST_F(bad, attach_flags)
{
	struct kvc_attach attach = { .name = KVC_TEST_NAME, .flags = 1 };
	int fd = kvc_open(O_RDWR);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EINVAL, kvc_call(fd, KVC_IOC_ATTACH, &attach));
	/* The file is still free. */
	EXPECT_EQ(0, kvc_attach(fd, KVC_TEST_NAME));
	close(fd);
}

static int create_named(struct kvc_config *config, const char *name)
{
	memset(config->name, 0, sizeof(config->name));
	memcpy(config->name, name, strnlen(name, sizeof(config->name)));
	return kvc_create(config);
}

TEST_F(bad, names)
{
	static const char *const names[] = {
		"", ".", "..", ".a", "-a", "a/b", "a b", "a\n", "a\x80", "a:b",
		"a*", "\xc3\xa9", "\x01"
	};
	char longest[KVC_NAME_MAX + 1] = "";
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_EQ(-EINVAL, create_named(&self->config, names[i])) {
			TH_LOG("name %u", i);
		}
	memset(longest, 'n', KVC_NAME_MAX);
	EXPECT_EQ(-EINVAL, create_named(&self->config, longest));
	longest[KVC_NAME_MAX - 1] = '\0';
	EXPECT_EQ(0, create_named(&self->config, longest));
	EXPECT_EQ(0, create_named(&self->config, "A.b_c-9"));
}

TEST_F(bad, names_without_end)
{
	char name[KVC_NAME_MAX + 1] = "";
	struct kvc_config seen;
	struct kvc_stats stats;
	int fd = kvc_open(O_RDWR);

	ASSERT_LE(0, fd);
	memset(name, 'n', KVC_NAME_MAX);
	kvc_config_init(&self->config, name, KVC_TEST_LIMIT);
	EXPECT_EQ(-EINVAL, kvc_attach(fd, name));
	EXPECT_EQ(-EINVAL, kvc_create(&self->config));
	EXPECT_EQ(-EINVAL, kvc_destroy(name));
	EXPECT_EQ(-EINVAL, kvc_set(KVC_SET_MODE, &self->config));
	EXPECT_EQ(-EINVAL, kvc_show(name, &seen));
	EXPECT_EQ(-EINVAL, kvc_stats_of(name, &stats));
	close(fd);
}

TEST_F(bad, names_of_nothing)
{
	struct kvc_config seen;
	struct kvc_stats stats;
	int fd = kvc_open(O_RDWR);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENOENT, kvc_attach(fd, "new"));
	EXPECT_EQ(-ENOENT, kvc_destroy("new"));
	EXPECT_EQ(-ENOENT, kvc_set(KVC_SET_MODE, &self->config));
	EXPECT_EQ(-ENOENT, kvc_show("new", &seen));
	EXPECT_EQ(-ENOENT, kvc_stats_of("new", &stats));
	ASSERT_EQ(0, kvc_create(&self->config));
	EXPECT_EQ(-EEXIST, kvc_create(&self->config));
	close(fd);
}

TEST_HARNESS_MAIN
