/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that kvcd asks the kernel of caches.  The tests have another kernel.c.
 * Everything gives a negative errno when it fails.
 */
#ifndef KVCD_KERNEL_H
#define KVCD_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/kvcache.h>

#define KERNEL_DEVICE	"/dev/kvcache"

/* Open for reading and writing; operations do not wait for a commit. */
int kernel_open(const char *device);

/*
 * Is @fd the device's?  Asks no file system: @fd may come from somebody whose
 * file system does not answer.
 */
bool kernel_is_device(const char *device, int fd);

int kernel_info(int fd, struct kvc_info *info);
int kernel_attach(int fd, const char *cache);

/* KVC_IOC_OP; 0 or what the operation gave. */
int kernel_op(int fd, struct kvc_op *op);

/* Waits until all that is dirty is in the store; or what the flusher failed by. */
int kernel_sync(int fd);

/* The stream's file, which does not block. */
int kernel_flush_open(int fd);
ssize_t kernel_flush_read(int stream, void *buf, size_t size);
int kernel_flush_commit(int stream, uint64_t run);
int kernel_flush_fail(int stream, uint64_t run, int error);

#endif /* KVCD_KERNEL_H */
