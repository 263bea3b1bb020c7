// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include "config.h"
#include "policy.h"

#define CONFIG_FLAGS	(KVC_CACHE_F_STATIC | KVC_CACHE_F_NOBYPASS | \
			 KVC_CACHE_F_NOEVICT | KVC_CACHE_F_NOEVENTS | \
			 KVC_CACHE_F_WRITEBEHIND | KVC_CACHE_F_LOG)
#define LIMIT_MIN	SZ_64K
#define LIMIT_MAX	(1ULL << 46)
#define WINDOW_MIN	1024
#define WINDOW_MAX	(1u << 24)
#define EVENTS_MIN	SZ_4K
#define EVENTS_MAX	SZ_64M
#define RUNS_MAX	16
#define FLUSH_MS_MIN	10
#define FLUSH_MS_MAX	3600000

static bool is_name_char(char c, bool first)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_')
		return true;
	return !first && (c == '.' || c == '-');
}

/**
 * kvc_config_name_ok - is this a name that a cache can have?
 * @name: %KVC_NAME_MAX bytes
 */
bool kvc_config_name_ok(const char *name)
{
	unsigned int i;

	for (i = 0; i < KVC_NAME_MAX && name[i]; i++)
		if (!is_name_char(name[i], !i))
			return false;
	return i && i < KVC_NAME_MAX;
}

static void fill_sizes(struct kvc_config *g)
{
	if (!g->tier)
		g->tier = g->limit / (g->flags & KVC_CACHE_F_WRITEBEHIND ? 8 : 4);
	g->tier_min = g->tier_min ?: g->tier / 4;
	g->tier_max = g->tier_max ?: min(2 * g->tier, g->limit / 2 - 1);
	if (g->flags & KVC_CACHE_F_STATIC)
		g->tier_min = g->tier_max = g->tier;
}

static void fill_behind(struct kvc_config *g)
{
	if (!(g->flags & KVC_CACHE_F_WRITEBEHIND))
		return;
	g->runs = g->runs ?: 2;
	/*
	 * All runs that may wait and a full tier and memtable fit.  Of sizes
	 * that do not go together something is said later.
	 */
	if (!g->memtable)
		g->memtable = max(g->limit / (g->runs + 1), 2 * g->tier) -
			      g->tier;
	g->flush_ms = g->flush_ms ?: 1000;
}

static void fill_rest(struct kvc_config *g)
{
	g->window = g->window ?: 65536;
	g->bypass_off = g->bypass_off ?: 50;
	g->bypass_on = g->bypass_on ?: min(2 * g->bypass_off, 1000u);
	g->grow = g->grow ?: 250;
	g->key_max = g->key_max ?: KVC_KEY_MAX;
	g->value_max = g->value_max ?: SZ_1M;
	g->policy = g->policy ?: KVC_POLICY_S3FIFO;
	if (!(g->flags & KVC_CACHE_F_NOEVENTS))
		g->events = g->events ?: SZ_256K;
}

static const char *why_sizes(const struct kvc_config *g)
{
	if (g->limit < LIMIT_MIN || g->limit > LIMIT_MAX)
		return "cache.limit: 64 KiB to 64 TiB";
	/* L3: the memtable is larger than the tier, at whatever size that has */
	if (g->tier >= g->limit / 2)
		return "cache.tier: less than half of the limit";
	if (g->tier_min > g->tier)
		return "cache.tier-min: not more than the tier";
	if (g->tier_max < g->tier || g->tier_max >= g->limit / 2)
		return "cache.tier-max: from the tier to less than half of the limit";
	return NULL;
}

static const char *why_adapt(const struct kvc_config *g)
{
	if (g->window < WINDOW_MIN || g->window > WINDOW_MAX)
		return "cache.window: 1024 to 2^24 operations";
	if (g->bypass_on > 1000)
		return "cache.bypass-on: not more than 1000";
	if (g->bypass_off >= g->bypass_on)
		return "cache.bypass-off: less than bypass-on";
	return g->grow > 1000 ? "cache.grow: not more than 1000" : NULL;
}

static const char *why_pairs(const struct kvc_config *g)
{
	if (g->key_max > KVC_KEY_MAX)
		return "cache.key-max: not more than 4096 bytes";
	if (g->value_max > KVC_VALUE_MAX)
		return "cache.value-max: not more than 64 MiB";
	if (!kvc_policy_lookup(g->policy))
		return "cache.policy: there is no such policy";
	return NULL;
}

