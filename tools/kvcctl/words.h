/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_WORDS_H
#define KVCCTL_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json.h"

/* What stands behind a word, and how it is kept in a struct. */
enum word_kind {
	KIND_SIZE64,		/* bytes; the second is of 32 bits */
	KIND_SIZE32,
	KIND_COUNT,		/* 32 bits, 0: auto */
	KIND_NUMBER,		/* 32 bits */
	KIND_NUMBER64,
	KIND_TIME,		/* 64 bits, nanoseconds, 0: auto */
	KIND_CHOICE,		/* 32 bits */
	KIND_OWNER,
	KIND_GROUP,
	KIND_MODE,
	KIND_TEXT,
	KIND_FLAG,		/* a word without an argument */
	KIND_NO_FLAG,
};

/*
 * A setting of a struct.  @json NULL: it is not shown; @attr: its attribute;
 * @fixed: it cannot be changed later; @sparse: 0 is not printed; @size: a
 * text's room; @choices: ends with NULL.
 */
struct word {
	const char *name;
	const char *json;
	enum word_kind kind;
	size_t field;
	uint32_t attr;
	bool fixed;
	bool sparse;
	uint32_t flag;
	size_t size;
	const char *const *choices;
};

struct words {
	const struct word *word;
	size_t count;
};

/*
 * Reads words such as "limit 64M noevict" into a struct.  @given collects bits
 * by attribute; with @change what is fixed is refused.  Gives an exit status.
 */
int words_parse(const struct words *words, int argc, char **argv, void *to,
		uint64_t *given, bool change);

/* Prints the words that make such a struct, a line for each. */
void words_print(const struct words *words, const void *from);

/* Adds the settings to an object. */
void words_json(const struct words *words, json_t *object, const void *from);

/* The name of a choice, "unknown" if there is none. */
const char *choice_text(const char *const *choices, uint32_t choice);

/* The number of a choice; 0 or -EINVAL. */
int choice_parse(const char *const *choices, const char *text, uint64_t *out);

/* The name of a user or group, or the number if there is none. */
const char *owner_text(uint32_t uid, char *text, size_t len);
const char *group_text(uint32_t gid, char *text, size_t len);

#endif /* KVCCTL_WORDS_H */
