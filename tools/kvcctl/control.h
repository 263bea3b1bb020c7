/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_CONTROL_H
#define KVCCTL_CONTROL_H

#include <kvcache.h>

#include "util.h"

/* Opens a control socket; gives an exit status, with the error reported. */
int control_open(struct kvc_ctl **ctl);

/*
 * Reports that something was refused, in the kernel's own words if it gave any,
 * and gives the exit status.  @ctl may be NULL.
 */
__printf(4, 5)
int control_failed(const struct kvc_ctl *ctl, int err, const char *hint,
		   const char *fmt, ...);

/* Takes the name of a cache, ring or node; gives an exit status. */
int take_name(char to[KVC_NAME_MAX], const char *what, const char *name);

#endif /* KVCCTL_CONTROL_H */
