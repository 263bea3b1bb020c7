/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Generic netlink as it is on the wire, so that a test can also send what no
 * library would
 */
#ifndef KVCNL_H
#define KVCNL_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/genetlink.h>
#include <linux/kvcache_netlink.h>
#include <linux/netlink.h>
#include <linux/types.h>

/* Bytes of a receive buffer that takes any answer. */
#define KVCNL_ROOM	(1u << 20)

enum kvcnl_group {
	KVCNL_INVALIDATE,
	KVCNL_RING,
	KVCNL_FLUSH,
	KVCNL_GROUPS
};

/**
 * struct kvcnl - a socket, and what the last answer said
 * @fd: the socket
 * @port: its address
 * @seq: of the last request
 * @family: of kvcache
 * @group: numbers of invalidate, ring and flush
 * @buf: room for what is received, @room bytes
 * @got: bytes there
 * @at: the next message there
 * @text: of the extended acknowledgement
 * @offset: of the attribute that was wrong; 0: none was named
 * @miss_type: the attribute that is missing; 0: none is
 * @miss_nest: where the nest is in which it is
 * @interrupted: NLM_F_DUMP_INTR was seen
 */
struct kvcnl {
	int fd;
	__u32 port;
	__u32 seq;
	__u16 family;
	__u32 group[KVCNL_GROUPS];
	char *buf;
	size_t room;
	size_t got;
	size_t at;
	char text[128];
	__u32 offset;
	__u32 miss_type;
	__u32 miss_nest;
	bool interrupted;
};

/* A message in the making: it begins with a struct nlmsghdr. */
struct kvcnl_msg {
	unsigned char *data;
	__u32 len;
	__u32 room;
};

typedef void (*kvcnl_each_t)(void *arg, const struct nlmsghdr *nlh);

int kvcnl_open(struct kvcnl *nl);
/* With that many bytes for what is received; dumps come in such pieces. */
int kvcnl_open_room(struct kvcnl *nl, size_t room);
void kvcnl_close(struct kvcnl *nl);
int kvcnl_join(struct kvcnl *nl, enum kvcnl_group group);
/* Also more than others than root may have. */
int kvcnl_rcvbuf(struct kvcnl *nl, int bytes);

void kvcnl_begin(struct kvcnl_msg *m, struct kvcnl *nl, __u8 cmd);
void kvcnl_dump(struct kvcnl_msg *m, struct kvcnl *nl, __u8 cmd);
void kvcnl_raw(struct kvcnl_msg *m, const void *data, __u32 len);
void kvcnl_put(struct kvcnl_msg *m, int type, const void *data, __u32 len);
void kvcnl_put_u32(struct kvcnl_msg *m, int type, __u32 value);
void kvcnl_put_u64(struct kvcnl_msg *m, int type, __u64 value);
void kvcnl_put_str(struct kvcnl_msg *m, int type, const char *text);
void kvcnl_put_flag(struct kvcnl_msg *m, int type);
__u32 kvcnl_nest(struct kvcnl_msg *m, int type);
void kvcnl_nest_end(struct kvcnl_msg *m, __u32 at);
/* A nest of one string, as most requests begin with. */
void kvcnl_put_name(struct kvcnl_msg *m, int nest, int type, const char *name);

/* Sends and frees it. */
int kvcnl_send(struct kvcnl *nl, struct kvcnl_msg *m);
/* The next message, or NULL with a negative errno. */
const struct nlmsghdr *kvcnl_recv(struct kvcnl *nl, int flags, int *err);
/* All messages up to the acknowledgement or the end: what that says. */
int kvcnl_answer(struct kvcnl *nl, kvcnl_each_t each, void *arg);
int kvcnl_call(struct kvcnl *nl, struct kvcnl_msg *m, kvcnl_each_t each,
	       void *arg);

const struct nlattr *kvcnl_attr(const struct nlmsghdr *nlh, int type);
const struct nlattr *kvcnl_in(const struct nlattr *nest, int type);
/* The next attribute of that type of a message; @from NULL: the first. */
const struct nlattr *kvcnl_next(const struct nlmsghdr *nlh,
				const struct nlattr *from, int type);
__u8 kvcnl_cmd(const struct nlmsghdr *nlh);

static inline const void *kvcnl_data(const struct nlattr *a)
{
	return (const char *)a + NLA_HDRLEN;
}

static inline __u32 kvcnl_len(const struct nlattr *a)
{
	return a->nla_len - NLA_HDRLEN;
}

/* 0 when it is not there. */
__u32 kvcnl_u32(const struct nlattr *a);
__u64 kvcnl_u64(const struct nlattr *a);

#endif /* KVCNL_H */
