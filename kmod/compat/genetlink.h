/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 6.6 moved what a dump knows of its request into a struct genl_info.
 */
#ifndef _KVC_COMPAT_GENETLINK_H
#define _KVC_COMPAT_GENETLINK_H

#include <linux/version.h>
#include <net/genetlink.h>

/**
 * kvc_compat_dump_attrs - the parsed attributes of a dump's request
 * @cb: the dump
 */
static inline struct nlattr **kvc_compat_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

#endif
