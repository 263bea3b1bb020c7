/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * kvcache - one key-value cache per host, in the kernel
 *
 * A program opens /dev/kvcache, binds the file to a named cache of its network
 * namespace with KVC_IOC_ATTACH and then gets, puts and deletes with
 * KVC_IOC_OP, many at a time with KVC_IOC_BATCH, and reads ranges in key order
 * with KVC_IOC_SCAN; the first two also by io_uring.  The rights are checked once, at attach, against the
 * cache's owner and mode, and stay with the file, which may be passed on.
 *
 * A write-behind cache is the front of a store.  What is written is *dirty*
 * until a flusher, who reads it in key order from the file that
 * KVC_IOC_FLUSH_OPEN gives, has committed it; dirty pairs are never evicted.
 * fsync() on an attached file returns when all that was acknowledged before is
 * in the store.
 *
 * Rules that hold for every struct below:
 *
 * - All fields have a fixed width and the same place for 32-bit callers; user
 *   pointers travel in a __u64.
 * - The size in the command number says how much of the struct the caller
 *   knows.  A shorter struct than the first version gives EINVAL; a longer one
 *   than the kernel knows is accepted if the rest is zero and gives E2BIG if
 *   it is not, or if it is longer than a page.
 * - Reserved fields and unknown flags must be zero, else EINVAL.
 * - Times are nanoseconds of CLOCK_BOOTTIME.
 * - Keys and values are bytes of any content, with a length.
 */
#ifndef _UAPI_LINUX_KVCACHE_H
#define _UAPI_LINUX_KVCACHE_H

#include <linux/ioctl.h>
#include <linux/types.h>

/** define KVC_ABI_LEVEL - raised when something below is added. */
#define KVC_ABI_LEVEL		3

/** define KVC_NAME_MAX - bytes of a cache's name with its closing NUL. */
#define KVC_NAME_MAX		64
/** define KVC_KEY_MAX - the longest key any cache can allow, in bytes. */
#define KVC_KEY_MAX		4096
/** define KVC_VALUE_MAX - the longest value any cache can allow, in bytes. */
#define KVC_VALUE_MAX		(64u << 20)
/** define KVC_BATCH_MAX - the most operations of one KVC_IOC_BATCH. */
#define KVC_BATCH_MAX		4096

/* Operations */

/**
 * enum kvc_opcode - what a &struct kvc_op does
 * @KVC_OP_GET: read a value.  Needs a file open for reading.
 *	ENOENT: no such key, or the cache is past its fence; @version then says
 *	how to FILL it.  ERANGE: @value_len is too small; it then holds
 *	the length needed, and the value is not copied.
 * @KVC_OP_PUT: store a pair, replacing a present one.  Needs a file open for
 *	writing.  EEXIST: %KVC_OP_F_CREATE and the key is there.  ENOENT:
 *	%KVC_OP_F_REPLACE or %KVC_OP_F_CAS and it is not.  ESTALE: see
 *	%KVC_OP_F_CAS, %KVC_OP_F_FILL.  E2BIG: the value is longer than the cache
 *	allows.  ENOSPC: the pair does not fit, and nothing that could be
 *	evicted would make it fit.  ENOMEM: no memory, or the memory cgroup is
 *	at its limit; the present pair, if any, is as it was.
 * @KVC_OP_DEL: remove a key.  ENOENT: no such key.  With %KVC_OP_F_CAS only
 *	at the version given.  In a write-behind cache a key of which the cache
 *	knows nothing is deleted from the store: 0, with @version 0.
 * @KVC_OP_TOUCH: give a present key a new expiry; version and value stay.  In
 *	a write-behind cache it is a write: the pair gets a new version.
 *
 * In a write-behind cache PUT, DEL and TOUCH wait, while nothing clean can be
 * evicted, until the flusher commits; a fatal signal ends that with EINTR, and
 * a file with O_NONBLOCK gets EAGAIN.  PUT with CREATE, REPLACE or CAS, DEL
 * with CAS, and TOUCH give ENODATA when the cache knows nothing of the key:
 * the store has to be read first, and FILL to tell what it has.
 */
