// SPDX-License-Identifier: GPL-2.0-only
/*
 * traffic KIND NAME FILE - keeps a cache busy in one way, until it is killed
 *
 * Makes the cache NAME if it is not there.  Creates FILE when the traffic is
 * well under way.  Any answer that should not be ends it with a message.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kvctest.h"

#define LIMIT	(512u << 10)
/* Twice as many as fit. */
#define KEYS	6000u
/* Rounds before the file is created. */
#define WARM	2u

struct traffic {
	const char *name;
	int fd;
	unsigned int round;
};

static int put(const struct traffic *t, unsigned int n, __u64 ttl)
{
	char key[KVC_TEST_KEY], value[200];
	struct kvc_op op;

	kvc_pattern(value, sizeof(value), n);
	kvc_op_init(&op, KVC_OP_PUT, kvc_key(key, n), 8);
	kvc_op_value(&op, value, n % sizeof(value));
	op.flags = ttl ? KVC_OP_F_TTL : 0;
	op.expiry = ttl;
	return kvc_do(t->fd, &op);
}

static int fill(const struct traffic *t, unsigned int count, __u64 ttl)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < count && !ret; i++)
		ret = put(t, i, ttl);
	return ret;
}

static int scan(const struct traffic *t)
{
	static __aligned_u64 buf[8192];
	struct kvc_scan scan;
	int ret;

	kvc_scan_init(&scan, buf, sizeof(buf));
	ret = kvc_scan_all(t->fd, &scan, NULL, NULL);
	return ret < 0 ? ret : 0;
}

/* Puts, gets, deletes, scans. */
static int churn(const struct traffic *t)
{
	char key[KVC_TEST_KEY], value[200];
	unsigned int i;
	struct kvc_op op;
	int ret = 0;

	for (i = 0; i < 1000 && !ret; i++) {
		kvc_key(key, (i * 7919 + t->round) % KEYS);
		kvc_op_value(&op, value, sizeof(value));
		ret = kvc_get(t->fd, key, &op);
		if (!ret && i % 3)
			ret = kvc_del(t->fd, key);
		if (!ret || ret == -ENOENT)
			ret = put(t, (i * 104729 + t->round) % KEYS, 0);
	}
	return ret ? ret : scan(t);
}

/* Always full, so that every put evicts. */
static int full(const struct traffic *t)
{
	return fill(t, KEYS, 0);
}

/* The bucket arrays grow and shrink. */
static int resize(const struct traffic *t)
{
	int ret = fill(t, KEYS / 2, 0);

	return ret ? ret : kvc_clear(t->fd);
}

/* The limit goes down and up. */
static int limit(const struct traffic *t)
{
	struct kvc_config config;
	int ret;

	kvc_config_init(&config, t->name, t->round % 2 ? LIMIT : LIMIT / 8);
	ret = kvc_set(KVC_SET_SIZE, &config);
	return ret ? ret : fill(t, 1000, 0);
}

/* Pairs that end soon or later, so that some always wait for it. */
static int expire(const struct traffic *t)
{
	return fill(t, 3000, (t->round % 8 ? 1 + t->round % 50 : 100000) *
		    1000000ull);
}

static const struct {
	const char *name;
	int (*run)(const struct traffic *t);
	bool netns;
} kinds[] = {
	{ "churn", churn, false },
	{ "full", full, false },
	{ "resize", resize, false },
	{ "limit", limit, false },
	{ "expire", expire, false },
	{ "netns", churn, true },
};

static int make_cache(struct traffic *t, bool netns)
{
	struct kvc_config config;
	int ret;

	ret = netns ? kvc_fresh_netns() : 0;
	if (ret)
		return ret;
	t->fd = kvc_open(O_RDWR);
	if (t->fd < 0)
		return t->fd;
	kvc_config_init(&config, t->name, LIMIT);
	config.value_max = 4096;
	ret = kvc_create(&config);
	if (ret && ret != -EEXIST)
		return ret;
	return kvc_attach(t->fd, t->name);
}

static int announce(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : close(fd);
}

static int run(struct traffic *t, const char *kind, const char *path)
{
	unsigned int i = 0;
	int ret;

	while (i < ARRAY_SIZE(kinds) && strcmp(kinds[i].name, kind))
		i++;
	if (i == ARRAY_SIZE(kinds))
		return -EINVAL;
	ret = make_cache(t, kinds[i].netns);
	while (!ret) {
		ret = kinds[i].run(t);
		/* Two of one kind may work on one cache. */
		if (ret == -ENOENT)
			ret = 0;
		if (!ret && ++t->round == WARM)
			ret = announce(path);
	}
	return ret;
}

int main(int argc, char **argv)
{
	struct traffic traffic = { 0 };
	int ret;

	if (argc != 4) {
		fprintf(stderr, "usage: traffic KIND NAME FILE\n");
		return 1;
	}
	traffic.name = argv[2];
	ret = run(&traffic, argv[1], argv[3]);
	fprintf(stderr, "traffic %s: %s\n", argv[1], strerror(-ret));
	return 2;
}
