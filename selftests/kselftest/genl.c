// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests over generic netlink that are wrong in one way at a time: what
 * they get, and that the answer names what was wrong
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "control.h"
#include "harness.h"
#include "requests.h"
#include "ringctl.h"

FIXTURE(genl) {
	struct kvcnl nl;
};

FIXTURE_SETUP(genl)
{
	ASSERT_EQ(0, kvc_fresh_netns());
	ASSERT_EQ(0, kvcnl_open(&self->nl));
	ASSERT_EQ(0, request_world(&self->nl));
}

FIXTURE_TEARDOWN(genl)
{
	kvcnl_close(&self->nl);
}

/* Sends a request with a change; @at gets where that is in the message. */
static int try(struct kvcnl *nl, const struct request *r,
	       const struct change *change, __u32 *at)
{
	struct kvcnl_msg m;

	*at = request_build(&m, nl, r, change);
	return kvcnl_call(nl, &m, NULL, NULL);
}

static int try_valid(struct kvcnl *nl, const struct request *r)
{
	__u32 at;

	return try(nl, r, &change_none, &at);
}

/* The errors of a dump itself have a text only. */
static bool dump(const struct request *r)
{
	return r->dump;
}

#define FOR_EACH(r)	for (r = requests; r < requests + REQUESTS; r++)

/* Without this no other test here would prove anything. */
TEST_F(genl, valid_requests)
{
	static const __u8 last[] = {
		KVC_CMD_CACHE_DEL, KVC_CMD_NODE_DEL, KVC_CMD_RING_DEL,
	};
	const struct request *r;
	unsigned int i;
	int ret;

	FOR_EACH(r) {
		for (i = 0; i < ARRAY_SIZE(last) && r->cmd != last[i]; i++)
			;
		if (i < ARRAY_SIZE(last))
			continue;
		ret = try_valid(&self->nl, r);
		EXPECT_EQ(0, ret) {
			TH_LOG("%s: %s", r->name, self->nl.text);
		}
	}
	for (i = 0; i < ARRAY_SIZE(last); i++)
		FOR_EACH(r)
			if (r->cmd == last[i])
				EXPECT_EQ(0, try_valid(&self->nl, r));
}

TEST_F(genl, unknown_command)
{
	static const __u8 cmds[] = {
		KVC_CMD_UNSPEC, KVC_CMD_EVENT_NTF, KVC_CMD_RING_NTF,
		KVC_CMD_FLUSH_NTF, __KVC_CMD_MAX, 128, 255,
	};
	struct kvcnl_msg m;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		kvcnl_begin(&m, &self->nl, cmds[i]);
		EXPECT_EQ(-EOPNOTSUPP, kvcnl_call(&self->nl, &m, NULL, NULL));
		kvcnl_dump(&m, &self->nl, cmds[i]);
		EXPECT_EQ(-EOPNOTSUPP, kvcnl_call(&self->nl, &m, NULL, NULL));
	}
}

/* A dump of what has none, and one of what is only that */
TEST_F(genl, command_of_the_other_kind)
{
	const struct request *r;
	struct kvcnl_msg m;
	int want;

	FOR_EACH(r) {
		want = -EOPNOTSUPP;
		request_build(&m, &self->nl, r, &change_none);
		((struct nlmsghdr *)m.data)->nlmsg_flags =
			NLM_F_REQUEST | NLM_F_ACK | (r->dump ? 0 : NLM_F_DUMP);
		/* These have both. */
		if (r->cmd == KVC_CMD_CACHE_GET ||
		    r->cmd == KVC_CMD_STATS_GET || r->cmd == KVC_CMD_RING_GET)
			want = 0;
		EXPECT_EQ(want, kvcnl_call(&self->nl, &m, NULL, NULL)) {
			TH_LOG("%s", r->name);
		}
	}
}

TEST_F(genl, short_header)
{
	const struct request *r;
	struct kvcnl_msg m;
	__u32 len;

	FOR_EACH(r)
		for (len = NLMSG_HDRLEN; len < NLMSG_HDRLEN + GENL_HDRLEN;
		     len++) {
			request_build(&m, &self->nl, r, &change_none);
			m.len = len;
			EXPECT_EQ(-EINVAL,
				  kvcnl_call(&self->nl, &m, NULL, NULL));
		}
}

