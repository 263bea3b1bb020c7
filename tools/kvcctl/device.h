/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_DEVICE_H
#define KVCCTL_DEVICE_H

#include <kvcache.h>

#include "options.h"

/* Opens the device; gives an exit status, with the error reported. */
int device_open(const struct options *opt, int mode, struct kvc **kvc);

/* Opens the device and attaches to a cache, likewise. */
int device_attach(const struct options *opt, int mode, const char *cache,
		  struct kvc **kvc);

/*
 * Attaches to write under a condition: where a store is behind the cache, that
 * takes the right to read, too.
 */
int device_attach_cond(const struct options *opt, const char *cache,
		       struct kvc **kvc);

#endif /* KVCCTL_DEVICE_H */
