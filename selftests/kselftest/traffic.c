// SPDX-License-Identifier: GPL-2.0-only
/*
 * traffic KIND NAME FILE - keeps a cache busy in one way, until it is killed
 *
 * Makes the cache NAME if it is not there.  Creates FILE when the traffic is
 * well under way.  Any answer that should not be ends it with a message.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control.h"
#include "evread.h"
#include "flushing.h"
#include "iouring.h"
#include "kvctest.h"
#include "ringctl.h"

#define LIMIT	(512u << 10)
/* Twice as many as fit. */
#define KEYS	6000u
/* Rounds before the file is created. */
#define WARM	2u

/* Commands that are under way at a time */
#define UNDER_WAY	64u

struct traffic {
	const char *name;
	int fd;
	int stream;
	struct iou ring;
	unsigned int round;
	struct kvcnl nl;	/* for requests */
	struct kvcnl reader;	/* subscribed, reads */
	struct kvcnl sleeper;	/* subscribed, and never reads */
	struct kvcnl group;	/* in all groups, reads now and then */
};

static int put(struct traffic *t, unsigned int n, __u64 ttl)
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

static int fill(struct traffic *t, unsigned int count, __u64 ttl)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < count && !ret; i++)
		ret = put(t, i, ttl);
	return ret;
}

static int scan(struct traffic *t)
{
	static __aligned_u64 buf[8192];
	struct kvc_scan scan;
	int ret;

	kvc_scan_init(&scan, buf, sizeof(buf));
	ret = kvc_scan_all(t->fd, &scan, NULL, NULL);
	return ret < 0 ? ret : 0;
}

/* Puts, gets, deletes, scans. */
static int churn(struct traffic *t)
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
static int full(struct traffic *t)
{
	return fill(t, KEYS, 0);
}

/* The bucket arrays grow and shrink. */
static int resize(struct traffic *t)
{
	int ret = fill(t, KEYS / 2, 0);

	return ret ? ret : kvc_clear(t->fd);
}

/* The limit goes down and up. */
static int limit(struct traffic *t)
{
	struct kvc_config config;
	int ret;

	kvc_config_init(&config, t->name, t->round % 2 ? LIMIT : LIMIT / 8);
	ret = kvc_set(KVC_SET_SIZE, &config);
	return ret ? ret : fill(t, 1000, 0);
}

/* Pairs that end soon or later, so that some always wait for it. */
static int expire(struct traffic *t)
{
	return fill(t, 3000, (t->round % 8 ? 1 + t->round % 50 : 100000) *
		    1000000ull);
}

/* Takes what there is; to be overrun is part of it. */
static int drain(struct kvcnl *nl)
{
	int err = 0;

	while (!err || err == -ENOBUFS)
		kvcnl_recv(nl, MSG_DONTWAIT, &err);
	return err == -EAGAIN ? 0 : err;
}

/* What is written is heard by some, replayed, purged and fenced. */
static int hear(struct traffic *t)
{
	int ret;

	ret = fill(t, 500, 0);
	if (!ret)
		ret = drain(&t->reader);
	if (!ret && t->round % 4 == 0)
		ret = drain(&t->group);
	if (!ret)
		ret = ev_replay(&t->nl, t->name, 1, NULL, NULL, NULL);
	return ret ? ret : kvc_purge_on(&t->nl, t->name, "k000000", true);
}

/* Nodes come, fail, are routed to, purged and drained, and go. */
static int ring(struct traffic *t)
{
	static struct ring_steps steps;
	struct ring_node node = { .name = "x", .address = "ax" };
	unsigned int i;
	int ret;

	ret = ring_make(&t->nl, t->name, 20);
	if (ret == -EEXIST)
		ret = 0;
	for (i = 1; i <= 20 && !ret; i++) {
		ring_report(&t->nl, t->name, i, i % 3);
		ring_defer(&t->nl, t->name, 1 + i % 5, "key", 1000000ull * i);
		ring_route(&t->nl, t->name, "key", &steps);
		ring_plan(&t->nl, t->name, "key", NULL, 1ull << 50, false, &steps);
		ring_set_node(&t->nl, t->name, i, KVC_A_NODE_STATUS,
			      (i + t->round) % 3);
		ret = drain(&t->group);
	}
	if (ret)
		return ret;
	ring_add(&t->nl, t->name, &node, 1);
	ring_set_node(&t->nl, t->name, 1, KVC_A_NODE_WEIGHT, 1 + t->round % 200);
	if (t->round % 5 == 4)
		ring_simple_call(&t->nl, KVC_CMD_RING_DEL, t->name);
	return 0;
}

/* One of two is the flusher; the other finds no room now and then. */
static int behind(struct traffic *t)
{
	char key[KVC_TEST_KEY];
	unsigned int i;
	int ret = 0;

	if (t->stream <= 0)
		t->stream = flush_open(t->fd);
	if (t->stream > 0 && fcntl(t->stream, F_SETFL, O_NONBLOCK))
		return -errno;
	if (fcntl(t->fd, F_SETFL, O_NONBLOCK))
		return -errno;
	for (i = 0; i < 1000 && !ret; i++) {
		ret = put(t, (i * 7919 + t->round) % KEYS, 0);
		if (ret == -EAGAIN)
			break;
		if (i % 3 == 0)
			kvc_del(t->fd, kvc_key(key, i));
	}
	if (ret && ret != -EAGAIN)
		return ret;
	for (i = 0; i < 3 && t->stream > 0; i++)
		flush_one(t->stream, NULL, NULL);
	/* Given up in the middle of a run, for the other one to take */
	if (t->stream > 0 && t->round % 4 == 3) {
		flush_read(t->stream, key, sizeof(key));
		close(t->stream);
		t->stream = 0;
	}
	return scan(t);
}

