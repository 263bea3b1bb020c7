// SPDX-License-Identifier: GPL-2.0-only
/* Settings of a struct as words and as JSON. */
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "number.h"
#include "words.h"

static bool is_64(const struct word *word)
{
	return word->kind == KIND_SIZE64 || word->kind == KIND_NUMBER64 ||
	       word->kind == KIND_TIME;
}

int choice_parse(const char *const *choices, const char *text, uint64_t *out)
{
	for (*out = 0; choices[*out]; (*out)++) {
		if (!strcmp(choices[*out], text))
			return 0;
	}
	return -EINVAL;
}

const char *choice_text(const char *const *choices, uint32_t choice)
{
	uint32_t i = 0;

	while (choices[i] && i < choice)
		i++;
	return choices[i] ? choices[i] : "unknown";
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

/* 0 stands for the kernel's own choice in every size, count and time. */
static int amount_parse(enum word_kind kind, const char *text, uint64_t *out)
{
	if (!strcmp(text, "auto")) {
		*out = 0;
		return 0;
	}
	switch (kind) {
	case KIND_COUNT:
		return number_parse(text, UINT32_MAX, out);
	case KIND_TIME:
		return duration_parse(text, INT64_MAX, out);
	case KIND_SIZE32:
		return size_parse(text, UINT32_MAX, out);
	default:
		return size_parse(text, UINT64_MAX, out);
	}
}

static int value_parse(const struct word *word, const char *text, uint64_t *out)
{
	switch (word->kind) {
	case KIND_CHOICE:
		return choice_parse(word->choices, text, out);
	case KIND_OWNER:
		return owner_parse(text, out);
	case KIND_GROUP:
		return group_parse(text, out);
	case KIND_MODE:
		return octal_parse(text, 0777, out);
	case KIND_NUMBER:
		return number_parse(text, UINT32_MAX, out);
	case KIND_NUMBER64:
		return number_parse(text, UINT64_MAX, out);
	default:
		return amount_parse(word->kind, text, out);
	}
}

/* "default, fifo or lru" */
static void list_choices(const char *const *choices, char *text, size_t len)
{
	size_t at = 0, i;

	for (i = 0; choices[i] && at < len; i++)
		at += snprintf(text + at, len - at, "%s%s", !i ? "" :
			       choices[i + 1] ? ", " : " or ", choices[i]);
}

static int bad_value(const struct word *word, const char *text, int err)
{
	static const char *const needed[] = {
		[KIND_SIZE64] = "a size such as 65536, 64K, 1G or auto",
		[KIND_SIZE32] = "a size such as 250, 64K, 1M or auto",
		[KIND_COUNT] = "a number or auto",
		[KIND_NUMBER] = "a number",
		[KIND_NUMBER64] = "a number",
		[KIND_TIME] = "a time such as 500ms, 10s, 5m or auto",
		[KIND_OWNER] = "a user's name or number",
		[KIND_GROUP] = "a group's name or number",
		[KIND_MODE] = "an octal mode such as 0640",
	};
	char choices[128] = "";

	if (word->kind == KIND_CHOICE)
		list_choices(word->choices, choices, sizeof(choices));
	return bad_usage("%s: '%s' is %s %s", word->name, text,
			 err == -ERANGE ? "too large for" : "not",
			 choices[0] ? choices : needed[word->kind]);
}

static const struct word *find(const struct words *words, const char *name)
{
	size_t i;

	for (i = 0; i < words->count; i++) {
		if (!strcmp(words->word[i].name, name))
			return &words->word[i];
	}
	return NULL;
}

static void take_flag(const struct word *word, void *to)
{
	uint32_t *flags = (uint32_t *)((char *)to + word->field);

	if (word->kind == KIND_FLAG)
		*flags |= word->flag;
	else
		*flags &= ~word->flag;
}

static int take_text(const struct word *word, const char *text, void *to)
{
	size_t len = strlen(text);

	if (!len || len >= word->size)
		return bad_usage("%s: 1 to %zu characters", word->name,
				 word->size - 1);
	memcpy((char *)to + word->field, text, len + 1);
	return STATUS_OK;
}

/* A word and, if it takes one, its argument; gives an exit status. */
static int take(const struct word *word, const char *text, void *to)
{
	void *field = (char *)to + word->field;
	uint64_t value = 0;
	int ret;

	if (!text)
		return bad_usage("'%s' needs an argument", word->name);
	if (word->kind == KIND_TEXT)
		return take_text(word, text, to);
	ret = value_parse(word, text, &value);
	if (ret)
		return bad_value(word, text, ret);
	if (is_64(word))
		*(uint64_t *)field = value;
	else
		*(uint32_t *)field = value;
	return STATUS_OK;
}

int words_parse(const struct words *words, int argc, char **argv, void *to,
		uint64_t *given, bool change)
{
	const struct word *word;
	int i, status;

	for (i = 0; i < argc; i++) {
		word = find(words, argv[i]);
		if (!word)
			return bad_usage("there is no setting '%s'", argv[i]);
		if (change && word->fixed)
			return bad_usage("'%s' can only be said at create",
					 word->name);
		*given |= 1ull << word->attr;
		if (word->kind == KIND_FLAG || word->kind == KIND_NO_FLAG) {
			take_flag(word, to);
			continue;
		}
		i++;
		status = take(word, i < argc ? argv[i] : NULL, to);
		if (status)
			return status;
	}
	return STATUS_OK;
}

/* @name: NULL: the system has none for it */
static const char *id_text(const char *name, uint32_t id, char *text, size_t len)
{
	if (name)
		snprintf(text, len, "%s", name);
	else
		snprintf(text, len, "%" PRIu32, id);
	return text;
}

const char *owner_text(uint32_t uid, char *text, size_t len)
{
	const struct passwd *user = getpwuid(uid);

	return id_text(user ? user->pw_name : NULL, uid, text, len);
}

const char *group_text(uint32_t gid, char *text, size_t len)
{
	const struct group *group = getgrgid(gid);

	return id_text(group ? group->gr_name : NULL, gid, text, len);
}

static void print_word(const struct word *word, uint64_t value)
{
	char text[64];

	switch (word->kind) {
	case KIND_SIZE64:
	case KIND_SIZE32:
		size_text(value, text, sizeof(text));
		break;
	case KIND_TIME:
		duration_text(value, text, sizeof(text));
		break;
	case KIND_CHOICE:
		snprintf(text, sizeof(text), "%s",
			 choice_text(word->choices, value));
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

static uint64_t value_of(const struct word *word, const void *from)
{
	const char *field = (const char *)from + word->field;

	if (is_64(word))
		return *(const uint64_t *)field;
	return *(const uint32_t *)field;
}

void words_print(const struct words *words, const void *from)
{
	const struct word *word;

	for (word = words->word; word < words->word + words->count; word++) {
		if (!word->json || (word->sparse && !value_of(word, from)))
			continue;
		if (word->kind == KIND_TEXT)
			printf("\t%s %s\n", word->name,
			       (const char *)from + word->field);
		else if (word->kind != KIND_FLAG)
			print_word(word, value_of(word, from));
		else if (value_of(word, from) & word->flag)
			printf("\t%s\n", word->name);
	}
}

static json_t *word_json(const struct word *word, const void *from)
{
	uint64_t value;
	char text[16];

	if (word->kind == KIND_TEXT)
		return json_string((const char *)from + word->field);
	value = value_of(word, from);
	switch (word->kind) {
	case KIND_CHOICE:
		return json_string(choice_text(word->choices, value));
	case KIND_MODE:
		snprintf(text, sizeof(text), "%04o", (unsigned int)value);
		return json_string(text);
	case KIND_FLAG:
		return json_boolean(value & word->flag);
	default:
		return json_integer((json_int_t)value);
	}
}

void words_json(const struct words *words, json_t *object, const void *from)
{
	const struct word *word;

	for (word = words->word; word < words->word + words->count; word++) {
		if (word->json)
			json_add(object, word->json, word_json(word, from));
	}
}
