// SPDX-License-Identifier: GPL-2.0-only
/* A cache's settings as words and as JSON. */
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "number.h"
#include "settings.h"

enum kind {
	KIND_SIZE64,
	KIND_SIZE32,
	KIND_COUNT,
	KIND_POLICY,
	KIND_OWNER,
	KIND_GROUP,
	KIND_MODE,
	KIND_FLAG,		/* a word without an argument */
	KIND_NO_FLAG,
};

struct word {
	const char *name;
	const char *json;	/* its name there; NULL: a flag's opposite */
	enum kind kind;
	size_t field;		/* where in struct kvc_config */
	uint32_t flag;
	uint32_t mask;		/* KVC_SET_*, 0: cannot be changed */
};

#define FIELD(f) offsetof(struct kvc_config, f)

static const struct word words[] = {
	{ "limit", "limit", KIND_SIZE64, FIELD(limit), 0, KVC_SET_SIZE },
	{ "tier", "tier", KIND_SIZE64, FIELD(tier), 0, KVC_SET_SIZE },
	{ "tier-min", "tier_min", KIND_SIZE64, FIELD(tier_min), 0, KVC_SET_SIZE },
	{ "tier-max", "tier_max", KIND_SIZE64, FIELD(tier_max), 0, KVC_SET_SIZE },
	{ "policy", "policy", KIND_POLICY, FIELD(policy), 0, 0 },
	{ "owner", "uid", KIND_OWNER, FIELD(uid), 0, KVC_SET_OWNER },
	{ "group", "gid", KIND_GROUP, FIELD(gid), 0, KVC_SET_OWNER },
	{ "mode", "mode", KIND_MODE, FIELD(mode), 0, KVC_SET_MODE },
	{ "key-max", "key_max", KIND_SIZE32, FIELD(key_max), 0, 0 },
	{ "value-max", "value_max", KIND_SIZE32, FIELD(value_max), 0, 0 },
	{ "window", "window", KIND_COUNT, FIELD(window), 0, KVC_SET_ADAPT },
	{ "bypass-off", "bypass_off", KIND_COUNT, FIELD(bypass_off), 0, KVC_SET_ADAPT },
	{ "bypass-on", "bypass_on", KIND_COUNT, FIELD(bypass_on), 0, KVC_SET_ADAPT },
	{ "grow", "grow", KIND_COUNT, FIELD(grow), 0, KVC_SET_ADAPT },
	{ "events", "events", KIND_SIZE32, FIELD(events), 0, 0 },
	{ "static", "static", KIND_FLAG, FIELD(flags), KVC_CACHE_F_STATIC, KVC_SET_ADAPT },
	{ "nobypass", "nobypass", KIND_FLAG, FIELD(flags), KVC_CACHE_F_NOBYPASS, KVC_SET_ADAPT },
	{ "noevict", "noevict", KIND_FLAG, FIELD(flags), KVC_CACHE_F_NOEVICT, KVC_SET_ADAPT },
	{ "noevents", "noevents", KIND_FLAG, FIELD(flags), KVC_CACHE_F_NOEVENTS, 0 },
	{ "nostatic", NULL, KIND_NO_FLAG, FIELD(flags), KVC_CACHE_F_STATIC, KVC_SET_ADAPT },
	{ "bypass", NULL, KIND_NO_FLAG, FIELD(flags), KVC_CACHE_F_NOBYPASS, KVC_SET_ADAPT },
	{ "evict", NULL, KIND_NO_FLAG, FIELD(flags), KVC_CACHE_F_NOEVICT, KVC_SET_ADAPT },
};

#define WORDS	ARRAY_SIZE(words)

static const char *const policies[] = {
	[KVC_POLICY_DEFAULT] = "default",
	[KVC_POLICY_FIFO] = "fifo",
	[KVC_POLICY_LRU] = "lru",
	[KVC_POLICY_SIEVE] = "sieve",
	[KVC_POLICY_S3FIFO] = "s3fifo",
};

#define POLICIES	ARRAY_SIZE(policies)

static __u32 *field32(struct kvc_config *config, const struct word *word)
{
	return (__u32 *)((char *)config + word->field);
}

static __u64 *field64(struct kvc_config *config, const struct word *word)
{
	return (__u64 *)((char *)config + word->field);
}

static bool is_64(const struct word *word)
{
	return word->kind == KIND_SIZE64;
}

static int policy_parse(const char *text, uint64_t *out)
{
	for (*out = 0; *out < POLICIES; (*out)++) {
		if (!strcmp(policies[*out], text))
			return 0;
	}
	return -EINVAL;
}

/* -1 would mean the caller to the kernel. */
static int owner_parse(const char *text, uint64_t *out)
{
	const struct passwd *user = getpwnam(text);

	if (!user)
		return number_parse(text, UINT32_MAX - 1, out);
	*out = user->pw_uid;
	return 0;
}

static int group_parse(const char *text, uint64_t *out)
{
	const struct group *group = getgrnam(text);

	if (!group)
		return number_parse(text, UINT32_MAX - 1, out);
	*out = group->gr_gid;
	return 0;
}

/* 0 stands for the kernel's own choice in every size and count. */
static int amount_parse(enum kind kind, const char *text, uint64_t *out)
{
	if (!strcmp(text, "auto")) {
		*out = 0;
		return 0;
	}
	if (kind == KIND_COUNT)
		return number_parse(text, UINT32_MAX, out);
	return size_parse(text, kind == KIND_SIZE32 ? UINT32_MAX : UINT64_MAX,
			  out);
}

