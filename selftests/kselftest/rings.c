// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rings: nodes and their status, routing, plans of purges, deferrals
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "harness.h"
#include "ringctl.h"

#define RING	"r"
#define LONG	(1ull << 50)

FIXTURE(rings) {
	struct kvcnl nl;
	struct ring_steps *steps;
};

FIXTURE_SETUP(rings)
{
	ASSERT_EQ(0, kvc_fresh_netns());
	ASSERT_EQ(0, kvcnl_open(&self->nl));
	self->steps = calloc(1, sizeof(*self->steps));
	ASSERT_NE(NULL, self->steps);
}

FIXTURE_TEARDOWN(rings)
{
	kvcnl_close(&self->nl);
	free(self->steps);
}

static void read_ring(void *arg, const struct nlmsghdr *nlh)
{
	const struct nlattr *nest = kvcnl_attr(nlh, KVC_A_RING);
	__u64 *value = arg;
	const struct nlattr *a;
	int attr;

	for (attr = 0; attr <= KVC_A_RING_MAX; attr++) {
		a = kvcnl_in(nest, attr);
		value[attr] = a && kvcnl_len(a) == 8 ? kvcnl_u64(a) :
						       kvcnl_u32(a);
	}
}

/* A ring's numbers by KVC_A_RING_* */
static int get(struct kvcnl *nl, const char *ring, __u64 *value)
{
	struct kvcnl_msg m;

	ring_begin(&m, nl, KVC_CMD_RING_GET, ring);
	return kvcnl_call(nl, &m, read_ring, value);
}

static __u64 get_one(struct kvcnl *nl, int attr)
{
	__u64 value[KVC_A_RING_MAX + 1] = { 0 };

	return get(nl, RING, value) ? ~0ull : value[attr];
}

TEST_F(rings, settings)
{
	__u64 value[KVC_A_RING_MAX + 1];
	struct kvcnl *nl = &self->nl;

	ASSERT_EQ(0, ring_simple_call(nl, KVC_CMD_RING_NEW, RING));
	EXPECT_EQ(-EEXIST, ring_simple_call(nl, KVC_CMD_RING_NEW, RING));
	ASSERT_EQ(0, get(nl, RING, value));
	EXPECT_EQ(KVC_RING_ACTIVE, value[KVC_A_RING_MODE]);
	EXPECT_EQ(KVC_SELECT_CONSISTENT, value[KVC_A_RING_SELECT]);
	EXPECT_EQ(160, value[KVC_A_RING_POINTS]);
	EXPECT_EQ(2, value[KVC_A_RING_THRESHOLD]);
	EXPECT_EQ(1, value[KVC_A_RING_RISE]);
	EXPECT_EQ(10 * KVC_NSEC, value[KVC_A_RING_VALIDITY]);
	EXPECT_EQ(64 << 20, value[KVC_A_RING_DEFER_MAX]);
	EXPECT_EQ(0, value[KVC_A_RING_SELF]);
	EXPECT_EQ(0, value[KVC_A_RING_NODES]);
	ASSERT_EQ(0, ring_set_u32(nl, KVC_CMD_RING_SET, RING,
				  KVC_A_RING_THRESHOLD, 0));
	ASSERT_EQ(0, ring_set_u32(nl, KVC_CMD_RING_SET, RING,
				  KVC_A_RING_SELECT, KVC_SELECT_HASH));
	ASSERT_EQ(0, get(nl, RING, value));
	EXPECT_EQ(0, value[KVC_A_RING_THRESHOLD]);
	EXPECT_EQ(KVC_SELECT_HASH, value[KVC_A_RING_SELECT]);
	EXPECT_EQ(160, value[KVC_A_RING_POINTS]);
	ASSERT_EQ(0, ring_simple_call(nl, KVC_CMD_RING_DEL, RING));
	EXPECT_EQ(-ENOENT, ring_simple_call(nl, KVC_CMD_RING_DEL, RING));
	EXPECT_EQ(-ENOENT, get(nl, RING, value));
}

TEST_F(rings, self)
{
	struct kvcnl *nl = &self->nl;

	ASSERT_EQ(0, ring_make(nl, RING, 3));
	EXPECT_EQ(-ENOENT, ring_set_u32(nl, KVC_CMD_RING_SET, RING,
					KVC_A_RING_SELF, 4));
	ASSERT_EQ(0, ring_set_u32(nl, KVC_CMD_RING_SET, RING,
				  KVC_A_RING_SELF, 2));
	EXPECT_EQ(2, get_one(nl, KVC_A_RING_SELF));
	ASSERT_EQ(0, ring_del_node(nl, RING, 2));
	EXPECT_EQ(0, get_one(nl, KVC_A_RING_SELF));
	EXPECT_EQ(-ENOENT, ring_del_node(nl, RING, 2));
}

