// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "coding.h"
#include "hex.h"

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const char *coding_name(enum coding coding)
{
	static const char *const names[] = { "plain", "hex", "base64" };

	return names[coding];
}

static void hex_encode(struct buf *out, const unsigned char *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		hex_add(out, data[i]);
}

static int hex_decode(struct buf *out, const char *text, size_t len)
{
	size_t i;
	int byte;

	if (len % 2)
		return -EINVAL;
	for (i = 0; i < len; i += 2) {
		byte = hex_byte(text + i);
		if (byte < 0)
			return -EINVAL;
		buf_addc(out, byte);
	}
	return 0;
}

static void base64_encode(struct buf *out, const unsigned char *data,
			  size_t len)
{
	uint32_t group;
	size_t i, n, c;

	for (i = 0; i < len; i += 3) {
		n = len - i < 3 ? len - i : 3;
		group = data[i] << 16;
		if (n > 1)
			group |= data[i + 1] << 8;
		if (n > 2)
			group |= data[i + 2];
		for (c = 0; c < 4; c++)
			buf_addc(out, c > n ? '=' :
				 alphabet[(group >> (18 - 6 * c)) & 63]);
	}
}

static int base64_digit(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -EINVAL;
}

/* Four characters, of which @digits are not padding. */
static int base64_group(struct buf *out, const char *text, size_t digits)
{
	uint32_t group = 0;
	size_t i;
	int digit;

	for (i = 0; i < digits; i++) {
		digit = base64_digit(text[i]);
		if (digit < 0)
			return -EINVAL;
		group |= (uint32_t)digit << (18 - 6 * i);
	}
	/* Bits that fall off must be zero: one text for one value. */
	if (group & ((1u << (8 * (4 - digits))) - 1))
		return -EINVAL;
	for (i = 0; i + 1 < digits; i++)
		buf_addc(out, group >> (16 - 8 * i));
	return 0;
}

static int base64_decode(struct buf *out, const char *text, size_t len)
{
	size_t i, digits;

	if (len % 4)
		return -EINVAL;
	for (i = 0; i < len; i += 4) {
		digits = 4;
		if (i + 4 == len && text[i + 3] == '=')
			digits = text[i + 2] == '=' ? 2 : 3;
		if (base64_group(out, text + i, digits))
			return -EINVAL;
	}
	return 0;
}

void coding_encode(struct buf *out, enum coding coding, const void *data,
		   size_t len)
{
	switch (coding) {
	case CODING_PLAIN:
		buf_add(out, data, len);
		break;
	case CODING_HEX:
		hex_encode(out, data, len);
		break;
	case CODING_BASE64:
		base64_encode(out, data, len);
		break;
	}
}

int coding_decode(struct buf *out, enum coding coding, const char *text,
		  size_t len)
{
	switch (coding) {
	case CODING_HEX:
		return hex_decode(out, text, len);
	case CODING_BASE64:
		return base64_decode(out, text, len);
	default:
		buf_add(out, text, len);
		return 0;
	}
}
