// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings: plans of purges, and deferrals
 */
#include <errno.h>

#include "ringfixture.h"

static int make_golden(struct kvcnl *nl)
{
	static const __u32 points[] = { 1000, 2000, 3000 };
	struct ring_node nodes[3] = {
		{ .name = "s1", .address = "1" },
		{ .name = "s2", .address = "2" },
		{ .name = "s3", .address = "3" },
	};
	int i, ret = ring_make(nl, RING, 0);

	for (i = 0; i < 3; i++) {
		nodes[i].join = KVC_JOIN_FOUNDER;
		nodes[i].point = &points[i];
		nodes[i].point_count = 1;
	}
	return ret ? ret : ring_add(nl, RING, nodes, 3);
}

static __u32 deferrals(struct kvcnl *nl, __u32 node)
{
	struct ring_seen seen;

	return ring_node(nl, RING, node, &seen) ? ~0u : seen.deferrals;
}

TEST_F(rings, golden_plan)
{
	struct ring_steps *s = self->steps;
	struct kvcnl *nl = &self->nl;
	const __u32 hash = 253;

	ASSERT_EQ(0, make_golden(nl));
	ASSERT_EQ(0, ring_set_node(nl, RING, 1, KVC_A_NODE_STATUS,
				   KVC_NODE_DOWN));
	/* A dry run records nothing. */
	ASSERT_EQ(0, ring_plan(nl, RING, "key", &hash, LONG, true, s));
	EXPECT_EQ(2, s->count);
	EXPECT_EQ(0, deferrals(nl, 1));
	/* P12 */
	ASSERT_EQ(0, ring_plan(nl, RING, "key", &hash, LONG, false, s));
	ASSERT_EQ(2, s->count);
	EXPECT_EQ(1, s->step[0].node);
	EXPECT_EQ(KVC_PURGE_DEFER, s->step[0].action);
	EXPECT_STREQ("s1", s->step[0].name);
	EXPECT_EQ(2, s->step[1].node);
	EXPECT_EQ(KVC_PURGE_SEND, s->step[1].action);
	EXPECT_EQ(1, deferrals(nl, 1));
	/* P8: it is down for longer than any object lives. */
	ASSERT_EQ(0, ring_plan(nl, RING, "other", &hash, 1, false, s));
	ASSERT_EQ(1, s->count);
	EXPECT_EQ(2, s->step[0].node);
	EXPECT_EQ(1, deferrals(nl, 1));
}

/* A page of deferrals after a key */
struct page {
	unsigned int count;
	__u64 seq;		/* of the last */
	char last[KVC_KEY_MAX + 1];
	__u32 longest;		/* message */
	bool ordered;
};

static void read_page(void *arg, const struct nlmsghdr *nlh)
{
	const struct nlattr *a = NULL, *key;
	char text[KVC_KEY_MAX + 1];
	struct page *p = arg;

	if (nlh->nlmsg_len > p->longest)
		p->longest = nlh->nlmsg_len;
	while ((a = kvcnl_next(nlh, a, KVC_A_DEFERRAL))) {
		key = kvcnl_in(a, KVC_A_DEFERRAL_KEY);
		snprintf(text, sizeof(text), "%.*s",
			 key ? (int)kvcnl_len(key) : 0,
			 key ? (const char *)kvcnl_data(key) : "");
		p->ordered &= strcmp(p->last, text) < 0;
		strcpy(p->last, text);
		p->seq = kvcnl_u64(kvcnl_in(a, KVC_A_DEFERRAL_SEQ));
		p->count++;
	}
}

static int get_page(struct kvcnl *nl, __u32 node, struct page *p)
{
	struct kvcnl_msg m;
	__u32 at;

	ring_begin(&m, nl, KVC_CMD_DEFERRAL_GET, RING);
	at = kvcnl_nest(&m, KVC_A_DEFERRAL);
	kvcnl_put_u32(&m, KVC_A_DEFERRAL_NODE, node);
	if (p->last[0])
		kvcnl_put(&m, KVC_A_DEFERRAL_KEY, p->last, strlen(p->last));
	kvcnl_nest_end(&m, at);
	return kvcnl_call(nl, &m, read_page, p);
}