enum kvc_opcode {
	KVC_OP_GET	= 1,
	KVC_OP_PUT	= 2,
	KVC_OP_DEL	= 3,
	KVC_OP_TOUCH	= 4,
};

/** define KVC_OP_F_CREATE - PUT: only if the key is absent (EEXIST). */
#define KVC_OP_F_CREATE		(1u << 0)
/** define KVC_OP_F_REPLACE - PUT: only if the key is present (ENOENT). */
#define KVC_OP_F_REPLACE	(1u << 1)
/**
 * define KVC_OP_F_CAS - PUT, DEL: only if the pair's version is @version.
 *
 * ESTALE when it is another one, ENOENT when the key is absent.
 */
#define KVC_OP_F_CAS		(1u << 2)
/**
 * define KVC_OP_F_FILL - PUT: the pair was read from a store.
 *
 * @version is what the GET that missed returned, before the store was read, or
 * the store's own revision; all fills of one cache must be of the same kind.
 * Stored with that version as a clean pair.  ESTALE when the present pair is
 * as new or newer, or when the key was deleted, purged or replaced since: a
 * late fill never hides a later write, and never brings back what was removed
 * (P16).  It may also be refused for the sake of another key; the value is
 * good to use all the same, it is just not kept.  Not together with CREATE,
 * REPLACE or CAS.  @version must be 1 to 2^63 - 1 (EINVAL).
 */
#define KVC_OP_F_FILL		(1u << 3)
/**
 * define KVC_OP_F_TTL - PUT, TOUCH: @expiry counts from now; 0 is never still.
 *
 * ERANGE when the sum is past the clock's range.
 */
#define KVC_OP_F_TTL		(1u << 4)
/**
 * define KVC_OP_F_GONE - PUT with FILL: the store has no such key.
 *
 * Kept as a clean negative entry, so that the next GET needs not ask the store,
 * and conditional operations can be decided.  @value_len and @expiry must be 0
 * (EINVAL).  Only for a write-behind cache (EOPNOTSUPP).
 */
#define KVC_OP_F_GONE		(1u << 5)
/**
 * define KVC_OP_F_SLOT - GET: tell the key's slot, for who keeps the answer.
 *
 * See &struct kvc_slots.
 */
#define KVC_OP_F_SLOT		(1u << 6)

/** define KVC_SLOT_NUMBER - which slot: of &struct kvc_op.slot. */
#define KVC_SLOT_NUMBER(slot)	((__u32)(slot))
/** define KVC_SLOT_COUNT - and what it counted; odd: do not keep the answer. */
#define KVC_SLOT_COUNT(slot)	((__u32)((slot) >> 32))

/**
 * struct kvc_op - one operation on one key
 * @opcode: in: &enum kvc_opcode.  EINVAL: unknown.
 * @flags: in: KVC_OP_F_*.
 * @result: out: 0 or a negative errno.  KVC_IOC_OP also returns it as errno.
 * @key_len: in: bytes at @key, 1 up to the cache's limit.  EINVAL: 0.
 *	ENAMETOOLONG: over the limit.
 * @key: in: user pointer to the key.
 * @value: in: user pointer; PUT: the value, GET: room for it.
 * @value_len: in: bytes at @value.  Out, GET: the value's length.  Must be 0
 *	for DEL and TOUCH.
 * @client_flags: in, PUT: 32 bits kept with the pair.  Out, GET.
 * @version: in: with CAS or FILL, else ignored, so that a struct can be used
 *	again.  Out, on success: the version that the pair has now (GET, PUT,
 *	TOUCH) or had (DEL).  Out, GET with ENOENT: the version with which a
 *	FILL of what is read from the source now should be stored; a DEL, a
 *	purge or a PUT in between makes that FILL ESTALE; 0: the source needs
 *	not be asked, for the cache knows that the key is deleted.  Versions of
 *	one key never go back, also over deletes and evictions.
 * @expiry: in, PUT and TOUCH: when the pair ends, 0: never; a moment that has
 *	passed makes the pair end at once.  ERANGE: over 2^63 - 1.  Out, GET.
 * @reserved: in: must be 0.  Written back as 0, but for @slot.
 * @slot: out, GET with %KVC_OP_F_SLOT, when @result is 0: the key's slot, as it
 *	was before the key was looked up, see %KVC_SLOT_NUMBER.  It has to be 0
 *	again when the struct is used once more.
 */
