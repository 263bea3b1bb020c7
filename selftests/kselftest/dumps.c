// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dumps while what they list changes
 */
#include <errno.h>
#include <sys/socket.h>

#include "control.h"
#include "genlfixture.h"
#include "ringctl.h"

/* Reads a dump in small pieces; in the middle something is done. */
static int read_dump(struct kvcnl *nl, void (*act)(void), unsigned int *count)
{
	const struct nlmsghdr *nlh;
	bool interrupted = false;
	int err;

	*count = 0;
	while ((nlh = kvcnl_recv(nl, 0, &err))) {
		interrupted |= nlh->nlmsg_flags & NLM_F_DUMP_INTR;
		if (nlh->nlmsg_type == NLMSG_DONE)
			return interrupted;
		if (nlh->nlmsg_type == NLMSG_ERROR)
			return -EPROTO;
		if (++*count == 3 && act)
			act();
	}
	return err;
}

/* 1 when it was interrupted, 0 when not; @ring for that of nodes */
static int dump_with(__u8 cmd, const char *ring, void (*act)(void),
		     unsigned int *count)
{
	struct kvcnl_msg m;
	struct kvcnl nl;
	int ret;

	ret = kvcnl_open_room(&nl, 8192);
	if (ret)
		return ret;
	kvcnl_dump(&m, &nl, cmd);
	if (ring)
		kvcnl_put_name(&m, KVC_A_RING, KVC_A_RING_NAME, ring);
	ret = kvcnl_send(&nl, &m);
	if (!ret)
		ret = read_dump(&nl, act, count);
	kvcnl_close(&nl);
	return ret;
}

static int make_caches(struct kvcnl *nl, unsigned int count)
{
	struct kvc_config config;
	char name[16];
	unsigned int i;
	int ret = 0;

	for (i = 0; i < count && !ret; i++) {
		snprintf(name, sizeof(name), "c%03u", i);
		kvc_config_init(&config, name, 64 << 10);
		config.events = 4096;
		ret = kvc_create_on(nl, &config);
	}
	return ret;
}

static void destroy_first_cache(void)
{
	kvc_destroy("c000");
}

TEST_F(genl, dump_of_caches)
{
	static const __u8 cmds[] = { KVC_CMD_CACHE_GET, KVC_CMD_STATS_GET };
	unsigned int i, count;

	ASSERT_EQ(0, make_caches(&self->nl, 100));
	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		EXPECT_EQ(0, dump_with(cmds[i], NULL, NULL, &count));
		EXPECT_EQ(101, count);
		EXPECT_EQ(1, dump_with(cmds[i], NULL,
				       destroy_first_cache, &count));
		EXPECT_LE(99, count);
		ASSERT_EQ(0, make_caches(&self->nl, 1));
	}
}

static void destroy_first_ring(void)
{
	struct kvcnl nl;

	if (kvcnl_open(&nl))
		return;
	ring_simple_call(&nl, KVC_CMD_RING_DEL, "r000");
	kvcnl_close(&nl);
}

TEST_F(genl, dump_of_rings)
{
	unsigned int i, count;
	char name[16];

	for (i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "r%03u", i);
		ASSERT_EQ(0, ring_make(&self->nl, name, 0));
	}
	EXPECT_EQ(0, dump_with(KVC_CMD_RING_GET, NULL, NULL,
			       &count));
	EXPECT_EQ(201, count);
	EXPECT_EQ(1, dump_with(KVC_CMD_RING_GET, NULL,
			       destroy_first_ring, &count));
}

static void remove_a_node(void)
{
	struct kvcnl nl;

	if (kvcnl_open(&nl))
		return;
	ring_del_node(&nl, "many", 1);
	kvcnl_close(&nl);
}

TEST_F(genl, dump_of_nodes)
{
	unsigned int count;

	ASSERT_EQ(0, ring_make(&self->nl, "many", 200));
	EXPECT_EQ(0, dump_with(KVC_CMD_NODE_GET, "many", NULL,
			       &count));
	EXPECT_EQ(200, count);
	EXPECT_EQ(1, dump_with(KVC_CMD_NODE_GET, "many",
			       remove_a_node, &count));
}

/* A dump that nobody reads to its end holds nothing for long. */
TEST_F(genl, dump_given_up)
{
	struct kvcnl_msg m;
	struct kvcnl nl;

	ASSERT_EQ(0, make_caches(&self->nl, 100));
	ASSERT_EQ(0, kvcnl_open(&nl));
	kvcnl_dump(&m, &nl, KVC_CMD_CACHE_GET);
	ASSERT_EQ(0, kvcnl_send(&nl, &m));
	kvcnl_close(&nl);
	ASSERT_EQ(0, kvcnl_open(&nl));
	kvcnl_dump(&m, &nl, KVC_CMD_NODE_GET);
	kvcnl_put_name(&m, KVC_A_RING, KVC_A_RING_NAME, KVC_TEST_NAME);
	ASSERT_EQ(0, kvcnl_send(&nl, &m));
	kvcnl_close(&nl);
	EXPECT_EQ(0, ring_simple_call(&self->nl, KVC_CMD_RING_DEL,
				      KVC_TEST_NAME));
}

TEST_HARNESS_MAIN
