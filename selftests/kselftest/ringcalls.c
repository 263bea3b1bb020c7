// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two ioctls of a ring: routing, and reporting what came of it
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "harness.h"
#include "ringctl.h"

#define RING	"r"
#define LONG	(1ull << 50)

FIXTURE(place) {
	struct kvc_route_node nodes[KVC_ROUTE_MAX + 1];
	struct kvc_route route;
	struct kvc_report report;
	struct kvcnl nl;
	int fd;
};

FIXTURE_SETUP(place)
{
	ASSERT_EQ(0, kvc_fresh_netns());
	ASSERT_EQ(0, kvcnl_open(&self->nl));
	ASSERT_EQ(0, ring_make(&self->nl, RING, 20));
	self->fd = kvc_open(O_RDWR);
	ASSERT_LE(0, self->fd);
	strcpy(self->route.ring, RING);
	self->route.key = kvc_ptr("key");
	self->route.key_len = 3;
	self->route.nodes = kvc_ptr(self->nodes);
	self->route.count = KVC_ROUTE_MAX;
	strcpy(self->report.ring, RING);
	self->report.node = 1;
}

FIXTURE_TEARDOWN(place)
{
	kvcnl_close(&self->nl);
	close(self->fd);
}

static int route_call(int fd, struct kvc_route route)
{
	int ret = kvc_call(fd, KVC_IOC_ROUTE, &route);

	return ret ? ret : (int)route.count;
}

/* A route with one field changed */
#define ROUTE(field, value) ({						\
	struct kvc_route other = self->route;				\
									\
	other.field = (value);						\
	route_call(self->fd, other);					\
})

#define REPORT(field, value) ({						\
	struct kvc_report other = self->report;				\
									\
	other.field = (value);						\
	kvc_call(self->fd, KVC_IOC_REPORT, &other);			\
})

TEST_F(place, route)
{
	struct ring_steps *steps = calloc(1, sizeof(*steps));
	int fd = kvc_open(O_RDONLY);
	unsigned int i, j;

	ASSERT_LE(0, fd);
	ASSERT_NE(NULL, steps);
	memset(self->nodes, 0xa5, sizeof(self->nodes));
	ASSERT_EQ(KVC_ROUTE_MAX, route_call(fd, self->route));
	ASSERT_EQ(0, ring_route(&self->nl, RING, "key", steps));
	ASSERT_EQ(KVC_ROUTE_MAX, steps->count);
	for (i = 0; i < KVC_ROUTE_MAX; i++) {
		EXPECT_EQ(steps->step[i].node, self->nodes[i].id);
		EXPECT_STREQ(steps->step[i].name, self->nodes[i].name);
		EXPECT_EQ('a', self->nodes[i].address[0]);
		EXPECT_EQ(0, self->nodes[i].reserved);
		/* Nothing of the kernel's or the caller's behind the names */
		for (j = 8; j < KVC_NAME_MAX; j++)
			EXPECT_EQ(0, self->nodes[i].name[j]);
		for (j = 8; j < sizeof(self->nodes[i].address); j++)
			EXPECT_EQ(0, self->nodes[i].address[j]);
	}
	/* No more than what was asked for */
	EXPECT_EQ(0xa5a5a5a5, self->nodes[KVC_ROUTE_MAX].id);
	memset(self->nodes, 0xa5, sizeof(self->nodes));
	EXPECT_EQ(2, ROUTE(count, 2));
	EXPECT_EQ(0xa5a5a5a5, self->nodes[2].id);
	EXPECT_EQ(steps->step[0].node, self->nodes[0].id);
	/* The hash instead of the key, which may then be anywhere */
	self->route.flags = KVC_ROUTE_F_HASH;
	self->route.hash = 12345;
	self->route.key = 8;
	self->route.key_len = 0;
	EXPECT_EQ(1, ROUTE(count, 1));
	ASSERT_EQ(0, ring_route_hash(&self->nl, RING, 12345, steps));
	EXPECT_EQ(steps->step[0].node, self->nodes[0].id);
	free(steps);
	close(fd);
}

