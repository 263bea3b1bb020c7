// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening, binding, operations: the plain calls that all tests make
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kvctest.h"

/* A name of 64 bytes goes without a NUL, as some tests want it. */
static void copy_name(char *to, const char *name)
{
	memcpy(to, name, strnlen(name, KVC_NAME_MAX));
}

int kvc_fresh_netns(void)
{
	return unshare(CLONE_NEWNET) ? -errno : 0;
}

int kvc_open(int flags)
{
	int fd = open(KVC_DEVICE, flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int kvc_attach(int fd, const char *name)
{
	struct kvc_attach attach = { 0 };

	copy_name(attach.name, name);
	return kvc_call(fd, KVC_IOC_ATTACH, &attach);
}

int kvc_open_bound(int flags, const char *name)
{
	int fd, ret;

	fd = kvc_open(flags);
	if (fd < 0)
		return fd;
	ret = kvc_attach(fd, name);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}

void kvc_config_init(struct kvc_config *config, const char *name, __u64 limit)
{
	memset(config, 0, sizeof(*config));
	copy_name(config->name, name);
	config->uid = -1;
	config->gid = -1;
	config->mode = 0600;
	config->limit = limit;
}

int kvc_clear(int fd)
{
	return kvc_call(fd, KVC_IOC_CLEAR, NULL);
}

int kvc_setup(const struct kvc_config *config)
{
	int fd, ret;

	ret = kvc_fresh_netns();
	if (!ret)
		ret = kvc_create(config);
	if (ret)
		return ret;
	fd = kvc_open(O_RDWR);
	if (fd < 0)
		return fd;
	ret = kvc_attach(fd, config->name);
	if (!ret)
		return fd;
	close(fd);
	return ret;
}

int kvc_setup_default(void)
{
	struct kvc_config config;

	kvc_config_init(&config, KVC_TEST_NAME, KVC_TEST_LIMIT);
	return kvc_setup(&config);
}

void kvc_op_init(struct kvc_op *op, __u32 opcode, const void *key, __u32 len)
{
	memset(op, 0, sizeof(*op));
	op->opcode = opcode;
	op->key = kvc_ptr(key);
	op->key_len = len;
}

void kvc_op_value(struct kvc_op *op, const void *value, __u32 len)
{
	op->value = kvc_ptr(value);
	op->value_len = len;
}

int kvc_do(int fd, struct kvc_op *op)
{
	int ret;

	op->result = 1;
	ret = kvc_call(fd, KVC_IOC_OP, op);
	/* Untouched is right only when the call failed before the op began. */
	if (op->result != ret && !(ret && op->result == 1))
		return -EPROTO;
	return ret;
}

int kvc_put_len(int fd, const char *key, const void *value, __u32 len)
{
	struct kvc_op op;

	kvc_op_init(&op, KVC_OP_PUT, key, strlen(key));
	kvc_op_value(&op, value, len);
	return kvc_do(fd, &op);
}

int kvc_put(int fd, const char *key, const char *value)
{
	return kvc_put_len(fd, key, value, strlen(value));
}

int kvc_get(int fd, const char *key, struct kvc_op *op)
{
	__u64 value = op->value;
	__u32 len = op->value_len;

	kvc_op_init(op, KVC_OP_GET, key, strlen(key));
	op->value = value;
	op->value_len = len;
	return kvc_do(fd, op);
}

int kvc_del(int fd, const char *key)
{
	struct kvc_op op;

	kvc_op_init(&op, KVC_OP_DEL, key, strlen(key));
	return kvc_do(fd, &op);
}

int kvc_expect(int fd, const char *key, const char *value)
{
	char buf[256];
	struct kvc_op op;
	int ret;

	kvc_op_value(&op, buf, sizeof(buf));
	ret = kvc_get(fd, key, &op);
	if (ret)
		return ret;
	if (op.value_len != strlen(value) || memcmp(buf, value, op.value_len))
		return -EPROTO;
	return 0;
}

const char *kvc_key(char *buf, unsigned int number)
{
	snprintf(buf, KVC_TEST_KEY, "k%07u", number);
	return buf;
}

static unsigned char pattern_byte(__u32 at, __u32 len, __u32 seed)
{
	__u32 x = (at + 1) * 2654435761u ^ len * 40503u ^ seed * 2246822519u;

	return x >> 24 ^ x >> 11;
}

void kvc_pattern(void *value, __u32 len, __u32 seed)
{
	unsigned char *bytes = value;
	__u32 i;

	for (i = 0; i < len; i++)
		bytes[i] = pattern_byte(i, len, seed);
}

bool kvc_pattern_ok(const void *value, __u32 len, __u32 seed)
{
	const unsigned char *bytes = value;
	__u32 i;

	for (i = 0; i < len; i++)
		if (bytes[i] != pattern_byte(i, len, seed))
			return false;
	return true;
}

unsigned int kvc_effort(unsigned int count)
{
	static int debugging = -1;

	if (debugging < 0)
		debugging = !access("/sys/kernel/debug/kmemleak", F_OK);
	return debugging ? count / 5 : count;
}

__u64 kvc_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * KVC_NSEC + now.tv_nsec;
}

bool kvc_eventually(bool (*holds)(void *arg), void *arg)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	__u64 end = kvc_now() + 200 * KVC_NSEC;

	while (!holds(arg)) {
		if (kvc_now() > end)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}