/* From now on a ring alone holds the file. */
static int hand_over(struct traffic *t)
{
	int fd = t->fd, ret;

	ret = iou_open(&t->ring, UNDER_WAY, 0);
	if (!ret)
		ret = iou_files(&t->ring, &fd, 1);
	t->fd = -1;
	return close(fd) ? -errno : ret;
}

/* What an SQE has to stay for */
struct under_way {
	struct kvc_op op;
	char key[KVC_TEST_KEY];
	char value[200];
};

static void submit(struct traffic *t, struct under_way *u, unsigned int n)
{
	struct io_uring_sqe *sqe;

	kvc_op_init(&u->op, n % 2 ? KVC_OP_PUT : KVC_OP_GET,
		    kvc_key(u->key, n * 7919 % KEYS), 8);
	kvc_op_value(&u->op, u->value, sizeof(u->value));
	sqe = iou_cmd(&t->ring, 0, KVC_IOC_OP, &u->op, n);
	sqe->flags = IOSQE_FIXED_FILE | (n % 3 ? IOSQE_ASYNC : 0);
}

/* Puts and gets; the last ones are under way when the process is killed. */
static int uring(struct traffic *t)
{
	static struct under_way under_way[UNDER_WAY];
	unsigned int i;
	int ret, res;
	__u64 tag;

	if (!t->round) {
		ret = hand_over(t);
		if (ret)
			return ret;
	}
	for (i = 0; t->round && i < UNDER_WAY; i++) {
		ret = iou_wait(&t->ring, &tag, &res);
		if (ret || (res && res != -ENOENT))
			return ret ? ret : res;
	}
	for (i = 0; i < UNDER_WAY; i++)
		submit(t, &under_way[i], t->round * UNDER_WAY + i);
	return iou_submit(&t->ring) == UNDER_WAY ? 0 : -EPROTO;
}

/* Takes away what a flusher that was killed has left. */
static int discard(struct traffic *t)
{
	if (t->fd >= 0) {
		kvc_discard(t->name);
		close(t->fd);
	}
	t->fd = -1;
	/* There is nothing more to do; it is killed when it is not wanted. */
	if (t->round >= WARM)
		pause();
	return 0;
}

/* Only listens, with no file of the device open: it keeps nobody from going. */
static int ears(struct traffic *t)
{
	struct pollfd fds[] = {
		{ .fd = t->reader.fd, .events = POLLIN },
		{ .fd = t->group.fd, .events = POLLIN },
	};

	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	if (t->round >= WARM && poll(fds, ARRAY_SIZE(fds), -1) < 0)
		return -errno;
	return drain(&t->reader) ?: drain(&t->group);
}

static const struct {
	const char *name;
	int (*run)(struct traffic *t);
	bool netns;
	__u32 flags;		/* of the cache */
} kinds[] = {
	{ "churn", churn, false, 0 },
	{ "full", full, false, 0 },
	{ "resize", resize, false, 0 },
	{ "limit", limit, false, 0 },
	{ "expire", expire, false, 0 },
	{ "netns", churn, true, 0 },
	{ "listen", hear, false, 0 },
	{ "ring", ring, false, 0 },
	{ "netns-listen", hear, true, 0 },
	{ "netns-ring", ring, true, 0 },
	{ "behind", behind, false, KVC_CACHE_F_WRITEBEHIND },
	{ "netns-behind", behind, true, KVC_CACHE_F_WRITEBEHIND },
	{ "uring", uring, false, 0 },
	{ "discard", discard, false, 0 },
	{ "ears", ears, false, 0 },
};

static int make_cache(struct traffic *t, bool netns, __u32 flags)
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
	config.flags = flags;
	ret = kvc_create(&config);
	if (ret && ret != -EEXIST)
		return ret;
	return kvc_attach(t->fd, t->name);
}

static int subscribe(struct kvcnl *nl, const char *name)
{
	__u64 since;
	int ret = kvcnl_open(nl);

	return ret ? ret : ev_subscribe(nl, name, &since);
}

/* Whatever the traffic is, some listen to it, and one does not keep up. */
static int make_listeners(struct traffic *t)
{
	int ret = kvcnl_open(&t->nl);

	if (!ret)
		ret = subscribe(&t->reader, t->name);
	if (!ret)
		ret = subscribe(&t->sleeper, t->name);
	if (!ret)
		ret = kvcnl_open(&t->group);
	if (!ret)
		ret = kvcnl_join(&t->group, KVCNL_INVALIDATE);
	if (!ret)
		ret = kvcnl_join(&t->group, KVCNL_RING);
	return ret ? ret : kvcnl_rcvbuf(&t->sleeper, 1);
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
	ret = make_cache(t, kinds[i].netns, kinds[i].flags);
	if (!ret)
		ret = make_listeners(t);
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
