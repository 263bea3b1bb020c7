/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_ATTRS_H
#define KVC_ATTRS_H

#include <linux/netlink.h>

/* Longest name of an attribute, such as "cache.limit". */
#define KVC_ATTR_PATH	64

/* The name of the attribute at an offset of a request; "" if there is none. */
void kvc_attr_at(const struct nlmsghdr *nlh, unsigned int offset,
		 char path[KVC_ATTR_PATH]);

/* The same of one that is missing in the nest at an offset, -1: outside. */
void kvc_attr_missing(const struct nlmsghdr *nlh, int nest, unsigned int type,
		      char path[KVC_ATTR_PATH]);

#endif /* KVC_ATTRS_H */
