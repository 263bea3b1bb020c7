/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_EVENTS_H
#define KVCCTL_EVENTS_H

#include <stdbool.h>
#include <kvcache.h>

#include "buf.h"
#include "options.h"

/* Which events are wanted, and how they are printed. */
struct event_filter {
	const struct options *opt;
	uint32_t reasons;	/* bits by enum kvc_event_reason, 0: all */
	struct buf prefix;
	uint64_t left;		/* lines to print */
};

/* Reads --reason, --prefix and --count; gives an exit status. */
int event_filter_begin(struct event_filter *filter, const struct options *opt);
void event_filter_end(struct event_filter *filter);

/* Prints an event if it is wanted. */
void event_print(struct event_filter *filter, const struct kvc_event *event);

#endif /* KVCCTL_EVENTS_H */