static const char *why_events(const struct kvc_config *g)
{
	if (g->flags & KVC_CACHE_F_NOEVENTS && g->flags & KVC_CACHE_F_LOG)
		return "cache.flags: log or noevents, not both";
	if (g->flags & KVC_CACHE_F_NOEVENTS)
		return g->events ? "cache.events: none with noevents" : NULL;
	if (g->events < EVENTS_MIN || g->events > EVENTS_MAX)
		return "cache.events: 4 KiB to 64 MiB";
	return NULL;
}

static const char *why_volatile(const struct kvc_config *g)
{
	if (g->memtable)
		return "cache.memtable: only with writebehind";
	if (g->runs)
		return "cache.runs: only with writebehind";
	return g->flush_ms ? "cache.flush-ms: only with writebehind" : NULL;
}

static const char *why_behind(const struct kvc_config *g)
{
	if (!(g->flags & KVC_CACHE_F_WRITEBEHIND))
		return why_volatile(g);
	if (g->flags & KVC_CACHE_F_NOEVICT)
		return "cache.flags: not noevict with writebehind";
	/* L3 */
	if (g->memtable < g->tier || g->memtable > g->limit - g->tier)
		return "cache.memtable: from the tier to what it leaves of the limit";
	if (!g->runs || g->runs > RUNS_MAX)
		return "cache.runs: 1 to 16";
	if (g->flush_ms < FLUSH_MS_MIN || g->flush_ms > FLUSH_MS_MAX)
		return "cache.flush-ms: 10 to 3600000 ms";
	return NULL;
}

/**
 * kvc_config_why - what is wrong with a cache's settings?
 * @g: the settings with the defaults filled in
 *
 * Return: the name of a setting and what it may be, or NULL: nothing.
 */
const char *kvc_config_why(const struct kvc_config *g)
{
	if (g->mode & ~0666)
		return "cache.mode: read and write bits only";
	if (g->flags & ~CONFIG_FLAGS)
		return "cache.flags: there is no such flag";
	return why_sizes(g) ?: why_adapt(g) ?: why_pairs(g) ?: why_events(g) ?:
	       why_behind(g);
}

/**
 * kvc_config_complete - fill in the defaults and check a cache's settings
 * @g: the settings, all but owner and group, which the caller knows
 *
 * Return: 0; -EINVAL: the name; -ERANGE: another one, see kvc_config_why().
 */
int kvc_config_complete(struct kvc_config *g)
{
	size_t used = strnlen(g->name, KVC_NAME_MAX);

	/* Nobody else is to see what the creator left behind the name's end. */
	memset(g->name + used, 0, KVC_NAME_MAX - used);
	if (!kvc_config_name_ok(g->name))
		return -EINVAL;
	fill_sizes(g);
	fill_behind(g);
	fill_rest(g);
	return kvc_config_why(g) ? -ERANGE : 0;
}

#define FIELD(attr, field) \
	[KVC_A_CACHE_##attr] = { offsetof(struct kvc_config, field), \
				 sizeof_field(struct kvc_config, field) }

const struct kvc_config_field kvc_config_fields[KVC_A_CACHE_MAX + 1] = {
	FIELD(UID, uid),
	FIELD(GID, gid),
	FIELD(MODE, mode),
	FIELD(POLICY, policy),
	FIELD(FLAGS, flags),
	FIELD(KEY_MAX, key_max),
	FIELD(VALUE_MAX, value_max),
	FIELD(WINDOW, window),
	FIELD(BYPASS_OFF, bypass_off),
	FIELD(BYPASS_ON, bypass_on),
	FIELD(GROW, grow),
	FIELD(EVENTS, events),
	FIELD(LIMIT, limit),
	FIELD(TIER, tier),
	FIELD(TIER_MIN, tier_min),
	FIELD(TIER_MAX, tier_max),
	FIELD(MEMTABLE, memtable),
	FIELD(RUNS, runs),
	FIELD(FLUSH_MS, flush_ms),
};

/**
 * kvc_config_overlay - take some settings over others
 * @to: gets them
 * @from: has them
 * @given: which, %KVC_CONFIG_BIT
 */
void kvc_config_overlay(struct kvc_config *to, const struct kvc_config *from,
			u32 given)
{
	const struct kvc_config_field *f;
	unsigned int attr;

	for (attr = 0; attr <= KVC_A_CACHE_MAX; attr++) {
		f = &kvc_config_fields[attr];
		if (given & KVC_CONFIG_BIT(attr))
			memcpy((char *)to + f->offset,
			       (const char *)from + f->offset, f->size);
	}
}