TEST_F(rings, deferrals_in_pages)
{
	struct page p = { .ordered = true };
	unsigned int i, before, pages = 0;
	struct kvcnl *nl = &self->nl;
	char key[KVC_KEY_MAX + 1];

	ASSERT_EQ(0, make_golden(nl));
	for (i = 0; i < 500; i++) {
		/* Also some of the longest, of which few go into a page */
		memset(key, 'k', KVC_KEY_MAX);
		key[i % 50 ? 100 : KVC_KEY_MAX] = '\0';
		sprintf(key, "%04u", i * 7919 % 10000);
		key[4] = 'k';
		ASSERT_EQ(0, ring_defer(nl, RING, 1, key, LONG));
	}
	EXPECT_EQ(500, deferrals(nl, 1));
	do {
		before = p.count;
		ASSERT_EQ(0, get_page(nl, 1, &p));
		pages++;
	} while (p.count > before);
	EXPECT_EQ(500, p.count);
	EXPECT_TRUE(p.ordered);
	EXPECT_LT(10, pages);
	EXPECT_GE(8192, p.longest);
}

TEST_F(rings, deferrals_before_return)
{
	struct page p = { .ordered = true };
	struct kvcnl *nl = &self->nl;
	struct ring_seen seen;
	__u64 seq;

	ASSERT_EQ(0, make_golden(nl));
	/* P18: a purge that did not get there; it cannot go on serving. */
	ASSERT_EQ(0, ring_defer(nl, RING, 1, "a", LONG));
	ASSERT_EQ(0, ring_node(nl, RING, 1, &seen));
	EXPECT_EQ(KVC_NODE_DRAINING, seen.status);
	/* P14 */
	EXPECT_EQ(-EBUSY, ring_set_node(nl, RING, 1, KVC_A_NODE_STATUS,
					KVC_NODE_UP));
	ASSERT_EQ(0, get_page(nl, 1, &p));
	ASSERT_EQ(1, p.count);
	seq = p.seq;
	/* Purged once more while the node is told: it has to be again. */
	ASSERT_EQ(0, ring_defer(nl, RING, 1, "a", LONG));
	EXPECT_EQ(-ESTALE, ring_ack(nl, RING, 1, "a", seq));
	EXPECT_NE(0, nl->text[0]);
	EXPECT_EQ(-ENOENT, ring_ack(nl, RING, 1, "b", seq));
	p.last[0] = '\0';
	ASSERT_EQ(0, get_page(nl, 1, &p));
	EXPECT_NE(seq, p.seq);
	EXPECT_EQ(0, ring_ack(nl, RING, 1, "a", p.seq));
	EXPECT_EQ(-ENOENT, ring_ack(nl, RING, 1, "a", p.seq));
	EXPECT_EQ(0, ring_set_node(nl, RING, 1, KVC_A_NODE_STATUS,
				   KVC_NODE_UP));
	/* P15: one that has expired holds nobody up. */
	ASSERT_EQ(0, ring_defer(nl, RING, 1, "a", 1));
	EXPECT_EQ(0, ring_set_node(nl, RING, 1, KVC_A_NODE_STATUS,
				   KVC_NODE_UP));
	EXPECT_EQ(0, deferrals(nl, 1));
}

TEST_F(rings, too_many_deferrals)
{
	struct kvcnl *nl = &self->nl;
	struct ring_seen seen;
	char key[16];
	unsigned int i;

	ASSERT_EQ(0, make_golden(nl));
	ASSERT_EQ(0, ring_set_u64(nl, KVC_CMD_RING_SET, RING,
				  KVC_A_RING_DEFER_MAX, 4096));
	for (i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "key%u", i);
		ASSERT_EQ(0, ring_defer(nl, RING, 1, key, LONG));
	}
	/* None is lost: the node has to be emptied instead. */
	ASSERT_EQ(0, ring_node(nl, RING, 1, &seen));
	EXPECT_NE(0, seen.flush);
	EXPECT_EQ(0, seen.deferrals);
	EXPECT_EQ(-EBUSY, ring_set_node(nl, RING, 1, KVC_A_NODE_STATUS,
					KVC_NODE_UP));
	EXPECT_EQ(0, ring_ack(nl, RING, 1, NULL, seen.flush));
	EXPECT_EQ(0, ring_set_node(nl, RING, 1, KVC_A_NODE_STATUS,
				   KVC_NODE_UP));
}

TEST_HARNESS_MAIN
