/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_WALK_H
#define KVCCTL_WALK_H

#include <kvcache.h>

/* Is called with each pair; not 0 ends the walk. */
typedef int (*walk_fn)(const struct kvc_pair *pair, void *arg);

/* Opens a cursor, as kvc_scan_open(). */
typedef int (*walk_open_fn)(struct kvc *kvc, const struct kvc_range *range,
			    struct kvc_cursor **cursor);

/* Walks over a range in key order; gives an exit status. */
int walk(struct kvc *kvc, const char *cache, walk_open_fn open,
	 const struct kvc_range *range, walk_fn fn, void *arg);

#endif /* KVCCTL_WALK_H */
