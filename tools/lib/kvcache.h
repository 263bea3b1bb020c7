/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libkvc - access to kvcache, the key-value cache in the kernel
 *
 * Every function that returns int gives 0 (or what its comment says) on
 * success and a negative errno on failure; the global errno is left alone.
 *
 * A handle holds nothing that changes after kvc_attach(), so any number of
 * threads may use one handle at a time.  A cursor belongs to one thread at a
 * time.  No function but kvc_open*(), kvc_get_alloc() and the cursor's
 * allocates memory.
 *
 * Keys and values are bytes of any content, with a length.  Times are
 * nanoseconds of CLOCK_BOOTTIME.
 */
#ifndef KVCACHE_H
#define KVCACHE_H

#include <stddef.h>
#include <stdint.h>
#include <linux/kvcache.h>

#ifdef __cplusplus
extern "C" {
#endif

/** define KVC_DEVICE_PATH - where the kernel's device is. */
#define KVC_DEVICE_PATH		"/dev/kvcache"

/** struct kvc - a handle: an open device, bound to a cache after kvc_attach() */
struct kvc;

/** struct kvc_cursor - a scan that is under way */
struct kvc_cursor;

/* Handles */

/**
 * kvc_open() - open the device
 * @mode: ``O_RDONLY``, ``O_WRONLY`` or ``O_RDWR``: what the handle may do
 * @out: the handle, on success
 *
 * Return: 0; -ENOENT, -ENODEV or -ENXIO: the module is not loaded; -EACCES:
 * the device's mode denies it; -ENOMEM.
 */
int kvc_open(int mode, struct kvc **out);

/**
 * kvc_open_at() - as kvc_open(), for a device elsewhere
 * @path: the device
 * @mode: as for kvc_open()
 * @out: the handle, on success
 *
 * Return: as kvc_open(); -ENOTTY: @path is no kvcache device.
 */
int kvc_open_at(const char *path, int mode, struct kvc **out);

/**
 * kvc_open_fd() - make a handle of a device that is open already
 * @fd: its descriptor, for example one that came over a socket
 * @out: the handle, on success; it then owns @fd
 *
 * Return: 0; -ENOTTY: @fd is no kvcache device; -EBADF; -ENOMEM.
 */
int kvc_open_fd(int fd, struct kvc **out);

/**
 * kvc_attach() - bind a handle to a cache
 * @kvc: the handle
 * @name: the cache's name
 *
 * Return: 0; -ENOENT: no such cache; -EACCES: its mode denies what the handle
 * was opened for; -EISCONN: bound already; -ENAMETOOLONG: no cache can have
 * such a name.
 */
int kvc_attach(struct kvc *kvc, const char *name);

/**
 * kvc_close() - close a handle
 * @kvc: the handle, or NULL; no other thread may use it any more
 */
void kvc_close(struct kvc *kvc);

/**
 * kvc_fd() - the descriptor of a handle
 * @kvc: the handle
 *
 * Return: the descriptor, which the handle still owns.
 */
int kvc_fd(const struct kvc *kvc);

/**
 * kvc_info() - what the kernel can do and what the handle is bound to
 * @kvc: the handle
 * @info: filled in
 *
 * Return: 0 or a negative errno.
 */
int kvc_info(struct kvc *kvc, struct kvc_info *info);

/* Pairs */

/**
 * struct kvc_meta - what a pair has beside its key and value
 * @version: the pair's version
 * @expiry: when it ends, 0: never
 * @client_flags: as given to kvc_put()
 */
struct kvc_meta {
	uint64_t version;
	uint64_t expiry;
	uint32_t client_flags;
	uint32_t reserved;
};

/**
 * struct kvc_put_opts - how to put; all zero is a plain put
 * @flags: ``KVC_OP_F_*``
 * @client_flags: 32 bits to keep with the pair
 * @version: with %KVC_OP_F_CAS or %KVC_OP_F_FILL
 * @expiry: when the pair ends, 0: never; with %KVC_OP_F_TTL counted from now
 * @reserved: must be 0
 */
struct kvc_put_opts {
	uint32_t flags;
	uint32_t client_flags;
	uint64_t version;
	uint64_t expiry;
	uint64_t reserved[2];
};

/**
 * kvc_get() - read a value into the caller's buffer
 * @kvc: the handle
 * @key: the key
 * @key_len: its length
 * @value: room for the value
 * @value_len: in: bytes there; out: the value's length, also on -ERANGE
 * @meta: filled in on success; may be NULL
 *
 * Return: 0; -ENOENT: no such key; -ERANGE: the room is too small; -EINVAL:
 * empty key; -ENAMETOOLONG: key too long; -ENOTCONN: not attached; -EBADF:
 * not open for reading; -ESHUTDOWN: the cache was destroyed.
 */
int kvc_get(struct kvc *kvc, const void *key, size_t key_len, void *value,
	    size_t *value_len, struct kvc_meta *meta);

/**
 * kvc_get_alloc() - read a value into memory that is allocated for it
 * @kvc: the handle
 * @key: the key
 * @key_len: its length
 * @value: on success, memory to free(); a NUL follows the value
 * @value_len: the value's length
 * @meta: filled in on success; may be NULL
 *
 * Tries again when the value grew meanwhile.
 *
 * Return: as kvc_get(), but never -ERANGE; -ENOMEM.
 */
int kvc_get_alloc(struct kvc *kvc, const void *key, size_t key_len,
		  void **value, size_t *value_len, struct kvc_meta *meta);

/**
 * kvc_put() - store a pair
 * @kvc: the handle
 * @key: the key
 * @key_len: its length
 * @value: the value
 * @value_len: its length
 * @opts: how; NULL: as all zero
 * @version: the version that the pair has now; may be NULL
 *
 * Return: 0; -EEXIST, -ENOENT, -ESTALE: what @opts->flags ask for is not so;
 * -E2BIG: value too long; -ENOSPC: no room, and nothing can be evicted;
 * -ENOMEM; -ERANGE: expiry past the clock's range; -EINVAL: flags that do not
 * go together, or as kvc_get().
 */
int kvc_put(struct kvc *kvc, const void *key, size_t key_len,
	    const void *value, size_t value_len,
	    const struct kvc_put_opts *opts, uint64_t *version);

/**
 * kvc_cas() - replace a pair if nobody did meanwhile
 * @kvc: the handle
 * @key: the key
 * @key_len: its length
 * @value: the new value
 * @value_len: its length
 * @version: in: the version to replace; out: the new one, on success
 *
 * Return: 0; -ESTALE: the pair has another version; -ENOENT: no such key; else
 * as kvc_put().
 */
int kvc_cas(struct kvc *kvc, const void *key, size_t key_len,
	    const void *value, size_t value_len, uint64_t *version);

/**
 * kvc_del() - remove a pair
 * @kvc: the handle
 * @key: the key
 * @key_len: its length
 *
 * Return: 0; -ENOENT: no such key; else as kvc_get().
 */
int kvc_del(struct kvc *kvc, const void *key, size_t key_len);

/**
 * kvc_del_cas() - remove a pair if it is the one that the caller knows
 * @kvc: the handle
 * @key: the key
 * @key_len: its length
 * @version: the version to remove
 *
 * Return: 0; -ESTALE: the pair has another version; else as kvc_del().
 */
int kvc_del_cas(struct kvc *kvc, const void *key, size_t key_len,
		uint64_t version);

/**
 * kvc_touch() - give a pair a new expiry
 * @kvc: the handle
 * @key: the key
 * @key_len: its length
 * @expiry: when the pair ends, 0: never
 * @flags: 0, or %KVC_OP_F_TTL: @expiry counts from now
 *
 * Return: 0; -ENOENT: no such key; -ERANGE: past the clock's range; else as
 * kvc_put().
 */
int kvc_touch(struct kvc *kvc, const void *key, size_t key_len,
	      uint64_t expiry, uint32_t flags);

/**
 * kvc_batch() - carry out many operations, in order
 * @kvc: the handle
 * @ops: the operations; each gets its own @result
 * @count: how many
 * @done: how many were carried out; may be NULL
 *
 * More than the kernel takes at a time are handed over in several calls.  The
 * batch is not atomic, and an operation that fails does not stop the others.
 *
 * Return: 0 when all were carried out, whatever their results; -EFAULT,
 * -EINTR: not all were; else as kvc_get().
 */
int kvc_batch(struct kvc *kvc, struct kvc_op *ops, size_t count, size_t *done);

/* Scans */

/**
 * struct kvc_range - which pairs a scan gives; all zero is every pair
 * @start: the first key, included; with %KVC_SCAN_F_PREFIX the prefix
 * @end: the key before which the scan ends
 * @after: begin behind this key: where an earlier scan came to
 * @start_len: bytes at @start, 0: from the first key
 * @end_len: bytes at @end, 0: to the last key
 * @after_len: bytes at @after, 0: from the beginning
 * @flags: ``KVC_SCAN_F_*``
 * @reserved: must be 0
 */
struct kvc_range {
	const void *start;
	const void *end;
	const void *after;
	size_t start_len;
	size_t end_len;
	size_t after_len;
	uint32_t flags;
	uint32_t reserved;
};

/**
 * struct kvc_pair - a pair that a scan came to
 * @key: the key
 * @value: the value; NULL with %KVC_SCAN_F_KEYS
 * @key_len: bytes at @key
 * @value_len: the value's length, with %KVC_SCAN_F_KEYS too
 * @meta: the rest
 */
struct kvc_pair {
	const void *key;
	const void *value;
	size_t key_len;
	size_t value_len;
	struct kvc_meta meta;
};

/**
 * kvc_scan_open() - begin a scan
 * @kvc: the handle, which must stay open as long as the cursor
 * @range: which pairs; NULL: every pair; copied
 * @out: the cursor, on success
 *
 * Return: 0; -ENAMETOOLONG: a key is longer than any cache allows; -EINVAL:
 * @range->reserved is not zero; -ENOMEM.
 */
int kvc_scan_open(struct kvc *kvc, const struct kvc_range *range,
		  struct kvc_cursor **out);

/**
 * kvc_scan_next() - the next pair, in key order
 * @cursor: the cursor
 * @pair: filled in; its pointers are good until the next call with @cursor
 *
 * A key that is there during the whole scan comes exactly once.  After
 * -EINTR or -ENOMEM the call can be made again and the scan goes on.
 *
 * Return: 1: a pair; 0: no more; -EINTR: a signal came; -ENOMEM; -EBADF: the
 * handle is not open for reading; else as kvc_get().
 */
int kvc_scan_next(struct kvc_cursor *cursor, struct kvc_pair *pair);

/**
 * kvc_scan_close() - end a scan
 * @cursor: the cursor, or NULL
 */
void kvc_scan_close(struct kvc_cursor *cursor);

/* Caches */

/**
 * kvc_stats() - the figures of a cache
 * @kvc: a handle, which need not be attached when there is a @name
 * @name: the cache; NULL: the one that the handle is bound to
 * @stats: filled in
 *
 * Return: 0; -ENOENT: no such cache; -EACCES: no right to read it;
 * -ENOTCONN: no name and not attached.
 */
int kvc_stats(struct kvc *kvc, const char *name, struct kvc_stats *stats);

/**
 * kvc_clear() - remove every pair of the cache that the handle is bound to
 * @kvc: the handle
 *
 * Return: 0; -EINTR: a signal came, call again to go on; -EBADF: not open for
 * writing; -ENOTCONN: not attached.
 */
int kvc_clear(struct kvc *kvc);

/**
 * kvc_cache_create() - make a cache
 * @kvc: a handle, which need not be attached
 * @config: its settings
 *
 * Return: 0; -EEXIST: there is one of that name; -EPERM: CAP_NET_ADMIN lacks;
 * -EINVAL, -ERANGE: a setting is out of range; -EDQUOT: over the owner's
 * quota; -ENOMEM.
 */
int kvc_cache_create(struct kvc *kvc, const struct kvc_config *config);

/**
 * kvc_cache_destroy() - remove a cache with all its pairs
 * @kvc: a handle, which need not be attached
 * @name: the cache
 *
 * Return: 0; -ENOENT: no such cache; -EPERM: neither owner nor CAP_NET_ADMIN.
 */
int kvc_cache_destroy(struct kvc *kvc, const char *name);

/**
 * kvc_cache_set() - change a cache's settings
 * @kvc: a handle, which need not be attached
 * @mask: ``KVC_SET_*``: which fields of @config to take over
 * @config: the settings, with the cache's name
 *
 * Return: as kvc_cache_create() and kvc_cache_destroy().
 */
int kvc_cache_set(struct kvc *kvc, uint32_t mask,
		  const struct kvc_config *config);

/**
 * kvc_cache_next() - step through the caches, in the order of their names
 * @kvc: a handle, which need not be attached
 * @after: the name after which to look; NULL: from the first
 * @config: the settings of the next cache that the caller may read; @after
 *	may be @config->name
 *
 * Return: 0; -ENOENT: no more.
 */
int kvc_cache_next(struct kvc *kvc, const char *after,
		   struct kvc_config *config);

/**
 * kvc_cache_find() - the settings of one cache
 * @kvc: a handle, which need not be attached
 * @name: the cache
 * @config: its settings
 *
 * Return: 0; -ENOENT: no such cache that the caller may read.
 */
int kvc_cache_find(struct kvc *kvc, const char *name,
		   struct kvc_config *config);

#ifdef __cplusplus
}
#endif

#endif /* KVCACHE_H */