struct kvc_op {
	__u32 opcode;
	__u32 flags;
	__s32 result;
	__u32 key_len;
	__u64 key;
	__u64 value;
	__u32 value_len;
	__u32 client_flags;
	__u64 version;
	__u64 expiry;
	union {
		__u64 reserved;
		__u64 slot;
	};
};

#define KVC_OP_SIZE_VER0	64

/* Keeping what was read */

/** define KVC_SLOTS_F_DEAD - the cache was destroyed. */
#define KVC_SLOTS_F_DEAD	(1u << 0)

/**
 * struct kvc_slots - what mmap() of an attached file shows, read-only
 * @abi_level: %KVC_ABI_LEVEL of the module.
 * @flags: KVC_SLOTS_F_*.
 * @count: how many slots there are.
 * @offset: bytes from here to the first of them.
 * @cache: id of the cache, as in &struct kvc_info.
 * @fence: CLOCK_BOOTTIME in ns from which on nothing may be taken from what was
 *	kept, 0: there is none.  It may change at any time.
 *
 * A slot is a __u32 that counts changes.  Each key belongs to one slot, and a
 * slot to many keys.  It is odd while one of its keys changes: from before the
 * change can be seen until after that.  So what a GET with %KVC_OP_F_SLOT
 * returned is what another GET would return, as long as the key's slot has the
 * even value that came with it, @fence has not passed, and neither has the
 * pair's expiry: a program may keep the pair, and read the slot, with acquire
 * semantics, instead of asking.  When the cache is destroyed, all slots are odd.
 *
 * A pair that was evicted, or removed when its time had come, is not a change:
 * what was kept of it is still what was stored last.
 *
 * The file must be open for reading.  Its offset is 0, and the length no more
 * than @slots of &struct kvc_info says (EINVAL).  EPERM: it is to be written,
 * which mprotect() does not allow later either.  ENOTCONN: the file is not
 * attached.  ESHUTDOWN: the cache was destroyed; a mapping from before stays.
 */
struct kvc_slots {
	__u32 abi_level;
	__u32 flags;
	__u32 count;
	__u32 offset;
	__u64 cache;
	__u64 fence;
};

/**
 * struct kvc_batch - many operations, done in order
 * @ops: in: user pointer to an array of &struct kvc_op.
 * @count: in: how many, 1 to %KVC_BATCH_MAX.
 * @op_size: in: bytes from one op to the next: the caller's sizeof(struct
 *	kvc_op), under the size rules above.
 * @done: out: how many were carried out.  Less than @count only when the call
 *	fails: EFAULT (the array), E2BIG (an op with something that the kernel
 *	does not know), EINTR (a fatal signal).
 * @flags: must be 0.
 *
 * Each op gets its own @result; one that fails does not stop the others.
 * The batch is not atomic.  Keys and values of an op may be read while others
 * before it are still to be done: what these write into the caller's memory is
 * not for the later ones of the batch to read.
 */
struct kvc_batch {
	__u64 ops;
	__u32 count;
	__u32 op_size;
	__u32 done;
	__u32 flags;
};

#define KVC_BATCH_SIZE_VER0	24

/** define KVC_SCAN_F_PREFIX - @end is unused, keys must begin with @start. */
#define KVC_SCAN_F_PREFIX	(1u << 0)
/** define KVC_SCAN_F_KEYS - leave the values out; their length is still told. */
#define KVC_SCAN_F_KEYS		(1u << 1)
/**
 * define KVC_SCAN_F_GONE - also keys that are known to be deleted.
 *
 * Of a write-behind cache, for who merges the pages with those of the store;
 * their records have %KVC_SCAN_REC_GONE.
 */
