/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_DEBUGFS_H
#define _KVC_DEBUGFS_H

#include "registry.h"

extern const struct kvc_registry_watch kvc_debugfs_watch;

void kvc_debugfs_init(void);
void kvc_debugfs_exit(void);

#endif
