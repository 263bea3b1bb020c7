/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 6.2 made room in struct netlink_ext_ack for a text with numbers in it.
 * Before, it has a pointer to the text, which has to be good until after the
 * request was carried out.  The request's own buffer is: what it has room for
 * behind the message is nobody else's.
 */
#ifndef _KVC_COMPAT_NETLINK_H
#define _KVC_COMPAT_NETLINK_H

#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/skbuff.h>

#ifdef NL_SET_ERR_MSG_FMT
#define KVC_COMPAT_SAY(skb, extack, plain, fmt, ...) \
	NL_SET_ERR_MSG_FMT(extack, fmt, ##__VA_ARGS__)
#else
/* As in later kernels */
#define KVC_COMPAT_TEXT		80

/**
 * KVC_COMPAT_SAY - say in the extended acknowledgement what was wrong
 * @skb: the request
 * @extack: of the request
 * @plain: said instead when there is no room
 * @fmt: as for printk(), with its arguments
 */
#define KVC_COMPAT_SAY(skb, extack, plain, fmt, ...) do {		\
	char *__text = (char *)skb_tail_pointer(skb);			\
									\
	NL_SET_ERR_MSG(extack, plain);					\
	if (!(extack) || skb_tailroom(skb) < KVC_COMPAT_TEXT)		\
		break;							\
	snprintf(__text, KVC_COMPAT_TEXT, fmt, ##__VA_ARGS__);		\
	(extack)->_msg = __text;					\
} while (0)
#endif

#endif