TEST_F(rings, nodes_come_all_or_none)
{
	static const struct ring_node twice[] = {
		{ .name = "x", .address = "ax" },
		{ .name = "y", .address = "ay" },
		{ .name = "x", .address = "az" },
	};
	static const struct ring_node same_address[] = {
		{ .name = "x", .address = "ax" },
		{ .name = "y", .address = "a1" },
	};
	static const struct ring_node bad_name[] = {
		{ .name = "x", .address = "ax" },
		{ .name = "a/b", .address = "ay" },
	};
	static const struct ring_node one = { .name = "x", .address = "ax" };
	struct kvcnl *nl = &self->nl;
	struct ring_seen seen;

	ASSERT_EQ(0, ring_make(nl, RING, 3));
	EXPECT_EQ(-EEXIST, ring_add(nl, RING, twice, 3));
	EXPECT_EQ(-EEXIST, ring_add(nl, RING, same_address, 2));
	EXPECT_EQ(-EINVAL, ring_add(nl, RING, bad_name, 2));
	EXPECT_NE(0, nl->text[0]);
	EXPECT_EQ(3, ring_nodes(nl, RING, NULL, 0));
	ASSERT_EQ(0, ring_add(nl, RING, &one, 1));
	/* Ids are not used again. */
	ASSERT_EQ(0, ring_node(nl, RING, 4, &seen));
	EXPECT_STREQ("x", seen.name);
	EXPECT_STREQ("ax", seen.address);
	ASSERT_EQ(0, ring_del_node(nl, RING, 4));
	ASSERT_EQ(0, ring_add(nl, RING, &one, 1));
	EXPECT_EQ(-ENOENT, ring_node(nl, RING, 4, &seen));
	EXPECT_EQ(0, ring_node(nl, RING, 5, &seen));
}

TEST_F(rings, joining)
{
	static const struct ring_node nodes[] = {
		{ .name = "f", .address = "1", .join = KVC_JOIN_FOUNDER },
		{ .name = "e", .address = "2", .join = KVC_JOIN_EMPTY },
		{ .name = "u", .address = "3", .join = KVC_JOIN_UNKNOWN },
		{ .name = "s", .address = "4", .join = KVC_JOIN_SERVING },
	};
	struct kvcnl *nl = &self->nl;
	struct ring_seen seen[4];
	unsigned int i;

	ASSERT_EQ(0, ring_make(nl, RING, 0));
	for (i = 0; i < ARRAY_SIZE(nodes); i++)
		ASSERT_EQ(0, ring_add(nl, RING, &nodes[i], 1));
	ASSERT_EQ(4, ring_nodes(nl, RING, seen, 4));
	EXPECT_EQ(KVC_NODE_UP, seen[0].status);
	EXPECT_FALSE(seen[0].aged);
	EXPECT_EQ(KVC_NODE_UP, seen[1].status);
	EXPECT_TRUE(seen[1].aged);
	EXPECT_EQ(KVC_NODE_DOWN, seen[2].status);
	EXPECT_NE(0, seen[2].flush);
	EXPECT_EQ(KVC_NODE_UP, seen[3].status);
	EXPECT_EQ(0, seen[3].flush);
	/* P14: nothing is known of it, so it is emptied first. */
	EXPECT_EQ(-EBUSY, ring_set_node(nl, RING, 3, KVC_A_NODE_STATUS,
					KVC_NODE_UP));
	EXPECT_NE(0, nl->text[0]);
	EXPECT_EQ(-ESTALE, ring_ack(nl, RING, 3, NULL, seen[2].flush + 1));
	EXPECT_EQ(0, ring_ack(nl, RING, 3, NULL, seen[2].flush));
	EXPECT_EQ(0, ring_set_node(nl, RING, 3, KVC_A_NODE_STATUS,
				   KVC_NODE_UP));
}

