/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the registry share
 */
#ifndef _KVC_REGISTRY_IN_H
#define _KVC_REGISTRY_IN_H

#include <linux/mutex.h>
#include "registry.h"

extern struct mutex kvc_registry_lock;
extern struct list_head kvc_registry_all;

/* All under kvc_registry_lock */
struct kvc_instance *kvc_registry_find(struct net *net, const char *name);
bool kvc_registry_may_control(const struct kvc_instance *inst,
			      const struct kvc_who *who);
int kvc_registry_take_owner(struct net *net, const struct kvc_config *config,
			    kuid_t *uid, kgid_t *gid);
int kvc_registry_check_quota(kuid_t uid, u64 limit,
			     const struct kvc_instance *but);

#endif
