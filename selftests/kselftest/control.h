/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Control calls on a socket that the caller has, which then tells more of the
 * answer than its errno
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "kvcnl.h"
#include "kvctest.h"

/* The nest of a cache's name and the settings that are given. */
void kvc_put_config(struct kvcnl_msg *m, __u32 given,
		    const struct kvc_config *config);

int kvc_create_on(struct kvcnl *nl, const struct kvc_config *config);
int kvc_destroy_on(struct kvcnl *nl, const char *name);
int kvc_discard_on(struct kvcnl *nl, const char *name);
int kvc_set_on(struct kvcnl *nl, __u32 given, const struct kvc_config *config);
int kvc_show_on(struct kvcnl *nl, const char *name, struct kvc_config *config);
int kvc_list_on(struct kvcnl *nl,
		void (*each)(void *arg, const struct kvc_config *config),
		void *arg);
int kvc_stats_on(struct kvcnl *nl, const char *name, struct kvc_stats *stats);
/* A key, or all that begin with it */
int kvc_purge_on(struct kvcnl *nl, const char *name, const char *key,
		 bool prefix);
int kvc_fence_on(struct kvcnl *nl, const char *name, __u64 fence);

#endif /* CONTROL_H */