TEST_F(rings, node_settings)
{
	static const __u32 points[] = { 1000, 2000, 3000 };
	static const struct ring_node nodes[] = {
		{ .name = "a", .address = "1", .weight = 50, .instances = 3 },
		{ .name = "b", .address = "2", .points = 10 },
		{ .name = "c", .address = "3", .point = points,
		  .point_count = 3 },
	};
	struct kvcnl *nl = &self->nl;
	struct ring_seen n;

	ASSERT_EQ(0, ring_make(nl, RING, 0));
	ASSERT_EQ(0, ring_add(nl, RING, nodes, 3));
	ASSERT_EQ(0, ring_node(nl, RING, 1, &n));
	EXPECT_EQ(50, n.weight);
	EXPECT_EQ(80, n.points);
	EXPECT_EQ(3, n.instances);
	ASSERT_EQ(0, ring_node(nl, RING, 2, &n));
	EXPECT_EQ(10, n.points);
	ASSERT_EQ(0, ring_node(nl, RING, 3, &n));
	EXPECT_EQ(3, n.points);
	/* What is not given stays. */
	ASSERT_EQ(0, ring_set_node(nl, RING, 1, KVC_A_NODE_WEIGHT, 200));
	ASSERT_EQ(0, ring_node(nl, RING, 1, &n));
	EXPECT_EQ(200, n.weight);
	EXPECT_EQ(320, n.points);
	EXPECT_EQ(3, n.instances);
	ASSERT_EQ(0, ring_set_node(nl, RING, 1, KVC_A_NODE_POINTS, 100));
	ASSERT_EQ(0, ring_node(nl, RING, 1, &n));
	EXPECT_EQ(200, n.weight);
	EXPECT_EQ(200, n.points);
	EXPECT_EQ(3, n.instances);
	ASSERT_EQ(0, ring_set_node(nl, RING, 3, KVC_A_NODE_INSTANCES, 7));
	ASSERT_EQ(0, ring_node(nl, RING, 3, &n));
	EXPECT_EQ(3, n.points);
	EXPECT_EQ(7, n.instances);
}

struct tag_wait {
	struct kvcnl *nl;
	__u32 node;
	struct ring_steps *steps;
};

static bool is_first(void *arg)
{
	struct tag_wait *w = arg;

	return !ring_route(w->nl, RING, "key", w->steps) &&
	       w->steps->count && w->steps->step[0].node == w->node;
}

static void put_loaded(struct kvcnl_msg *m, const char *name, __u64 capacity)
{
	__u32 at = kvcnl_nest(m, KVC_A_NODE);

	kvcnl_put_str(m, KVC_A_NODE_NAME, name);
	kvcnl_put_str(m, KVC_A_NODE_ADDRESS, name);
	kvcnl_put_u32(m, KVC_A_NODE_JOIN, KVC_JOIN_FOUNDER);
	kvcnl_put_u64(m, KVC_A_NODE_CAPACITY, capacity);
	kvcnl_nest_end(m, at);
}

/* A9: figures count from the beginning. */
TEST_F(rings, figures_of_joining_nodes)
{
	struct ring_steps *steps = self->steps;
	struct kvcnl *nl = &self->nl;
	struct kvcnl_msg m;

	ASSERT_EQ(0, ring_simple_call(nl, KVC_CMD_RING_NEW, "load"));
	ASSERT_EQ(0, ring_set_u32(nl, KVC_CMD_RING_SET, "load",
				  KVC_A_RING_SELECT, KVC_SELECT_LOAD));
	ring_begin(&m, nl, KVC_CMD_NODE_NEW, "load");
	put_loaded(&m, "weak", 1);
	put_loaded(&m, "strong", 9);
	put_loaded(&m, "fair", 5);
	ASSERT_EQ(0, kvcnl_call(nl, &m, NULL, NULL));
	ASSERT_EQ(0, ring_route(nl, "load", "key", steps));
	ASSERT_EQ(3, steps->count);
	EXPECT_STREQ("strong", steps->step[0].name);
	EXPECT_STREQ("weak", steps->step[2].name);
	EXPECT_EQ(0, ring_simple_call(nl, KVC_CMD_RING_DEL, "load"));
}

/* A status that is refused leaves no other change behind. */
TEST_F(rings, status_comes_by_itself)
{
	struct kvcnl *nl = &self->nl;
	struct ring_seen seen;
	struct kvcnl_msg m;
	__u32 at;

	ASSERT_EQ(0, ring_make(nl, RING, 1));
	ring_begin(&m, nl, KVC_CMD_NODE_SET, RING);
	at = kvcnl_nest(&m, KVC_A_NODE);
	kvcnl_put_u32(&m, KVC_A_NODE_ID, 1);
	kvcnl_put_u32(&m, KVC_A_NODE_WEIGHT, 300);
	kvcnl_put_u32(&m, KVC_A_NODE_STATUS, KVC_NODE_DOWN);
	kvcnl_nest_end(&m, at);
	EXPECT_EQ(-EINVAL, kvcnl_call(nl, &m, NULL, NULL));
	ASSERT_EQ(0, ring_node(nl, RING, 1, &seen));
	EXPECT_EQ(100, seen.weight);
	EXPECT_EQ(KVC_NODE_UP, seen.status);
}

