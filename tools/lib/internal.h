/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_INTERNAL_H
#define KVC_INTERNAL_H

#include <stdbool.h>
#include <kvcache.h>

#include "store.h"

#define KVC_API __attribute__((visibility("default")))

/**
 * struct kvc - a handle
 * @fd: the device; -1: there is none, see kvc_open_store()
 * @batch_max: operations that the kernel takes at a time
 * @writebehind: the cache is the front of a store
 * @cache_only: the store is not asked
 * @near: what keeps answers, or NULL
 * @store: how it is reached
 *
 * Only @store changes after kvc_attach(), kvc_store_set() and kvc_near_set(),
 * under its lock.
 */
struct kvc {
	int fd;
	uint32_t batch_max;
	bool writebehind;
	bool cache_only;
	struct kvc_near *near;
	struct kvc_store store;
};

/* A pointer as the ABI carries it. */
static inline uint64_t kvc_u64(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

/* Is the store asked for what the cache does not know? */
static inline bool kvc_asks_store(const struct kvc *kvc)
{
	return kvc->writebehind && !kvc->cache_only;
}

/* ioctl() that returns a negative errno and leaves the global one alone. */
int kvc_call(const struct kvc *kvc, unsigned long cmd, void *arg);

/* Copies a cache's name into its field; -ENAMETOOLONG when it does not fit. */
int kvc_set_name(char field[KVC_NAME_MAX], const char *name);

#endif /* KVC_INTERNAL_H */
