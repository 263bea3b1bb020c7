// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "escape.h"
#include "hex.h"

/* Each letter of the first stands for the byte in its place in the second. */
static const char letters[] = "tnr0\\";
static const char bytes[] = "\t\n\r\0\\";

/* How many continuation bytes a first byte asks for; -1: none can follow. */
static int utf8_more(unsigned char c)
{
	if (c < 0x80)
		return 0;
	if (c < 0xc2)
		return -1;
	if (c < 0xe0)
		return 1;
	if (c < 0xf0)
		return 2;
	return c < 0xf5 ? 3 : -1;
}

/* Neither overlong nor a surrogate nor past U+10FFFF. */
static int utf8_second_ok(unsigned char c, unsigned char second)
{
	switch (c) {
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second < 0xa0;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second < 0x90;
	default:
		return 1;
	}
}

/* Bytes of the printable character at @s, 0 when there is none. */
static size_t printable(const unsigned char *s, size_t len)
{
	int more = utf8_more(*s);
	int i;

	if (more < 0 || (size_t)more >= len)
		return 0;
	if (!more)
		return *s >= 0x20 && *s != 0x7f;
	for (i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	/* U+0080 to U+009F are control characters too. */
	if (!utf8_second_ok(s[0], s[1]) || (s[0] == 0xc2 && s[1] < 0xa0))
		return 0;
	return more + 1;
}

static void escape_byte(struct buf *out, unsigned char c)
{
	const char *at = memchr(bytes, c, sizeof(bytes) - 1);

	buf_addc(out, '\\');
	if (at) {
		buf_addc(out, letters[at - bytes]);
		return;
	}
	buf_addc(out, 'x');
	hex_add(out, c);
}

void escape(struct buf *out, const void *data, size_t len)
{
	const unsigned char *s = data;
	size_t i = 0, n;

	while (i < len) {
		n = s[i] == '\\' ? 0 : printable(s + i, len - i);
		if (n)
			buf_add(out, s + i, n);
		else
			escape_byte(out, s[i]);
		i += n ? n : 1;
	}
}

/* What follows a backslash; gives the characters used, or -EINVAL. */
static int unescape_one(struct buf *out, const char *text, size_t len)
{
	const char *at;
	int byte;

	if (!len)
		return -EINVAL;
	at = memchr(letters, text[0], sizeof(letters) - 1);
	if (at) {
		buf_addc(out, bytes[at - letters]);
		return 1;
	}
	byte = text[0] == 'x' && len >= 3 ? hex_byte(text + 1) : -1;
	if (byte < 0)
		return -EINVAL;
	buf_addc(out, byte);
	return 3;
}

int unescape(struct buf *out, const char *text, size_t len)
{
	const char *end = text + len;
	const char *at;
	int used;

	while (text < end) {
		at = memchr(text, '\\', end - text);
		buf_add(out, text, (at ? at : end) - text);
		if (!at)
			break;
		used = unescape_one(out, at + 1, end - at - 1);
		if (used < 0)
			return used;
		text = at + 1 + used;
	}
	return 0;
}
