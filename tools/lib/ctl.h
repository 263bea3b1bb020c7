/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_CTL_H
#define KVC_CTL_H

#include <libmnl/libmnl.h>

#include <linux/genetlink.h>

#include "internal.h"

/* Room for 16000 points and all else that a request may hold. */
#define KVC_REQUEST_MAX	(80u << 10)
/* Room for a plan of some ten thousand steps */
#define KVC_REPLY_MAX	(1u << 20)

/* A lifetime that does not end, in ns */
#define KVC_FOR_EVER	((uint64_t)INT64_MAX)

/**
 * struct kvc_ctl - a control socket
 * @nl: the socket
 * @seq: of the last request
 * @family: number of the family
 * @group: number of the group "invalidate", 0: there is none
 * @error: see kvc_ctl_error()
 * @request: the last request, to which offsets in errors refer
 * @reply: received last
 */
struct kvc_ctl {
	struct mnl_socket *nl;
	uint32_t seq;
	uint16_t family;
	uint32_t group;
	char error[256];
	union {
		struct nlmsghdr header;
		char bytes[KVC_REQUEST_MAX];
	} request;
	union {
		struct nlmsghdr header;
		char bytes[KVC_REPLY_MAX];
	} reply;
};

/* Is called with each answer; a negative errno ends the call. */
typedef int (*kvc_reply_fn)(const struct nlmsghdr *nlh, void *arg);

/* ctl.c */

/* Opens the socket, without the family. */
int kvc_ctl_socket(struct kvc_ctl **out);

/* Begins a request. */
struct nlmsghdr *kvc_ctl_begin(struct kvc_ctl *ctl, uint8_t cmd);

/* Sends the request that was begun; 0 or a negative errno. */
int kvc_ctl_send(struct kvc_ctl *ctl, struct nlmsghdr *nlh, uint16_t flags);

/* Receives into ctl->reply; its length or a negative errno. */
int kvc_ctl_receive(struct kvc_ctl *ctl);

/*
 * One message: 1: an answer, 0: the end, or a negative errno, with the text of
 * the error noted.
 */
int kvc_ctl_look(struct kvc_ctl *ctl, const struct nlmsghdr *nlh);

/* Sends a request and hands its answers to @fn, which may be NULL. */
int kvc_ctl_do(struct kvc_ctl *ctl, struct nlmsghdr *nlh, kvc_reply_fn fn,
	       void *arg);

/*
 * The same with all answers of a dump, after the last one came: @fn may use
 * the socket.  A dump that was changed while it went is made again.
 */
int kvc_ctl_dump(struct kvc_ctl *ctl, struct nlmsghdr *nlh, kvc_reply_fn fn,
		 void *arg);

/* The attribute @type of an answer, or NULL. */
const struct nlattr *kvc_ctl_attr(const struct nlmsghdr *nlh, uint16_t type);

/* extack.c: notes the text of an error in ctl->error. */
void kvc_extack_note(struct kvc_ctl *ctl, const struct nlmsghdr *nlh);

#endif /* KVC_CTL_H */
