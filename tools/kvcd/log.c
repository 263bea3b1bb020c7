// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "log.h"

static int limit = LOG_INFO;

void log_limit(int priority)
{
	limit = priority;
}

/* Control characters of a file's or a key's name are not for a terminal. */
static void make_plain(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
	}
}

void log_say(int priority, const char *fmt, ...)
{
	char text[1024], line[1100];
	int saved = errno, len;
	va_list ap;

	if (priority > limit)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	make_plain(text);
	if (getenv("JOURNAL_STREAM"))
		len = snprintf(line, sizeof(line), "<%d>%s\n", priority, text);
	else
		len = snprintf(line, sizeof(line), "kvcd: %s\n", text);
	/* One write for a line: threads do not get between each other. */
	len = write(STDERR_FILENO, line, len);
	errno = saved;
}
