// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the kernel says of a request that it refused, as a text. */
#include <stdio.h>
#include <string.h>
#include <linux/genetlink.h>

#include "attrs.h"
#include "ctl.h"

/* What an error comes with. */
struct extack {
	const char *text;
	int offset;		/* of the attribute in the request; -1: none */
	int miss;		/* type of the one that is missing; -1: none */
	int miss_nest;		/* offset of what it is missing in; -1: none */
};

static int number_of(const struct nlattr *attr)
{
	if (mnl_attr_validate(attr, MNL_TYPE_U32) < 0)
		return -1;
	return (int)mnl_attr_get_u32(attr);
}

static void take(struct extack *ack, const struct nlattr *attr)
{
	switch (mnl_attr_get_type(attr)) {
	case NLMSGERR_ATTR_MSG:
		if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			ack->text = mnl_attr_get_str(attr);
		break;
	case NLMSGERR_ATTR_OFFS:
		ack->offset = number_of(attr);
		break;
	case NLMSGERR_ATTR_MISS_TYPE:
		ack->miss = number_of(attr);
		break;
	case NLMSGERR_ATTR_MISS_NEST:
		ack->miss_nest = number_of(attr);
		break;
	}
}

/* Where the attributes begin: behind the errno, or the request given back. */
static unsigned int skip_of(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

	if (nlh->nlmsg_type == NLMSG_DONE)
		return sizeof(int);
	if (nlh->nlmsg_flags & NLM_F_CAPPED)
		return sizeof(*err);
	return sizeof(err->error) + NLMSG_ALIGN(err->msg.nlmsg_len);
}

static void parse(struct extack *ack, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;
	unsigned int skip;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (nlh->nlmsg_type == NLMSG_ERROR &&
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(struct nlmsgerr))
		return;
	skip = skip_of(nlh);
	if (skip > mnl_nlmsg_get_payload_len(nlh))
		return;
	mnl_attr_for_each(attr, nlh, skip)
		take(ack, attr);
}

/* The texts of the kernel's own checks name no attribute, the module's do. */
static int names(const char *text, const char *path)
{
	size_t len = strcspn(path, ".");

	return !strncmp(text, path, len) && strchr(".: ", text[len]);
}

void kvc_extack_note(struct kvc_ctl *ctl, const struct nlmsghdr *nlh)
{
	struct extack ack = { .offset = -1, .miss = -1, .miss_nest = -1 };
	char path[KVC_ATTR_PATH] = "";
	const char *text;

	parse(&ack, nlh);
	if (ctl->family != GENL_ID_CTRL && ack.miss >= 0)
		kvc_attr_missing(&ctl->request.header, ack.miss_nest, ack.miss,
				 path);
	else if (ctl->family != GENL_ID_CTRL && ack.offset >= 0)
		kvc_attr_at(&ctl->request.header, ack.offset, path);
	text = ack.text ? ack.text : ack.miss >= 0 ? "missing" : "refused";
	if (path[0] && !names(text, path))
		snprintf(ctl->error, sizeof(ctl->error), "%s: %s", path, text);
	else if (ack.text)
		snprintf(ctl->error, sizeof(ctl->error), "%s", ack.text);
}