static int value_parse(enum kind kind, const char *text, uint64_t *out)
{
	switch (kind) {
	case KIND_POLICY:
		return policy_parse(text, out);
	case KIND_OWNER:
		return owner_parse(text, out);
	case KIND_GROUP:
		return group_parse(text, out);
	case KIND_MODE:
		return octal_parse(text, 0777, out);
	default:
		return amount_parse(kind, text, out);
	}
}

static int bad_value(const struct word *word, const char *text, int err)
{
	static const char *const needed[] = {
		[KIND_SIZE64] = "a size such as 65536, 64K, 1G or auto",
		[KIND_SIZE32] = "a size such as 250, 64K, 1M or auto",
		[KIND_COUNT] = "a number or auto",
		[KIND_POLICY] = "default, fifo, lru, sieve or s3fifo",
		[KIND_OWNER] = "a user's name or number",
		[KIND_GROUP] = "a group's name or number",
		[KIND_MODE] = "an octal mode such as 0640",
	};

	return bad_usage("%s: '%s' is %s %s", word->name, text,
			 err == -ERANGE ? "too large for" : "not",
			 needed[word->kind]);
}

static const struct word *find(const char *name)
{
	size_t i;

	for (i = 0; i < WORDS; i++) {
		if (!strcmp(words[i].name, name))
			return &words[i];
	}
	return NULL;
}

static void take_flag(const struct word *word, struct kvc_config *config)
{
	if (word->kind == KIND_FLAG)
		config->flags |= word->flag;
	else
		config->flags &= ~word->flag;
}

/* A word and, if it takes one, its argument; gives an exit status. */
static int take(const struct word *word, const char *text,
		struct kvc_config *config)
{
	uint64_t value = 0;
	int ret;

	if (!text)
		return bad_usage("'%s' needs an argument", word->name);
	ret = value_parse(word->kind, text, &value);
	if (ret)
		return bad_value(word, text, ret);
	if (is_64(word))
		*field64(config, word) = value;
	else
		*field32(config, word) = value;
	return STATUS_OK;
}

int settings_parse(int argc, char **argv, struct kvc_config *config,
		   uint32_t *mask, bool change)
{
	const struct word *word;
	int i, status;

	for (i = 0; i < argc; i++) {
		word = find(argv[i]);
		if (!word)
			return bad_usage("there is no setting '%s'", argv[i]);
		if (change && !word->mask)
			return bad_usage("'%s' can only be said at create",
					 word->name);
		*mask |= word->mask;
		if (word->kind == KIND_FLAG || word->kind == KIND_NO_FLAG) {
			take_flag(word, config);
			continue;
		}
		i++;
		status = take(word, i < argc ? argv[i] : NULL, config);
		if (status)
			return status;
	}
	return STATUS_OK;
}

const char *policy_text(uint32_t policy)
{
	return policy < POLICIES ? policies[policy] : "unknown";
}

const char *owner_text(uint32_t uid, char *text, size_t len)
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		snprintf(text, len, "%s", user->pw_name);
	else
		snprintf(text, len, "%" PRIu32, uid);
	return text;
}

const char *group_text(uint32_t gid, char *text, size_t len)
{
	const struct group *group = getgrgid(gid);

	if (group)
		snprintf(text, len, "%s", group->gr_name);
	else
		snprintf(text, len, "%" PRIu32, gid);
	return text;
}

static void print_word(const struct word *word, uint64_t value)
{
	char text[64];

	switch (word->kind) {
	case KIND_SIZE64:
	case KIND_SIZE32:
		size_text(value, text, sizeof(text));
		break;
	case KIND_POLICY:
		snprintf(text, sizeof(text), "%s", policy_text(value));
		break;
	case KIND_OWNER:
		owner_text(value, text, sizeof(text));
		break;
	case KIND_GROUP:
		group_text(value, text, sizeof(text));
		break;
	case KIND_MODE:
		snprintf(text, sizeof(text), "%04o", (unsigned int)value);
		break;
	default:
		snprintf(text, sizeof(text), "%" PRIu64, value);
	}
	printf("\t%s %s\n", word->name, text);
}

static uint64_t value_of(const struct kvc_config *config,
			 const struct word *word)
{
	const char *field = (const char *)config + word->field;

	if (is_64(word))
		return *(const __u64 *)field;
	return *(const __u32 *)field;
}

void settings_print(const struct kvc_config *config)
{
	const struct word *word;

	printf("%s\n", config->name);
	for (word = words; word < words + WORDS; word++) {
		if (word->kind == KIND_NO_FLAG)
			continue;
		if (word->kind != KIND_FLAG)
			print_word(word, value_of(config, word));
		else if (config->flags & word->flag)
			printf("\t%s\n", word->name);
	}
}

static json_t *word_json(const struct kvc_config *config,
			 const struct word *word)
{
	uint64_t value = value_of(config, word);
	char text[16];

	switch (word->kind) {
	case KIND_POLICY:
		return json_string(policy_text(value));
	case KIND_MODE:
		snprintf(text, sizeof(text), "%04o", (unsigned int)value);
		return json_string(text);
	case KIND_FLAG:
		return json_boolean(value & word->flag);
	default:
		return json_integer((json_int_t)value);
	}
}

void settings_json(json_t *object, const struct kvc_config *config)
{
	const struct word *word;

	json_add(object, "name", json_string(config->name));
	for (word = words; word < words + WORDS; word++) {
		if (word->json)
			json_add(object, word->json, word_json(config, word));
	}
}
