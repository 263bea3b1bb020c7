// SPDX-License-Identifier: LGPL-2.1-or-later
/* The names of attributes, as Documentation/netlink/specs/kvcache.yaml has them. */
#include <stdio.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/kvcache_netlink.h>

#include "attrs.h"

static const char *const cache_names[] = {
	[KVC_A_CACHE_NAME] = "name",
	[KVC_A_CACHE_UID] = "uid",
	[KVC_A_CACHE_GID] = "gid",
	[KVC_A_CACHE_MODE] = "mode",
	[KVC_A_CACHE_POLICY] = "policy",
	[KVC_A_CACHE_FLAGS] = "flags",
	[KVC_A_CACHE_KEY_MAX] = "key-max",
	[KVC_A_CACHE_VALUE_MAX] = "value-max",
	[KVC_A_CACHE_WINDOW] = "window",
	[KVC_A_CACHE_BYPASS_OFF] = "bypass-off",
	[KVC_A_CACHE_BYPASS_ON] = "bypass-on",
	[KVC_A_CACHE_GROW] = "grow",
	[KVC_A_CACHE_EVENTS] = "events",
	[KVC_A_CACHE_LIMIT] = "limit",
	[KVC_A_CACHE_TIER] = "tier",
	[KVC_A_CACHE_TIER_MIN] = "tier-min",
	[KVC_A_CACHE_TIER_MAX] = "tier-max",
	[KVC_A_CACHE_MEMTABLE] = "memtable",
	[KVC_A_CACHE_RUNS] = "runs",
	[KVC_A_CACHE_FLUSH_MS] = "flush-ms",
};

static const char *const stats_names[] = {
	[KVC_A_STATS_NAME] = "name",
	[KVC_A_STATS_GETS] = "gets",
	[KVC_A_STATS_HITS_TIER] = "hits-tier",
	[KVC_A_STATS_HITS_MEMTABLE] = "hits-memtable",
	[KVC_A_STATS_MISSES] = "misses",
	[KVC_A_STATS_PUTS] = "puts",
	[KVC_A_STATS_UPDATES_TIER] = "updates-tier",
	[KVC_A_STATS_UPDATES_MEMTABLE] = "updates-memtable",
	[KVC_A_STATS_DELETES] = "deletes",
	[KVC_A_STATS_TOUCHES] = "touches",
	[KVC_A_STATS_REFUSED] = "refused",
	[KVC_A_STATS_MIGRATED] = "migrated",
	[KVC_A_STATS_PROMOTED] = "promoted",
	[KVC_A_STATS_EVICTED_LIMIT] = "evicted-limit",
	[KVC_A_STATS_EVICTED_PRESSURE] = "evicted-pressure",
	[KVC_A_STATS_EXPIRED] = "expired",
	[KVC_A_STATS_CLEARED] = "cleared",
	[KVC_A_STATS_PURGED] = "purged",
	[KVC_A_STATS_FENCED] = "fenced",
	[KVC_A_STATS_BYPASS_SWITCHES] = "bypass-switches",
	[KVC_A_STATS_TIER_RESIZES] = "tier-resizes",
	[KVC_A_STATS_INDEX_RESIZES] = "index-resizes",
	[KVC_A_STATS_ENTRIES_TIER] = "entries-tier",
	[KVC_A_STATS_ENTRIES_MEMTABLE] = "entries-memtable",
	[KVC_A_STATS_BYTES_TIER] = "bytes-tier",
	[KVC_A_STATS_BYTES_MEMTABLE] = "bytes-memtable",
	[KVC_A_STATS_BYTES_INDEX] = "bytes-index",
	[KVC_A_STATS_BYTES_DEFERRED] = "bytes-deferred",
	[KVC_A_STATS_LIMIT] = "limit",
	[KVC_A_STATS_TIER_TARGET] = "tier-target",
	[KVC_A_STATS_EVENTS] = "events",
	[KVC_A_STATS_BYTES_EVENTS] = "bytes-events",
	[KVC_A_STATS_DIRTY_ENTRIES] = "dirty-entries",
	[KVC_A_STATS_DIRTY_BYTES] = "dirty-bytes",
	[KVC_A_STATS_RUNS_SEALED] = "runs-sealed",
	[KVC_A_STATS_RUNS_COMMITTED] = "runs-committed",
	[KVC_A_STATS_RECORDS_FLUSHED] = "records-flushed",
	[KVC_A_STATS_FLUSH_WAITS] = "flush-waits",
	[KVC_A_STATS_DIRTY_MS] = "dirty-ms",
	[KVC_A_STATS_SHARDS] = "shards",
	[KVC_A_STATS_BYPASS] = "bypass",
	[KVC_A_STATS_RUNS_WAITING] = "runs-waiting",
	[KVC_A_STATS_FLUSHER] = "flusher",
	[KVC_A_STATS_FLUSH_ERROR] = "flush-error",
};

static const char *const event_names[] = {
	[KVC_A_EVENT_SEQ] = "seq",
	[KVC_A_EVENT_REASON] = "reason",
	[KVC_A_EVENT_KEY] = "key",
	[KVC_A_EVENT_VERSION] = "version",
	[KVC_A_EVENT_LOST] = "lost",
};

static const char *const ring_names[] = {
	[KVC_A_RING_NAME] = "name",
	[KVC_A_RING_MODE] = "mode",
	[KVC_A_RING_SELECT] = "select",
	[KVC_A_RING_POINTS] = "points",
	[KVC_A_RING_THRESHOLD] = "threshold",
	[KVC_A_RING_RISE] = "rise",
	[KVC_A_RING_VALIDITY] = "validity",
	[KVC_A_RING_DEFER_MAX] = "defer-max",
	[KVC_A_RING_SELF] = "self",
	[KVC_A_RING_NODES] = "nodes",
	[KVC_A_RING_GENERATION] = "generation",
};

