/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KVCCTL_HEX_H
#define KVCCTL_HEX_H

#include "buf.h"

/* Adds a byte as two hexadecimal digits. */
static inline void hex_add(struct buf *out, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	buf_addc(out, digits[byte >> 4]);
	buf_addc(out, digits[byte & 15]);
}

static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte that two digits stand for, or -1. */
static inline int hex_byte(const char *text)
{
	int high = hex_digit(text[0]);
	int low = high < 0 ? -1 : hex_digit(text[1]);

	return low < 0 ? -1 : high << 4 | low;
}

#endif /* KVCCTL_HEX_H */
