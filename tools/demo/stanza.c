// SPDX-License-Identifier: GPL-2.0-only
/* The file of package stanzas: the slow source behind the cache */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stanza.h"

static const char *map_file(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *at;

	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", path);
	at = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		err(1, "%s", path);
	close(fd);
	*len = st.st_size;
	return at;
}

static uint32_t count_lines(const char *at, const char *end)
{
	uint32_t lines = 0;

	while (at < end && (at = memchr(at, '\n', end - at))) {
		lines++;
		at++;
	}
	return lines;
}

static void split(struct stanza *s, const char *line, const char *end)
{
	const char *tab = memchr(line, '\t', end - line);

	if (!tab)
		errx(1, "a line without a tab");
	*s = (struct stanza){
		.name = line,
		.name_len = tab - line,
		.text = tab + 1,
		.text_len = end - tab - 1,
	};
}

struct stanza *stanza_read(const char *path, uint32_t *count)
{
	struct stanza *stanzas;
	const char *at, *end;
	uint32_t i;
	size_t len;

	at = map_file(path, &len);
	*count = count_lines(at, at + len);
	if (!*count)
		errx(1, "%s is empty", path);
	stanzas = calloc(*count, sizeof(*stanzas));
	if (!stanzas)
		err(1, "stanzas");
	for (i = 0; i < *count; i++) {
		end = memchr(at, '\n', len);
		split(&stanzas[i], at, end);
		len -= end + 1 - at;
		at = end + 1;
	}
	return stanzas;
}

static char unescape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	default:
		return c;
	}
}

char *stanza_value(const struct stanza *stanza, size_t *len)
{
	char *value = malloc(stanza->text_len + 1);
	const char *end = stanza->text + stanza->text_len;
	const char *from;
	char *to = value;

	if (!value)
		err(1, "value");
	for (from = stanza->text; from < end; from++) {
		if (*from == '\\' && from + 1 < end)
			*to++ = unescape(*++from);
		else
			*to++ = *from;
	}
	*len = to - value;
	return value;
}