static const char *const node_names[] = {
	[KVC_A_NODE_ID] = "id",
	[KVC_A_NODE_NAME] = "name",
	[KVC_A_NODE_ADDRESS] = "address",
	[KVC_A_NODE_JOIN] = "join",
	[KVC_A_NODE_STATUS] = "status",
	[KVC_A_NODE_WEIGHT] = "weight",
	[KVC_A_NODE_POINTS] = "points",
	[KVC_A_NODE_POINT] = "point",
	[KVC_A_NODE_ORDER] = "order",
	[KVC_A_NODE_CAPACITY] = "capacity",
	[KVC_A_NODE_VOLUME] = "volume",
	[KVC_A_NODE_RESPONSE] = "response",
	[KVC_A_NODE_INSTANCES] = "instances",
	[KVC_A_NODE_FAILURES] = "failures",
	[KVC_A_NODE_TAG_LEFT] = "tag-left",
	[KVC_A_NODE_AGE] = "age",
	[KVC_A_NODE_DEFERRALS] = "deferrals",
	[KVC_A_NODE_FLUSH] = "flush",
};

static const char *const step_names[] = {
	[KVC_A_STEP_NODE] = "node",
	[KVC_A_STEP_NAME] = "name",
	[KVC_A_STEP_ADDRESS] = "address",
	[KVC_A_STEP_ACTION] = "action",
};

static const char *const deferral_names[] = {
	[KVC_A_DEFERRAL_NODE] = "node",
	[KVC_A_DEFERRAL_KEY] = "key",
	[KVC_A_DEFERRAL_SEQ] = "seq",
	[KVC_A_DEFERRAL_LEFT] = "left",
};

static const char *const top_names[] = {
	[KVC_A_CACHE] = "cache",
	[KVC_A_STATS] = "stats",
	[KVC_A_EVENT] = "event",
	[KVC_A_RING] = "ring",
	[KVC_A_NODE] = "node",
	[KVC_A_STEP] = "step",
	[KVC_A_DEFERRAL] = "deferral",
	[KVC_A_CHANGE] = "change",
	[KVC_A_KEY] = "key",
	[KVC_A_HASH] = "hash",
	[KVC_A_SINCE] = "since",
	[KVC_A_REVISION] = "revision",
	[KVC_A_FENCE] = "fence",
	[KVC_A_LIFETIME] = "lifetime",
	[KVC_A_SUCCESS] = "success",
	[KVC_A_PREFIX] = "prefix",
	[KVC_A_DISCARD_DIRTY] = "discard-dirty",
	[KVC_A_DRY_RUN] = "dry-run",
	[KVC_A_COUNT] = "count",
};

/* The names in a nest; the others are no nests. */
static const struct set {
	const char *const *names;
	unsigned int count;
} nests[] = {
#define SET(names)	{ names, sizeof(names) / sizeof(names[0]) }
	[KVC_A_CACHE] = SET(cache_names),
	[KVC_A_STATS] = SET(stats_names),
	[KVC_A_EVENT] = SET(event_names),
	[KVC_A_RING] = SET(ring_names),
	[KVC_A_NODE] = SET(node_names),
	[KVC_A_STEP] = SET(step_names),
	[KVC_A_DEFERRAL] = SET(deferral_names),
};

static const struct set top = SET(top_names);

#undef SET

static const char *name_of(const struct set *set, unsigned int type)
{
	return type < set->count && set->names[type] ? set->names[type] :
	       "(unknown)";
}

static const struct set *nest_of(unsigned int type)
{
	return type < sizeof(nests) / sizeof(nests[0]) && nests[type].count ?
	       &nests[type] : NULL;
}

/* Is the offset in the attribute, and how far? */
static int covers(const struct nlmsghdr *nlh, const struct nlattr *attr,
		  unsigned int offset)
{
	unsigned int at = (const char *)attr - (const char *)nlh;

	return offset >= at && offset - at < attr->nla_len;
}

static void name_inside(const struct nlmsghdr *nlh, const struct nlattr *nest,
			unsigned int offset, char path[KVC_ATTR_PATH])
{
	unsigned int type = mnl_attr_get_type(nest);
	const struct set *set = nest_of(type);
	const struct nlattr *attr;

	snprintf(path, KVC_ATTR_PATH, "%s", name_of(&top, type));
	if (!set)
		return;
	mnl_attr_for_each_nested(attr, nest) {
		if (covers(nlh, attr, offset))
			snprintf(path, KVC_ATTR_PATH, "%s.%s",
				 name_of(&top, type),
				 name_of(set, mnl_attr_get_type(attr)));
	}
}

void kvc_attr_at(const struct nlmsghdr *nlh, unsigned int offset,
		 char path[KVC_ATTR_PATH])
{
	const struct nlattr *attr;

	path[0] = '\0';
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (covers(nlh, attr, offset))
			name_inside(nlh, attr, offset, path);
	}
}

void kvc_attr_missing(const struct nlmsghdr *nlh, int nest, unsigned int type,
		      char path[KVC_ATTR_PATH])
{
	const struct nlattr *attr;
	const struct set *set;

	snprintf(path, KVC_ATTR_PATH, "%s", name_of(&top, type));
	if (nest < 0)
		return;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		set = nest_of(mnl_attr_get_type(attr));
		if (set && covers(nlh, attr, nest))
			snprintf(path, KVC_ATTR_PATH, "%s.%s",
				 name_of(&top, mnl_attr_get_type(attr)),
				 name_of(set, type));
	}
}
