/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KVC_CONFIG_H
#define _KVC_CONFIG_H

#include <linux/types.h>
#include <uapi/linux/kvcache.h>
#include <uapi/linux/kvcache_netlink.h>

/**
 * struct kvc_config - a cache's settings
 * @name: letters, digits, ``.``, ``_`` and ``-``, not beginning with ``.`` or
 *	``-``; at least one.
 * @uid: owner, in the caller's user namespace; -1: the caller.
 * @gid: group, likewise.
 * @mode: permission bits, as of a file (0600); execute bits must be 0.
 * @policy: &enum kvc_policy.
 * @flags: KVC_CACHE_F_*.
 * @key_max: longest key, up to %KVC_KEY_MAX; 0: %KVC_KEY_MAX.
 * @value_max: longest value, up to %KVC_VALUE_MAX; 0: 1 MiB.
 * @window: operations between two looks at how the tier does, 1024 to 2^24;
 *	0: 65536.
 * @limit: bytes that all pairs may take, by the allocator's real sizes, both
 *	tiers together, 64 KiB or more.  Each shard has an equal part of it,
 *	into which a pair must fit (&struct kvc_stats has their number).
 * @tier: bytes of these for the cache tier at first; less than half of
 *	@limit; 0: a quarter.
 * @tier_min: the tier is never made smaller than this; 0: a quarter of @tier.
 * @tier_max: never larger; less than half of @limit; 0: twice @tier, or just
 *	below half of @limit if that is less.
 * @bypass_off: the tier is switched off when fewer of 1000 operations hit it
 *	in two windows in a row; 0: 50.
 * @bypass_on: and on again when at least this many of its probes do; more
 *	than @bypass_off; 0: twice that.
 * @grow: the tier is enlarged when the pairs of the memtable that were
 *	operated on in a window are more than this many thousandths of the
 *	pairs in the tier; 0: 250.
 * @events: bytes of the event log, 4 KiB to 64 MiB; 0: 256 KiB.  With
 *	%KVC_CACHE_F_NOEVENTS it must be 0.  Kept as created.
 * @memtable: dirty bytes of the memtable from which on a run is sealed, not
 *	less than @tier, and together with it not more than @limit; 0: half of
 *	what @tier leaves of @limit, or @tier if that is more.
 * @runs: sealed runs that may wait for the flusher, 1 to 16; 0: 2.
 * @flush_ms: a run is sealed when the oldest dirty pair is this many
 *	milliseconds old, 10 to 3600000; 0: 1000.
 *
 * The last three are for write-behind caches only, and 0 for others.
 */
struct kvc_config {
	char name[KVC_NAME_MAX];
	u32 uid;
	u32 gid;
	u32 mode;
	u32 policy;
	u32 flags;
	u32 key_max;
	u32 value_max;
	u32 window;
	u64 limit;
	u64 tier;
	u64 tier_min;
	u64 tier_max;
	u32 bypass_off;
	u32 bypass_on;
	u32 grow;
	u32 events;
	u64 memtable;
	u32 runs;
	u32 flush_ms;
};

/**
 * struct kvc_config_field - where an attribute's value is in the settings
 * @offset: in &struct kvc_config
 * @size: 4 or 8; 0: not among them
 */
struct kvc_config_field {
	u16 offset;
	u16 size;
};

/* By KVC_A_CACHE_*; the name is not among them. */
extern const struct kvc_config_field kvc_config_fields[KVC_A_CACHE_MAX + 1];

/* A set of settings: bits by KVC_A_CACHE_* */
#define KVC_CONFIG_BIT(attr)	(1u << (attr))

bool kvc_config_name_ok(const char *name);
const char *kvc_config_why(const struct kvc_config *g);
int kvc_config_complete(struct kvc_config *g);
void kvc_config_overlay(struct kvc_config *to, const struct kvc_config *from,
			u32 given);

#endif
