/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libkvc and kvcd say to each other over a unix stream socket
 *
 * Each message is a head and as many bytes as it says, all in the host's byte
 * order, for both ends are on one host.  Answers come in any order and carry
 * the tag of their request.
 */
#ifndef KVCD_PROTO_H
#define KVCD_PROTO_H

#include <linux/types.h>

#define KVCD_SOCKET		"/run/kvcd/kvcd.sock"
#define KVCD_SOCKET_ENV		"KVC_KVCD_SOCKET"
#define KVCD_MAGIC		0x6476636bu
/* The longest body of a request, and of an answer */
#define KVCD_REQUEST_MAX	(64u << 10)
#define KVCD_ANSWER_MAX		((64u << 20) + (64u << 10))

/**
 * enum kvcd_type - what is asked for
 * @KVCD_ATTACH: bind the connection to a cache.  No body; the message carries,
 *	by SCM_RIGHTS, a file of /dev/kvcache that is attached to it: whose
 *	rights and cache are the connection's.  -ENOENT: kvcd does not serve
 *	this cache; -EISCONN: bound already; -EBADF: no such file came.
 * @KVCD_GET: read a key through.  Body: the key.  Answer: &struct kvcd_pair and
 *	the value; -ENOENT: neither the cache nor the store has it, and the cache
 *	knows now.  Needs the right to read (-EBADF).
 * @KVCD_STORE_GET: as @KVCD_GET, but what the store has, past the cache.
 * @KVCD_STORE_SCAN: a page of what the store has.  Body: &struct kvcd_range and
 *	three keys.  Answer: &struct kvcd_page and its records, which are
 *	&struct kvc_scan_rec of the kernel's header.
 * @KVCD_STORE_STATS: no body, no cache needed.  Answer: JSON.
 * @KVCD_STORE_COMPACT: compact the cache's part of the store.  Needs the right
 *	to write (-EBADF).  Answer when it is done.
 *
 * All but @KVCD_ATTACH and @KVCD_STORE_STATS need a cache (-ENOTCONN).  A store
 * that cannot be read is -EIO.
 */
enum kvcd_type {
	KVCD_ATTACH = 1,
	KVCD_GET,
	KVCD_STORE_GET,
	KVCD_STORE_SCAN,
	KVCD_STORE_STATS,
	KVCD_STORE_COMPACT,
};

/**
 * struct kvcd_head - begins each message
 * @magic: %KVCD_MAGIC
 * @len: bytes that follow
 * @type: &enum kvcd_type, also in the answer
 * @result: of an answer, 0 or a negative errno, then without a body; else 0
 * @tag: the client's own, given back
 */
struct kvcd_head {
	__u32 magic;
	__u32 len;
	__u32 type;
	__s32 result;
	__u64 tag;
};

/**
 * struct kvcd_pair - what a key has, before its value
 * @version: of the pair
 * @expiry: CLOCK_BOOTTIME in ns, 0: never
 * @client_flags: as stored
 * @value_len: bytes that follow
 */
struct kvcd_pair {
	__u64 version;
	__u64 expiry;
	__u32 client_flags;
	__u32 value_len;
};

#define KVCD_RANGE_PREFIX	(1u << 0)	/* no end, keys begin with start */
#define KVCD_RANGE_KEYS		(1u << 1)	/* without values */

/**
 * struct kvcd_range - what a scan wants; start, end and after follow
 * @start_len: as in &struct kvc_scan of the kernel
 * @end_len: likewise
 * @after_len: likewise
 * @flags: KVCD_RANGE_*
 * @room: bytes of records that the answer may have; it has one at least, if
 *	there is any
 * @reserved: 0
 */
struct kvcd_range {
	__u32 start_len;
	__u32 end_len;
	__u32 after_len;
	__u32 flags;
	__u32 room;
	__u32 reserved;
};

/**
 * struct kvcd_page - begins the answer to a scan
 * @count: records that follow
 * @more: 1: there may be more after the last one
 */
struct kvcd_page {
	__u32 count;
	__u32 more;
};

#endif
