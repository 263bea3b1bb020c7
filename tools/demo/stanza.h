/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef DEMO_STANZA_H
#define DEMO_STANZA_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct stanza - a line of the file that the cache is filled from
 * @name: the key
 * @name_len: its length
 * @text: the value as it is in the file, with escapes
 * @text_len: the length of that
 */
struct stanza {
	const char *name;
	const char *text;
	size_t name_len;
	size_t text_len;
};

/* Maps the file for good; ends the program when it cannot. */
struct stanza *stanza_read(const char *path, uint32_t *count);
/* The value without the escapes, in memory to free(). */
char *stanza_value(const struct stanza *stanza, size_t *len);

#endif