TEST_F(genl, unknown_attribute)
{
	struct change change = change_none;
	const struct request *r;
	__u32 at;

	FOR_EACH(r) {
		change.extra_at_end = true;
		change.extra_in_nest = false;
		EXPECT_EQ(-EINVAL, try(&self->nl, r, &change, &at)) {
			TH_LOG("%s", r->name);
		}
		EXPECT_EQ(at, self->nl.offset);
		EXPECT_NE(0, self->nl.text[0]);
		change.extra_at_end = false;
		change.extra_in_nest = true;
		EXPECT_EQ(-EINVAL, try(&self->nl, r, &change, &at)) {
			TH_LOG("%s", r->name);
		}
		EXPECT_EQ(at, self->nl.offset);
		EXPECT_NE(0, self->nl.text[0]);
	}
	/* None of these had an effect. */
	EXPECT_EQ(-ENOENT, kvc_destroy_on(&self->nl, "new"));
	EXPECT_EQ(0, kvc_destroy_on(&self->nl, KVC_TEST_NAME));
}

static __u32 right_length(const struct part *p)
{
	switch (p->kind) {
	case PART_U32:
		return 4;
	case PART_U64:
		return 8;
	case PART_FLAG:
		return 0;
	default:
		return ~0u;
	}
}

TEST_F(genl, wrong_length)
{
	static const __u32 lengths[] = { 0, 1, 3, 4, 5, 7, 8, 9, 16, 60000 };
	static const char bytes[60000];
	struct change change = change_none;
	const struct request *r;
	unsigned int i;
	__u32 at;
	int ret;

	FOR_EACH(r)
		for (change.other = 0; change.other < request_parts(r);
		     change.other++)
			for (i = 0; i < ARRAY_SIZE(lengths); i++) {
				change.data = bytes;
				change.len = lengths[i];
				at = right_length(&r->part[change.other]);
				if (at == ~0u || at == change.len)
					continue;
				ret = try(&self->nl, r, &change, &at);
				/* A flag with a value is out of range. */
				EXPECT_TRUE(ret == -EINVAL || ret == -ERANGE) {
					TH_LOG("%s %d: %d", r->name,
					       change.other, ret);
				}
				EXPECT_EQ(at, self->nl.offset);
			}
}

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

TEST_F(genl, missing_attribute)
{
	struct change change = change_none;
	const struct request *r;
	const struct part *p;
	__u32 at;
	int i;

	FOR_EACH(r)
		for (i = 0; i < request_parts(r); i++) {
			p = &r->part[i];
			if (!p->needed)
				continue;
			change.leave_out = i;
			EXPECT_EQ(-EINVAL, try(&self->nl, r, &change, &at)) {
				TH_LOG("%s without part %d", r->name, i);
			}
			EXPECT_NE(NULL, strstr(self->nl.text, "missing")) {
				TH_LOG("%s without part %d: %s", r->name, i,
				       self->nl.text);
			}
			if (dump(r))
				continue;
			/* A node may be given by its name. */
			EXPECT_TRUE(self->nl.miss_type == (__u32)p->type ||
				    (p->nest == KVC_A_NODE &&
				     p->type == KVC_A_NODE_ID)) {
				TH_LOG("%s without part %d: type %u", r->name,
				       i, self->nl.miss_type);
			}
			EXPECT_EQ(!p->nest, !self->nl.miss_nest);
		}
}

TEST_F(genl, missing_nest)
{
	struct change change = change_none;
	const struct request *r;
	__u32 at;
	int i;

	FOR_EACH(r)
		for (i = 0; i < request_parts(r); i++) {
			if (!r->part[i].nest)
				continue;
			change.leave_out_nest = i;
			EXPECT_EQ(-EINVAL, try(&self->nl, r, &change, &at)) {
				TH_LOG("%s without nest of part %d", r->name,
				       i);
			}
			EXPECT_NE(NULL, strstr(self->nl.text, "missing"));
			if (!dump(r))
				EXPECT_EQ(r->part[i].nest, self->nl.miss_type);
			EXPECT_EQ(0, self->nl.miss_nest);
		}
}

/* Some bytes at the end of the message as they are, with a length of theirs */
static int try_tail(struct kvcnl *nl, __u8 cmd, const void *tail, __u32 len)
{
	struct kvcnl_msg m;

	kvcnl_begin(&m, nl, cmd);
	kvcnl_raw(&m, tail, len);
	return kvcnl_call(nl, &m, NULL, NULL);
}

