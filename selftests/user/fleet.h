/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_USER_FLEET_H
#define _KVC_USER_FLEET_H

#include <stdbool.h>
#include "core/defer.h"
#include "core/purge.h"
#include "core/route.h"
#include "keys.h"

#define FLEET_SERVERS	6
#define FLEET_KEYS	2
#define FLEET_FILLS	64
#define FLEET_OPS	512
#define FLEET_TICKS	60

/* Safeguards, each of which can be left out; and what may happen at all */
enum fleet_flag {
	FLEET_NO_P14	= 1 << 0,
	FLEET_NO_P15	= 1 << 1,
	FLEET_NO_P16	= 1 << 2,
	FLEET_NO_P17	= 1 << 3,
	FLEET_NO_P18	= 1 << 4,
	FLEET_NO_P19	= 1 << 5,
	FLEET_LATE	= 1 << 6,	/* the agent's status table is late */
	FLEET_CHANGES	= 1 << 7,	/* nodes join, leave, change weight */
	FLEET_LOSSES	= 1 << 8,	/* purge messages get lost */
	FLEET_FLAKY	= 1 << 9,	/* failures that are noticed late, or pass */
	FLEET_HAPPEN	= FLEET_LATE | FLEET_CHANGES | FLEET_LOSSES | FLEET_FLAKY,
};

/**
 * struct fleet_copy - an object in a server's cache
 * @version: of the object; 0: none
 * @expires: when it disappears by itself
 * @floor: fills of older versions are refused
 */
struct fleet_copy {
	u64 version;
	u64 expires;
	u64 floor;
};

/**
 * struct fleet_server - a server with its cache
 * @address: of it
 * @id: of its node; 0: in no ring
 * @paused: it does not run, and keeps its cache
 * @paused_at: since when
 * @copy: of each key
 * @owed: without P14: keys to be forgotten a tick after it is up; all: ~0
 */
struct fleet_server {
	char address[16];
	u32 id;
	bool paused;
	u64 paused_at;
	struct fleet_copy copy[FLEET_KEYS];
	u32 owed;
};

/* What a read that missed brings into the cache that it missed in */
struct fleet_fill {
	struct fleet_server *server;
	u32 key;
	u64 version;
	u64 read;
	u64 lands;
};

enum fleet_op_type {
	FLEET_OP_ADD,
	FLEET_OP_REMOVE,
	FLEET_OP_RESHAPE,
	FLEET_OP_STATUS,
	FLEET_OP_REPORT,
};

/* A change of the ring, for the agent's table that follows it */
struct fleet_op {
	enum fleet_op_type type;
	u64 at;
	u32 id;
	u32 value;
	const char *address;
};

/**
 * struct fleet - servers, those who read, and one who purges
 * @flags: &enum fleet_flag
 * @r: random numbers
 * @ring: the ring by which requests are routed
 * @agent: the one by which purges are planned: @ring, or one that follows it
 * @control: of both
 * @server: those in the ring, and those that were or will be
 * @hash: of each key
 * @source: the version that the source has, of each key
 * @purged: reads of older versions are stale
 * @version: the last one that was given
 * @fill: under way
 * @fills: their number
 * @op: changes of @ring
 * @ops: their number
 * @followed: those that @agent has made too
 * @now: the clock
 * @expiry: E
 * @stale: reads of a purged version
 * @purges: that were made
 * @messages: that these took
 * @walked: that walking all nodes would have taken
 */
struct fleet {
	u32 flags;
	struct random r;
	struct kvc_ring *ring;
	struct kvc_ring *agent;
	struct mutex *control;
	struct fleet_server server[FLEET_SERVERS];
	u32 hash[FLEET_KEYS];
	u64 source[FLEET_KEYS];
	u64 purged[FLEET_KEYS];
	u64 version;
	struct fleet_fill fill[FLEET_FILLS];
	u32 fills;
	struct fleet_op op[FLEET_OPS];
	u32 ops;
	u32 followed;
	u64 now;
	u64 expiry;
	u64 stale;
	u64 purges;
	u64 messages;
	u64 walked;
};

/* Probability of @percent */
bool fleet_chance(struct fleet *f, u32 percent);
struct fleet_server *fleet_server_of(struct fleet *f, u32 id);
u8 fleet_status(struct fleet *f, u32 id);

/* fleetring.c: changes of the ring, which the agent's follows */
void fleet_begin(struct fleet *f, u32 servers);
void fleet_end(struct fleet *f);
int fleet_set_status(struct fleet *f, u32 id, enum kvc_node_status status);
void fleet_report(struct fleet *f, u32 id, bool success);
void fleet_note_status(struct fleet *f, u32 id);
void fleet_join(struct fleet *f, struct fleet_server *s, enum kvc_join join);
void fleet_leave(struct fleet *f, struct fleet_server *s);
void fleet_reshape(struct fleet *f, u32 id, u32 weight);
void fleet_follow(struct fleet *f, u64 until);

/* fleetcache.c: what servers hold, and who reads it */
void fleet_forget(struct fleet *f, struct fleet_server *s, u32 key);
void fleet_pause(struct fleet *f, struct fleet_server *s);
void fleet_resume(struct fleet *f, struct fleet_server *s);
void fleet_read(struct fleet *f, u32 key);
void fleet_fill(struct fleet *f);

/* fleetpurge.c */
void fleet_purge(struct fleet *f, u32 key);
void fleet_drain(struct fleet *f, struct fleet_server *s);

#endif