#define KVC_SCAN_F_GONE		(1u << 2)

/**
 * struct kvc_scan - one page of the pairs of a key range, in key order
 * @start: in: user pointer to the first key, included; with
 *	%KVC_SCAN_F_PREFIX the prefix.
 * @end: in: user pointer to the key before which the scan ends.
 * @after: in: user pointer to the key after which this page begins: the last
 *	one of the page before, for the first page none.
 * @start_len: in: bytes at @start, 0: from the first key.
 * @end_len: in: bytes at @end, 0: to the last key.
 * @after_len: in: bytes at @after, 0: none.
 * @flags: in: KVC_SCAN_F_*.
 * @buf: in: user pointer to room for records, aligned to 8 bytes.
 * @buf_len: in: bytes there.
 * @used: out: bytes written.
 * @count: out: records written.
 * @more: out: 1 when there may be further pairs, 0 when the range is done.
 * @needed: out: with ERANGE, the @buf_len that the next record needs.
 * @reserved: must be 0.
 *
 * Keys compare as bytes, a prefix before what it is a prefix of.  A key that
 * is there during the whole scan is seen exactly once, with a value that it
 * had during the call that returned it; one that comes, goes or expires
 * meanwhile may be seen or not.  A page may be empty with @more set only when
 * the call fails: ERANGE, ENOMEM, EINTR (a fatal signal).
 */
struct kvc_scan {
	__u64 start;
	__u64 end;
	__u64 after;
	__u32 start_len;
	__u32 end_len;
	__u32 after_len;
	__u32 flags;
	__u64 buf;
	__u32 buf_len;
	__u32 used;
	__u32 count;
	__u32 more;
	__u32 needed;
	__u32 reserved;
};

#define KVC_SCAN_SIZE_VER0	72

/** define KVC_SCAN_REC_GONE - the key is deleted, whatever the store has. */
#define KVC_SCAN_REC_GONE	(1u << 0)

/**
 * struct kvc_scan_rec - a record in the buffer of KVC_IOC_SCAN
 * @rec_len: bytes to the next record, a multiple of 8.
 * @key_len: bytes of the key, which follows this struct.
 * @value_len: bytes of the value.
 * @data_len: bytes of the value that follow the key: @value_len, or 0 with
 *	%KVC_SCAN_F_KEYS.
 * @client_flags: as stored.
 * @flags: KVC_SCAN_REC_*.
 * @version: of the pair.
 * @expiry: of the pair, 0: never.
 */
struct kvc_scan_rec {
	__u32 rec_len;
	__u32 key_len;
	__u32 value_len;
	__u32 data_len;
	__u32 client_flags;
	__u32 flags;
	__u64 version;
	__u64 expiry;
};

/* Routing */

/** define KVC_ROUTE_MAX - the most nodes of one answer. */
#define KVC_ROUTE_MAX		16

/** define KVC_ROUTE_F_HASH - @hash is given, and there need be no key. */
#define KVC_ROUTE_F_HASH	(1u << 0)

/**
 * struct kvc_route_node - a node of an answer of KVC_IOC_ROUTE
 * @id: for KVC_IOC_REPORT.
 * @reserved: 0.
 * @name: its name, NUL-terminated.
 * @address: where it listens, NUL-terminated.
 */
struct kvc_route_node {
	__u32 id;
	__u32 reserved;
	char name[KVC_NAME_MAX];
	char address[256];
};