TEST_F(place, bad_routes)
{
	char *key = calloc(1, KVC_KEY_MAX + 1);
	__u32 id;

	ASSERT_NE(NULL, key);
	EXPECT_EQ(-EINVAL, ROUTE(flags, 2));
	EXPECT_EQ(-EINVAL, ROUTE(flags, 1u << 31));
	EXPECT_EQ(-EINVAL, ROUTE(reserved, 1));
	EXPECT_EQ(-EINVAL, ROUTE(count, 0));
	EXPECT_EQ(-EINVAL, ROUTE(count, KVC_ROUTE_MAX + 1));
	EXPECT_EQ(-EINVAL, ROUTE(count, ~0u));
	EXPECT_EQ(-EINVAL, ROUTE(key_len, 0));
	EXPECT_EQ(-EINVAL, ROUTE(ring[0], '/'));
	EXPECT_EQ(-EINVAL, ROUTE(ring[0], 0));
	EXPECT_EQ(-ENOENT, ROUTE(ring[0], 'q'));
	EXPECT_EQ(-EFAULT, ROUTE(key, 8));
	EXPECT_EQ(-EFAULT, ROUTE(nodes, 8));
	EXPECT_EQ(-EFAULT, ROUTE(nodes, 0xffffffff81000000ull));
	self->route.key = kvc_ptr(key);
	EXPECT_EQ(-ENAMETOOLONG, ROUTE(key_len, KVC_KEY_MAX + 1));
	EXPECT_EQ(-ENAMETOOLONG, ROUTE(key_len, ~0u));
	EXPECT_EQ(KVC_ROUTE_MAX, ROUTE(key_len, KVC_KEY_MAX));
	for (id = 1; id <= 20; id++)
		ASSERT_EQ(0, ring_set_node(&self->nl, RING, id,
					   KVC_A_NODE_STATUS, KVC_NODE_DOWN));
	EXPECT_EQ(-EHOSTUNREACH, ROUTE(count, 1));
	ASSERT_EQ(0, ring_make(&self->nl, "empty", 0));
	strcpy(self->route.ring, "empty");
	EXPECT_EQ(-ENOENT, ROUTE(count, 1));
	free(key);
}

TEST_F(place, report)
{
	int fd = kvc_open(O_RDONLY), i;
	struct ring_seen seen;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBADF, kvc_call(fd, KVC_IOC_REPORT, &self->report));
	EXPECT_EQ(-EINVAL, REPORT(flags, 2));
	EXPECT_EQ(-EINVAL, REPORT(ring[0], '/'));
	EXPECT_EQ(-ENOENT, REPORT(ring[0], 'q'));
	EXPECT_EQ(-ENOENT, REPORT(node, 0));
	EXPECT_EQ(-ENOENT, REPORT(node, 21));
	EXPECT_EQ(-ENOENT, REPORT(node, ~0u));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, REPORT(flags, 0));
	ASSERT_EQ(0, ring_node(&self->nl, RING, 1, &seen));
	EXPECT_TRUE(seen.tagged);
	EXPECT_EQ(3, seen.failures);
	ASSERT_EQ(0, REPORT(flags, KVC_REPORT_F_SUCCESS));
	ASSERT_EQ(0, ring_node(&self->nl, RING, 1, &seen));
	EXPECT_FALSE(seen.tagged);
	close(fd);
}

/* The ring is that of the namespace in which the file was opened. */
TEST_F(place, namespace_of_the_file)
{
	int fd;

	ASSERT_EQ(0, kvc_fresh_netns());
	fd = kvc_open(O_RDWR);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-ENOENT, route_call(fd, self->route));
	EXPECT_EQ(-ENOENT, kvc_call(fd, KVC_IOC_REPORT, &self->report));
	EXPECT_EQ(1, ROUTE(count, 1));
	EXPECT_EQ(0, REPORT(node, 1));
	close(fd);
}

#define MANY	1000u

TEST_F(place, thousand_nodes)
{
	struct ring_steps *steps = calloc(1, sizeof(*steps));
	unsigned int got[MANY + 1] = { 0 }, i, used = 0;
	char key[KVC_TEST_KEY];

	ASSERT_NE(NULL, steps);
	ASSERT_EQ(0, ring_make(&self->nl, "many", MANY));
	EXPECT_EQ(MANY, ring_nodes(&self->nl, "many", NULL, 0));
	strcpy(self->route.ring, "many");
	self->route.key = kvc_ptr(key);
	self->route.key_len = 8;
	for (i = 0; i < 20000; i++) {
		kvc_key(key, i);
		ASSERT_EQ(1, ROUTE(count, 1));
		ASSERT_LE(1, self->nodes[0].id);
		ASSERT_GE(MANY, self->nodes[0].id);
		got[self->nodes[0].id]++;
	}
	for (i = 1; i <= MANY; i++)
		used += !!got[i];
	EXPECT_LT(MANY * 99 / 100, used);
	/* All of them in one plan: by this selection any may have a copy. */
	ASSERT_EQ(0, ring_set_u32(&self->nl, KVC_CMD_RING_SET, "many",
				  KVC_A_RING_SELECT, KVC_SELECT_HASH));
	ASSERT_EQ(0, ring_plan(&self->nl, "many", "key", NULL, LONG, false,
			       steps));
	EXPECT_EQ(MANY, steps->count);
	free(steps);
}

TEST_HARNESS_MAIN
