/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef KVC_INTERNAL_H
#define KVC_INTERNAL_H

#include <kvcache.h>

#define KVC_API __attribute__((visibility("default")))

struct kvc {
	int fd;
	uint32_t batch_max;
};

/* A pointer as the ABI carries it. */
static inline uint64_t kvc_u64(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

/* ioctl() that returns a negative errno and leaves the global one alone. */
int kvc_call(const struct kvc *kvc, unsigned long cmd, void *arg);

/* Copies a cache's name into its field; -ENAMETOOLONG when it does not fit. */
int kvc_set_name(char field[KVC_NAME_MAX], const char *name);

#endif /* KVC_INTERNAL_H */
