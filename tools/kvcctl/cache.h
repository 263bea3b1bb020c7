/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_CACHE_H
#define KVCCTL_CACHE_H

#include <kvcache.h>

/*
 * Reports that something about a cache was refused, with what to do about it;
 * gives an exit status.  @ctl may be NULL.
 */
int cache_failed(const struct kvc_ctl *ctl, const char *what, const char *name,
		 int err);

#endif /* KVCCTL_CACHE_H */