TEST_F(rings, tag)
{
	struct kvcnl *nl = &self->nl;
	struct tag_wait w = { .nl = nl, .steps = self->steps };
	struct ring_seen seen;
	int i;

	ASSERT_EQ(0, ring_make(nl, RING, 3));
	ASSERT_EQ(0, ring_route(nl, RING, "key", self->steps));
	ASSERT_EQ(3, self->steps->count);
	w.node = self->steps->step[0].node;
	/* A4: more failures than the threshold */
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, ring_report(nl, RING, w.node, false));
	EXPECT_TRUE(is_first(&w));
	ASSERT_EQ(0, ring_report(nl, RING, w.node, false));
	ASSERT_EQ(0, ring_node(nl, RING, w.node, &seen));
	EXPECT_TRUE(seen.tagged);
	EXPECT_LT(0, seen.tag_left);
	EXPECT_GE(10 * KVC_NSEC, seen.tag_left);
	ASSERT_EQ(0, ring_route(nl, RING, "key", self->steps));
	ASSERT_EQ(2, self->steps->count);
	EXPECT_NE(w.node, self->steps->step[0].node);
	EXPECT_NE(w.node, self->steps->step[1].node);
	/* A success takes it away, */
	ASSERT_EQ(0, ring_report(nl, RING, w.node, true));
	EXPECT_TRUE(is_first(&w));
	/* and so does the end of its validity. */
	ASSERT_EQ(0, ring_set_u64(nl, KVC_CMD_RING_SET, RING,
				  KVC_A_RING_VALIDITY, KVC_NSEC / 5));
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, ring_report(nl, RING, w.node, false));
	EXPECT_TRUE(kvc_eventually(is_first, &w));
	ASSERT_EQ(0, ring_node(nl, RING, w.node, &seen));
	EXPECT_FALSE(seen.tagged);
}

TEST_F(rings, nobody_there)
{
	struct kvcnl *nl = &self->nl;
	__u32 id;

	ASSERT_EQ(0, ring_make(nl, RING, 0));
	EXPECT_EQ(-ENOENT, ring_route(nl, RING, "key", self->steps));
	EXPECT_NE(0, nl->text[0]);
	ASSERT_EQ(0, ring_plan(nl, RING, "key", NULL, LONG, false,
			       self->steps));
	EXPECT_EQ(0, self->steps->count);
	ASSERT_EQ(0, ring_simple_call(nl, KVC_CMD_RING_DEL, RING));
	ASSERT_EQ(0, ring_make(nl, RING, 2));
	for (id = 1; id <= 2; id++)
		ASSERT_EQ(0, ring_set_node(nl, RING, id, KVC_A_NODE_STATUS,
					   KVC_NODE_DOWN));
	EXPECT_EQ(-EHOSTUNREACH, ring_route(nl, RING, "key", self->steps));
	EXPECT_NE(0, nl->text[0]);
}

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

/* What the group has told of a ring */
struct told {
	__u32 change;
	__u32 node;
	__u32 status;
	char ring[KVC_NAME_MAX];
	char name[KVC_NAME_MAX];
};

static int listen(struct kvcnl *nl, struct told *t)
{
	const struct nlattr *ring, *node, *name;
	const struct nlmsghdr *nlh;
	int err;

	nlh = kvcnl_recv(nl, 0, &err);
	if (!nlh)
		return err;
	if (kvcnl_cmd(nlh) != KVC_CMD_RING_NTF)
		return -EPROTO;
	memset(t, 0, sizeof(*t));
	ring = kvcnl_in(kvcnl_attr(nlh, KVC_A_RING), KVC_A_RING_NAME);
	node = kvcnl_attr(nlh, KVC_A_NODE);
	name = kvcnl_in(node, KVC_A_NODE_NAME);
	t->change = kvcnl_u32(kvcnl_attr(nlh, KVC_A_CHANGE));
	t->node = kvcnl_u32(kvcnl_in(node, KVC_A_NODE_ID));
	t->status = kvcnl_u32(kvcnl_in(node, KVC_A_NODE_STATUS));
	if (ring)
		strcpy(t->ring, kvcnl_data(ring));
	if (name)
		strcpy(t->name, kvcnl_data(name));
	return 0;
}

#define EXPECT_TOLD(what, id) do {					\
	ASSERT_EQ(0, listen(&group, &told));				\
	EXPECT_EQ(what, told.change);					\
	EXPECT_EQ(id, told.node);					\
	EXPECT_STREQ(RING, told.ring);					\
} while (0)

