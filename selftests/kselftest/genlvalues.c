// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values in well-formed messages that cannot be
 */
#include <errno.h>

#include "genlfixture.h"
#include "ringctl.h"

TEST_F(genl, names)
{
	static const struct {
		const char *data;
		__u32 len;
	} bad[] = {
		{ "", 0 }, { "", 1 }, { "t", 1 }, { "a/b", 4 }, { ".a", 3 },
		{ "-a", 3 }, { "a b", 4 }, { "\xff", 2 }
	};
	struct change change = change_none;
	const struct request *r;
	char longest[64];
	unsigned int i;
	__u32 at;

	memset(longest, 'n', sizeof(longest));
	FOR_EACH(r) {
		change.other = 0;
		for (i = 0; i < ARRAY_SIZE(bad); i++) {
			change.data = bad[i].data;
			change.len = bad[i].len;
			EXPECT_EQ(-EINVAL, try(&self->nl, r, &change, &at)) {
				TH_LOG("%s, name %u", r->name, i);
			}
			EXPECT_TRUE(at == self->nl.offset || dump(r)) {
				TH_LOG("%s, name %u", r->name, i);
			}
			EXPECT_NE(0, self->nl.text[0]);
		}
		change.data = longest;
		change.len = sizeof(longest);
		EXPECT_EQ(-EINVAL, try(&self->nl, r, &change, &at));
		EXPECT_TRUE(at == self->nl.offset || dump(r));
	}
}

TEST_F(genl, name_of_nothing)
{
	struct change change = change_none;
	const struct request *r;
	__u32 at;

	change.other = 0;
	change.data = "nothing";
	change.len = sizeof("nothing");
	FOR_EACH(r)
		if (r->cmd != KVC_CMD_CACHE_NEW && r->cmd != KVC_CMD_RING_NEW)
			EXPECT_EQ(-ENOENT,
				  try(&self->nl, r, &change, &at)) {
				TH_LOG("%s", r->name);
			}
}

/* An attribute of a request with a value, and what that gets */
struct range {
	__u8 cmd;
	int nest;
	int type;
	__u32 size;
	__u64 value;
	int want;
	const char *text;	/* part of what is said */
};

#define IN(cmd, nest, type, size, value, want, text) \
	{ KVC_CMD_##cmd, KVC_A_##nest, KVC_A_##nest##_##type, size, value, \
	  want, text }
