/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests to the module over generic netlink, by hand: the 32-bit programs
 * have no library for it
 */
#ifndef NL_H
#define NL_H

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/types.h>
#include <stddef.h>

#define NL_MAX	16384

/* A message that is made, or an answer that came. */
struct nl_msg {
	union {
		struct nlmsghdr header;
		char bytes[NL_MAX];
	};
};

/* A socket of the caller's network namespace, with the module's family known. */
int nl_open(void);

/* The family's number; 0: the module is not there. */
__u16 nl_family(int nl);

void nl_begin(struct nl_msg *msg, __u16 type, __u16 flags, __u8 cmd);
void nl_put(struct nl_msg *msg, __u16 type, const void *data, size_t len);
void nl_put_u32(struct nl_msg *msg, __u16 type, __u32 value);
void nl_put_u64(struct nl_msg *msg, __u16 type, __u64 value);
/* Where a nest begins; nl_nest_end() wants it back. */
size_t nl_nest(struct nl_msg *msg, __u16 type);
void nl_nest_end(struct nl_msg *msg, size_t nest);

/* Sends, and calls @each with every answer; 0 or what the kernel said. */
int nl_talk(int nl, struct nl_msg *msg,
	    void (*each)(void *arg, const struct nlmsghdr *answer), void *arg);

/* Sends only. */
int nl_send(int nl, struct nl_msg *msg);

/* The attribute of that type among @len bytes, or NULL. */
const struct nlattr *nl_find(const void *attrs, size_t len, __u16 type);
/* The same of an answer, and of a nest. */
const struct nlattr *nl_attr(const struct nlmsghdr *answer, __u16 type);
const struct nlattr *nl_inner(const struct nlattr *nest, __u16 type);

static inline const void *nl_data(const struct nlattr *attr)
{
	return (const char *)attr + NLA_HDRLEN;
}

static inline size_t nl_len(const struct nlattr *attr)
{
	return attr->nla_len - NLA_HDRLEN;
}

__u64 nl_number(const struct nlattr *attr);

#endif /* NL_H */