TEST_F(rings, events)
{
	static const struct ring_node node = { .name = "x", .address = "ax" };
	struct kvcnl *nl = &self->nl;
	struct kvcnl group;
	struct told told;
	int i;

	ASSERT_EQ(0, kvcnl_open(&group));
	ASSERT_EQ(0, kvcnl_join(&group, KVCNL_RING));
	ASSERT_EQ(0, ring_make(nl, RING, 2));
	EXPECT_TOLD(KVC_RING_CREATED, 0);
	EXPECT_TOLD(KVC_RING_ADDED, 1);
	EXPECT_STREQ("n1", told.name);
	EXPECT_TOLD(KVC_RING_ADDED, 2);
	ASSERT_EQ(0, ring_add(nl, RING, &node, 1));
	EXPECT_TOLD(KVC_RING_ADDED, 3);
	EXPECT_STREQ("x", told.name);
	EXPECT_EQ(KVC_NODE_DOWN, told.status);
	ASSERT_EQ(0, ring_set_u32(nl, KVC_CMD_RING_SET, RING,
				  KVC_A_RING_THRESHOLD, 0));
	EXPECT_TOLD(KVC_RING_CHANGED, 0);
	ASSERT_EQ(0, ring_set_node(nl, RING, 1, KVC_A_NODE_WEIGHT, 50));
	EXPECT_TOLD(KVC_RING_POINTS, 1);
	ASSERT_EQ(0, ring_report(nl, RING, 1, false));
	EXPECT_TOLD(KVC_RING_TAGGED, 1);
	ASSERT_EQ(0, ring_report(nl, RING, 1, true));
	EXPECT_TOLD(KVC_RING_UNTAGGED, 1);
	ASSERT_EQ(0, ring_set_node(nl, RING, 2, KVC_A_NODE_STATUS,
				   KVC_NODE_DOWN));
	EXPECT_TOLD(KVC_RING_STATUS, 2);
	EXPECT_EQ(KVC_NODE_DOWN, told.status);
	ASSERT_EQ(0, ring_set_u64(nl, KVC_CMD_RING_SET, RING,
				  KVC_A_RING_DEFER_MAX, 1));
	EXPECT_TOLD(KVC_RING_CHANGED, 0);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, ring_defer(nl, RING, 2, "a", LONG));
	EXPECT_TOLD(KVC_RING_FLUSH, 2);
	ASSERT_EQ(0, ring_del_node(nl, RING, 2));
	EXPECT_TOLD(KVC_RING_REMOVED, 2);
	ASSERT_EQ(0, ring_simple_call(nl, KVC_CMD_RING_DEL, RING));
	EXPECT_TOLD(KVC_RING_DESTROYED, 0);
	kvcnl_close(&group);
}

static void count_message(void *arg, const struct nlmsghdr *nlh)
{
	++*(unsigned int *)arg;
}

TEST_F(rings, namespaces)
{
	struct kvcnl *nl = &self->nl;
	__u64 value[KVC_A_RING_MAX + 1];
	struct kvcnl inner, group;
	unsigned int count = 0;
	struct kvcnl_msg m;
	struct told told;

	ASSERT_EQ(0, ring_make(nl, RING, 2));
	ASSERT_EQ(0, kvc_fresh_netns());
	ASSERT_EQ(0, kvcnl_open(&inner));
	ASSERT_EQ(0, kvcnl_open(&group));
	ASSERT_EQ(0, kvcnl_join(&group, KVCNL_RING));
	EXPECT_EQ(-ENOENT, get(&inner, RING, value));
	EXPECT_EQ(-ENOENT, ring_route(&inner, RING, "key", self->steps));
	EXPECT_EQ(-ENOENT, ring_nodes(&inner, RING, NULL, 0));
	EXPECT_EQ(-ENOENT, ring_report(&inner, RING, 1, false));
	kvcnl_dump(&m, &inner, KVC_CMD_RING_GET);
	EXPECT_EQ(0, kvcnl_call(&inner, &m, count_message, &count));
	EXPECT_EQ(0, count);
	/* The first that is heard inside is of inside. */
	ASSERT_EQ(0, ring_del_node(nl, RING, 1));
	ASSERT_EQ(0, ring_simple_call(&inner, KVC_CMD_RING_NEW, RING));
	ASSERT_EQ(0, listen(&group, &told));
	EXPECT_EQ(KVC_RING_CREATED, told.change);
	ASSERT_EQ(0, ring_simple_call(&inner, KVC_CMD_RING_DEL, RING));
	EXPECT_EQ(0, get(nl, RING, value));
	kvcnl_close(&inner);
	kvcnl_close(&group);
}

/* The two ioctls */
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
