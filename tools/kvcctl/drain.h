/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_DRAIN_H
#define KVCCTL_DRAIN_H

#include <kvcache.h>

#include "options.h"

/* Carries out what waits for a node; gives an exit status. */
int drain_node(const struct options *opt, struct kvc_ctl *ctl, const char *ring,
	       const char *name);

/* The same, and then sets it up (P14). */
int drain_up(const struct options *opt, struct kvc_ctl *ctl, const char *ring,
	     const char *name);

#endif /* KVCCTL_DRAIN_H */
