/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libkvc - access to kvcache, the key-value cache in the kernel
 *
 * Every function that returns int gives 0 (or what its comment says) on
 * success and a negative errno on failure; the global errno is left alone.
 *
 * Pairs are read and written through a handle, struct kvc, by ioctl on the
 * device.  After kvc_attach(), kvc_store_set() and kvc_near_set() any number of
 * threads may use one handle at a time.
 *
 * A write-behind cache is the front of a store.  What it does not know is asked
 * of kvcd, the store's daemon, by the functions on pairs themselves: see
 * kvc_store_set().
 *
 * Caches, rings and purges are managed through struct kvc_ctl, a generic
 * netlink socket.  It belongs to one thread at a time, and so do a cursor and a
 * subscription.
 *
 * Of the functions on pairs only kvc_open*(), kvc_get_alloc(), the cursor's,
 * those that have to connect to kvcd, kvc_near_set(), and a thread's first
 * kvc_get() after that allocate memory.  Keys and values are bytes of any
 * content, with a length.
 * Times are nanoseconds of CLOCK_BOOTTIME.
 *
 * Structs grow at the expense of their reserved fields: set all of a struct to
 * zero before its fields are filled in.
 */
#ifndef KVCACHE_H
#define KVCACHE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/kvcache.h>
#include <linux/kvcache_netlink.h>