/**
 * struct kvc_route - which nodes have a key?
 * @ring: in: the ring, NUL-terminated, of the network namespace in which the
 *	file was opened.  ENOENT: none of that name, or it has no nodes.
 * @key: in: user pointer to the key.
 * @key_len: in: bytes there, 1 to %KVC_KEY_MAX.  EINVAL: 0.  ENAMETOOLONG.
 * @hash: in, with %KVC_ROUTE_F_HASH: the key's hash by another placement than
 *	the ring's own, xxh32 with seed 0.
 * @nodes: in: user pointer to room for @count of &struct kvc_route_node.
 * @count: in: how many are wanted, 1 to %KVC_ROUTE_MAX (EINVAL).  Out: how
 *	many there are, in order of preference: the first is master, the next
 *	ones take over when it fails.
 * @flags: in: KVC_ROUTE_F_*.
 * @reserved: must be 0.
 *
 * Nodes that are tagged or not up are left out.  EHOSTUNREACH: none is left.
 */
struct kvc_route {
	char ring[KVC_NAME_MAX];
	__u64 key;
	__u32 key_len;
	__u32 hash;
	__u64 nodes;
	__u32 count;
	__u32 flags;
	__u64 reserved;
};

#define KVC_ROUTE_SIZE_VER0	104

/** define KVC_REPORT_F_SUCCESS - it ended well; else it failed. */
#define KVC_REPORT_F_SUCCESS	(1u << 0)

/**
 * struct kvc_report - tell how an operation on a node ended
 * @ring: in: the ring, as for KVC_IOC_ROUTE.  ENOENT: none of that name.
 * @node: in: the node's id.  ENOENT: no such node.
 * @flags: in: KVC_REPORT_F_*.
 *
 * An error code, a bad checksum or a time-out is a failure.  After more
 * failures in a row than the ring allows, nobody on this host is routed to the
 * node until its tag ends.  Needs a file open for writing (EBADF).
 */
struct kvc_report {
	char ring[KVC_NAME_MAX];
	__u32 node;
	__u32 flags;
};

#define KVC_REPORT_SIZE_VER0	72

/* Flushing a write-behind cache */

/**
 * struct kvc_flush_open - become the flusher of the cache
 * @flags: must be 0.
 * @fd: out: the stream file, close-on-exec.
 * @reserved: must be 0.
 *
 * Needs an attached file that is open for reading and writing (EBADF).
 * EOPNOTSUPP: not a write-behind cache.  EBUSY: there is a flusher.
 *
 * The stream file knows read(), poll() and the two commands below.  Dirty pairs
 * are sealed into numbered *runs*, which are offered in order: read() gives
 * whole frames of the oldest one, as many as fit.  After the run's last frame
 * it waits, or gives EAGAIN with O_NONBLOCK, until the run is committed and
 * there is another.  EMSGSIZE: the buffer is too small for the next frame, 64
 * bytes and a pair with its record's head always fit.  EFAULT: the buffer is
 * not there; what could not be copied is what the next read() gives, in the
 * same frames.  ESHUTDOWN: the cache was destroyed.  When the file is closed,
 * runs that are not committed stay and are offered to the next flusher from
 * their start.
 */
struct kvc_flush_open {
	__u32 flags;
	__s32 fd;
	__u64 reserved;
};

#define KVC_FLUSH_OPEN_SIZE_VER0	16

/** define KVC_FLUSH_MAGIC - begins each frame: "kvcF". */
#define KVC_FLUSH_MAGIC		0x4663766bu

/** define KVC_FLUSH_LAST - the run ends with this frame. */
#define KVC_FLUSH_LAST		(1u << 0)

/**
 * struct kvc_flush_frame - a part of a run
 * @magic: %KVC_FLUSH_MAGIC.
 * @len: bytes of the frame with this head, a multiple of 8.
 * @run: number of the run, from 1 on, without gaps.
 * @cache: the cache's id, as in &struct kvc_info.
 * @seq: number of the frame in its run, from 0 on.
 * @count: records that follow, may be 0 in the last frame.
 * @flags: %KVC_FLUSH_LAST.
 * @reserved: 0.
 * @total: records of the run so far, with those of this frame.
 * @checksum: xxh64 with seed 0 of the whole frame with this field 0.
 */
