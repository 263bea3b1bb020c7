// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include "cache.h"

#define CONFIG_FLAGS	(KVC_CACHE_F_STATIC | KVC_CACHE_F_NOBYPASS | \
			 KVC_CACHE_F_NOEVICT | KVC_CACHE_F_NOEVENTS)
#define LIMIT_MIN	SZ_64K
#define LIMIT_MAX	(1ULL << 46)
#define WINDOW_MIN	1024
#define WINDOW_MAX	(1u << 24)
#define EVENTS_MIN	SZ_4K
#define EVENTS_MAX	SZ_64M

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

static int complete_sizes(struct kvc_config *g)
{
	if (g->limit < LIMIT_MIN || g->limit > LIMIT_MAX)
		return -EINVAL;
	g->tier = g->tier ?: g->limit / 4;
	/* L3: the memtable is larger than the tier, at whatever size that has */
	if (g->tier >= g->limit / 2)
		return -EINVAL;
	g->tier_min = g->tier_min ?: g->tier / 4;
	g->tier_max = g->tier_max ?: min(2 * g->tier, g->limit / 2 - 1);
	if (g->flags & KVC_CACHE_F_STATIC)
		g->tier_min = g->tier_max = g->tier;
	if (g->tier_min > g->tier || g->tier_max < g->tier ||
	    g->tier_max >= g->limit / 2)
		return -EINVAL;
	return 0;
}

static int complete_adapt(struct kvc_config *g)
{
	g->window = g->window ?: 65536;
	g->bypass_off = g->bypass_off ?: 50;
	g->bypass_on = g->bypass_on ?: min(2 * g->bypass_off, 1000u);
	g->grow = g->grow ?: 250;
	if (g->window < WINDOW_MIN || g->window > WINDOW_MAX)
		return -EINVAL;
	if (g->bypass_on > 1000 || g->bypass_off >= g->bypass_on)
		return -EINVAL;
	return g->grow > 1000 ? -EINVAL : 0;
}

static int complete_pairs(struct kvc_config *g)
{
	g->key_max = g->key_max ?: KVC_KEY_MAX;
	g->value_max = g->value_max ?: SZ_1M;
	g->policy = g->policy ?: KVC_POLICY_S3FIFO;
	if (g->key_max > KVC_KEY_MAX || g->value_max > KVC_VALUE_MAX ||
	    !kvc_policy_lookup(g->policy))
		return -EINVAL;
	return 0;
}

static int complete_events(struct kvc_config *g)
{
	if (g->flags & KVC_CACHE_F_NOEVENTS)
		return g->events ? -EINVAL : 0;
	g->events = g->events ?: SZ_256K;
	return g->events < EVENTS_MIN || g->events > EVENTS_MAX ? -EINVAL : 0;
}

/**
 * kvc_config_complete - check a cache's settings and fill in the defaults
 * @g: the settings, all but owner and group, which the caller knows
 *
 * Return: 0 or -EINVAL.
 */
int kvc_config_complete(struct kvc_config *g)
{
	size_t used = strnlen(g->name, KVC_NAME_MAX);

	/* Nobody else is to see what the creator left behind the name's end. */
	memset(g->name + used, 0, KVC_NAME_MAX - used);
	if (!kvc_config_name_ok(g->name) || g->mode & ~0666 ||
	    g->flags & ~CONFIG_FLAGS)
		return -EINVAL;
	return complete_sizes(g) ?: complete_adapt(g) ?: complete_pairs(g) ?:
	       complete_events(g);
}
