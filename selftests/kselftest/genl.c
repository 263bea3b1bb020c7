// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages over generic netlink that are malformed in one way at a time: what
 * they get, and that the answer names what was wrong
 */
#include <errno.h>

#include "control.h"
#include "genlfixture.h"

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

TEST_HARNESS_MAIN
