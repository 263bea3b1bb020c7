// SPDX-License-Identifier: GPL-2.0-only
/* A cache's settings as words and as JSON. */
#include <stddef.h>
#include <stdio.h>

#include "settings.h"
#include "util.h"

static const char *const policies[] = {
	[KVC_POLICY_DEFAULT] = "default",
	[KVC_POLICY_FIFO] = "fifo",
	[KVC_POLICY_LRU] = "lru",
	[KVC_POLICY_SIEVE] = "sieve",
	[KVC_POLICY_S3FIFO] = "s3fifo",
	NULL,
};

#define WORD(n, j, k, f, a) \
	.name = n, .json = j, .kind = k, \
	.field = offsetof(struct kvc_config, f), .attr = KVC_A_CACHE_##a
#define FLAG(n, f) \
	WORD(n, n, KIND_FLAG, flags, FLAGS), .flag = KVC_CACHE_F_##f
#define NO_FLAG(n, f) \
	WORD(n, NULL, KIND_NO_FLAG, flags, FLAGS), .flag = KVC_CACHE_F_##f

static const struct word cache_words[] = {
	{ WORD("limit", "limit", KIND_SIZE64, limit, LIMIT) },
	{ WORD("tier", "tier", KIND_SIZE64, tier, TIER) },
	{ WORD("tier-min", "tier_min", KIND_SIZE64, tier_min, TIER_MIN) },
	{ WORD("tier-max", "tier_max", KIND_SIZE64, tier_max, TIER_MAX) },
	{ WORD("policy", "policy", KIND_CHOICE, policy, POLICY),
	  .fixed = true, .choices = policies },
	{ WORD("owner", "uid", KIND_OWNER, uid, UID) },
	{ WORD("group", "gid", KIND_GROUP, gid, GID) },
	{ WORD("mode", "mode", KIND_MODE, mode, MODE) },
	{ WORD("key-max", "key_max", KIND_SIZE32, key_max, KEY_MAX),
	  .fixed = true },
	{ WORD("value-max", "value_max", KIND_SIZE32, value_max, VALUE_MAX),
	  .fixed = true },
	{ WORD("window", "window", KIND_COUNT, window, WINDOW) },
	{ WORD("bypass-off", "bypass_off", KIND_COUNT, bypass_off, BYPASS_OFF) },
	{ WORD("bypass-on", "bypass_on", KIND_COUNT, bypass_on, BYPASS_ON) },
	{ WORD("grow", "grow", KIND_COUNT, grow, GROW) },
	{ WORD("events", "events", KIND_SIZE32, events, EVENTS),
	  .fixed = true },
	{ WORD("memtable", "memtable", KIND_SIZE64, memtable, MEMTABLE),
	  .sparse = true },
	{ WORD("runs", "runs", KIND_COUNT, runs, RUNS), .sparse = true },
	{ WORD("flush-ms", "flush_ms", KIND_COUNT, flush_ms, FLUSH_MS),
	  .sparse = true },
	{ FLAG("writebehind", WRITEBEHIND), .fixed = true },
	{ FLAG("static", STATIC) },
	{ FLAG("nobypass", NOBYPASS) },
	{ FLAG("noevict", NOEVICT) },
	{ FLAG("noevents", NOEVENTS), .fixed = true },
	{ FLAG("log", LOG) },
	{ NO_FLAG("nostatic", STATIC) },
	{ NO_FLAG("bypass", NOBYPASS) },
	{ NO_FLAG("evict", NOEVICT) },
};

static const struct words words = { cache_words, ARRAY_SIZE(cache_words) };

int settings_parse(int argc, char **argv, struct kvc_config *config,
		   uint64_t *given, bool change)
{
	return words_parse(&words, argc, argv, config, given, change);
}

const char *policy_text(uint32_t policy)
{
	return choice_text(policies, policy);
}

void settings_print(const struct kvc_config *config)
{
	printf("%s\n", config->name);
	words_print(&words, config);
}

void settings_json(json_t *object, const struct kvc_config *config)
{
	json_add(object, "name", json_string(config->name));
	words_json(&words, object, config);
}