#ifdef __cplusplus
extern "C" {
#endif

/** define KVC_DEVICE_PATH - where the kernel's device is. */
#define KVC_DEVICE_PATH		"/dev/kvcache"

/** struct kvc - a handle: an open device, bound to a cache after kvc_attach() */
struct kvc;

/** struct kvc_cursor - a scan that is under way */
struct kvc_cursor;

/** struct kvc_ctl - a control socket, of the network namespace of its opener */
struct kvc_ctl;

/** struct kvc_sub - a subscription to events */
struct kvc_sub;

struct kvc_meta;

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

/* The store behind a write-behind cache */

/** define KVC_STORE_TIMEOUT - ns that an answer of kvcd may take: 5 s. */
#define KVC_STORE_TIMEOUT	5000000000ull
/** define KVC_STORE_F_OFF - see what the kernel has, never ask kvcd. */
#define KVC_STORE_F_OFF		(1u << 0)

/**
 * struct kvc_store_opts - how a handle comes to what the store has
 * @path: kvcd's socket; NULL: what the environment has as KVC_KVCD_SOCKET, else
 *	/run/kvcd/kvcd.sock
 * @timeout: ns until which each answer has to be there, of many the first and
 *	every further one; 0: %KVC_STORE_TIMEOUT; UINT64_MAX: any time
 * @flags: ``KVC_STORE_F_*``
 * @reserved0: must be 0
 * @reserved: must be 0
 */
struct kvc_store_opts {
	const char *path;
	uint64_t timeout;
	uint32_t flags;
	uint32_t reserved0;
	uint64_t reserved[2];
};

/**
 * kvc_store_set() - say how the store behind the handle's cache is asked
 * @kvc: the handle, which no other thread may use meanwhile
 * @opts: how; copied
 *
 * On a handle of a write-behind cache kvc_get(), kvc_get_alloc() and the GETs
 * of a kvc_batch() ask kvcd when the cache does not know the key, and kvcd
 * leaves the answer in the cache.  What has a condition (CREATE, REPLACE, CAS,
 * kvc_del_cas(), kvc_touch()) has kvcd read the key first if it has to be; this
 * takes a handle that may read, too (-EBADF).  A scan has the pairs of both.
 * A plain put or delete needs kvcd for nothing.  A pair that was evicted and
 * read again has another version: a compare and swap may give -ESTALE for it
 * though nobody wrote it.
 *
 * A connection is made when the first is needed, and kept; threads that ask at
 * the same time have one each.  One that was lost is made anew once for each
 * call.  When that does not help, each of the functions above, and each
 * operation of a batch, may give, beside what it gives else:
 *
 * -EHOSTDOWN: kvcd is not there, or does not serve the cache.  -ETIMEDOUT: it
 * did not answer in time.  -EPROTO: what came is no answer.  -EIO: the store
 * cannot be read.  -EAGAIN: what the store has could not be kept in the cache
 * for a second, so that a condition could not be decided.
 *
 * With %KVC_STORE_F_OFF a condition on a key that the cache does not know gives
 * -ENODATA, and a miss is one.
 *
 * Return: 0; -ENAMETOOLONG: no socket can have such a path; -EINVAL: flags or
 * reserved fields.
 */
int kvc_store_set(struct kvc *kvc, const struct kvc_store_opts *opts);

/**
 * kvc_store_error() - why kvcd was of no use, and what can be done about it
 * @kvc: the handle
 * @text: room for a sentence, 256 bytes or so; it is cut to what fits
 * @len: bytes there
 *
 * Of the last call on the handle that gave -EHOSTDOWN, -ETIMEDOUT or -EPROTO,
 * of whichever thread.
 *
 * Return: @text; empty: there was none.
 */
const char *kvc_store_error(struct kvc *kvc, char *text, size_t len);

/**
 * kvc_open_store() - make a handle that reaches kvcd alone
 * @opts: as for kvc_store_set(); NULL: as all zero
 * @out: the handle, good for kvc_store_stats() only
 *
 * Return: 0; -ENOMEM; as kvc_store_set().
 */
int kvc_open_store(const struct kvc_store_opts *opts, struct kvc **out);

/**
 * kvc_store_stats() - what kvcd tells of itself and of its store
 * @kvc: a handle, which need not be attached
 * @json: on success, memory to free(): an object in JSON; a NUL follows
 * @len: its length
 *
 * Return: 0; as kvc_store_set() says of kvcd; -ENOMEM.
 */
int kvc_store_stats(struct kvc *kvc, char **json, size_t *len);

/**
 * kvc_store_get() - read a value of the store, past the cache
 * @kvc: the handle
 * @key: the key
 * @key_len: its length
 * @value: on success, memory to free(); a NUL follows the value
 * @value_len: the value's length
 * @meta: filled in on success; may be NULL
 *
 * What was written may still be on its way there: see kvc_flush().
 *
 * Return: 0; -ENOENT: the store has no such key; -ENOTCONN: not attached;
 * -EBADF: not open for reading; -EINVAL; -ENAMETOOLONG; as kvc_store_set() says
 * of kvcd; -ENOMEM.
 */
int kvc_store_get(struct kvc *kvc, const void *key, size_t key_len,
		  void **value, size_t *value_len, struct kvc_meta *meta);

/**
 * kvc_store_compact() - have the store give back what deletes and updates took
 * @kvc: the handle, open for writing
 *
 * Waits until it is done, whatever the timeout is.
 *
 * Return: 0; -EBADF: not open for writing; as kvc_store_get().
 */
int kvc_store_compact(struct kvc *kvc);

/* Keeping answers */

/**
 * struct kvc_near_opts - how answers are kept; all zero is good for most
 * @bytes: memory for pairs, of each thread that uses the handle, 4 KiB to 4
 *	GiB; rounded down to a power of two, and an eighth is added for finding
 *	them; 0: 1 MiB
 * @value_max: larger values are not kept; 0: 4096
 * @flags: must be 0
 * @reserved: must be 0
 */
struct kvc_near_opts {
	uint64_t bytes;
	uint32_t value_max;
	uint32_t flags;
	uint64_t reserved[2];
};

/**
 * kvc_near_set() - let kvc_get() keep answers, and give them again
 * @kvc: the handle, bound to a cache, which no other thread may use meanwhile
 * @opts: how; NULL: keep nothing any more
 *
 * What kvc_get() and kvc_get_alloc() read is kept in the process, and a repeated
 * call gives it without a system call, as long as nobody has changed the pair,
 * by whatever way, its expiry and the cache's fence have not come, and the cache
 * is there: all calls together still act as if there were one copy of each
 * pair.  Only that the cache evicted a pair is not seen: it is given on, for it
 * is what was stored last.  Every 1024th call asks the kernel, so that it knows
 * what is used.
 *
 * Each thread has its own memory, which is given back when it ends.  After
 * fork() the child keeps what its thread had kept.  A process that enters
 * another time namespace has to call this again; pairs with an expiry are kept
 * only where CLOCK_BOOTTIME is the kernel's.  Not for signal handlers.
 *
 * Return: 0; -EINVAL; -ENOTCONN: not attached; -EBADF: not open for reading;
 * -ESHUTDOWN: the cache was destroyed; -EOPNOTSUPP: the module is too old;
 * -ENOMEM; -EAGAIN: no more thread-specific keys.  After an error nothing is
 * kept.
 */
int kvc_near_set(struct kvc *kvc, const struct kvc_near_opts *opts);

/**
 * struct kvc_near_stats - what keeping answers was good for
 * @hits: answers that were given without a system call
 * @misses: keys of which nothing was kept
 * @stale: kept, but it may have changed, or has expired
 * @asked: kept and good, but the kernel was asked all the same
 * @kept: answers that were kept
 * @reserved: 0
 */
struct kvc_near_stats {
	uint64_t hits;
	uint64_t misses;
	uint64_t stale;
	uint64_t asked;
	uint64_t kept;
	uint64_t reserved[3];
};

/**
 * kvc_near_stats() - what keeping answers was good for
 * @kvc: the handle
 * @stats: filled in: since kvc_near_set(), of all threads
 *
 * Return: 0; -ENOENT: nothing is kept.
 */
int kvc_near_stats(struct kvc *kvc, struct kvc_near_stats *stats);

/* Writing behind */

/**
 * kvc_flush() - wait until all that was written is in the store
 * @kvc: a handle of a write-behind cache
 *
 * As fsync() on its descriptor.  On success all that was acknowledged before
 * the call, to whomever, is in the store for good.  Waits as long as that
 * takes, if there is no flusher for ever; a signal ends it.
 *
 * Return: 0; -EINTR: a signal came; -EIO, -ENOSPC or another one: what the
 * flusher said of the store; all is still in the cache, and will be tried
 * again; -EINVAL: not a write-behind cache; -ENOTCONN: not attached;
 * -ESHUTDOWN: the cache was destroyed.
 */
int kvc_flush(struct kvc *kvc);

/**
 * kvc_flush_open() - become the flusher of a write-behind cache
 * @kvc: a handle that may read and write
 * @fd: on success, the stream file, to be closed with close(); it can be
 *	polled, and made non-blocking by fcntl()
 *
 * Return: 0; -EBUSY: there is a flusher; -EOPNOTSUPP: not a write-behind cache;
 * -EBADF: not open for both; -ENOTCONN; -ESHUTDOWN.
 */
int kvc_flush_open(struct kvc *kvc, int *fd);

/**
 * kvc_flush_read() - read frames of the oldest run
 * @fd: the stream file
 * @buf: room for whole frames: &struct kvc_flush_frame and its records
 * @size: bytes there
 *
 * Return: bytes, more than 0; -EMSGSIZE: no room for the next frame; -EAGAIN:
 * none now, and the file does not block; -EINTR; -ENOMEM; -ESHUTDOWN: the cache
 * was destroyed.
 */
ssize_t kvc_flush_read(int fd, void *buf, size_t size);

/**
 * kvc_flush_commit() - say that a run is in the store for good
 * @fd: the stream file, from which all of the run was read
 * @run: its number
 *
 * Return: 0; -EINVAL: not the oldest run, or not all of it was read;
 * -ESHUTDOWN.
 */
int kvc_flush_commit(int fd, uint64_t run);

/**
 * kvc_flush_fail() - say that the store cannot take a run now
 * @fd: the stream file
 * @run: its number; it stays
 * @error: a negative errno, for those who wait in kvc_flush()
 *
 * Return: 0; -EINVAL; -ESHUTDOWN.
 */
int kvc_flush_fail(int fd, uint64_t run, int error);

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
 * Return: 0, in a write-behind cache also for a key of which it knows nothing;
 * -ENOENT: no such key; else as kvc_get().
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
 * Those that need kvcd ask it, up to 32 at a time; the operations on one key
 * stay in order all the same.  When kvcd is of no use, those have its error as
 * their result, and it is not asked again in this call.
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
 * @range->reserved is not zero, or %KVC_SCAN_F_GONE; -ENOMEM.
 */
int kvc_scan_open(struct kvc *kvc, const struct kvc_range *range,
		  struct kvc_cursor **out);

/**
 * kvc_store_scan_open() - begin a scan of the store, past the cache
 * @kvc: the handle, as for kvc_scan_open()
 * @range: likewise
 * @out: the cursor, for kvc_scan_next() and kvc_scan_close()
 *
 * Return: as kvc_scan_open().
 */
int kvc_store_scan_open(struct kvc *kvc, const struct kvc_range *range,
			struct kvc_cursor **out);

/**
 * kvc_scan_next() - the next pair, in key order
 * @cursor: the cursor
 * @pair: filled in; its pointers are good until the next call with @cursor
 *
 * A key that is there during the whole scan comes exactly once.  After
 * -EINTR, -ENOMEM or an error of kvcd the call can be made again and the scan
 * goes on.
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

/**
 * kvc_clear() - remove every pair of the cache that the handle is bound to
 * @kvc: the handle
 *
 * Return: 0; -EINTR: a signal came, call again to go on; -EBADF: not open for
 * writing; -ENOTCONN: not attached.
 */
int kvc_clear(struct kvc *kvc);

/* Control sockets */

/**
 * kvc_ctl_open() - open a control socket
 * @out: the socket, on success
 *
 * Caches and rings are those of the network namespace of the calling thread.
 *
 * Return: 0; -ENOENT: the module is not loaded; -ENOMEM; what socket() says.
 */
int kvc_ctl_open(struct kvc_ctl **out);

/**
 * kvc_ctl_close() - close a control socket
 * @ctl: the socket, or NULL
 */
void kvc_ctl_close(struct kvc_ctl *ctl);

/**
 * kvc_ctl_error() - what the kernel said of the last call that failed
 * @ctl: the socket
 *
 * Names the attribute that was wrong, such as "cache.limit", if the kernel told
 * which one it was.
 *
 * Return: a text, good until the next call with @ctl; empty: the kernel gave
 * none, or the last call did not fail.
 */
const char *kvc_ctl_error(const struct kvc_ctl *ctl);

/* Placement */

/**
 * kvc_locate() - which nodes of a ring have a key?
 * @kvc: a handle, which need not be attached
 * @ring: the ring's name
 * @key: the key
 * @key_len: its length
 * @nodes: room for the answer
 * @count: in: how many there is room for, of up to %KVC_ROUTE_MAX; out: how
 *	many there are, in order of preference
 *
 * Return: 0; -ENOENT: no such ring, or it has no nodes; -EHOSTUNREACH: none of
 * its nodes is in operation; -EINVAL: empty key; -ENAMETOOLONG: key too long.
 */
int kvc_locate(struct kvc *kvc, const char *ring, const void *key,
	       size_t key_len, struct kvc_route_node *nodes, size_t *count);

/**
 * kvc_report() - tell how an operation on a node ended
 * @kvc: a handle that is open for writing; it need not be attached
 * @ring: the ring's name
 * @node: the node's id
 * @success: 0: an error code, a bad checksum or a time-out
 *
 * To be called before the next node is turned to.
 *
 * Return: 0; -ENOENT: no such ring or node; -EBADF: not open for writing.
 */
int kvc_report(struct kvc *kvc, const char *ring, uint32_t node, int success);

/* Caches */

/** define KVC_ID_CALLER - in @uid and @gid of &struct kvc_config: the caller's. */
#define KVC_ID_CALLER		((uint32_t)-1)

/**
 * struct kvc_config - a cache's settings
 * @name: letters, digits, ``.``, ``_`` and ``-``, not beginning with ``.`` or
 *	``-``; at least one
 * @uid: owner, in the caller's user namespace; %KVC_ID_CALLER: the caller
 * @gid: group, likewise
 * @mode: permission bits, as of a file; execute bits must be 0; 0: 0600
 * @policy: &enum kvc_policy
 * @flags: ``KVC_CACHE_F_*``
 * @key_max: longest key, up to %KVC_KEY_MAX; 0: %KVC_KEY_MAX
 * @value_max: longest value, up to %KVC_VALUE_MAX; 0: 1 MiB
 * @window: operations between two looks at how the tier does, 1024 to 2^24;
 *	0: 65536
 * @bypass_off: the tier is switched off when fewer of 1000 operations hit it
 *	in two windows in a row; 0: 50
 * @bypass_on: and on again when at least this many of its probes do; more
 *	than @bypass_off; 0: twice that
 * @grow: the tier is enlarged when the pairs of the memtable that were
 *	operated on in a window are more than this many thousandths of the
 *	pairs in the tier; 0: 250
 * @events: bytes of the event log, 4 KiB to 64 MiB; 0: 256 KiB
 * @reserved0: must be 0
 * @limit: bytes that all pairs may take, by the allocator's real sizes, 64 KiB
 *	or more
 * @tier: bytes of these for the cache tier at first; less than half of
 *	@limit; 0: a quarter, of a write-behind cache an eighth
 * @tier_min: the tier is never made smaller than this; 0: a quarter of @tier
 * @tier_max: never larger; less than half of @limit; 0: twice @tier, or just
 *	below half of @limit if that is less
 * @memtable: dirty bytes of the memtable from which on a run is sealed, not
 *	less than @tier, and together with it not more than @limit; 0: together
 *	with @tier a (@runs + 1)th of @limit, but not less than @tier.  A run is
 *	also sealed when all that is dirty and in no run takes that much.
 * @runs: sealed runs that may wait for the flusher, 1 to 16; 0: 2
 * @flush_ms: a run is sealed when the oldest dirty pair is this many
 *	milliseconds old, 10 to 3600000; 0: 1000
 * @reserved: must be 0
 *
 * @policy, @key_max, @value_max, @events, %KVC_CACHE_F_NOEVENTS and
 * %KVC_CACHE_F_WRITEBEHIND are fixed when the cache is made.  @memtable, @runs
 * and @flush_ms are for write-behind caches, and 0 for others.
 */
struct kvc_config {
	char name[KVC_NAME_MAX];
	uint32_t uid;
	uint32_t gid;
	uint32_t mode;
	uint32_t policy;
	uint32_t flags;
	uint32_t key_max;
	uint32_t value_max;
	uint32_t window;
	uint32_t bypass_off;
	uint32_t bypass_on;
	uint32_t grow;
	uint32_t events;
	uint64_t limit;
	uint64_t tier;
	uint64_t tier_min;
	uint64_t tier_max;
	uint64_t memtable;
	uint32_t runs;
	uint32_t flush_ms;
	uint64_t reserved[6];
};

/**
 * kvc_cache_create() - make a cache
 * @ctl: the socket
 * @config: its settings; what is 0 is left to the kernel
 *
 * For mode 0, nobody, use kvc_cache_set() afterwards.
 *
 * Return: 0; -EEXIST: there is one of that name; -EPERM: CAP_NET_ADMIN lacks;
 * -EINVAL: no name that a cache can have; -ERANGE: a setting is out of range;
 * -EDQUOT: over the owner's quota; -ENOMEM.
 */
int kvc_cache_create(struct kvc_ctl *ctl, const struct kvc_config *config);

/**
 * kvc_cache_destroy() - remove a cache with all its pairs
 * @ctl: the socket
 * @name: the cache
 *
 * Return: 0; -ENOENT: no such cache; -EPERM: neither owner nor CAP_NET_ADMIN;
 * -EBUSY: there are pairs that the store has not seen.
 */
int kvc_cache_destroy(struct kvc_ctl *ctl, const char *name);

/**
 * kvc_cache_discard() - remove a cache, whether the store has all of it or not
 * @ctl: the socket
 * @name: the cache
 *
 * Return: as kvc_cache_destroy(), but never -EBUSY.
 */
int kvc_cache_discard(struct kvc_ctl *ctl, const char *name);

/**
 * kvc_cache_set() - change a cache's settings
 * @ctl: the socket
 * @config: the settings, with the cache's name
 * @given: which of them to change: ``1u << KVC_A_CACHE_*`` for each; 0 among
 *	these means the default, too, but for mode, flags and ids
 *
 * Return: as kvc_cache_create() and kvc_cache_destroy(); -EOPNOTSUPP: one of
 * these cannot be changed.
 */
int kvc_cache_set(struct kvc_ctl *ctl, const struct kvc_config *config,
		  uint32_t given);

/**
 * kvc_cache_get() - the settings of a cache
 * @ctl: the socket
 * @name: the cache
 * @config: filled in
 *
 * Return: 0; -ENOENT: no such cache; -EACCES: no right to read it.
 */
int kvc_cache_get(struct kvc_ctl *ctl, const char *name,
		  struct kvc_config *config);

/**
 * typedef kvc_cache_fn - is called for each cache; not 0 ends the list
 * @config: good until it returns
 * @arg: of kvc_cache_list()
 */
typedef int (*kvc_cache_fn)(const struct kvc_config *config, void *arg);

/**
 * kvc_cache_list() - all caches that the caller may read
 * @ctl: the socket, which @fn may use, too
 * @fn: called for each one, once
 * @arg: for @fn
 *
 * The list is the one of one moment.
 *
 * Return: 0, what @fn returned to end it, or a negative errno.
 */
int kvc_cache_list(struct kvc_ctl *ctl, kvc_cache_fn fn, void *arg);

/**
 * struct kvc_stats - figures of a cache
 * @name: the cache
 * @gets: lookups by GET
 * @hits_tier: of these, answered by a pair in the cache tier
 * @hits_memtable: of these, answered by a pair in the memtable
 * @misses: of these, not answered: @gets is the sum of the three
 * @puts: pairs stored, new or replaced
 * @updates_tier: of these, replaced in the cache tier
 * @updates_memtable: of these, replaced in the memtable
 * @deletes: pairs removed by DEL
 * @touches: pairs given a new expiry
 * @refused: puts and deletes refused by CREATE, REPLACE, CAS or FILL
 * @migrated: pairs that moved from the cache tier to the memtable
 * @promoted: pairs that moved from the memtable up to the cache tier
 * @evicted_limit: pairs evicted to keep the limit
 * @evicted_pressure: pairs evicted because the kernel was short of memory
 * @expired: pairs removed because their time had come
 * @cleared: pairs removed by CLEAR or a lower limit
 * @purged: pairs removed by purges
 * @fenced: lookups that missed because the cache was past its fence
 * @bypass_switches: how often the cache tier was switched off or on
 * @tier_resizes: how often it was given another size
 * @index_resizes: how often a bucket array was given another size
 * @entries_tier: pairs in the cache tier now
 * @entries_memtable: pairs in the memtable now
 * @bytes_tier: their bytes, by the allocator's real sizes
 * @bytes_memtable: likewise
 * @bytes_index: bytes of bucket arrays and of the policy's own tables
 * @bytes_deferred: bytes that wait for a grace period to be freed
 * @limit: the cache's limit now
 * @tier_target: the cache tier's size now
 * @events: number of the last event
 * @bytes_events: bytes of the event log
 * @dirty_entries: pairs and tombstones that the store has not seen, those in
 *	waiting runs among them
 * @dirty_bytes: their bytes
 * @runs_sealed: number of the newest run
 * @runs_committed: number of the newest run that is in the store
 * @records_flushed: records of all committed runs
 * @flush_waits: writes that had to wait for a commit
 * @dirty_ms: age of the oldest dirty pair that is not in a run, in ms; 0: there
 *	is none
 * @shards: into how many parts the cache is split
 * @bypass: 1 when the cache tier is switched off
 * @runs_waiting: sealed runs that are not committed
 * @flusher: 1 when somebody has the stream file open
 * @flush_error: errno that the flusher told of the oldest run; 0: none
 * @reserved0: 0
 * @reserved: 0
 */
struct kvc_stats {
	char name[KVC_NAME_MAX];
	uint64_t gets;
	uint64_t hits_tier;
	uint64_t hits_memtable;
	uint64_t misses;
	uint64_t puts;
	uint64_t updates_tier;
	uint64_t updates_memtable;
	uint64_t deletes;
	uint64_t touches;
	uint64_t refused;
	uint64_t migrated;
	uint64_t promoted;
	uint64_t evicted_limit;
	uint64_t evicted_pressure;
	uint64_t expired;
	uint64_t cleared;
	uint64_t purged;
	uint64_t fenced;
	uint64_t bypass_switches;
	uint64_t tier_resizes;
	uint64_t index_resizes;
	uint64_t entries_tier;
	uint64_t entries_memtable;
	uint64_t bytes_tier;
	uint64_t bytes_memtable;
	uint64_t bytes_index;
	uint64_t bytes_deferred;
	uint64_t limit;
	uint64_t tier_target;
	uint64_t events;
	uint64_t bytes_events;
	uint32_t shards;
	uint32_t bypass;
	uint64_t dirty_entries;
	uint64_t dirty_bytes;
	uint64_t runs_sealed;
	uint64_t runs_committed;
	uint64_t records_flushed;
	uint64_t flush_waits;
	uint64_t dirty_ms;
	uint32_t runs_waiting;
	uint32_t flusher;
	uint32_t flush_error;
	uint32_t reserved0;
	uint64_t reserved[7];
};

/**
 * kvc_stats() - the figures of a cache
 * @ctl: the socket
 * @name: the cache
 * @stats: filled in
 *
 * Return: 0; -ENOENT: no such cache; -EACCES: no right to read it.
 */
int kvc_stats(struct kvc_ctl *ctl, const char *name, struct kvc_stats *stats);

/* Freshness */

/**
 * kvc_fence_set() - say until when what a cache holds is fresh
 * @ctl: the socket
 * @cache: its name
 * @deadline: on CLOCK_BOOTTIME; from then on lookups miss; 0: never
 *
 * Return: 0; -ENOENT: no such cache; -EPERM: neither owner nor CAP_NET_ADMIN.
 */
int kvc_fence_set(struct kvc_ctl *ctl, const char *cache, uint64_t deadline);

/** define KVC_PURGE_F_PREFIX - kvc_purge(): all keys that begin with the key. */
#define KVC_PURGE_F_PREFIX	(1u << 0)

/**
 * kvc_purge() - remove a key, or all that begin with it, from a cache
 * @ctl: the socket
 * @cache: its name
 * @key: the key
 * @key_len: its length; with %KVC_PURGE_F_PREFIX 0 is every key
 * @flags: ``KVC_PURGE_F_*``
 * @revision: fills of an older revision of the store are refused from then on;
 *	0: fills that began before the call
 * @count: how many pairs were removed; may be NULL
 *
 * Return: 0, also when there was no such key; -EINTR: a signal came, call
 * again to go on; -ENOENT: no such cache; -EPERM; -ENAMETOOLONG: no cache has
 * such a key.
 */
int kvc_purge(struct kvc_ctl *ctl, const char *cache, const void *key,
	      size_t key_len, uint32_t flags, uint64_t revision,
	      uint64_t *count);

/* Events */

/**
 * enum kvc_event_kind - what kvc_sub_next() tells
 * @KVC_SUB_EVENT: something happened in the cache.
 * @KVC_SUB_OVERRUN: @lost events are gone: take all that is known of the cache
 *	for out of date.
 * @KVC_SUB_RENEWED: the cache was destroyed, and there is another of that name,
 *	whose events come from its first one on.
 */
enum kvc_event_kind {
	KVC_SUB_EVENT,
	KVC_SUB_OVERRUN,
	KVC_SUB_RENEWED,
};

/**
 * struct kvc_event - what a subscription gives
 * @cache: of which cache
 * @kind: &enum kvc_event_kind; the others but @lost are of %KVC_SUB_EVENT
 * @reason: &enum kvc_event_reason
 * @seq: number within the cache, from 1 on, without gaps; of an overrun the
 *	one that comes next
 * @version: the pair's, the new one if it was updated
 * @lost: how many events were lost
 * @key: the key, good until the next call; NULL: all keys of the cache
 * @key_len: its length
 */
struct kvc_event {
	char cache[KVC_NAME_MAX];
	uint32_t kind;
	uint32_t reason;
	uint64_t seq;
	uint64_t version;
	uint64_t lost;
	const void *key;
	size_t key_len;
};

/**
 * kvc_sub_open() - subscribe to events
 * @cache: of this cache, which the caller must have the right to read; NULL:
 *	of all, which needs CAP_NET_ADMIN
 * @since: number of the first event; 0: the next one to come
 * @out: the subscription, on success
 *
 * The events of each cache come in order, and each once.  What netlink lost is
 * fetched from the kernel's log; what is not there any more either is reported
 * as an overrun.
 *
 * Return: 0; -ENOENT: no such cache, or the module is not loaded; -EACCES;
 * -EPERM; -EOPNOTSUPP: the cache has no event log; -EINVAL: @since is later
 * than the next event.
 */
int kvc_sub_open(const char *cache, uint64_t since, struct kvc_sub **out);

/**
 * kvc_sub_open_log() - read the events that the log has, and no later ones
 * @cache: the cache
 * @since: number of the first event, 1 or more
 * @out: the subscription, on success; kvc_sub_next() gives 0 at the end
 *
 * Return: as kvc_sub_open().
 */
int kvc_sub_open_log(const char *cache, uint64_t since, struct kvc_sub **out);

/**
 * kvc_sub_close() - end a subscription
 * @sub: the subscription, or NULL
 */
void kvc_sub_close(struct kvc_sub *sub);

/**
 * kvc_sub_fd() - a descriptor to poll() for reading
 * @sub: the subscription, which still owns it
 *
 * Call kvc_sub_next() until it gives 0 before the first poll() and after each.
 */
int kvc_sub_fd(const struct kvc_sub *sub);

/**
 * kvc_sub_next() - the next event
 * @sub: the subscription
 * @event: filled in
 *
 * Return: 1: an event; 0: none now; -ESHUTDOWN: the cache was destroyed;
 * -ENOMEM, or what the kernel said.
 */
int kvc_sub_next(struct kvc_sub *sub, struct kvc_event *event);

/* Rings */

/** define KVC_ADDRESS_MAX - bytes of a node's address with its NUL. */
#define KVC_ADDRESS_MAX		256

/**
 * struct kvc_ring - a hash ring
 * @name: as of a cache
 * @mode: &enum kvc_ring_mode
 * @select: &enum kvc_ring_select
 * @points: points of a node of weight 100; 0: the kernel's choice
 * @threshold: failures in a row above which a node is tagged
 * @rise: successes in a row that take the tag away; 0: 1
 * @self: id of the node that this host is, 0: none
 * @nodes: how many nodes there are
 * @validity: how long a tag is valid, in ns; 0: the kernel's choice
 * @defer_max: bytes that deferrals may take; 0: the kernel's choice
 * @generation: counts the changes of nodes and points
 * @reserved: 0
 */
struct kvc_ring {
	char name[KVC_NAME_MAX];
	uint32_t mode;
	uint32_t select;
	uint32_t points;
	uint32_t threshold;
	uint32_t rise;
	uint32_t self;
	uint32_t nodes;
	uint32_t reserved0;
	uint64_t validity;
	uint64_t defer_max;
	uint64_t generation;
	uint64_t reserved[8];
};

/**
 * typedef kvc_ring_fn - is called for each ring; not 0 ends the list
 * @ring: good until it returns
 * @arg: of kvc_ring_list()
 */
typedef int (*kvc_ring_fn)(const struct kvc_ring *ring, void *arg);

/**
 * kvc_ring_create() - make a ring without nodes
 * @ctl: the socket
 * @ring: its settings; what is 0 is left to the kernel
 *
 * Return: 0; -EEXIST; -EPERM; -EINVAL; -ERANGE; -ENOMEM.
 */
int kvc_ring_create(struct kvc_ctl *ctl, const struct kvc_ring *ring);

/**
 * kvc_ring_destroy() - remove a ring
 * @ctl: the socket
 * @name: the ring
 *
 * Return: 0; -ENOENT; -EPERM.
 */
int kvc_ring_destroy(struct kvc_ctl *ctl, const char *name);

/**
 * kvc_ring_set() - change a ring's settings
 * @ctl: the socket
 * @ring: the settings, with the ring's name
 * @given: which to change: ``1u << KVC_A_RING_*`` for each
 *
 * Return: 0; -ENOENT; -EPERM; -EINVAL; -ERANGE.
 */
int kvc_ring_set(struct kvc_ctl *ctl, const struct kvc_ring *ring,
		 uint32_t given);

/**
 * kvc_ring_get() - a ring's settings
 * @ctl: the socket
 * @name: the ring
 * @ring: filled in
 *
 * Return: 0; -ENOENT.
 */
int kvc_ring_get(struct kvc_ctl *ctl, const char *name, struct kvc_ring *ring);

/**
 * kvc_ring_list() - all rings
 * @ctl: the socket, which @fn may use, too
 * @fn: called for each one, once
 * @arg: for @fn
 *
 * Return: 0, what @fn returned to end it, or a negative errno.
 */
int kvc_ring_list(struct kvc_ctl *ctl, kvc_ring_fn fn, void *arg);

/**
 * struct kvc_node - a node of a ring
 * @name: names it in requests, if @id is 0
 * @address: where it listens, such as host:port or a path
 * @id: given by the kernel, never used again
 * @join: &enum kvc_join: what is known of it when it is added
 * @status: &enum kvc_node_status
 * @weight: its points in percent of those that the ring gives
 * @points: how many points it has
 * @instances: cache instances that it is made of
 * @failures: failures since the last success
 * @deferrals: removals that wait for its return
 * @given: which fields the kernel told: ``1u << KVC_A_NODE_*``
 * @reserved0: 0
 * @order: its place in standby mode
 * @capacity: W, its processing capacity
 * @volume: C, the volume of the data that it caches
 * @response: R, its response time
 * @tag_left: how long its tag is still valid, in ns; not @given: not tagged
 * @age: time since it went into or out of operation, in ns; not @given: it
 *	never did
 * @flush: not 0: it must be emptied before it returns, see
 *	kvc_deferral_flushed()
 * @reserved: 0
 */
struct kvc_node {
	char name[KVC_NAME_MAX];
	char address[KVC_ADDRESS_MAX];
	uint32_t id;
	uint32_t join;
	uint32_t status;
	uint32_t weight;
	uint32_t points;
	uint32_t instances;
	uint32_t failures;
	uint32_t deferrals;
	uint32_t given;
	uint32_t reserved0;
	uint64_t order;
	uint64_t capacity;
	uint64_t volume;
	uint64_t response;
	uint64_t tag_left;
	uint64_t age;
	uint64_t flush;
	uint64_t reserved[8];
};

/**
 * typedef kvc_node_fn - is called for each node; not 0 ends the list
 * @node: good until it returns
 * @arg: of kvc_node_list()
 */
typedef int (*kvc_node_fn)(const struct kvc_node *node, void *arg);

/**
 * kvc_node_add() - add a node to a ring
 * @ctl: the socket
 * @ring: its name
 * @node: name, address and what else is not 0
 * @point: its points; NULL: the kernel computes them
 * @points: how many points, up to 16000
 *
 * Return: 0; -ENOENT: no such ring; -EEXIST; -EPERM; -EINVAL; -ERANGE;
 * -E2BIG: too many points.
 */
int kvc_node_add(struct kvc_ctl *ctl, const char *ring,
		 const struct kvc_node *node, const uint32_t *point,
		 size_t points);

/**
 * kvc_node_add_all() - add many nodes to a ring
 * @ctl: the socket
 * @ring: its name
 * @nodes: as for kvc_node_add(); the kernel computes their points
 * @count: how many
 *
 * They go in requests of some two hundred; each adds all of them or none.
 *
 * Return: as kvc_node_add(); what earlier requests added stays.
 */
int kvc_node_add_all(struct kvc_ctl *ctl, const char *ring,
		     const struct kvc_node *nodes, size_t count);

/**
 * kvc_node_set() - change a node
 * @ctl: the socket
 * @ring: its name
 * @node: @id or @name, and what is to change
 * @given: which fields: ``1u << KVC_A_NODE_*``
 * @point: new points, or NULL
 * @points: how many
 *
 * Return: 0; -ENOENT: no such ring or node; -EBUSY: it cannot be up before its
 * deferrals are carried out (P14); -EPERM; -EINVAL; -ERANGE.
 */
int kvc_node_set(struct kvc_ctl *ctl, const char *ring,
		 const struct kvc_node *node, uint32_t given,
		 const uint32_t *point, size_t points);

/**
 * kvc_node_remove() - remove a node
 * @ctl: the socket
 * @ring: the ring's name
 * @node: its @id or @name
 *
 * Return: 0; -ENOENT; -EPERM.
 */
int kvc_node_remove(struct kvc_ctl *ctl, const char *ring,
		    const struct kvc_node *node);

/**
 * kvc_node_list() - the nodes of a ring
 * @ctl: the socket, which @fn may use, too
 * @ring: its name
 * @fn: called for each one, once
 * @arg: for @fn
 *
 * Return: 0, what @fn returned to end it, or a negative errno.
 */
int kvc_node_list(struct kvc_ctl *ctl, const char *ring, kvc_node_fn fn,
		  void *arg);

/**
 * kvc_node_report() - tell how an operation or a heartbeat on a node ended
 * @ctl: the socket
 * @ring: the ring's name
 * @node: its @id or @name
 * @success: 0: it failed
 *
 * Return: 0; -ENOENT; -EPERM.
 */
int kvc_node_report(struct kvc_ctl *ctl, const char *ring,
		    const struct kvc_node *node, int success);

/** define KVC_QUERY_F_HASH - &struct kvc_query: @hash is the key's, given. */
#define KVC_QUERY_F_HASH	(1u << 0)
/** define KVC_QUERY_F_DRY_RUN - kvc_plan(): record no deferrals. */
#define KVC_QUERY_F_DRY_RUN	(1u << 1)

/**
 * struct kvc_query - which nodes of a ring a key has
 * @ring: the ring's name
 * @key: the key
 * @key_len: its length
 * @flags: ``KVC_QUERY_F_*``
 * @hash: the key's place on the ring, with %KVC_QUERY_F_HASH; else the kernel
 *	computes xxh32 of the key
 * @lifetime: kvc_plan(): how long an object lives at most, in ns; 0: for ever
 * @reserved: must be 0
 */
struct kvc_query {
	const char *ring;
	const void *key;
	size_t key_len;
	uint32_t flags;
	uint32_t hash;
	uint64_t lifetime;
	uint64_t reserved[2];
};

/**
 * struct kvc_step - a step of a purge, or an answer of routing
 * @name: the node's name
 * @address: where it listens
 * @node: its id
 * @action: &enum kvc_purge_action: what is to be done there
 */
struct kvc_step {
	char name[KVC_NAME_MAX];
	char address[KVC_ADDRESS_MAX];
	uint32_t node;
	uint32_t action;
};

/**
 * kvc_route() - the nodes for a key, in the order of preference
 * @ctl: the socket
 * @query: which key
 * @steps: on success, memory to free()
 * @count: how many steps
 *
 * Return: 0; -ENOENT: no such ring; -ENOMEM; what the kernel says when there
 * is no node in operation.
 */
int kvc_route(struct kvc_ctl *ctl, const struct kvc_query *query,
	      struct kvc_step **steps, size_t *count);

/**
 * kvc_plan() - plan the purge of a key, and record its deferrals
 * @ctl: the socket
 * @query: which key
 * @steps: on success, memory to free(): what is left to be done, in order
 * @count: how many steps
 *
 * Return: 0; -ENOENT: no such ring; -EPERM; -ENOMEM.
 */
int kvc_plan(struct kvc_ctl *ctl, const struct kvc_query *query,
	     struct kvc_step **steps, size_t *count);

/**
 * struct kvc_deferral - a removal that waits for the return of a node
 * @node: its id
 * @key_len: bytes of the key
 * @seq: which purge of the key it was
 * @left: time until it is void, in ns
 * @key: the key
 */
struct kvc_deferral {
	uint32_t node;
	uint32_t key_len;
	uint64_t seq;
	uint64_t left;
	unsigned char key[KVC_KEY_MAX];
};

/**
 * typedef kvc_deferral_fn - is called for each deferral; not 0 ends the list
 * @deferral: good until it returns
 * @arg: of kvc_deferral_list()
 */
typedef int (*kvc_deferral_fn)(const struct kvc_deferral *deferral, void *arg);

/**
 * kvc_deferral_add() - record a removal that failed
 * @ctl: the socket
 * @ring: the ring's name
 * @node: the node's id
 * @key: the key
 * @key_len: its length
 * @lifetime: how long an object lives at most, in ns; 0: for ever
 *
 * Return: 0; -ENOENT; -EPERM; -ENOMEM.
 */
int kvc_deferral_add(struct kvc_ctl *ctl, const char *ring, uint32_t node,
		     const void *key, size_t key_len, uint64_t lifetime);

/**
 * kvc_deferral_done() - forget a deferral that was carried out
 * @ctl: the socket
 * @ring: the ring's name
 * @deferral: as kvc_deferral_list() gave it: one that was recorded since then
 *	stays
 *
 * Return: 0; -ENOENT: there is no such one any more; -EPERM.
 */
int kvc_deferral_done(struct kvc_ctl *ctl, const char *ring,
		      const struct kvc_deferral *deferral);

/**
 * kvc_deferral_flushed() - forget all deferrals of a node that was emptied
 * @ctl: the socket
 * @ring: the ring's name
 * @node: the node's id
 * @flush: as &struct kvc_node had it before the node was emptied
 *
 * Return: 0; -ENOENT; -EPERM.
 */
int kvc_deferral_flushed(struct kvc_ctl *ctl, const char *ring, uint32_t node,
			 uint64_t flush);

/**
 * kvc_deferral_list() - the deferrals of a ring
 * @ctl: the socket, which @fn may use, too
 * @ring: the ring's name
 * @node: the node's id; 0: of all nodes
 * @fn: called for each one
 * @arg: for @fn
 *
 * Return: 0, what @fn returned to end it, or a negative errno.
 */
int kvc_deferral_list(struct kvc_ctl *ctl, const char *ring, uint32_t node,
		      kvc_deferral_fn fn, void *arg);

#ifdef __cplusplus
}
#endif

#endif /* KVCACHE_H */