struct kvc_flush_frame {
	__u32 magic;
	__u32 len;
	__u64 run;
	__u64 cache;
	__u32 seq;
	__u32 count;
	__u32 flags;
	__u32 reserved;
	__u64 total;
	__u64 checksum;
};

/** define KVC_FLUSH_REC_GONE - a tombstone: the key is to be deleted. */
#define KVC_FLUSH_REC_GONE	(1u << 0)

/**
 * struct kvc_flush_rec - what the store is to do with a key
 * @rec_len: bytes to the next record, a multiple of 8.
 * @key_len: bytes of the key, which follows this struct, and the value it.
 * @value_len: bytes of the value, 0 of a tombstone.
 * @client_flags: of the pair.
 * @flags: KVC_FLUSH_REC_*.
 * @reserved: 0.
 * @version: of the pair.
 * @expiry: of the pair, 0: never.
 *
 * In a run each key is there once, in ascending order as bytes.
 */
struct kvc_flush_rec {
	__u32 rec_len;
	__u32 key_len;
	__u32 value_len;
	__u32 client_flags;
	__u32 flags;
	__u32 reserved;
	__u64 version;
	__u64 expiry;
};

/**
 * struct kvc_flush_commit - the run is in the store for good
 * @run: in: the oldest run, whose last frame this file has read.  EINVAL: it is
 *	not.
 * @flags: must be 0.
 *
 * Its pairs that were not written since are clean from now on.
 */
struct kvc_flush_commit {
	__u64 run;
	__u64 flags;
};

#define KVC_FLUSH_COMMIT_SIZE_VER0	16

/**
 * struct kvc_flush_fail - the store cannot take the run now
 * @run: in: the oldest run, read or not.  EINVAL: it is not.
 * @error: in: a negative errno, -1 to -511 (EINVAL).
 * @reserved: must be 0.
 *
 * Shown in the cache's figures until a commit; who waits in fsync() gets the
 * error.  The run stays.
 */
struct kvc_flush_fail {
	__u64 run;
	__s32 error;
	__u32 reserved;
};

#define KVC_FLUSH_FAIL_SIZE_VER0	16

/* Attaching */

/**
 * struct kvc_attach - bind the file to a cache
 * @name: in: the cache, NUL-terminated, of the network namespace in which the
 *	file was opened.  ENOENT: none of that name.  EACCES: the cache's mode
 *	denies what the file was opened for.  EISCONN: bound already.
 * @flags: must be 0.
 */
struct kvc_attach {
	char name[KVC_NAME_MAX];
	__u64 flags;
};

#define KVC_ATTACH_SIZE_VER0	72

/** define KVC_FEATURE_SCAN - KVC_IOC_SCAN is there. */
#define KVC_FEATURE_SCAN	(1ull << 0)
/** define KVC_FEATURE_BATCH - KVC_IOC_BATCH is there. */
#define KVC_FEATURE_BATCH	(1ull << 1)
/** define KVC_FEATURE_FLUSH - there are write-behind caches. */
#define KVC_FEATURE_FLUSH	(1ull << 2)
/** define KVC_FEATURE_URING - there is &struct kvc_uring_cmd. */
#define KVC_FEATURE_URING	(1ull << 3)
/** define KVC_FEATURE_SLOTS - %KVC_OP_F_SLOT and mmap() are there. */
#define KVC_FEATURE_SLOTS	(1ull << 4)

/** define KVC_RIGHT_READ - the file may GET and SCAN. */
#define KVC_RIGHT_READ		(1u << 0)
/** define KVC_RIGHT_WRITE - the file may PUT, DEL, TOUCH and CLEAR. */
#define KVC_RIGHT_WRITE		(1u << 1)

/** define KVC_INFO_F_WRITEBEHIND - the bound cache is the front of a store. */
#define KVC_INFO_F_WRITEBEHIND	(1u << 0)