TEST_F(genl, truncated_nests)
{
	static const struct {
		__u16 words[8];
		__u32 len;
	} tails[] = {
		/* A nest of which only the header is there */
		{ { 100, KVC_A_CACHE | NLA_F_NESTED }, 4 },
		/* Half a header of an attribute in it */
		{ { 6, KVC_A_CACHE | NLA_F_NESTED, 8, 0 }, 8 },
		/* An attribute in it that is longer than it */
		{ { 12, KVC_A_CACHE | NLA_F_NESTED, 100, KVC_A_CACHE_NAME,
		    't', 0 }, 12 },
		/* Shorter than its own header */
		{ { 12, KVC_A_CACHE | NLA_F_NESTED, 2, KVC_A_CACHE_NAME,
		    't', 0 }, 12 },
		{ { 12, KVC_A_CACHE | NLA_F_NESTED, 0, KVC_A_CACHE_NAME,
		    't', 0 }, 12 },
		{ { 2, KVC_A_CACHE | NLA_F_NESTED }, 4 },
		/* Not said to be one */
		{ { 10, KVC_A_CACHE, 6, KVC_A_CACHE_NAME, 't', 0 }, 12 },
		/* Something behind the last attribute in it */
		{ { 14, KVC_A_CACHE | NLA_F_NESTED, 6, KVC_A_CACHE_NAME,
		    't', 0, 7, 0 }, 16 },
		/* Empty */
		{ { 4, KVC_A_CACHE | NLA_F_NESTED }, 4 },
	};
	const struct request *r;
	unsigned int i;
	int ret;

	FOR_EACH(r) {
		if (r->part[0].nest != KVC_A_CACHE || r->dump)
			continue;
		for (i = 0; i < ARRAY_SIZE(tails); i++) {
			ret = try_tail(&self->nl, r->cmd, tails[i].words,
				       tails[i].len);
			EXPECT_TRUE(ret == -EINVAL || ret == -ERANGE) {
				TH_LOG("%s, tail %u: %d", r->name, i, ret);
			}
		}
	}
	EXPECT_EQ(0, kvc_destroy_on(&self->nl, KVC_TEST_NAME));
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

/* Runs in a child that has become a plain user. */
static int plain_user(struct kvcnl *outer)
{
	const struct request *r;
	struct kvcnl nl;
	int ret, want;

	if (kvc_become(1000, 1000, 1000) || kvcnl_open(&nl))
		return 1;
	FOR_EACH(r) {
		want = 0;
		if (r->admin || r->owner)
			want = -EPERM;
		else if (r->part[0].nest == KVC_A_CACHE)
			want = -EACCES;
		/* Neither with its own socket nor with one of root's. */
		ret = try_valid(&nl, r);
		if (ret == want)
			ret = try_valid(outer, r);
		if (ret != want) {
			fprintf(stderr, "# %s: %d\n", r->name, ret);
			return 2;
		}
	}
	if (kvcnl_join(&nl, KVCNL_INVALIDATE) != -EPERM ||
	    kvcnl_join(&nl, KVCNL_FLUSH) != -EPERM)
		return 3;
	return kvcnl_join(&nl, KVCNL_RING) ? 4 : 0;
}

TEST_F(genl, unprivileged)
{
	int pid = fork();

	if (!pid)
		_exit(plain_user(&self->nl));
	EXPECT_EQ(0, kvc_wait(pid));
	EXPECT_EQ(0, kvcnl_join(&self->nl, KVCNL_INVALIDATE));
}

/* A privileged program that writes what it was told to where it was told to */
static int misled_program(struct kvcnl *nl)
{
	const struct request *r;
	int ret, want;

	FOR_EACH(r) {
		want = 0;
		if (r->admin || r->owner)
			want = -EPERM;
		else if (r->part[0].nest == KVC_A_CACHE)
			want = -EACCES;
		ret = try_valid(nl, r);
		if (ret != want) {
			fprintf(stderr, "# %s: %d\n", r->name, ret);
			return 2;
		}
	}
	return 0;
}

/* The socket was opened by a plain user, root sends on it. */
TEST_F(genl, socket_of_another)
{
	struct kvcnl nl;
	int pid = fork();

	if (!pid) {
		/* seteuid() changes the fsuid, too, and takes the effective set. */
		if (seteuid(1000) || kvcnl_open(&nl) || seteuid(0))
			_exit(1);
		_exit(misled_program(&nl));
	}
	EXPECT_EQ(0, kvc_wait(pid));
}

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
