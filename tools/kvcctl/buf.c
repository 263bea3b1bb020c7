// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"

#define READ_STEP	65536

void buf_reserve(struct buf *buf, size_t more)
{
	size_t cap = buf->cap ? buf->cap : 64;

	while (cap - buf->len < more)
		cap *= 2;
	if (cap == buf->cap)
		return;
	buf->data = xrealloc(buf->data, cap);
	buf->cap = cap;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	buf_reserve(buf, len);
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

void buf_addc(struct buf *buf, unsigned char c)
{
	buf_add(buf, &c, 1);
}

int buf_read(struct buf *buf, FILE *file, size_t max)
{
	size_t part, got;

	do {
		part = max - buf->len < READ_STEP ? max - buf->len : READ_STEP;
		buf_reserve(buf, part);
		errno = 0;
		got = fread(buf->data + buf->len, 1, part, file);
		buf->len += got;
	} while (got == part && buf->len < max);
	if (ferror(file))
		return errno ? -errno : -EIO;
	return 0;
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ 0 };
}