#define AT_TOP(cmd, type, value, want, text) \
	{ KVC_CMD_##cmd, 0, KVC_A_##type, 8, value, want, text }

static const struct range ranges[] = {
	IN(CACHE_NEW, CACHE, MODE, 4, 01000, -ERANGE, ""),
	IN(CACHE_NEW, CACHE, MODE, 4, 0700, -ERANGE, "mode"),
	IN(CACHE_NEW, CACHE, POLICY, 4, 5, -ERANGE, ""),
	IN(CACHE_NEW, CACHE, FLAGS, 4, 256, -EINVAL, ""),
	IN(CACHE_NEW, CACHE, FLAGS, 4, 20, -ERANGE, "flags"),
	IN(CACHE_NEW, CACHE, KEY_MAX, 4, 4097, -ERANGE, "key-max"),
	IN(CACHE_NEW, CACHE, VALUE_MAX, 4, ~0u, -ERANGE, "value-max"),
	IN(CACHE_NEW, CACHE, WINDOW, 4, 1, -ERANGE, "window"),
	IN(CACHE_NEW, CACHE, BYPASS_OFF, 4, 1000, -ERANGE, "bypass-off"),
	IN(CACHE_NEW, CACHE, BYPASS_ON, 4, 1001, -ERANGE, "bypass-on"),
	IN(CACHE_NEW, CACHE, GROW, 4, 1001, -ERANGE, "grow"),
	IN(CACHE_NEW, CACHE, EVENTS, 4, 4095, -ERANGE, "events"),
	IN(CACHE_NEW, CACHE, LIMIT, 8, 65535, -ERANGE, "limit"),
	IN(CACHE_NEW, CACHE, LIMIT, 8, ~0ull, -ERANGE, "limit"),
	IN(CACHE_NEW, CACHE, TIER, 8, ~0ull, -ERANGE, "tier"),
	IN(CACHE_NEW, CACHE, TIER_MIN, 8, ~0ull, -ERANGE, "tier-min"),
	IN(CACHE_NEW, CACHE, TIER_MAX, 8, 1, -ERANGE, "tier-max"),
	IN(CACHE_NEW, CACHE, MEMTABLE, 8, 1 << 19, -ERANGE, "memtable"),
	IN(CACHE_NEW, CACHE, RUNS, 4, 1, -ERANGE, "runs"),
	IN(CACHE_NEW, CACHE, FLUSH_MS, 4, 1000, -ERANGE, "flush-ms"),
	IN(CACHE_SET, CACHE, RUNS, 4, 1, -ERANGE, "runs"),
	IN(CACHE_SET, CACHE, MODE, 4, 01000, -ERANGE, ""),
	IN(CACHE_SET, CACHE, MODE, 4, 0601, -ERANGE, "mode"),
	IN(CACHE_SET, CACHE, LIMIT, 8, 1, -ERANGE, "limit"),
	IN(CACHE_SET, CACHE, POLICY, 4, 1, -EOPNOTSUPP, "fixed"),
	IN(CACHE_SET, CACHE, KEY_MAX, 4, 1, -EOPNOTSUPP, "fixed"),
	IN(CACHE_SET, CACHE, VALUE_MAX, 4, 1, -EOPNOTSUPP, "fixed"),
	IN(CACHE_SET, CACHE, EVENTS, 4, 4096, -EOPNOTSUPP, "fixed"),
	AT_TOP(EVENT_GET, SINCE, 0, -ERANGE, ""),
	AT_TOP(EVENT_GET, SINCE, 1000, -EINVAL, "since"),
	AT_TOP(PURGE, REVISION, 0, -ERANGE, ""),
	AT_TOP(PURGE, REVISION, 1ull << 63, -ERANGE, "revision"),
	/* Not passed over: what is to be tried must not be done. */
	{ KVC_CMD_PURGE, 0, KVC_A_DRY_RUN, 0, 0, -EINVAL, "not of this" },
	{ KVC_CMD_PLAN, 0, KVC_A_PREFIX, 0, 0, -EINVAL, "not of this" },
	AT_TOP(PLAN, LIFETIME, 0, -ERANGE, ""),
	AT_TOP(DEFERRAL_NEW, LIFETIME, 0, -ERANGE, ""),
	IN(RING_NEW, RING, MODE, 4, 2, -ERANGE, ""),
	IN(RING_NEW, RING, SELECT, 4, 3, -ERANGE, ""),
	IN(RING_NEW, RING, POINTS, 4, 65537, -ERANGE, "points"),
	IN(RING_SET, RING, MODE, 4, ~0u, -ERANGE, ""),
	IN(RING_SET, RING, SELECT, 4, 3, -ERANGE, ""),
	IN(RING_SET, RING, POINTS, 4, 65537, -ERANGE, "points"),
	IN(RING_SET, RING, SELF, 4, 77, -ENOENT, "self"),
	IN(NODE_NEW, NODE, JOIN, 4, 4, -ERANGE, ""),
	IN(NODE_NEW, NODE, WEIGHT, 4, 10001, -ERANGE, "weight"),
	IN(NODE_NEW, NODE, POINTS, 4, 65537, -ERANGE, "points"),
	IN(NODE_NEW, NODE, POINT, 3, 0, -EINVAL, "point"),
	IN(NODE_NEW, NODE, POINT, 0, 0, -EINVAL, "point"),
	IN(NODE_NEW, NODE, ORDER, 8, 1, -EOPNOTSUPP, "node"),
	IN(NODE_NEW, NODE, STATUS, 4, KVC_NODE_UP, -EOPNOTSUPP, "node"),
	IN(NODE_SET, NODE, STATUS, 4, 3, -ERANGE, ""),
	IN(NODE_SET, NODE, WEIGHT, 4, 10001, -ERANGE, "weight"),
	IN(NODE_SET, NODE, POINT, 5, 0, -EINVAL, "point"),
	IN(NODE_SET, NODE, ADDRESS, 2, 'x', -EOPNOTSUPP, "address"),
	IN(NODE_SET, NODE, ID, 4, 77, -ENOENT, ""),
	IN(NODE_SET, NODE, ID, 4, 0, -ENOENT, ""),
	IN(NODE_DEL, NODE, ID, 4, ~0u, -ENOENT, ""),
	IN(NODE_REPORT, NODE, ID, 4, 77, -ENOENT, ""),
	IN(DEFERRAL_NEW, DEFERRAL, NODE, 4, 77, -ENOENT, ""),
	IN(DEFERRAL_DEL, DEFERRAL, NODE, 4, 77, -ENOENT, ""),
	IN(DEFERRAL_DEL, DEFERRAL, SEQ, 8, 77, -ESTALE, "seq"),
	IN(DEFERRAL_GET, DEFERRAL, NODE, 4, 77, -ENOENT, ""),
};

TEST_F(genl, out_of_range)
{
	struct change change = change_none;
	const struct request *r;
	const struct range *g;
	__u32 at;
	int ret;

	for (g = ranges; g < ranges + ARRAY_SIZE(ranges); g++) {
		for (r = requests; r->cmd != g->cmd; r++)
			;
		change.add_nest = g->nest;
		change.add_type = g->type;
		change.data = &g->value;
		change.len = g->size;
		ret = try(&self->nl, r, &change, &at);
		EXPECT_EQ(g->want, ret) {
			TH_LOG("range %d: %s, value %llu: %s",
			       (int)(g - ranges), r->name, g->value,
			       self->nl.text);
		}
		EXPECT_NE(NULL, strstr(self->nl.text, g->text)) {
			TH_LOG("range %d: %s, value %llu: %s",
			       (int)(g - ranges), r->name, g->value,
			       self->nl.text);
		}
	}
}

/* A key of that length for a command that takes one, at top or in a nest */
static int try_key(struct kvcnl *nl, __u8 cmd, int nest, int type, __u32 len)
{
	static const char key[60000] = "key";
	struct change change = change_none;
	const struct request *r;
	__u32 at;

	for (r = requests; r->cmd != cmd; r++)
		;
	change.add_nest = nest;
	change.add_type = type;
	change.data = key;
	change.len = len;
	return try(nl, r, &change, &at);
}

TEST_F(genl, keys)
{
	static const struct {
		__u8 cmd;
		int nest;
		int type;
	} keys[] = {
		{ KVC_CMD_PURGE, 0, KVC_A_KEY },
		{ KVC_CMD_ROUTE, 0, KVC_A_KEY },
		{ KVC_CMD_PLAN, 0, KVC_A_KEY },
		{ KVC_CMD_DEFERRAL_NEW, KVC_A_DEFERRAL, KVC_A_DEFERRAL_KEY },
		{ KVC_CMD_DEFERRAL_GET, KVC_A_DEFERRAL, KVC_A_DEFERRAL_KEY },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		EXPECT_EQ(-EINVAL, try_key(&self->nl, keys[i].cmd,
					   keys[i].nest, keys[i].type, 0)) {
			TH_LOG("key %u", i);
		}
		EXPECT_EQ(0, try_key(&self->nl, keys[i].cmd, keys[i].nest,
				     keys[i].type, KVC_KEY_MAX)) {
			TH_LOG("key %u", i);
		}
		EXPECT_EQ(-ENAMETOOLONG,
			  try_key(&self->nl, keys[i].cmd, keys[i].nest,
				  keys[i].type, KVC_KEY_MAX + 1));
		EXPECT_EQ(-ENAMETOOLONG,
			  try_key(&self->nl, keys[i].cmd, keys[i].nest,
				  keys[i].type, 60000));
	}
}

TEST_F(genl, more_than_there_can_be)
{
	struct ring_node node = { .name = "n", .address = "a" };
	struct kvcnl_msg m;
	unsigned int i;

	ring_begin(&m, &self->nl, KVC_CMD_NODE_NEW, KVC_TEST_NAME);
	for (i = 0; i < 4097; i++)
		ring_put_node(&m, &node);
	EXPECT_EQ(-E2BIG, kvcnl_call(&self->nl, &m, NULL, NULL));
	EXPECT_EQ(3, ring_nodes(&self->nl, KVC_TEST_NAME, NULL, 0));
	/* More than a socket takes never gets there. */
	ring_begin(&m, &self->nl, KVC_CMD_NODE_NEW, KVC_TEST_NAME);
	for (i = 0; i < 40000; i++)
		ring_put_node(&m, &node);
	EXPECT_EQ(-EMSGSIZE, kvcnl_call(&self->nl, &m, NULL, NULL));
}

TEST_F(genl, revision_of_a_prefix)
{
	struct kvcnl_msg m;

	kvcnl_begin(&m, &self->nl, KVC_CMD_PURGE);
	kvcnl_put_name(&m, KVC_A_CACHE, KVC_A_CACHE_NAME, KVC_TEST_NAME);
	kvcnl_put(&m, KVC_A_KEY, "a", 1);
	kvcnl_put_flag(&m, KVC_A_PREFIX);
	kvcnl_put_u64(&m, KVC_A_REVISION, 5);
	EXPECT_EQ(-EINVAL, kvcnl_call(&self->nl, &m, NULL, NULL));
	EXPECT_NE(NULL, strstr(self->nl.text, "revision"));
}

TEST_HARNESS_MAIN
