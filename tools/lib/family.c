// SPDX-License-Identifier: LGPL-2.1-or-later
/* The family's number, which the kernel gives when the module is loaded. */
#include <errno.h>
#include <string.h>
#include <linux/genetlink.h>

#include "ctl.h"

/* One group of the list: its number, if it is the one of events. */
static void take_group(struct kvc_ctl *ctl, const struct nlattr *group)
{
	const struct nlattr *attr;
	const char *name = "";
	uint32_t id = 0;

	mnl_attr_for_each_nested(attr, group) {
		switch (mnl_attr_get_type(attr)) {
		case CTRL_ATTR_MCAST_GRP_NAME:
			if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
				name = mnl_attr_get_str(attr);
			break;
		case CTRL_ATTR_MCAST_GRP_ID:
			if (mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
				id = mnl_attr_get_u32(attr);
			break;
		}
	}
	if (!strcmp(name, KVCACHE_MCGRP_INVALIDATE))
		ctl->group = id;
}

/* The family's own number is kept apart until the answer has been read. */
struct found {
	struct kvc_ctl *ctl;
	uint16_t family;
};

static int take(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *id = kvc_ctl_attr(nlh, CTRL_ATTR_FAMILY_ID);
	const struct nlattr *groups = kvc_ctl_attr(nlh, CTRL_ATTR_MCAST_GROUPS);
	const struct nlattr *group;
	struct found *found = arg;

	if (!id || mnl_attr_validate(id, MNL_TYPE_U16) < 0)
		return -EBADMSG;
	found->family = mnl_attr_get_u16(id);
	if (groups) {
		mnl_attr_for_each_nested(group, groups)
			take_group(found->ctl, group);
	}
	return 0;
}

static int resolve(struct kvc_ctl *ctl)
{
	struct nlmsghdr *nlh = kvc_ctl_begin(ctl, CTRL_CMD_GETFAMILY);
	struct found found = { .ctl = ctl };
	int ret;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, KVC_GENL_NAME);
	ret = kvc_ctl_do(ctl, nlh, take, &found);
	if (!ret && !found.family)
		ret = -ENOENT;
	ctl->family = found.family;
	return ret;
}

KVC_API int kvc_ctl_open(struct kvc_ctl **out)
{
	struct kvc_ctl *ctl;
	int ret = kvc_ctl_socket(&ctl);

	if (ret)
		return ret;
	ret = resolve(ctl);
	if (ret)
		kvc_ctl_close(ctl);
	else
		*out = ctl;
	return ret;
}