/**
 * struct kvc_info - what the kernel can do and what the file is bound to
 * @features: out: KVC_FEATURE_*.
 * @abi_level: out: %KVC_ABI_LEVEL of the module.
 * @batch_max: out: %KVC_BATCH_MAX of the module.
 * @key_max: out: the longest key, of the bound cache if there is one.
 * @value_max: out: the longest value, likewise.
 * @rights: out: KVC_RIGHT_*, 0 before ATTACH.
 * @flags: out: KVC_INFO_F_*.
 * @name: out: the bound cache, empty before ATTACH.
 * @cache: out: its id, random and never 0, another one when a cache of the same
 *	name is created anew; 0 before ATTACH.
 * @slots: out: bytes that mmap() can show, see &struct kvc_slots; 0 before
 *	ATTACH.
 * @now: out: CLOCK_BOOTTIME in ns, as all times here.  What the caller's own
 *	clock says differs in a time namespace.
 */
struct kvc_info {
	__u64 features;
	__u32 abi_level;
	__u32 batch_max;
	__u32 key_max;
	__u32 value_max;
	__u32 rights;
	__u32 flags;
	char name[KVC_NAME_MAX];
	__u64 cache;
	__u64 slots;
	__u64 now;
};

#define KVC_INFO_SIZE_VER0	96	/* up to @name */

/*
 * Commands.  The data commands need KVC_IOC_ATTACH first (ENOTCONN), and give
 * ESHUTDOWN when the cache was destroyed since, EBADF when the file was not
 * opened for what they do.
 */
#define KVC_IOC_MAGIC		0xBE

#define KVC_IOC_INFO		_IOWR(KVC_IOC_MAGIC, 0x00, struct kvc_info)
#define KVC_IOC_ATTACH		_IOWR(KVC_IOC_MAGIC, 0x01, struct kvc_attach)
#define KVC_IOC_OP		_IOWR(KVC_IOC_MAGIC, 0x02, struct kvc_op)
#define KVC_IOC_BATCH		_IOWR(KVC_IOC_MAGIC, 0x03, struct kvc_batch)
#define KVC_IOC_SCAN		_IOWR(KVC_IOC_MAGIC, 0x04, struct kvc_scan)
/* Remove every pair.  EINTR: a signal came; what is left can be cleared again. */
#define KVC_IOC_CLEAR		_IO(KVC_IOC_MAGIC, 0x05)
/* These two need no KVC_IOC_ATTACH. */
#define KVC_IOC_ROUTE		_IOWR(KVC_IOC_MAGIC, 0x06, struct kvc_route)
#define KVC_IOC_REPORT		_IOWR(KVC_IOC_MAGIC, 0x07, struct kvc_report)
#define KVC_IOC_FLUSH_OPEN	_IOWR(KVC_IOC_MAGIC, 0x08, struct kvc_flush_open)
/* On the stream file */
#define KVC_IOC_FLUSH_COMMIT	_IOWR(KVC_IOC_MAGIC, 0x09, struct kvc_flush_commit)
#define KVC_IOC_FLUSH_FAIL	_IOWR(KVC_IOC_MAGIC, 0x0a, struct kvc_flush_fail)

/* io_uring */

/**
 * struct kvc_uring_cmd - KVC_IOC_OP or KVC_IOC_BATCH by an io_uring
 * @arg: in: user pointer to the command's struct.  It has to stay until the
 *	command is complete, and so has what it points to.
 * @reserved: must be 0 (EINVAL).
 *
 * An SQE with %IORING_OP_URING_CMD has this in its @cmd, and the number of the
 * command, with the size of its struct, in its @cmd_op.  ENOTTY: any other
 * command.  EINVAL: with a registered buffer.  The CQE's @res is what ioctl()
 * would return, 0 or a negative errno, and the struct is written as by ioctl().
 *
 * A write that has to wait for a flusher does so in a worker thread of the ring,
 * unless the file has O_NONBLOCK (EAGAIN).  Any signal to that ends the wait with
 * EINTR, and nothing is written: when the command is cancelled, its ring closed,
 * or its process stopped.
 */
struct kvc_uring_cmd {
	__u64 arg;
	__u64 reserved;
};

#endif /* _UAPI_LINUX_KVCACHE_H */
