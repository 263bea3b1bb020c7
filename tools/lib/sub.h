/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_SUB_H
#define KVC_SUB_H

#include <stdbool.h>

#include "fields.h"

/**
 * struct kvc_place - where a subscription is in the events of a cache
 * @name: the cache
 * @next: number of the event to give next
 * @live: number of the last one that netlink brought by itself, 0: none yet
 * @want: while @behind: number of one that must have been, 0: not known
 * @behind: events have to be fetched from the log
 */
struct kvc_place {
	char name[KVC_NAME_MAX];
	uint64_t next;
	uint64_t live;
	uint64_t want;
	bool behind;
};

#define KVC_NO_PLACE	((size_t)-1)

/**
 * struct kvc_sub - a subscription
 * @live: the socket that events come to; NULL: only those of the log are wanted
 * @log: the socket that replays are read from
 * @one: of one cache, not of all
 * @place: one for each cache
 * @places: how many
 * @replay: of which one the log is being read, or %KVC_NO_PLACE
 * @overrun: @live had no room for something, and takes nothing more, without a
 *	further word, until all that it has was read
 * @from: the socket whose message is being read, or NULL
 * @at: of which place that is
 * @nlh: the next message of the datagram
 * @left: bytes there
 * @open: the message that is being read, or NULL
 * @attr: its next attribute
 */
struct kvc_sub {
	struct kvc_ctl *live;
	struct kvc_ctl *log;
	bool one;
	struct kvc_place *place;
	size_t places;
	size_t replay;
	bool overrun;
	struct kvc_ctl *from;
	size_t at;
	const struct nlmsghdr *nlh;
	int left;
	const struct nlmsghdr *open;
	const struct nlattr *attr;
};

/* sub.c */

/* The place of a cache, made if need be; KVC_NO_PLACE: no memory. */
size_t kvc_sub_place(struct kvc_sub *sub, const char *name);

/* Forgets a cache that is no more. */
void kvc_sub_forget(struct kvc_sub *sub, size_t at);

/* Every cache has to be looked at in its log; finds new ones. */
int kvc_sub_all_behind(struct kvc_sub *sub);

#endif /* KVC_SUB_H */
